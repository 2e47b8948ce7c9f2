//! Relations as data, and the struct's fields that hold loaded instances.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Model, ModelDef, Place, PropertyError, Record, Related};
use crate::{Error, Result};

/// What the program knows about one relation.
#[derive(Debug, Clone, Copy)]
pub struct RelationDef {
    /// The name in JSON, includes and paths: `reviews`.
    pub name: &'static str,
    /// Documentation, from the doc comment.
    pub docs: &'static str,
    /// How the two models belong together.
    pub kind: RelationKind,
    target: RelationTarget,
    /// The field that holds the key: on this model for `BelongsTo`, on the target otherwise.
    pub foreign_key: &'static str,
    /// Is the key a foreign key of the database too (of a `BelongsTo` alone, and where both models are in one SQL data
    /// source)? LoopBack never makes one, so it is to be asked for: `#[relation(belongs_to, constraint)]`.
    pub constraint: bool,
    /// What happens to this model's instance when its target is deleted (of a `BelongsTo` alone). Nothing, unless it is
    /// said: LoopBack leaves a key that leads nowhere.
    pub on_delete: Option<OnDelete>,
}

/// How the other model's description is found: two models may point at each other, so neither has the other's.
#[derive(Clone, Copy)]
enum RelationTarget {
    Function(fn() -> &'static ModelDef),
    /// Of descriptions that are made at run time, one after the other.
    Later(&'static OnceLock<&'static ModelDef>),
}

/// What happens to an instance when the one that its key refers to is deleted.
///
/// A foreign key of the database ([`RelationDef::constraint`]) sees to it where there is one. Elsewhere the runtime does,
/// in memory, on MongoDB and from one data source to another, wherever the deletion comes from: REST, a relation, Rust code.
/// Instances that a hook lets stay where they are, as [`SoftDelete`](crate::mixins::SoftDelete) does, are not deleted.
///
/// The runtime finds everything that goes first, whatever default scopes hide, and calls the hooks before a deletion; only
/// if nothing is in the way it writes, those that refer to others first. Within one data source all of it is one
/// transaction, if there are transactions. Two data sources have none in common: what has been deleted in the one stays
/// so when the other one fails then. Who comes to refer to an instance at the very moment of its deletion may be missed; a
/// foreign key of the database misses nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// The other one is not deleted: `on_delete = "restrict"`, and what a `constraint` does unless told otherwise.
    Restrict,
    /// It is deleted too: `on_delete = "cascade"`. Its hooks run and its own dependents are seen to if the runtime deletes
    /// it; a foreign key of the database calls no hooks.
    Cascade,
    /// Its key becomes null: `on_delete = "set null"`. The key has to be an `Option`.
    SetNull,
}

/// How two models belong together (contract *relations.md*).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// This model holds the key of one target.
    BelongsTo,
    /// Many targets hold the key of this model.
    HasMany,
    /// One target holds the key of this model.
    HasOne,
}

/// Where a relation leads as long as nobody has said it: nobody asks before.
static NOWHERE: ModelDef = ModelDef::new("", "", "", &[super::PropertyDef::KEY]).private();

impl std::fmt::Debug for RelationTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the description: it leads back here.
        f.write_str("RelationTarget")
    }
}

impl RelationKind {
    /// The word that declares a relation of this kind.
    pub(super) const fn word(self) -> &'static str {
        match self {
            RelationKind::BelongsTo => "belongs_to",
            RelationKind::HasMany => "has_many",
            RelationKind::HasOne => "has_one",
        }
    }

    /// The type of a field for this kind.
    pub(super) const fn type_name(self) -> &'static str {
        match self {
            RelationKind::BelongsTo => "BelongsTo<...>",
            RelationKind::HasMany => "HasMany<...>",
            RelationKind::HasOne => "HasOne<...>",
        }
    }
}

impl RelationDef {
    /// A relation called `name` to the model that `target` describes, by way of the field `foreign_key`.
    pub const fn new(
        kind: RelationKind,
        name: &'static str,
        target: fn() -> &'static ModelDef,
        foreign_key: &'static str,
    ) -> Self {
        RelationDef {
            name,
            docs: "",
            kind,
            target: RelationTarget::Function(target),
            foreign_key,
            constraint: false,
            on_delete: None,
        }
    }

