//! The ways to call the methods of a model, and who may (contract *rest.md* §3).

use super::endpoint::{Endpoint, Operation};
use super::path_segment::PathSegment;
use crate::access::{MethodAccess, OwnerDef};
use crate::model::{
    ModelDef, PrincipalKind, RelationDef, RelationKind, RemoteHookDef, RemoteHookMethods,
    RemoteMethodDef, ScopeDef, Verb,
};

/// One way to call one method.
#[derive(Clone)]
pub(crate) struct Route {
    pub endpoint: Endpoint,
    /// The path below the collection, without slashes around it; `{id}`, `{fk}` and `{key}` stand for ids.
    pub path: String,
    /// The relation's position, for a relation's method.
    pub relation: Option<usize>,
    /// The position of the relation's target's relation, for a method of that one.
    pub inner: Option<usize>,
    /// The method's name, as rules know it.
    pub method: String,
    /// What is called with the calls of the method, in this order.
    pub hooks: Vec<&'static RemoteHookDef>,
    /// Who may call the method.
    pub access: MethodAccess,
    /// Who may do the same to the models that the relation leads to, and through.
    pub beyond: Vec<Beyond>,
    pub(super) segments: Vec<Segment>,
}

/// Who may do to another model what a relation's method does.
#[derive(Debug, Clone)]
pub(crate) struct Beyond {
    pub access: MethodAccess,
    pub instance: Place,
}

/// Which instance of a model it is that something is done to, as far as the path says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// None, or not one alone.
    Collection,
    /// The one whose id is `{id}`.
    Id,
    /// The one whose id is `{fk}`.
    ForeignKey,
    /// The one whose id is `{nk}`.
    MiddleKey,
    /// All of those that belong to a user by the very key that says whose they are: they are their owner's if `{id}` is.
    Owned,
}

// The order is that of matching: a literal wins over an id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    Literal(String),
    Id,
    ForeignKey,
    MiddleKey,
    /// A part that an argument takes.
    Part(String),
}

/// The routes of a model, in the order in which a request is held against them.
pub(super) fn in_order(def: &'static ModelDef) -> Vec<Route> {
    let mut routes = routes(def);
    // Stable: what is equal keeps the order of the table.
    routes.sort_by(|left, right| left.segments.cmp(&right.segments));
    routes
}

/// The routes of a model, in the order of the table.
pub(crate) fn routes(def: &'static ModelDef) -> Vec<Route> {
    // The model's own methods first: one at a place that every model has wins.
    let own = def.methods.remotes.iter();
    let own = own.filter(|method| !def.is_disabled(method.name));
    let own = own.flat_map(|method| own_routes(def, method));
    let scopes = def.methods.scopes.iter().filter(|scope| !scope.default);
    let scopes = scopes.flat_map(|scope| {
        let endpoints = Endpoint::scope(scope).into_iter();
        let served = endpoints.filter(|one| !def.is_disabled(&added_name(one.method, scope.name)));
        served.map(|endpoint| Route::of_scope(def, scope, endpoint))
    });
    let every = every(def);
    let every = every
        .filter(|one| !def.is_disabled(one.method) && def.replacing(one.method).is_none())
        .map(|endpoint| Route::of_model(def, endpoint));
    let mut routes: Vec<_> = own.chain(scopes).chain(every).collect();
    for (index, relation) in def.relations.iter().enumerate() {
        let served = relation
            .endpoints()
            .filter(|one| !def.is_disabled(&added_name(one.method, relation.name)));
        routes.extend(served.map(|endpoint| Route::of_relation(def, index, endpoint)));
        for (inner, relation_below) in relation.inner_relations() {
            let name = format!("{}__{}", relation.name, relation_below.name);
            let middle = relation.target().unwrap_or(def);
            let own =
                |one: &&Endpoint| middle.is_disabled(&added_name(one.method, relation_below.name));
            let served = relation_below.endpoints().filter(|one| !own(one));
            let served = served.filter(|one| !def.is_disabled(&added_name(one.method, &name)));
            routes.extend(served.map(|endpoint| Route::of_inner(def, index, inner, endpoint)));
        }
    }
    routes
}

