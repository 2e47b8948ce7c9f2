//! PostgreSQL's catalogue, by `pg_catalog`: the information schema hides what the user does not own.

use sea_orm::sea_query::Value as Bound;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::kind::{decimal, signed, split};
use super::{Column, ColumnKind, ForeignKey, Index, Table, get, rows, table};

/// The tables and views of the schema `$1`, or those that are found by their bare name.
const TABLES: &str = "WITH t AS (\
    SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relpersistence <> 't' \
    AND CASE WHEN $1::text IS NULL \
        THEN pg_table_is_visible(c.oid) AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' \
        ELSE n.nspname = $1 END \
    AND NOT EXISTS (SELECT FROM pg_depend d \
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')) ";

pub(super) async fn read(
    connection: &impl ConnectionTrait,
    schema: Option<&str>,
) -> Result<Vec<Table>, DbErr> {
    let ask = |select: &str| {
        let schema = Bound::String(schema.map(str::to_owned));
        rows(connection, format!("{TABLES}{select}"), [schema])
    };

    let mut tables = Vec::new();
    let sql = "SELECT schema, name, relkind NOT IN ('r', 'p'), obj_description(oid, 'pg_class') \
               FROM t ORDER BY name COLLATE \"C\"";
    for row in ask(sql).await? {
        tables.push(Table::new(
            get(&row, 1)?,
            get(&row, 0)?,
            get(&row, 2)?,
            get(&row, 3)?,
        ));
    }

    // A domain is what it is based on.
    let sql = "SELECT t.name, a.attname::text, format_type(a.atttypid, a.atttypmod), \
               CASE y.typtype WHEN 'd' THEN format_type(y.typbasetype, y.typtypmod) END, \
               a.attnotnull OR y.typnotnull, a.attidentity <> '', a.attgenerated <> '', \
               pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum), \
               (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_enum e \
                WHERE e.enumtypid IN (y.oid, y.typbasetype, y.typelem)) \
               FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \
               JOIN pg_type y ON y.oid = a.atttypid \
               LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
               ORDER BY t.name, a.attnum";
    for row in ask(sql).await? {
        let Some(table) = table(&mut tables, &get::<String>(&row, 0)?) else {
            continue;
        };
        let declared: String = get(&row, 2)?;
        let based_on: Option<String> = get(&row, 3)?;
        let labels = labels(&row, 9)?;
        let (identity, computed): (bool, bool) = (get(&row, 5)?, get(&row, 6)?);
        let default: Option<String> = get(&row, 7)?;
        let serial = default
            .as_deref()
            .is_some_and(|default| default.starts_with("nextval("));
        table.columns.push(Column {
            name: get(&row, 1)?,
            kind: kind(based_on.as_deref().unwrap_or(&declared), labels),
            nullable: !get::<bool>(&row, 4)?,
            generated: identity || serial,
            computed,
            default,
            comment: get(&row, 8)?,
            collation: None,
            declared,
        });
    }

    let sql = "SELECT t.name, i.relname::text, x.indisunique, x.indisprimary, \
               EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.oid AND o.contype IN ('u', 'x')), \
               (SELECT json_agg(a.attname ORDER BY k.place)::text \
                FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place) \
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number \
                WHERE k.place <= x.indnkeyatts), \
               (SELECT json_agg(DISTINCT a.attname)::text FROM pg_depend d \
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid \
                WHERE x.indexprs IS NOT NULL AND d.classid = 'pg_class'::regclass AND d.objid = i.oid \
                AND d.refobjid = t.oid AND d.refobjsubid > 0), \
               (SELECT json_agg(a.attname ORDER BY k.place)::text \
                FROM unnest(x.indkey::int2[], x.indoption::int2[]) WITH ORDINALITY AS k(number, option, place) \
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number \
                WHERE k.place <= x.indnkeyatts AND k.option & 1 = 1) \
               FROM t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid \
               JOIN pg_am m ON m.oid = i.relam \
               WHERE x.indpred IS NULL AND x.indisvalid AND m.amname = 'btree' \
               AND (x.indexprs IS NULL OR x.indkey::text = '0 0' AND x.indnkeyatts = 2 \
                AND pg_get_indexdef(i.oid, 1, true) LIKE '%->> ''lat''::text)::double precision%' \
                AND pg_get_indexdef(i.oid, 2, true) LIKE '%->> ''lng''::text)::double precision%') \
               ORDER BY t.name, i.relname COLLATE \"C\"";
    for row in ask(sql).await? {
        let Some(table) = table(&mut tables, &get::<String>(&row, 0)?) else {
            continue;
        };
        let (columns, within) = (labels(&row, 5)?, labels(&row, 6)?);
        let coordinates = !within.is_empty();
        let columns = if coordinates { within } else { columns };
        if get(&row, 3)? {
            table.primary_key = columns;
        } else {
            table.indexes.push(Index {
                name: get(&row, 1)?,
                columns,
                descending: labels(&row, 7)?,
                coordinates,
                unique: get(&row, 2)?,
                constraint: get(&row, 4)?,
            });
        }
    }

    let sql = "SELECT t.name, o.conname::text, \
               (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(o.conkey) WITH ORDINALITY AS k(number, place) \
                JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.number), \
               f.relname::text, \
               (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(o.confkey) WITH ORDINALITY AS k(number, place) \
                JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.number), \
               o.confdeltype::text, o.confupdtype::text \
               FROM t JOIN pg_constraint o ON o.conrelid = t.oid AND o.contype = 'f' AND o.conparentid = 0 \
               JOIN pg_class f ON f.oid = o.confrelid ORDER BY t.name, o.conname COLLATE \"C\"";
    for row in ask(sql).await? {
        let Some(table) = table(&mut tables, &get::<String>(&row, 0)?) else {
            continue;
        };
        table.foreign_keys.push(ForeignKey {
            name: get(&row, 1)?,
            columns: labels(&row, 2)?,
            target_table: get(&row, 3)?,
            target_columns: labels(&row, 4)?,
            on_delete: action(&row, 5)?,
            on_update: action(&row, 6)?,
        });
    }
    Ok(tables)
}

