//! Remote hooks: what a model does around calls from outside, over REST or another transport, and around nothing else
//! (contract *models.md* §14).
//!
//! ```
//! use loopwright::prelude::*;
//! use loopwright::remoting::RemoteCall;
//! use serde_json::json;
//!
//! #[derive(Model, Clone, Debug)]
//! #[acl(open)]
//! struct Note {
//!     #[model(id, generated)]
//!     id: i64,
//!     text: String,
//! }
//!
//! #[loopwright::methods]
//! impl Note {
//!     /// Whoever writes a note says so from where.
//!     #[remote_hook(before(create))]
//!     async fn sign(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
//!         let from = cx.headers().get("x-from").and_then(|from| from.to_str().ok());
//!         let Some(from) = from.map(str::to_owned) else {
//!             return Err(Error::new(400, "say where you are, in the header x-from"));
//!         };
//!         if let Some(data) = cx.argument_mut("data") {
//!             data["text"] = json!(format!("{} ({from})", data["text"].as_str().unwrap_or_default()));
//!         }
//!         Ok(())
//!     }
//!
//!     /// Lists come with their length.
//!     #[remote_hook(after(find))]
//!     async fn count(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
//!         let notes = cx.take_result();
//!         let count = notes.as_array().map_or(0, Vec::len);
//!         cx.set_result(json!({ "count": count, "notes": notes }));
//!         Ok(())
//!     }
//!
//!     /// Every failure is told.
//!     #[remote_hook(after_error(all))]
//!     async fn tell(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
//!         if let Some(error) = cx.error() {
//!             println!("{} has failed: {error}", cx.method());
//!         }
//!         Ok(())
//!     }
//! }
//! ```
//!
//! # When they are called
//!
//! 1. The access rules are asked; their refusal goes to the hooks of `after_error`.
//! 2. The instance is loaded, for a method of one; that it is not there goes to `after_error`, too.
//! 3. `before`: an error ends the call.
//! 4. The method.
//! 5. `after`: an error takes the place of the answer. `findById` and `findOne` that have found nothing come here with null,
//!    and the caller gets 404 unless the hook has found something to answer.
//!
//! Of several hooks, those that name the method come first, then those of `all_static` or `all_instance`, then those of `all`;
//! among equals the order is that of the declaration. A model without hooks costs its callers nothing.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value as Json};
use tokio::sync::watch;

use super::access::Guard;
use super::argument::{Arguments, IdArgument};
use super::change_stream::Changes;
use super::conditional;
use super::format::Format;
use super::invoke::{Outcome, invoke, load};
use super::path_segment::PathSegment;
use super::remote_method::MethodAnswer;
use super::response::{self, Answer};
use super::route_table::{Data, Found};
use crate::access::Caller;
use crate::model::{Mixin, Model, Place, Record, RemoteHookDef, RemoteHookKind};
use crate::repository::hook::HookState;
use crate::repository::{AsCaller, ErasedRepository, Options, Repository, System, part};
use crate::{Error, Result};

/// A call of a method of the model `M` from outside, as its [hooks](self) see it.
pub struct RemoteCall<'a, M> {
    call: &'a mut HookedCall,
    model: PhantomData<fn() -> M>,
}

/// A call without the type of its model.
pub(super) struct HookedCall {
    method: String,
    repository: ErasedRepository,
    caller: Caller,
    instance: Option<Record>,
    arguments: Arguments,
    /// The parts of the path.
    parts: Map<String, Json>,
    result: Json,
    error: Option<Error>,
    /// Has a hook answered in the method's place?
    answered: bool,
    status: Option<StatusCode>,
    headers: HeaderMap,
    /// That of the instance that the method answers.
    version: Option<i64>,
    state: HookState,
    place: Place,
}

impl<'a, M: Mixin> RemoteCall<'a, M> {
    #[doc(hidden)]
    pub fn of(call: &'a mut (dyn Any + Send)) -> Result<Self> {
        let call = call
            .downcast_mut()
            .ok_or_else(|| Error::internal("a remote hook was called with something else"))?;
        Ok(RemoteCall {
            call,
            model: PhantomData,
        })
    }

    /// The name of the method, as rules know it: `create`, `updateAttributes`, `__get__reviews`.
    pub fn method(&self) -> &str {
        &self.call.method
    }

    /// The headers of the request; over a socket, those by which it was opened.
    pub fn headers(&self) -> &HeaderMap {
        &self.call.arguments.headers
    }

    /// What the caller has sent under this name: `data` is the body, `filter`, `where` and others are what stands in the
    /// query string or in the body, `id` and others what stands in the path. Text is as it was sent.
    pub fn argument(&self, name: &str) -> Option<&Json> {
        let arguments = &self.call.arguments;
        if name == "data" {
            return Some(&arguments.body);
        }
        let part = self.call.parts.get(name);
        let part = part.or_else(|| arguments.query.get(name));
        part.or_else(|| arguments.body.get(name))
    }

