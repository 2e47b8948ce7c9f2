//! What the compiler checks across models: called by generated code in `const` items, on the user's own tokens.
//!
//! Each function is `#[track_caller]`: the error then points at the token that the macro gave to the call, not in here.

mod message;
mod nearest;

use message::Message;
use nearest::{Nearest, same};

use super::method::METHODS;
use super::{
    DefaultDef, Literal, ModelDef, PropertyDef, PropertyType, RelationDef, RelationKind, Rule,
};

/// Refuses an id that may be absent.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn id(def: &ModelDef) {
    let id = def.id();
    if id.nullable {
        Message::new()
            .push("the id `")
            .push(def.name)
            .push(".")
            .push(id.field)
            .push("` may be absent; give it the type `")
            .push(id.type_name)
            .push(
                "`, and mark it `#[model(id, generated)]` if it gets its value when it is created",
            )
            .panic()
    }
}

/// Refuses a default that is no value of its property.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn default(property: &PropertyDef) {
    let (fits, what) = match &property.default {
        None | Some(DefaultDef::Function(_)) => return,
        Some(DefaultDef::Now) => (
            matches!(property.ty, PropertyType::DateTime | PropertyType::Date),
            "an instant",
        ),
        Some(DefaultDef::Uuid) => (
            matches!(property.ty, PropertyType::Uuid | PropertyType::String),
            "a UUID",
        ),
        Some(DefaultDef::Literal(literal)) => match misfit(literal, &property.ty) {
            None => return,
            Some(Misfit::Value) => wrong_value(literal, property),
            Some(Misfit::Type) => (false, literal_kind(literal)),
        },
    };
    if !fits {
        Message::new()
            .push("this is ")
            .push(what)
            .push(", but `")
            .push(property.field)
            .push("` is `")
            .push(property.type_name)
            .push("`; write a default of that type, or the path of a function that returns one")
            .panic()
    }
}

/// Refuses a validation rule that says nothing about values of the property's type.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn rule(property: &PropertyDef, index: usize) {
    let ty = &property.ty;
    let (fits, problem, cure) = match &property.rules[index] {
        Rule::Presence | Rule::Absence => return,
        Rule::Length { .. } => (
            matches!(
                ty,
                PropertyType::String | PropertyType::Bytes | PropertyType::Array(_)
            ),
            "`length` is for text and lists",
            "write `range(...)` for numbers",
        ),
        Rule::Range { .. } => (
            matches!(
                ty,
                PropertyType::Integer { .. } | PropertyType::Float | PropertyType::Decimal
            ),
            "`range` is for numbers",
            "write `length(...)` for text and lists",
        ),
        Rule::Format(_) => (
            matches!(ty, PropertyType::String),
            "`format` is for text",
            "write `range(...)` for numbers, or remove the rule",
        ),
        Rule::Inclusion(list) | Rule::Exclusion(list) => {
            let mut index = 0;
            while index < list.len() {
                match misfit(&list[index], ty) {
                    None => {}
                    Some(Misfit::Value) => wrong_value(&list[index], property),
                    Some(Misfit::Type) => Message::new()
                        .push("the list has ")
                        .push(literal_kind(&list[index]))
                        .push(", but `")
                        .push(property.field)
                        .push("` is `")
                        .push(property.type_name)
                        .push("`; write items of that type")
                        .panic(),
                }
                index += 1;
            }
            return;
        }
    };
    if !fits {
        Message::new()
            .push(problem)
            .push(", but `")
            .push(property.field)
            .push("` is `")
            .push(property.type_name)
            .push("`; ")
            .push(cure)
            .panic()
    }
}

/// Why a constant can't be a property's value.
enum Misfit {
    /// It is of another type.
    Type,
    /// It is of the right type, but not among the type's values.
    Value,
}

const fn misfit(literal: &Literal, ty: &PropertyType) -> Option<Misfit> {
    let fits = match (literal, ty) {
        (_, PropertyType::Json)
        | (Literal::Boolean(_), PropertyType::Boolean)
        | (Literal::Integer(_) | Literal::Float(_), PropertyType::Float | PropertyType::Decimal)
        // Text is read when it is needed, as from JSON.
        | (
            Literal::String(_),
            PropertyType::String
            | PropertyType::DateTime
            | PropertyType::Date
            | PropertyType::Uuid
            | PropertyType::Decimal,
        ) => true,
        (Literal::Integer(number), PropertyType::Integer { min, max }) => {
            *min <= *number && *number <= *max
        }
        (Literal::String(text), PropertyType::Enum(variants)) => {
            let mut index = 0;
            while index < variants.len() && !same(variants[index], text) {
                index += 1;
            }
            index < variants.len()
        }
        _ => return Some(Misfit::Type),
    };
    if fits { None } else { Some(Misfit::Value) }
}

