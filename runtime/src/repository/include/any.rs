//! Relations of which each record says to which model it belongs: one query for each model (contract *relations.md* §8).

use std::collections::{BTreeMap, HashMap};

use super::{Key, Loading};
use crate::model::{AnyModel, ModelDef, Record, Related, Value};
use crate::query::{Comparison, Condition};
use crate::{Error, Result};

impl Loading<'_> {
    pub async fn any(&self, records: &mut [Record]) -> Result<()> {
        let mut targets = BTreeMap::new();
        for (name, keys) in self.keys(records) {
            let Some(target) = self.owner.named(&name) else {
                let message = format!(
                    "Discriminator type {name} specified but no model exists with such name"
                );
                return Err(Error::new(400, message).with_code("UNKNOWN_MODEL"));
            };
            let def = target.def();
            let mut by_key = HashMap::new();
            if let Some(key) = self.relation.key_of_any(def)
                && self.may_load(def)
            {
                let keys = keys.into_iter();
                let keys =
                    keys.filter_map(|value| def.properties[key].ty.from_json(value.to_json()).ok());
                let among = Condition::compare(key, Comparison::In(keys.collect()));
                for found in self.find(target, &self.filter(among, key)).await? {
                    if let Some(key) = found.get(key).and_then(Key::of) {
                        by_key.insert(key, found);
                    }
                }
            }
            targets.insert(name, (def, by_key));
        }
        let mut copies = self.copies();
        for record in records {
            let target = self.told(record).and_then(|(name, key)| {
                let (def, by_key) = targets.get(name)?;
                let position = self.relation.key_of_any(def)?;
                let key = def.properties[position].ty.from_json(key.to_json()).ok()?;
                Some((*def, by_key.get(&Key::of(&key)?)?))
            });
            let target = target.map(|(def, target)| Ok(AnyModel::new(def, copies.of(target)?)));
            let target = target.transpose()?;
            self.attach(record, Related::Any(target.map(Box::new)));
        }
        Ok(())
    }

    /// The different keys of the records, by the name of the model to which they belong.
    fn keys(&self, records: &[Record]) -> BTreeMap<String, Vec<Value>> {
        let mut keys: BTreeMap<String, HashMap<Key, Value>> = BTreeMap::new();
        for record in records {
            if let Some((name, value)) = self.told(record)
                && let Some(key) = Key::of(value)
            {
                let keys = keys.entry(name.to_owned()).or_default();
                keys.insert(key, value.clone());
            }
        }
        let keys = keys.into_iter();
        keys.map(|(name, keys)| (name, keys.into_values().collect()))
            .collect()
    }

    /// The model that a record names, and the key beside it.
    fn told<'r>(&self, record: &'r Record) -> Option<(&'r str, &'r Value)> {
        let discriminator = self.relation.discriminator.as_ref()?;
        match record.get(discriminator.property)? {
            Value::String(name) if !name.is_empty() => {
                Some((name, record.get(self.relation.own_key)?))
            }
            _ => None,
        }
    }

    fn may_load(&self, def: &ModelDef) -> bool {
        let models = self.include.models.as_ref();
        models.is_none_or(|models| models.contains(&def.name))
    }
}
