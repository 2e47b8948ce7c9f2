//! A method by its name: what transports call.

use std::panic::AssertUnwindSafe;

use axum::http::HeaderMap;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::{Value as Json, json};

use super::call_arguments::CallArguments;
use super::change_stream::{self, ChangeEvent};
use super::endpoint::{Operation as O, QueryArgument, Returns};
use super::failure::panicked;
use super::hook::Answered;
use super::remotes::Remotes;
use super::route::{Route, Segment};
use super::route_table::ModelRoutes;
use crate::access::Caller;
use crate::model::{ArgumentSource, ModelDef, PropertyType, RemoteType, Verb};
use crate::{Error, Result, trail};

/// A method of a model, as [`Remotes::method`] finds it by its name.
#[derive(Clone, Copy)]
pub struct RemoteMethod<'a> {
    remotes: &'a Remotes,
    model: &'a ModelRoutes,
    route: &'a Route,
}

/// What a method has answered.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct MethodAnswer {
    /// The JSON that REST has as its body; null where REST has none.
    pub data: Json,
    /// What REST says in headers besides: `x-total-count`, `link`, and what remote hooks have set.
    pub headers: HeaderMap,
}

impl<'a> RemoteMethod<'a> {
    pub(in crate::remoting) fn find(remotes: &'a Remotes, name: &str) -> Option<Self> {
        let (model, method) = name.split_once('.')?;
        let model = remotes.routes().model(model)?;
        let on_prototype = method.strip_prefix("prototype.");
        let method = on_prototype.unwrap_or(method);
        let def = model.data.def();
        let mut every = def.kind.methods().iter();
        let alias = every.find(|known| known.aliases.contains(&method));
        let method = alias.map_or(method, |known| known.name);
        // What is asked by HEAD is told by nothing but a status.
        let told = |route: &&Route| route.endpoint.verb != Verb::Head;
        let named = || model.routes.iter().filter(|route| route.method == method);
        let route = named().find(told).or_else(|| named().next())?;
        let found = RemoteMethod {
            remotes,
            model,
            route,
        };
        (on_prototype.is_none() || found.is_of_instance()).then_some(found)
    }

    /// The method's name: `Note.find`, `Note.prototype.updateAttributes`.
    pub fn name(&self) -> String {
        let prototype = if self.is_of_instance() {
            "prototype."
        } else {
            ""
        };
        format!("{}.{prototype}{}", self.def().name, self.route.method)
    }

    /// Is it the method of an instance, in LoopBack's eyes?
    pub fn is_of_instance(&self) -> bool {
        match self.route.endpoint.operation {
            O::Remote(method) => method.instance,
            _ if self.route.relation.is_some() => true,
            _ => {
                let mut every = self.def().kind.methods().iter();
                every.any(|known| known.name == self.route.method && known.instance)
            }
        }
    }

    /// Does it answer a stream of changes? Then [`changes`](Self::changes) calls it.
    pub fn is_stream(&self) -> bool {
        self.route.endpoint.returns == Returns::Stream
    }