    /// As [`argument`](Self::argument), to change it. What stands in the path can't be changed.
    pub fn argument_mut(&mut self, name: &str) -> Option<&mut Json> {
        let arguments = &mut self.call.arguments;
        if name == "data" {
            return Some(&mut arguments.body);
        }
        match arguments.query.get_mut(name) {
            Some(json) => Some(json),
            None => arguments.body.get_mut(name),
        }
    }

    /// Gives an argument another value, or one at all. What stands in the path can't be changed.
    pub fn set_argument(&mut self, name: &str, value: Json) {
        if let Some(argument) = self.argument_mut(name) {
            *argument = value;
        } else {
            self.call.arguments.query.insert(name.to_owned(), value);
        }
    }

    /// The instance that the method is called on; none for a method of the collection.
    ///
    /// # Errors
    /// The data source holds a row that doesn't fit the struct.
    pub fn instance(&self) -> Result<Option<M>> {
        let def = self.call.repository.def();
        let instance = self.call.instance.clone();
        let instance = instance.map(|mut record| part(def, &mut record, self.call.place));
        instance.transpose()
    }

    /// What the method answers; null before it has.
    pub fn result(&self) -> &Json {
        &self.call.result
    }

    /// Takes what the method answers away; the caller gets null unless another result is set.
    pub fn take_result(&mut self) -> Json {
        self.call.result.take()
    }

    /// Answers something else.
    pub fn set_result(&mut self, result: Json) {
        self.call.result = result;
    }

    /// Answers `result` at once: neither the method nor another hook is called. After the method it is the same as
    /// [`set_result`](Self::set_result).
    pub fn answer(&mut self, result: Json) {
        self.call.answered = true;
        self.call.result = result;
    }

    /// Answers with this status in case of success. Only REST has one.
    pub fn set_status(&mut self, status: StatusCode) {
        self.call.status = Some(status);
    }

    /// Answers with this header in case of success.
    pub fn set_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.call.headers.insert(name, value);
    }

    /// Why the call has failed.
    pub fn error(&self) -> Option<&Error> {
        self.call.error.as_ref()
    }

    /// The instances of the model `N`, on behalf of whoever calls.
    ///
    /// # Errors
    /// The application does not list `N`.
    pub fn repository<N: Model>(&self) -> Result<Repository<N, AsCaller>> {
        let other = self.own().other(N::DEF.name);
        other.map(Repository::of_caller)
    }

    /// As the application itself: past the policies about rows.
    pub fn as_system(&self) -> System {
        System::new(self.own())
    }

    fn own(&self) -> ErasedRepository {
        let call = &self.call;
        let options = call.arguments.options.clone();
        call.repository.clone().with_options(options)
    }

    /// On whose behalf the call is.
    pub fn caller(&self) -> &Caller {
        &self.call.caller
    }

    /// What the operations of the call are told beside their data.
    pub fn options(&self) -> &Options {
        &self.call.arguments.options
    }

    /// Tells them something else, as in `cx.set_options(cx.options().clone().with(Tenant(7)))`.
    pub fn set_options(&mut self, options: Options) {
        self.call.arguments.options = options;
    }

    /// What the hooks of this one call tell each other.
    pub fn state(&mut self) -> &mut HookState {
        &mut self.call.state
    }
}

// The arguments and headers hold secrets.
impl<M> fmt::Debug for RemoteCall<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteCall")
            .field("method", &self.call.method)
            .finish_non_exhaustive()
    }
}

/// What a call comes to.
pub(super) struct Answered {
    outcome: Outcome,
    status: Option<StatusCode>,
    headers: HeaderMap,
    version: Option<i64>,
}

impl Answered {
    /// The response, with the hooks' words about status and headers.
    pub fn response(self, format: &Format, shutdown: watch::Receiver<bool>) -> Result<Response> {
        let mut response = response::success(self.outcome, format, shutdown)?;
        if let Some(version) = self.version {
            conditional::tag_version(&mut response, version);
        }
        if let Some(status) = self.status {
            *response.status_mut() = status;
        }
        if !self.headers.is_empty() {
            response.headers_mut().extend(self.headers);
        }
        Ok(response)
    }
}

impl Answered {
    /// What is answered where there is no HTTP; a status is not told.
    pub fn into_json(self) -> Result<MethodAnswer> {
        let (data, told) = match response::json(self.outcome)? {
            Ok(answer) => (answer.json, answer.headers),
            // Whoever was not there would have got an error.
            Err(Outcome::Empty) => (Json::Bool(true), HeaderMap::new()),
            Err(_) => return Err(Error::internal("what a method answers is no JSON")),
        };
        let mut headers = told;
        // What a change names as the version that it is meant for.
        let tag = self
            .version
            .map(|version| HeaderValue::try_from(format!("\"{version}\"")));
        if let Some(Ok(tag)) = tag {
            headers.insert(header::ETAG, tag);
        }
        headers.extend(self.headers);
        Ok(MethodAnswer { data, headers })
    }

