//! Relations by way of a model between the two (contract *relations.md* §5.2 and §5.3).

use std::collections::HashSet;

use super::{ErasedRelation, kept_if, no_instance_with};
use crate::model::{ModelDef, Record, Value, id_text};
use crate::query::{Comparison, Condition, Fields, Filter};
use crate::repository::ErasedRepository;
use crate::repository::attached_relation::AttachedJoin;
use crate::repository::key::Key;
use crate::{Error, Result};

/// The model between the two, whose instances are links.
pub(super) struct Join<'a> {
    relation: &'a ErasedRelation,
    keys: &'a AttachedJoin,
    links: ErasedRepository,
}

impl ErasedRelation {
    /// The model between the two, if there is one. In the same transaction as the target.
    pub(super) fn join(&self) -> Option<Join<'_>> {
        let keys = self.attached().join.as_ref()?;
        Some(Join {
            relation: self,
            keys,
            links: self.target.sibling(keys.model),
        })
    }
}

impl Join<'_> {
    pub fn def(&self) -> &'static ModelDef {
        self.links.def()
    }

    /// The ids of what the owner is linked with, in the order of the links.
    pub async fn targets(&self) -> Result<Vec<Value>> {
        let links = Filter {
            fields: Fields::Only(vec![self.keys.target_key]),
            ..Filter::matching(self.of_owner())
        };
        let links = self.links.find(&links).await?;
        let ids = links.into_iter();
        let ids = ids.filter_map(|mut link| link.remove(self.keys.target_key));
        let mut seen = HashSet::new();
        Ok(ids
            .filter(|id| Key::of(id).is_some_and(|key| seen.insert(key)))
            .collect())
    }

    pub async fn count(&self, condition: Condition) -> Result<u64> {
        let within = self.within_scope().await?;
        self.links.count(&within.and(condition)).await
    }

    /// The links of the owner with what is within the relation's scope; without one, whether there is anything at the other
    /// end is not asked.
    async fn within_scope(&self) -> Result<Condition> {
        let scope = self.relation.scope().condition;
        if scope == Condition::ALL {
            return Ok(self.of_owner());
        }
        let target = &self.relation.target;
        let within = Filter {
            fields: Fields::Only(target.def().ids().collect()),
            ..Filter::matching(Condition::of_ids(target.def(), &self.targets().await?).and(scope))
        };
        let found = target.find(&within).await?;
        let ids = found.iter().map(|record| target.def().id_of(record));
        let linked = Condition::compare(self.keys.target_key, Comparison::In(ids.collect()));
        Ok(self.of_owner().and(linked))
    }

    /// Creates a target and its link, both or none.
    pub async fn create(&self, record: Record) -> Result<Record> {
        let target = &self.relation.target;
        if self.shares_transactions() {
            let create = |target: ErasedRepository| async move {
                let created = target.create(record).await?;
                let id = target.def().id_of(&created);
                self.link_in(&target, &id, Record::new(self.links.def()))
                    .await?;
                Ok(created)
            };
            return target.in_transaction(create).await;
        }
        let created = target.create(record).await?;
        let id = target.def().id_of(&created);
        let link = self.link_in(target, &id, Record::new(self.links.def()));
        kept_if(target, created, link.await).await
    }

    pub async fn delete_all(&self) -> Result<u64> {
        let within = self.within_scope().await?;
        self.links.delete_all(&within).await
    }

    /// Deletes the instance that has this id, and its links with the owner.
    pub async fn destroy(&self, id: &Value) -> Result<()> {
        self.require(id, "record", " ,").await?;
        let scope = self.relation.scope().condition;
        if scope != Condition::ALL {
            let within = self.relation.target.id_condition(id).and(scope);
            if self.relation.target.count(&within).await? == 0 {
                return Err(no_instance_with(self.relation.target.def(), id));
            }
        }
        let destroy = |target: ErasedRepository| async move {
            let links = target.sibling(self.keys.model);
            links.delete_all(&self.between(id)).await?;
            target.delete_by_id(id).await.map(drop)
        };
        let target = self.relation.target.clone();
        match self.shares_transactions() {
            true => self.relation.target.in_transaction(destroy).await,
            false => destroy(target).await,
        }
    }

    /// Links the owner with the instance that has this id, once: nobody else links the owner in between.
    pub async fn link(&self, id: &Value, data: Record) -> Result<Record> {
        let ErasedRelation {
            owner,
            target,
            record,
            ..
        } = self.relation;
        let link = |owner: ErasedRepository, _| async move {
            self.link_in(&target.beside(&owner), id, data).await
        };
        let id_of_owner = owner.def().id_of(record);
        owner.beside(target).hold(&id_of_owner, link).await
    }

    async fn link_in(
        &self,
        target: &ErasedRepository,
        id: &Value,
        mut data: Record,
    ) -> Result<Record> {
        let relation = self.relation.attached();
        relation.hold(&mut data, self.keys.owner_key, self.relation.key().clone());
        data.set(self.keys.target_key, id.clone());
        let links = target.sibling(self.keys.model);
        let (link, _) = links.find_or_create(self.between(id), data).await?;
        Ok(link)
    }

    pub async fn unlink(&self, id: &Value) -> Result<()> {
        self.links.delete_all(&self.between(id)).await.map(drop)
    }

    /// The first link with the instance that has this id.
    pub async fn first(&self, id: &Value) -> Result<Option<Record>> {
        self.links
            .find_one(&Filter::matching(self.between(id)))
            .await
    }

    /// 404 when nothing links the owner with the instance that has this id. The words are LoopBack's, to the comma.
    pub async fn require(&self, id: &Value, what: &str, comma: &str) -> Result<()> {
        if self.first(id).await?.is_some() {
            return Ok(());
        }
        let message = format!(
            "No {what} found in {} for ({}.{}{comma}{}.{})",
            self.links.def().name,
            self.relation.owner.def().name,
            self.relation.key().to_text(),
            self.relation.target.def().name,
            id_text(id),
        );
        Err(Error::new(404, message))
    }

    fn of_owner(&self) -> Condition {
        let relation = self.relation.attached();
        relation.belonging(self.keys.owner_key, self.relation.key().clone())
    }

    fn between(&self, id: &Value) -> Condition {
        self.of_owner()
            .and(Condition::equal(self.keys.target_key, id.clone()))
    }

    /// Can one transaction cover the targets and their links?
    pub fn shares_transactions(&self) -> bool {
        self.relation.target.shares_transactions_with(&self.links)
    }
}
