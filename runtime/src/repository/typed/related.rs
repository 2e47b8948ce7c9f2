//! What belongs to one instance, by the kind of relation (contract *relations.md* §4 and §5).

use std::marker::PhantomData;

use futures_util::FutureExt as _;

use super::instance;
use crate::Result;
use crate::model::{
    AnyModel, BelongsTo, EmbedsMany, EmbedsOne, HasMany, HasOne, Model, ModelId, Record,
    ReferencesMany, RelationField, id_text,
};
use crate::query::Condition;
use crate::repository::{ErasedRelation, Patch, Query, Target, no_instance};

/// A relation field, whose kind says what can be done with that to which it leads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation field",
    label = "not a relation field",
    note = "a relation field has the type `BelongsTo<T>`, `HasOne<T>`, `HasMany<T>`, `ReferencesMany<T>`, `EmbedsOne<T>` or `EmbedsMany<T>`"
)]
pub trait Related: RelationField {
    /// The operations on what belongs to one owner.
    type Repository: From<OfOne>;
}

/// A relation of one owner.
#[doc(hidden)]
pub struct OfOne(pub(super) ErasedRelation);

/// The instance that one owner belongs to, from [`Repository::related`](super::Repository::related) by a `belongs_to`.
pub struct BelongsToRepository<T> {
    erased: ErasedRelation,
    model: PhantomData<fn() -> T>,
}

/// The instance of `T` that belongs to one owner, from [`Repository::related`](super::Repository::related) by a `has_one`
/// or an `embeds_one`.
pub struct HasOneRepository<T> {
    erased: ErasedRelation,
    model: PhantomData<fn() -> T>,
}

/// The instances of `T` that belong to one owner, from [`Repository::related`](super::Repository::related) by a `has_many`,
/// also through another model, a `references_many` or an `embeds_many`.
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model, Clone, Default)]
/// #[acl(open)]
/// struct Physician {
///     #[model(id, generated)]
///     id: i64,
///     #[relation(has_many, through = Appointment)]
///     patients: HasMany<Patient>,
/// }
///
/// #[derive(Model, Clone, Default)]
/// #[acl(open)]
/// struct Patient {
///     #[model(id, generated)]
///     id: i64,
///     name: String,
/// }
///
/// #[derive(Model, Clone, Default)]
/// #[acl(open)]
/// struct Appointment {
///     #[model(id, generated)]
///     id: i64,
///     day: Option<String>,
///     patient_id: i64,
///     physician_id: i64,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// # type All = (Physician, Patient, Appointment);
/// # let app = App::new().data_source("db", "sqlite::memory:").models::<All>().build().await?;
/// let physicians = app.repository::<Physician>()?;
/// let ann = physicians.create(Physician::default()).await?;
/// let patients = physicians.related(&ann, Physician::PATIENTS).await?;
///
/// let zoe = patients.create(Patient { name: "Zoe".into(), ..Patient::default() }).await?;
/// let yan = app.repository::<Patient>()?.create(Patient::default()).await?;
/// let on_monday = Patch::new().set(Appointment::DAY, Some("Monday".into()));
/// let appointment = patients.link_with::<Appointment>(yan.id, on_monday).await?;
/// assert_eq!(appointment.physician_id, ann.id);
/// assert_eq!(patients.find().all().await?.len(), 2);
///
/// patients.unlink(zoe.id).await?;
/// assert!(!patients.exists(zoe.id).await?);
/// # Ok(())
/// # }
/// ```
pub struct HasManyRepository<T> {
    erased: ErasedRelation,
    model: PhantomData<fn() -> T>,
}

macro_rules! of_one {
    ($($field:ident<$target:ty> $([$t:ident])? => $repository:ident;)*) => {
        $(
            impl$(<$t: Model>)? Related for $field<$target> {
                type Repository = $repository<$target>;
            }
        )*
    };
}

