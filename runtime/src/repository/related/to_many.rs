//! Relations that lead to any number of instances (contract *relations.md* §5).

use super::embedded::{self, Embedded};
use super::references::References;
use super::through::Join;
use super::{ErasedRelation, no_instance_with};
use crate::model::{Record, Value};
use crate::query::{Condition, Filter, Page, Window};
use crate::repository::erased::{create_each, create_until_error};
use crate::repository::{ErasedRepository, scope};
use crate::{Error, Result};

/// A query over what belongs to the owner.
pub(crate) struct Narrowed {
    pub filter: Filter,
    /// The ids of what may be found, in the order of the answer, where that is not the filter's.
    pub order: Option<Vec<Value>>,
    /// What is looked for within the owner, rather than in the data source.
    pub items: Option<Vec<Record>>,
}

impl Narrowed {
    /// A query that nothing has narrowed.
    pub fn all(filter: Filter) -> Self {
        Narrowed {
            filter,
            order: None,
            items: None,
        }
    }

    /// What it finds.
    pub async fn find(&self, target: &ErasedRepository) -> Result<Vec<Record>> {
        match (&self.items, &self.order) {
            (Some(items), _) => embedded::find(target, items.clone(), &self.filter).await,
            (None, Some(ids)) => target.find_in_order(&self.filter, ids).await,
            (None, None) => target.find(&self.filter).await,
        }
    }

    /// A part of what it finds, in the filter's order.
    pub async fn find_page(
        &self,
        target: &ErasedRepository,
        window: Window,
    ) -> Result<Page<Record>> {
        let Some(items) = &self.items else {
            return target.find_page(&self.filter, window).await;
        };
        let looked = window.look(target.def(), &self.filter)?;
        let found = embedded::find(target, items.clone(), &looked.filter).await?;
        let mut page = looked.page(found);
        page.items
            .iter_mut()
            .for_each(|record| looked.strip(record));
        Ok(page)
    }

    /// How many its condition finds.
    pub async fn count(&self, target: &ErasedRepository) -> Result<u64> {
        let condition = &self.filter.condition;
        match &self.items {
            Some(items) => {
                let found = items.iter().filter(|item| condition.matches(item));
                Ok(found.count() as u64)
            }
            None => target.count(condition).await,
        }
    }
}

