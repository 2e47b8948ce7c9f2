//! From definitions to descriptions, which live as long as the program.

mod place;

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value as Json;

use self::place::Places;
use super::acl::{Acl, Principal};
use super::definition::{Definition, Mixed, Scope};
use super::index::Index;
use super::problem::Problems;
use super::property::{Default, Property, Type};
use super::relation::{Relation, holds, is_embedded};
use super::source::Place;
use super::store::Store;
use crate::mixins::{SoftDelete, Timestamps};
use crate::model::{
    AclDef, CoercionError, CompositeIndexDef, DefaultDef, Extra, GeoPoint, IndexKey, Literal,
    MethodsDef, Mixin, MixinDef, ModelDef, ObjectDef, ObjectId, Place as MixinPlace, PrincipalDef,
    PropertyDef, PropertyType, RelationDef, RelationKind, Rule, RuleDef, ScopeDef, Strict, Through,
};
use crate::query::Filter;
use crate::repository::put_scope;

/// The descriptions of `definitions`; relations may also lead to those that the program has.
///
/// Each costs some memory that is never given back: they are as constant as derived ones from here on.
pub(super) fn describe(
    definitions: &[Definition],
    described: &[&'static ModelDef],
    problems: &mut Problems,
) -> Vec<&'static ModelDef> {
    let places = Places::new(definitions, described);
    let mut filters = Vec::new();
    let mut defs = BTreeMap::new();
    for position in inner_first(definitions) {
        let definition = &definitions[position];
        let def = model(definition, &places, &mut filters);
        if let Some(place) = places.later(&definition.name) {
            // The place is this model's alone, so that it is free.
            let _ = place.set(def);
        }
        check_defaults(definition, def, problems);
        defs.insert(position, def);
    }
    for ScopeFilter {
        model,
        place,
        json,
        filter,
    } in filters
    {
        // Relations lead somewhere by now, so that includes can be understood.
        let Some(def) = places.get(model) else {
            continue;
        };
        match Filter::from_json(def, json.clone(), true) {
            // As above.
            Ok(understood) => drop(filter.set(understood)),
            Err(error) => problems.mistake(place, error.message()),
        }
    }
    defs.into_values().collect()
}

/// The positions of the definitions, each behind those of the models within it.
fn inner_first(definitions: &[Definition]) -> Vec<usize> {
    let mut left: Vec<_> = (0..definitions.len()).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let waiting: Vec<_> = left
            .iter()
            .map(|position| &definitions[*position])
            .collect();
        let is_ready = |definition: &Definition| {
            let embedded = definition
                .relations
                .iter()
                .filter(|one| is_embedded(one.kind));
            let mut inner = embedded.filter_map(|one| one.target.as_ref());
            !inner.any(|name| waiting.iter().any(|one| one.name == *name))
        };
        let (ready, rest) = left
            .iter()
            .partition::<Vec<_>, _>(|position| is_ready(&definitions[**position]));
        // None is within itself: that has been refused.
        if ready.is_empty() {
            order.extend(rest);
            break;
        }
        order.extend(ready);
        left = rest;
    }
    order
}

/// Reports defaults that are no instances of what is within the model.
fn check_defaults(definition: &Definition, def: &ModelDef, problems: &mut Problems) {
    for (property, described) in definition.properties.iter().zip(def.properties) {
        if let Some(Default::Object(place, json)) = &property.default
            && let Err(
                CoercionError::Invalid { message, .. } | CoercionError::Malformed { message, .. },
            ) = described.ty.from_json(json.clone())
        {
            let name = &property.name;
            problems.mistake(
                place,
                format!("the default of `{name}` is no instance: {message}"),
            );
        }
    }
}

/// The filter of a scope, and where it will be.
struct ScopeFilter<'a> {
    /// The model that it is about.
    model: &'a str,
    place: &'a Place,
    json: &'a Json,
    filter: &'static OnceLock<Filter>,
}

