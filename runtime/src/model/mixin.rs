//! Groups of properties that models take in, and models that extend another one (contract *models.md* §1.3 and §12).

use super::check::same;
use super::{
    AclDef, CompositeIndexDef, HookDef, MethodsDef, Model, ModelDef, PolicyDef, PropertyDef,
    PropertyError, Record, RelationDef, RemoteHookDef, RemoteMethodDef, ScopeDef, Strict,
    UpsertValidation,
};
use crate::Result;

/// A struct that models take in as a field: its properties become theirs, with its hooks, methods and scopes. Implemented
/// by `#[derive(Mixin)]`. A model is one too, for those that extend it.
///
/// The [module about mixins](crate::mixins) shows both.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a mixin nor a model",
    label = "can't be taken into a model",
    note = "add `#[derive(Mixin)]` to `{Self}`, or `#[derive(Model)]` if it is stored for itself too"
)]
pub trait Mixin: Sized + Send + Sync + 'static {
    /// What a model takes in.
    const MIXIN: MixinDef;

    /// Takes the struct out of the record of a model that holds it at `place`.
    ///
    /// # Errors
    /// A property that the record lacks, or holds in a form that the field's type can't take.
    fn from_part(record: &mut Record, place: Place) -> Result<Self, PropertyError>;

    /// Puts the struct into the record of a model that holds it at `place`.
    fn into_part(self, record: &mut Record, place: Place);

    /// Moves what the relation fields hold into the record of a model that holds the struct at `place`. Only a model has
    /// some.
    ///
    /// # Errors
    /// A field shares it with a clone, and can't give it away.
    fn put_part_related(&mut self, record: &mut Record, place: Place) -> Result<()> {
        let _ = (record, place);
        Ok(())
    }
}

/// What a model takes in with a [`Mixin`].
#[derive(Debug, Clone, Copy)]
pub struct MixinDef {
    /// The struct's name.
    pub name: &'static str,
    /// The properties in the order of their declaration.
    pub properties: &'static [PropertyDef],
    /// The indexes over several properties.
    pub indexes: &'static [CompositeIndexDef],
    /// Hooks, methods and queries.
    pub methods: MethodsDef,
    /// The model that is extended, unless the struct is a mere mixin.
    pub base: Option<&'static ModelDef>,
}

/// Where the properties and relations of a [`Mixin`] begin in those of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The position of the first property.
    pub properties: usize,
    /// The position of the first relation.
    pub relations: usize,
}

impl Place {
    /// The beginning: where a model finds its own.
    pub const START: Self = Place {
        properties: 0,
        relations: 0,
    };

    /// The place within a model of what is at `inner` within what is here.
    #[must_use]
    pub const fn then(self, inner: Place) -> Self {
        Place {
            properties: self.properties + inner.properties,
            relations: self.relations + inner.relations,
        }
    }
}

impl MixinDef {
    /// A mere mixin.
    pub const fn new(name: &'static str, properties: &'static [PropertyDef]) -> Self {
        MixinDef {
            name,
            properties,
            indexes: &[],
            methods: MethodsDef::NONE,
            base: None,
        }
    }

    /// The mixin with indexes over several properties.
    #[must_use]
    pub const fn indexes(mut self, indexes: &'static [CompositeIndexDef]) -> Self {
        self.indexes = indexes;
        self
    }

    /// The mixin with hooks, methods and queries.
    #[must_use]
    pub const fn methods(mut self, methods: MethodsDef) -> Self {
        self.methods = methods;
        self
    }

    /// What a model takes in when it extends `base`.
    pub const fn of(base: &'static ModelDef) -> Self {
        MixinDef {
            name: base.name,
            properties: base.properties,
            indexes: base.indexes,
            methods: base.methods,
            base: Some(base),
        }
    }