    /// A relation to the model whose description will be put into `target` before anybody asks for it.
    pub(crate) const fn later(
        kind: RelationKind,
        name: &'static str,
        target: &'static OnceLock<&'static ModelDef>,
        foreign_key: &'static str,
    ) -> Self {
        RelationDef {
            name,
            docs: "",
            kind,
            target: RelationTarget::Later(target),
            foreign_key,
            constraint: false,
            on_delete: None,
        }
    }

    /// The other model.
    pub fn target(&self) -> &'static ModelDef {
        match self.target {
            RelationTarget::Function(target) => target(),
            RelationTarget::Later(target) => target.get().copied().unwrap_or(&NOWHERE),
        }
    }

    /// The relation with a foreign key in the database, which refuses to delete the target unless
    /// [`on_delete`](Self::on_delete) says otherwise.
    #[must_use]
    pub const fn constraint(mut self) -> Self {
        self.constraint = true;
        if self.on_delete.is_none() {
            self.on_delete = Some(OnDelete::Restrict);
        }
        self
    }

    /// The relation with what happens to this model's instance when its target is deleted.
    #[must_use]
    pub const fn on_delete(mut self, on_delete: OnDelete) -> Self {
        self.on_delete = Some(on_delete);
        self
    }

    /// The relation with documentation.
    #[must_use]
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }
}

/// A field that holds the loaded data of a relation: [`BelongsTo`], [`HasMany`] and [`HasOne`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation field",
    label = "not a relation field",
    note = "a relation field has the type `BelongsTo<T>`, `HasMany<T>` or `HasOne<T>`"
)]
pub trait RelationField: Default {
    /// The model that the relation leads to.
    type Target: Model;

    /// The kind of relation that the field is for.
    const KIND: RelationKind;

    /// The field's content from included records.
    ///
    /// # Errors
    /// As the target's own conversion.
    fn from_related(related: Related) -> Result<Self, PropertyError>;

    /// What the field holds, as records that can be stored with their owner; nothing, unless there is something.
    ///
    /// # Errors
    /// The field shares it with a clone, and can't give it away.
    fn into_related(self) -> Result<Option<Related>> {
        Ok(None)
    }

    // As for `Property`: generated code says `<R as RelationField>::...`, so that a wrong type is one error.

    #[doc(hidden)]
    const TARGET: fn() -> &'static ModelDef = || <Self::Target as Model>::DEF;

    #[doc(hidden)]
    const TARGET_DEF: &'static ModelDef = <Self::Target as Model>::DEF;

    #[doc(hidden)]
    fn take_from(record: &mut Record, index: usize) -> Result<Self, PropertyError> {
        record.take_related(index)
    }

    #[doc(hidden)]
    fn put_into(&mut self, record: &mut Record, index: usize) -> Result<()> {
        if let Some(related) = std::mem::take(self).into_related()? {
            record.set_related(index, related);
        }
        Ok(())
    }
}

/// The definition behind a relation's target, as a function for [`RelationDef::new`]: two models that point at each
/// other can't be evaluated before each other.
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
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.loaded().serialize(serializer)
            }
        }

        impl<'de, T: Deserialize<'de> + Send + Sync + 'static> Deserialize<'de> for $name<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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

// Not by the macro: the compiler shows these lines to those who mistake something else for a relation.

impl<T: Model> RelationField for BelongsTo<T> {
    type Target = T;
    const KIND: RelationKind = RelationKind::BelongsTo;

    fn from_related(related: Related) -> Result<Self, PropertyError> {
        Ok(instances(related)?.into_iter().next().into())
    }

    fn into_related(self) -> Result<Option<Related>> {
        one::<T>(self.loaded)
    }
}

impl<T: Model> RelationField for HasOne<T> {
    type Target = T;
    const KIND: RelationKind = RelationKind::HasOne;

    fn from_related(related: Related) -> Result<Self, PropertyError> {
        Ok(instances(related)?.into_iter().next().into())
    }

    fn into_related(self) -> Result<Option<Related>> {
        one::<T>(self.loaded)
    }
}

impl<T: Model> RelationField for HasMany<T> {
    type Target = T;
    const KIND: RelationKind = RelationKind::HasMany;

    fn from_related(related: Related) -> Result<Self, PropertyError> {
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

fn instances<T: Model>(related: Related) -> Result<Vec<T>, PropertyError> {
    let records: Vec<Record> = match related {
        Related::One(record) => record.map(|record| *record).into_iter().collect(),
        Related::Many(records) => records,
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
