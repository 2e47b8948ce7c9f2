//! The arguments of a call by name, and where REST has each of them.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde_json::{Map, Value as Json};

use super::argument::Arguments;
use super::endpoint::{Body, Operation as O};
use super::path_segment::PathSegment;
use super::remote_method::RemoteMethod;
use super::route::{Route, Segment};
use super::route_table::{Found, ModelRoutes};
use crate::model::{ArgumentSource, RemoteMethodDef};
use crate::repository::Options;
use crate::{Error, Result};

/// What a [method](RemoteMethod) is called with: arguments by their names, or a list of them.
///
/// Names are those of LoopBack's remoting: `filter`, `where`, `data`, and of a method of the model's own those that it declares.
/// `id` is the instance that the method is called on, `fk` the related one, `nk` the one in between; the id of several
/// properties is a list. What has no name of its own is seen by remote hooks alone.
///
/// ```
/// use loopwright::remoting::CallArguments;
/// use serde_json::json;
///
/// let by_name = CallArguments::from_json(json!({"id": 7, "data": {"text": "Buy milk"}}))?;
/// let listed = CallArguments::from_json(json!([7, {"text": "Buy milk"}]))?;
/// assert!(CallArguments::from_json(json!("Buy milk")).is_err());
/// # Ok::<_, loopwright::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct CallArguments {
    sent: Sent,
    instance: Map<String, Json>,
    headers: HeaderMap,
}

#[derive(Clone)]
enum Sent {
    Named(Map<String, Json>),
    Listed(Vec<Json>),
}

impl Default for Sent {
    fn default() -> Self {
        Sent::Named(Map::new())
    }
}

impl CallArguments {
    /// These arguments, by name.
    pub fn named(arguments: Map<String, Json>) -> Self {
        CallArguments {
            sent: Sent::Named(arguments),
            ..CallArguments::default()
        }
    }

    /// These arguments, in the order of [`RemoteMethod::arguments`]: all of them, null for one that is not given.
    pub fn listed(arguments: Vec<Json>) -> Self {
        CallArguments {
            sent: Sent::Listed(arguments),
            ..CallArguments::default()
        }
    }

    /// The arguments that an object or a list holds; none for null.
    ///
    /// # Errors
    /// 400 for other JSON.
    pub fn from_json(json: Json) -> Result<Self> {
        match json {
            Json::Object(named) => Ok(Self::named(named)),
            Json::Array(listed) => Ok(Self::listed(listed)),
            Json::Null => Ok(Self::default()),
            _ => Err(Error::new(
                400,
                "The arguments must be an object with their names, or a list",
            )),
        }
    }

    /// The same on the instance that `arguments` name, such as `{"id": 7}`: LoopBack's `ctorArgs`.
    #[must_use]
    pub fn on_instance(mut self, arguments: Map<String, Json>) -> Self {
        self.instance = arguments;
        self
    }

    /// The same with the headers of the request by which the call has come: what a method or a hook looks for in headers, it
    /// finds there.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// The same with one header more, or another one: `If-Match` of one call of many.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// How many arguments a list has; none for arguments by name.
    pub fn len_listed(&self) -> Option<usize> {
        match &self.sent {
            Sent::Named(_) => None,
            Sent::Listed(listed) => Some(listed.len()),
        }
    }

    /// The call as if its route had matched, and its arguments where REST has them.
    pub(super) fn place<'a>(
        self,
        method: &RemoteMethod<'_>,
        model: &'a ModelRoutes,
        route: &'a Route,
    ) -> Result<(Found<'a>, Arguments)> {
        let mut named = match self.sent {
            Sent::Named(named) => named,
            Sent::Listed(listed) => {
                let names = method.arguments();
                if names.len() != listed.len() {
                    return Err(miscounted(method, &names, listed.len()));
                }
                let pairs = names.into_iter().map(str::to_owned).zip(listed);
                pairs.collect()
            }
        };
        named.extend(self.instance);
        let mut id = |wanted: Segment, name: &str| match route.segments.contains(&wanted) {
            true => match named.shift_remove(name) {
                None | Some(Json::Null) => {
                    Err(Error::new(400, format!("{name} is a required argument")))
                }
                Some(json) => Ok(Some(segment(json))),
            },
            false => Ok(None),
        };
        let found = Found {
            model,
            route,
            id: id(Segment::Id, method.id_name())?,
            middle_key: id(Segment::MiddleKey, "nk")?,
            foreign_key: id(Segment::ForeignKey, "fk")?,
            parts: Vec::new(),
        };
        let placed = match route.endpoint.operation {
            O::Remote(remote) => of_own_method(remote, found, named),
            _ => of_every_method(route.endpoint.body, found, named)?,
        };
        let Placed { found, query, body } = placed;
        let arguments = Arguments {
            headers: self.headers,
            query,
            uri: Uri::default(),
            body,
            options: Options::new(),
            typed: true,
        };
        Ok((found, arguments))
    }
}