of_one! {
    BelongsTo<T> [T] => BelongsToRepository;
    BelongsTo<AnyModel> => BelongsToRepository;
    HasOne<T> [T] => HasOneRepository;
    HasMany<T> [T] => HasManyRepository;
    ReferencesMany<T> [T] => HasManyRepository;
    EmbedsOne<T> [T] => HasOneRepository;
    EmbedsMany<T> [T] => HasManyRepository;
}

macro_rules! from_of_one {
    ($($repository:ident)*) => {
        $(
            impl<T> From<OfOne> for $repository<T> {
                fn from(OfOne(erased): OfOne) -> Self {
                    $repository { erased, model: PhantomData }
                }
            }
        )*
    };
}

from_of_one!(BelongsToRepository HasOneRepository HasManyRepository);

impl<T: Model> BelongsToRepository<T> {
    /// The instance that the owner belongs to; nothing when its key is unset, or leads nowhere.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn get(&self) -> Result<Option<T>> {
        found(self.erased.get().boxed().await?)
    }
}

impl<T: Model> BelongsToRepository<T> {
    /// Stores a new instance, and the owner's key to it.
    ///
    /// Within one data source that has transactions, both or none. Otherwise the new instance stays where the owner is refused.
    ///
    /// # Errors
    /// As [`Repository::create`](super::Repository::create) of the one, and
    /// [`Repository::update`](super::Repository::update) of the other.
    pub async fn create(&self, new: T) -> Result<T> {
        instance(self.erased.create_target(new.into_record()).boxed().await?)
    }
}

impl BelongsToRepository<AnyModel> {
    /// The instance that the owner belongs to; nothing when its key is unset, or leads nowhere.
    ///
    /// # Errors
    /// 404 when the owner does not say of which model it is, or says one that is not there; or the data source failed.
    pub async fn get(&self) -> Result<Option<AnyModel>> {
        Ok(match self.erased.get().boxed().await? {
            Target::Found(def, record) => Some(AnyModel::new(def, record)),
            Target::Unset | Target::Missing => None,
        })
    }
}

impl<T: Model> HasOneRepository<T> {
    /// The instance that belongs to the owner, if there is one.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn get(&self) -> Result<Option<T>> {
        found(self.erased.refreshed().boxed().await?.get().boxed().await?)
    }

    /// A new instance as one of the owner's, whatever its foreign key says; it is not stored.
    ///
    /// # Errors
    /// The owner's key does not fit the struct.
    pub fn build(&self, new: T) -> Result<T> {
        instance(self.erased.own(new.into_record()))
    }

    /// Stores a new instance as the owner's, whatever its foreign key says.
    ///
    /// # Errors
    /// 409 when the owner has one; otherwise as [`Repository::create`](super::Repository::create).
    pub async fn create(&self, new: T) -> Result<T> {
        instance(self.erased.create_only(new.into_record()).boxed().await?)
    }

    /// Changes some properties of the owner's instance; the whole is validated.
    ///
    /// # Errors
    /// 404 when the owner has none, 400 when the patch gives it to another one; otherwise as
    /// [`Repository::update`](super::Repository::update).
    pub async fn update(&self, patch: Patch<T>) -> Result<T> {
        instance(self.erased.update_only(patch.record).boxed().await?)
    }

    /// Deletes the owner's instance.
    ///
    /// # Errors
    /// 404 when the owner has none, or the data source failed.
    pub async fn delete(&self) -> Result<()> {
        self.erased.destroy_only().boxed().await
    }
}

