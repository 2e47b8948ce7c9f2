//! Whom routes let through by the rules of the program alone, without a request.

use std::collections::HashSet;

use super::path_segment::PathSegment;
use super::route::{Place, Route, in_order, routes};
use super::route_table::matching;
use crate::Result;
use crate::access::{AccessCell, AccessRow, CallerKind, Decision, MethodAccess, Subject};
use crate::model::{ModelDef, Verb};

/// What the rules on the way of a call come to.
pub(crate) struct Verdict {
    /// That of the method's own rules, unless those of a model beyond refuse.
    pub decision: Decision,
    /// The model whose rules decide.
    pub model: &'static ModelDef,
}

impl Route {
    /// The rules that a call passes, each set with the instance that it is asked about: those of the method, then those of
    /// the models that the relation leads to, and through.
    pub fn checks(&self) -> impl Iterator<Item = (&MethodAccess, Place)> {
        let beyond = self.beyond.iter();
        let beyond = beyond.map(|beyond| (&beyond.access, beyond.instance));
        std::iter::once((&self.access, self.place())).chain(beyond)
    }

    /// The instance that the method's own rules are about.
    fn place(&self) -> Place {
        match self.path.contains("{id}") {
            true => Place::Id,
            false => Place::Collection,
        }
    }

    /// What the rules decide about `subject`, to whom every instance belongs that the path names.
    pub fn judge(&self, subject: &Subject) -> Verdict {
        let verdict = |(access, place): (&MethodAccess, Place)| Verdict {
            decision: access.judge(&standing(subject, place)),
            model: access.model(),
        };
        let mut verdicts = self.checks().map(verdict);
        let refusal = verdicts.find(|verdict| !verdict.decision.allowed);
        refusal.unwrap_or_else(|| verdict((&self.access, self.place())))
    }

    /// The path as a caller writes it, with `{id}` for an id.
    pub fn address(&self, api_root: &str) -> String {
        let collection = self.access.model().path;
        let parts = [api_root, collection, &self.path];
        let segments = parts.iter().flat_map(|part| part.split('/'));
        let segments = segments.filter(|segment| !segment.is_empty());
        segments.fold(String::new(), |path, segment| path + "/" + segment)
    }
}

/// `subject` before the instance that `place` stands for.
pub(crate) fn standing(subject: &Subject, place: Place) -> Subject {
    match place {
        Place::Collection => subject.limited(false, false),
        // Nobody asks all of them where their relations lead.
        Place::Owned => subject.limited(true, false),
        Place::Id | Place::ForeignKey | Place::MiddleKey => subject.clone(),
    }
}

/// The routes of `def` that requests find: of two at one place the first in the table, whatever the case of a relation's name.
pub(crate) fn served(def: &'static ModelDef) -> Vec<Route> {
    let mut taken = HashSet::new();
    let mut routes = routes(def);
    routes.retain(|route| taken.insert((route.path.to_lowercase(), route.endpoint.verb)));
    routes
}

/// The route that a request takes to one of the public `models`, served below `api_root`.
///
/// # Errors
/// A part of the path can't be decoded.
pub(crate) fn find(
    models: &[&'static ModelDef],
    api_root: &str,
    verb: Verb,
    path: &str,
) -> Result<Option<Route>> {
    let parts = |path: &str| {
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts.map(PathSegment::new).collect::<Result<Vec<_>>>()
    };
    let begins = |segments: &[PathSegment], path: &[PathSegment]| {
        let same = |(one, other): (&PathSegment, &PathSegment)| {
            one.text.to_lowercase() == other.text.to_lowercase()
        };
        path.len() <= segments.len() && segments.iter().zip(path).all(same)
    };
    let (segments, root) = (parts(path)?, parts(api_root)?);
    if !begins(&segments, &root) {
        return Ok(None);
    }
    let segments = &segments[root.len()..];
    let mut longest: Option<(&'static ModelDef, usize)> = None;
    for def in models.iter().filter(|def| def.public) {
        let collection = parts(def.path)?;
        let longer = longest.is_none_or(|(_, length)| length < collection.len());
        if longer && begins(segments, &collection) {
            longest = Some((def, collection.len()));
        }
    }
    Ok(longest.and_then(|(def, length)| {
        let routes = in_order(def);
        matching(&routes, verb, &segments[length..]).cloned()
    }))
}

/// Who may call the methods of the public `models`, served below `api_root`.
pub(crate) fn access_matrix(models: &[&'static ModelDef], api_root: &str) -> Vec<AccessRow> {
    let public = models.iter().filter(|def| def.public);
    public.flat_map(|def| rows(def, api_root)).collect()
}

fn rows(def: &'static ModelDef, api_root: &str) -> Vec<AccessRow> {
    let routes = served(def);
    let callers = callers(&routes);
    let mut rows: Vec<AccessRow> = Vec::new();
    for route in &routes {
        let cells = cells(def, route, &callers);
        let address = format!(
            "{} {}",
            route.endpoint.verb.as_str(),
            route.address(api_root)
        );
        match rows.iter_mut().find(|row| row.method == route.method) {
            Some(row) => row.add_route(address, cells),
            None => {
                let access = route.access.access();
                let (model, method) = (def.name, route.method.as_str());
                rows.push(AccessRow::new(model, method, access, address, cells));
            }
        }
    }
    rows
}

/// The callers whom the rules of `routes` tell apart: those of every application, and whom a rule names.
pub(crate) fn callers<'a>(routes: impl IntoIterator<Item = &'a Route>) -> Vec<CallerKind> {
    let checks = routes.into_iter().flat_map(Route::checks);
    let rules = checks.flat_map(|(access, _)| access.rules());
    let mut callers = CallerKind::GENERAL.to_vec();
    for kind in rules.map(|rule| CallerKind::of(rule.principal)) {
        if !callers.contains(&kind) {
            callers.push(kind);
        }
    }
    callers
}

fn cells(def: &ModelDef, route: &Route, callers: &[CallerKind]) -> Vec<AccessCell> {
    let callers = callers.iter().map(|kind| {
        let Verdict { decision, model } = route.judge(&Subject::new(std::slice::from_ref(kind)));
        let beyond = (model.name != def.name).then_some(model.name);
        let rule = decision.rule.map(|rule| rule.to_string());
        AccessCell::new(kind.to_string(), decision.allowed, rule, beyond)
    });
    callers.collect()
}
