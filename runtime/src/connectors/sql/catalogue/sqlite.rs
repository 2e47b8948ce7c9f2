//! SQLite's catalogue, by its pragmas.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::kind::{decimal, signed, split};
use super::{Column, ColumnKind, ForeignKey, Index, Table, get, rows, table};
use crate::connectors::sql::column::quote;
use crate::connectors::sql::near::indexed;

/// The tables that belong to somebody: neither SQLite's own nor those in which an extension keeps its data.
const TABLES: &str = "pragma_table_list AS t WHERE t.schema = 'main' AND t.type IN ('table', 'view', 'virtual') \
                      AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

pub(super) async fn read(connection: &impl ConnectionTrait) -> Result<Vec<Table>, DbErr> {
    let mut tables = Vec::new();
    let mut without_rowid = Vec::new();
    let sql = format!("SELECT t.name, t.type, t.wr FROM {TABLES} ORDER BY t.name");
    for row in rows(connection, sql, []).await? {
        let (name, ty): (String, String) = (get(&row, 0)?, get(&row, 1)?);
        if get::<bool>(&row, 2)? {
            without_rowid.push(name.clone());
        }
        tables.push(Table::new(name, None, ty != "table", None));
    }

    let sql = format!(
        "SELECT t.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, c.hidden FROM {} \
         ORDER BY t.name, c.cid",
        TABLES.replace(" WHERE", ", pragma_table_xinfo(t.name) AS c WHERE")
    );
    for row in rows(connection, sql, []).await? {
        let (name, hidden): (String, i64) = (get(&row, 0)?, get(&row, 6)?);
        let Some(table) = table(&mut tables, &name) else {
            continue;
        };
        // 1 is an argument of a virtual table, 2 and 3 are computed columns.
        if hidden == 1 {
            continue;
        }
        let declared: String = get(&row, 2)?;
        let (name, key): (String, i64) = (get(&row, 1)?, get(&row, 5)?);
        if key > 0 {
            let place = usize::try_from(key - 1).unwrap_or_default();
            if table.primary_key.len() <= place {
                table.primary_key.resize(place + 1, String::new());
            }
            table.primary_key[place].clone_from(&name);
        }
        table.columns.push(Column {
            name,
            kind: kind(&declared),
            nullable: key == 0 && !get::<bool>(&row, 3)?,
            generated: false,
            computed: hidden > 1,
            default: get(&row, 4)?,
            comment: None,
            collation: None,
            declared,
        });
    }
    for table in &mut tables {
        let [key] = table.primary_key.as_slice() else {
            continue;
        };
        let rowid = !without_rowid.contains(&table.name);
        let key = table.columns.iter_mut().find(|column| column.name == *key);
        if let Some(key) = key.filter(|key| rowid && key.declared.eq_ignore_ascii_case("integer")) {
            key.generated = true;
        }
    }

    let sql = format!(
        "SELECT t.name, i.name, i.\"unique\", i.origin, c.name, c.\"desc\", \
         (SELECT m.sql FROM sqlite_schema AS m WHERE m.type = 'index' AND m.name = i.name) FROM {} AND i.partial = 0 \
         AND i.origin <> 'pk' AND c.key \
         ORDER BY t.name, i.seq, c.seqno",
        TABLES.replace(
            " WHERE",
            ", pragma_index_list(t.name) AS i, pragma_index_xinfo(i.name) AS c WHERE"
        )
    );
    let mut over_expressions = Vec::new();
    for row in rows(connection, sql, []).await? {
        let (name, index): (String, String) = (get(&row, 0)?, get(&row, 1)?);
        let Some(table) = table(&mut tables, &name) else {
            continue;
        };
        let Some(column) = get::<Option<String>>(&row, 4)? else {
            let sql: String = get(&row, 6)?;
            let over = |column: &&Column| {
                indexed(DbBackend::Sqlite, &quote(DbBackend::Sqlite, &column.name))
                    .is_some_and(|indexed| sql.ends_with(&format!("({indexed})")))
            };
            match table.columns.iter().find(over) {
                // Once for both expressions.
                Some(_) if table.indexes.last().is_some_and(|last| last.name == index) => {}
                Some(column) => table.indexes.push(Index {
                    name: index,
                    columns: vec![column.name.clone()],
                    descending: Vec::new(),
                    coordinates: true,
                    unique: get(&row, 2)?,
                    constraint: false,
                }),
                None => over_expressions.push(index),
            }
            continue;
        };
        if table.indexes.last().is_none_or(|last| last.name != index) {
            table.indexes.push(Index {
                name: index,
                columns: Vec::new(),
                descending: Vec::new(),
                coordinates: false,
                unique: get(&row, 2)?,
                constraint: get::<String>(&row, 3)? == "u",
            });
        }
        if let Some(index) = table.indexes.last_mut() {
            index.push(column, get(&row, 5)?);
        }
    }
    for table in &mut tables {
        let whole = |index: &Index| !over_expressions.contains(&index.name);
        table.indexes.retain(whole);
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    }

    let sql = format!(
        "SELECT t.name, f.seq, f.\"table\", f.\"from\", f.\"to\", f.on_delete, f.on_update FROM {} \
         ORDER BY t.name, f.id, f.seq",
        TABLES.replace(" WHERE", ", pragma_foreign_key_list(t.name) AS f WHERE")
    );
    for row in rows(connection, sql, []).await? {
        let (name, place, target): (String, i64, String) =
            (get(&row, 0)?, get(&row, 1)?, get(&row, 2)?);
        let place = usize::try_from(place).unwrap_or_default();
        // A key without target columns leads to the primary key.
        let to = match get::<Option<String>>(&row, 4)? {
            Some(to) => Some(to),
            None => tables
                .iter()
                .find(|table| table.name.eq_ignore_ascii_case(&target))
                .and_then(|table| table.primary_key.get(place).cloned()),
        };
        let Some(table) = table(&mut tables, &name) else {
            continue;
        };
        if place == 0 {
            table.foreign_keys.push(ForeignKey {
                name: None,
                columns: Vec::new(),
                target_table: target,
                target_columns: Vec::new(),
                on_delete: get(&row, 5)?,
                on_update: get(&row, 6)?,
            });
        }
        if let Some(key) = table.foreign_keys.last_mut() {
            key.columns.push(get(&row, 3)?);
            key.target_columns.extend(to);
        }
    }
    Ok(tables)
}

