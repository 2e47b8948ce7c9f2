//! Relations of which one of the two models holds the key.

use std::collections::HashMap;

use super::{Copies, Key, Loading, among, distinct, find};
use crate::Result;
use crate::model::{Record, Related, RelationKind};
use crate::repository::ErasedRepository;

impl Loading<'_> {
    pub async fn direct(&self, records: &mut [Record], target: ErasedRepository) -> Result<()> {
        let (own_key, target_key) = (self.relation.own_key, self.relation.target_key);
        let keys = distinct(&*records, own_key);
        let mut targets = Vec::new();
        if !keys.is_empty() {
            let belonging = among(target_key, keys);
            let belonging = match self.relation.def.kind {
                RelationKind::BelongsTo => belonging,
                _ => self.relation.of_model(belonging),
            };
            targets = find(target, &self.filter(belonging, target_key)).await?;
        }
        let mut by_key: HashMap<Key, Vec<Record>> = HashMap::with_capacity(records.len());
        for target in targets {
            if let Some(key) = target.get(target_key).and_then(Key::of) {
                by_key.entry(key).or_default().push(target);
            }
        }
        let mut copies = Copies::default();
        for record in records {
            let key = record.get(own_key).and_then(Key::of);
            let related = match self.relation.def.kind {
                // Several records may belong to one target.
                RelationKind::BelongsTo => {
                    let target = key.and_then(|key| by_key.get(&key)?.first());
                    let target = target.map(|target| copies.of(target)).transpose()?;
                    Related::One(target.map(Box::new))
                }
                RelationKind::HasOne => {
                    let targets = key.and_then(|key| by_key.remove(&key));
                    let first = targets.into_iter().flatten().next();
                    Related::One(first.map(Box::new))
                }
                _ => Related::Many(key.and_then(|key| by_key.remove(&key)).unwrap_or_default()),
            };
            self.attach(record, related);
        }
        Ok(())
    }
}