/// The endpoints that every model like this one has.
fn every(def: &'static ModelDef) -> impl Iterator<Item = Endpoint> {
    let endpoints = def.kind.endpoints();
    endpoints.iter().map(|endpoint| {
        let replacing = match endpoint.operation {
            Operation::Upsert => Operation::ReplaceOrCreate,
            Operation::UpdateAttributes => Operation::ReplaceById,
            other => other,
        };
        let replacing = endpoints.iter().find(|one| one.operation == replacing);
        match replacing {
            // What replaces, `PUT` calls too (contract rest.md §3.2).
            Some(replacing) if def.replace_on_put && endpoint.verb == Verb::Put => Endpoint {
                verb: endpoint.verb,
                path: endpoint.path,
                ..*replacing
            },
            _ => *endpoint,
        }
    })
}

/// The name of a method that a relation or a scope adds: `__get__reviews`.
fn added_name(verb: &str, name: &str) -> String {
    format!("__{verb}__{name}")
}

/// The routes of a method of the model's own: those of the method whose place it takes, unless it has its own.
fn own_routes(def: &'static ModelDef, method: &'static RemoteMethodDef) -> Vec<Route> {
    let replaced =
        every(def).filter(|endpoint| method.usual_route && endpoint.method == method.name);
    let replaced = replaced
        .map(|endpoint| Route::of_remote(def, method, endpoint.verb, endpoint.path.to_owned()));
    let replaced: Vec<_> = replaced.collect();
    if !replaced.is_empty() {
        return replaced;
    }
    let own = method.routes.iter().map(|place| {
        let id = if method.instance { "{id}" } else { "" };
        let path = format!("{id}{}", place.path);
        Route::of_remote(def, method, place.verb, path)
    });
    own.collect()
}

impl Route {
    fn of_model(def: &'static ModelDef, endpoint: Endpoint) -> Self {
        Route {
            endpoint,
            relation: None,
            inner: None,
            hooks: hooks(
                def,
                endpoint.method,
                is_instance_method(def, endpoint.method),
            ),
            method: endpoint.method.to_owned(),
            access: access(def, endpoint.method),
            beyond: Vec::new(),
            path: endpoint.path.to_owned(),
            segments: segments(endpoint.path),
        }
    }

    fn of_remote(
        def: &'static ModelDef,
        method: &'static RemoteMethodDef,
        verb: Verb,
        path: String,
    ) -> Self {
        Route {
            endpoint: Endpoint::remote(method, verb),
            relation: None,
            inner: None,
            hooks: hooks(def, method.name, method.instance),
            method: method.name.to_owned(),
            access: MethodAccess::new(def, method.name, def.access_of(method)),
            beyond: Vec::new(),
            segments: segments(&path),
            path: path.trim_matches('/').to_owned(),
        }
    }

    fn of_scope(def: &'static ModelDef, scope: &'static ScopeDef, endpoint: Endpoint) -> Self {
        let path = format!("{}/{}", scope.name, endpoint.path);
        let method = added_name(endpoint.method, scope.name);
        Route {
            endpoint,
            relation: None,
            inner: None,
            hooks: hooks(def, &method, false),
            method,
            access: scope_access(def, scope, endpoint.method),
            beyond: Vec::new(),
            segments: segments(&path),
            path: path.trim_end_matches('/').to_owned(),
        }
    }

    fn of_relation(def: &'static ModelDef, index: usize, endpoint: &'static Endpoint) -> Self {
        let relation = &def.relations[index];
        let path = format!("{{id}}/{}/{}", segment(relation), endpoint.path);
        let method = added_name(endpoint.method, relation.name);
        Route {
            endpoint: *endpoint,
            relation: Some(index),
            inner: None,
            hooks: hooks(def, &method, true),
            method,
            access: relation_access(def, index, endpoint.method),
            beyond: beyond(def, relation, endpoint.operation, Place::ForeignKey).collect(),
            segments: segments(&path),
            path: path.trim_end_matches('/').to_owned(),
        }
    }

