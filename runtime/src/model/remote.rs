//! Methods of a model's own that callers reach over HTTP (contract *models.md* §13).

use std::any::Any;
use std::fmt;

use futures_util::future::BoxFuture;

use super::{AccessType, Literal, Place, PropertyType};
use crate::Result;

/// A function that is served: written by `#[remote(...)]` in an impl block with `#[loopwright::methods]`.
#[derive(Clone, Copy)]
pub struct RemoteMethodDef {
    /// The name in rules, paths and the document: `closeForGood`.
    pub name: &'static str,
    /// Documentation, from the doc comment.
    pub docs: &'static str,
    /// Is it called on one instance, whose id is in the path?
    pub instance: bool,
    /// What the method does to the data, for access rules.
    pub access: AccessType,
    /// Where it is served.
    pub routes: &'static [RemoteRoute],
    /// Is it served where LoopBack would, since nothing else was said? One that takes the place of another method is served
    /// where that one was.
    pub usual_route: bool,
    /// What the caller gives.
    pub arguments: &'static [ArgumentDef],
    /// What the caller gets.
    pub returns: RemoteType,
    /// The member of the answer that holds what the caller gets; without one it is the answer.
    pub returns_as: Option<&'static str>,
    /// The status of a success, where it is not 200, or 204 for nothing.
    pub status: Option<u16>,
    /// What a token must be for that is not for everything; [`DEFAULT_SCOPE`](Self::DEFAULT_SCOPE) unless said.
    pub scopes: &'static [&'static str],
    /// Where what the function knows as its model begins.
    pub(crate) place: Place,
    // The call is typed in the room of the router, which this one does not know.
    call: RemoteFn,
}

/// The function with its argument's type taken away.
type RemoteFn = for<'a> fn(&'a mut (dyn Any + Send)) -> BoxFuture<'a, Result<()>>;

/// One place where a method is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteRoute {
    /// The HTTP verb.
    pub verb: Verb,
    /// The path below the collection, or below the instance: `/by-city/{city}`.
    pub path: &'static str,
}

/// An HTTP verb that a method can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the verbs")]
pub enum Verb {
    Put,
    Post,
    Patch,
    Head,
    Get,
    Delete,
}

impl Verb {
    /// The verb as it stands in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verb::Put => "PUT",
            Verb::Post => "POST",
            Verb::Patch => "PATCH",
            Verb::Head => "HEAD",
            Verb::Get => "GET",
            Verb::Delete => "DELETE",
        }
    }

    /// The verb of a request, if a method can have it.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Verb::Put,
            Verb::Post,
            Verb::Patch,
            Verb::Head,
            Verb::Get,
            Verb::Delete,
        ]
        .into_iter()
        .find(|verb| verb.as_str() == text)
    }
}

/// What the caller of a method gives.
#[derive(Debug, Clone, Copy)]
pub struct ArgumentDef {
    /// The name in the request.
    pub name: &'static str,
    /// Where the value stands.
    pub source: ArgumentSource,
    /// What the value is.
    pub ty: RemoteType,
    /// Must there be one?
    pub required: bool,
    /// What it is when the caller gives none.
    pub default: Option<Literal>,
}

/// Where the value of an argument stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentSource {
    /// The first of: the path, a member of the body, the query string, a header.
    Anywhere,
    /// The part of the path that has the argument's name.
    Path,
    /// The query string.
    Query,
    /// The whole body.
    Body,
    /// A member of the body, which may be a form.
    Form,
    /// A header.
    Header,
}

/// What a method takes or answers.
#[derive(Debug, Clone, Copy)]
pub enum RemoteType {
    /// Nothing.
    Nothing,
    /// A value, as a property of that type has it, with the name of its Rust type.
    Value(PropertyType, &'static str),
    /// An instance of a model.
    Instance(fn() -> &'static super::ModelDef),
    /// A list.
    List(&'static RemoteType),
    /// What may be absent or null.
    Optional(&'static RemoteType),
    /// Whatever the method makes of the response.
    Response,
}

impl RemoteMethodDef {
    /// A method that calls `call`. Written by `#[loopwright::methods]`.
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        access: AccessType,
        returns: RemoteType,
        call: RemoteFn,
    ) -> Self {
        RemoteMethodDef {
            name,
            docs: "",
            instance: false,
            access,
            routes: &[],
            usual_route: false,
            arguments: &[],
            returns,
            returns_as: None,
            status: None,
            scopes: &[Self::DEFAULT_SCOPE],
            place: Place::START,
            call,
        }
    }

    /// What a token is for that is for every method which does not say otherwise.
    pub const DEFAULT_SCOPE: &str = "DEFAULT";

    /// The method that can be called by tokens that are for one of these scopes (contract *access-control.md* §9).
    #[must_use]
    pub const fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// The method of what a model has taken in at `place`.
    pub(crate) const fn placed(mut self, place: Place) -> Self {
        self.place = place.then(self.place);
        self
    }

    /// The method with documentation.
    #[must_use]
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// The method as one of an instance.
    #[must_use]
    pub const fn instance(mut self) -> Self {
        self.instance = true;
        self
    }

    /// The method served at these places.
    #[must_use]
    pub const fn routes(mut self, routes: &'static [RemoteRoute]) -> Self {
        self.routes = routes;
        self
    }

    /// The method served at LoopBack's usual place, `POST /<name>`.
    #[must_use]
    pub const fn usual_route(mut self, routes: &'static [RemoteRoute]) -> Self {
        self.usual_route = true;
        self.routes(routes)
    }

    /// The method with arguments.
    #[must_use]
    pub const fn arguments(mut self, arguments: &'static [ArgumentDef]) -> Self {
        self.arguments = arguments;
        self
    }

    /// The method that answers an object with one member of this name.
    #[must_use]
    pub const fn returns_as(mut self, name: &'static str) -> Self {
        self.returns_as = Some(name);
        self
    }

    /// The method whose success has another status.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Calls the function with `call`, which takes the answer too.
    pub(crate) fn call<'a>(&self, call: &'a mut (dyn Any + Send)) -> BoxFuture<'a, Result<()>> {
        (self.call)(call)
    }
}

impl ArgumentDef {
    /// An argument of the type `ty` called `name`.
    #[doc(hidden)]
    pub const fn new(name: &'static str, source: ArgumentSource, ty: RemoteType) -> Self {
        ArgumentDef {
            name,
            source,
            ty,
            // An absent truth value is false (contract models.md §13.2).
            required: !matches!(
                ty,
                RemoteType::Optional(_)
                    | RemoteType::List(_)
                    | RemoteType::Value(PropertyType::Boolean, _)
            ),
            default: None,
        }
    }

    /// The argument with a value for when the caller gives none.
    #[must_use]
    pub const fn default(mut self, default: Literal) -> Self {
        self.default = Some(default);
        self.required = false;
        self
    }
}

impl fmt::Debug for RemoteMethodDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteMethodDef")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Methods are told apart by what they are served as.
impl PartialEq for RemoteMethodDef {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.routes == other.routes
    }
}

impl Eq for RemoteMethodDef {}