/// SQLite takes any words for a type. Those it doesn't know itself say what the column's owner meant, and its own rules
/// say the rest.
pub(super) fn kind(declared: &str) -> ColumnKind {
    let (name, arguments) = split(declared);
    let length = arguments.first().copied();
    match name.as_str() {
        "boolean" | "bool" => ColumnKind::Boolean,
        "decimal" | "numeric" | "number" => decimal(&arguments),
        "datetime" | "timestamp" => ColumnKind::Timestamp { zone: false },
        "timestamptz" | "timestamp with time zone" => ColumnKind::Timestamp { zone: true },
        "date" => ColumnKind::Date,
        "time" => ColumnKind::Time,
        "uuid" | "guid" | "uniqueidentifier" => ColumnKind::Uuid,
        "json" | "jsonb" => ColumnKind::Json,
        "varbinary" | "binary" | "bytea" => ColumnKind::Bytes,
        // Its own rules, in their order; every integer has 64 bits, every float too.
        name if name.contains("int") => signed(64),
        name if ["char", "clob", "text", "string"]
            .iter()
            .any(|word| name.contains(word)) =>
        {
            ColumnKind::Text { length }
        }
        name if name.is_empty() || name.contains("blob") => ColumnKind::Bytes,
        name if ["real", "floa", "doub"]
            .iter()
            .any(|word| name.contains(word)) =>
        {
            ColumnKind::Float { bits: 64 }
        }
        _ => ColumnKind::Other(declared.to_owned()),
    }
}
