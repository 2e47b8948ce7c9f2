//! What the compiler checks across models: called by generated code in `const` items, on the user's own tokens.
//!
//! Each function is `#[track_caller]`: the error then points at the token that the macro gave to the call, not in here.

mod message;
mod nearest;
mod relation;
mod value;

use message::Message;
use nearest::Nearest;
pub(super) use nearest::same;
pub use relation::{copied, on_delete, relation, relation_kind, through};
pub use value::{argument_default, default, guard, rule};

use super::{
    MixinDef, ModelDef, ModelKind, Place, PrincipalKind, PropertyDef, PropertyType, ScopeDef,
};

/// Refuses a version that does not count, or that is not the only one.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn version(properties: &[PropertyDef], index: usize) {
    let property = &properties[index];
    let mut other = 0;
    while other < properties.len() {
        if other != index && properties[other].version.is_some() {
            Message::new()
                .push("a model has one version, and `")
                .push(properties[other].field)
                .push("` is one, too; remove one of them, or the mixin that it comes with")
                .panic()
        }
        other += 1;
    }
    if property.nullable || !matches!(property.ty, PropertyType::Integer { .. }) {
        Message::new()
            .push("the version `")
            .push(property.field)
            .push("` counts changes; give it the type `i64`")
            .panic()
    }
}

/// Refuses an id that may be absent.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn id(def: &ModelDef) {
    let mut index = 0;
    while index < def.properties.len() {
        let id = &def.properties[index];
        index += 1;
        if !id.id || !id.nullable {
            continue;
        }
        let message = Message::new()
            .push("the id `")
            .push(def.name)
            .push(".")
            .push(id.field)
            .push("` may be absent; give it the type `")
            .push(id.type_name);
        if id.id_part {
            message.push("`").panic()
        }
        message
            .push(
                "`, and mark it `#[model(id, generated)]` if it gets its value when it is created",
            )
            .panic()
    }
}

/// Refuses a model that is to be mixed in.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn mere_mixin(mixin: &MixinDef) {
    if mixin.base.is_some() {
        Message::new()
            .push("`")
            .push(mixin.name)
            .push("` is a model; write `#[model(base)]` to extend it, or make it a mixin with `#[derive(Mixin)]`")
            .panic()
    }
}

/// Refuses a mixin with a property that the model has already.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn mixin(def: &ModelDef, mixin: &MixinDef, place: Place) {
    let mut index = 0;
    while index < mixin.properties.len() {
        let one = &mixin.properties[index];
        let position = place.properties + index;
        let mut other = 0;
        // Those that come later are judged with their own.
        while other < position {
            let known = &def.properties[other];
            let what = if same(known.name, one.name) {
                "the property `"
            } else if same(known.column, one.column) {
                "the column `"
            } else {
                other += 1;
                continue;
            };
            Message::new()
                .push("`")
                .push(def.name)
                .push("` has ")
                .push(what)
                .push(if same(known.name, one.name) { one.name } else { one.column })
                .push("` already, and `")
                .push(mixin.name)
                .push("` brings another one; rename one of the two fields, with `#[model(name = \"...\", column = \"...\")]` \
                       if the field is to stay")
                .panic()
        }
        index += 1;
    }
}

/// Refuses a property in an index over several that is stored as JSON.
///
/// # Panics
/// At compile time, with what to do instead.
#[track_caller]
pub const fn indexed(property: &PropertyDef) {
    if property.ty.is_structured() {
        Message::new()
            .push("`")
            .push(property.field)
            .push("` is stored as JSON, which no index over several properties can hold; remove it from the index")
            .panic()
    }
}

/// Refuses an access rule for a method that the model does not have.
///
/// # Panics
/// At compile time, with the nearest method that there is.
#[track_caller]
pub const fn acl_method(def: &ModelDef, name: &str) {
    let nearest = Nearest::to(name)
        .or(["read", "", "", ""])
        .or(["write", "", "", ""])
        .or(["execute", "", "", ""]);
    let kinds = match def.kind {
        ModelKind::KeyValue => "an access type (`read`, `write`, `all`), or ",
        ModelKind::Persisted => "an access type (`read`, `write`, `execute`, `all`), ",
    };
    known_method(def, name, nearest, kinds);
}

/// Refuses a rule for the owner of what nobody owns; `targets` are those of the model's `belongs_to`s.
///
/// # Panics
/// At compile time, with what to do instead.
#[track_caller]
pub const fn owner(def: &ModelDef, targets: &[&ModelDef]) {
    let mut owned = matches!(def.principal, Some(PrincipalKind::User));
    let mut index = 0;
    while index < def.properties.len() {
        let name = def.properties[index].name;
        owned |= same(name, "userId") || same(name, "owner");
        index += 1;
    }
    let mut index = 0;
    while index < targets.len() {
        owned |= matches!(targets[index].principal, Some(PrincipalKind::User));
        index += 1;
    }
    if !owned {
        Message::new()
            .push("nobody owns a `")
            .push(def.name)
            .push("`; give it a `belongs_to` to a model of users, which extends `User` or says `#[model(principal = user)]`, or write `to = role(\"...\")`")
            .panic()
    }
}

