//! Relations that lead to any number of instances (contract *relations.md* §5).

use super::references::References;
use super::through::Join;
use super::{ErasedRelation, no_instance_with};
use crate::model::{Record, Value};
use crate::query::{Condition, Filter};
use crate::repository::erased::{create_each, create_until_error};
use crate::repository::{ErasedRepository, scope};
use crate::{Error, Result};

/// A query over what belongs to the owner.
pub(crate) struct Narrowed {
    pub filter: Filter,
    /// The ids of what may be found, in the order of the answer, where that is not the filter's.
    pub order: Option<Vec<Value>>,
}

impl Narrowed {
    /// A query that nothing has narrowed.
    pub fn all(filter: Filter) -> Self {
        Narrowed {
            filter,
            order: None,
        }
    }

    /// What it finds.
    pub async fn find(&self, target: &ErasedRepository) -> Result<Vec<Record>> {
        match &self.order {
            Some(ids) => target.find_in_order(&self.filter, ids).await,
            None => target.find(&self.filter).await,
        }
    }
}

impl ErasedRelation {
    /// The query for those of the owner's that `asked` finds.
    pub async fn narrow(&self, asked: Filter) -> Result<Narrowed> {
        let plain = asked == Filter::ALL;
        let asked = scope::above(self.scope(), asked);
        let unordered = asked.order.is_empty() && asked.near.is_none();
        let (belonging, ids) = match self.held() {
            Held::ByTargets => (self.belonging(), None),
            Held::ByJoin(join) => {
                let ids = join.targets().await?;
                let linked = Condition::of_ids(self.target.def(), &ids);
                (linked, plain.then_some(ids))
            }
            Held::ByOwner(list) => {
                let ids = unordered.then(|| list.ids().to_vec());
                (list.linked(), ids)
            }
        };
        Ok(Narrowed {
            filter: Filter {
                condition: belonging.and(asked.condition),
                ..asked
            },
            order: ids,
        })
    }

    /// How many there are. `condition` is about the model between the two, if there is one, whose instances are counted.
    pub async fn count(&self, condition: Condition) -> Result<u64> {
        match self.held() {
            Held::ByTargets => self.target.count(&self.belonging().and(condition)).await,
            Held::ByJoin(join) => join.count(condition).await,
            Held::ByOwner(list) => {
                let linked = list.linked().and(self.scope().condition);
                self.target.count(&linked.and(condition)).await
            }
        }
    }

    pub async fn create(&self, record: Record) -> Result<Record> {
        let record = self.own(record);
        match self.held() {
            Held::ByTargets => self.target.create(record).await,
            Held::ByJoin(join) => join.create(record).await,
            Held::ByOwner(list) => list.create(record).await,
        }
    }

    /// Creates each record by itself.
    pub async fn create_many(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        create_each(records, |record| self.create(record)).await
    }

    /// Creates all records or none, in a transaction.
    pub async fn create_all_or_none(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        let records = self.target.all_readable(records)?;
        let create = |target: ErasedRepository| async move {
            let within = self.within(target);
            create_until_error(records, |record| within.create(record)).await
        };
        self.target.in_transaction(create).await
    }

    pub async fn delete_all(&self) -> Result<u64> {
        match self.held() {
            Held::ByTargets => self.target.delete_all(&self.belonging()).await,
            Held::ByJoin(join) => join.delete_all().await,
            Held::ByOwner(list) => list.delete_all().await,
        }
    }

    pub async fn find_by_id(&self, id: &Value) -> Result<Record> {
        let of_id = Condition::of_id(self.target.def(), id);
        let condition = match self.held() {
            Held::ByTargets => self.belonging().and(of_id),
            Held::ByJoin(join) => {
                join.require(id, "relation", ",").await?;
                of_id.and(self.scope().condition)
            }
            Held::ByOwner(list) => return list.find(id).await,
        };
        let found = self.target.find_one(&Filter::matching(condition)).await?;
        found.ok_or_else(|| no_instance_with(self.target.def(), id))
    }

    pub async fn update_by_id(&self, id: &Value, changes: Record) -> Result<Record> {
        let current = self.primary().find_by_id(id).await?;
        self.change(current, changes).await
    }

    pub async fn destroy_by_id(&self, id: &Value) -> Result<()> {
        let primary = self.primary();
        match primary.held() {
            Held::ByTargets => {
                primary.find_by_id(id).await?;
                self.target.delete_by_id(id).await.map(drop)
            }
            Held::ByJoin(join) => join.destroy(id).await,
            Held::ByOwner(list) => list.destroy(id).await,
        }
    }

    // Links

    /// Links the owner with the instance that has this id. Returns the link where a model between the two keeps it: a new one
    /// with `data`, or the one that is there; otherwise the instance.
    pub async fn link(&self, id: &Value, data: Record) -> Result<Record> {
        let primary = self.primary();
        match primary.held() {
            Held::ByTargets => Err(no_links()),
            Held::ByJoin(join) => join.link(id, data).await,
            Held::ByOwner(list) => list.link(id).await,
        }
    }

    pub async fn unlink(&self, id: &Value) -> Result<()> {
        match self.held() {
            Held::ByTargets => Err(no_links()),
            Held::ByJoin(join) => join.unlink(id).await,
            Held::ByOwner(list) => list.unlink(id).await,
        }
    }

    pub async fn is_linked(&self, id: &Value) -> Result<bool> {
        match self.held() {
            Held::ByTargets => Err(no_links()),
            Held::ByJoin(join) => Ok(join.first(id).await?.is_some()),
            Held::ByOwner(list) => Ok(list.contains(id)),
        }
    }

    fn held(&self) -> Held<'_> {
        match (self.join(), self.references()) {
            (Some(join), _) => Held::ByJoin(join),
            (None, Some(list)) => Held::ByOwner(list),
            (None, None) => Held::ByTargets,
        }
    }
}

/// Who holds the keys by which the owner and its targets belong together?
enum Held<'a> {
    ByTargets,
    ByJoin(Join<'a>),
    ByOwner(References<'a>),
}

fn no_links() -> Error {
    Error::internal("the relation leads to what holds the key itself, and has no links")
}
