//! The typed face of the pipeline: convert, call the erased operation, convert back.
//!
//! What is generic here is compiled for each model that a program asks for by its type, so it is kept small: the futures of
//! erased operations are boxed, or those of each model would hold them and the compiler would look through them each time.

mod related;

use std::marker::PhantomData;

use futures_util::FutureExt as _;

pub use self::related::{BelongsToRepository, HasManyRepository, HasOneRepository, OfOne, Related};
use super::{ErasedRelation, ErasedRepository, Options, Patch, Query};
use crate::model::{Mixin, Model, ModelDef, ModelId, Place, PropertyError, Record, whole_record};
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
pub struct Repository<M, A = AsSystem> {
    erased: ErasedRepository,
    model: PhantomData<fn() -> (M, A)>,
}

/// On the application's own behalf: no policy about rows holds. From an [`Application`](crate::Application), or by
/// [`as_system`](crate::Context::as_system).
#[derive(Debug, Clone, Copy)]
pub enum AsSystem {}

/// On behalf of whoever calls: what is found, changed and deleted is what the policies of the models let that caller find,
/// change and delete. From the context of a remote method or a hook. What no request has begun is the application's own.
#[derive(Debug, Clone, Copy)]
pub enum AsCaller {}

impl<M, A> Clone for Repository<M, A> {
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
            erased: erased.on_own_behalf(),
            model: PhantomData,
        }
    }
}

impl<M: Model> Repository<M, AsCaller> {
    pub(crate) fn of_caller(erased: ErasedRepository) -> Self {
        Repository {
            erased: erased.read_by_application(),
            model: PhantomData,
        }
    }
}

impl<M: Model, A> Repository<M, A> {
    /// The same access by other means.
    fn by(erased: ErasedRepository) -> Self {
        Repository {
            erased,
            model: PhantomData,
        }
    }

    /// The same instances, read where they are written: where a data source has replicas, what is found may otherwise
    /// miss the last writes. A read whose result is to be written back belongs here, or better into a transaction.
    #[must_use]
    pub fn primary(&self) -> Self {
        Repository::by(self.erased.primary())
    }

    /// The same instances, with rules that are asked, or not, whatever the model says: `#[model(automatic_validation)]` and
    /// `#[model(validate_upsert)]`. What is no `Option` has a value all the same.
    #[must_use]
    pub fn with_validation(&self, validation: bool) -> Self {
        Repository::by(self.erased.with_validation(validation))
    }

    /// The same instances with those that the default scopes leave out, such as what a
    /// [`SoftDelete`](crate::mixins::SoftDelete) has kept.
    #[must_use]
    pub fn unscoped(&self) -> Self {
        Repository::by(self.erased.unscoped())
    }

    /// The same instances, whose operations tell their hooks this beside the data.
    #[must_use]
    pub fn with_options(&self, options: Options) -> Self {
        Repository::by(self.erased.clone().with_options(options))
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
        let id = id.into_id();
        possible(self.erased.find_by_id(&id, &Filter::ALL).boxed().await?)
    }

    /// The instances with these ids, in the order of the ids; those that are not there are left out.
    ///
    /// # Errors
    /// The data source failed, or holds a row that doesn't fit the struct.
    pub async fn find_by_ids(&self, ids: impl IntoIterator<Item = M::Id>) -> Result<Vec<M>> {
        let ids = ids.into_iter().map(ModelId::into_id).collect();
        instances(self.erased.find_by_ids(ids).boxed().await?)
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
            .boxed()
            .await?;
        Ok((instance(record)?, created))
    }

    /// Is there an instance with this id?
    ///
    /// # Errors
    /// The data source failed.
    pub async fn exists(&self, id: M::Id) -> Result<bool> {
        self.erased.exists(&id.into_id()).boxed().await
    }