    /// The names of its arguments, in the order in which a list of them is read: the ids of instances that it is about, then
    /// those that LoopBack declares. What stands in headers has no place in it.
    pub fn arguments(&self) -> Vec<&'static str> {
        let remote = match self.route.endpoint.operation {
            O::Remote(method) => Some(method),
            _ => None,
        };
        let declared = remote.map_or(&[][..], |method| method.arguments);
        let declared = declared
            .iter()
            .filter(|argument| argument.source != ArgumentSource::Header);
        let declared = declared.map(|argument| argument.name);
        let has = |segment| self.route.segments.contains(&segment);
        let id = has(Segment::Id) && remote.is_none_or(|method| method.instance);
        let ids = [
            (id, self.id_name()),
            (has(Segment::MiddleKey), "nk"),
            (has(Segment::ForeignKey), "fk"),
        ];
        let ids = ids
            .into_iter()
            .filter_map(|(has, name)| has.then_some(name));
        let query = self.route.endpoint.query.iter().copied();
        let body = self.route.endpoint.body.argument();
        let (ttl, query): (Vec<_>, Vec<_>) =
            query.partition(|argument| *argument == QueryArgument::Ttl);
        let query = query.into_iter().filter_map(QueryArgument::of_loopback);
        let ttl = ttl.into_iter().filter_map(QueryArgument::of_loopback);
        ids.chain(query)
            .chain(body)
            .chain(ttl)
            .chain(declared)
            .collect()
    }

    /// What it answers, as LoopBack describes it: `[{"arg": "count", "type": "number"}]`.
    pub fn returns(&self) -> Json {
        let root = |name: &str, ty: Json| json!([{ "arg": name, "type": ty, "root": true }]);
        let target = || self.route.target(self.def()).name;
        let endpoint = &self.route.endpoint;
        match endpoint.returns {
            Returns::Count if self.named_answer().is_some() => {
                json!([{ "arg": "count", "type": "number" }])
            }
            Returns::Count => root("info", "object".into()),
            Returns::Exists => json!([{ "arg": "exists", "type": "boolean" }]),
            Returns::Instance | Returns::InstanceOrList => root("data", target().into()),
            Returns::List => root("data", json!([target()])),
            Returns::Join => root("data", self.route.subject(self.def()).name.into()),
            Returns::EmptyOk => root("exists", "boolean".into()),
            Returns::NoContent => json!([]),
            Returns::Stream => {
                json!([{ "arg": "changes", "type": "ReadableStream", "json": true }])
            }
            Returns::Value => root("value", "any".into()),
            Returns::Keys => root("keys", json!(["string"])),
            Returns::Remote => match endpoint.operation {
                O::Remote(method) => match (type_name(&method.returns), method.returns_as) {
                    (Json::Null, _) => json!([]),
                    (ty, Some(name)) => json!([{ "arg": name, "type": ty }]),
                    (ty, None) => root("result", ty),
                },
                _ => json!([]),
            },
        }
    }

    /// The member of the answer that is what the method answers, where REST has an object around it: `count`.
    pub fn named_answer(&self) -> Option<&'static str> {
        match self.route.endpoint.operation {
            O::Count | O::RelatedCount | O::ScopeCount(_) => Some("count"),
            O::Exists => Some("exists"),
            O::Remote(method) => method.returns_as,
            _ => None,
        }
    }

    /// Calls it.
    ///
    /// # Errors
    /// As REST: 401 for a caller who may not, 400 for arguments that don't fit, whatever the method, a hook or the data source
    /// fails with. 406 for a method whose answer is no JSON: a stream, or a whole HTTP response of its own.
    pub async fn call(&self, caller: Caller, arguments: CallArguments) -> Result<MethodAnswer> {
        if self.is_stream() {
            return Err(self.unfit("answers a stream of changes"));
        }
        self.answered(caller, arguments).await?.into_json()
    }

    /// Calls it, and hears of changes until the application comes to an end, or the caller's token does.
    ///
    /// # Errors
    /// As [`call`](Self::call); 406 for a method that answers no stream.
    pub async fn changes(
        &self,
        caller: Caller,
        arguments: CallArguments,
    ) -> Result<BoxStream<'static, ChangeEvent>> {
        if !self.is_stream() {
            return Err(self.unfit("answers no stream of changes"));
        }
        let changes = self.answered(caller, arguments).await?.into_changes();
        // A hook has answered in the method's place.
        let changes = changes.ok_or_else(|| self.unfit("has answered no stream of changes"))?;
        Ok(change_stream::events(changes, self.remotes.shutdown()).boxed())
    }

    async fn answered(&self, caller: Caller, arguments: CallArguments) -> Result<Answered> {
        let (found, arguments) = arguments.place(self, self.model, self.route)?;
        let calls = async {
            let call = self.remotes.admit(found, caller).await?;
            if let O::Remote(method) = self.route.endpoint.operation
                && is_response(&method.returns)
            {
                return Err(self.unfit("answers an HTTP response of its own; call it over REST"));
            }
            call.run(arguments).await
        };
        // One call of many must not end the others.
        let answered = AssertUnwindSafe(calls).catch_unwind().await;
        answered.unwrap_or_else(|panic| Err(panicked(&*panic)))
    }

    /// Leaves on the trail that it is called.
    pub(in crate::remoting) fn note(&self) {
        trail::calls(self.def().name, &self.route.method);
    }

    /// The name of the argument that is the first id in the path.
    pub(super) fn id_name(&self) -> &'static str {
        match self.route.path.contains("{key}") {
            true => "key",
            false => "id",
        }
    }

    fn def(&self) -> &'static ModelDef {
        self.model.data.def()
    }

    /// 406 for a method whose answer is not what is asked for.
    fn unfit(&self, does: &str) -> Error {
        Error::new(406, format!("{} {does}", self.name())).with_code("NOT_ACCEPTABLE")
    }
}

impl std::fmt::Debug for RemoteMethod<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RemoteMethod").field(&self.name()).finish()
    }
}

fn is_response(ty: &RemoteType) -> bool {
    match ty {
        RemoteType::Response => true,
        RemoteType::Optional(inner) | RemoteType::List(inner) => is_response(inner),
        RemoteType::Nothing | RemoteType::Value(..) | RemoteType::Instance(_) => false,
    }
}

/// LoopBack's name of a type; null for nothing.
fn type_name(ty: &RemoteType) -> Json {
    match ty {
        RemoteType::Nothing => Json::Null,
        RemoteType::Value(ty, _) => match ty {
            PropertyType::Boolean => "boolean".into(),
            PropertyType::Integer { .. } | PropertyType::Float => "number".into(),
            PropertyType::DateTime | PropertyType::Date => "date".into(),
            PropertyType::Bytes => "buffer".into(),
            PropertyType::GeoPoint => "geopoint".into(),
            PropertyType::Json => "any".into(),
            PropertyType::Array(_) => "array".into(),
            PropertyType::Object(_) => "object".into(),
            PropertyType::String
            | PropertyType::Decimal
            | PropertyType::Uuid
            | PropertyType::ObjectId
            | PropertyType::Enum(_) => "string".into(),
        },
        RemoteType::Instance(def) => def().name.into(),
        RemoteType::List(item) => json!([type_name(item)]),
        RemoteType::Optional(inner) => type_name(inner),
        RemoteType::Response => "file".into(),
    }
}
