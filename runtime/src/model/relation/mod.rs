//! Relations as data.

mod any;
mod embedded;
mod field;
mod join;

use std::fmt;
use std::sync::OnceLock;

use super::{ModelDef, ScopeDef};

pub use any::AnyModel;
pub use embedded::{EmbedsMany, EmbedsOne};
pub(crate) use field::whole_record;
pub use field::{BelongsTo, HasMany, HasOne, ReferencesMany, RelationField, target};

/// What the program knows about one relation (contract *relations.md* §1).
#[derive(Debug, Clone, Copy)]
pub struct RelationDef {
    /// The name in JSON, includes and rules: `reviews`.
    pub name: &'static str,
    /// Its part of a path, if that is not the name.
    pub path: Option<&'static str>,
    /// Documentation, from the doc comment.
    pub docs: &'static str,
    /// How the two models belong together.
    pub kind: RelationKind,
    /// The other model; nothing where each instance says which one it is (a polymorphic `BelongsTo`).
    target: Option<RelationTarget>,
    /// The field that holds the key: on this model for `BelongsTo` and `ReferencesMany`, whose key is a list, on the model
    /// between for `through`, on the target otherwise. Of `EmbedsOne` and `EmbedsMany` the field with the targets themselves.
    pub foreign_key: &'static str,
    /// The field that the key refers to, if that is not the id.
    pub primary_key: Option<&'static str>,
    /// The field beside a polymorphic key that names the model to which the key belongs.
    pub discriminator: Option<&'static str>,
    /// The model between the two.
    pub through: Option<Through>,
    /// What is left out, and how the rest is ordered, whatever the caller asks.
    pub scope: Option<ScopeDef>,
    /// The fields of the owner whose values every new target gets, each with the target's field.
    pub properties: &'static [(&'static str, &'static str)],
    /// Are new targets put at the beginning, rather than at the end (of a `ReferencesMany` or
    /// an `EmbedsMany` alone)?
    pub prepend: bool,
    /// How targets are kept within this model, if they are.
    pub embedding: Embedding,
    /// Does an include of the relation load it? One that doesn't is passed over.
    pub includable: bool,
    /// Are the relations of the target served below this one?
    pub nest_remoting: bool,
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

/// The model between the two of a to-many relation: each of its instances holds a key of both.
#[derive(Debug, Clone, Copy)]
pub struct Through {
    /// Nothing for one that the program makes by itself.
    model: Option<RelationTarget>,
    /// The field with the key of the relation's target; empty for the usual one of a model that is made.
    pub key: &'static str,
    /// Is it the target's key, rather than the owner's, that may point to several models?
    pub inverse: bool,
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
    /// Many targets hold the key of this model, or a model between the two holds the keys of both.
    HasMany,
    /// One target holds the key of this model.
    HasOne,
    /// This model holds the keys of many targets, in a list that has an order.
    ReferencesMany,
    /// This model holds its target within itself.
    EmbedsOne,
    /// This model holds its targets within itself, in a list that has an order.
    EmbedsMany,
}

/// How the targets of an `EmbedsOne` or an `EmbedsMany` are kept within their owner (contract *relations.md* §6 and §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embedding {
    /// Do the rules of the targets hold for their owner too? By way of the relation they do in any case.
    pub validated: bool,
    /// Is an id that a caller chooses replaced?
    pub force_id: bool,
    /// Are new targets stored in their own data source, too?
    pub persistent: bool,
}

/// Where a relation leads as long as nobody has said it: nobody asks before.
static NOWHERE: ModelDef = ModelDef::new("", "", "", &[super::PropertyDef::KEY]).private();

impl RelationTarget {
    fn def(self) -> &'static ModelDef {
        match self {
            RelationTarget::Function(target) => target(),
            RelationTarget::Later(target) => target.get().copied().unwrap_or(&NOWHERE),
        }
    }
}