impl<T: Model> HasManyRepository<T> {
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
        let of_id = self.find().filter(Condition::of_id(T::DEF, &id));
        let found = of_id.one().await?;
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
        self.find().filter(condition).count().await
    }

    /// A new instance as one of the owner's, whatever its foreign key says; it is not stored.
    ///
    /// # Errors
    /// The owner's key does not fit the struct.
    pub fn build(&self, new: T) -> Result<T> {
        instance(self.erased.own(new.into_record()))
    }

    /// Stores a new instance as one of the owner's, whatever its foreign key says; through another model, with its link.
    ///
    /// # Errors
    /// As [`Repository::create`](super::Repository::create).
    pub async fn create(&self, new: T) -> Result<T> {
        instance(self.erased.create(new.into_record()).boxed().await?)
    }

    /// Changes some properties of the related instance with this id; the whole is validated.
    ///
    /// # Errors
    /// 404 when it does not belong to the owner, 400 when the patch gives it to another one; otherwise as
    /// [`Repository::update`](super::Repository::update).
    pub async fn update(&self, id: T::Id, patch: Patch<T>) -> Result<T> {
        let id = id.into_id();
        let relation = self.erased.refreshed().boxed().await?;
        instance(relation.update_by_id(&id, patch.record).boxed().await?)
    }

    /// Changes some properties of everything that belongs to the owner and fulfils `condition`, without validation, and
    /// returns how many that were.
    ///
    /// # Errors
    /// 400 when the patch gives them to another owner, or the data source failed.
    pub async fn update_all(&self, condition: Condition, patch: Patch<T>) -> Result<u64> {
        let relation = self.erased.refreshed().boxed().await?;
        relation.update_all(condition, patch.record).boxed().await
    }

    /// Deletes the related instance with this id, and its link when there is one.
    ///
    /// # Errors
    /// 404 when it does not belong to the owner, or the data source failed.
    pub async fn delete_by_id(&self, id: T::Id) -> Result<()> {
        let relation = self.erased.refreshed().boxed().await?;
        relation.destroy_by_id(&id.into_id()).boxed().await
    }

    /// Deletes everything that belongs to the owner, and returns how many that were. Through another model only the links
    /// are deleted; a list of references is emptied.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn delete_all(&self) -> Result<u64> {
        self.erased
            .refreshed()
            .boxed()
            .await?
            .delete_all()
            .boxed()
            .await
    }

    /// Links the owner with the instance that has this id, where links are kept beside the instances: in a model between
    /// the two, or in the owner's list of a `references_many`. A link through a model that is there already stays as it is,
    /// and whether there is such an instance is not asked (contract *relations.md* §5.2).
    ///
    /// Two calls at once link once, as the owner is locked meanwhile; MongoDB locks nothing that is only read, and takes a
    /// unique index over the keys of the model between for it. Nor do they lose each other: a list is read and written in
    /// one transaction. In a data source without
    /// transactions the later one fails with 412 if the owner has a `#[model(version)]`, and one of the links is lost
    /// otherwise.
    ///
    /// # Errors
    /// 400 when the relation has no links. Of a list, 404 when there is no such instance, and 422 when it is in the list
    /// already. Otherwise as [`Repository::create`](super::Repository::create) of the model between the two.
    pub async fn link(&self, id: T::Id) -> Result<()> {
        let link = Record::new(self.erased.join_def().unwrap_or(T::DEF));
        self.erased
            .link(&id.into_id(), link)
            .boxed()
            .await
            .map(drop)
    }

    /// As [`link`](Self::link), where the model between the two is `J`: a new link gets the values of `patch`, and the link
    /// is returned, new or not.
    ///
    /// # Errors
    /// As [`link`](Self::link), and 400 when `J` is another model.
    pub async fn link_with<J: Model>(&self, id: T::Id, patch: Patch<J>) -> Result<J> {
        let join = self.erased.join_def().map(|join| join.name);
        if join != Some(J::DEF.name) {
            let message = match join {
                Some(join) => format!("the links are instances of {join}, not of {}", J::DEF.name),
                None => "the relation goes through no other model".to_owned(),
            };
            return Err(crate::Error::new(400, message).with_code("NO_LINK"));
        }
        instance(
            self.erased
                .link(&id.into_id(), patch.record)
                .boxed()
                .await?,
        )
    }

    /// Removes the links between the owner and the instance that has this id, if there are any; the instance stays.
    ///
    /// # Errors
    /// 400 when the relation has no links, or the data source failed.
    pub async fn unlink(&self, id: T::Id) -> Result<()> {
        self.erased.unlink(&id.into_id()).boxed().await
    }
}

fn found<T: Model>(target: Target) -> Result<Option<T>> {
    match target {
        Target::Found(_, record) => instance(record).map(Some),
        Target::Unset | Target::Missing => Ok(None),
    }
}
