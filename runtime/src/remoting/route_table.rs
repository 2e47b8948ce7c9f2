//! Which method a request calls (contract *rest.md* §3.3).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::access::IncludeAccess;
use super::path_segment::{PathSegment, joined};
use super::property_access::PropertyAccess;
use super::route::{Route, Segment, in_order};
use crate::access::Caller;
use crate::model::{ModelDef, Verb};
use crate::repository::{ErasedKeyValue, ErasedRepository, Registry};
use crate::{Error, Result};

/// Every route of an application.
pub(super) struct RouteTable {
    /// Those of all listed models, public or not.
    models: Vec<ModelRoutes>,
    /// The public models by the path of their collection, as it is declared and in lower case.
    by_path: HashMap<String, usize>,
    /// How many segments the longest collection path has.
    longest: usize,
    /// Who may read what filters include.
    pub includes: Arc<IncludeAccess>,
    /// Who may read and write which properties.
    pub properties: Arc<PropertyAccess>,
}

/// The routes of one model.
pub(super) struct ModelRoutes {
    pub data: Data,
    pub routes: Vec<Route>,
}

/// What the methods of a model work on.
pub(super) enum Data {
    Records(ErasedRepository),
    Values(ErasedKeyValue),
}

/// What a request's path leads to.
pub(super) enum Match<'a> {
    Found(Found<'a>),
    /// The collection is known, the rest is not.
    NoMethod {
        model: &'static ModelDef,
        rest: String,
    },
    NoModel,
}

/// A method, and the ids in the path.
pub(super) struct Found<'a> {
    pub model: &'a ModelRoutes,
    pub route: &'a Route,
    pub id: Option<PathSegment>,
    pub foreign_key: Option<PathSegment>,
    /// The id between the two, of relations below a relation.
    pub middle_key: Option<PathSegment>,
    /// The parts that arguments take, with their names.
    pub parts: Vec<(String, String)>,
}

impl Found<'_> {
    /// The same call, in whose path the id of the user who calls takes the place of `literal`.
    ///
    /// # Errors
    /// 401 when nobody is logged in.
    pub fn with_user(mut self, literal: &str, caller: &Caller) -> Result<Self> {
        let keys = [&mut self.id, &mut self.middle_key, &mut self.foreign_key];
        for key in keys.into_iter().flatten().filter(|key| key.text == literal) {
            let user = caller.user_id().ok_or_else(|| {
                Error::new(401, "Authorization Required").with_code("AUTHORIZATION_REQUIRED")
            })?;
            *key = PathSegment::plain(user);
            // What a method takes is what the rules have been asked about.
            for (_, part) in self.parts.iter_mut().filter(|(_, part)| part == literal) {
                user.clone_into(part);
            }
        }
        Ok(self)
    }
}

impl RouteTable {
    /// The routes of every model that is listed; requests find those of the public ones.
    pub fn new(registry: &Arc<Registry>) -> Self {
        let records = (0..registry.listed().len())
            .map(|index| Data::Records(ErasedRepository::new(registry.clone(), index)));
        let values = registry.key_values().iter().cloned().map(Data::Values);
        let models: Vec<_> = records.chain(values).map(ModelRoutes::new).collect();
        let mut by_path = HashMap::new();
        for (index, model) in models.iter().enumerate() {
            let def = model.data.def();
            if def.public {
                by_path.insert(def.path.to_lowercase(), index);
                // Most callers write it so.
                by_path.entry(def.path.to_owned()).or_insert(index);
            }
        }
        let longest = by_path
            .keys()
            .map(|path| path.split('/').count())
            .max()
            .unwrap_or(0);
        let records = || registry.models().iter().map(|model| model.def);
        let includes = IncludeAccess::new(records());
        RouteTable {
            models,
            by_path,
            longest,
            includes: Arc::new(includes),
            properties: Arc::new(PropertyAccess::new(records())),
        }
    }

    /// The routes of the model called `name`, public or not.
    pub fn listed(&self, name: &str) -> Option<&ModelRoutes> {
        self.models
            .iter()
            .find(|model| model.data.def().name == name)
    }

    /// The routes of the public model called `name`.
    pub fn model(&self, name: &str) -> Option<&ModelRoutes> {
        self.listed(name).filter(|model| model.data.def().public)
    }

    /// What `verb` on the decoded `segments` below the API root leads to.
    pub fn find(&self, verb: &str, segments: &[PathSegment]) -> Match<'_> {
        for len in (1..=self.longest.min(segments.len())).rev() {
            let (collection, rest) = segments.split_at(len);
            let path = match collection {
                [segment] => Cow::Borrowed(segment.text.as_str()),
                segments => Cow::Owned(joined(segments)),
            };
            let known = self.by_path.get(path.as_ref());
            if let Some(index) = known.or_else(|| self.by_path.get(&path.to_lowercase())) {
                return self.models[*index].find(verb, rest);
            }
        }
        Match::NoModel
    }
}

impl Data {
    pub fn def(&self) -> &'static ModelDef {
        match self {
            Data::Records(repository) => repository.def(),
            Data::Values(values) => values.def(),
        }
    }
}

impl ModelRoutes {
    fn new(data: Data) -> Self {
        let routes = in_order(data.def());
        ModelRoutes { data, routes }
    }

    fn find(&self, verb: &str, segments: &[PathSegment]) -> Match<'_> {
        let none = || Match::NoMethod {
            model: self.data.def(),
            rest: joined(segments),
        };
        let Some(verb) = Verb::parse(verb) else {
            return none();
        };
        let Some(route) = matching(&self.routes, verb, segments) else {
            return none();
        };
        let at = |wanted: Segment| {
            let position = route
                .segments
                .iter()
                .position(|segment| *segment == wanted)?;
            segments.get(position).cloned()
        };
        Match::Found(Found {
            model: self,
            route,
            id: at(Segment::Id),
            foreign_key: at(Segment::ForeignKey),
            middle_key: at(Segment::MiddleKey),
            parts: route.parts(segments),
        })
    }
}

/// The one of `routes` that a request takes with these segments below the collection.
pub(super) fn matching<'a>(
    routes: &'a [Route],
    verb: Verb,
    segments: &[PathSegment],
) -> Option<&'a Route> {
    let of_verb = |verb: Verb| {
        let mut routes = routes.iter();
        routes.find(|route| route.endpoint.verb == verb && route.fits(segments))
    };
    // A route for GET answers HEAD too, unless there is one for HEAD.
    let head = || (verb == Verb::Head).then(|| of_verb(Verb::Get)).flatten();
    of_verb(verb).or_else(head)
}
