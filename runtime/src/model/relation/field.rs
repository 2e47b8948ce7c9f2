//! The struct's fields that hold loaded instances.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AnyModel, NOWHERE, RelationKind};
use crate::model::property_def::UnnamedProperty;
use crate::model::{Model, ModelDef, Place, PropertyError, Record, Related};
use crate::{Error, Result};

/// A field that holds the loaded data of a relation: [`BelongsTo`], [`HasMany`], [`HasOne`],
/// [`ReferencesMany`], [`EmbedsOne`](super::EmbedsOne) and [`EmbedsMany`](super::EmbedsMany).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation field",
    label = "not a relation field",
    note = "a relation field has the type `BelongsTo<T>`, `HasMany<T>`, `HasOne<T>`, `ReferencesMany<T>`, `EmbedsOne<T>` or `EmbedsMany<T>`"
)]
pub trait RelationField: Default {
    /// What the relation leads to: a model, or [`AnyModel`].
    type Target;

    /// The kind of relation that the field is for.
    const KIND: RelationKind;

    /// The field's content from included records.
    ///
    /// # Errors
    /// As the target's own conversion.
    fn from_related(related: Related) -> std::result::Result<Self, PropertyError>;

    /// What the field holds, as records that can be stored with their owner; nothing, unless there is something.
    ///
    /// # Errors
    /// The field shares it with a clone, and can't give it away.
    fn into_related(self) -> Result<Option<Related>> {
        Ok(None)
    }

    // As for `Property`: generated code says `<R as RelationField>::...`, so that a wrong type is one error.

    #[doc(hidden)]
    const TARGET: fn() -> &'static ModelDef;

    #[doc(hidden)]
    const TARGET_DEF: &'static ModelDef;

    #[doc(hidden)]
    fn take_from(record: &mut Record, index: usize) -> std::result::Result<Self, PropertyError> {
        record.take_related(index)
    }

    #[doc(hidden)]
    fn move_into(&mut self, record: &mut Record, index: usize) -> Result<()> {
        if let Some(related) = std::mem::take(self).into_related()? {
            record.set_related(index, related);
        }
        Ok(())
    }

    // What is kept within its owner is a property of it, and the only one that is asked for these. They are not those of
    // `Property`, so that about a type that is no model the compiler has one thing to say.

    #[doc(hidden)]
    const PROPERTY: UnnamedProperty = UnnamedProperty::of::<bool>();

    #[doc(hidden)]
    fn put_into(record: &mut Record, index: usize, value: Self) {
        let _ = (record, index, value);
    }
}

/// The definition behind a relation's target, as a function for [`RelationDef::new`](super::RelationDef::new): two models
/// that point at each other can't be evaluated before each other.
pub const fn target<R: RelationField>() -> fn() -> &'static ModelDef {
    R::TARGET
}

