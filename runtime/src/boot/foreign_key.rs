//! Foreign keys that the models ask for and no database keeps.

use super::connected::Records;

impl Records<'_> {
    /// A sentence about each foreign key that a model asks for (`#[relation(belongs_to, constraint)]`) and that its data
    /// source doesn't keep: it has none, or the other model is elsewhere.
    pub(super) fn unkept_keys(&self) -> Vec<String> {
        let capable = self.connector.capabilities().foreign_keys;
        let mut sentences = Vec::new();
        for model in &self.models {
            for relation in model.relations {
                let Some(target) = relation.target() else {
                    continue;
                };
                let beside = self.models.iter().any(|other| other.name == target.name);
                if !relation.constraint || capable && beside {
                    continue;
                }
                let reason = if capable {
                    format!("`{}` is in another data source", target.name)
                } else {
                    "the data source has no foreign keys".to_owned()
                };
                sentences.push(format!(
                    "`{}.{}` asks for a foreign key, which no database keeps: {reason}; the application does what is said \
                     on a delete, and does not refuse a key that leads nowhere",
                    model.name, relation.name
                ));
            }
        }
        sentences
    }
}
