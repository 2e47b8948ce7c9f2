//! Examples that a person could have written, and that pass the rules.

use regex::Regex;
use serde_json::{Map, Value as Json, json};

use super::number;
use crate::model::{
    DefaultDef, Format, ModelDef, ObjectDef, PropertyDef, PropertyType, RelationKind, Rule,
};

const INSTANT: &str = "2026-03-14T09:26:53.000Z";
const DAY: &str = "2026-03-14";
const UUID: &str = "0198f3c2-6b1e-7c4a-9d2f-5a1b3c4d5e6f";
const OBJECT_ID: &str = "507f1f77bcf86cd799439011";

/// Texts by what the property's name contains; the first word that fits decides.
const BY_NAME: &[(&str, &str)] = &[
    ("email", "ada@example.com"),
    ("firstname", "Ada"),
    ("lastname", "Lovelace"),
    ("username", "ada"),
    ("name", "Ada"),
    ("password", "correct horse battery staple"),
    ("phone", "+1 604 555 0100"),
    ("street", "1 Main Street"),
    ("address", "1 Main Street, Vancouver"),
    ("city", "Vancouver"),
    ("country", "Canada"),
    ("postal", "V6B 1A1"),
    ("zip", "V6B 1A1"),
    ("colour", "blue"),
    ("color", "blue"),
    ("currency", "EUR"),
    ("locale", "en"),
    ("language", "en"),
    ("website", "https://example.com"),
    ("url", "https://example.com"),
    ("link", "https://example.com"),
    ("comment", "Quite pleasant."),
    ("description", "Quite pleasant."),
    ("message", "See you tomorrow."),
    ("text", "See you tomorrow."),
    ("note", "See you tomorrow."),
    ("title", "A good start"),
    ("tag", "new"),
];

/// Texts for whoever asks for a form; the first that fits is taken.
const BY_FORM: &[&str] = &[
    "ada@example.com",
    "https://example.com",
    "+16045550100",
    "+1 604 555 0100",
    "V6B 1A1",
    "12345",
    "123456789",
    "#0066cc",
    "ABC",
    "ABC-123",
    "abc",
    "abc-123",
    "Ada",
    "Ada Lovelace",
    "2026-03-14",
    "09:26",
    "192.0.2.1",
    "example.com",
    "EUR",
    "en",
    "en-GB",
    UUID,
    "Secret-123",
    "1.0.0",
    "1",
    "a",
];

/// A value of the property, unless none comes to mind that passes its rules.
pub(super) fn of_property(property: &PropertyDef) -> Option<Json> {
    let listed = property.binding_rules().find_map(|rule| match rule {
        Rule::Inclusion(list) => Some(list.first().map(|literal| literal.to_json())),
        _ => None,
    });
    if let Some(listed) = listed {
        return match property.default {
            Some(DefaultDef::Literal(literal)) => Some(literal.to_json()),
            _ => listed,
        };
    }
    if property.binding_rules().any(|rule| *rule == Rule::Absence) {
        return None;
    }
    let value = match &property.ty {
        PropertyType::Integer { .. } => json!(integer(property)),
        PropertyType::Float => json!(float(property)),
        PropertyType::String if property.id => json!("a1"),
        PropertyType::String => json!(text(property)?),
        ty => of_type(ty),
    };
    let excluded = property.binding_rules().any(|rule| match rule {
        Rule::Exclusion(list) => list.iter().any(|literal| literal.to_json() == value),
        _ => false,
    });
    (!excluded).then_some(value)
}

fn of_type(ty: &PropertyType) -> Json {
    match ty {
        PropertyType::Boolean => json!(true),
        PropertyType::Integer { min, max } => json!(1.clamp(*min, *max)),
        PropertyType::Float => json!(1.5),
        PropertyType::Decimal => json!("9.90"),
        PropertyType::String => json!("new"),
        PropertyType::DateTime => json!(INSTANT),
        PropertyType::Date => json!(DAY),
        PropertyType::Uuid => json!(UUID),
        PropertyType::ObjectId => json!(OBJECT_ID),
        PropertyType::Bytes => json!({"type": "Buffer", "data": [104, 105]}),
        PropertyType::GeoPoint => geo_point(),
        PropertyType::Json => json!({"any": "JSON"}),
        PropertyType::Enum(variants) => json!(variants.first()),
        PropertyType::Array(item) => json!([of_type(item)]),
        PropertyType::Object(def) => object(def),
    }
}

pub(super) fn geo_point() -> Json {
    json!({"lat": 49.2827, "lng": -123.1207})
}

fn object(def: &ObjectDef) -> Json {
    // What nobody sees need not be shown.
    let shown = |member: &&PropertyDef| member.required() || !member.hidden && !member.protected;
    members(def.properties.iter().filter(shown))
}

