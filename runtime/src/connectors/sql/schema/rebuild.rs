//! How SQLite changes what `ALTER TABLE` can't: a new table is filled from the old one and takes its name, as SQLite's
//! documentation says, with foreign keys switched off. Indexes and triggers are made anew by their own statements.

use sea_orm::sea_query::Value as Bound;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::statement::{indexed, list};
use crate::connectors::sql::catalogue::{Column, Index, Table};
use crate::connectors::sql::column::quote;

/// A statement that SQLite keeps.
pub(super) struct Source {
    kind: String,
    pub(super) name: String,
    table: String,
    sql: String,
}

/// What can be said of a table only in the statement that made it.
const ONLY_THERE: [&str; 9] = [
    "CHECK",
    "COLLATE",
    "GENERATED",
    "AS",
    "STRICT",
    "WITHOUT",
    "DEFERRABLE",
    "CONFLICT",
    "MATCH",
];

/// The statements of all tables, indexes and triggers.
pub(super) async fn sources(connection: &impl ConnectionTrait) -> Result<Vec<Source>, DbErr> {
    let sql =
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";
    let none: [Bound; 0] = [];
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, none);
    let rows = connection.query_all_raw(statement).await?;
    let source = |row: &sea_orm::QueryResult| {
        Ok(Source {
            kind: row.try_get_by_index(0)?,
            name: row.try_get_by_index(1)?,
            table: row.try_get_by_index(2)?,
            sql: row.try_get_by_index(3)?,
        })
    };
    rows.iter().map(source).collect()
}

/// The tables that a rebuild would not leave whole, each with the word that it would lose.
pub(super) fn rigid(sources: &[Source]) -> Vec<(String, String)> {
    let tables = sources.iter().filter(|source| source.kind == "table");
    let rigid =
        tables.filter_map(|source| Some((source.name.clone(), only_in_statement(&source.sql)?)));
    rigid.collect()
}

/// A word by which a table's statement says what the catalogue doesn't.
pub(super) fn only_in_statement(sql: &str) -> Option<String> {
    let mut words = words(sql).into_iter();
    words.find(|word| ONLY_THERE.contains(&word.as_str()))
}

/// The bare words of a statement in capitals, without what is in quotes or comments.
fn words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' | '"' | '`' => after(rest, 1, &first.to_string()),
            '[' => after(rest, 1, "]"),
            '-' if rest.starts_with("--") => after(rest, 2, "\n"),
            '/' if rest.starts_with("/*") => after(rest, 2, "*/"),
            first if first.is_alphabetic() || first == '_' => {
                let inside = |letter: char| letter.is_alphanumeric() || letter == '_';
                let end = rest.find(|letter| !inside(letter)).unwrap_or(rest.len());
                words.push(rest[..end].to_uppercase());
                end
            }
            first => first.len_utf8(),
        };
        rest = &rest[end..];
    }
    words
}

/// Where `text` goes on after the `end` that comes after `start` bytes. Two quotes that mean one are two texts here.
fn after(text: &str, start: usize, end: &str) -> usize {
    let found = text[start..].find(end);
    found.map_or(text.len(), |found| start + found + end.len())
}

/// The statements that make the table `before` into the table `after`.
pub(super) fn rebuild(before: &Table, after: &Table, sources: &[Source]) -> Vec<String> {
    let quoted = |name: &str| quote(DbBackend::Sqlite, name);
    let temporary_name = format!("{}_rebuilt", after.name);
    let (name, temporary) = (quoted(&after.name), quoted(&temporary_name));
    let own = |source: &&Source| source.table.eq_ignore_ascii_case(&after.name);
    let numbered = sources.iter().filter(own).any(|source| {
        source.kind == "table" && words(&source.sql).contains(&"AUTOINCREMENT".to_owned())
    });

    let columns: Vec<String> = before
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    let columns = list(DbBackend::Sqlite, &columns);
    let mut statements = vec![
        definition(after, &temporary, numbered),
        format!("INSERT INTO {temporary} ({columns}) SELECT {columns} FROM {name}"),
    ];
    if numbered {
        // The ids of deleted rows are not given again.
        let text = |name: &str| super::wanted::literal(DbBackend::Sqlite, &name.into());
        let (old, new) = (text(&after.name), text(&temporary_name));
        statements.push(format!("DELETE FROM sqlite_sequence WHERE name = {new}"));
        statements.push(format!(
            "INSERT INTO sqlite_sequence (name, seq) SELECT {new}, seq FROM sqlite_sequence WHERE name = {old}"
        ));
    }
    statements.push(format!("DROP TABLE {name}"));
    // Views that speak of the table don't mind that it is away for a moment.
    statements.push("PRAGMA legacy_alter_table = ON".to_owned());
    statements.push(format!("ALTER TABLE {temporary} RENAME TO {name}"));
    statements.push("PRAGMA legacy_alter_table = OFF".to_owned());
    // An index that the plan itself has made has no statement in the database yet.
    let known = |index: &&Index| !sources.iter().any(|source| source.name == index.name);
    let made = after
        .indexes
        .iter()
        .filter(|index| !index.constraint)
        .filter(known);
    statements.extend(made.map(|index| {
        let unique = if index.unique { "UNIQUE " } else { "" };
        let keys = indexed(DbBackend::Sqlite, index, |_| "");
        format!(
            "CREATE {unique}INDEX {} ON {name} ({keys})",
            quoted(&index.name)
        )
    }));
    let others = sources
        .iter()
        .filter(own)
        .filter(|source| source.kind != "table");
    statements.extend(others.map(|source| source.sql.clone()));
    statements
}

fn definition(table: &Table, name: &str, numbered: bool) -> String {
    let key = table.primary_key.as_slice();
    let column = |column: &Column| {
        let mut text = quote(DbBackend::Sqlite, &column.name);
        for part in [
            Some(column.declared.as_str()),
            (!column.nullable).then_some("NOT NULL"),
        ] {
            text.extend(part.map(|part| format!(" {part}")));
        }
        text.extend(
            column
                .default
                .iter()
                .map(|default| format!(" DEFAULT ({default})")),
        );
        if key == [column.name.clone()] {
            text.push_str(if numbered {
                " PRIMARY KEY AUTOINCREMENT"
            } else {
                " PRIMARY KEY"
            });
        }
        text
    };
    let names = |names: &[String]| list(DbBackend::Sqlite, names);
    let mut parts: Vec<_> = table.columns.iter().map(column).collect();
    if key.len() > 1 {
        parts.push(format!("PRIMARY KEY ({})", names(key)));
    }
    let constraints = table.indexes.iter().filter(|index| index.constraint);
    parts.extend(constraints.map(|index| format!("UNIQUE ({})", names(&index.columns))));
    parts.extend(table.foreign_keys.iter().map(|key| {
        format!(
            "FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {} ON UPDATE {}",
            names(&key.columns),
            quote(DbBackend::Sqlite, &key.target_table),
            names(&key.target_columns),
            key.on_delete,
            key.on_update
        )
    }));
    format!("CREATE TABLE {name} (\n    {}\n)", parts.join(",\n    "))
}