macro_rules! relation_field {
    ($(#[$docs:meta])* $name:ident, $loaded:ty, $get:ident -> $got:ty, $to:expr) => {
        $(#[$docs])*
        pub struct $name<T> {
            // Without its type: whether a model may be sent to another thread, the compiler would find out by walking
            // through all models that relations lead to, and gives up on a large database.
            loaded: Option<Arc<dyn Any + Send + Sync>>,
            of: PhantomData<fn() -> T>,
        }

        impl<T> Default for $name<T> {
            fn default() -> Self {
                $name { loaded: None, of: PhantomData }
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                $name { loaded: self.loaded.clone(), of: PhantomData }
            }
        }

        impl<T: fmt::Debug + 'static> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("loaded", &self.loaded()).finish()
            }
        }

        impl<T: PartialEq + 'static> PartialEq for $name<T> {
            fn eq(&self, other: &Self) -> bool {
                self.loaded() == other.loaded()
            }
        }

        impl<T: Send + Sync + 'static> From<$loaded> for $name<T> {
            /// The relation as if it had been loaded.
            fn from(loaded: $loaded) -> Self {
                $name { loaded: Some(Arc::new(loaded)), of: PhantomData }
            }
        }

        impl<T> $name<T> {
            /// Has the relation been loaded with its owner?
            pub fn is_loaded(&self) -> bool {
                self.loaded.is_some()
            }

            /// The opposite of [`is_loaded`](Self::is_loaded), for `#[serde(skip_serializing_if = "…")]`.
            pub fn is_not_loaded(&self) -> bool {
                self.loaded.is_none()
            }

        }

        impl<T: 'static> $name<T> {
            /// What was loaded, or nothing when the relation was not included in the query.
            pub fn $get(&self) -> $got {
                self.loaded().map($to).unwrap_or_default()
            }

            fn loaded(&self) -> Option<&$loaded> {
                self.loaded.as_deref().and_then(<dyn Any + Send + Sync>::downcast_ref)
            }
        }

        impl<T: Serialize + 'static> Serialize for $name<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                self.loaded().serialize(serializer)
            }
        }

        impl<'de, T: Deserialize<'de> + Send + Sync + 'static> Deserialize<'de> for $name<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let loaded: Option<$loaded> = Option::deserialize(deserializer)?;
                Ok(loaded.map_or_else(Self::default, Self::from))
            }
        }
    };
}

relation_field!(
    /// The one instance whose key this model holds.
    ///
    /// Empty until a query includes the relation.
    BelongsTo, Option<T>, get -> Option<&T>, Option::as_ref
);
relation_field!(
    /// The one instance that holds this model's key.
    ///
    /// Empty until a query includes the relation.
    HasOne, Option<T>, get -> Option<&T>, Option::as_ref
);
relation_field!(
    /// The instances that hold this model's key.
    ///
    /// Empty until a query includes the relation.
    HasMany, Vec<T>, get -> &[T], Vec::as_slice
);
relation_field!(
    /// The instances whose keys this model holds, in a list that has an order (contract *relations.md* §5.4).
    ///
    /// Empty until a query includes the relation.
    ///
    /// ```
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Model, Default)]
    /// #[acl(open)]
    /// struct Account {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     name: String,
    /// }
    ///
    /// #[derive(Model, Default)]
    /// #[acl(open)]
    /// struct Customer {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     account_ids: Vec<i64>,
    ///     #[relation(references_many)]
    ///     accounts: ReferencesMany<Account>,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> loopwright::Result<()> {
    /// # let app = App::new().data_source("db", "memory:").models::<(Account, Customer)>().build().await?;
    /// let customers = app.repository::<Customer>()?;
    /// let customer = customers.create(Customer::default()).await?;
    /// let accounts = customers.related(&customer, Customer::ACCOUNTS).await?;
    /// let account = accounts.create(Account { id: 0, name: "Savings".into() }).await?;
    /// let customer = customers.find().include(Customer::ACCOUNTS).one().await?;
    /// # let customer = customer.unwrap_or_default();
    /// assert_eq!(customer.account_ids, [account.id]);
    /// assert_eq!(customer.accounts.get()[0].name, "Savings");
    /// # Ok(())
    /// # }
    /// ```
    ReferencesMany, Vec<T>, get -> &[T], Vec::as_slice
);

// Not by the macro: the compiler shows these lines to those who mistake something else for a relation.

impl<T: Model> RelationField for BelongsTo<T> {
    type Target = T;
    const KIND: RelationKind = RelationKind::BelongsTo;
    const TARGET: fn() -> &'static ModelDef = || T::DEF;
    const TARGET_DEF: &'static ModelDef = T::DEF;

    fn from_related(related: Related) -> std::result::Result<Self, PropertyError> {
        Ok(instances(related)?.into_iter().next().into())
    }

    fn into_related(self) -> Result<Option<Related>> {
        one::<T>(self.loaded)
    }
}