fn model<'a>(
    definition: &'a Definition,
    places: &Places<'_>,
    filters: &mut Vec<ScopeFilter<'a>>,
) -> &'static ModelDef {
    let scopes = definition.scopes.iter().map(|scope| {
        let filter: &'static OnceLock<Filter> = leak(OnceLock::new());
        filters.push(ScopeFilter {
            model: &definition.name,
            place: &scope.place,
            json: &scope.filter,
            filter,
        });
        self::scope(scope, filter)
    });
    let scopes: Vec<_> = scopes.collect();
    let relations = definition.relations.iter();
    let relations: Vec<_> = relations
        .filter_map(|relation| self::relation(definition, relation, places, filters))
        .collect();
    let place = base_place(definition);
    let properties = definition.properties.iter();
    let mut properties: Vec<_> = properties
        .map(|property| self::property(property, place, places))
        .collect();
    if definition.strict == Strict::Keep {
        properties.push(PropertyDef::of::<Extra>("extra", "extra"));
    }
    let mut def = ModelDef {
        name: text(&definition.name),
        kind: crate::model::ModelKind::Persisted,
        path: text(&definition.path),
        table: text(&definition.table),
        tables: &[],
        docs: text(&definition.docs),
        public: definition.public,
        automatic_validation: definition.automatic_validation,
        validate_upsert: definition.validate_upsert,
        strict: definition.strict,
        force_id: definition.force_id,
        strict_delete: definition.strict_delete,
        properties: Vec::leak(properties),
        relations: list(relations),
        acls: list(definition.acls.iter().map(acl)),
        policies: &[],
        principal: definition.principal,
        acl_error_status: definition.acl_error_status,
        base: definition.base,
        methods: MethodsDef::NONE.scopes(list(scopes)),
        disabled: list(definition.disabled.iter().map(|name| text(name))),
        replace_on_put: definition.replace_on_put,
        indexes: list(definition.indexes.iter().map(index)),
    };
    if let Some(base) = definition.base {
        extend(&mut def, base, place);
    }
    for mixin in &definition.mixins {
        let mixin = match mixin {
            Mixed::Timestamps => Timestamps::MIXIN,
            Mixed::SoftDelete => SoftDelete::MIXIN,
        };
        mix(&mut def, &mixin, definition.store);
    }
    leak(def)
}

/// Where the properties and relations of the model begin that this one extends.
pub(super) fn base_place(definition: &Definition) -> MixinPlace {
    let mut properties = definition.properties.iter();
    let properties = properties.position(|property| property.inherited.is_some());
    let of_base = |relation: &Relation| {
        let base = definition.base;
        base.is_some_and(|base| base.relation(&relation.name).is_some())
    };
    let relations = definition.relations.iter().position(of_base);
    MixinPlace {
        properties: properties.unwrap_or(definition.properties.len()),
        relations: relations.unwrap_or(definition.relations.len()),
    }
}

/// Takes in what `base` does: its properties, rules and relations are among the model's own, and begin at `place`. None of
/// LoopBack's own models has scopes, or indexes over several properties.
fn extend(def: &mut ModelDef, base: &'static ModelDef, place: MixinPlace) {
    let methods = &base.methods;
    def.methods.hooks = list(methods.hooks.iter().map(|hook| hook.placed(place)));
    def.methods.remotes = list(methods.remotes.iter().map(|one| one.placed(place)));
    def.methods.remote_hooks = list(methods.remote_hooks.iter().map(|hook| hook.placed(place)));
}

/// Takes in a mixin, with columns as LoopBack calls them.
fn mix(def: &mut ModelDef, mixin: &MixinDef, store: Store) {
    let place = MixinPlace {
        properties: def.properties.len(),
        relations: def.relations.len(),
    };
    let taken = mixin.properties.iter().map(|property| PropertyDef {
        column: text(&store.name(property.name)),
        ..property.placed(place)
    });
    def.properties = list(def.properties.iter().copied().chain(taken));
    let hooks = mixin.methods.hooks.iter().map(|hook| hook.placed(place));
    def.methods.hooks = list(hooks.chain(def.methods.hooks.iter().copied()));
    let scopes = mixin.methods.scopes.iter().map(|scope| scope.placed(place));
    def.methods.scopes = list(def.methods.scopes.iter().copied().chain(scopes));
}

