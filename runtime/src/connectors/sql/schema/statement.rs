//! Changes as SQL.

use sea_orm::DbBackend;

use super::assess::is_rebuild;
use super::difference::{Action, Change, find};
use super::rebuild::{Source, rebuild};
use super::wanted::literal;
use crate::connectors::sql::catalogue::{Column, ColumnKind, ForeignKey, Index, Table};
use crate::connectors::sql::column::quote;
use crate::connectors::sql::near;

/// Names with commas between them.
pub(super) fn list(backend: DbBackend, names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| quote(backend, name)).collect();
    names.join(", ")
}

/// What `index` is over, `beginning` behind the name of each column.
pub(super) fn indexed(
    backend: DbBackend,
    index: &Index,
    beginning: impl Fn(&str) -> &'static str,
) -> String {
    let key = |column: &String| {
        let descending = index.descending.contains(column);
        let direction = if descending { " DESC" } else { "" };
        format!("{}{}{direction}", quote(backend, column), beginning(column))
    };
    let keys: Vec<_> = index.columns.iter().map(key).collect();
    let keys = keys.join(", ");
    match index.coordinates {
        true => near::indexed(backend, &keys).unwrap_or(keys),
        false => keys,
    }
}

/// Writes the statements of one database.
pub(super) struct Writer<'a> {
    pub(super) backend: DbBackend,
    /// What SQLite's tables were made with.
    pub(super) sources: &'a [Source],
}

