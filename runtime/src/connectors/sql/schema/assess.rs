//! What a change costs and risks, in words for the one who decides about it.

use sea_orm::DbBackend;

use super::difference::{Action, Change, find, widens};
use super::statement::indexed;
use crate::connectors::Difference;
use crate::connectors::sql::catalogue::{Column, ColumnKind, Table};
use crate::connectors::sql::column::quote;
use crate::model::ModelDef;

/// What the live database adds to the comparison of its catalogue with the models.
pub(super) struct Live<'a> {
    pub(super) backend: DbBackend,
    /// The tables as they are now.
    pub(super) tables: &'a [Table],
    /// Where a column holds null, or will when it is added: a table and its column.
    pub(super) nulls: Vec<(String, String)>,
    /// Tables that SQLite can't rebuild without losing what only their statement says, and the word that says it.
    pub(super) rigid: Vec<(String, String)>,
}

impl Live<'_> {
    /// The difference that `change` ends; `all` are the changes beside it.
    pub(super) fn assess(
        &self,
        models: &[&'static ModelDef],
        change: &Change,
        all: &[Change],
    ) -> Difference {
        let mut notes = Vec::new();
        notes.extend(self.lock(change));
        notes.extend(self.refusal(change));
        notes.extend(self.rename(change, all));
        let model = |name| models.iter().copied().find(|model| model.name == name);
        Difference {
            model: change.model.and_then(model),
            action: action(change),
            lossy: self.lossy(change),
            notes,
        }
    }

    /// Can the change be made by the connector at all?
    pub(super) fn is_possible(&self, change: &Change) -> bool {
        self.rigid(change).is_none() && !matches!(change.action, Action::ChangeKey { .. })
    }

    fn rigid(&self, change: &Change) -> Option<&str> {
        let rigid = self.rigid.iter().find(|(table, _)| *table == change.table);
        rigid
            .filter(|_| is_rebuild(self.backend, &change.action))
            .map(|(_, word)| word.as_str())
    }

    fn lossy(&self, change: &Change) -> Option<String> {
        if let Some(word) = self.rigid(change) {
            return Some(format!(
                "SQLite makes this change by copying the table, and the copy would lose its `{word}`; make the change by hand"
            ));
        }
        match &change.action {
            Action::ChangeType { from, to } if !widens(&from.kind, &to.kind) => Some(format!(
                "values of `{}` that are no `{}` are changed or refused",
                from.declared, to.declared
            )),
            Action::SetNotNull(column) if self.has_nulls(change, column) => Some(match &column.default {
                Some(default) => format!("rows without a value get {default}"),
                None => "there are rows without a value, and the change is refused until they have one; give the \
                         property a default, or make it an `Option`"
                    .to_owned(),
            }),
            Action::ChangeKey { to, .. } => Some(format!(
                "rows of other tables may refer to the key; make \"{}\" the primary key by hand, or mark the property of the \
                 present one `#[model(id)]`",
                to.join("\", \"")
            )),
            Action::DropColumn(_) | Action::DropTable => Some("the data in it is gone".to_owned()),
            _ => None,
        }
    }

    pub(super) fn has_nulls(&self, change: &Change, column: &Column) -> bool {
        let mut nulls = self.nulls.iter();
        nulls.any(|(table, name)| *table == change.table && *name == column.name)
    }

    /// What others wait for while the change is made, and how to spare them.
    fn lock(&self, change: &Change) -> Option<String> {
        let table = find(self.backend, self.tables, &change.table)?;
        let name = quote(self.backend, &table.name);
        let words = match (&change.action, self.backend) {
            (action, DbBackend::Sqlite) if is_rebuild(self.backend, action) => {
                "nobody writes while the table is copied".to_owned()
            }
            (Action::AddIndex(index), DbBackend::Postgres) => {
                let unique = if index.unique { "UNIQUE " } else { "" };
                format!(
                    "nobody writes to {name} until the index is built; on a big table run this first, by hand: \
                     CREATE {unique}INDEX CONCURRENTLY {} ON {name} ({})",
                    quote(self.backend, &index.name),
                    indexed(self.backend, index, |_| "")
                )
            }
            (Action::ChangeType { from, to }, DbBackend::Postgres) if !keeps_rows(from, to) => {
                format!(
                    "nobody reads or writes {name} until every row is rewritten; on a big table add a new column, fill it \
                 in portions and rename it"
                )
            }
            (Action::SetNotNull(column), DbBackend::Postgres) => format!(
                "nobody reads or writes {name} until every row has been looked at; on a big table first add and \
                 validate, by hand: CHECK ({} IS NOT NULL) NOT VALID",
                quote(self.backend, &column.name)
            ),
            (Action::AddForeignKey(_), DbBackend::Postgres) => format!(
                "nobody writes to {name} until every row has been looked at; on a big table add the key NOT VALID and \
                 validate it afterwards, by hand"
            ),
            (
                Action::ChangeType { .. }
                | Action::SetNotNull(_)
                | Action::DropNotNull(_)
                | Action::AddForeignKey(_),
                DbBackend::MySql,
            ) => format!(
                "nobody writes to {name} while the table is copied; on a big table use gh-ost or pt-online-schema-change"
            ),
            _ => return None,
        };
        Some(words)
    }

    /// What the rows may hold that the change doesn't allow.
    fn refusal(&self, change: &Change) -> Option<String> {
        find(self.backend, self.tables, &change.table)?;
        match &change.action {
            Action::AddIndex(index) if index.unique => {
                Some("refused if two rows have the same values".to_owned())
            }
            Action::AddForeignKey(key) => Some(format!(
                "refused if a row refers to no row of \"{}\"",
                key.target_table
            )),
            _ => None,
        }
    }

    /// Renames are not guessed, but a column that goes and a like one that comes may be one.
    fn rename(&self, change: &Change, all: &[Change]) -> Option<String> {
        let mut others = all.iter();
        let (what, from, to) = match &change.action {
            Action::AddColumn(column) => {
                let old = others.find_map(|other| match &other.action {
                    Action::DropColumn(old) if other.table == change.table => {
                        (old.kind == column.kind).then_some(&old.name)
                    }
                    _ => None,
                })?;
                (
                    format!("TABLE {} RENAME COLUMN", quote(self.backend, &change.table)),
                    old,
                    &column.name,
                )
            }
            Action::CreateTable(table) => {
                let is_like = |old: &&Table| {
                    let names = |table: &Table| {
                        let columns = table.columns.iter();
                        let mut names: Vec<_> = columns.map(|column| column.name.clone()).collect();
                        names.sort();
                        names
                    };
                    names(old) == names(table)
                };
                let old = others.find_map(|other| match &other.action {
                    Action::DropTable => {
                        find(self.backend, self.tables, &other.table).filter(is_like)
                    }
                    _ => None,
                })?;
                let from = &old.name;
                return Some(format!(
                    "if this is a rename, run instead: ALTER TABLE {} RENAME TO {}",
                    quote(self.backend, from),
                    quote(self.backend, &change.table)
                ));
            }
            _ => return None,
        };
        Some(format!(
            "if this is a rename, run instead: ALTER {what} {} TO {}",
            quote(self.backend, from),
            quote(self.backend, to)
        ))
    }
}

