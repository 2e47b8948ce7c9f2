//! What a request says in its path and query string.

use serde_json::{Value as Json, json};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{
    AllOfBuilder, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type,
};
use utoipa::openapi::{ContentBuilder, Deprecated, RefOr, Required};

use super::components::Components;
use super::property::{self, Use};
use super::{condition, example};
use crate::model::{ModelDef, PropertyType, VersionDef};
use crate::remoting::{Operation, QueryArgument, Route};

/// The id in the path, of an instance of `def`.
pub(super) fn id(
    components: &mut Components,
    def: &'static ModelDef,
    name: &str,
    operation: Operation,
) -> Parameter {
    let id = def.id();
    let mut docs = match name {
        "id" => format!("The id of the {}.", def.name),
        _ => format!("The id of the related {}.", def.name),
    };
    // These answer an id that nothing can have as they answer one that nothing has.
    let any = matches!(operation, Operation::Exists | Operation::DeleteById);
    if def.has_composite_id() {
        let names: Vec<_> = def
            .id_properties()
            .iter()
            .map(|id| format!("`{}`", id.name))
            .collect();
        docs.push_str(&format!(
            " It is a list: {}, with commas between; a comma within a value is encoded as `%2C`.",
            names.join(", ")
        ));
        let examples = def.id_properties().into_iter().map(example::of_property);
        return ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(docs))
            .style(Some(ParameterStyle::Simple))
            .schema(Some(composite(components, def, any)))
            .example(examples.collect::<Option<Vec<_>>>().map(Json::from))
            .build();
    }
    let schema: RefOr<Schema> = match id.ty {
        PropertyType::Integer { .. } if any => ObjectBuilder::new()
            .schema_type(SchemaType::Array(vec![Type::Integer, Type::String]))
            .into(),
        _ if any => ObjectBuilder::new().schema_type(Type::String).into(),
        ty => property::of_type(components, &ty, id.type_name, Use::Answer),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(docs))
        .schema(Some(schema))
        .example(example::of_property(id))
        .build()
}

/// The list of the keys of a composite id; whatever else, if `any` is answered like an id that nothing has.
fn composite(components: &mut Components, def: &'static ModelDef, any: bool) -> Schema {
    if any {
        let item = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
        return ArrayBuilder::new().items(item).min_items(Some(1)).into();
    }
    let ids = def.id_properties();
    let len = ids.len();
    let keys = ids.into_iter().map(|id| {
        match property::of_type(components, &id.ty, id.type_name, Use::Answer) {
            RefOr::T(schema) => schema,
            RefOr::Ref(reference) => AllOfBuilder::new().item(reference).into(),
        }
    });
    let keys: Vec<Schema> = keys.collect();
    let list = ArrayBuilder::new().prefix_items(keys);
    list.min_items(Some(len)).max_items(Some(len)).into()
}

/// The key in the path, of a value of `def`.
pub(super) fn key(def: &'static ModelDef) -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1));
    ParameterBuilder::new()
        .name("key")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(format!("The key of the {}.", def.name)))
        .schema(Some(text))
        .example(Some(json!("a-key")))
        .build()
}

/// How many milliseconds until a value expires.
pub(super) fn ttl() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(utoipa::Number::Int(1)))
        .description(Some("Milliseconds until the value expires."))
        .examples([json!(60_000)])
}

/// What the caller of `route` says about the version that is changed, if something is to be said.
pub(super) fn version(def: &'static ModelDef, route: &Route) -> Option<VersionDef> {
    let target = route.target(def);
    let operation = route.endpoint.operation;
    let changes = operation.changes_one() || operation.upserts();
    target.version().filter(|_| changes)
}

/// The version that is changed.
pub(super) fn if_match(version: VersionDef, operation: Operation) -> Parameter {
    // What is new, and comes by the same method, has none.
    let required = match version == VersionDef::Required && operation.changes_one() {
        false => Required::False,
        true => Required::True,
    };
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(
            "The instance's `ETag`: it is changed only as long as it has that version.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some(json!("*")))
        .build()
}

/// What names a request that may be sent twice.
pub(super) fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Of several requests with the same key one is done, and all get its answer (409 until there is one, 422 for \
             another request with the key).",
        ))
        .schema(Some(text))
        .build()
}

