//! What a model is: a constant description, and records that follow it.
//!
//! **Architecture Invariant:** nothing here knows a database, HTTP or the macro that writes the descriptions. A
//! description written by hand works exactly like a derived one.

mod acl;
pub mod check;
mod coercion;
mod def;
mod extra;
mod fresh;
mod geo;
mod hook;
mod id;
mod index;
mod key_value;
mod method;
pub(crate) mod mixin;
mod object_id;
mod policy;
mod property;
mod property_def;
mod property_type;
mod record;
mod record_text;
mod relation;
mod remote;
mod remote_hook;
mod scope;
mod validation;
mod value;

pub use acl::{AccessType, AclDef, Permission, PrincipalDef, PrincipalKind};
pub use coercion::CoercionError;
pub use def::{ModelDef, ModelKind, Strict, UpsertValidation};
pub use extra::Extra;
pub(crate) use extra::kept_undeclared;
pub use geo::{DistanceUnit, GeoPoint};
pub use hook::{HookDef, HookKind};
pub use id::ModelId;
pub(crate) use id::id_text;
pub use index::{CompositeIndexDef, IndexKey};
pub use key_value::KeyValueModel;
pub use method::{MethodDef, MethodsDef, RelationMethodDef};
pub use mixin::{Mixin, MixinDef, Place};
pub use object_id::{ObjectId, ObjectIdError};
pub use policy::{PolicyDef, RowAction};
pub use property::Property;
#[doc(hidden)]
pub use property::{default_value, variant_name, variant_value};
pub use property_def::{DefaultDef, IndexDef, PropertyDef, VersionDef};
pub use property_type::{ObjectDef, PropertyType};
pub use record::{PropertyError, Record, RecordJson, Related};
pub(crate) use record_text::{write_record, write_records};
pub(crate) use relation::whole_record;
pub use relation::{
    AnyModel, BelongsTo, Embedding, EmbedsMany, EmbedsOne, HasMany, HasOne, OnDelete,
    ReferencesMany, RelationDef, RelationField, RelationKind, Through, target,
};
pub use remote::{ArgumentDef, ArgumentSource, RemoteMethodDef, RemoteRoute, RemoteType, Verb};
pub use remote_hook::{RemoteHookDef, RemoteHookKind, RemoteHookMethods};
pub use scope::ScopeDef;
/// Any JSON value, as a property type: `serde_json::Value`.
pub use serde_json::Value as Json;
#[doc(hidden)]
pub use validation::guard;
pub use validation::{Format, Guard, Literal, Rule, RuleDef, Violation};
pub(crate) use validation::{missing, taken, taken_away, uniqueness, validation_error, violations};
pub use value::Value;

/// A struct that is stored and served: implemented by `#[derive(Model)]`, or by hand.
///
/// A model is its [description](ModelDef) plus two conversions. Everything else (SQL, REST, access control, OpenAPI)
/// reads the description.
///
/// ```
/// use loopwright::prelude::*;
///
/// /// Somebody who writes notes.
/// #[derive(Model)]
/// #[acl(allow(read), to = everyone)]
/// #[acl(allow(write), to = authenticated)]
/// struct Author {
///     #[model(id, generated)]
///     id: i64,
///     #[model(unique)]
///     #[validate(length(min = 2, max = 80))]
///     name: String,
///     #[model(hidden)]
///     email: Option<String>,
///     #[relation(has_many)]
///     notes: HasMany<Note>,
/// }
///
/// #[derive(Model)]
/// #[model(path = "notes")]
/// #[acl(open)]
/// struct Note {
///     #[model(id, generated)]
///     id: i64,
///     #[model(default = now)]
///     written: DateTime<Utc>,
///     #[model(default = "untitled")]
///     text: String,
///     author_id: i64,
///     #[relation(belongs_to)]
///     author: BelongsTo<Author>,
/// }
///
/// assert_eq!(Note::DEF.path, "notes");
/// assert_eq!(Note::DEF.properties[3].name, "authorId");
/// let by_somebody = Note::AUTHOR_ID.eq(7).and(Note::TEXT.like("%milk%"));
/// ```
///
/// By hand, where a derive can't say it:
///
/// ```
/// use loopwright::model::{Model, ModelDef, PropertyDef, PropertyError, Record};
///
/// struct Note {
///     id: i64,
///     text: String,
/// }
///
/// static NOTE: ModelDef = ModelDef::new(
///     "Note",
///     "Notes",
///     "note",
///     &[PropertyDef::of::<i64>("id", "id").id().generated(), PropertyDef::of::<String>("text", "text")],
/// );
///
/// impl Model for Note {
///     type Id = i64;
///     const DEF: &'static ModelDef = &NOTE;
///
///     fn id(&self) -> i64 {
///         self.id
///     }
///
///     fn from_record(record: &mut Record) -> Result<Self, PropertyError> {
///         Ok(Note { id: record.take(0)?, text: record.take(1)? })
///     }
///
///     fn into_record(self) -> Record {
///         let mut record = Record::new(&NOTE);
///         record.put(0, self.id);
///         record.put(1, self.text);
///         record
///     }
/// }
///
/// let mut record = Note { id: 1, text: "milk".into() }.into_record();
/// assert_eq!(Note::from_record(&mut record).unwrap().text, "milk");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "add `#[derive(Model)]` to `{Self}`"
)]
pub trait Model: Sized + Send + Sync + 'static {
    /// The type of the id: that of the property that identifies an instance, or a tuple where several do.
    type Id: ModelId;

    /// The description that everything reads.
    const DEF: &'static ModelDef;

    /// The instance's id.
    fn id(&self) -> Self::Id;

    /// The typed instance of a record, which is left empty.
    ///
    /// # Errors
    /// A property that the record lacks, or holds in a form that the field's type can't take.
    fn from_record(record: &mut Record) -> Result<Self, PropertyError>;

    /// The record of a typed instance, without what its relation fields hold.
    fn into_record(self) -> Record;

    /// Moves what the relation fields hold into `record`, whose relations begin at `place`: for
    /// [`Repository::create_with_related`](crate::repository::Repository::create_with_related).
    ///
    /// # Errors
    /// A field shares it with a clone, and can't give it away.
    fn put_related(&mut self, record: &mut Record, place: Place) -> crate::Result<()> {
        let _ = (record, place);
        Ok(())
    }
}

/// What an application lists and attaches to a data source: every [`Model`] and [`KeyValueModel`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "add `#[derive(Model)]` or `#[derive(KeyValueModel)]` to `{Self}`"
)]
pub trait Described: Send + Sync + 'static {
    /// The description that everything reads.
    const DEF: &'static ModelDef;
}

impl<M: Model> Described for M {
    const DEF: &'static ModelDef = <M as Model>::DEF;
}