/// Refuses a method that the model does not have.
///
/// # Panics
/// At compile time, with the nearest method that there is.
#[track_caller]
pub const fn method(def: &ModelDef, name: &str) {
    known_method(def, name, Nearest::to(name), "");
}

/// Refuses a remote hook for a method that the model does not have, or that not every model has that takes in the mixin.
///
/// # Panics
/// At compile time, with the nearest method that there is.
#[track_caller]
pub const fn hooked_method(mixin: &MixinDef, name: &str) {
    match mixin.base {
        Some(def) => method(def, name),
        None => {
            let alone = ModelDef::unmixed(mixin.name, "", "", mixin.properties);
            method(&alone.methods(mixin.methods), name);
        }
    }
}

#[track_caller]
const fn known_method(def: &ModelDef, name: &str, mut nearest: Nearest<'_>, or_kind: &str) {
    let methods = def.kind.methods();
    let mut index = 0;
    while index < methods.len() {
        let method = &methods[index];
        nearest = nearest.or([method.name, "", "", ""]);
        let mut alias = 0;
        while alias < method.aliases.len() {
            if same(method.aliases[alias], name) {
                Message::new()
                    .push("`")
                    .push_method(name)
                    .push("` is an alias; write `")
                    .push_method(method.name)
                    .push("`, the name that rules go by")
                    .panic()
            }
            alias += 1;
        }
        index += 1;
    }
    let mut own = 0;
    while own < def.methods.remotes.len() {
        nearest = nearest.or([def.methods.remotes[own].name, "", "", ""]);
        own += 1;
    }
    let mut scope = 0;
    while scope < def.methods.scopes.len() {
        let mut index = 0;
        while !def.methods.scopes[scope].default && index < ScopeDef::METHODS.len() {
            let verb = ScopeDef::METHODS[index].verb;
            nearest = nearest.or(["__", verb, "__", def.methods.scopes[scope].name]);
            index += 1;
        }
        scope += 1;
    }
    let mut relation = 0;
    while relation < def.relations.len() {
        let one = &def.relations[relation];
        if one.nest_remoting && nearest::is_below(name, one.name) {
            // Which relations the target has, only the start knows.
            return;
        }
        let methods = one.methods();
        let mut index = 0;
        while index < methods.len() {
            nearest = nearest.or(["__", methods[index].verb, "__", one.name]);
            index += 1;
        }
        relation += 1;
    }
    if nearest.is_known() {
        return;
    }
    let message = Message::new()
        .push("`")
        .push(def.name)
        .push("` has no method `")
        .push_method(name);
    match (nearest.suggestion(), def.kind) {
        (Some([a, b, c, d]), _) => message
            .push("`; did you mean `")
            .push_method(a)
            .push_method(b)
            .push_method(c)
            .push_method(d)
            .push("`?")
            .panic(),
        (None, ModelKind::KeyValue) => message
            .push("`; write ")
            .push(or_kind)
            .push("one of the methods `get`, `set`, `expire` and `keys`")
            .panic(),
        (None, ModelKind::Persisted) => message
            .push("`; write ")
            .push(or_kind)
            .push("a method such as `find` or `create`, ")
            .push("or a relation's method such as `__get__reviews`")
            .panic(),
    }
}

/// Refuses models that are served on one path: nobody could tell which one answers.
///
/// # Panics
/// At compile time, with the two models.
#[track_caller]
pub const fn unique_paths(models: &[&ModelDef]) {
    let mut left = 0;
    while left < models.len() {
        let mut right = left + 1;
        while right < models.len() {
            let (a, b) = (models[left], models[right]);
            if a.public && b.public && a.path.eq_ignore_ascii_case(b.path) {
                Message::new()
                    .push("`")
                    .push(a.name)
                    .push("` and `")
                    .push(b.name)
                    .push("` are both served at `/")
                    .push(a.path)
                    .push("`; give one of them another path with `#[model(path = \"...\")]`")
                    .panic()
            }
            right += 1;
        }
        left += 1;
    }
}

const fn field<'a>(def: &'a ModelDef, name: &str) -> Option<&'a PropertyDef> {
    let mut index = 0;
    while index < def.properties.len() {
        if same(def.properties[index].field, name) {
            return Some(&def.properties[index]);
        }
        index += 1;
    }
    None
}

/// The field whose name is so near to `name` that it was probably meant.
const fn nearest_field(def: &ModelDef, name: &str) -> Option<&'static str> {
    let mut nearest = Nearest::to(name);
    let mut index = 0;
    while index < def.properties.len() {
        nearest = nearest.or([def.properties[index].field, "", "", ""]);
        index += 1;
    }
    match nearest.suggestion() {
        Some([field, ..]) => Some(field),
        None => None,
    }
}
