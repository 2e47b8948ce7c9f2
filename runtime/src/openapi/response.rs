//! What is answered, in good cases and in bad ones.

use serde_json::{Value as Json, json};
use utoipa::openapi::response::{Response, ResponseBuilder, Responses, ResponsesBuilder};
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, ObjectBuilder, Ref, Schema, SchemaType, Type,
};
use utoipa::openapi::{ContentBuilder, RefOr};

use super::components::{Components, Key};
use super::{example, schema};
use crate::model::{ModelDef, RelationKind};
use crate::remoting::{Body, Operation, QueryArgument, Returns, Route, Verb};

const JSON: &str = "application/json";

/// The responses of `route`, which belongs to `def`. `anonymous`: may everyone call it?
pub(super) fn responses(
    components: &mut Components,
    def: &'static ModelDef,
    route: &Route,
    anonymous: bool,
) -> Responses {
    let endpoint = route.endpoint;
    let success = success(components, def, route);
    let status = match endpoint.returns {
        Returns::NoContent => "204",
        _ => "200",
    };
    let mut responses = ResponsesBuilder::new().response(status, success);
    let filtered = endpoint
        .query
        .iter()
        .any(|argument| matches!(argument, QueryArgument::Filter | QueryArgument::FilterOfOne));
    let with_body = endpoint.body != Body::None;
    for failure in FAILURES {
        let possible = match failure.status {
            400 => {
                with_body
                    || !endpoint.query.is_empty()
                    || endpoint.path.contains('{')
                    || route.relation.is_some()
            }
            // What a filter includes may belong to a model that is closed.
            401 => !anonymous || filtered,
            404 => finds(endpoint.operation),
            409 => creates(endpoint.operation),
            413 | 415 | 422 => with_body,
            _ => true,
        };
        if possible {
            responses = responses.response(
                failure.status.to_string(),
                failure.response(components, endpoint.verb),
            );
        }
    }
    let other = components.response("OtherError", |components| {
        with_error(
            components,
            "Any other error.",
            500,
            "Error",
            "Internal Server Error",
            None,
        )
    });
    match endpoint.verb {
        Verb::Head => responses.response("default", Response::new("Any other error.")),
        _ => responses.response("default", other),
    }
    .build()
}

struct Failure {
    status: u16,
    name: &'static str,
    docs: &'static str,
    error: &'static str,
    message: &'static str,
    code: Option<&'static str>,
}

const fn failure(
    status: u16,
    name: &'static str,
    docs: &'static str,
    error: &'static str,
    message: &'static str,
    code: Option<&'static str>,
) -> Failure {
    Failure {
        status,
        name,
        docs,
        error,
        message,
        code,
    }
}

#[rustfmt::skip]
const FAILURES: &[Failure] = &[
    failure(400, "BadRequest", "An argument can't be understood.", "Error", "The limit parameter -1 is not valid", None),
    failure(401, "Unauthorized", "The access rules do not let the caller do this.", "Error", "Authorization Required", Some("AUTHORIZATION_REQUIRED")),
    failure(404, "NotFound", "There is no such instance.", "Error", "could not find a model with id 999", Some("MODEL_NOT_FOUND")),
    failure(406, "NotAcceptable", "The caller takes no JSON.", "", "", None),
    failure(409, "Conflict", "The id is taken.", "Error", "Duplicate entry for the id", Some("DUPLICATE_ENTRY")),
    failure(413, "PayloadTooLarge", "The body is too large.", "PayloadTooLargeError", "request entity too large", None),
    failure(415, "UnsupportedMediaType", "The body is neither JSON nor a form, or not in UTF-8.", "UnsupportedMediaTypeError", "unsupported media type \"text/plain\"; send application/json", None),
    failure(422, "Invalid", "A rule is broken; `details` names the properties.", "ValidationError", "The instance is not valid. Details: `name` can't be blank (value: undefined).", None),
];

