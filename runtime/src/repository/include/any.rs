//! Relations of which each record says to which model it belongs: one query for each model (contract *relations.md* §8).

use std::collections::{BTreeMap, HashMap};

use super::{Key, Loading, among};
use crate::model::{AnyModel, ModelDef, Record, Related, Value};
use crate::{Error, Result};

/// What was found of one model, by what keys refer to.
struct Found {
    def: &'static ModelDef,
    by_key: HashMap<Key, Record>,
}

impl Loading<'_> {
    pub async fn any(&self, records: &mut [Record]) -> Result<()> {
        // Names that differ in their case are one model's.
        let mut positions: HashMap<&str, usize> = HashMap::new();
        let mut keys: BTreeMap<usize, HashMap<Key, &Value>> = BTreeMap::new();
        for (name, value) in records.iter().filter_map(|record| self.told(record)) {
            let position = match positions.get(name) {
                Some(position) => *position,
                None => self.position(name)?,
            };
            positions.insert(name, position);
            if let Some(key) = Key::of(value) {
                keys.entry(position).or_default().insert(key, value);
            }
        }
        let mut found = HashMap::new();
        for (position, keys) in keys {
            let target = self.owner.sibling(position);
            let def = target.def();
            let mut by_key = HashMap::new();
            if let Some(key) = self.relation.key_of_any(def)
                && self.owner.may_read(def, false).await?
            {
                let ty = def.properties[key].ty;
                let keys = keys.into_values();
                let keys = keys.filter_map(|value| ty.from_json(value.to_json()).ok());
                let filter = self.filter(among(key, keys.collect()), key);
                for found in self.find(target, &filter).await? {
                    if let Some(key) = found.get(key).and_then(Key::of) {
                        by_key.insert(key, found);
                    }
                }
            }
            found.insert(position, Found { def, by_key });
        }
        let mut copies = self.copies();
        let mut related = Vec::with_capacity(records.len());
        for record in &*records {
            let target = self.told(record).and_then(|(name, key)| {
                let Found { def, by_key } = found.get(positions.get(name)?)?;
                let property = self.relation.key_of_any(def)?;
                let key = def.properties[property].ty.from_json(key.to_json()).ok()?;
                Some((*def, by_key.get(&Key::of(&key)?)?))
            });
            let target = target.map(|(def, target)| Ok(AnyModel::new(def, copies.of(target)?)));
            related.push(Related::Any(target.transpose()?.map(Box::new)));
        }
        for (record, related) in records.iter_mut().zip(related) {
            self.attach(record, related);
        }
        Ok(())
    }

    fn position(&self, name: &str) -> Result<usize> {
        self.owner.position_of(name).ok_or_else(|| {
            let message =
                format!("Discriminator type {name} specified but no model exists with such name");
            Error::new(400, message).with_code("UNKNOWN_MODEL")
        })
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
}
