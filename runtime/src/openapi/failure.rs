//! What is answered when something goes wrong (contract *rest.md* §5).

use serde_json::json;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Ref, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, RefOr};

use super::components::{Components, Key};
use super::response::{JSON, is_filtered};
use super::security::Allowed;
use crate::model::VersionDef;
use crate::remoting::{Body, Operation, PROBLEM, Route, Verb};

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
    failure(403, "Forbidden", "The access rules do not let this caller do this, who is logged in.", "Error", "Access Denied", Some("ACCESS_DENIED")),
    failure(404, "NotFound", "There is no such instance.", "Error", "could not find a model with id 999", Some("MODEL_NOT_FOUND")),
    failure(404, "KeyNotFound", "There is no value under this key.", "Error", "Unknown \"Page\" key \"a-key\".", Some("KEY_NOT_FOUND")),
    failure(406, "NotAcceptable", "The caller takes no JSON.", "", "", None),
    failure(409, "Conflict", "The id is taken.", "Error", "Duplicate entry for the id", Some("DUPLICATE_ENTRY")),
    failure(412, "VersionMismatch", "Another change has come before; read the instance again.", "Error", "CoffeeShop 1 is not in the version that this change is meant for; read it again, and change what it is now", Some("VERSION_MISMATCH")),
    failure(413, "PayloadTooLarge", "The body is too large.", "PayloadTooLargeError", "request entity too large", None),
    failure(415, "UnsupportedMediaType", "The body is neither JSON nor a form, or not in UTF-8.", "UnsupportedMediaTypeError", "unsupported media type \"text/plain\"; send application/json", None),
    failure(422, "Invalid", "A rule is broken; `details` names the properties.", "ValidationError", "The instance is not valid. Details: `name` can't be blank (value: undefined).", None),
    failure(428, "VersionRequired", "The request does not say which version it changes.", "Error", "Say which version of the CoffeeShop is to be changed: send its ETag as If-Match", Some("VERSION_REQUIRED")),
];

const OTHER: Failure = failure(
    500,
    "OtherError",
    "Any other error.",
    "Error",
    "Internal Server Error",
    None,
);

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

/// The failures of `route` by their statuses. `version`: what the caller says about the version that is changed. `allowed`:
/// who may call it.
pub(super) fn failures(
    components: &mut Components,
    route: &Route,
    version: Option<VersionDef>,
    allowed: &Allowed,
) -> Vec<(String, RefOr<Response>)> {
    let endpoint = route.endpoint;
    let has_body = endpoint.body != Body::None;
    let has_arguments = has_body || !endpoint.query.is_empty() || route.path.contains('{');
    // What a filter includes may belong to a model that is closed.
    let refuses = is_filtered(&endpoint) || components.settings.rules_in_rows;
    let anonymous = refuses || !allowed.anonymous();
    let refusals = match refuses || allowed.refuses_who_is_logged_in() {
        true => allowed.refusals(components.settings.acl_error_status),
        false => Vec::new(),
    };
    let possible = FAILURES.iter().filter(|failure| match failure.status {
        400 => has_arguments,
        401 => anonymous || refusals.contains(&401),
        403 => refusals.contains(&403),
        404 if failure.code == Some("KEY_NOT_FOUND") => finds_key(endpoint.operation),
        404 => finds(endpoint.operation) || refusals.contains(&404),
        409 => creates(endpoint.operation),
        412 => version.is_some(),
        428 => version == Some(VersionDef::Required),
        // What is linked twice breaks a rule.
        422 if endpoint.operation == Operation::RelatedLink => true,
        413 | 415 | 422 => has_body,
        _ => true,
    });
    let mut failures: Vec<_> = possible
        .map(|failure| {
            let response = failure.response(components, endpoint.verb);
            (failure.status.to_string(), response)
        })
        .collect();
    failures.push(("default".into(), OTHER.response(components, endpoint.verb)));
    failures
}

fn finds(operation: Operation) -> bool {
    let found = matches!(
        operation,
        Operation::FindOne | Operation::FindById | Operation::ExistsHead | Operation::ReplaceById
    );
    found || operation.loads_instance()
}

fn finds_key(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::KeyValueGet | Operation::KeyValueExpire
    )
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
    let problem = ContentBuilder::new().schema(Some(problem_schema(components)));
    ResponseBuilder::new()
        .description(docs)
        .content(JSON, content.build())
        .content(PROBLEM, problem.build())
        .build()
}

/// The same to those who accept a problem as RFC 9457 has it.
fn problem_schema(components: &mut Components) -> Ref {
    components.schema(Key::Shared("Problem"), "Problem", |_| {
        let text = |docs: &str| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(docs))
        };
        let status = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("The HTTP status."));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(
                "What went wrong, to those who accept problems of RFC 9457.",
            ))
            .property("type", text("Always `about:blank`: `code` says more."))
            .required("type")
            .property("title", text("The HTTP status in words."))
            .required("title")
            .property("status", status)
            .required("status")
            .property("detail", text("What went wrong, for people."))
            .required("detail")
            .property("code", text("What went wrong, for programs."))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .into()
    })
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
