//! The schemas of `filter`, `where` and `include` (contract *querying.md* §2 to §6).
//!
//! They say which requests are understood. A value of another type than the property's is understood too, and finds
//! nothing; so it is allowed here.

use serde_json::{Value as Json, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, Ref, Schema,
    SchemaFormat, SchemaType, Type,
};

use super::components::{Components, Key};
use super::number::{bound, instant_bounds};
use super::property::Use;
use crate::model::{DistanceUnit, ModelDef, PropertyDef, PropertyType};

/// `filter`: which instances, in which order, how many, which properties, with which relations.
pub(super) fn filter(components: &mut Components, def: &'static ModelDef) -> Ref {
    let name = format!("{}Filter", def.name);
    components.schema(Key::Filter(def.name), &name, |components| {
        let condition = super::property::nullable(condition_in_filter(components, def).into());
        let number = |docs: &str| {
            of_types(&[Type::Integer, Type::String, Type::Null])
                .minimum(Some(bound(0)))
                .maximum(Some(bound(i64::MAX)))
                .pattern(Some("^[0-9]{1,18}$"))
                .description(Some(docs))
        };
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("where", condition)
            .property("order", order(def))
            .property("limit", number("At most this many; 0 is no limit."))
            .property("skip", number("After leaving out this many."))
            .property("offset", number("Another word for `skip`."))
            .property("fields", fields(def))
            .property("include", include(components, def))
            .into()
    })
}

/// `filter` for an instance whose id is known. The rest of a filter may be sent, and does not count.
pub(super) fn filter_of_one(components: &mut Components, def: &'static ModelDef) -> Ref {
    let name = format!("{}FilterOfOne", def.name);
    components.schema(Key::FilterOfOne(def.name), &name, |components| {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("fields", fields(def))
            .property("include", include(components, def))
            .into()
    })
}

/// `fields`: which properties are answered.
fn fields(def: &ModelDef) -> ObjectBuilder {
    const DOCS: &str = "Which properties are answered: a list of names, `{name: true}` or `{name: false}`. Anything \
        else is all of them.";
    any()
        .description(Some(DOCS))
        .examples([json!([def.id().name])])
}

/// `where`: which instances.
pub(super) fn condition(components: &mut Components, def: &'static ModelDef) -> Ref {
    let name = format!("{}Where", def.name);
    components.schema(Key::Where(def.name), &name, |components| {
        clauses(components, def, comparison).into()
    })
}

/// `where` at the top level of a filter: there points may be near to another one.
fn condition_in_filter(components: &mut Components, def: &'static ModelDef) -> Ref {
    let is_point = |property: &PropertyDef| matches!(property.ty, PropertyType::GeoPoint);
    if !def
        .properties
        .iter()
        .any(|one| is_point(one) && !one.hidden)
    {
        return condition(components, def);
    }
    let name = format!("{}NearWhere", def.name);
    components.schema(Key::NearWhere(def.name), &name, |components| {
        let comparison = |components: &mut Components, property: &PropertyDef| {
            let plain = comparison(components, property);
            if !is_point(property) {
                return plain;
            }
            let near = near(components);
            AnyOfBuilder::new().item(plain).item(near).into()
        };
        clauses(components, def, comparison).into()
    })
}

fn clauses(
    components: &mut Components,
    def: &'static ModelDef,
    comparison: impl Fn(&mut Components, &PropertyDef) -> RefOr<Schema>,
) -> ObjectBuilder {
    let visible = || def.properties.iter().filter(|property| !property.hidden);
    let mut object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("What each property must be; all of it together."));
    for property in visible() {
        object = object.property(property.name, comparison(components, property));
    }
    let clause = condition(components, def);
    for (name, docs) in [
        ("and", "All of these."),
        ("or", "At least one of these."),
        ("nor", "None of these."),
    ] {
        let clauses = ArrayBuilder::new()
            .items(clause.clone())
            .description(Some(docs));
        object = object.property(name, clauses);
    }
    for path in visible().flat_map(paths) {
        object = object.property(path, any());
    }
    object.additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

