//! The schema of one property.

use serde_json::Value as Json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AnyOfBuilder, ArrayBuilder, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat,
    SchemaType, Type,
};

use super::components::Components;
use super::{example, number, rule, schema, security};
use crate::access::CallerKind;
use crate::model::{AccessType, AclDef, DefaultDef, Permission, PropertyDef, PropertyType};

/// For which end of the wire a schema is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// What is answered. Rules are not promised: data may be older than they are.
    Answer,
    /// What a new instance is made of.
    New,
    /// What changes an instance.
    Patch,
}

impl Use {
    pub fn is_request(self) -> bool {
        self != Use::Answer
    }
}

/// The schema of `property`, with its documentation.
pub(super) fn schema(
    components: &mut Components,
    property: &PropertyDef,
    usage: Use,
) -> RefOr<Schema> {
    let mut schema = value(components, property, usage);
    if property.nullable {
        schema = nullable(schema);
    }
    describe(property, usage, &mut schema);
    schema
}

/// The schema of the value of a key-value model.
pub(super) fn never_null(
    components: &mut Components,
    property: &PropertyDef,
    usage: Use,
) -> RefOr<Schema> {
    let property = PropertyDef {
        nullable: false,
        ..*property
    };
    let mut schema = schema(components, &property, usage);
    if let RefOr::T(Schema::Object(object)) = &mut schema
        && object.schema_type == SchemaType::AnyValue
    {
        let any = [
            Type::Boolean,
            Type::Number,
            Type::String,
            Type::Array,
            Type::Object,
        ];
        object.schema_type = SchemaType::Array(any.to_vec());
    }
    schema
}

/// The schema of a value that is there.
fn value(components: &mut Components, property: &PropertyDef, usage: Use) -> RefOr<Schema> {
    let mut schema = match &property.ty {
        PropertyType::Array(item) => {
            // Rules are about the list; its items are coerced like any value.
            let item = PropertyDef {
                ty: **item,
                type_name: "",
                rules: &[],
                ..*property
            };
            RefOr::T(
                ArrayBuilder::new()
                    .items(value(components, &item, usage))
                    .into(),
            )
        }
        ty => of_type(components, ty, property.type_name, usage),
    };
    if usage.is_request() {
        for rule in property.binding_rules() {
            rule::apply(rule, property, &mut schema);
        }
        coerced(property, &mut schema);
    }
    schema
}

/// The schema of a type, as values are written and exactly as they should be sent.
pub(super) fn of_type(
    components: &mut Components,
    ty: &PropertyType,
    type_name: &str,
    usage: Use,
) -> RefOr<Schema> {
    let text = |format: Option<SchemaFormat>| scalar(Type::String, format);
    let known = |format| Some(SchemaFormat::KnownFormat(format));
    let custom = |format: &str| Some(SchemaFormat::Custom(format.to_owned()));
    RefOr::T(match ty {
        PropertyType::Boolean => scalar(Type::Boolean, None),
        PropertyType::Integer { min, max } => number::integer(*min, *max, usage.is_request()),
        PropertyType::Float if type_name == "f32" => {
            scalar(Type::Number, known(KnownFormat::Float))
        }
        PropertyType::Float => scalar(Type::Number, known(KnownFormat::Double)),
        // Text, so that no digit is lost on the way.
        PropertyType::Decimal => text(custom("decimal")),
        PropertyType::String => text(None),
        PropertyType::DateTime => text(known(KnownFormat::DateTime)),
        PropertyType::Date => text(known(KnownFormat::Date)),
        PropertyType::Uuid => text(custom("uuid")),
        PropertyType::ObjectId => {
            let digits = if usage.is_request() {
                "0-9a-fA-F"
            } else {
                "0-9a-f"
            };
            let id = ObjectBuilder::new().schema_type(Type::String);
            id.pattern(Some(format!("^[{digits}]{{24}}$"))).into()
        }
        PropertyType::Bytes => return schema::bytes(components, usage),
        PropertyType::GeoPoint => return schema::geo_point(components, usage),
        PropertyType::Json => ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .into(),
        PropertyType::Enum(variants) => ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(variants.iter().copied()))
            .into(),
        PropertyType::Array(item) => {
            let items = of_type(components, item, "", usage);
            ArrayBuilder::new().items(items).into()
        }
        PropertyType::Object(def) => return schema::object(components, def, usage).into(),
    })
}

fn scalar(ty: Type, format: Option<SchemaFormat>) -> Schema {
    ObjectBuilder::new().schema_type(ty).format(format).into()
}

/// The schema that takes null too.
pub(super) fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = with_type(object.schema_type, Type::Null);
            if let Some(values) = &mut object.enum_values {
                values.push(Json::Null);
            }
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = with_type(array.schema_type, Type::Null);
            RefOr::T(Schema::Array(array))
        }
        other => {
            let mut any_of = match other {
                RefOr::T(Schema::AnyOf(any_of)) => any_of,
                other => AnyOfBuilder::new().item(other).build(),
            };
            any_of.items.push(RefOr::T(scalar(Type::Null, None)));
            RefOr::T(Schema::AnyOf(any_of))
        }
    }
}

/// The type, or one more; any value stays any value.
pub(super) fn with_type(types: SchemaType, more: Type) -> SchemaType {
    match types {
        SchemaType::Type(one) => SchemaType::Array(vec![one, more]),
        SchemaType::Array(mut types) => {
            types.push(more);
            SchemaType::Array(types)
        }
        SchemaType::AnyValue => SchemaType::AnyValue,
    }
}