fn property(property: &Property, base: MixinPlace, places: &Places<'_>) -> PropertyDef {
    let blank = blank(text(&property.name), &property.ty, places);
    let mut def = match property.inherited {
        // An id may have the type that the data source gives it, and a key that of an id.
        Some(inherited) => PropertyDef {
            name: blank.name,
            columns: &[],
            ty: blank.ty,
            type_name: blank.type_name,
            item_type_name: blank.item_type_name,
            ..inherited.placed(base)
        },
        None => blank,
    };
    // JSON has a null of its own.
    def.nullable = property.nullable() || property.ty == Type::Json;
    def.column = text(&property.column);
    def.docs = text(&property.docs);
    def.id = property.id;
    def.generated = property.generated;
    def.index = property.index;
    def.hidden = property.hidden;
    def.protected = property.protected;
    def.default = property.default.as_ref().map(default).or(def.default);
    def.rules = list(rules(property));
    def
}

/// A property of which nothing but its name and type is said.
fn blank(name: &'static str, ty: &Type, places: &Places<'_>) -> PropertyDef {
    match ty {
        Type::Boolean => PropertyDef::of::<bool>(name, name),
        Type::Integer => PropertyDef::of::<i64>(name, name),
        Type::Float => PropertyDef::of::<f64>(name, name),
        Type::String => PropertyDef::of::<String>(name, name),
        Type::DateTime => PropertyDef::of::<chrono::DateTime<chrono::Utc>>(name, name),
        Type::Bytes => PropertyDef::of::<Vec<u8>>(name, name),
        Type::GeoPoint => PropertyDef::of::<GeoPoint>(name, name),
        Type::ObjectId => PropertyDef::of::<ObjectId>(name, name),
        Type::Json => PropertyDef::of::<Json>(name, name),
        Type::List(item) => {
            let item = blank("", item, places);
            PropertyDef {
                ty: PropertyType::Array(leak(item.ty)),
                item_type_name: item.type_name,
                ..PropertyDef::of::<Vec<String>>(name, name)
            }
        }
        // What is within others is described before them.
        Type::Model(model) => match places.get(model) {
            Some(def) => PropertyDef {
                ty: PropertyType::Object(leak(ObjectDef::of_model(def))),
                type_name: def.name,
                ..PropertyDef::of::<Json>(name, name)
            },
            None => PropertyDef::of::<Json>(name, name),
        },
    }
}

/// The rules of a property. What is required is not blank; of what can't be blank nothing need be said.
fn rules(property: &Property) -> impl Iterator<Item = RuleDef> {
    let inherited = property.inherited.map_or(&[][..], |base| base.rules).iter();
    // What need not be there may be blank.
    let inherited = inherited
        .filter(|inherited| property.required || inherited.rule != Rule::Presence)
        .map(|inherited| RuleDef {
            allow_blank: inherited.allow_blank || !property.required,
            ..*inherited
        });
    let inherited: Vec<_> = inherited.collect();
    let has_presence = inherited.iter().any(|one| one.rule == Rule::Presence);
    let can_be_blank = matches!(property.ty, Type::String | Type::List(_) | Type::Json);
    let presence = property.required && !property.id && can_be_blank && !has_presence;
    let presence = presence.then_some(Rule::Presence);
    let length = property.length.map(|max| Rule::Length {
        min: None,
        max: Some(max),
        is: None,
    });
    let own = presence.into_iter().chain(length).map(RuleDef::new);
    inherited.into_iter().chain(own)
}

fn default(default: &Default) -> DefaultDef {
    match default {
        Default::Now => DefaultDef::Now,
        Default::Uuid => DefaultDef::Uuid,
        Default::Guid => DefaultDef::Guid,
        Default::ShortId => DefaultDef::ShortId,
        Default::EmptyList => DefaultDef::EmptyList,
        Default::Object(_, json) => DefaultDef::Object(leak(json.clone())),
        Default::Literal(json) => DefaultDef::Literal(match json {
            Json::Bool(flag) => Literal::Boolean(*flag),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Literal::Integer(integer),
                None => Literal::Float(number.as_f64().unwrap_or_default()),
            },
            other => Literal::String(text(other.as_str().unwrap_or_default())),
        }),
    }
}