    const fn relations(&self) -> &'static [RelationDef] {
        match self.base {
            Some(base) => base.relations,
            None => &[],
        }
    }

    const fn policies(&self) -> &'static [PolicyDef] {
        match self.base {
            Some(base) => base.policies,
            None => &[],
        }
    }

    const fn acls(&self) -> &'static [AclDef] {
        match self.base {
            Some(base) => base.acls,
            None => &[],
        }
    }
}

/// A model that extends this one holds it as a part.
impl<M: Model> Mixin for M {
    const MIXIN: MixinDef = MixinDef::of(M::DEF);

    fn from_part(record: &mut Record, place: Place) -> Result<Self, PropertyError> {
        if place == Place::START && record.values().len() == M::DEF.properties.len() {
            return M::from_record(record);
        }
        let mut own = record.take_part(place, M::DEF);
        match M::from_record(&mut own) {
            Ok(instance) => Ok(instance),
            // No closure, which would be compiled for each model.
            Err(error) => Err(PropertyError {
                index: error.index + place.properties,
                ..error
            }),
        }
    }

    fn put_part_related(&mut self, record: &mut Record, place: Place) -> Result<()> {
        self.put_related(record, place)
    }

    fn into_part(self, record: &mut Record, place: Place) {
        record.put_part(place, self.into_record());
    }
}

/// The lists of a model with those of what it has taken in. Written by `#[derive(Model)]`.
#[doc(hidden)]
pub struct Mixed {
    pub properties: &'static [PropertyDef],
    pub relations: &'static [RelationDef],
    pub acls: &'static [AclDef],
    pub policies: &'static [PolicyDef],
    pub indexes: &'static [CompositeIndexDef],
    pub methods: MethodsDef,
}

impl ModelDef {
    /// The description with what the model has taken in.
    ///
    /// # Panics
    /// At compile time, when the model as a whole can't be.
    #[doc(hidden)]
    #[must_use]
    pub const fn mixed(mut self, mixins: &[MixinDef], mixed: Mixed) -> Self {
        let mut index = 0;
        while index < mixins.len() {
            if let Some(base) = mixins[index].base {
                self.base = Some(base);
                if self.principal.is_none() {
                    self.principal = base.principal;
                }
                if self.acl_error_status.is_none() {
                    self.acl_error_status = base.acl_error_status;
                }
                self.force_id |= base.force_id;
                self.strict_delete |= base.strict_delete;
                self.replace_on_put |= base.replace_on_put;
                self.automatic_validation &= base.automatic_validation;
                if matches!(self.validate_upsert, UpsertValidation::Warn) {
                    self.validate_upsert = base.validate_upsert;
                }
                if matches!(self.strict, Strict::Drop) && !matches!(base.strict, Strict::Keep) {
                    self.strict = base.strict;
                }
            }
            index += 1;
        }
        let strict = self.strict;
        // Whether there is an id, the macro has seen.
        let mut all = ModelDef::unmixed(self.name, self.path, self.table, mixed.properties);
        assert!(
            matches!(strict, Strict::Drop | Strict::Keep) || matches!(all.strict, Strict::Drop),
            "a model keeps undeclared properties if it has a field of the type `Extra`, and only then; remove `strict`"
        );
        if matches!(all.strict, Strict::Drop) {
            all.strict = strict;
        }
        ModelDef {
            properties: all.properties,
            strict: all.strict,
            relations: mixed.relations,
            acls: mixed.acls,
            policies: mixed.policies,
            indexes: mixed.indexes,
            methods: mixed.methods,
            ..self
        }
    }
}

/// Where each of what a model has taken in begins. Written by `#[derive(Model)]`.
#[doc(hidden)]
pub const fn places<const N: usize>(own: &ModelDef, mixins: &[MixinDef]) -> [Place; N] {
    let mut places = [Place {
        properties: own.properties.len(),
        relations: own.relations.len(),
    }; N];
    let mut index = 1;
    while index < N {
        let former = &mixins[index - 1];
        places[index] = places[index - 1].then(Place {
            properties: former.properties.len(),
            relations: former.relations().len(),
        });
        index += 1;
    }
    places
}

