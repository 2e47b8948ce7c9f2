//! What change streams tell (contract *rest.md* §8), and who tells it to whom.

mod json;
mod log;
mod relay;

use std::sync::Arc;

pub(crate) use self::log::{ChangeLog, Heard, Listener, Since};
pub(crate) use self::relay::{Outbox, Relay, follow};
use crate::connectors::ChangeKind;
use crate::model::{Record, Value};
use crate::query::Condition;

/// A change of one or many instances.
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

impl Change {
    /// Is the change one that those should hear of who asked about what `asked` finds? What can't be told from the change
    /// itself is: what is gone, and what many instances have become.
    pub fn concerns(&self, asked: &Condition) -> bool {
        match (&self.target, &self.data) {
            (Some(_), Some(record)) => asked.matches(record),
            _ => true,
        }
    }

    /// The change without what it tells of these properties. What many have been changed by is not told at all then.
    pub fn without(mut self, hidden: &[usize]) -> Self {
        if !hidden.is_empty() {
            self.condition = None;
            if let Some(data) = &mut self.data {
                let data = Arc::make_mut(data);
                hidden
                    .iter()
                    .for_each(|property| drop(data.remove(*property)));
            }
        }
        self
    }

    /// May those hear of the change who may read no other rows than these? Of what can't be told from the change itself, they
    /// do not.
    pub fn is_within(&self, permitted: &Condition) -> bool {
        match (&self.target, &self.data) {
            _ if *permitted == Condition::ALL => true,
            (Some(_), Some(record)) => permitted.matches(record),
            _ => false,
        }
    }
}