fn index(index: &Index) -> CompositeIndexDef {
    let keys = index.keys.iter().map(|(property, descending)| IndexKey {
        property: *property,
        descending: *descending,
    });
    CompositeIndexDef::new(index.kind, list(keys)).name(text(&index.name))
}

fn relation<'a>(
    definition: &Definition,
    relation: &'a Relation,
    places: &Places<'_>,
    filters: &mut Vec<ScopeFilter<'a>>,
) -> Option<RelationDef> {
    let own = definition.name.as_str();
    let name = text(&relation.name);
    let discriminator = relation.discriminator.as_deref();
    let mut def = match &relation.target {
        None => RelationDef::to_any(
            name,
            places.field(own, &relation.key),
            places.field(own, discriminator?),
        ),
        Some(target) => {
            let between = relation.through.as_ref();
            let join = between.and_then(|between| between.model.as_deref());
            let holder = match relation.kind {
                RelationKind::BelongsTo => own,
                kind if holds(kind) => own,
                _ => join.unwrap_or(target),
            };
            let key = places.field(holder, &relation.key);
            let mut def = RelationDef::later(relation.kind, name, places.later(target)?, key);
            if let (Some(between), Some(join)) = (between, join) {
                let key = places.field(join, between.key.as_deref()?);
                let through = Through::later(places.later(join)?, key);
                def = def.through(if between.inverse {
                    through.inverse()
                } else {
                    through
                });
            }
            if let Some(discriminator) = discriminator {
                def = def.polymorphic(places.field(holder, discriminator));
            }
            let copies = relation.properties.iter();
            let copies =
                copies.map(|(from, to)| (places.field(own, from), places.field(target, to)));
            def.properties(list(copies))
        }
    };
    if let Some(primary) = &relation.primary_key {
        let target = relation.target.as_deref();
        let target = target.filter(|_| relation.kind == RelationKind::BelongsTo);
        def = def.primary_key(places.field(target.unwrap_or(own), primary));
    }
    if let Some(path) = &relation.path {
        def = def.path(text(path));
    }
    if let (Some((place, json)), Some(target)) = (&relation.scope, &relation.target) {
        let filter: &'static OnceLock<Filter> = leak(OnceLock::new());
        filters.push(ScopeFilter {
            model: target,
            place,
            json,
            filter,
        });
        def = def.scope(made_scope(&format!("{}.{name}", definition.name), filter));
    }
    if !relation.includable {
        def = def.disable_include();
    }
    def.prepend = relation.prepend;
    def.embedding = relation.embedding;
    Some(def.docs(text(&relation.docs)))
}

fn acl(acl: &Acl) -> AclDef {
    AclDef {
        principal: match &acl.principal {
            Principal::Everyone => PrincipalDef::Everyone,
            Principal::Authenticated => PrincipalDef::Authenticated,
            Principal::Unauthenticated => PrincipalDef::Unauthenticated,
            Principal::Owner => PrincipalDef::Owner,
            Principal::Related => PrincipalDef::Related,
            Principal::Role(role) => PrincipalDef::Role(text(role)),
            Principal::User(id) => PrincipalDef::User(text(id)),
            Principal::App(id) => PrincipalDef::App(text(id)),
        },
        permission: acl.permission,
        access: acl.access,
        method: acl.method.as_deref().map(text),
    }
}

fn scope(scope: &Scope, filter: &'static OnceLock<Filter>) -> ScopeDef {
    let def = made_scope(&scope.name, filter);
    if scope.default { def.as_default() } else { def }
}

fn made_scope(name: &str, filter: &'static OnceLock<Filter>) -> ScopeDef {
    let fill = move |place: &mut dyn Any| {
        // It has been understood before anybody asks: a start with a filter that can't be is refused.
        put_scope(place, filter.get().cloned().unwrap_or_default());
    };
    ScopeDef::made(text(name), leak(fill))
}

fn text(text: &str) -> &'static str {
    if text.is_empty() {
        ""
    } else {
        Box::leak(Box::from(text))
    }
}

fn list<T>(items: impl IntoIterator<Item = T>) -> &'static [T] {
    Vec::leak(items.into_iter().collect())
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