impl Writer<'_> {
    /// The statements for `change`, of a table that is `before` it and `after` it.
    pub(super) fn statements(
        &self,
        change: &Change,
        before: &[Table],
        after: &[Table],
        has_nulls: bool,
    ) -> Vec<String> {
        let table = self.quote(&change.table);
        let mut statements = Vec::new();
        if let Action::SetNotNull(column) = &change.action
            && let (true, Some(default)) = (has_nulls, &column.default)
        {
            let column = self.quote(&column.name);
            statements.push(format!(
                "UPDATE {table} SET {column} = {default} WHERE {column} IS NULL"
            ));
        }
        let now = |tables| find(self.backend, tables, &change.table);
        if is_rebuild(self.backend, &change.action) {
            if let (Some(before), Some(after)) = (now(before), now(after)) {
                statements.extend(rebuild(before, after, self.sources));
            }
            return statements;
        }
        statements.extend(self.change(&change.action, &table, now(after)));
        statements
    }

    fn quote(&self, name: &str) -> String {
        quote(self.backend, name)
    }

    fn list(&self, names: &[String]) -> String {
        list(self.backend, names)
    }

    fn change(&self, action: &Action, table: &str, after: Option<&Table>) -> Vec<String> {
        let mysql = self.backend == DbBackend::MySql;
        let one = |statement: String| vec![statement];
        match action {
            Action::CreateTable(new) => self.create_table(new),
            Action::AddColumn(column) => {
                let mut statements = one(format!(
                    "ALTER TABLE {table} ADD COLUMN {}",
                    self.column(column)
                ));
                statements.extend(self.comment_on(table, column));
                statements
            }
            Action::ChangeType { from: column, .. }
            | Action::SetNotNull(column)
            | Action::DropNotNull(column)
            | Action::CommentColumn(column)
                if mysql =>
            {
                // MySQL takes a column's definition as a whole.
                let column = after.and_then(|table| table.column(&column.name));
                let modify =
                    |column| format!("ALTER TABLE {table} MODIFY COLUMN {}", self.column(column));
                column.map(modify).into_iter().collect()
            }
            Action::ChangeType { from, to } => {
                let (column, ty) = (self.quote(&from.name), &to.declared);
                // A collation is no part of a cast.
                let cast = ty.split(" COLLATE ").next().unwrap_or(ty);
                let mut statements = Vec::new();
                // The default has the old type.
                if from.default.is_some() && !from.generated {
                    statements.push(format!(
                        "ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT"
                    ));
                }
                statements.push(format!(
                    "ALTER TABLE {table} ALTER COLUMN {column} TYPE {ty} USING {column}::{cast}"
                ));
                statements
            }
            Action::SetNotNull(column) => one(format!(
                "ALTER TABLE {table} ALTER COLUMN {} SET NOT NULL",
                self.quote(&column.name)
            )),
            Action::DropNotNull(column) => one(format!(
                "ALTER TABLE {table} ALTER COLUMN {} DROP NOT NULL",
                self.quote(&column.name)
            )),
            Action::AddIndex(index) => {
                // MySQL indexes the beginnings of texts without a limit, if told how much.
                let beginning = |name: &str| {
                    let column = after.and_then(|table| table.column(name));
                    let unlimited = ColumnKind::Text { length: None };
                    let long = column.is_some_and(|column| column.kind == unlimited);
                    if mysql && !index.unique && long {
                        "(255)"
                    } else {
                        ""
                    }
                };
                let unique = if index.unique { "UNIQUE " } else { "" };
                let name = self.quote(&index.name);
                let keys = indexed(self.backend, index, beginning);
                one(format!("CREATE {unique}INDEX {name} ON {table} ({keys})"))
            }
            Action::AddForeignKey(key) => {
                one(format!("ALTER TABLE {table} ADD {}", self.foreign_key(key)))
            }
            // Never a step.
            Action::ChangeKey { .. } => Vec::new(),
            Action::CommentTable(comment) if mysql => one(format!(
                "ALTER TABLE {table} COMMENT = {}",
                self.text(comment)
            )),
            Action::CommentTable(comment) => one(format!(
                "COMMENT ON TABLE {table} IS {}",
                self.text(comment)
            )),
            Action::CommentColumn(column) => self.comment_on(table, column).into_iter().collect(),
            Action::DropForeignKey(key) => {
                let name = self.quote(key.name.as_deref().unwrap_or_default());
                let what = if mysql { "FOREIGN KEY" } else { "CONSTRAINT" };
                one(format!("ALTER TABLE {table} DROP {what} {name}"))
            }
            Action::DropIndex(index) => {
                let name = self.quote(&index.name);
                one(match self.backend {
                    DbBackend::MySql => format!("ALTER TABLE {table} DROP INDEX {name}"),
                    _ if index.constraint => format!("ALTER TABLE {table} DROP CONSTRAINT {name}"),
                    _ => format!("DROP INDEX {name}"),
                })
            }
            Action::DropColumn(column) => one(format!(
                "ALTER TABLE {table} DROP COLUMN {}",
                self.quote(&column.name)
            )),
            Action::DropTable => one(format!("DROP TABLE {table}")),
        }
    }

    fn create_table(&self, table: &Table) -> Vec<String> {
        let name = self.quote(&table.name);
        let mut parts: Vec<_> = table
            .columns
            .iter()
            .map(|column| {
                let key = table.primary_key.contains(&column.name);
                let mut part = self.column(column);
                part.push_str(if key { " PRIMARY KEY" } else { "" });
                // Otherwise SQLite gives the id of a deleted row again.
                let number = key && column.generated && self.backend == DbBackend::Sqlite;
                part.push_str(if number { " AUTOINCREMENT" } else { "" });
                part
            })
            .collect();
        parts.extend(table.foreign_keys.iter().map(|key| self.foreign_key(key)));
        let mut create = format!("CREATE TABLE {name} (\n    {}\n)", parts.join(",\n    "));
        if self.backend == DbBackend::MySql {
            create.push_str(" ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
            if let Some(comment) = &table.comment {
                create.push_str(&format!(" COMMENT = {}", self.text(comment)));
            }
            return vec![create];
        }
        let comment = table.comment.as_ref();
        let comment = comment.map(|text| format!("COMMENT ON TABLE {name} IS {}", self.text(text)));
        let comments = table
            .columns
            .iter()
            .filter_map(|column| self.comment_on(&name, column));
        [create]
            .into_iter()
            .chain(comment)
            .chain(comments)
            .collect()
    }

    /// The column as it stands in a table's definition.
    fn column(&self, column: &Column) -> String {
        let mut text = format!("{} {}", self.quote(&column.name), column.declared);
        if let Some(collation) = &column.collation
            && column.kind != ColumnKind::Json
        {
            text.push_str(&format!(" COLLATE {collation}"));
        }
        if !column.nullable {
            text.push_str(" NOT NULL");
        } else if self.backend == DbBackend::MySql {
            // A `timestamp` would not be.
            text.push_str(" NULL");
        }
        match (&column.default, self.backend) {
            (Some(default), DbBackend::MySql) if !column.generated => {
                text.push_str(&format!(" DEFAULT {default}"));
            }
            (Some(default), _) if !column.generated => {
                text.push_str(&format!(" DEFAULT {default}"))
            }
            _ => {}
        }
        if column.generated {
            text.push_str(match self.backend {
                DbBackend::Postgres => " GENERATED BY DEFAULT AS IDENTITY",
                DbBackend::MySql => " AUTO_INCREMENT",
                _ => "",
            });
        }
        if let Some(comment) = &column.comment
            && self.backend == DbBackend::MySql
        {
            text.push_str(&format!(" COMMENT {}", self.text(comment)));
        }
        text
    }

    fn foreign_key(&self, key: &ForeignKey) -> String {
        let name = key.name.as_ref();
        let name = name.map_or_else(String::new, |name| {
            format!("CONSTRAINT {} ", self.quote(name))
        });
        format!(
            "{name}FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {} ON UPDATE {}",
            self.list(&key.columns),
            self.quote(&key.target_table),
            self.list(&key.target_columns),
            key.on_delete,
            key.on_update
        )
    }

    fn comment_on(&self, table: &str, column: &Column) -> Option<String> {
        let comment = column.comment.as_ref()?;
        (self.backend == DbBackend::Postgres).then(|| {
            let column = self.quote(&column.name);
            format!(
                "COMMENT ON COLUMN {table}.{column} IS {}",
                self.text(comment)
            )
        })
    }

    fn text(&self, text: &str) -> String {
        literal(self.backend, &text.into())
    }
}
