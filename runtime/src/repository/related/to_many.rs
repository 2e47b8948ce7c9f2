//! Relations that lead to any number of instances (contract *relations.md* §5).

use super::through::Join;
use super::{ErasedRelation, no_instance_with};
use crate::model::{ModelDef, Record, Value};
use crate::query::{Condition, Filter};
use crate::repository::erased::{create_each, create_until_error};
use crate::repository::{ErasedRepository, scope};
use crate::{Error, Result};

/// A query over what belongs to the owner.
pub(crate) struct Narrowed {
    pub filter: Filter,
    /// The ids of what is found, in the order of their links, which is that of the answer.
    pub order: Option<Vec<Value>>,
}

impl ErasedRelation {
    /// The query for those of the owner's that `asked` finds.
    pub async fn narrow(&self, asked: Filter) -> Result<Narrowed> {
        let unordered = asked == Filter::ALL;
        let asked = scope::above(self.scope(), asked);
        let (belonging, ids) = match self.join() {
            None => (self.belonging(), None),
            Some(join) => {
                let ids = join.targets().await?;
                let linked = Condition::of_ids(self.target.def(), &ids);
                (linked, unordered.then_some(ids))
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
        match self.join() {
            None => self.target.count(&self.belonging().and(condition)).await,
            Some(join) => join.count(condition).await,
        }
    }

    pub async fn create(&self, record: Record) -> Result<Record> {
        let record = self.own(record);
        match self.join() {
            None => self.target.create(record).await,
            Some(join) => join.create(record).await,
        }
    }

    /// Creates each record by itself.
    pub async fn create_many(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        create_each(records, |record| self.create(record)).await
    }

    /// Creates all records or none, in a transaction.
    pub async fn create_all_or_none(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        if self.join().is_some_and(|join| !join.shares_transactions()) {
            let message = "The links are in another data source, and can't be created together with a list as a whole; leave \"atomic\" out";
            return Err(Error::new(400, message).with_code("NO_TRANSACTIONS"));
        }
        let records = self.target.all_readable(records)?;
        let create = |target: ErasedRepository| async move {
            let within = self.within(target);
            create_until_error(records, |record| within.create(record)).await
        };
        self.target.in_transaction(create).await
    }

    pub async fn delete_all(&self) -> Result<u64> {
        match self.join() {
            None => self.target.delete_all(&self.belonging()).await,
            Some(join) => join.delete_all().await,
        }
    }

    pub async fn find_by_id(&self, id: &Value) -> Result<Record> {
        let of_id = Condition::of_id(self.target.def(), id);
        let condition = match self.join() {
            None => self.belonging().and(of_id),
            Some(join) => {
                join.require(id, "relation", ",").await?;
                of_id.and(self.scope().condition)
            }
        };
        let found = self.target.find_one(&Filter::matching(condition)).await?;
        found.ok_or_else(|| no_instance_with(self.target.def(), id))
    }

    pub async fn update_by_id(&self, id: &Value, changes: Record) -> Result<Record> {
        let current = self.primary().find_by_id(id).await?;
        self.change(current, changes).await
    }

    /// Changes all that `condition` finds, without validation.
    pub async fn update_all(&self, condition: Condition, mut changes: Record) -> Result<u64> {
        self.keep_key(&mut changes)?;
        let found = self.narrow(Filter::matching(condition)).await?;
        self.target
            .update_all(&found.filter.condition, changes)
            .await
    }

    pub async fn destroy_by_id(&self, id: &Value) -> Result<()> {
        let primary = self.primary();
        match primary.join() {
            None => {
                primary.find_by_id(id).await?;
                self.target.delete_by_id(id).await.map(drop)
            }
            Some(join) => join.destroy(id).await,
        }
    }

    // Links

    /// Links the owner with `created`, where links are what holds the two together.
    pub async fn link_created(&self, created: &Record) -> Result<()> {
        match self.join() {
            Some(join) => {
                let id = self.target.def().id_of(created);
                join.link(&id, Record::new(join.def())).await.map(drop)
            }
            None => Ok(()),
        }
    }

    /// Links the owner with the instance that has this id, and returns the link: a new one with `data`, or the one that
    /// is there.
    pub async fn link(&self, id: &Value, data: Record) -> Result<Record> {
        self.primary().links()?.link(id, data).await
    }

    pub async fn unlink(&self, id: &Value) -> Result<()> {
        self.links()?.unlink(id).await
    }

    pub async fn is_linked(&self, id: &Value) -> Result<bool> {
        Ok(self.links()?.first(id).await?.is_some())
    }

    /// The model of the links.
    pub fn links_def(&self) -> Result<&'static ModelDef> {
        self.links().map(|join| join.def())
    }

    fn links(&self) -> Result<Join<'_>> {
        self.join().ok_or_else(|| {
            let message = format!(
                "the relation {} goes through no other model",
                self.def().name
            );
            Error::new(400, message).with_code("NO_LINK")
        })
    }
}