/// The paths of one step into a property. There are more (`tags.1`, whatever JSON holds), which no schema lists.
fn paths(property: &PropertyDef) -> Vec<String> {
    let members = match property.ty {
        PropertyType::Array(_) => vec!["0"],
        PropertyType::GeoPoint => vec!["lat", "lng"],
        PropertyType::Object(def) => {
            let members = def.properties.iter().filter(|member| !member.hidden);
            members.map(|member| member.name).collect()
        }
        _ => Vec::new(),
    };
    let path = |member| format!("{}.{member}", property.name);
    members.into_iter().map(path).collect()
}

/// Which points are near, the nearest first.
fn near(components: &mut Components) -> ObjectBuilder {
    let distance = |docs: &str| {
        of_types(&[Type::Number, Type::Null])
            .minimum(Some(bound(0)))
            .description(Some(docs))
    };
    let units = DistanceUnit::ALL.map(DistanceUnit::name);
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(
            "Near to a point: whatever has one, the nearest first, in place of `order`.",
        ))
        .property("near", super::schema::geo_point(components, Use::New))
        .required("near")
        .property("maxDistance", distance("No farther; 0 is any distance."))
        .property("minDistance", distance("No nearer."))
        .property(
            "unit",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(units))
                .description(Some("Of the distances; `miles` unless given.")),
        )
}

/// What a property is compared with.
fn comparison(components: &mut Components, property: &PropertyDef) -> RefOr<Schema> {
    let shared = |components: &mut Components,
                  name: &'static str,
                  value: fn() -> ObjectBuilder,
                  operators: ObjectBuilder| {
        components.schema(Key::Shared(name), name, |_| {
            let list = ArrayBuilder::new()
                .items(any())
                .description(Some("A list equals no single value, but a list."));
            AnyOfBuilder::new()
                .item(value().description(Some("Equal to this value.")))
                .item(operators)
                .item(list)
                .into()
        })
    };
    let reference = match compared(property.ty) {
        PropertyType::DateTime | PropertyType::Date => {
            shared(components, "DateComparison", date, operators(date))
        }
        PropertyType::GeoPoint => {
            return AnyOfBuilder::new()
                .item(of_types(&[Type::Null]))
                .item(super::schema::geo_point(components, Use::New))
                .into();
        }
        PropertyType::String | PropertyType::Enum(_) | PropertyType::Json => {
            let operators = operators(any).property("regexp", regexp());
            shared(components, "TextComparison", any_scalar, operators)
        }
        _ => shared(components, "Comparison", any_scalar, operators(any)),
    };
    reference.into()
}

/// A list is compared by its items.
fn compared(ty: PropertyType) -> PropertyType {
    match ty {
        PropertyType::Array(item) => compared(*item),
        ty => ty,
    }
}

fn regexp() -> ObjectBuilder {
    const DOCS: &str = "A regular expression is found in it: `^a`, or with flags `/^a/i`. The syntax is JavaScript's without \
        look-around and back-references, so not every text is one; what the pattern allows always is.";
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[a-zA-Z0-9 ^$.]*$"))
        .description(Some(DOCS))
        .examples([json!("/^a/i")])
}

fn any_scalar() -> ObjectBuilder {
    of_types(&[Type::String, Type::Number, Type::Boolean, Type::Null])
}

fn date() -> ObjectBuilder {
    let (above, below) = instant_bounds();
    of_types(&[Type::String, Type::Number, Type::Null])
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .exclusive_minimum(Some(above))
        .exclusive_maximum(Some(below))
}

/// Several operators at one property hold together.
fn operators(value: fn() -> ObjectBuilder) -> ObjectBuilder {
    let list = || ArrayBuilder::new().items(value());
    let pattern = |docs: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(docs))
    };
    let pair = list().min_items(Some(2)).max_items(Some(2));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("Operators, which hold together."))
        .property("gt", value().description(Some("Greater.")))
        .property("gte", value().description(Some("Greater or equal.")))
        .property("lt", value().description(Some("Less.")))
        .property("lte", value().description(Some("Less or equal.")))
        .property(
            "neq",
            value().description(Some("Different; null is different too.")),
        )
        .property(
            "between",
            pair.description(Some("Between two values, both included.")),
        )
        .property("inq", list().description(Some("One of these.")))
        .property("nin", list().description(Some("None of these.")))
        .property(
            "like",
            pattern("Fits a pattern of `%` (any text) and `_` (any character)."),
        )
        .property("nlike", pattern("Does not fit."))
        .property("ilike", pattern("Fits, whatever the case."))
        .property("nilike", pattern("Does not fit in any case."))
}

