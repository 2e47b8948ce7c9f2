//! Relations of which each record holds a list of keys: one query for the targets.

use std::collections::HashMap;

use super::{Key, Loading, among, positions};
use crate::Result;
use crate::model::{Record, Related, Value};
use crate::repository::ErasedRepository;

impl Loading<'_> {
    pub async fn references(&self, records: &mut [Record], target: ErasedRepository) -> Result<()> {
        let target_key = self.relation.target_key;
        let keys = records.iter().flat_map(|record| self.relation.keys(record));
        let keys: HashMap<Key, &Value> =
            keys.filter_map(|key| Some((Key::of(key)?, key))).collect();
        let mut targets = Vec::new();
        let mut ordered = false;
        if !keys.is_empty() {
            let keys = keys.into_values().cloned().collect();
            let filter = self.filter(among(target_key, keys), target_key);
            ordered = !filter.order.is_empty() || filter.near.is_some();
            targets = self.find(target, &filter).await?;
        }
        let positions = positions(&targets, target_key);
        let mut copies = self.copies();
        for record in records {
            let keys = self.relation.keys(record).iter();
            let found = keys.filter_map(|key| positions.get(&Key::of(key)?).copied());
            let mut found: Vec<_> = found.collect();
            // The order of the list, unless another one is asked for.
            if ordered {
                found.sort_unstable();
            }
            let found = found
                .into_iter()
                .take(self.most_each())
                .map(|position| copies.of(&targets[position]));
            let related = Related::Many(found.collect::<Result<_>>()?);
            self.attach(record, related);
        }
        Ok(())
    }
}
