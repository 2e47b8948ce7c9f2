//! The way back from a change, as far as a schema has one: data that is gone stays gone.

use super::difference::{Action, Change};
use crate::connectors::sql::catalogue::{Column, Table};

/// What undoes `change`, made to a table that was as in `before`; nothing where rows may refuse or be missing.
pub(super) fn undo(change: &Change, before: Option<&Table>) -> Option<Change> {
    let action = match &change.action {
        Action::CreateTable(_) => Action::DropTable,
        Action::AddColumn(column) => Action::DropColumn(column.clone()),
        Action::SetNotNull(column) => Action::DropNotNull(column.clone()),
        Action::AddIndex(index) => Action::DropIndex(index.clone()),
        Action::DropIndex(index) if !index.constraint => Action::AddIndex(index.clone()),
        Action::AddForeignKey(key) => Action::DropForeignKey(key.clone()),
        Action::CommentTable(_) => {
            Action::CommentTable(before?.comment.clone().unwrap_or_default())
        }
        Action::CommentColumn(column) => {
            let column = before?.column(&column.name)?.clone();
            // An empty comment is none.
            let comment = Some(column.comment.unwrap_or_default());
            Action::CommentColumn(Column { comment, ..column })
        }
        Action::ChangeType { .. }
        | Action::ChangeKey { .. }
        | Action::DropNotNull(_)
        | Action::DropForeignKey(_)
        | Action::DropIndex(_)
        | Action::DropColumn(_)
        | Action::DropTable => return None,
    };
    Some(Change {
        action,
        ..change.clone()
    })
}
