//! The versions of instances, by which one change does not undo another that its author has not seen.

use std::sync::Arc;

use super::ErasedRepository;
use crate::model::{ModelDef, Record, Value, id_text};
use crate::query::{Comparison, Condition};
use crate::{Error, Result};

/// The versions of an instance that a change is meant for.
pub(crate) type Versions = Arc<[i64]>;

impl ErasedRepository {
    /// The same model, whose changes of one instance are meant for one of these versions.
    pub fn expecting(self, versions: Versions) -> Self {
        ErasedRepository {
            expected: Some(versions),
            ..self
        }
    }

    /// Takes the version out of what is to be stored: only the data source counts. Which versions is it meant for? Those
    /// that the caller names, or else the one that the instance had when it was read.
    pub(super) fn take_version(&self, record: &mut Record) -> Option<Versions> {
        let seen = record.remove(self.def().version_index()?);
        self.expected.clone().or(match seen {
            // What is yet to be stored has none.
            Some(Value::Integer(version)) if version > 0 => Some(Arc::from([version])),
            _ => None,
        })
    }

    /// Refuses a change of `current`, as it is stored, that is meant for another version. The change may be done as long
    /// as the version is still this one.
    pub(super) fn meant_for(
        &self,
        current: &Record,
        expected: Option<Versions>,
    ) -> Result<Option<Versions>> {
        let (Some(expected), Some(index)) = (expected, self.def().version_index()) else {
            return Ok(None);
        };
        match current.value(index) {
            Value::Integer(version) if expected.contains(version) => {
                Ok(Some(Arc::from([*version])))
            }
            _ => Err(changed_since(self.def(), &self.def().id_of(current))),
        }
    }

    /// The record with this id, as long as it has one of these versions.
    pub(super) fn version_condition(&self, id: &Value, versions: Option<&Versions>) -> Condition {
        let condition = self.id_condition(id);
        match (versions, self.def().version_index()) {
            (Some(versions), Some(index)) => {
                let versions = versions.iter().copied().map(Value::Integer);
                let comparison = Comparison::In(versions.collect());
                condition.and(Condition::compare(index, comparison))
            }
            _ => condition,
        }
    }

    /// Refuses to go on when no record with this id has one of these versions, but one has another; when there is none,
    /// only those whose caller has said that there is.
    pub(super) async fn refuse_missed(
        &self,
        id: &Value,
        versions: Option<&Versions>,
    ) -> Result<()> {
        if versions.is_none() {
            return Ok(());
        }
        let condition = self.id_condition(id);
        let there = self.operations().count(self.def(), &condition).await? > 0;
        match there || self.expected.is_some() {
            true => Err(changed_since(self.def(), id)),
            false => Ok(()),
        }
    }
}

/// 412 for a change of an instance that another one has come before.
pub(super) fn changed_since(def: &ModelDef, id: &Value) -> Error {
    let message = format!(
        "{} {} is not in the version that this change is meant for; read it again, and change what it is now",
        def.name,
        id_text(id)
    );
    Error::new(412, message).with_code("VERSION_MISMATCH")
}