impl Failure {
    fn response(&self, components: &mut Components, verb: Verb) -> RefOr<Response> {
        // An answer to HEAD has no body, whatever happened.
        if verb == Verb::Head {
            return Response::new(self.docs).into();
        }
        let build = |components: &mut Components| match self.status {
            406 => {
                let text = ObjectBuilder::new().schema_type(Type::String);
                let content = ContentBuilder::new()
                    .schema(Some(text))
                    .example(Some(json!("Not Acceptable")));
                ResponseBuilder::new()
                    .description(self.docs)
                    .content("text/plain", content.build())
                    .build()
            }
            status => with_error(
                components,
                self.docs,
                status,
                self.error,
                self.message,
                self.code,
            ),
        };
        components.response(self.name, build).into()
    }
}

fn finds(operation: Operation) -> bool {
    let found = matches!(
        operation,
        Operation::FindOne | Operation::FindById | Operation::ExistsHead | Operation::ReplaceById
    );
    found || operation.loads_instance()
}

fn creates(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Create
            | Operation::Upsert
            | Operation::ReplaceOrCreate
            | Operation::UpsertWithWhere
            | Operation::RelatedCreate
    )
}

fn with_error(
    components: &mut Components,
    docs: &str,
    status: u16,
    name: &str,
    message: &str,
    code: Option<&str>,
) -> Response {
    let mut error =
        json!({"name": name, "status": status, "message": message, "statusCode": status});
    if let Some(code) = code {
        error["code"] = code.into();
    }
    let content = ContentBuilder::new()
        .schema(Some(error_schema(components)))
        .example(Some(json!({ "error": error })));
    ResponseBuilder::new()
        .description(docs)
        .content(JSON, content.build())
        .build()
}

/// LoopBack's envelope (contract *rest.md* §5.1).
pub(super) fn error_schema(components: &mut Components) -> Ref {
    components.schema(Key::Shared("Error"), "Error", |_| {
        let text = |docs: &str| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(docs))
        };
        let status = |docs: &str| {
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .description(Some(docs))
        };
        let details = ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .description(Some(
                "What helps to find the mistake, such as the broken rules.",
            ));
        let more = AdditionalProperties::FreeForm(true);
        let error = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("name", text("What kind of error it is."))
            .required("name")
            .property("status", status("The HTTP status."))
            .required("status")
            .property("message", text("What went wrong, for people."))
            .required("message")
            .property(
                "statusCode",
                status("The HTTP status, unless the server itself failed."),
            )
            .property("code", text("What went wrong, for programs."))
            .property("details", details)
            .property("requestId", text("By this the server's log has more."))
            .additional_properties(Some(more));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("What went wrong."))
            .property("error", error)
            .required("error")
            .into()
    })
}

fn success(components: &mut Components, def: &'static ModelDef, route: &Route) -> Response {
    let endpoint = route.endpoint;
    let relation = route.relation.map(|relation| &def.relations[relation]);
    let target = relation.map_or(def, |relation| (relation.target)());
    let filtered = endpoint
        .query
        .iter()
        .any(|argument| matches!(argument, QueryArgument::Filter | QueryArgument::FilterOfOne));
    let one = |components: &mut Components| match filtered {
        true => schema::partial(components, target),
        false => schema::answer(components, target),
    };
    let instance = || example::answer(target);
    let (docs, schema, example): (_, RefOr<Schema>, _) = match endpoint.returns {
        Returns::Instance
            if relation.is_some_and(|relation| relation.kind == RelationKind::BelongsTo) =>
        {
            let target = one(components);
            (
                "The instance, if there is one.",
                belongs_to(target),
                instance(),
            )
        }
        Returns::Instance => ("The instance.", one(components).into(), instance()),
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
        Returns::EmptyOk => return Response::new("There is one."),
        Returns::NoContent => return Response::new("Done."),
        Returns::Stream => return stream(),
    };
    if endpoint.verb == Verb::Head {
        return Response::new(docs);
    }
    let content = ContentBuilder::new()
        .schema(Some(schema))
        .example(Some(example))
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