fn integer(property: &PropertyDef) -> i64 {
    let (min, max) = number::integer_bounds(property);
    let name = property.name.to_lowercase();
    let by_name = [
        ("year", 2026),
        ("age", 36),
        ("rating", 4),
        ("stars", 4),
        ("amount", 3),
        ("quantity", 3),
        ("count", 3),
    ];
    let wanted = by_name.iter().find(|(word, _)| name.contains(word));
    let wanted = if property.id { None } else { wanted };
    // Bounds that contradict each other leave nothing to clamp to.
    wanted.map_or(1, |(_, value)| *value).max(min).min(max)
}

fn float(property: &PropertyDef) -> f64 {
    let bounds = property
        .binding_rules()
        .fold((f64::MIN, f64::MAX), |bounds, rule| match rule {
            Rule::Range { min, max } => (
                min.map_or(bounds.0, |min| bounds.0.max(min)),
                max.map_or(bounds.1, |max| bounds.1.min(max)),
            ),
            _ => bounds,
        });
    let name = property.name.to_lowercase();
    let wanted = if name.contains("price") { 9.9 } else { 1.5 };
    f64::max(wanted, bounds.0).min(bounds.1)
}

fn text(property: &PropertyDef) -> Option<String> {
    let name = property.name.to_lowercase();
    let by_name = BY_NAME.iter().find(|(word, _)| name.contains(word));
    let own = by_name.map_or_else(|| words(property.name), |(_, text)| (*text).to_owned());
    let forms: Vec<_> = property
        .binding_rules()
        .filter_map(|rule| match rule {
            Rule::Format(Format::Pattern(pattern)) => Regex::new(pattern).ok(),
            _ => None,
        })
        .collect();
    let named: Vec<_> = property
        .binding_rules()
        .filter_map(|rule| match rule {
            Rule::Format(format) if !matches!(format, Format::Pattern(_)) => Some(*format),
            _ => None,
        })
        .collect();
    let (min, max) = lengths(property);
    let fits = |text: &String| {
        let length = text.chars().count();
        let formed = forms.iter().all(|form| form.is_match(text));
        let named = named.iter().all(|format| format.is_known_of(text));
        length >= min && length <= max && formed && named
    };
    let padded = [" ", "x"].map(|filler| fit(&own, filler, min, max));
    let candidates = std::iter::once(own).chain(padded);
    let candidates = candidates.chain(BY_FORM.iter().map(|text| (*text).to_owned()));
    candidates.into_iter().find(fits)
}

fn lengths(property: &PropertyDef) -> (usize, usize) {
    // A text that a rule judges is never blank.
    let least = usize::from(property.binding_rules().next().is_some());
    property
        .binding_rules()
        .fold((least, usize::MAX), |(least, most), rule| match rule {
            Rule::Length { min, max, is } => (
                least.max(min.unwrap_or(0)).max(is.unwrap_or(0)),
                most.min(max.unwrap_or(usize::MAX))
                    .min(is.unwrap_or(usize::MAX)),
            ),
            _ => (least, most),
        })
}

/// The text, made as long or as short as it must be.
fn fit(text: &str, filler: &str, min: usize, max: usize) -> String {
    // Nobody reads an example of thousands of characters.
    const LONGEST: usize = 200;
    let characters = text.chars().chain(filler.chars().cycle());
    let length = text
        .chars()
        .count()
        .clamp(min.min(LONGEST), max.max(min.min(LONGEST)));
    characters.take(length).collect()
}

/// `favouriteDrink` as `Favourite drink`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for character in name.chars() {
        if words.is_empty() {
            words.extend(character.to_uppercase());
        } else if character.is_uppercase() {
            words.push(' ');
            words.extend(character.to_lowercase());
        } else {
            words.push(if character == '_' { ' ' } else { character });
        }
    }
    words
}

/// An instance as it is answered.
pub(super) fn answer(def: &ModelDef) -> Json {
    members(def.properties.iter().filter(|property| !property.hidden))
}

/// What a request would carry: what is required, and what most callers add.
pub(super) fn request(def: &ModelDef, without: &[&str]) -> Json {
    let keys: Vec<_> = def
        .relations
        .iter()
        .filter(|relation| relation.kind == RelationKind::BelongsTo)
        .map(|relation| relation.foreign_key)
        .collect();
    members(def.properties.iter().filter(|property| {
        let carried =
            !without.contains(&property.name) && !property.extra && !property.read_only;
        // A time, a random id or a link to something that may not exist is best left to the server.
        let optional = property.id && property.generated
            || matches!(property.default, Some(default) if !matches!(default, DefaultDef::Literal(_)))
            || property.nullable && keys.contains(&property.field);
        carried && !optional
    }))
}

/// Some changes to an instance: the first property that may change.
pub(super) fn patch(def: &ModelDef, without: &[&str]) -> Json {
    let all = request(def, without);
    let first = all
        .as_object()
        .and_then(|members| members.iter().find(|(name, _)| *name != def.id().name));
    first.map_or_else(|| json!({}), |(name, value)| json!({ name: value }))
}

fn members<'a>(properties: impl Iterator<Item = &'a PropertyDef>) -> Json {
    let members =
        properties.filter_map(|property| Some((property.name.to_owned(), of_property(property)?)));
    Json::Object(members.collect::<Map<_, _>>())
}