/// Says which values the type of `property` has, since `literal` is none of them.
#[track_caller]
const fn wrong_value(literal: &Literal, property: &PropertyDef) -> ! {
    let message = Message::new().push("`").push(property.type_name);
    match (literal, &property.ty) {
        (Literal::String(text), PropertyType::Enum(variants)) => {
            let mut nearest = Nearest::to(text);
            let mut index = 0;
            while index < variants.len() {
                nearest = nearest.or([variants[index], "", "", ""]);
                index += 1;
            }
            let message = message.push("` has no `").push(text);
            match nearest.suggestion() {
                Some([near, ..]) => message
                    .push("`; did you mean `")
                    .push(near)
                    .push("`?")
                    .panic(),
                None => {
                    let mut message = message.push("`; write `").push(variants[0]);
                    let mut index = 1;
                    while index < variants.len() {
                        let last = index + 1 == variants.len();
                        message = message
                            .push(if last { "` or `" } else { "`, `" })
                            .push(variants[index]);
                        index += 1;
                    }
                    message.push("`").panic()
                }
            }
        }
        (Literal::Integer(number), PropertyType::Integer { min, max }) => message
            .push("` can't hold ")
            .push_integer(*number)
            .push("; write a number from ")
            .push_integer(*min)
            .push(" to ")
            .push_integer(*max)
            .panic(),
        _ => message
            .push("` has no such value; write another one")
            .panic(),
    }
}

const fn literal_kind(literal: &Literal) -> &'static str {
    match literal {
        Literal::Boolean(_) => "a truth value",
        Literal::Integer(_) => "an integer",
        Literal::Float(_) => "a number",
        Literal::String(_) => "text",
    }
}

/// Refuses a relation whose field has the type of another kind of relation.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn relation_kind(owner: &ModelDef, index: usize, field: RelationKind) {
    let relation = &owner.relations[index];
    if relation.kind as u8 != field as u8 {
        Message::new()
            .push("`")
            .push(relation.name)
            .push("` is declared as `")
            .push(relation.kind.word())
            .push("`, but its type is `")
            .push(field.type_name())
            .push("`; write `#[relation(")
            .push(field.word())
            .push(")]`, or give the field the type `")
            .push(relation.kind.type_name())
            .push("`")
            .panic()
    }
}

/// Refuses a relation whose key is missing, or has another type than the id that it points to.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn relation(owner: &ModelDef, index: usize, target: &ModelDef) {
    let relation = &owner.relations[index];
    let (holder, referenced) = match relation.kind {
        RelationKind::BelongsTo => (owner, target),
        RelationKind::HasMany | RelationKind::HasOne => (target, owner),
    };
    let Some(key) = field(holder, relation.foreign_key) else {
        let message = Message::new()
            .push("foreign key `")
            .push(relation.foreign_key)
            .push("` not found on `")
            .push(holder.name);
        match nearest_field(holder, relation.foreign_key) {
            Some(near) => message
                .push("`; did you mean `key = ")
                .push(near)
                .push("`?")
                .panic(),
            None => message
                .push("`; add the field to `")
                .push(holder.name)
                .push("`, or name another one with `key = ...`")
                .panic(),
        }
    };
    let id = referenced.id();
    if !same(key.type_name, id.type_name) {
        Message::new()
            .push("foreign key `")
            .push(holder.name)
            .push(".")
            .push(key.field)
            .push("` is `")
            .push(key.type_name)
            .push("`, but `")
            .push(referenced.name)
            .push(".")
            .push(id.field)
            .push("` is `")
            .push(id.type_name)
            .push("`; give both the same type")
            .panic()
    }
}

/// Refuses an access rule for a method that the model does not have.
///
/// # Panics
/// At compile time, with the nearest method that there is.
#[track_caller]
pub const fn acl_method(def: &ModelDef, name: &str) {
    let mut nearest = Nearest::to(name)
        .or(["read", "", "", ""])
        .or(["write", "", "", ""])
        .or(["execute", "", "", ""]);
    let mut index = 0;
    while index < METHODS.len() {
        let method = &METHODS[index];
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
    let mut relation = 0;
    while relation < def.relations.len() {
        let RelationDef { name, kind, .. } = def.relations[relation];
        let methods = kind.methods();
        let mut index = 0;
        while index < methods.len() {
            nearest = nearest.or(["__", methods[index].verb, "__", name]);
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
    match nearest.suggestion() {
        Some([a, b, c, d]) => message
            .push("`; did you mean `")
            .push_method(a)
            .push_method(b)
            .push_method(c)
            .push_method(d)
            .push("`?")
            .panic(),
        None => message
            .push("`; write an access type (`read`, `write`, `execute`, `all`), a method such as `find` or `create`, ")
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
