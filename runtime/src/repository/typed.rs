//! The typed face of the pipeline: convert, call the erased operation, convert back.

use std::marker::PhantomData;

use super::{ErasedRelation, ErasedRepository, Query, no_instance};
use crate::model::{Model, Property, Record, RelationField};
use crate::query::{Condition, Filter, Relation};
use crate::{Error, Result};

/// The instances of the model `M` in its data source, from
/// [`Application::repository`](crate::boot::Application::repository).
///
/// Every call passes the pipeline that requests pass: defaults, validation, the data source. What the access rules say
/// is not asked: code of the application acts for the application.
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model, Debug)]
/// #[acl(open)]
/// struct Shop {
///     #[model(id, generated)]
///     id: i64,
///     name: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// let app = App::new().data_source("db", "sqlite::memory:").models::<(Shop,)>().build().await?;
/// let shops = app.repository::<Shop>()?;
///
/// let shop = shops.create(Shop { id: 0, name: "Bel Café".into() }).await?;
/// assert_eq!(shop.id, 1);
///
/// let found = shops.find().filter(Shop::NAME.like("Bel%")).all().await?;
/// assert_eq!(found.len(), 1);
/// # Ok(())
/// # }
/// ```
pub struct Repository<M> {
    erased: ErasedRepository,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Repository<M> {
    fn clone(&self) -> Self {
        Repository {
            erased: self.erased.clone(),
            model: PhantomData,
        }
    }
}

impl<M: Model> Repository<M> {
    pub(crate) fn new(erased: ErasedRepository) -> Self {
        Repository {
            erased,
            model: PhantomData,
        }
    }

    /// The same instances, read where they are written: where a data source has replicas, what is found may otherwise
    /// miss the last writes. A read whose result is to be written back belongs here, or better into a transaction.
    #[must_use]
    pub fn primary(&self) -> Self {
        Repository::new(self.erased.primary())
    }

    /// A query over all instances.
    pub fn find(&self) -> Query<M> {
        Query::new(self.erased.clone(), Condition::ALL)
    }

    /// The instance with this id, if there is one.
    ///
    /// # Errors
    /// The data source failed, or holds a row that doesn't fit the struct.
    pub async fn find_by_id(&self, id: M::Id) -> Result<Option<M>> {
        self.erased
            .find_by_id(&id.into_value(), &Filter::ALL)
            .await?
            .map(instance)
            .transpose()
    }

    /// Is there an instance with this id?
    ///
    /// # Errors
    /// The data source failed.
    pub async fn exists(&self, id: M::Id) -> Result<bool> {
        self.erased.exists(&id.into_value()).await
    }

    /// How many instances fulfil `condition`; [`Condition::ALL`] counts every one.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn count(&self, condition: Condition) -> Result<u64> {
        self.erased.count(&condition).await
    }

    /// Stores a new instance and returns it with its id. A generated id that is blank (`0`, `""`, the nil UUID) is
    /// replaced by a fresh one.
    ///
    /// # Errors
    /// 422 when a rule is broken, 409 when the id is taken, or the data source failed.
    pub async fn create(&self, new: M) -> Result<M> {
        instance(self.erased.create(new.into_record()).await?)
    }

    /// Replaces the stored instance that has this one's id.
    ///
    /// # Errors
    /// 422 when a rule is broken, 404 when there is no such instance, or the data source failed.
    pub async fn replace(&self, changed: M) -> Result<M> {
        let id = changed.id().clone().into_value();
        instance(
            self.erased
                .replace_by_id(&id, changed.into_record())
                .await?,
        )
    }

    /// Deletes the instance with this id. False when there was none.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn delete_by_id(&self, id: M::Id) -> Result<bool> {
        Ok(self.erased.delete_by_id(&id.into_value()).await? > 0)
    }

    /// Deletes every instance that fulfils `condition`, and returns how many.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn delete_all(&self, condition: Condition) -> Result<u64> {
        self.erased.delete_all(&condition).await
    }

    /// What belongs to `owner` by a relation, as in `shops.related(&shop, CoffeeShop::REVIEWS)`.
    ///
    /// # Errors
    /// 404 when `owner` is not stored.
    pub async fn related<R: RelationField>(
        &self,
        owner: &M,
        relation: Relation<M, R>,
    ) -> Result<Related<R::Target>> {
        let id = owner.id().clone().into_value();
        let owner = self.erased.load(&id).await?;
        Ok(Related {
            erased: ErasedRelation::new(&self.erased, &owner, relation.index()),
            model: PhantomData,
        })
    }
}

/// The instances of `T` that belong to one owner, from [`Repository::related`].
pub struct Related<T> {
    erased: ErasedRelation,
    model: PhantomData<fn() -> T>,
}

impl<T: Model> Related<T> {
    /// A query over what belongs to the owner.
    pub fn find(&self) -> Query<T> {
        Query::new(self.erased.target().clone(), self.erased.belonging())
    }

    /// The related instance with this id.
    ///
    /// # Errors
    /// 404 when it does not belong to the owner, or the data source failed.
    pub async fn find_by_id(&self, id: T::Id) -> Result<T> {
        let id = id.into_value();
        let found = self
            .find()
            .filter(Condition::equal(T::DEF.id_index(), id.clone()))
            .one()
            .await?;
        found.ok_or_else(|| no_instance(T::DEF, &id.to_text()))
    }

    /// Stores a new instance as one of the owner's, whatever its foreign key says.
    ///
    /// # Errors
    /// As [`Repository::create`].
    pub async fn create(&self, new: T) -> Result<T> {
        instance(self.erased.create(new.into_record()).await?)
    }

    /// Deletes everything that belongs to the owner, and returns how many that were.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn delete_all(&self) -> Result<u64> {
        self.erased.delete_all().await
    }
}

/// The typed instance of a record out of the data source.
pub(super) fn instance<M: Model>(mut record: Record) -> Result<M> {
    M::from_record(&mut record).map_err(|error| {
        let property = M::DEF
            .properties
            .get(error.index)
            .map_or("?", |property| property.name);
        Error::internal(format!(
            "the property \"{property}\" of a stored {} {}",
            M::DEF.name,
            error.message
        ))
    })
}
