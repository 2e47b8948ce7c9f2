//! Methods of a model's own.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, RefOr, Required};

use super::components::Components;
use super::property::{self, Use};
use super::response::JSON;
use super::schema;
use crate::model::{ArgumentDef, ArgumentSource, ModelDef, RemoteMethodDef, RemoteType, Verb};
use crate::remoting::{Operation, Route};

/// The method that `route` calls, if it is one of the model's own.
pub(super) fn method(route: &Route) -> Option<&'static RemoteMethodDef> {
    match route.endpoint.operation {
        Operation::Remote(method) => Some(method),
        _ => None,
    }
}

/// What the caller gives outside the body.
pub(super) fn parameters(components: &mut Components, route: &Route) -> Vec<Parameter> {
    let arguments = method(route).map_or(&[][..], |method| method.arguments);
    let parameter = |argument: &ArgumentDef| {
        let place = place(argument, route)?;
        // The instance's own is described as that of every other method.
        if place == ParameterIn::Path && argument.name == "id" {
            return None;
        }
        let required = argument.required || place == ParameterIn::Path;
        let parameter = ParameterBuilder::new()
            .name(argument.name)
            .parameter_in(place)
            .required(if required {
                Required::True
            } else {
                Required::False
            })
            .schema(of_argument(components, argument))
            .build();
        Some(parameter)
    };
    arguments.iter().filter_map(parameter).collect()
}

/// What the caller gives for the argument.
fn of_argument(components: &mut Components, argument: &ArgumentDef) -> Option<RefOr<Schema>> {
    let mut schema = of_type(components, &argument.ty, Use::New);
    if let (Some(RefOr::T(Schema::Object(object))), Some(default)) = (&mut schema, argument.default)
    {
        object.default = Some(default.to_json());
    }
    schema
}

/// Where a client best writes the argument; nothing for the body.
fn place(argument: &ArgumentDef, route: &Route) -> Option<ParameterIn> {
    let in_path = route.path.contains(&format!("{{{}}}", argument.name));
    match argument.source {
        ArgumentSource::Path => Some(ParameterIn::Path),
        ArgumentSource::Header => Some(ParameterIn::Header),
        ArgumentSource::Query => Some(ParameterIn::Query),
        ArgumentSource::Body | ArgumentSource::Form => None,
        ArgumentSource::Anywhere if in_path => Some(ParameterIn::Path),
        ArgumentSource::Anywhere => match route.endpoint.verb {
            Verb::Get | Verb::Head | Verb::Delete => Some(ParameterIn::Query),
            Verb::Put | Verb::Post | Verb::Patch => None,
        },
    }
}

/// What the caller gives in the body.
pub(super) fn body(components: &mut Components, route: &Route) -> Option<RequestBody> {
    let arguments = method(route).map_or(&[][..], |method| method.arguments);
    let whole = arguments
        .iter()
        .find(|argument| argument.source == ArgumentSource::Body);
    let (schema, required) = match whole {
        Some(argument) => (
            of_type(components, &argument.ty, Use::New)?,
            argument.required,
        ),
        None => {
            let mut members = arguments
                .iter()
                .filter(|argument| place(argument, route).is_none())
                .peekable();
            members.peek()?;
            let mut object = ObjectBuilder::new().schema_type(Type::Object);
            let mut required = false;
            for argument in members {
                if let Some(schema) = of_argument(components, argument) {
                    object = object.property(argument.name, schema);
                }
                if argument.required {
                    required = true;
                    object = object.required(argument.name);
                }
            }
            (object.into(), required)
        }
    };
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let body = RequestBodyBuilder::new().content(JSON, content);
    let required = if required {
        Required::True
    } else {
        Required::False
    };
    Some(body.required(Some(required)).build())
}

/// The status and the response of a success.
pub(super) fn success(components: &mut Components, method: &RemoteMethodDef) -> (u16, Response) {
    let nothing = matches!(method.returns, RemoteType::Nothing);
    let status = method.status.unwrap_or(if nothing { 204 } else { 200 });
    let schema = of_type(components, &method.returns, Use::Answer);
    let schema = match (schema, method.returns_as) {
        (Some(schema), Some(name)) => {
            let object = ObjectBuilder::new().schema_type(Type::Object);
            Some(object.property(name, schema).required(name).into())
        }
        (schema, _) => schema,
    };
    let response = ResponseBuilder::new().description("Done.");
    let response = match (schema, method.returns) {
        (Some(schema), _) => {
            let content = ContentBuilder::new().schema(Some(schema)).build();
            response.content(JSON, content)
        }
        // Whatever media type the method chooses.
        (None, RemoteType::Response) => response.content("*/*", ContentBuilder::new().build()),
        (None, _) => response,
    };
    (status, response.build())
}

fn of_type(components: &mut Components, ty: &RemoteType, usage: Use) -> Option<RefOr<Schema>> {
    Some(match ty {
        RemoteType::Nothing | RemoteType::Response => return None,
        RemoteType::Value(ty, name) => property::of_type(components, ty, name, usage),
        RemoteType::Instance(def) => instance(components, def(), usage),
        RemoteType::List(item) => {
            let any = || {
                ObjectBuilder::new()
                    .schema_type(SchemaType::AnyValue)
                    .into()
            };
            let items = of_type(components, item, usage).unwrap_or_else(any);
            ArrayBuilder::new().items(items).into()
        }
        RemoteType::Optional(inner) => {
            let schema = of_type(components, inner, usage)?;
            match usage {
                Use::Answer => property::nullable(schema),
                // An argument that may be absent is left out rather than null.
                Use::New | Use::Patch => schema,
            }
        }
    })
}

fn instance(components: &mut Components, def: &'static ModelDef, usage: Use) -> RefOr<Schema> {
    match usage {
        Use::Answer => schema::answer(components, def).into(),
        Use::New | Use::Patch => {
            let id = def.id();
            let without = if id.generated {
                vec![id.name]
            } else {
                Vec::new()
            };
            schema::request(
                components,
                def,
                false,
                &without,
                &format!("New{}", def.name),
            )
            .into()
        }
    }
}
