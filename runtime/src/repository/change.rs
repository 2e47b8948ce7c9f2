//! What a change stream tells (contract *rest.md* §8).

use std::sync::Arc;

use crate::connectors::ChangeKind;
use crate::model::{Record, Value};
use crate::query::Condition;

/// A change that the pipeline made.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub kind: ChangeKind,
    /// The id of the instance, when it is known.
    pub target: Option<Value>,
    /// Which instances, when there may be many.
    pub condition: Option<Condition>,
    /// The instance as it is now; of a change to many instances, the changed properties.
    pub data: Option<Arc<Record>>,
}