    /// How many instances fulfil `condition`; [`Condition::ALL`] counts every one.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn count(&self, condition: Condition) -> Result<u64> {
        self.erased.count(&condition).boxed().await
    }

    /// Stores a new instance and returns it with its id; what its relation fields hold is left out. A generated id that is blank (`0`, `""`, the nil UUID) is
    /// replaced by a fresh one.
    ///
    /// # Errors
    /// 422 when a rule is broken, 409 when the id is taken, or the data source failed.
    pub async fn create(&self, new: M) -> Result<M> {
        instance(self.erased.create(new.into_record()).boxed().await?)
    }

    /// Stores a new instance together with those that its relation fields hold, and theirs in turn: all of them, or none.
    /// Returns it with what belongs to it.
    ///
    /// All of them are new. What their keys refer to is stored first, so that keys need not be set: the relations set
    /// them. Each one passes the hooks and rules of its own model.
    ///
    /// ```
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Model, Default)]
    /// #[acl(open)]
    /// struct Customer {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     name: String,
    ///     #[relation(has_many)]
    ///     orders: HasMany<Order>,
    /// }
    ///
    /// #[derive(Model, Default)]
    /// #[acl(open)]
    /// struct Order {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     item: String,
    ///     customer_id: i64,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> loopwright::Result<()> {
    /// # let app = App::new().data_source("db", "sqlite::memory:").models::<(Customer, Order)>().build().await?;
    /// let order = |item: &str| Order { item: item.into(), ..Order::default() };
    /// let orders = vec![order("tea"), order("milk")];
    /// let ann = Customer { name: "Ann".into(), orders: orders.into(), ..Customer::default() };
    ///
    /// let ann = app.repository::<Customer>()?.create_with_related(ann).await?;
    /// assert!(ann.orders.get().iter().all(|order| order.customer_id == ann.id));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`create`](Self::create), of any of them. 400 when one of them is kept in another data source, or the data source
    /// has no transactions; 500 when a clone of an instance still holds what is to be stored.
    pub async fn create_with_related(&self, new: M) -> Result<M> {
        instance(self.erased.create(whole_record(new)?).boxed().await?)
    }

    /// Stores new instances one by one, each as [`create`](Self::create) does.
    ///
    /// # Errors
    /// 422 when any of them could not be stored; the error's `details` say which, and the others are stored. Within a
    /// [transaction](crate::Application::transaction) it is all or none.
    pub async fn create_all(&self, new: impl IntoIterator<Item = M>) -> Result<Vec<M>> {
        let new = new.into_iter().map(|new| Ok(new.into_record())).collect();
        instances(self.erased.create_many(new).boxed().await?)
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
        let current = self.erased.load(&id.into_id()).boxed().await?;
        instance(self.erased.merge(current, patch.record).boxed().await?)
    }

    /// Changes some properties of every instance that fulfils `condition`, without validation, and returns how many
    /// these are.
    ///
    /// # Errors
    /// 422 when a property that can't be null is to be, or the data source failed.
    pub async fn update_all(&self, condition: Condition, patch: Patch<M>) -> Result<u64> {
        self.erased
            .update_all(&condition, patch.record)
            .boxed()
            .await
    }

    /// Changes the instance that has the patch's id, or creates one. What breaks a rule is stored and a warning is logged,
    /// unless the model says `#[model(validate_upsert = true)]` (contract *models.md* §9.3).
    ///
    /// # Errors
    /// 422 when the new instance would lack what it can't be without, or the data source failed.
    pub async fn upsert(&self, patch: impl Into<Patch<M>>) -> Result<M> {
        instance(self.erased.upsert(patch.into().record).boxed().await?)
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
        instance(
            self.erased
                .upsert_with_where(condition, record)
                .boxed()
                .await?,
        )
    }

    /// Replaces the instance that has this one's id, or creates it.
    ///
    /// # Errors
    /// 422 when a rule is broken, or the data source failed.
    pub async fn replace_or_create(&self, changed: M) -> Result<M> {
        let record = changed.into_record();
        instance(self.erased.replace_or_create(record).boxed().await?)
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
                .boxed()
                .await?,
        )
    }

    /// Deletes the instance with this id. False when there was none.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn delete_by_id(&self, id: M::Id) -> Result<bool> {
        Ok(self.erased.delete_by_id(&id.into_id()).boxed().await? > 0)
    }

    /// Deletes every instance that fulfils `condition`, and returns how many.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn delete_all(&self, condition: Condition) -> Result<u64> {
        self.erased.delete_all(&condition).boxed().await
    }

    /// What belongs to `owner` by a relation, as in `shops.related(&shop, CoffeeShop::REVIEWS)`: a
    /// [`HasManyRepository`], [`HasOneRepository`] or [`BelongsToRepository`], as the relation's field says.
    ///
    /// # Errors
    /// 404 when `owner` is not stored.
    pub async fn related<R: Related>(
        &self,
        owner: &M,
        relation: Relation<M, R>,
    ) -> Result<R::Repository> {
        let id = owner.id().into_id();
        let owner = self.erased.load(&id).boxed().await?;
        let related = ErasedRelation::new(&self.erased, owner, relation.index());
        Ok(OfOne(related).into())
    }
}

/// The typed instance of a record out of the data source.
pub(crate) fn instance<M: Model>(mut record: Record) -> Result<M> {
    part(M::DEF, &mut record, Place::START)
}

/// That of a record that may be missing.
pub(super) fn possible<M: Model>(record: Option<Record>) -> Result<Option<M>> {
    match record {
        Some(record) => instance(record).map(Some),
        None => Ok(None),
    }
}

/// Those of several. A loop, since the parts of iterators would be compiled for each model.
pub(super) fn instances<M: Model>(records: Vec<Record>) -> Result<Vec<M>> {
    let mut instances = Vec::with_capacity(records.len());
    for record in records {
        instances.push(instance(record)?);
    }
    Ok(instances)
}

/// The typed part at `place` of a record of `def` out of the data source.
pub(crate) fn part<M: Mixin>(def: &ModelDef, record: &mut Record, place: Place) -> Result<M> {
    match M::from_part(record, place) {
        Ok(part) => Ok(part),
        Err(error) => Err(misfit(def, &error)),
    }
}

fn misfit(def: &ModelDef, error: &PropertyError) -> Error {
    let property = def.properties.get(error.index);
    let property = property.map_or("?", |property| property.name);
    Error::internal(format!(
        "the property \"{property}\" of a stored {} {}",
        def.name, error.message
    ))
}
