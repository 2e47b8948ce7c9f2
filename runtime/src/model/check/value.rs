//! Constants in attributes, judged by the type of the property that they are for.

use super::message::Message;
use super::nearest::{Nearest, same};
use crate::model::{DefaultDef, Literal, PropertyDef, PropertyType, RemoteType, Rule};

/// Refuses a default that is no value of its property.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn default(property: &PropertyDef) {
    let (fits, what) = match &property.default {
        None | Some(DefaultDef::Object(_) | DefaultDef::Function(_)) => return,
        Some(DefaultDef::Now) => (
            matches!(property.ty, PropertyType::DateTime | PropertyType::Date),
            "an instant",
        ),
        Some(DefaultDef::ShortId) => (matches!(property.ty, PropertyType::String), "text"),
        Some(DefaultDef::Uuid | DefaultDef::Guid) => (
            matches!(property.ty, PropertyType::Uuid | PropertyType::String),
            "a UUID",
        ),
        Some(DefaultDef::EmptyList) => (matches!(property.ty, PropertyType::Array(_)), "a list"),
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

/// Refuses a default that is no value of its argument.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn argument_default(ty: &RemoteType, default: &Literal) {
    let (ty, name) = match ty {
        RemoteType::Value(ty, name) | RemoteType::Optional(RemoteType::Value(ty, name)) => {
            (ty, *name)
        }
        _ => Message::new()
            .push("only a plain value has a default; make the argument an `Option`, and see what there is")
            .panic(),
    };
    match misfit(default, ty) {
        None => {}
        Some(Misfit::Value) => Message::new()
            .push("this is no value of `")
            .push(name)
            .push("`; write one, or make the argument an `Option`")
            .panic(),
        Some(Misfit::Type) => Message::new()
            .push("this is ")
            .push(literal_kind(default))
            .push(", but the argument is `")
            .push(name)
            .push("`; write a default of that type")
            .panic(),
    }
}

/// Refuses a validation rule that says nothing about values of the property's type.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn rule(property: &PropertyDef, index: usize) {
    let ty = &property.ty;
    let rule = &property.rules[index];
    if !rule.allow_null && !property.nullable {
        Message::new()
            .push("`")
            .push(property.field)
            .push("` is never null, since it is no `Option`; remove `allow_null = false`")
            .panic()
    }
    if property.id && matches!(rule.rule, Rule::Uniqueness { .. }) {
        Message::new()
            .push("`")
            .push(property.field)
            .push("` is the id, which is unique by itself; remove the rule")
            .panic()
    }
    let (fits, problem, cure) = match &rule.rule {
        Rule::Presence | Rule::Absence => return,
        Rule::Uniqueness { .. } => (
            !ty.is_structured(),
            "`uniqueness` is for what an index can hold",
            "remove the rule, or write a function with `#[hook(validate)]`",
        ),
        Rule::Numericality { integer } => (
            match ty {
                PropertyType::Json => true,
                PropertyType::Float | PropertyType::Decimal => *integer,
                _ => false,
            },
            "`numericality` judges what a type leaves open",
            "remove the rule, or write `numericality(int)` for a number that may have a fraction",
        ),
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

/// Refuses a rule that depends on a property without a truth value.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn guard(property: &PropertyDef) {
    if !matches!(property.ty, PropertyType::Boolean) {
        Message::new()
            .push("`")
            .push(property.field)
            .push("` is `")
            .push(property.type_name)
            .push("`, and says neither yes nor no; name a property of the type `bool`, or a function such as `Self::is_published`")
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
            | PropertyType::ObjectId
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