/// Joins the lists of one kind: how many items there are, and all of them. Of what has a name, the model's own goes before
/// what it takes in. `const` functions know neither traits nor closures, hence one pair for each kind.
macro_rules! join {
    (
        $count:ident, $join:ident -> $item:ty, $order:expr;
        $own:ident => $owned:expr, $mixin:ident => $taken:expr;
        $list:ident, $one:ident => $replaced:expr;
        $place:ident => $placed:expr;
    ) => {
        #[doc(hidden)]
        pub const fn $count($own: &ModelDef, mixins: &[MixinDef]) -> usize {
            let $list: &[$item] = $owned;
            let mut count = $list.len();
            let mut index = 0;
            while index < mixins.len() {
                let $mixin = &mixins[index];
                let taken: &[$item] = $taken;
                let mut item = 0;
                while item < taken.len() {
                    let $one = &taken[item];
                    if !$replaced {
                        count += 1;
                    }
                    item += 1;
                }
                index += 1;
            }
            count
        }

        // Not called for an empty list: there would be nothing to begin with.
        #[doc(hidden)]
        pub const fn $join<const N: usize, const MIXINS: usize>(
            $own: &ModelDef,
            mixins: &[MixinDef; MIXINS],
        ) -> [$item; N] {
            let places = places::<MIXINS>($own, mixins);
            let $list: &[$item] = $owned;
            let mut index = 0;
            let mut first = $list;
            while first.is_empty() {
                let $mixin = &mixins[index];
                first = $taken;
                index += 1;
            }
            let mut all = [first[0]; N];
            let mut next = 0;
            let mut item = 0;
            while $order && item < $list.len() {
                all[next] = $list[item];
                item += 1;
                next += 1;
            }
            let mut index = 0;
            while index < MIXINS {
                let ($mixin, $place) = (&mixins[index], places[index]);
                let taken: &[$item] = $taken;
                let mut item = 0;
                while item < taken.len() {
                    let $one = &taken[item];
                    if !$replaced {
                        all[next] = $placed;
                        next += 1;
                    }
                    item += 1;
                }
                index += 1;
            }
            while item < $list.len() {
                all[next] = $list[item];
                item += 1;
                next += 1;
            }
            all
        }
    };
}

/// The model's own come first.
const OWN_FIRST: bool = true;

join! {
    count_properties, join_properties -> PropertyDef, OWN_FIRST;
    own => own.properties, mixin => mixin.properties;
    list, one => { let _ = (list, one); false };
    place => one.placed(place);
}
join! {
    count_relations, join_relations -> RelationDef, OWN_FIRST;
    own => own.relations, mixin => mixin.relations();
    list, one => { let _ = (list, one); false };
    place => { let _ = place; *one };
}
join! {
    count_acls, join_acls -> AclDef, OWN_FIRST;
    own => own.acls, mixin => mixin.acls();
    list, one => { let _ = (list, one); false };
    place => { let _ = place; *one };
}
join! {
    count_policies, join_policies -> PolicyDef, OWN_FIRST;
    own => own.policies, mixin => mixin.policies();
    list, one => { let _ = (list, one); false };
    place => one.placed(place);
}
join! {
    count_indexes, join_indexes -> CompositeIndexDef, OWN_FIRST;
    own => own.indexes, mixin => mixin.indexes;
    list, one => { let _ = (list, one); false };
    place => one.placed(place);
}
// What a model builds on is done before its own (contract models.md §1.3).
join! {
    count_hooks, join_hooks -> HookDef, !OWN_FIRST;
    own => own.methods.hooks, mixin => mixin.methods.hooks;
    list, one => { let _ = (list, one); false };
    place => one.placed(place);
}
join! {
    count_remote_hooks, join_remote_hooks -> RemoteHookDef, !OWN_FIRST;
    own => own.methods.remote_hooks, mixin => mixin.methods.remote_hooks;
    list, one => { let _ = (list, one); false };
    place => one.placed(place);
}
join! {
    count_remotes, join_remotes -> RemoteMethodDef, OWN_FIRST;
    own => own.methods.remotes, mixin => mixin.methods.remotes;
    list, one => {
        let (mut known, mut index) = (false, 0);
        while index < list.len() {
            known |= same(list[index].name, one.name);
            index += 1;
        }
        known
    };
    place => one.placed(place);
}
join! {
    count_scopes, join_scopes -> ScopeDef, OWN_FIRST;
    own => own.methods.scopes, mixin => mixin.methods.scopes;
    list, one => {
        let (mut known, mut index) = (false, 0);
        while index < list.len() {
            known |= !one.default && same(list[index].name, one.name);
            index += 1;
        }
        known
    };
    place => one.placed(place);
}