/// A list of names; the driver's own arrays are another cargo feature.
fn labels(row: &QueryResult, index: usize) -> Result<Vec<String>, DbErr> {
    let json: Option<String> = get(row, index)?;
    match json {
        Some(json) => serde_json::from_str(&json).map_err(|error| DbErr::Json(error.to_string())),
        None => Ok(Vec::new()),
    }
}

fn action(row: &QueryResult, index: usize) -> Result<String, DbErr> {
    let word = match get::<String>(row, index)?.as_str() {
        "r" => "RESTRICT",
        "c" => "CASCADE",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        _ => "NO ACTION",
    };
    Ok(word.to_owned())
}

/// The kind of a type as `format_type` prints it, or as a table's owner may write it. `labels` are those of an enum.
pub(super) fn kind(declared: &str, labels: Vec<String>) -> ColumnKind {
    if let Some(item) = declared.strip_suffix("[]") {
        return ColumnKind::Array(Box::new(kind(item, labels)));
    }
    if !labels.is_empty() {
        return ColumnKind::Enum(labels);
    }
    // A collation is no part of the type.
    let bare = declared.split(" COLLATE ").next().unwrap_or(declared);
    let (name, arguments) = split(bare);
    let length = arguments.first().copied();
    match name.as_str() {
        "boolean" | "bool" => ColumnKind::Boolean,
        "smallint" | "int2" | "smallserial" => signed(16),
        "integer" | "int" | "int4" | "serial" => signed(32),
        "bigint" | "int8" | "bigserial" => signed(64),
        "real" | "float4" => ColumnKind::Float { bits: 32 },
        "double precision" | "float8" | "float" => ColumnKind::Float { bits: 64 },
        "numeric" | "decimal" => decimal(&arguments),
        "text" | "citext" | "name" => ColumnKind::Text { length: None },
        "character varying" | "varchar" => ColumnKind::Text { length },
        "character" | "char" | "bpchar" => ColumnKind::Text {
            length: length.or(Some(1)),
        },
        "bytea" => ColumnKind::Bytes,
        "timestamp with time zone" | "timestamptz" => ColumnKind::Timestamp { zone: true },
        "timestamp without time zone" | "timestamp" => ColumnKind::Timestamp { zone: false },
        "date" => ColumnKind::Date,
        "time without time zone" | "time" => ColumnKind::Time,
        "uuid" => ColumnKind::Uuid,
        "json" | "jsonb" => ColumnKind::Json,
        "point" => ColumnKind::Point,
        _ => ColumnKind::Other(declared.to_owned()),
    }
}