impl fmt::Debug for RelationTarget {
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
            RelationKind::ReferencesMany => "references_many",
            RelationKind::EmbedsOne => "embeds_one",
            RelationKind::EmbedsMany => "embeds_many",
        }
    }

    /// The type of a field for this kind.
    pub(super) const fn type_name(self) -> &'static str {
        match self {
            RelationKind::BelongsTo => "BelongsTo<...>",
            RelationKind::HasMany => "HasMany<...>",
            RelationKind::HasOne => "HasOne<...>",
            RelationKind::ReferencesMany => "ReferencesMany<...>",
            RelationKind::EmbedsOne => "EmbedsOne<...>",
            RelationKind::EmbedsMany => "EmbedsMany<...>",
        }
    }
}

impl Through {
    /// The model that `model` describes, whose field `key` holds the key of the relation's target.
    pub const fn new(model: fn() -> &'static ModelDef, key: &'static str) -> Self {
        Through {
            model: Some(RelationTarget::Function(model)),
            key,
            inverse: false,
        }
    }

    /// A model that the program makes by itself: it holds nothing but the two keys.
    pub const fn made() -> Self {
        Through {
            model: None,
            key: "",
            inverse: false,
        }
    }

    /// The model whose description will be put into `model` before anybody asks for it.
    pub(crate) const fn later(
        model: &'static OnceLock<&'static ModelDef>,
        key: &'static str,
    ) -> Self {
        Through {
            model: Some(RelationTarget::Later(model)),
            key,
            inverse: false,
        }
    }

    /// The same model, where it is the target's key that may point to several models: LoopBack's `invert`.
    #[must_use]
    pub const fn inverse(mut self) -> Self {
        self.inverse = true;
        self
    }

    /// Does the program make the model by itself?
    pub const fn is_made(&self) -> bool {
        self.model.is_none()
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
        let target = Some(RelationTarget::Function(target));
        RelationDef::to(kind, name, target, foreign_key)
    }

    /// A relation to an instance of whatever model the field `discriminator` names.
    pub const fn to_any(
        name: &'static str,
        foreign_key: &'static str,
        discriminator: &'static str,
    ) -> Self {
        RelationDef::to(RelationKind::BelongsTo, name, None, foreign_key).polymorphic(discriminator)
    }

    /// A relation to the model whose description will be put into `target` before anybody asks for it.
    pub(crate) const fn later(
        kind: RelationKind,
        name: &'static str,
        target: &'static OnceLock<&'static ModelDef>,
        foreign_key: &'static str,
    ) -> Self {
        let target = Some(RelationTarget::Later(target));
        RelationDef::to(kind, name, target, foreign_key)
    }

    const fn to(
        kind: RelationKind,
        name: &'static str,
        target: Option<RelationTarget>,
        foreign_key: &'static str,
    ) -> Self {
        RelationDef {
            name,
            path: None,
            docs: "",
            kind,
            target,
            foreign_key,
            primary_key: None,
            discriminator: None,
            through: None,
            scope: None,
            properties: &[],
            prepend: false,
            embedding: Embedding {
                validated: true,
                force_id: false,
                persistent: false,
            },
            includable: true,
            nest_remoting: false,
            constraint: false,
            on_delete: None,
        }
    }

    /// The same relation to the model whose description will be put into `target` before anybody asks for it.
    pub(crate) const fn led_to(mut self, target: &'static OnceLock<&'static ModelDef>) -> Self {
        self.target = Some(RelationTarget::Later(target));
        self
    }

    /// The same relation through the model whose description will be put into `join` before anybody asks for it.
    pub(crate) const fn led_through(mut self, join: &'static OnceLock<&'static ModelDef>) -> Self {
        if let Some(through) = &mut self.through
            && through.model.is_some()
        {
            through.model = Some(RelationTarget::Later(join));
        }
        self
    }