/// Joins what a model declares with what it takes in. Written by `#[derive(Model)]`.
#[doc(hidden)]
#[macro_export]
macro_rules! __mixed {
    ($own:ident, $mixins:ident) => {{
        use $crate::__private::mixin as lw;
        const PROPERTIES: &[lw::PropertyDef] =
            &lw::join_properties::<{ lw::count_properties(&$own, $mixins) }, _>(&$own, $mixins);
        const RELATIONS: &[lw::RelationDef] = {
            const N: usize = lw::count_relations(&$own, $mixins);
            if N == 0 {
                &[]
            } else {
                &lw::join_relations::<N, _>(&$own, $mixins)
            }
        };
        const ACLS: &[lw::AclDef] = {
            const N: usize = lw::count_acls(&$own, $mixins);
            if N == 0 {
                &[]
            } else {
                &lw::join_acls::<N, _>(&$own, $mixins)
            }
        };
        const POLICIES: &[lw::PolicyDef] = {
            const N: usize = lw::count_policies(&$own, $mixins);
            if N == 0 {
                &[]
            } else {
                &lw::join_policies::<N, _>(&$own, $mixins)
            }
        };
        const INDEXES: &[lw::CompositeIndexDef] = {
            const N: usize = lw::count_indexes(&$own, $mixins);
            if N == 0 {
                &[]
            } else {
                &lw::join_indexes::<N, _>(&$own, $mixins)
            }
        };
        const HOOKS: &[lw::HookDef] = {
            const N: usize = lw::count_hooks(&$own, $mixins);
            if N == 0 {
                &[]
            } else {
                &lw::join_hooks::<N, _>(&$own, $mixins)
            }
        };
        const REMOTE_HOOKS: &[lw::RemoteHookDef] = {
            const N: usize = lw::count_remote_hooks(&$own, $mixins);
            if N == 0 {
                &[]
            } else {
                &lw::join_remote_hooks::<N, _>(&$own, $mixins)
            }
        };
        const REMOTES: &[lw::RemoteMethodDef] = {
            const N: usize = lw::count_remotes(&$own, $mixins);
            if N == 0 {
                &[]
            } else {
                &lw::join_remotes::<N, _>(&$own, $mixins)
            }
        };
        const SCOPES: &[lw::ScopeDef] = {
            const N: usize = lw::count_scopes(&$own, $mixins);
            if N == 0 {
                &[]
            } else {
                &lw::join_scopes::<N, _>(&$own, $mixins)
            }
        };
        $own.mixed(
            $mixins,
            lw::Mixed {
                properties: PROPERTIES,
                relations: RELATIONS,
                acls: ACLS,
                policies: POLICIES,
                indexes: INDEXES,
                methods: lw::MethodsDef::NONE
                    .hooks(HOOKS)
                    .remote_hooks(REMOTE_HOOKS)
                    .remotes(REMOTES)
                    .scopes(SCOPES),
            },
        )
    }};
}
