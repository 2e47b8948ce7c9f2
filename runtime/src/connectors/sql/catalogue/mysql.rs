//! The catalogue of MySQL and MariaDB, by their information schema.

use sea_orm::sea_query::Value as Bound;
use sea_orm::{ConnectionTrait, DbErr};

use super::kind::{decimal, split};
use super::{Column, ColumnKind, ForeignKey, Index, Table, get, rows, table};

pub(super) async fn read(
    connection: &impl ConnectionTrait,
    schema: Option<&str>,
) -> Result<Vec<Table>, DbErr> {
    let ask = |select: &'static str| {
        let schema = Bound::String(schema.map(str::to_owned));
        rows(connection, select, [schema])
    };

    let version = rows(connection, "SELECT CAST(VERSION() AS CHAR)", []).await?;
    let version: Option<String> = version.first().map(|row| get(row, 0)).transpose()?;
    let mariadb = version.is_some_and(|version| version.contains("MariaDB"));

    // Casts, because MySQL's own tables have binary columns here and there.
    let mut tables = Vec::new();
    let sql = "SELECT CAST(table_schema AS CHAR), CAST(table_name AS CHAR), \
               table_type NOT IN ('BASE TABLE', 'SYSTEM VERSIONED'), CAST(table_comment AS CHAR) \
               FROM information_schema.tables WHERE table_schema = COALESCE(?, DATABASE()) \
               AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW') ORDER BY BINARY table_name";
    for row in ask(sql).await? {
        let view: bool = get(&row, 2)?;
        // A view's comment is the word `VIEW`.
        let comment: Option<String> = get(&row, 3)?;
        let comment = comment.filter(|_| !view);
        tables.push(Table::new(get(&row, 1)?, get(&row, 0)?, view, comment));
    }

    let sql = "SELECT CAST(table_name AS CHAR), CAST(column_name AS CHAR), CAST(column_type AS CHAR), \
               is_nullable = 'YES', CAST(extra AS CHAR), CAST(column_default AS CHAR), \
               CAST(column_comment AS CHAR), CAST(collation_name AS CHAR) FROM information_schema.columns \
               WHERE table_schema = COALESCE(?, DATABASE()) ORDER BY table_name, ordinal_position";
    for row in ask(sql).await? {
        let Some(table) = table(&mut tables, &get::<String>(&row, 0)?) else {
            continue;
        };
        let declared: String = get(&row, 2)?;
        let extra = get::<String>(&row, 4)?.to_lowercase();
        // MariaDB's word for none.
        let default = get::<Option<String>>(&row, 5)?.filter(|default| default != "NULL");
        let comment: String = get(&row, 6)?;
        table.columns.push(Column {
            name: get(&row, 1)?,
            kind: kind(&declared),
            nullable: get(&row, 3)?,
            generated: extra.contains("auto_increment"),
            // `DEFAULT_GENERATED` says that a default is an expression.
            computed: extra.contains("virtual") || extra.contains("stored"),
            default: default.map(|default| {
                if mariadb {
                    default
                } else {
                    expression(default, &extra)
                }
            }),
            collation: get(&row, 7)?,
            comment: Some(comment).filter(|comment| !comment.is_empty()),
            declared,
        });
    }

    // MariaDB's JSON is text with a check.
    if mariadb {
        let sql = "SELECT CAST(table_name AS CHAR), CAST(constraint_name AS CHAR) \
                   FROM information_schema.check_constraints \
                   WHERE constraint_schema = COALESCE(?, DATABASE()) AND level = 'Column' \
                   AND check_clause = CONCAT('json_valid(`', REPLACE(constraint_name, '`', '``'), '`)')";
        for row in ask(sql).await? {
            let (name, column): (String, String) = (get(&row, 0)?, get(&row, 1)?);
            let columns = table(&mut tables, &name).map(|table| table.columns.iter_mut());
            let column = columns.and_then(|mut columns| columns.find(|known| known.name == column));
            if let Some(column) = column {
                column.kind = ColumnKind::Json;
                column.declared = "json".to_owned();
            }
        }
    }

    let sql = "SELECT CAST(table_name AS CHAR), CAST(index_name AS CHAR), non_unique = 0, \
               CAST(column_name AS CHAR), (sub_part IS NULL OR non_unique) AND index_type IN ('BTREE', 'HASH'), \
               COALESCE(collation = 'D', 0) \
               FROM information_schema.statistics WHERE table_schema = COALESCE(?, DATABASE()) \
               ORDER BY table_name, BINARY index_name, seq_in_index";
    // Over the beginnings of texts an index finds as well, but is unique in another sense.
    let mut in_parts = Vec::new();
    for row in ask(sql).await? {
        let (name, index): (String, String) = (get(&row, 0)?, get(&row, 1)?);
        let Some(table) = table(&mut tables, &name) else {
            continue;
        };
        let column: Option<String> = get(&row, 3)?;
        let Some(column) = column.filter(|_| get(&row, 4).unwrap_or(false)) else {
            in_parts.push((name, index));
            continue;
        };
        if index == "PRIMARY" {
            table.primary_key.push(column);
            continue;
        }
        if table.indexes.last().is_none_or(|last| last.name != index) {
            table.indexes.push(Index {
                name: index,
                columns: Vec::new(),
                descending: Vec::new(),
                coordinates: false,
                unique: get(&row, 2)?,
                constraint: false,
            });
        }
        if let Some(index) = table.indexes.last_mut() {
            index.push(column, get(&row, 5)?);
        }
    }
    for (name, index) in in_parts {
        if let Some(table) = table(&mut tables, &name) {
            table.indexes.retain(|known| known.name != index);
        }
    }

    let sql = "SELECT CAST(k.table_name AS CHAR), CAST(k.constraint_name AS CHAR), CAST(k.column_name AS CHAR), \
               CAST(k.referenced_table_name AS CHAR), CAST(k.referenced_column_name AS CHAR), \
               CAST(r.delete_rule AS CHAR), CAST(r.update_rule AS CHAR) \
               FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r \
               ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name \
               AND r.table_name = k.table_name \
               WHERE k.table_schema = COALESCE(?, DATABASE()) AND k.referenced_table_name IS NOT NULL \
               ORDER BY k.table_name, BINARY k.constraint_name, k.ordinal_position";
    for row in ask(sql).await? {
        let (name, key): (String, Option<String>) = (get(&row, 0)?, get(&row, 1)?);
        let Some(table) = table(&mut tables, &name) else {
            continue;
        };
        if table
            .foreign_keys
            .last()
            .is_none_or(|last| last.name != key)
        {
            table.foreign_keys.push(ForeignKey {
                name: key,
                columns: Vec::new(),
                target_table: get(&row, 3)?,
                target_columns: Vec::new(),
                on_delete: get(&row, 5)?,
                on_update: get(&row, 6)?,
            });
        }
        if let Some(key) = table.foreign_keys.last_mut() {
            key.columns.push(get(&row, 2)?);
            key.target_columns.push(get(&row, 4)?);
        }
    }
    Ok(tables)
}

