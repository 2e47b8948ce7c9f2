//! The typed face of the pipeline: convert, call the erased operation, convert back.

use std::marker::PhantomData;

use super::{ErasedRelation, ErasedRepository, Options, Patch, Query, no_instance};
use crate::model::{
    Mixin, Model, ModelDef, ModelId, Place, Record, RelationField, RelationKind, id_text,
};
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

    /// The same instances, with rules that are asked, or not, whatever the model says: `#[model(automatic_validation)]` and
    /// `#[model(validate_upsert)]`. What is no `Option` has a value all the same.
    #[must_use]
    pub fn with_validation(&self, validation: bool) -> Self {
        Repository::new(self.erased.with_validation(validation))
    }

    /// The same instances with those that the default scopes leave out, such as what a
    /// [`SoftDelete`](crate::mixins::SoftDelete) has kept.
    #[must_use]
    pub fn unscoped(&self) -> Self {
        Repository::new(self.erased.unscoped())
    }

    /// The same instances, whose operations tell their hooks this beside the data.
    #[must_use]
    pub fn with_options(&self, options: Options) -> Self {
        Repository::new(self.erased.clone().with_options(options))
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
            .find_by_id(&id.into_id(), &Filter::ALL)
            .await?
            .map(instance)
            .transpose()
    }

    /// The instances with these ids, in the order of the ids; those that are not there are left out.
    ///
    /// # Errors
    /// The data source failed, or holds a row that doesn't fit the struct.
    pub async fn find_by_ids(&self, ids: impl IntoIterator<Item = M::Id>) -> Result<Vec<M>> {
        let ids = ids.into_iter().map(ModelId::into_id).collect();
        let found = self.erased.find_by_ids(ids).await?;
        found.into_iter().map(instance).collect()
    }

    /// The first instance that fulfils `condition`, or else a new one. True when it has been created.
    ///
    /// Two calls at once create two, unless a unique property of the new one keeps them apart.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn find_or_create(&self, condition: Condition, new: M) -> Result<(M, bool)> {
        let (record, created) = self
            .erased
            .find_or_create(condition, new.into_record())
            .await?;
        Ok((instance(record)?, created))
    }

    /// Is there an instance with this id?
    ///
    /// # Errors
    /// The data source failed.
    pub async fn exists(&self, id: M::Id) -> Result<bool> {
        self.erased.exists(&id.into_id()).await
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

    /// Stores new instances one by one, each as [`create`](Self::create) does.
    ///
    /// # Errors
    /// 422 when any of them could not be stored; the error's `details` say which, and the others are stored. Within a
    /// [transaction](crate::Application::transaction) it is all or none.
    pub async fn create_all(&self, new: impl IntoIterator<Item = M>) -> Result<Vec<M>> {
        let new = new.into_iter().map(|new| Ok(new.into_record())).collect();
        let created = self.erased.create_many(new).await?;
        created.into_iter().map(instance).collect()
    }

    /// Changes some properties of the instance with this id; the whole is validated.
    ///
    /// ```
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Model)]
    /// #[acl(open)]
    /// struct Shop {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     name: String,
    ///     city: Option<String>,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> loopwright::Result<()> {
    /// # let app = App::new().data_source("db", "memory:").models::<(Shop,)>().build().await?;
    /// let shops = app.repository::<Shop>()?;
    /// let shop = shops.create(Shop { id: 0, name: "Bel".into(), city: Some("Bern".into()) }).await?;
    /// let shop = shops.update(shop.id, Patch::new().set(Shop::CITY, None)).await?;
    /// assert_eq!((shop.name.as_str(), shop.city), ("Bel", None));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// 404 when there is no such instance, 422 when a rule is broken, 400 when the patch has another id, or the data
    /// source failed.
    pub async fn update(&self, id: M::Id, patch: Patch<M>) -> Result<M> {
        let current = self.erased.load(&id.into_id()).await?;
        instance(self.erased.merge(current, patch.record).await?)
    }

    /// Changes some properties of every instance that fulfils `condition`, without validation, and returns how many
    /// these are.
    ///
    /// # Errors
    /// 422 when a property that can't be null is to be, or the data source failed.
    pub async fn update_all(&self, condition: Condition, patch: Patch<M>) -> Result<u64> {
        self.erased.update_all(&condition, patch.record).await
    }

    /// Changes the instance that has the patch's id, or creates one. What breaks a rule is stored and a warning is logged,
    /// unless the model says `#[model(validate_upsert = true)]` (contract *models.md* §9.3).
    ///
    /// # Errors
    /// 422 when the new instance would lack what it can't be without, or the data source failed.
    pub async fn upsert(&self, patch: impl Into<Patch<M>>) -> Result<M> {
        instance(self.erased.upsert(patch.into().record).await?)
    }

    /// Changes the only instance that fulfils `condition`, or creates one when there is none.
    ///
    /// # Errors
    /// 400 when there are several, 422 when a rule is broken, or the data source failed.
    pub async fn upsert_with_where(
        &self,
        condition: Condition,
        patch: impl Into<Patch<M>>,
    ) -> Result<M> {
        let record = patch.into().record;
        instance(self.erased.upsert_with_where(condition, record).await?)
    }

    /// Replaces the instance that has this one's id, or creates it.
    ///
    /// # Errors
    /// 422 when a rule is broken, or the data source failed.
    pub async fn replace_or_create(&self, changed: M) -> Result<M> {
        let record = changed.into_record();
        instance(self.erased.replace_or_create(record).await?)
    }

    /// Replaces the stored instance that has this one's id.
    ///
    /// # Errors
    /// 422 when a rule is broken, 404 when there is no such instance, or the data source failed.
    pub async fn replace(&self, changed: M) -> Result<M> {
        let id = changed.id().into_id();
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
        Ok(self.erased.delete_by_id(&id.into_id()).await? > 0)
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
        let id = owner.id().into_id();
        let owner = self.erased.load(&id).await?;
        Ok(Related {
            erased: ErasedRelation::new(&self.erased, owner, relation.index()),
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
        Query::of_relation(self.erased.clone())
    }

    /// The related instance with this id.
    ///
    /// # Errors
    /// 404 when it does not belong to the owner, or the data source failed.
    pub async fn find_by_id(&self, id: T::Id) -> Result<T> {
        let id = id.into_id();
        let found = self
            .find()
            .filter(Condition::of_id(T::DEF, &id))
            .one()
            .await?;
        found.ok_or_else(|| no_instance(T::DEF, &id_text(&id)))
    }

    /// Does an instance with this id belong to the owner?
    ///
    /// # Errors
    /// The data source failed.
    pub async fn exists(&self, id: T::Id) -> Result<bool> {
        let of_id = Condition::of_id(T::DEF, &id.into_id());
        Ok(self.count(of_id).await? > 0)
    }

    /// How many of the instances that belong to the owner fulfil `condition`.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn count(&self, condition: Condition) -> Result<u64> {
        self.erased.refreshed().await?.count(condition).await
    }

    /// Stores a new instance as one of the owner's, whatever its foreign key says.
    ///
    /// # Errors
    /// 409 when the owner has one and the relation is `has_one`; otherwise as [`Repository::create`].
    pub async fn create(&self, new: T) -> Result<T> {
        let new = new.into_record();
        instance(match self.erased.def().kind {
            RelationKind::HasOne | RelationKind::EmbedsOne => self.erased.create_only(new).await?,
            _ => self.erased.create(new).await?,
        })
    }

    /// Changes some properties of the related instance with this id; the whole is validated.
    ///
    /// # Errors
    /// 404 when it does not belong to the owner, 400 when the patch gives it to another one; otherwise as
    /// [`Repository::update`].
    pub async fn update(&self, id: T::Id, patch: Patch<T>) -> Result<T> {
        instance(
            self.erased
                .refreshed()
                .await?
                .update_by_id(&id.into_id(), patch.record)
                .await?,
        )
    }

    /// Links the owner with the instance that has this id, where links are kept beside the instances: in a model between
    /// the two, or in the owner's list of a `references_many`.
    ///
    /// Two calls at once do not lose each other: the list is read and written in one transaction. In a data source without
    /// transactions the later one fails with 412 if the owner has a `#[model(version)]`, and one of the links is lost
    /// otherwise.
    ///
    /// # Errors
    /// Of a list, 404 when there is no such instance, and 422 when it is in the list already; or the data source failed.
    pub async fn link(&self, id: T::Id) -> Result<()> {
        let data = Record::new(self.erased.join_def().unwrap_or(T::DEF));
        self.erased.link(&id.into_id(), data).await.map(drop)
    }

    /// Takes the link with the instance that has this id away; the instance stays.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn unlink(&self, id: T::Id) -> Result<()> {
        self.erased.unlink(&id.into_id()).await
    }

    /// Deletes the related instance with this id.
    ///
    /// # Errors
    /// 404 when it does not belong to the owner, or the data source failed.
    pub async fn delete_by_id(&self, id: T::Id) -> Result<()> {
        let relation = self.erased.refreshed().await?;
        relation.destroy_by_id(&id.into_id()).await
    }

    /// Deletes everything that belongs to the owner, and returns how many that were.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn delete_all(&self) -> Result<u64> {
        self.erased.refreshed().await?.delete_all().await
    }
}

/// The typed instance of a record out of the data source.
pub(crate) fn instance<M: Model>(mut record: Record) -> Result<M> {
    part(M::DEF, &mut record, Place::START)
}

/// The typed part at `place` of a record of `def` out of the data source.
pub(crate) fn part<M: Mixin>(def: &ModelDef, record: &mut Record, place: Place) -> Result<M> {
    M::from_part(record, place).map_err(|error| {
        let property = def.properties.get(error.index);
        let property = property.map_or("?", |property| property.name);
        Error::internal(format!(
            "the property \"{property}\" of a stored {} {}",
            def.name, error.message
        ))
    })
}