    /// A method of the relation at `inner` of the target of the one at `index`.
    fn of_inner(
        def: &'static ModelDef,
        index: usize,
        inner: usize,
        endpoint: &'static Endpoint,
    ) -> Self {
        let relation = &def.relations[index];
        let middle = relation.target().unwrap_or(def);
        let relation_below = &middle.relations[inner];
        let key = if relation.is_to_many() { "/{nk}" } else { "" };
        let path = format!(
            "{{id}}/{}{key}/{}/{}",
            segment(relation),
            segment(relation_below),
            endpoint.path
        );
        let name = format!("{}__{}", relation.name, relation_below.name);
        let method = added_name(endpoint.method, &name);
        let own = relation_access(middle, inner, endpoint.method);
        let middle_place = match relation.is_to_many() {
            true => Place::MiddleKey,
            false => Place::Collection,
        };
        let mut methods = relation_below.methods().iter();
        let kind = methods.find(|one| one.verb == endpoint.method);
        Route {
            endpoint: *endpoint,
            relation: Some(index),
            inner: Some(inner),
            hooks: hooks(def, &method, true),
            access: kind.map_or_else(
                || MethodAccess::closed(def),
                |one| MethodAccess::new(def, &method, one.access),
            ),
            method,
            // Whoever comes by way of the owner may do no more than whoever comes straight.
            beyond: beyond(def, relation, Operation::RelatedFindById, Place::MiddleKey)
                .chain([Beyond {
                    access: own,
                    instance: middle_place,
                }])
                .chain(beyond(
                    middle,
                    relation_below,
                    endpoint.operation,
                    Place::ForeignKey,
                ))
                .collect(),
            segments: segments(&path),
            path: path.trim_end_matches('/').to_owned(),
        }
    }

    /// The relation whose method it is, and the model that declares it.
    pub fn related(
        &self,
        def: &'static ModelDef,
    ) -> Option<(&'static ModelDef, &'static RelationDef)> {
        let relation = &def.relations[self.relation?];
        match self.inner {
            None => Some((def, relation)),
            Some(inner) => {
                let middle = relation.target()?;
                Some((middle, &middle.relations[inner]))
            }
        }
    }