    /// The changes that are answered, if it is them.
    pub fn into_changes(self) -> Option<Box<Changes>> {
        match self.outcome {
            Outcome::Changes(changes) => Some(changes),
            _ => None,
        }
    }
}

/// What a call without hooks comes to.
impl From<Outcome> for Answered {
    fn from(outcome: Outcome) -> Self {
        Answered {
            version: outcome.version(),
            outcome,
            status: None,
            headers: HeaderMap::new(),
        }
    }
}

/// Calls the method with its hooks around it, access decision included.
pub(super) async fn call(
    found: Found<'_>,
    arguments: Arguments,
    guard: &Guard<'_>,
) -> Result<Answered> {
    let Data::Records(repository) = &found.model.data else {
        return Err(Error::internal("a key-value model has no remote hooks"));
    };
    let id = found.id.clone();
    let parts = found.parts.iter().cloned();
    let ids = [("id", &found.id), ("fk", &found.foreign_key)];
    let ids = ids
        .into_iter()
        .filter_map(|(name, id)| Some((name.to_owned(), id.as_ref()?.text.clone())));
    let mut call = HookedCall {
        method: found.route.method.clone(),
        repository: repository
            .clone()
            .on_behalf_of(guard.decider.caller.clone()),
        caller: guard.decider.caller.clone(),
        instance: None,
        arguments,
        parts: parts
            .chain(ids)
            .map(|(name, text)| (name, text.into()))
            .collect(),
        result: Json::Null,
        error: None,
        answered: false,
        status: None,
        headers: HeaderMap::new(),
        version: None,
        state: HookState::default(),
        place: Place::START,
    };
    let hooks = found.route.hooks.clone();
    let of = |kind: RemoteHookKind| hooks.iter().copied().filter(move |hook| hook.kind == kind);
    let before: Vec<_> = of(RemoteHookKind::Before).collect();
    let after: Vec<_> = of(RemoteHookKind::After).collect();
    let loads = found.route.endpoint.operation.loads_instance();
    let run = run(
        &mut call,
        found,
        id.filter(|_| loads),
        &before,
        &after,
        guard,
    );
    match run.await {
        Ok(outcome) => Ok(Answered {
            outcome,
            status: call.status,
            headers: call.headers,
            version: call.version,
        }),
        Err(Failure::Final(error)) => Err(error),
        Err(Failure::Told(error)) => {
            call.error = Some(error);
            for hook in of(RemoteHookKind::AfterError) {
                call.place = hook.place;
                hook.call(&mut call).await?;
            }
            Err(call
                .error
                .take()
                .unwrap_or_else(|| Error::internal("the error is gone")))
        }
    }
}

enum Failure {
    /// The hooks of errors are told.
    Told(Error),
    /// Nothing was found, which is no failure to them.
    Final(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Told(error)
    }
}

async fn run(
    call: &mut HookedCall,
    found: Found<'_>,
    id: Option<PathSegment>,
    before: &[&'static RemoteHookDef],
    after: &[&'static RemoteHookDef],
    guard: &Guard<'_>,
) -> std::result::Result<Outcome, Failure> {
    guard.method(&found).await?;
    if let Some(id) = id {
        let id = IdArgument::new(call.repository.def(), id);
        call.instance = Some(load(&call.repository, &id).await?);
    }
    for hook in before {
        call.place = hook.place;
        hook.call(call).await?;
        if call.answered {
            return Ok(Outcome::Json(call.result.take()));
        }
    }
    let finds = found.route.endpoint.operation.finds_one();
    let (outcome, missing) = match invoke(found, &mut call.arguments, guard).await {
        Ok(outcome) => {
            call.version = outcome.version();
            if after.is_empty() {
                return Ok(outcome);
            }
            (outcome, None)
        }
        Err(error) if finds && error.code() == Some("MODEL_NOT_FOUND") => {
            (Outcome::Json(Json::Null), Some(error))
        }
        Err(error) => return Err(error.into()),
    };
    let nothing = matches!(outcome, Outcome::NoContent);
    let Answer {
        json,
        status,
        headers,
    } = match response::json(outcome)? {
        Ok(answer) => answer,
        // A stream, or what a method has made of the whole response.
        Err(outcome) => return Ok(outcome),
    };
    call.result = json;
    call.headers.extend(headers);
    for hook in after {
        call.place = hook.place;
        hook.call(call).await?;
    }
    match missing {
        Some(error) if call.result.is_null() => Err(Failure::Final(error)),
        None if call.result.is_null() && (nothing || status == StatusCode::NO_CONTENT) => {
            Ok(Outcome::NoContent)
        }
        _ => {
            let status = Some(status).filter(|status| *status != StatusCode::NO_CONTENT);
            call.status = call.status.or(status);
            Ok(Outcome::Json(call.result.take()))
        }
    }
}
