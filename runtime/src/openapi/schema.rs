//! The schemas of instances and of the structs inside them.

use serde_json::json;
use utoipa::Number;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::KnownFormat;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, ObjectBuilder, Ref, Schema, SchemaFormat,
    SchemaType, Type,
};

use super::components::{Components, Key};
use super::property::{self, Use};
use crate::model::{
    AccessType, ModelDef, ObjectDef, PropertyDef, RelationDef, RelationKind, Strict,
};
use crate::remoting::nested_target;

/// A whole instance of `def`, as it is answered.
pub(super) fn answer(components: &mut Components, def: &'static ModelDef) -> Ref {
    components.schema(Key::Answer(def.name), def.name, |components| {
        instance(components, def, true)
    })
}

/// An instance of `def`, or as much of it as a filter's `fields` left.
pub(super) fn partial(components: &mut Components, def: &'static ModelDef) -> Ref {
    let name = format!("Partial{}", def.name);
    components.schema(Key::Partial(def.name), &name, |components| {
        instance(components, def, false)
    })
}

/// Hidden properties are not answered. Null may stand for what an `Option` lacks, or nothing at all; other properties
/// are always there, unless the caller has asked for some only, or may not read them.
fn instance(components: &mut Components, def: &'static ModelDef, whole: bool) -> Schema {
    let mut object = ObjectBuilder::new().schema_type(Type::Object);
    let visible = || def.properties.iter().filter(|property| !property.hidden);
    for property in visible() {
        let schema = property::schema(components, property, Use::Answer);
        object = object.property(property.name, schema);
    }
    for relation in def.relations {
        let docs = match relation.docs.trim() {
            "" => "There when the filter includes it.".to_owned(),
            docs => format!("{docs} There when the filter includes it."),
        };
        let target = relation.target().map(|target| partial(components, target));
        let schema: RefOr<Schema> = match target {
            Some(target) if relation.is_to_many() => ArrayBuilder::new()
                .items(target)
                .description(Some(docs))
                .into(),
            Some(mut target) => {
                target.description = docs;
                target.into()
            }
            None => any_instance().description(Some(docs)).into(),
        };
        object = object.property(relation.name, schema);
    }
    if def.strict == Strict::Keep {
        object = object.additional_properties(Some(AdditionalProperties::FreeForm(true)));
    }
    if whole {
        let required = visible()
            .filter(|property| !property.nullable && !property.has_rules_about(AccessType::Read));
        object = required.fold(object, |object, property| object.required(property.name));
        object.description(docs(def.docs)).into()
    } else {
        let docs = [
            def.docs.trim(),
            "Whole, unless the filter's `fields` name some of its properties.",
        ];
        object.description(Some(docs.join(" ").trim())).into()
    }
}

/// An instance of a model that is known at run time only.
pub(super) fn any_instance() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
}