    /// The other model; nothing where each instance says which one it is.
    pub fn target(&self) -> Option<&'static ModelDef> {
        self.target.map(RelationTarget::def)
    }

    /// Does each instance of the owner say to which model it belongs?
    pub const fn leads_to_any(&self) -> bool {
        self.target.is_none()
    }

    /// The model between this relation's `owner` and its target, if there is one.
    pub fn join(&self, owner: &ModelDef) -> Option<&'static ModelDef> {
        let through = self.through?;
        match through.model {
            Some(model) => Some(model.def()),
            None => Some(join::between(owner, self.target()?)),
        }
    }

    /// The field between the two that holds the key of `owner`.
    pub fn owner_key(&self, owner: &ModelDef) -> &'static str {
        match self.through {
            Some(through) if through.is_made() => join::key(owner),
            _ => self.foreign_key,
        }
    }

    /// The field between the two that holds the key of the target, if there is one.
    pub fn key_through(&self) -> Option<&'static str> {
        let through = self.through?;
        match through.is_made() {
            true => self.target().map(join::key),
            false => Some(through.key),
        }
    }

    /// Does the relation lead to any number of instances?
    pub const fn is_to_many(&self) -> bool {
        matches!(
            self.kind,
            RelationKind::HasMany | RelationKind::ReferencesMany | RelationKind::EmbedsMany
        )
    }

    /// Are the targets kept within their owner?
    pub const fn is_embedded(&self) -> bool {
        matches!(
            self.kind,
            RelationKind::EmbedsOne | RelationKind::EmbedsMany
        )
    }

    /// The other model, as far as its rules have a say: one that is kept within its owner, is not served and says nothing
    /// about access has no life of its own.
    pub(crate) fn guarding_target(&self) -> Option<&'static ModelDef> {
        let target = self.target()?;
        let silent = self.is_embedded() && !target.public && target.acls.is_empty();
        (!silent).then_some(target)
    }

    /// The model between this relation's `owner` and its target, as far as its rules have a say: one that is made has none,
    /// and those of the two that it links decide.
    pub(crate) fn guarding_join(&self, owner: &ModelDef) -> Option<&'static ModelDef> {
        self.through.filter(|through| !through.is_made())?;
        self.join(owner)
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

    /// The relation below this part of a path.
    #[must_use]
    pub const fn path(mut self, path: &'static str) -> Self {
        self.path = Some(path);
        self
    }

    /// The relation whose key refers to the field `primary_key`, on the side that does not hold the key.
    #[must_use]
    pub const fn primary_key(mut self, primary_key: &'static str) -> Self {
        self.primary_key = Some(primary_key);
        self
    }

    /// The relation whose key may belong to several models: which one, the field `discriminator` names.
    #[must_use]
    pub const fn polymorphic(mut self, discriminator: &'static str) -> Self {
        self.discriminator = Some(discriminator);
        self
    }

    /// The relation by way of another model.
    #[must_use]
    pub const fn through(mut self, through: Through) -> Self {
        self.through = Some(through);
        self
    }

    /// The relation with a query that every other one is narrowed by.
    #[must_use]
    pub const fn scope(mut self, scope: ScopeDef) -> Self {
        self.scope = Some(scope);
        self
    }

    /// The relation whose new targets get the values of these fields of their owner, each with the target's field.
    #[must_use]
    pub const fn properties(mut self, properties: &'static [(&'static str, &'static str)]) -> Self {
        self.properties = properties;
        self
    }

    /// The relation, below which the target's own relations are served (contract *relations.md* §9).
    #[must_use]
    pub const fn nest_remoting(mut self) -> Self {
        self.nest_remoting = true;
        self
    }

    /// The relation whose new targets come first.
    #[must_use]
    pub const fn prepend(mut self) -> Self {
        self.prepend = true;
        self
    }

    /// The relation whose targets' rules hold only for those who change them by way of it.
    #[must_use]
    pub const fn without_validation(mut self) -> Self {
        self.embedding.validated = false;
        self
    }

    /// The relation whose new targets have fresh ids, whatever the caller says.
    #[must_use]
    pub const fn force_id(mut self) -> Self {
        self.embedding.force_id = true;
        self
    }

    /// The relation whose new targets are stored in their own data source, too.
    #[must_use]
    pub const fn persistent(mut self) -> Self {
        self.embedding.persistent = true;
        self
    }

    /// The relation, which no include loads: LoopBack's `disableInclude`.
    #[must_use]
    pub const fn disable_include(mut self) -> Self {
        self.includable = false;
        self
    }
}