/// MySQL prints a constant without its quotes, where MariaDB prints an expression.
fn expression(default: String, extra: &str) -> String {
    let plain = extra.contains("default_generated")
        || default.parse::<f64>().is_ok()
        || default.to_uppercase().starts_with("CURRENT_TIMESTAMP");
    if plain {
        default
    } else {
        format!("'{}'", default.replace('\\', "\\\\").replace('\'', "''"))
    }
}

/// The kind of a type as the information schema prints it, or as a table's owner may write it.
pub(super) fn kind(declared: &str) -> ColumnKind {
    // The character set is no part of the type.
    let bare = declared.split(" CHARACTER SET ").next().unwrap_or(declared);
    if let Some(list) = strip_word(bare, "enum(") {
        return ColumnKind::Enum(words(list));
    }
    let (name, arguments) = split(bare);
    let length = arguments.first().copied();
    let unsigned = name.contains("unsigned");
    let name = name
        .trim_end_matches(" zerofill")
        .trim_end_matches(" unsigned");
    let integer = |bits| ColumnKind::Integer { bits, unsigned };
    match name {
        "boolean" | "bool" => ColumnKind::Boolean,
        "tinyint" | "bit" if length == Some(1) => ColumnKind::Boolean,
        "tinyint" => integer(8),
        "smallint" => integer(16),
        "year" => ColumnKind::Integer {
            bits: 16,
            unsigned: true,
        },
        "mediumint" => integer(24),
        "int" | "integer" => integer(32),
        "bigint" => integer(64),
        "float" => ColumnKind::Float { bits: 32 },
        "double" | "double precision" | "real" => ColumnKind::Float { bits: 64 },
        // MySQL's own precision is 10.
        "decimal" | "numeric" if arguments.is_empty() => decimal(&[10]),
        "decimal" | "numeric" => decimal(&arguments),
        "char" => ColumnKind::Text {
            length: length.or(Some(1)),
        },
        "varchar" => ColumnKind::Text { length },
        "tinytext" => ColumnKind::Text { length: Some(255) },
        "text" | "mediumtext" | "longtext" | "set" => ColumnKind::Text { length: None },
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
            ColumnKind::Bytes
        }
        "timestamp" => ColumnKind::Timestamp { zone: true },
        "datetime" => ColumnKind::Timestamp { zone: false },
        "date" => ColumnKind::Date,
        "time" => ColumnKind::Time,
        "uuid" => ColumnKind::Uuid,
        "json" => ColumnKind::Json,
        "point" => ColumnKind::Point,
        _ => ColumnKind::Other(declared.to_owned()),
    }
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let start = text.get(..word.len())?;
    start
        .eq_ignore_ascii_case(word)
        .then(|| &text[word.len()..])
}

/// The words of `'small','it''s big')`.
fn words(list: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = list;
    while let Some((_, quoted)) = rest.split_once('\'') {
        let mut word = String::new();
        rest = quoted;
        while let Some((part, after)) = rest.split_once('\'') {
            word.push_str(part);
            rest = after;
            // Two quotes are one.
            match rest.strip_prefix('\'') {
                Some(after) => {
                    word.push('\'');
                    rest = after;
                }
                None => break,
            }
        }
        words.push(word);
    }
    words
}