    /// The model that the relation leads to, of a relation's method; otherwise `def`, to which the route belongs.
    pub fn target(&self, def: &'static ModelDef) -> &'static ModelDef {
        let related = self.related(def);
        related
            .and_then(|(_, relation)| relation.target())
            .unwrap_or(def)
    }

    /// The model that the query string and the body speak of: the target, unless it is the one between the two.
    pub fn subject(&self, def: &'static ModelDef) -> &'static ModelDef {
        let of_join = matches!(
            self.endpoint.operation,
            Operation::RelatedCount | Operation::RelatedLink
        );
        let related = self.related(def).filter(|_| of_join);
        let join = related.and_then(|(owner, relation)| relation.join(owner));
        join.unwrap_or_else(|| self.target(def))
    }

    pub(super) fn fits(&self, segments: &[PathSegment]) -> bool {
        self.segments.len() == segments.len()
            && self
                .segments
                .iter()
                .zip(segments)
                .all(|(segment, sent)| match segment {
                    Segment::Literal(literal) => sent.is_in_lower_case(literal),
                    Segment::Id | Segment::ForeignKey | Segment::MiddleKey | Segment::Part(_) => {
                        true
                    }
                })
    }

    /// The parts of a request's path that arguments take, with their names.
    pub(super) fn parts(&self, segments: &[PathSegment]) -> Vec<(String, String)> {
        let pairs = self.segments.iter().zip(segments);
        let parts = pairs.filter_map(|(segment, sent)| match segment {
            Segment::Part(name) => Some((name.clone(), sent.text.clone())),
            Segment::Id => Some(("id".to_owned(), sent.text.clone())),
            Segment::Literal(_) | Segment::ForeignKey | Segment::MiddleKey => None,
        });
        parts.collect()
    }
}

/// The relation's part of a path.
fn segment(relation: &RelationDef) -> &'static str {
    relation.path.unwrap_or(relation.name)
}

/// Who may do what `operation` amounts to for the models that `relation` of `owner` leads to, and through. Where the path
/// names a target, it does so at `key`.
fn beyond(
    owner: &'static ModelDef,
    relation: &'static RelationDef,
    operation: Operation,
    key: Place,
) -> impl Iterator<Item = Beyond> {
    let target = relation.guarding_target();
    let target = target.zip(operation.on_target(relation));
    let target = target.map(|(def, method)| Beyond {
        access: access(def, method),
        instance: if is_owned_by_way(owner, relation, def) {
            Place::Owned
        } else if operation.names_target() {
            key
        } else {
            Place::Collection
        },
    });
    let join = relation.guarding_join(owner).zip(operation.on_join());
    let join = join.map(|(def, method)| Beyond {
        access: access(def, method),
        instance: Place::Collection,
    });
    [target, join].into_iter().flatten()
}

/// Do the targets belong to the user `owner` by the very key that says whose they are?
fn is_owned_by_way(owner: &ModelDef, relation: &RelationDef, target: &'static ModelDef) -> bool {
    let kind = matches!(relation.kind, RelationKind::HasMany | RelationKind::HasOne);
    let plain = relation.through.is_none()
        && relation.primary_key.is_none()
        && relation.discriminator.is_none();
    owner.principal == Some(PrincipalKind::User)
        && kind
        && plain
        && OwnerDef::of(target).is_by(target, relation.foreign_key)
}

/// Does one of the methods that every model has belong to one instance, in LoopBack's eyes?
fn is_instance_method(def: &ModelDef, name: &str) -> bool {
    let mut methods = def.kind.methods().iter();
    methods.any(|method| method.name == name && method.instance)
}

/// The remote hooks of a method, in the order of the calls.
fn hooks(def: &ModelDef, name: &str, instance: bool) -> Vec<&'static RemoteHookDef> {
    let hooks = def.methods.remote_hooks.iter();
    let mut hooks: Vec<_> = hooks.filter(|hook| hook.is_about(name, instance)).collect();
    // Stable: equals stay in the order of their declaration.
    hooks.sort_by_key(|hook| match hook.methods {
        RemoteHookMethods::Named(_) => 0,
        RemoteHookMethods::Static | RemoteHookMethods::Instance => 1,
        RemoteHookMethods::All => 2,
    });
    hooks
}

/// The rules for one of the methods that every model of its kind has.
pub(super) fn access(def: &'static ModelDef, name: &str) -> MethodAccess {
    let mut methods = def.kind.methods().iter();
    let method = methods.find(|method| method.name == name);
    method.map_or_else(
        || MethodAccess::closed(def),
        |method| MethodAccess::new(def, name, method.access),
    )
}

/// The rules for a method of the relation at `index`, such as `__get__reviews` for the verb `get`.
pub(super) fn relation_access(def: &'static ModelDef, index: usize, verb: &str) -> MethodAccess {
    let relation = &def.relations[index];
    let methods = relation.methods();
    let method = methods.iter().find(|method| method.verb == verb);
    method.map_or_else(
        || MethodAccess::closed(def),
        |method| {
            let name = added_name(verb, relation.name);
            MethodAccess::new(def, &name, method.access)
        },
    )
}

/// The rules for a method of a named scope, such as `__get__recent` for the verb `get`.
fn scope_access(def: &'static ModelDef, scope: &ScopeDef, verb: &str) -> MethodAccess {
    let method = ScopeDef::METHODS.iter().find(|method| method.verb == verb);
    method.map_or_else(
        || MethodAccess::closed(def),
        |method| {
            let name = added_name(verb, scope.name);
            MethodAccess::new(def, &name, method.access)
        },
    )
}

fn segments(path: &str) -> Vec<Segment> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments
        .map(|segment| match segment {
            "{id}" | "{key}" => Segment::Id,
            "{fk}" => Segment::ForeignKey,
            "{nk}" => Segment::MiddleKey,
            part if part.starts_with('{') && part.ends_with('}') => {
                Segment::Part(part[1..part.len() - 1].to_owned())
            }
            literal => Segment::Literal(literal.to_lowercase()),
        })
        .collect()
}
