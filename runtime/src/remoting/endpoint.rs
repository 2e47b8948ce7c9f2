//! The methods that are served, with their routes, arguments and results, as data (contract *rest.md* §3.1,
//! *relations.md* §4 and §5).
//!
//! The router calls by this table and the OpenAPI document is written from it, so neither can know more than the other.

use crate::model::{ModelKind, RelationDef, RelationKind, RemoteMethodDef, ScopeDef, Verb};

/// One way to call a method over HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// What is done.
    pub operation: Operation,
    /// The method's name, of a relation's method the verb: `findById`, `get`.
    pub method: &'static str,
    /// The HTTP verb.
    pub verb: Verb,
    /// The path below the collection or the relation; `{id}` and `{fk}` stand for ids, `{key}` for a key.
    pub path: &'static str,
    /// What is read from the query string.
    pub query: &'static [QueryArgument],
    /// What is read from the body.
    pub body: Body,
    /// What a success answers.
    pub returns: Returns,
    /// One line for the documentation, in LoopBack's words.
    pub summary: &'static str,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the methods")]
pub enum Operation {
    Create,
    Upsert,
    ReplaceOrCreate,
    UpsertWithWhere,
    Find,
    FindOne,
    Count,
    UpdateAll,
    FindById,
    Exists,
    ExistsHead,
    UpdateAttributes,
    ReplaceById,
    DeleteById,
    CreateChangeStream,
    RelatedGet,
    RelatedCreate,
    RelatedUpdate,
    RelatedDestroy,
    RelatedDelete,
    RelatedCount,
    RelatedFindById,
    RelatedUpdateById,
    RelatedDestroyById,
    RelatedLink,
    RelatedUnlink,
    RelatedExists,
    Remote(&'static RemoteMethodDef),
    ScopeGet(&'static ScopeDef),
    ScopeCreate(&'static ScopeDef),
    ScopeDelete(&'static ScopeDef),
    ScopeCount(&'static ScopeDef),
    KeyValueGet,
    KeyValueSet,
    KeyValueExpire,
    KeyValueKeys,
}

/// What is read from the query string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryArgument {
    /// `filter`, whole: where, order, limit, skip, fields, include.
    Filter,
    /// `after`, the cursor that a page begins beyond.
    After,
    /// `before`, the cursor that a page ends at.
    Before,
    /// `atomic`: is a list created as a whole, or not at all?
    Atomic,
    /// `count`: is the number of all instances told?
    Count,
    /// `filter`, of which only `fields` and `include` count.
    FilterOfOne,
    /// `filter`, of which only `where` and `include` count.
    FilterWithin,
    /// `where`.
    Where,
    /// `where`, without which nothing is done; text values keep their type.
    RequiredWhere,
    /// `refresh`, which LoopBack's clients send.
    Refresh,
    /// `options` of a change stream.
    Options,
    /// `ttl`, the milliseconds after which a value expires.
    Ttl,
    /// `filter` with a pattern of keys as its `match`.
    Match,
}

/// What is read from the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// A new instance.
    Instance,
    /// A new instance, or a list of them.
    InstanceOrList,
    /// Some properties of an instance.
    Partial,
    /// What a method of the model's own takes.
    Remote,
    /// What a new instance of the model between the two has besides their keys.
    Join,
    /// The value of a key-value model.
    Value,
    /// `ttl`, without which nothing is done.
    Ttl,
}

/// What a success answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// One instance.
    Instance,
    /// One instance, or a list when the body was a list.
    InstanceOrList,
    /// A list of instances.
    List,
    /// `{"count": n}`
    Count,
    /// `{"exists": flag}`
    Exists,
    /// Nothing, with the status 200.
    EmptyOk,
    /// Nothing, with the status 204.
    NoContent,
    /// A stream of changes.
    Stream,
    /// The instance of the model between the two.
    Join,
    /// What a method of the model's own answers.
    Remote,
    /// The value of a key-value model.
    Value,
    /// A list of keys.
    Keys,
}

use Operation as O;
use QueryArgument::{
    After, Atomic, Before, Count, Filter, FilterOfOne, FilterWithin, Match, Options, Refresh,
    RequiredWhere, Ttl, Where,
};
use Verb::{Delete, Get, Head, Patch, Post, Put};

/// What a method that lists instances takes.
const LIST: &[QueryArgument] = &[Filter, After, Before, Count];

const fn endpoint(
    operation: Operation,
    method: &'static str,
    verb: Verb,
    path: &'static str,
    returns: Returns,
    summary: &'static str,
) -> Endpoint {
    Endpoint {
        operation,
        method,
        verb,
        path,
        query: &[],
        body: Body::None,
        returns,
        summary,
    }
}

impl Endpoint {
    /// A method of the model's own at one of its places.
    pub(super) fn remote(method: &'static RemoteMethodDef, verb: Verb) -> Self {
        let summary = method.docs.lines().next().unwrap_or_default();
        endpoint(
            O::Remote(method),
            method.name,
            verb,
            // The route knows the whole.
            "",
            Returns::Remote,
            summary,
        )
        .body(Body::Remote)
    }

    /// The methods of a named scope, below its name (contract *models.md* §7.2).
    #[rustfmt::skip]
    pub(super) fn scope(scope: &'static ScopeDef) -> [Self; 4] {
        [
            endpoint(O::ScopeGet(scope), "get", Get, "", Returns::List, "Queries the scope.").query(LIST),
            endpoint(O::ScopeCreate(scope), "create", Post, "", Returns::Instance, "Creates a new instance in this scope.").body(Body::Instance),
            endpoint(O::ScopeDelete(scope), "delete", Delete, "", Returns::NoContent, "Deletes all instances of this scope."),
            endpoint(O::ScopeCount(scope), "count", Get, "count", Returns::Count, "Counts the instances of this scope.").query(&[Where]),
        ]
    }

    const fn query(mut self, query: &'static [QueryArgument]) -> Self {
        self.query = query;
        self
    }

    const fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }
}

impl ModelKind {
    /// The endpoints of every public model of this kind.
    #[rustfmt::skip]
    pub fn endpoints(self) -> &'static [Endpoint] {
        static PERSISTED: &[Endpoint] = &[
            endpoint(O::Create, "create", Post, "", Returns::InstanceOrList, "Create a new instance of the model and persist it into the data source.")
                .query(&[Atomic]).body(Body::InstanceOrList),
            endpoint(O::Upsert, "upsert", Put, "", Returns::InstanceOrList, "Patch an existing model instance or insert a new one into the data source.")
                .body(Body::InstanceOrList),
            endpoint(O::Upsert, "upsert", Patch, "", Returns::InstanceOrList, "Patch an existing model instance or insert a new one into the data source.")
                .body(Body::InstanceOrList),
            endpoint(O::ReplaceOrCreate, "replaceOrCreate", Post, "replaceOrCreate", Returns::Instance, "Replace an existing model instance or insert a new one into the data source.")
                .body(Body::Instance),
            endpoint(O::UpsertWithWhere, "upsertWithWhere", Post, "upsertWithWhere", Returns::Instance, "Update an existing model instance or insert a new one into the data source based on the where criteria.")
                .query(&[RequiredWhere]).body(Body::Instance),
            endpoint(O::Find, "find", Get, "", Returns::List, "Find all instances of the model matched by filter from the data source.")
                .query(LIST),
            endpoint(O::FindOne, "findOne", Get, "findOne", Returns::Instance, "Find first instance of the model matched by filter from the data source.")
                .query(&[Filter]),
            endpoint(O::Count, "count", Get, "count", Returns::Count, "Count instances of the model matched by where from the data source.")
                .query(&[Where]),
            endpoint(O::UpdateAll, "updateAll", Post, "update", Returns::Count, "Update instances of the model matched by where from the data source.")
                .query(&[RequiredWhere]).body(Body::Partial),
            endpoint(O::FindById, "findById", Get, "{id}", Returns::Instance, "Find a model instance by id from the data source.")
                .query(&[FilterOfOne]),
            endpoint(O::ExistsHead, "exists", Head, "{id}", Returns::EmptyOk, "Check whether a model instance exists in the data source."),
            endpoint(O::Exists, "exists", Get, "{id}/exists", Returns::Exists, "Check whether a model instance exists in the data source."),
            endpoint(O::UpdateAttributes, "updateAttributes", Put, "{id}", Returns::Instance, "Patch attributes for a model instance and persist it into the data source.")
                .body(Body::Partial),
            endpoint(O::UpdateAttributes, "updateAttributes", Patch, "{id}", Returns::Instance, "Patch attributes for a model instance and persist it into the data source.")
                .body(Body::Partial),
            endpoint(O::ReplaceById, "replaceById", Post, "{id}/replace", Returns::Instance, "Replace attributes for a model instance and persist it into the data source.")
                .body(Body::Instance),
            endpoint(O::DeleteById, "deleteById", Delete, "{id}", Returns::Count, "Delete a model instance by id from the data source."),
            endpoint(O::CreateChangeStream, "createChangeStream", Get, "change-stream", Returns::Stream, "Create a change stream.")
                .query(&[Options]),
            endpoint(O::CreateChangeStream, "createChangeStream", Post, "change-stream", Returns::Stream, "Create a change stream.")
                .query(&[Options]),
        ];
        static KEY_VALUE: &[Endpoint] = &[
            endpoint(O::KeyValueKeys, "keys", Get, "keys", Returns::Keys, "Return keys in the database for the given filter.").query(&[Match]),
            endpoint(O::KeyValueGet, "get", Get, "{key}", Returns::Value, "Return the value associated with a given key."),
            endpoint(O::KeyValueSet, "set", Put, "{key}", Returns::NoContent, "Persist a value and associate it with the given key.")
                .query(&[Ttl]).body(Body::Value),
            endpoint(O::KeyValueExpire, "expire", Put, "{key}/expire", Returns::NoContent, "Set the expiration time for a given key.")
                .body(Body::Ttl),
        ];
        match self {
            ModelKind::Persisted => PERSISTED,
            ModelKind::KeyValue => KEY_VALUE,
        }
    }
}

