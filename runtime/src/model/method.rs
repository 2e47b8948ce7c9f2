//! The methods that models have, by name and kind of access (contract *access-control.md* §4 and §5).

use super::{
    AccessType, HookDef, ModelDef, ModelKind, RelationDef, RelationKind, RemoteHookDef,
    RemoteMethodDef, ScopeDef,
};

/// What a model has beside its struct: written by `#[loopwright::methods]`.
#[derive(Debug, Clone, Copy)]
pub struct MethodsDef {
    /// The hooks in the order of their declaration.
    pub hooks: &'static [HookDef],
    /// The methods of the model's own, in the order of their declaration.
    pub remotes: &'static [RemoteMethodDef],
    /// The queries of the model's own, in the order of their declaration.
    pub scopes: &'static [ScopeDef],
    /// The remote hooks in the order of their declaration.
    pub remote_hooks: &'static [RemoteHookDef],
}

impl MethodsDef {
    /// Nothing of all that.
    pub const NONE: Self = MethodsDef {
        hooks: &[],
        remotes: &[],
        scopes: &[],
        remote_hooks: &[],
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

    /// The same with remote hooks.
    #[must_use]
    pub const fn remote_hooks(mut self, remote_hooks: &'static [RemoteHookDef]) -> Self {
        self.remote_hooks = remote_hooks;
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

impl ModelDef {
    /// Every method that is served, by the name that rules go by, with what it does to the data.
    pub(crate) fn served_methods(&self) -> impl Iterator<Item = (String, AccessType)> {
        let every = self.kind.methods().iter();
        let every = every
            .filter(|method| self.replacing(method.name).is_none())
            .map(|method| (method.name.to_owned(), method.access));
        let own = self.methods.remotes.iter();
        let own = own.map(|method| (method.name.to_owned(), self.access_of(method)));
        let scopes = self.methods.scopes.iter().filter(|scope| !scope.default);
        let scopes = scopes.flat_map(|scope| added(ScopeDef::METHODS, scope.name.to_owned()));
        let relations = self.relations.iter();
        let relations = relations.flat_map(|relation| {
            let own = added(relation.methods(), relation.name.to_owned());
            let below = relation.inner_relations().flat_map(|(_, inner)| {
                let name = format!("{}__{}", relation.name, inner.name);
                let middle = relation.target();
                let served = inner.methods().iter().filter(move |method| {
                    let own = format!("__{}__{}", method.verb, inner.name);
                    middle.is_some_and(|middle| !middle.is_disabled(&own))
                });
                served.map(move |method| (format!("__{}__{name}", method.verb), method.access))
            });
            own.chain(below)
        });
        let all = every.chain(own).chain(scopes).chain(relations);
        all.filter(|(name, _)| !self.is_disabled(name))
    }

    /// Is the method not served? Names are those that rules go by.
    pub(crate) fn is_disabled(&self, name: &str) -> bool {
        self.disabled.contains(&name)
    }

    /// The method of the model's own that takes the place of one that every model has.
    pub(crate) fn replacing(&self, name: &str) -> Option<&'static RemoteMethodDef> {
        self.methods.remotes.iter().find(|own| own.name == name)
    }

    /// What a method of the model's own does to the data: the same as the one whose place it takes, if it does.
    pub(crate) fn access_of(&self, own: &RemoteMethodDef) -> AccessType {
        let mut every = self.kind.methods().iter();
        let replaced = every.find(|method| method.name == own.name);
        replaced.map_or(own.access, |method| method.access)
    }
}

/// The methods that a relation or a scope called `name` adds.
fn added(
    methods: &'static [RelationMethodDef],
    name: String,
) -> impl Iterator<Item = (String, AccessType)> {
    let methods = methods.iter();
    methods.map(move |method| (format!("__{}__{name}", method.verb), method.access))
}

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

impl RelationDef {
    /// The methods that the relation adds (contract *relations.md* §3).
    pub const fn methods(&self) -> &'static [RelationMethodDef] {
        self.kind.methods(self.through.is_some())
    }

    /// The relations of the target that are served below this one, with their positions (contract *relations.md* §9).
    pub(crate) fn inner_relations(&self) -> impl Iterator<Item = (usize, &'static RelationDef)> {
        let target = self.target().filter(|_| self.nest_remoting);
        let relations = target.into_iter().flat_map(|target| target.relations);
        relations.enumerate()
    }
}

impl RelationKind {
    /// The methods that a relation of this kind adds; `through`: is there a model between the two?
    pub(crate) const fn methods(self, through: bool) -> &'static [RelationMethodDef] {
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
        const WITH_LINKS: &[RelationMethodDef] = &[
            relation_method("get", Read),
            relation_method("create", Write),
            relation_method("delete", Write),
            relation_method("count", Read),
            relation_method("findById", Read),
            relation_method("updateById", Write),
            relation_method("destroyById", Write),
            relation_method("link", Write),
            relation_method("unlink", Write),
            relation_method("exists", Read),
        ];
        match self {
            RelationKind::BelongsTo => BELONGS_TO,
            RelationKind::HasOne | RelationKind::EmbedsOne => HAS_ONE,
            RelationKind::EmbedsMany => HAS_MANY,
            RelationKind::HasMany if !through => HAS_MANY,
            RelationKind::HasMany | RelationKind::ReferencesMany => WITH_LINKS,
        }
    }
}