/// What coercion takes besides a value of the type itself (contract *models.md* §2).
fn coerced(property: &PropertyDef, schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else {
        return;
    };
    let mut also = Vec::new();
    match property.ty {
        PropertyType::Boolean => {
            take(object, Type::Number);
            take(object, Type::String);
            object.pattern = Some("^(true|false|1|0)?$".into());
        }
        PropertyType::Integer { .. } | PropertyType::Float | PropertyType::Decimal => {
            also = number::coerced(property, object);
        }
        PropertyType::String if takes_scalars(object) => {
            take(object, Type::Number);
            take(object, Type::Boolean);
        }
        PropertyType::DateTime | PropertyType::Date => {
            take(object, Type::Number);
            let (above, below) = number::instant_bounds();
            object.exclusive_minimum = Some(above);
            object.exclusive_maximum = Some(below);
        }
        _ => {}
    }
    if !also.is_empty() {
        let own = std::mem::replace(schema, RefOr::T(Schema::Object(Object::new())));
        let any_of = also
            .into_iter()
            .fold(AnyOfBuilder::new().item(own), AnyOfBuilder::item);
        *schema = RefOr::T(any_of.into());
    }
}

pub(super) fn take(object: &mut Object, ty: Type) {
    let types = std::mem::replace(&mut object.schema_type, SchemaType::AnyValue);
    object.schema_type = with_type(types, ty);
}

/// Do the texts of all numbers and flags pass the rules?
fn takes_scalars(object: &Object) -> bool {
    const LONGEST: usize = 24;
    object.min_length.unwrap_or(0) <= 1
        && object.max_length.is_none_or(|max| max >= LONGEST)
        && object.pattern.is_none()
        && object.format.is_none()
        && object.enum_values.is_none()
}

fn describe(property: &PropertyDef, usage: Use, schema: &mut RefOr<Schema>) {
    let mut description = vec![property.docs.trim().to_owned()];
    let default = match property.default.filter(|_| usage != Use::Patch) {
        Some(DefaultDef::Literal(literal)) => Some(literal.to_json()),
        Some(DefaultDef::EmptyList) => Some(serde_json::json!([])),
        Some(default) if usage == Use::New => {
            description.push(default_in_words(default, &property.ty).into());
            None
        }
        _ => None,
    };
    description.extend(access_in_words(property, usage));
    if usage.is_request() {
        description.extend(
            property
                .binding_rules()
                .filter_map(|rule| rule::in_words(rule, property)),
        );
    }
    description.retain(|part| !part.is_empty());
    let description = Some(description.join(" ")).filter(|text| !text.is_empty());
    let examples: Vec<_> = example::of_property(property).into_iter().collect();
    let write_only = (property.hidden && usage.is_request()).then_some(true);
    let read_only = property.read_only.then_some(true);
    match schema {
        RefOr::T(Schema::Object(object)) => {
            object.description = description;
            object.default = default;
            object.examples = examples;
            object.write_only = write_only;
            object.read_only = read_only;
        }
        RefOr::T(Schema::Array(array)) => {
            array.description = description;
            array.default = default;
            array.examples = examples;
        }
        RefOr::T(Schema::AnyOf(any_of)) => {
            any_of.description = description;
            any_of.default = default;
            any_of.examples = examples;
        }
        RefOr::Ref(reference) => reference.description = description.unwrap_or_default(),
        RefOr::T(_) => {}
    }
}

/// Who may write a property that is not for everybody, or read it.
fn access_in_words(property: &PropertyDef, usage: Use) -> Option<String> {
    let (access, verb, otherwise) = match usage.is_request() {
        true => (AccessType::Write, "write", "from others it is dropped"),
        false => (AccessType::Read, "read", "for others it is not there"),
    };
    let rules: Vec<_> = property.rules_about(access).collect();
    let allows = |rule: &&&AclDef| rule.permission == Permission::Allow;
    let denies = rules.len() > rules.iter().filter(allows).count();
    let allowed: Vec<_> = rules
        .iter()
        .filter(allows)
        .map(|rule| CallerKind::of(rule.principal))
        // Nobody owns what is not there yet.
        .filter(|kind| {
            usage != Use::New || !matches!(kind, CallerKind::Owner | CallerKind::Related)
        })
        .collect();
    let who = match (&rules[..], &allowed[..]) {
        ([], _) => return None,
        (_, []) => "Nobody".to_owned(),
        (_, all) if all.contains(&CallerKind::Anonymous) && !denies => return None,
        (_, all) if all.contains(&CallerKind::Anonymous) => "Not every caller".to_owned(),
        (_, some) => format!("Only {}", security::callers(some)),
    };
    Some(format!("{who} may {verb} it: {otherwise}."))
}

fn default_in_words(default: DefaultDef, ty: &PropertyType) -> &'static str {
    match default {
        DefaultDef::Now if matches!(ty, PropertyType::Date) => "Today unless given.",
        DefaultDef::Now => "The current time unless given.",
        DefaultDef::Uuid => "A random UUID unless given.",
        DefaultDef::Guid => "A UUID of the current time unless given.",
        DefaultDef::ShortId => "A random text unless given.",
        DefaultDef::Literal(_) | DefaultDef::EmptyList => "",
        DefaultDef::Object(_) | DefaultDef::Function(_) => "Made by the server unless given.",
    }
}
