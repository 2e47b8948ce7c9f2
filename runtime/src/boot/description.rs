//! What an application says of itself, for which nothing need be connected.

use axum::Router;
use utoipa::openapi::OpenApi;

use super::Config;
use super::auth::AuthParts;
use crate::access::{AccessLimit, AccessMatrix, CallerKind, OwnerDef, Subject};
use crate::builtin::{Acl, Application};
use crate::model::{Described, ModelDef, PrincipalDef};
use crate::{openapi, remoting};

/// What an application's models, configuration and own routes say about it.
#[derive(Clone)]
pub(super) struct Description {
    pub models: Vec<&'static ModelDef>,
    pub config: Config,
    /// The descriptions of routes of its own.
    own: Vec<OpenApi>,
    has_own_routes: bool,
    /// The roles that functions of the program decide about.
    decided_roles: Vec<String>,
}

impl Description {
    pub fn new(models: &[&'static ModelDef], config: &Config, auth: &AuthParts) -> Self {
        Description {
            models: models.to_vec(),
            config: config.clone(),
            own: Vec::new(),
            has_own_routes: false,
            decided_roles: auth.resolvers.keys().cloned().collect(),
        }
    }

    /// The description of an application that has these routes too, as these documents say.
    pub fn with_routes(mut self, routes: &Router, documents: &[OpenApi]) -> Self {
        self.has_own_routes = routes.has_routes();
        self.own = documents.to_vec();
        self
    }

    /// The OpenAPI document; with a `subject`, what such a caller may call. Who may call routes of the application's own,
    /// nobody here knows: they are always there.
    pub fn document(&self, subject: Option<&Subject>) -> OpenApi {
        let Config {
            rest_api_root,
            title,
            version,
            ..
        } = &self.config;
        let settings = openapi::Settings {
            nested_writes: self.config.rest.nested_writes,
            acl_error_status: self.config.auth.acl_error_status,
            rules_in_rows: self.has_rules_in_rows(),
            api_keys: self.has_api_keys(),
        };
        let models = &self.models;
        let mut document =
            openapi::document_of(models, rest_api_root, title, version, settings, subject);
        if self.config.idempotency.is_some() {
            openapi::idempotency(&mut document);
        }
        for own in &self.own {
            openapi::merge(&mut document, own.clone());
        }
        document
    }

    /// Who may call what.
    pub fn access_matrix(&self) -> AccessMatrix {
        let rows = remoting::access_matrix(&self.models, &self.config.rest_api_root);
        let public = self.models.iter().filter(|def| def.public);
        let limits = public.flat_map(|def| AccessLimit::of(def)).collect();
        AccessMatrix::new(rows, limits, self.notes())
    }

    /// The callers whom the rules tell apart.
    pub fn callers(&self) -> Vec<CallerKind> {
        let public = self.models.iter().filter(|def| def.public);
        let routes: Vec<_> = public.flat_map(|def| remoting::served(def)).collect();
        remoting::callers(&routes)
    }

    /// The roles that functions of the program decide about.
    pub fn decided_roles(&self) -> impl Iterator<Item = &str> {
        self.decided_roles.iter().map(String::as_str)
    }

    /// Are there rules that are rows of the database?
    pub fn has_rules_in_rows(&self) -> bool {
        self.models
            .iter()
            .any(|def| def.is_a(<Acl as Described>::DEF))
    }

    /// Are there programs that call by a key?
    fn has_api_keys(&self) -> bool {
        self.models
            .iter()
            .any(|def| def.is_a(<Application as Described>::DEF))
    }

    /// What the rules of the program do not tell.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.has_rules_in_rows() {
            notes.push(ROWS_ARE_UNKNOWN.to_owned());
        }
        for def in self.models.iter().filter(|def| def.public) {
            let named = def.acls.iter();
            let named = named
                .map(|rule| rule.principal)
                .any(|one| one == PrincipalDef::Owner);
            let decided = self.decided_roles.iter().any(|role| role == "$owner");
            if named && !decided && OwnerDef::of(def) == OwnerDef::Unknown {
                notes.push(format!(
                    "Nothing of {} says to whom an instance belongs: its rules for the owner let nobody in.",
                    def.name
                ));
            }
        }
        for def in self.models.iter().filter(|def| def.public) {
            for relation in def.relations.iter().filter(|one| one.target().is_none()) {
                notes.push(format!(
                    "{}.{} leads to instances of several models: the rules of each are asked, too.",
                    def.name, relation.name
                ));
            }
        }
        if !self.decided_roles.is_empty() {
            notes.push(format!(
                "The program itself decides with each request, also without a token, who has these roles: {}.",
                self.decided_roles.join(", ")
            ));
        }
        let unserved = self.models.iter().filter(|def| !def.public);
        let unserved: Vec<_> = unserved.map(|def| def.name).collect();
        if !unserved.is_empty() {
            notes.push(format!("Not served: {}.", unserved.join(", ")));
        }
        if self.has_own_routes {
            notes.push(
                "The application has routes of its own, about which these rules say nothing."
                    .to_owned(),
            );
        }
        notes
    }
}

/// What is said where the application lists the model `ACL`.
pub(super) const ROWS_ARE_UNKNOWN: &str = "The application also keeps rules in its database (the model ACL), which are not known here and may decide otherwise.";