/// `id`, `name DESC`, `address.city`, several with commas in between, or a list.
fn order(def: &ModelDef) -> AnyOfBuilder {
    let visible = def.properties.iter().filter(|property| !property.hidden);
    let names: Vec<_> = visible.filter_map(order_key).collect();
    let key = format!("({})( (ASC|DESC|asc|desc))?", names.join("|"));
    let pattern = format!("^({key}(, ?{key})*)?$");
    let example = format!("{} DESC", def.id().name);
    let keys = |types: &[Type]| of_types(types).pattern(Some(pattern.clone()));
    let list = ArrayBuilder::new().items(keys(&[Type::String]));
    AnyOfBuilder::new()
        .description(Some("By which properties, the first one first."))
        .examples([json!(example)])
        .item(keys(&[Type::String, Type::Null]))
        .item(list)
}

/// The names that order by a property, and by what is one step within it, as a regular expression. There are more.
fn order_key(property: &PropertyDef) -> Option<String> {
    let scalar = |ty: &PropertyType| !ty.is_structured() && !matches!(ty, PropertyType::Bytes);
    let name = property.name;
    let members = match property.ty {
        PropertyType::Json => return Some(format!("{name}(\\.[A-Za-z0-9_]+)?")),
        PropertyType::GeoPoint => "(lat|lng)".to_owned(),
        PropertyType::Array(item) if scalar(item) => "0".to_owned(),
        PropertyType::Object(def) => {
            let members = def.properties.iter();
            let members = members.filter(|member| !member.hidden && scalar(&member.ty));
            let names: Vec<_> = members.map(|member| member.name).collect();
            if names.is_empty() {
                return None;
            }
            format!("({})", names.join("|"))
        }
        PropertyType::Array(_) => return None,
        _ => return Some(name.to_owned()),
    };
    // The whole of it has no order.
    Some(format!("{name}\\.{members}"))
}

/// `include`: the relations that come along.
///
/// What filters the targets is not spelt out again: schemas that contain each other's filters make programs that walk
/// through them go on for minutes.
fn include(components: &mut Components, def: &'static ModelDef) -> Ref {
    let name = format!("{}Include", def.name);
    components.schema(Key::Include(def.name), &name, |components| {
        let names = def.relations.iter().map(|relation| relation.name);
        let relation = || {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(names.clone()))
        };
        let targets = def.relations.iter().filter_map(|relation| {
            let target = relation.target()?.name;
            Some(format!("`{target}Filter` for `{}`", relation.name))
        });
        let targets: Vec<_> = targets.collect();
        let scoped = || {
            ObjectBuilder::new()
                .schema_type(Type::Object)
                .property("relation", relation())
                .required("relation")
                .property(
                    "limitEach",
                    ObjectBuilder::new()
                        .schema_type(Type::Integer)
                        .minimum(Some(utoipa::Number::Int(0)))
                        .description(Some("How many each instance gets at most.")),
                )
                .property(
                    "scope",
                    any().description(Some(format!(
                        "A filter over the related instances: a {}.",
                        targets.join(", a ")
                    ))),
                )
        };
        let none = of_types(&[Type::Null, Type::Boolean, Type::Number]);
        let blank = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some([""]));
        let empty = ObjectBuilder::new()
            .schema_type(Type::Object)
            .max_properties(Some(0));
        let any_of = AnyOfBuilder::new().description(Some(
            "The relations that come along: a name, or a list of names.",
        ));
        // A list may hold whatever may stand alone, lists too.
        let list = ArrayBuilder::new().items(include(components, def));
        let any_of = if def.relations.is_empty() {
            any_of
        } else {
            any_of
                .examples([json!([names.clone().next()])])
                .item(relation())
                .item(scoped())
        };
        let any_of = any_of.item(list);
        any_of.item(none).item(blank).item(empty).into()
    })
}

/// A filter that finds something, for people to start from.
pub(super) fn filter_example(def: &ModelDef) -> Json {
    json!({ "order": format!("{} DESC", def.id().name), "limit": 10 })
}

fn any() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue)
}

fn of_types(types: &[Type]) -> ObjectBuilder {
    let types = match types {
        [one] => SchemaType::Type(one.clone()),
        types => SchemaType::Array(types.to_vec()),
    };
    ObjectBuilder::new().schema_type(types)
}
