//! What is answered.

use serde_json::{Value as Json, json};
use utoipa::openapi::response::{Response, ResponseBuilder, Responses, ResponsesBuilder};
use utoipa::openapi::schema::{
    AnyOfBuilder, ArrayBuilder, ObjectBuilder, Ref, Schema, SchemaType, Type,
};
use utoipa::openapi::{ContentBuilder, Header, HeaderBuilder, RefOr};

use super::components::{Components, Key};
use super::property::{self, Use};
use super::security::Allowed;
use super::{example, failure, parameter, remote, schema};
use crate::model::{ModelDef, RelationDef, RelationKind};
use crate::remoting::{Endpoint, QueryArgument, Returns, Route, Verb};

pub(super) const JSON: &str = "application/json";

/// The responses of `route`, which belongs to `def`, to whom it is `allowed` and to others.
pub(super) fn responses(
    components: &mut Components,
    def: &'static ModelDef,
    route: &Route,
    allowed: &Allowed,
) -> Responses {
    let endpoint = route.endpoint;
    let (status, success) = match remote::method(route) {
        Some(method) => remote::success(components, method),
        None if endpoint.returns == Returns::NoContent => (204, success(components, def, route)),
        None => (200, success(components, def, route)),
    };
    let mut responses = ResponsesBuilder::new().response(status.to_string(), success);
    let version = parameter::version(def, route);
    for (status, failure) in failure::failures(components, route, version, allowed) {
        responses = responses.response(status, failure);
    }
    responses.build()
}

/// May the caller's filter select properties and include relations?
pub(super) fn is_filtered(endpoint: &Endpoint) -> bool {
    let mut arguments = endpoint.query.iter();
    arguments.any(|argument| matches!(argument, QueryArgument::Filter | QueryArgument::FilterOfOne))
}

fn success(components: &mut Components, def: &'static ModelDef, route: &Route) -> Response {
    let endpoint = route.endpoint;
    let relation = route.related(def).map(|(_, relation)| relation);
    let target = match endpoint.returns {
        Returns::Join => route.subject(def),
        _ => route.target(def),
    };
    // What its owner has brought along may have no id.
    let embedded = relation.is_some_and(RelationDef::is_embedded);
    let one = |components: &mut Components| match is_filtered(&endpoint) || embedded {
        true => schema::partial(components, target),
        false => schema::answer(components, target),
    };
    let instance = || example::answer(target);
    let (docs, schema, example): (_, RefOr<Schema>, _) = match endpoint.returns {
        Returns::Instance
            if relation.is_some_and(|relation| relation.kind == RelationKind::BelongsTo) =>
        {
            let known = relation.and_then(|relation| relation.target());
            let schema = match known {
                Some(_) => belongs_to(one(components)),
                None => schema::any_instance()
                    .schema_type(SchemaType::Array(vec![Type::Object, Type::Null]))
                    .into(),
            };
            let example = known.map_or_else(|| json!({}), |_| instance());
            ("The instance, if there is one.", schema, example)
        }
        Returns::Instance | Returns::Join => ("The instance.", one(components).into(), instance()),
        Returns::List => {
            let list = ArrayBuilder::new().items(one(components));
            ("The instances.", list.into(), Json::Array(vec![instance()]))
        }
        Returns::InstanceOrList => {
            let one = one(components);
            let list = ArrayBuilder::new().items(one.clone());
            let either = AnyOfBuilder::new().item(one).item(list);
            (
                "The instance, or a list when the body was one.",
                either.into(),
                instance(),
            )
        }
        Returns::Count => ("How many.", count(components).into(), json!({ "count": 1 })),
        Returns::Exists => (
            "Is there one?",
            exists(components).into(),
            json!({ "exists": true }),
        ),
        Returns::Value => {
            let value = &target.properties[1];
            let schema = property::never_null(components, value, Use::Answer);
            return answer("The value.", schema, example::of_property(value));
        }
        Returns::Keys => {
            let key = ObjectBuilder::new().schema_type(Type::String);
            let keys = ArrayBuilder::new().items(key);
            ("The keys.", keys.into(), json!(["a-key"]))
        }
        Returns::EmptyOk => return Response::new("There is one."),
        Returns::NoContent => return Response::new("Done."),
        Returns::Stream => return stream(),
        Returns::Remote => return Response::new("Done."),
    };
    if endpoint.verb == Verb::Head {
        return Response::new(docs);
    }
    let mut response = answer(docs, schema, Some(example));
    if endpoint.returns == Returns::Instance && target.version().is_some() {
        let docs = "The instance's version and its body, to `If-Match` and `If-None-Match`.";
        response
            .headers
            .insert("ETag".to_owned(), header(Type::String, docs));
    }
    if endpoint.query.contains(&QueryArgument::After) {
        response.headers.extend(list_headers());
    }
    response
}

fn header(ty: Type, docs: &str) -> RefOr<Header> {
    let schema = ObjectBuilder::new().schema_type(ty);
    let header = HeaderBuilder::new().schema(Some(schema));
    header.description(Some(docs)).build().into()
}

/// What is said of a list besides its items, on request.
fn list_headers() -> [(String, RefOr<Header>); 2] {
    let link =
        "The pages before and after (`rel=\"prev\"`, `rel=\"next\"`), to `after` or `before`.";
    let total = "How many instances there are, to `count=true`.";
    [
        ("Link".to_owned(), header(Type::String, link)),
        ("X-Total-Count".to_owned(), header(Type::Integer, total)),
    ]
}

fn answer(docs: &str, schema: RefOr<Schema>, example: Option<Json>) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(schema))
        .example(example)
        .build();
    ResponseBuilder::new()
        .description(docs)
        .content(JSON, content)
        .build()
}

/// An unset key answers `{}`, a dangling one null (contract *relations.md* §4).
fn belongs_to(target: Ref) -> RefOr<Schema> {
    let unset = ObjectBuilder::new()
        .schema_type(Type::Object)
        .max_properties(Some(0))
        .description(Some("The key is not set."));
    let missing = ObjectBuilder::new()
        .schema_type(Type::Null)
        .description(Some("The key leads nowhere."));
    AnyOfBuilder::new()
        .item(target)
        .item(unset)
        .item(missing)
        .into()
}

fn count(components: &mut Components) -> Ref {
    components.schema(Key::Shared("Count"), "Count", |_| {
        let number = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(utoipa::Number::Int(0)));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("count", number)
            .required("count")
            .into()
    })
}

fn exists(components: &mut Components) -> Ref {
    components.schema(Key::Shared("Exists"), "Exists", |_| {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("exists", ObjectBuilder::new().schema_type(Type::Boolean))
            .required("exists")
            .into()
    })
}

fn stream() -> Response {
    let events = ObjectBuilder::new().schema_type(Type::String);
    let example = "event: data\ndata: {\"target\":1,\"where\":{\"id\":1},\"type\":\"remove\"}\n\n";
    let content = ContentBuilder::new()
        .schema(Some(events))
        .example(Some(json!(example)))
        .build();
    ResponseBuilder::new()
        .description("The changes from now on, as server-sent events.")
        .content("text/event-stream", content)
        .build()
}