impl<T: Model> RelationField for HasOne<T> {
    type Target = T;
    const KIND: RelationKind = RelationKind::HasOne;
    const TARGET: fn() -> &'static ModelDef = || T::DEF;
    const TARGET_DEF: &'static ModelDef = T::DEF;

    fn from_related(related: Related) -> std::result::Result<Self, PropertyError> {
        Ok(instances(related)?.into_iter().next().into())
    }

    fn into_related(self) -> Result<Option<Related>> {
        one::<T>(self.loaded)
    }
}

impl<T: Model> RelationField for HasMany<T> {
    type Target = T;
    const KIND: RelationKind = RelationKind::HasMany;
    const TARGET: fn() -> &'static ModelDef = || T::DEF;
    const TARGET_DEF: &'static ModelDef = T::DEF;

    fn from_related(related: Related) -> std::result::Result<Self, PropertyError> {
        Ok(instances(related)?.into())
    }

    fn into_related(self) -> Result<Option<Related>> {
        let Some(loaded) = given::<Vec<T>, T>(self.loaded)? else {
            return Ok(None);
        };
        let records: Result<_> = loaded.into_iter().map(whole_record).collect();
        Ok(Some(Related::Many(records?)))
    }
}

impl<T: Model> RelationField for ReferencesMany<T> {
    type Target = T;
    const KIND: RelationKind = RelationKind::ReferencesMany;
    const TARGET: fn() -> &'static ModelDef = || T::DEF;
    const TARGET_DEF: &'static ModelDef = T::DEF;

    fn from_related(related: Related) -> std::result::Result<Self, PropertyError> {
        Ok(instances(related)?.into())
    }
}

impl RelationField for BelongsTo<AnyModel> {
    type Target = AnyModel;
    const KIND: RelationKind = RelationKind::BelongsTo;
    const TARGET: fn() -> &'static ModelDef = || &NOWHERE;
    const TARGET_DEF: &'static ModelDef = &NOWHERE;

    fn from_related(related: Related) -> std::result::Result<Self, PropertyError> {
        Ok(match related {
            Related::Any(any) => any.map(|any| *any).into(),
            Related::One(_) | Related::Many(_) => Self::default(),
        })
    }
}

pub(super) fn instances<T: Model>(related: Related) -> std::result::Result<Vec<T>, PropertyError> {
    let records: Vec<Record> = match related {
        Related::One(record) => record.map(|record| *record).into_iter().collect(),
        Related::Many(records) => records,
        // Only a field for any model holds one.
        Related::Any(_) => Vec::new(),
    };
    records
        .into_iter()
        .map(|mut record| T::from_record(&mut record))
        .collect()
}

/// What a to-one field of `T` holds, if it holds something.
fn one<T: Model>(loaded: Option<Arc<dyn Any + Send + Sync>>) -> Result<Option<Related>> {
    match given::<Option<T>, T>(loaded)?.flatten() {
        Some(instance) => Ok(Some(Related::One(Some(Box::new(whole_record(instance)?))))),
        None => Ok(None),
    }
}

/// What a relation field of `T` holds, unless a clone of it holds the same.
fn given<L: Any + Send + Sync, T: Model>(
    loaded: Option<Arc<dyn Any + Send + Sync>>,
) -> Result<Option<L>> {
    let Some(loaded) = loaded else {
        return Ok(None);
    };
    let given = loaded.downcast().ok().and_then(Arc::into_inner);
    given.map(Some).ok_or_else(|| {
        Error::internal(format!(
            "a clone of an instance still holds the `{}` that is to be stored with it; hand over the only one",
            T::DEF.name
        ))
    })
}

/// The record of `instance` with all that its relation fields hold.
pub(crate) fn whole_record<M: Model>(mut instance: M) -> Result<Record> {
    let mut related = Record::with_len(0);
    instance.put_related(&mut related, Place::START)?;
    let mut record = instance.into_record();
    for (index, related) in related.take_all_related() {
        record.set_related(index, related);
    }
    Ok(record)
}