// The arguments and headers hold secrets.
impl std::fmt::Debug for CallArguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallArguments").finish_non_exhaustive()
    }
}

struct Placed<'a> {
    found: Found<'a>,
    query: Map<String, Json>,
    body: Json,
}

fn of_every_method(
    body: Body,
    found: Found<'_>,
    mut named: Map<String, Json>,
) -> Result<Placed<'_>> {
    let nothing = || Json::Object(Map::new());
    let body = match body {
        Body::Value => {
            let value = named.shift_remove("value");
            value.ok_or_else(|| Error::new(400, "value is a required argument"))?
        }
        Body::Ttl => {
            let ttl = named.shift_remove("ttl").map(|ttl| ("ttl".to_owned(), ttl));
            Json::Object(ttl.into_iter().collect())
        }
        body => {
            let data = body.argument().and_then(|name| named.shift_remove(name));
            data.unwrap_or_else(nothing)
        }
    };
    // In a query string, what is null is not there.
    named.retain(|_, json| !json.is_null());
    Ok(Placed {
        found,
        query: named,
        body,
    })
}

/// The arguments of a method of the model's own, each where its description looks for it.
fn of_own_method<'a>(
    method: &RemoteMethodDef,
    mut found: Found<'a>,
    mut named: Map<String, Json>,
) -> Placed<'a> {
    let arguments = method.arguments.iter();
    let takes_body = arguments
        .clone()
        .any(|one| one.source == ArgumentSource::Body);
    let mut body = Map::new();
    let mut whole = None;
    let mut parts: Vec<_> = found
        .id
        .iter()
        .map(|id| ("id".to_owned(), id.text.clone()))
        .collect();
    let mut query = Map::new();
    for argument in arguments {
        let in_path = found.route.segments.iter().any(|segment| match segment {
            Segment::Part(name) => name == argument.name,
            _ => false,
        });
        let Some(json) = named.shift_remove(argument.name) else {
            continue;
        };
        let name = argument.name.to_owned();
        match argument.source {
            ArgumentSource::Body => whole = Some(json),
            ArgumentSource::Form => drop(body.insert(name, json)),
            ArgumentSource::Query => drop(query.insert(name, json)),
            // It says what stands before the application, and no caller.
            ArgumentSource::Header => {}
            // In a path, nothing is null.
            ArgumentSource::Path if json.is_null() => {}
            ArgumentSource::Path => parts.push((name, text(json))),
            ArgumentSource::Anywhere if in_path && !json.is_null() => {
                parts.push((name, text(json)))
            }
            ArgumentSource::Anywhere if takes_body => drop(query.insert(name, json)),
            ArgumentSource::Anywhere => drop(body.insert(name, json)),
        }
    }
    query.extend(named);
    found.parts = parts;
    Placed {
        found,
        query,
        body: whole.unwrap_or(Json::Object(body)),
    }
}

/// An id as it stands in a path; a list of keys is that of a composite id.
fn segment(json: Json) -> PathSegment {
    match json {
        Json::Array(keys) => PathSegment::of_list(&keys.into_iter().map(text).collect::<Vec<_>>()),
        one => PathSegment::plain(&text(one)),
    }
}

fn text(json: Json) -> String {
    match json {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

fn miscounted(method: &RemoteMethod<'_>, names: &[&str], sent: usize) -> Error {
    let message = format!(
        "{} takes [{}], and {sent} arguments were sent; send null for one that is not given, or an object with their names",
        method.name(),
        names.join(", ")
    );
    Error::new(400, message).with_code("ARGUMENT_COUNT")
}