/// What is read from the query string, about instances of `def`.
pub(super) fn query(
    components: &mut Components,
    def: &'static ModelDef,
    argument: QueryArgument,
) -> Parameter {
    let parameter = |name: &str, docs: &str| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(docs))
    };
    let json = |schema: RefOr<Schema>, example| {
        ContentBuilder::new()
            .schema(Some(schema))
            .example(Some(example))
            .build()
    };
    const JSON: &str = "application/json";
    let one = json!({ def.id().name: example::of_property(def.id()) });
    match argument {
        QueryArgument::Filter => {
            let schema = condition::filter(components, def);
            parameter(
                "filter",
                "Which instances, in which order, how many, with which relations.",
            )
            .content(JSON, json(schema.into(), condition::filter_example(def)))
        }
        QueryArgument::FilterWithin => {
            let schema = condition::filter(components, def);
            parameter(
                "filter",
                "Which instances, by `where`, and with which relations, by `include`; the rest of the filter does not count.",
            )
            .content(JSON, json(schema.into(), json!({ "include": [] })))
        }
        QueryArgument::After => parameter(
            "after",
            "The cursor that the page begins beyond, from the `next` of an answer's `Link` header; empty for the first page. \
             Pages hold `filter.limit` instances each.",
        )
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some(json!(""))),
        QueryArgument::Before => parameter(
            "before",
            "The cursor that the page ends before, from the `prev` of an answer's `Link` header; empty for the last page.",
        )
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some(json!(""))),
        QueryArgument::Atomic => parameter(
            "atomic",
            "Creates a list as a whole or not at all. Otherwise each item is created by itself, and those that can be stay, \
             whatever becomes of the others.",
        )
        .schema(Some(ObjectBuilder::new().schema_type(Type::Boolean))),
        QueryArgument::Count => parameter(
            "count",
            "Tells in the header `X-Total-Count` how many instances there are, whatever the limit.",
        )
        .schema(Some(ObjectBuilder::new().schema_type(Type::Boolean))),
        QueryArgument::FilterOfOne => {
            let schema = condition::filter_of_one(components, def);
            let fields: Vec<_> = def
                .properties
                .iter()
                .filter(|property| !property.hidden)
                .take(2)
                .collect();
            let names: Vec<_> = fields.iter().map(|property| property.name).collect();
            parameter(
                "filter",
                "Which properties and relations; the rest of the filter does not count.",
            )
            .content(JSON, json(schema.into(), json!({ "fields": names })))
        }
        QueryArgument::Where => {
            let schema = condition::condition(components, def);
            parameter("where", "Which instances; all of them unless given.")
                .content(JSON, json(schema.into(), one))
        }
        QueryArgument::RequiredWhere => {
            let schema = condition::condition(components, def);
            parameter("where", "Which instances.")
                .required(Required::True)
                .content(JSON, json(schema.into(), one))
        }
        QueryArgument::Refresh => {
            let schema = ObjectBuilder::new().schema_type(Type::String);
            parameter(
                "refresh",
                "Accepted for LoopBack's clients; every call reads fresh data.",
            )
            .deprecated(Some(Deprecated::True))
            .schema(Some(schema))
        }
        QueryArgument::Ttl => parameter(
            "ttl",
            "After how many milliseconds the value expires; never unless given.",
        )
        .schema(Some(ttl())),
        QueryArgument::Match => {
            let pattern = ObjectBuilder::new()
                .schema_type(Type::String)
                .max_length(Some(1024))
                .description(Some(
                    "`*` is any text, `?` any character, `[a-z]` one of these, and `\\` takes the next literally.",
                ));
            let schema: Schema = ObjectBuilder::new()
                .schema_type(Type::Object)
                .property("match", pattern)
                .into();
            parameter("filter", "Which keys; all of them unless given.")
                .content(JSON, json(schema.into(), json!({ "match": "a*" })))
        }
        QueryArgument::Options => {
            let schema: Schema = ObjectBuilder::new()
                .schema_type(Type::Object)
                .property("where", condition::condition(components, def))
                .into();
            parameter("options", "Of which instances changes are told; of all unless given.")
                .content(JSON, json(schema.into(), json!({ "where": one })))
        }
    }
    .build()
}