impl RelationDef {
    /// The endpoints that the relation adds below `{id}/<relation>`.
    #[rustfmt::skip]
    pub fn endpoints(&self) -> impl Iterator<Item = &'static Endpoint> {
        static BELONGS_TO: &[Endpoint] = &[
            endpoint(O::RelatedGet, "get", Get, "", Returns::Instance, "Fetches belongsTo relation.").query(&[Refresh]),
        ];
        static HAS_ONE: &[Endpoint] = &[
            endpoint(O::RelatedGet, "get", Get, "", Returns::Instance, "Fetches hasOne relation.").query(&[Refresh]),
            endpoint(O::RelatedCreate, "create", Post, "", Returns::Instance, "Creates a new instance of this relation.").body(Body::Instance),
            endpoint(O::RelatedUpdate, "update", Put, "", Returns::Instance, "Updates this relation.").body(Body::Partial),
            endpoint(O::RelatedDestroy, "destroy", Delete, "", Returns::NoContent, "Deletes this relation."),
        ];
        static HAS_MANY: &[Endpoint] = &[
            endpoint(O::RelatedGet, "get", Get, "", Returns::List, "Queries the relation.").query(LIST),
            endpoint(O::RelatedCreate, "create", Post, "", Returns::InstanceOrList, "Creates a new instance in this relation.").query(&[Atomic]).body(Body::InstanceOrList),
            endpoint(O::RelatedDelete, "delete", Delete, "", Returns::NoContent, "Deletes all instances of this relation."),
            endpoint(O::RelatedCount, "count", Get, "count", Returns::Count, "Counts the instances of this relation.").query(&[Where]),
            endpoint(O::RelatedFindById, "findById", Get, "{fk}", Returns::Instance, "Find a related item by id."),
            endpoint(O::RelatedUpdateById, "updateById", Put, "{fk}", Returns::Instance, "Update a related item by id.").body(Body::Partial),
            endpoint(O::RelatedDestroyById, "destroyById", Delete, "{fk}", Returns::NoContent, "Delete a related item by id."),
        ];
        // Beside those of `HAS_MANY`.
        static THROUGH: &[Endpoint] = &[
            endpoint(O::RelatedLink, "link", Put, "rel/{fk}", Returns::Join, "Add a related item by id.").body(Body::Join),
            endpoint(O::RelatedUnlink, "unlink", Delete, "rel/{fk}", Returns::NoContent, "Remove the relation to an item by id."),
            endpoint(O::RelatedExists, "exists", Head, "rel/{fk}", Returns::EmptyOk, "Check the existence of the relation to an item by id."),
        ];
        // Beside those of `HAS_MANY`.
        static REFERENCES: &[Endpoint] = &[
            endpoint(O::RelatedLink, "link", Put, "rel/{fk}", Returns::Instance, "Add a related item by id."),
            endpoint(O::RelatedUnlink, "unlink", Delete, "rel/{fk}", Returns::NoContent, "Remove the relation to an item by id."),
            endpoint(O::RelatedExists, "exists", Head, "rel/{fk}", Returns::EmptyOk, "Check the existence of the relation to an item by id."),
        ];
        static EMBEDS_ONE: &[Endpoint] = &[
            endpoint(O::RelatedGet, "get", Get, "", Returns::Instance, "Fetches embedsOne relation.").query(&[Refresh]),
            endpoint(O::RelatedCreate, "create", Post, "", Returns::Instance, "Creates a new instance of this relation.").body(Body::Instance),
            endpoint(O::RelatedUpdate, "update", Put, "", Returns::Instance, "Updates this relation.").body(Body::Partial),
            endpoint(O::RelatedDestroy, "destroy", Delete, "", Returns::NoContent, "Deletes this relation."),
        ];
        static EMBEDS_MANY: &[Endpoint] = &[
            endpoint(O::RelatedGet, "get", Get, "", Returns::List, "Queries the relation.").query(&[FilterWithin]),
            endpoint(O::RelatedCreate, "create", Post, "", Returns::Instance, "Creates a new instance in this relation.").body(Body::Instance),
            endpoint(O::RelatedDelete, "delete", Delete, "", Returns::NoContent, "Deletes all instances of this relation."),
            endpoint(O::RelatedCount, "count", Get, "count", Returns::Count, "Counts the instances of this relation.").query(&[Where]),
            endpoint(O::RelatedFindById, "findById", Get, "{fk}", Returns::Instance, "Find a related item by id."),
            endpoint(O::RelatedUpdateById, "updateById", Put, "{fk}", Returns::Instance, "Update a related item by id.").body(Body::Partial),
            endpoint(O::RelatedDestroyById, "destroyById", Delete, "{fk}", Returns::NoContent, "Delete a related item by id."),
        ];
        let (own, more): (_, &[Endpoint]) = match self.kind {
            RelationKind::BelongsTo => (BELONGS_TO, &[]),
            RelationKind::HasOne => (HAS_ONE, &[]),
            RelationKind::HasMany if self.through.is_some() => (HAS_MANY, THROUGH),
            RelationKind::HasMany => (HAS_MANY, &[]),
            RelationKind::ReferencesMany => (HAS_MANY, REFERENCES),
            RelationKind::EmbedsOne => (EMBEDS_ONE, &[]),
            RelationKind::EmbedsMany => (EMBEDS_MANY, &[]),
        };
        own.iter().chain(more)
    }
}