impl ErasedRelation {
    /// The query for those of the owner's that `asked` finds.
    pub async fn narrow(&self, asked: Filter) -> Result<Narrowed> {
        let plain = asked == Filter::ALL;
        let asked = scope::above(self.scope(), asked);
        let unordered = asked.order.is_empty() && asked.near.is_none();
        let mut items = None;
        let (belonging, ids) = match self.held() {
            Held::ByTargets => (self.of_owner(), None),
            Held::ByJoin(join) => {
                let ids = join.targets().await?;
                let linked = Condition::of_ids(self.target.def(), &ids);
                (linked, (plain && unordered).then_some(ids))
            }
            Held::ByOwner(list) => {
                let ids = unordered.then(|| list.ids().to_vec());
                (list.linked(), ids)
            }
            Held::Within(embedded) => {
                items = Some(embedded.items());
                (Condition::ALL, None)
            }
        };
        Ok(Narrowed {
            filter: Filter {
                condition: belonging.and(asked.condition),
                ..asked
            },
            order: ids,
            items,
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
            Held::Within(embedded) => {
                let items = embedded.items();
                let found = items.iter().filter(|item| condition.matches(item));
                Ok(found.count() as u64)
            }
        }
    }

    pub async fn create(&self, record: Record) -> Result<Record> {
        let record = self.own(record);
        match self.held() {
            Held::ByTargets => self.target.create(record).await,
            Held::ByJoin(join) => join.create(record).await,
            Held::ByOwner(list) => list.create(record).await,
            Held::Within(embedded) => embedded.create(record).await,
        }
    }

    /// Creates each record by itself.
    pub async fn create_many(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        create_each(records, |record| self.create(record)).await
    }

    /// Creates all records or none, in a transaction.
    pub async fn create_all_or_none(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        let apart = match self.held() {
            Held::ByTargets | Held::Within(_) => false,
            Held::ByJoin(join) => !join.shares_transactions(),
            Held::ByOwner(list) => !list.shares_transactions(),
        };
        if apart {
            let message = "What holds the links is in another data source, and can't be changed together with a list as a whole; leave \"atomic\" out";
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
        match self.held() {
            Held::ByTargets => self.target.delete_all(&self.belonging()).await,
            Held::ByJoin(join) => join.delete_all().await,
            Held::ByOwner(list) => list.delete_all().await,
            Held::Within(embedded) => embedded.delete_all().await,
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
            Held::Within(embedded) => return embedded.find_by_id(id),
        };
        let found = self.target.find_one(&Filter::matching(condition)).await?;
        found.ok_or_else(|| no_instance_with(self.target.def(), id))
    }

    pub async fn update_by_id(&self, id: &Value, changes: Record) -> Result<Record> {
        if let Some(embedded) = self.embedded() {
            return embedded.update_by_id(id, changes).await;
        }
        let current = self.primary().find_by_id(id).await?;
        self.change(current, changes).await
    }

    /// Changes all that `condition` finds, without validation.
    pub async fn update_all(&self, condition: Condition, mut changes: Record) -> Result<u64> {
        self.keep_key(&mut changes)?;
        if self.embedded().is_some() {
            let message = "What is kept within its owner is changed one by one; call `update`";
            return Err(Error::new(400, message).with_code("EMBEDDED"));
        }
        let found = self.narrow(Filter::matching(condition)).await?;
        self.target
            .update_all(&found.filter.condition, changes)
            .await
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
            Held::Within(embedded) => embedded.destroy_by_id(id).await,
        }
    }

    // Links

    /// Links the owner with `created`, where a model between the two holds them together.
    pub async fn link_created(&self, created: &Record) -> Result<()> {
        match self.join() {
            Some(join) => {
                let id = self.target.def().id_of(created);
                join.link(&id, Record::new(join.def())).await.map(drop)
            }
            None => Ok(()),
        }
    }

    /// Links the owner with the instance that has this id. Returns the link where a model between the two keeps it: a new one
    /// with `data`, or the one that is there; otherwise the instance.
    pub async fn link(&self, id: &Value, data: Record) -> Result<Record> {
        let primary = self.primary();
        match primary.held() {
            Held::ByTargets | Held::Within(_) => Err(self.no_links()),
            Held::ByJoin(join) => join.link(id, data).await,
            Held::ByOwner(list) => list.link(id).await,
        }
    }

    pub async fn unlink(&self, id: &Value) -> Result<()> {
        match self.held() {
            Held::ByTargets | Held::Within(_) => Err(self.no_links()),
            Held::ByJoin(join) => join.unlink(id).await,
            Held::ByOwner(list) => list.unlink(id).await,
        }
    }

    pub async fn is_linked(&self, id: &Value) -> Result<bool> {
        match self.held() {
            Held::ByTargets | Held::Within(_) => Err(self.no_links()),
            Held::ByJoin(join) => Ok(join.first(id).await?.is_some()),
            Held::ByOwner(list) => Ok(list.contains(id)),
        }
    }

    fn no_links(&self) -> Error {
        let message = format!(
            "the relation {} has no links beside its targets",
            self.def().name
        );
        Error::new(400, message).with_code("NO_LINK")
    }

    fn held(&self) -> Held<'_> {
        if let Some(join) = self.join() {
            Held::ByJoin(join)
        } else if let Some(list) = self.references() {
            Held::ByOwner(list)
        } else if let Some(embedded) = self.embedded() {
            Held::Within(embedded)
        } else {
            Held::ByTargets
        }
    }
}

/// Who holds the keys by which the owner and its targets belong together? Targets within their owner need none.
enum Held<'a> {
    ByTargets,
    ByJoin(Join<'a>),
    ByOwner(References<'a>),
    Within(Embedded<'a>),
}
