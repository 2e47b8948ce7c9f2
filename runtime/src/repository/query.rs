//! A query put together step by step.

use std::marker::PhantomData;

use futures_util::future::BoxFuture;

use super::{ErasedRelation, ErasedRepository, Narrowed, typed};
use crate::Result;
use crate::model::{Model, Record};
use crate::query::{Condition, Cursor, Filter, Include, Near, Order, Page, Window};

/// A query over the instances of `M`, from [`Repository::find`](super::Repository::find) or
/// [`HasManyRepository::find`](super::HasManyRepository::find).
#[must_use = "a query does nothing until `all`, `one` or `count` is awaited"]
pub struct Query<M> {
    erased: ErasedQuery,
    model: PhantomData<fn() -> M>,
}

/// The query without the type of its instances. It is compiled once, and so are its futures, which are boxed for that: the
/// futures of each model would hold them otherwise.
struct ErasedQuery {
    repository: ErasedRepository,
    /// What the query is narrowed to.
    relation: Option<ErasedRelation>,
    filter: Filter,
}

impl ErasedQuery {
    async fn narrowed(self) -> Result<(ErasedRepository, Narrowed)> {
        let narrowed = match &self.relation {
            Some(relation) => relation.refreshed().await?.narrow(self.filter).await?,
            None => Narrowed::all(self.filter),
        };
        Ok((self.repository, narrowed))
    }

    fn find(self, at_most: Option<u64>) -> BoxFuture<'static, Result<Vec<Record>>> {
        Box::pin(async move {
            let (repository, mut narrowed) = self.narrowed().await?;
            narrowed.filter.limit = at_most.or(narrowed.filter.limit);
            narrowed.find(&repository).await
        })
    }

    fn page(self, window: Window) -> BoxFuture<'static, Result<Page<Record>>> {
        Box::pin(async move {
            let (repository, narrowed) = self.narrowed().await?;
            narrowed.find_page(&repository, window).await
        })
    }

    fn count(self) -> BoxFuture<'static, Result<u64>> {
        Box::pin(async move {
            let (repository, narrowed) = self.narrowed().await?;
            narrowed.count(&repository).await
        })
    }
}

impl<M: Model> Query<M> {
    pub(super) fn new(repository: ErasedRepository, condition: Condition) -> Self {
        let erased = ErasedQuery {
            repository,
            relation: None,
            filter: Filter::matching(condition),
        };
        Query {
            erased,
            model: PhantomData,
        }
    }

    /// A query over what belongs to one instance.
    pub(super) fn of_relation(relation: ErasedRelation) -> Self {
        let erased = ErasedQuery {
            repository: relation.target().clone(),
            relation: Some(relation),
            filter: Filter::ALL,
        };
        Query {
            erased,
            model: PhantomData,
        }
    }

    /// Only instances that fulfil `condition`, besides all conditions before.
    pub fn filter(mut self, condition: Condition) -> Self {
        self.erased.filter.condition =
            std::mem::take(&mut self.erased.filter.condition).and(condition);
        self
    }

    /// Only instances around a point, the nearest first, whatever the order: `CoffeeShop::LOCATION.near(point)`.
    pub fn near(mut self, near: Near) -> Self {
        self.erased.filter.near = Some(near);
        self
    }

    /// In this order; a second call orders what is equal by the first.
    pub fn order(mut self, order: Order) -> Self {
        self.erased.filter.order.push(order);
        self
    }

    /// At most `limit` instances.
    pub fn limit(mut self, limit: u64) -> Self {
        self.erased.filter.limit = Some(limit);
        self
    }

    /// Without the first `skip` instances.
    pub fn skip(mut self, skip: u64) -> Self {
        self.erased.filter.skip = skip;
        self
    }

    /// With the instances of a relation: `CoffeeShop::REVIEWS`, or `CoffeeShop::REVIEWS.with(…)` to narrow them.
    pub fn include(mut self, include: impl Into<Include>) -> Self {
        self.erased.filter.include.push(include.into());
        self
    }

    /// Every instance that the query finds.
    ///
    /// # Errors
    /// The data source failed, or holds a row that doesn't fit the struct.
    pub async fn all(self) -> Result<Vec<M>> {
        typed::instances(self.erased.find(None).await?)
    }

    /// The first instance that the query finds.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn one(self) -> Result<Option<M>> {
        let records = self.erased.find(Some(1)).await?;
        typed::possible(records.into_iter().next())
    }

    /// A part of what the query finds: [`limit`](Self::limit) instances each. Unlike with [`skip`](Self::skip), no instance
    /// is missed or seen twice when others come and go in between.
    ///
    /// ```
    /// use loopwright::prelude::*;
    /// use loopwright::query::Window;
    ///
    /// #[derive(Model)]
    /// #[acl(open)]
    /// struct Shop {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     name: String,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> loopwright::Result<()> {
    /// # let app = App::new().data_source("db", "memory:").models::<(Shop,)>().build().await?;
    /// let shops = app.repository::<Shop>()?;
    /// # for name in ["Aroma", "Bel", "Coffee"] {
    /// #     shops.create(Shop { id: 0, name: name.into() }).await?;
    /// # }
    /// let query = || shops.find().order(Shop::NAME.asc()).limit(2);
    /// let first = query().page(Window::After(None)).await?;
    /// assert_eq!((first.items.len(), first.previous), (2, None));
    /// let second = query().page(Window::After(first.next)).await?;
    /// assert_eq!((second.items[0].name.as_str(), second.next), ("Coffee", None));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`all`](Self::all), and 400 for a query by [`near`](Self::near), with `skip`, or in an order of what is within a
    /// property.
    pub async fn page(self, window: Window) -> Result<Page<M>> {
        let page = self.erased.page(window).await?;
        Ok(Page {
            items: typed::instances(page.items)?,
            previous: page.previous,
            next: page.next,
        })
    }

    /// The cursor that a client has sent as text, for this query's order.
    ///
    /// # Errors
    /// 400 when it is none.
    pub fn cursor(&self, text: &str) -> Result<Cursor> {
        Cursor::parse(M::DEF, &self.erased.filter, text)
    }

    /// How many instances the query's conditions find; nearness, order, limit and skip don't matter.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn count(self) -> Result<u64> {
        self.erased.count().await
    }
}