/// Does SQLite copy the table to make the change?
pub(super) fn is_rebuild(backend: DbBackend, action: &Action) -> bool {
    let rebuild = match action {
        Action::ChangeType { .. }
        | Action::SetNotNull(_)
        | Action::DropNotNull(_)
        | Action::AddForeignKey(_)
        | Action::DropForeignKey(_) => true,
        Action::DropIndex(index) => index.constraint,
        _ => false,
    };
    rebuild && backend == DbBackend::Sqlite
}

/// Does PostgreSQL leave the rows as they are when the type changes?
fn keeps_rows(from: &Column, to: &Column) -> bool {
    let text = |column: &Column| matches!(column.kind, ColumnKind::Text { .. });
    text(from) && text(to) && widens(&from.kind, &to.kind)
}

fn action(change: &Change) -> String {
    let table = &change.table;
    match &change.action {
        Action::CreateTable(_) => format!("create the table \"{table}\""),
        Action::AddColumn(column) => format!("add the column \"{}\" to \"{table}\"", column.name),
        Action::ChangeType { from, to } => format!(
            "change the type of \"{table}\".\"{}\" from {} to {}",
            from.name, from.declared, to.declared
        ),
        Action::SetNotNull(column) => {
            format!("forbid null in \"{table}\".\"{}\"", column.name)
        }
        Action::DropNotNull(column) => format!("allow null in \"{table}\".\"{}\"", column.name),
        Action::AddIndex(index) => format!(
            "add the {} \"{}\" to \"{table}\"",
            if index.unique {
                "unique index"
            } else {
                "index"
            },
            index.name
        ),
        Action::AddForeignKey(key) => format!(
            "add the foreign key from \"{table}\" ({}) to \"{}\"",
            key.columns.join(", "),
            key.target_table
        ),
        Action::ChangeKey { from, to } => {
            let columns = |key: &[String]| match key {
                [] => "none".to_owned(),
                columns => format!("({})", columns.join(", ")),
            };
            format!(
                "change the primary key of \"{table}\" from {} to {}",
                columns(from),
                columns(to)
            )
        }
        Action::CommentTable(_) => format!("comment on \"{table}\""),
        Action::CommentColumn(column) => format!("comment on \"{table}\".\"{}\"", column.name),
        Action::DropForeignKey(key) => format!(
            "drop the foreign key from \"{table}\" ({}) to \"{}\"",
            key.columns.join(", "),
            key.target_table
        ),
        Action::DropIndex(index) => format!("drop the index \"{}\" of \"{table}\"", index.name),
        Action::DropColumn(column) => {
            format!("drop the column \"{}\" of \"{table}\"", column.name)
        }
        Action::DropTable => format!("drop the table \"{table}\""),
    }
}