impl QueryArgument {
    /// The argument's name, if LoopBack's method has it too.
    pub(super) const fn of_loopback(self) -> Option<&'static str> {
        match self {
            Filter | FilterOfOne | FilterWithin | Match => Some("filter"),
            Where | RequiredWhere => Some("where"),
            Refresh => Some("refresh"),
            Options => Some("options"),
            Ttl => Some("ttl"),
            After | Before | Atomic | Count => None,
        }
    }
}

impl Body {
    /// The name of the argument that is read from the body, of a method that every model has.
    pub(super) const fn argument(self) -> Option<&'static str> {
        match self {
            Body::None | Body::Remote => None,
            Body::Instance | Body::InstanceOrList | Body::Partial | Body::Join => Some("data"),
            Body::Value => Some("value"),
            Body::Ttl => Some("ttl"),
        }
    }
}

impl Operation {
    /// The scope that the operation is about.
    pub const fn scope(self) -> Option<&'static ScopeDef> {
        match self {
            O::ScopeGet(scope)
            | O::ScopeCreate(scope)
            | O::ScopeDelete(scope)
            | O::ScopeCount(scope) => Some(scope),
            _ => None,
        }
    }

    /// The method of the target model that an operation of `relation` amounts to, if it is one. The target's own rules must
    /// allow that method too (ruling, contract *README* 1).
    pub fn on_target(self, relation: &RelationDef) -> Option<&'static str> {
        // A model that is made has no rules: those of the two that it links decide, about links too.
        let made = relation.through.is_some_and(|through| through.is_made());
        let through = relation.through.is_some();
        Some(match self {
            O::RelatedGet if relation.is_to_many() => "find",
            O::RelatedGet | O::RelatedFindById => "findById",
            // The link is the target itself.
            O::RelatedLink if relation.kind == RelationKind::ReferencesMany => "findById",
            O::RelatedCreate => "create",
            O::RelatedUpdate | O::RelatedUpdateById => "updateAttributes",
            O::RelatedLink | O::RelatedUnlink | O::RelatedExists if made => "findById",
            O::RelatedDelete if made => "find",
            O::RelatedDelete | O::RelatedCount if through && !made => return None,
            O::RelatedDestroy | O::RelatedDestroyById | O::RelatedDelete => "deleteById",
            O::RelatedCount => "count",
            _ => return None,
        })
    }

    /// The method of the model between the two that an operation of a relation through it amounts to, whose rules must
    /// allow it as well.
    pub fn on_join(self) -> Option<&'static str> {
        Some(match self {
            O::RelatedGet => "find",
            O::RelatedFindById | O::RelatedUpdateById | O::RelatedExists => "findById",
            O::RelatedCreate | O::RelatedLink => "create",
            O::RelatedDelete | O::RelatedDestroyById | O::RelatedUnlink => "deleteById",
            O::RelatedCount => "count",
            _ => return None,
        })
    }

    /// Does it belong to a relation?
    pub const fn is_of_relation(self) -> bool {
        matches!(
            self,
            O::RelatedGet
                | O::RelatedCreate
                | O::RelatedUpdate
                | O::RelatedDestroy
                | O::RelatedDelete
                | O::RelatedCount
                | O::RelatedFindById
                | O::RelatedUpdateById
                | O::RelatedDestroyById
                | O::RelatedLink
                | O::RelatedUnlink
                | O::RelatedExists
        )
    }

    /// Does the path name a target of the relation, `{fk}`?
    pub const fn names_target(self) -> bool {
        matches!(
            self,
            O::RelatedFindById
                | O::RelatedUpdateById
                | O::RelatedDestroyById
                | O::RelatedLink
                | O::RelatedUnlink
                | O::RelatedExists
        )
    }

    /// Does it change or delete one instance, which is there already?
    pub const fn changes_one(self) -> bool {
        matches!(
            self,
            O::UpdateAttributes
                | O::ReplaceById
                | O::DeleteById
                | O::RelatedUpdate
                | O::RelatedUpdateById
                | O::RelatedDestroy
                | O::RelatedDestroyById
        )
    }

    /// Does it change the instance whose id is in the body, if there is one?
    pub const fn upserts(self) -> bool {
        matches!(self, O::Upsert | O::ReplaceOrCreate)
    }

    /// Is it about one instance that is looked for, and may not be there?
    pub const fn finds_one(self) -> bool {
        matches!(self, O::FindById | O::FindOne)
    }

    /// Is the instance in the path loaded before the method runs, and 404 answered when there is none?
    pub fn loads_instance(self) -> bool {
        let own = matches!(self, O::Remote(method) if method.instance);
        own || matches!(self, O::UpdateAttributes) || self.is_of_relation()
    }
}
