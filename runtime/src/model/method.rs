//! The methods that models have, by name and kind of access (contract *access-control.md* §4 and §5).

use super::{AccessType, HookDef, ModelKind, RelationKind, RemoteMethodDef, ScopeDef};

/// What a model has beside its struct: written by `#[loopwright::methods]`.
#[derive(Debug, Clone, Copy)]
pub struct MethodsDef {
    /// The hooks in the order of their declaration.
    pub hooks: &'static [HookDef],
    /// The methods of the model's own, in the order of their declaration.
    pub remotes: &'static [RemoteMethodDef],
    /// The queries of the model's own, in the order of their declaration.
    pub scopes: &'static [ScopeDef],
}

impl MethodsDef {
    /// Nothing of all that.
    pub const NONE: Self = MethodsDef {
        hooks: &[],
        remotes: &[],
        scopes: &[],
    };

    /// The same with hooks.
    #[must_use]
    pub const fn hooks(mut self, hooks: &'static [HookDef]) -> Self {
        self.hooks = hooks;
        self
    }

    /// The same with methods of the model's own.
    #[must_use]
    pub const fn remotes(mut self, remotes: &'static [RemoteMethodDef]) -> Self {
        self.remotes = remotes;
        self
    }

    /// The same with queries of the model's own.
    #[must_use]
    pub const fn scopes(mut self, scopes: &'static [ScopeDef]) -> Self {
        self.scopes = scopes;
        self
    }
}

/// A method that every model of one kind has.
#[derive(Debug, Clone, Copy)]
pub struct MethodDef {
    /// LoopBack's canonical name.
    pub name: &'static str,
    /// LoopBack's other names for it.
    pub aliases: &'static [&'static str],
    /// What the method does to the data.
    pub access: AccessType,
    /// Does the method belong to one instance, whose id is in the path?
    pub instance: bool,
}

/// A method that a relation or a named scope adds to the model that declares it, called `__<verb>__<relation>`.
#[derive(Debug, Clone, Copy)]
pub struct RelationMethodDef {
    /// The part of the name between the underscores.
    pub verb: &'static str,
    /// What the method does to the data.
    pub access: AccessType,
}

const fn method(
    name: &'static str,
    aliases: &'static [&'static str],
    access: AccessType,
) -> MethodDef {
    MethodDef {
        name,
        aliases,
        access,
        instance: false,
    }
}

use AccessType::{Read, Write};

impl ModelKind {
    /// The methods of every model of this kind.
    pub const fn methods(self) -> &'static [MethodDef] {
        const PERSISTED: &[MethodDef] = &[
            method("create", &[], Write),
            method("upsert", &["patchOrCreate", "updateOrCreate"], Write),
            method("replaceOrCreate", &[], Write),
            method("upsertWithWhere", &["patchOrCreateWithWhere"], Write),
            method("find", &[], Read),
            method("findOne", &[], Read),
            method("findById", &[], Read),
            method("exists", &[], Read),
            method("count", &[], Read),
            method("updateAll", &["update"], Write),
            MethodDef {
                instance: true,
                ..method("updateAttributes", &["patchAttributes"], Write)
            },
            method("replaceById", &[], Write),
            method("deleteById", &["destroyById", "removeById"], Write),
            method("createChangeStream", &[], Read),
        ];
        const KEY_VALUE: &[MethodDef] = &[
            method("get", &[], Read),
            method("set", &[], Write),
            method("expire", &[], Write),
            method("keys", &[], Read),
        ];
        match self {
            ModelKind::Persisted => PERSISTED,
            ModelKind::KeyValue => KEY_VALUE,
        }
    }
}

const fn relation_method(verb: &'static str, access: AccessType) -> RelationMethodDef {
    RelationMethodDef { verb, access }
}

impl ScopeDef {
    /// The methods that a named scope adds, called `__<verb>__<scope>`.
    pub const METHODS: &'static [RelationMethodDef] = &[
        relation_method("get", Read),
        relation_method("create", Write),
        relation_method("delete", Write),
        relation_method("count", Read),
    ];
}

impl RelationKind {
    /// The methods that a relation of this kind adds.
    pub const fn methods(self) -> &'static [RelationMethodDef] {
        const BELONGS_TO: &[RelationMethodDef] = &[relation_method("get", Read)];
        const HAS_ONE: &[RelationMethodDef] = &[
            relation_method("get", Read),
            relation_method("create", Write),
            relation_method("update", Write),
            relation_method("destroy", Write),
        ];
        const HAS_MANY: &[RelationMethodDef] = &[
            relation_method("get", Read),
            relation_method("create", Write),
            relation_method("delete", Write),
            relation_method("count", Read),
            relation_method("findById", Read),
            relation_method("updateById", Write),
            relation_method("destroyById", Write),
        ];
        match self {
            RelationKind::BelongsTo => BELONGS_TO,
            RelationKind::HasOne => HAS_ONE,
            RelationKind::HasMany => HAS_MANY,
        }
    }
}