/// What a request may carry of `def`: a new instance, or changes to one. The properties `without` are the path's to
/// decide; `name` is what the schema should be called.
pub(super) fn request(
    components: &mut Components,
    def: &'static ModelDef,
    patch: bool,
    without: &[&'static str],
    name: &str,
) -> Ref {
    let key = Key::Request {
        model: def.name,
        patch,
        without: without.to_vec(),
        nested: false,
    };
    components.schema(key, name, |components| {
        carried(components, def, patch, without, &[]).into()
    })
}

/// A new instance of `def` that may hold new instances of others, where it has relations: the body is created with all of
/// them, or not at all.
pub(super) fn nested_request(
    components: &mut Components,
    def: &'static ModelDef,
    without: &[&'static str],
    name: &str,
) -> Ref {
    let key = |relation: &RelationDef, holder: &'static ModelDef| {
        let mut properties = holder.properties.iter();
        let key = properties.find(|property| property.field == relation.foreign_key);
        key.map(|property| property.name)
    };
    let belongs_to = |relation: &RelationDef| relation.kind == RelationKind::BelongsTo;
    // Whose key is decided already, has its target.
    let decided = |relation: &RelationDef| {
        belongs_to(relation) && key(relation, def).is_some_and(|key| without.contains(&key))
    };
    let nested = def.relations.iter();
    let nested: Vec<_> = nested
        .filter(|relation| !decided(relation))
        .filter_map(|relation| Some((relation, nested_target(def, relation)?)))
        .collect();
    if nested.is_empty() {
        return request(components, def, false, without, name);
    }
    let component = Key::Request {
        model: def.name,
        patch: false,
        without: without.to_vec(),
        nested: true,
    };
    components.schema(component, &format!("{name}WithRelated"), |components| {
        let given = nested.iter().map(|(relation, _)| relation);
        let given = given.filter(|relation| belongs_to(relation));
        let given: Vec<_> = given.filter_map(|relation| key(relation, def)).collect();
        let mut object = carried(components, def, false, without, &given);
        for (relation, target) in nested {
            let mut without = Vec::new();
            if target.id().generated {
                without.extend(target.id_properties().iter().map(|id| id.name));
            }
            let mut name = format!("New{}", target.name);
            if !belongs_to(relation) {
                name = format!("{name}In{}", def.name);
                let direct = relation.through.is_none();
                let key = key(relation, target).filter(|key| direct && !without.contains(key));
                without.extend(key);
            }
            let item = nested_request(components, target, &without, &name);
            let schema: RefOr<Schema> = match relation.is_to_many() {
                true => ArrayBuilder::new().items(item).into(),
                false => item.into(),
            };
            object = object.property(relation.name, schema);
        }
        object.into()
    })
}

/// The properties of `def` that a request may carry; those called `given` may be left out.
fn carried(
    components: &mut Components,
    def: &'static ModelDef,
    patch: bool,
    without: &[&'static str],
    given: &[&'static str],
) -> ObjectBuilder {
    let mut object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(docs(def.docs));
    let usage = if patch { Use::Patch } else { Use::New };
    let carried = def
        .properties
        .iter()
        .filter(|property| !without.contains(&property.name))
        .filter(|property| !property.extra && !property.read_only);
    for property in carried {
        let schema = property::schema(components, property, usage);
        object = object.property(property.name, schema);
        if !patch && property.required() && !given.contains(&property.name) {
            object = object.required(property.name);
        }
    }
    if matches!(def.strict, Strict::Throw | Strict::Validate) {
        object = object.additional_properties(Some(AdditionalProperties::FreeForm(false)));
    }
    object
}

/// A nested struct.
pub(super) fn object(components: &mut Components, def: &'static ObjectDef, usage: Use) -> Ref {
    let request = usage.is_request();
    let name = match request {
        true => format!("New{}", def.name),
        false => def.name.to_owned(),
    };
    components.schema(Key::object(def, request), &name, |components| {
        let object = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(docs(def.docs));
        // Members are taken whole or not at all, also where the instance around them is changed in part.
        let usage = if request { Use::New } else { Use::Answer };
        let member = |object: ObjectBuilder, member: &'static PropertyDef| {
            let schema = property::schema(components, member, usage);
            let object = object.property(member.name, schema);
            let required = match usage {
                // One that its owner has brought along may have no id.
                Use::Answer => !(member.nullable || member.id && member.generated),
                _ => member.required(),
            };
            if required {
                object.required(member.name)
            } else {
                object
            }
        };
        // What is nested in an answer has neither hidden nor protected members.
        let seen = def.properties.iter().filter(|member| match request {
            true => !member.read_only,
            false => !member.hidden && !member.protected,
        });
        seen.fold(object, member).into()
    })
}

/// Bytes, in the form that Node.js gives them in JSON.
pub(super) fn bytes(components: &mut Components, usage: Use) -> RefOr<Schema> {
    let byte = || {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(Number::Int(0)))
            .maximum(Some(Number::Int(255)))
    };
    let buffer = components.schema(Key::Shared("Buffer"), "Buffer", |_| {
        let kind = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["Buffer"]));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("Bytes."))
            .property("type", kind)
            .required("type")
            .property("data", ArrayBuilder::new().items(byte()))
            .required("data")
            .examples([json!({"type": "Buffer", "data": [104, 105]})])
            .into()
    });
    if !usage.is_request() {
        return buffer.into();
    }
    let input = components.schema(Key::Shared("BufferInput"), "BufferInput", |_| {
        let kind = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["base64"]));
        let data = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Byte)))
            .pattern(Some(BASE64));
        let base64 = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("$type", kind)
            .required("$type")
            .property("$data", data)
            .required("$data")
            .examples([json!({"$type": "base64", "$data": "aGk="})]);
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Text, taken as UTF-8."));
        AnyOfBuilder::new()
            .item(base64)
            .item(buffer)
            .item(text)
            .item(ArrayBuilder::new().items(byte()))
            .into()
    });
    input.into()
}

/// What decoders take: a last group has no bits left over.
const BASE64: &str =
    "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

/// A place on earth.
pub(super) fn geo_point(components: &mut Components, usage: Use) -> RefOr<Schema> {
    let coordinate = |limit: isize, docs: &str| {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
            .minimum(Some(Number::Int(-limit)))
            .maximum(Some(Number::Int(limit)))
            .description(Some(docs))
    };
    if !usage.is_request() {
        let point = components.schema(Key::Shared("GeoPoint"), "GeoPoint", |_| {
            ObjectBuilder::new()
                .schema_type(Type::Object)
                .description(Some("A place on earth."))
                .property("lat", coordinate(90, "Latitude in degrees."))
                .required("lat")
                .property("lng", coordinate(180, "Longitude in degrees."))
                .required("lng")
                .examples([super::example::geo_point()])
                .into()
        });
        return point.into();
    }
    let input = components.schema(Key::Shared("GeoPointInput"), "GeoPointInput", |_| {
        let texts = |coordinate: ObjectBuilder, pattern: &str| {
            let types = vec![Type::Number, Type::String, Type::Boolean];
            coordinate
                .schema_type(SchemaType::Array(types))
                .pattern(Some(pattern))
        };
        let lat = texts(coordinate(90, "Latitude in degrees."), LATITUDE);
        let lng = texts(coordinate(180, "Longitude in degrees."), LONGITUDE);
        let object = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("lat", lat)
            .required("lat")
            .property("lng", lng)
            .required("lng")
            .examples([super::example::geo_point()]);
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Latitude and longitude, with a comma in between."))
            .pattern(Some(
                r"^-?[0-8]?[0-9](\.[0-9]{1,9})?,-?(1[0-7]|[0-9])?[0-9](\.[0-9]{1,9})?$",
            ))
            .examples([json!("49.2827,-123.1207")]);
        AnyOfBuilder::new()
            .description(Some("A place on earth."))
            .item(object)
            .item(text)
            .into()
    });
    input.into()
}

const LATITUDE: &str = r"^(-?[0-8]?[0-9](\.[0-9]{1,9})?)?$";
const LONGITUDE: &str = r"^(-?(1[0-7]|[0-9])?[0-9](\.[0-9]{1,9})?)?$";

fn docs(docs: &'static str) -> Option<&'static str> {
    Some(docs.trim()).filter(|docs| !docs.is_empty())
}
