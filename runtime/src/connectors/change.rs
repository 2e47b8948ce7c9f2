//! What a data source tells of its changes.

use crate::model::{Record, Value};

/// A change of one record in a data source, whoever made it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredChange {
    /// What has happened.
    pub kind: ChangeKind,
    /// The record's id.
    pub id: Value,
    /// The record as it was found after the change; nothing when it is gone by then.
    pub record: Option<Record>,
}

/// What has happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Create,
    /// It has other values.
    Update,
    /// It is gone.
    Remove,
}
