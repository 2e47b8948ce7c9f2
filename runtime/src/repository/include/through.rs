//! Relations by way of a model between the two: one query for the links, one for the targets.

use std::collections::{BTreeSet, HashMap};

use super::{Key, Loading, among, distinct, positions};
use crate::Result;
use crate::model::{Record, Related};
use crate::query::{Fields, Filter};
use crate::repository::ErasedRepository;
use crate::repository::attached_relation::AttachedJoin;

impl Loading<'_> {
    pub async fn through(
        &self,
        records: &mut [Record],
        target: ErasedRepository,
        links: ErasedRepository,
        join: &AttachedJoin,
    ) -> Result<()> {
        let (own_key, target_key) = (self.relation.own_key, self.relation.target_key);
        let links = self.links(records, links, join).await?;
        let ids = distinct(&links, join.target_key);
        let mut targets = Vec::new();
        if !ids.is_empty() {
            targets = self
                .find(target, &self.filter(among(target_key, ids), target_key))
                .await?;
        }
        let positions = positions(&targets, target_key);
        // In the order of the targets, each once however often it is linked.
        let mut by_owner: HashMap<Key, BTreeSet<usize>> = HashMap::new();
        for link in &links {
            let key = |property| Key::of(link.get(property)?);
            if let (Some(owner), Some(target)) = (key(join.owner_key), key(join.target_key))
                && let Some(position) = positions.get(&target)
            {
                by_owner.entry(owner).or_default().insert(*position);
            }
        }
        let mut copies = self.copies();
        for record in records {
            let key = record.get(own_key).and_then(Key::of);
            let linked = key.and_then(|key| by_owner.get(&key));
            let linked = linked.into_iter().flatten().take(self.most_each());
            let linked = linked.map(|position| copies.of(&targets[*position]));
            let related = Related::Many(linked.collect::<Result<_>>()?);
            self.attach(record, related);
        }
        Ok(())
    }

    async fn links(
        &self,
        records: &[Record],
        links: ErasedRepository,
        join: &AttachedJoin,
    ) -> Result<Vec<Record>> {
        let keys = distinct(records, self.relation.own_key);
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut filter = Filter {
            fields: Fields::Only(vec![join.owner_key, join.target_key]),
            ..Filter::matching(self.relation.of_model(among(join.owner_key, keys)))
        };
        self.limit(&mut filter);
        self.find(links, &filter).await
    }
}
