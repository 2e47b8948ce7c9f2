//! Relations of which one of the two models holds the key.

use std::collections::HashMap;

use super::{Key, Loading, among, distinct};
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
            let mut filter = self.filter(belonging, target_key);
            if let ([_], Some(limit), true) = (
                &*records,
                self.include.limit_each,
                self.relation.def.is_to_many(),
            ) {
                // Of one record no more need be read.
                filter.limit = filter.limit.map(|most| most.min(limit));
            }
            targets = self.find(target, &filter).await?;
        }
        let mut by_key: HashMap<Key, Vec<Record>> = HashMap::with_capacity(records.len());
        for target in targets {
            if let Some(key) = target.get(target_key).and_then(Key::of) {
                by_key.entry(key).or_default().push(target);
            }
        }
        let mut copies = self.copies();
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
                _ => {
                    let targets = key.and_then(|key| by_key.remove(&key));
                    let mut targets = targets.unwrap_or_default();
                    targets.truncate(self.most_each());
                    Related::Many(targets)
                }
            };
            self.attach(record, related);
        }
        Ok(())
    }
}
