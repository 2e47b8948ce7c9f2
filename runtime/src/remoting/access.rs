//! The access decisions of one request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::endpoint::Operation;
use super::instance::PathInstance;
use super::list::Limits;
use super::nested::NestedAccess;
use super::property_access::PropertyAccess;
use super::route::{Place, access, relation_access};
use super::route_table::Found;
use crate::Result;
use crate::access::{
    About, Caller, Decision, Instance, MethodAccess, RowRule, RowRules, Standing, denied,
};
use crate::model::{ModelDef, Verb};
use crate::query::Include;
use crate::repository::Reading;

/// Who may read the models that includes can reach, public or not.
pub(super) struct IncludeAccess {
    by_model: HashMap<&'static str, ModelReading>,
}

struct ModelReading {
    many: MethodAccess,
    one: MethodAccess,
    /// By relation of the model: the method that reads it.
    relations: Vec<MethodAccess>,
}

impl IncludeAccess {
    /// The rules of `models` and of everything that their relations lead to.
    pub fn new(models: impl IntoIterator<Item = &'static ModelDef>) -> Self {
        let mut by_model = HashMap::new();
        let mut waiting: Vec<_> = models.into_iter().collect();
        while let Some(def) = waiting.pop() {
            let reading = ModelReading {
                many: access(def, "find"),
                one: access(def, "findById"),
                relations: (0..def.relations.len())
                    .map(|relation| relation_access(def, relation, "get"))
                    .collect(),
            };
            if by_model.insert(def.name, reading).is_none() {
                let relations = def.relations.iter();
                waiting.extend(
                    relations
                        .flat_map(|one| [one.target(), one.join(def)])
                        .flatten(),
                );
            }
        }
        IncludeAccess { by_model }
    }

    /// Who may read the instances of `model`, or one of them.
    fn reading(&self, model: &ModelDef, many: bool) -> Option<&MethodAccess> {
        let reading = self.by_model.get(model.name)?;
        Some(if many { &reading.many } else { &reading.one })
    }
}

/// The rules that are rows, as far as a request has asked for them: once for each model.
pub(super) struct AskedRows {
    source: Arc<dyn RowRules>,
    known: Mutex<HashMap<&'static str, Arc<[RowRule]>>>,
}

impl AskedRows {
    pub fn new(source: Arc<dyn RowRules>) -> Self {
        AskedRows {
            source,
            known: Mutex::default(),
        }
    }

    async fn about(&self, def: &'static ModelDef) -> Result<Arc<[RowRule]>> {
        if let Some(known) = self.known().get(def.name) {
            return Ok(known.clone());
        }
        let rows: Arc<[RowRule]> = self.source.rows(def).await?.into();
        self.known().insert(def.name, rows.clone());
        Ok(rows)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<&'static str, Arc<[RowRule]>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What decides about a caller, in one request.
#[derive(Clone)]
pub(super) struct Decider {
    pub caller: Caller,
    pub includes: Arc<IncludeAccess>,
    pub properties: Arc<PropertyAccess>,
    /// The rules that are rows of the database.
    pub rows: Option<Arc<AskedRows>>,
    /// The status of a refusal for who is logged in, where the model says nothing else.
    pub status: u16,
}

impl Decider {
    /// What the rules come to, those that are rows among them.
    async fn decide(
        &self,
        access: &MethodAccess,
        id: Option<&str>,
        instance: Option<&dyn Instance>,
    ) -> Result<Decision> {
        let rows = match &self.rows {
            Some(rows) => rows.about(access.model()).await?,
            None => Arc::default(),
        };
        let decision = self.decide_by(&rows, access, id, instance).await?;
        tracing::debug!(
            target: "loopwright::access",
            model = access.model().name,
            method = access.method(),
            id,
            user = self.caller.user_id(),
            app = self.caller.app_id(),
            allowed = decision.allowed,
            rule = decision.rule.as_deref(),
        );
        Ok(decision)
    }

    async fn decide_by(
        &self,
        rows: &[RowRule],
        access: &MethodAccess,
        id: Option<&str>,
        instance: Option<&dyn Instance>,
    ) -> Result<Decision> {
        let standing = Standing {
            caller: &self.caller,
            about: About {
                def: access.model(),
                id,
                method: access.method(),
                access: access.access(),
            },
            instance,
        };
        access.decide(rows, &standing).await
    }

    /// May the caller do that, to no instance that is known yet?
    pub async fn allows(&self, access: &MethodAccess) -> Result<bool> {
        Ok(self.decide(access, None, None).await?.allowed)
    }

    /// May the caller do that to an instance, if there is one yet, whatever rows say? Rules about properties are the program's.
    pub async fn allows_on(
        &self,
        access: &MethodAccess,
        instance: Option<&dyn Instance>,
    ) -> Result<bool> {
        Ok(self.decide_by(&[], access, None, instance).await?.allowed)
    }

    /// The refusal of a method of `def`.
    pub fn refusal(&self, def: &ModelDef, id: Option<&str>) -> crate::Error {
        denied(&self.caller, def, id, self.status)
    }

    /// Is the relation closed to the caller by name? Then no include opens it.
    async fn forbids(&self, def: &ModelDef, relation: usize) -> Result<bool> {
        let reading = self.includes.by_model.get(def.name);
        let access = reading.and_then(|reading| reading.relations.get(relation));
        match access {
            Some(access) => {
                let decision = self.decide(access, None, None).await?;
                Ok(decision.named && !decision.allowed)
            }
            None => Ok(true),
        }
    }
}

#[async_trait]
impl Reading for Decider {
    async fn may_read(&self, model: &ModelDef, many: bool) -> Result<bool> {
        match self.includes.reading(model, many) {
            // Whose the included instances are, nobody has looked at yet.
            Some(access) => self.allows(access).await,
            None => Ok(false),
        }
    }
}

/// The caller of a request, and what that caller may do.
pub(super) struct Guard<'a> {
    pub decider: Decider,
    /// Who may create instances within an instance, where bodies may hold them.
    pub nested: Option<&'a NestedAccess>,
    /// How many instances a list may have.
    pub limits: Limits,
}

impl Guard<'_> {
    /// May the caller call this method, and do the same to what a relation leads to, and through?
    ///
    /// # Errors
    /// 401, or what the model answers to who is logged in.
    pub async fn method(&self, found: &Found<'_>) -> Result<()> {
        let route = found.route;
        let def = found.model.data.def();
        let at = |place| PathInstance::new(found, place);
        let own = at(Place::Id);
        let id = found.id.as_ref().map(|id| id.text.as_str());
        let instance = id.is_some().then_some(&own as &dyn Instance);
        if !self
            .decider
            .decide(&route.access, id, instance)
            .await?
            .allowed
        {
            return Err(self.decider.refusal(def, id));
        }
        for beyond in &route.beyond {
            let instance = at(beyond.instance);
            let id = instance.segment().map(|id| id.text.as_str());
            let known = beyond.instance != Place::Collection;
            let instance = known.then_some(&instance as &dyn Instance);
            if !self
                .decider
                .decide(&beyond.access, id, instance)
                .await?
                .allowed
            {
                return Err(self.decider.refusal(beyond.access.model(), id));
            }
        }
        Ok(())
    }

    /// The properties that the caller may not write of what the call is about.
    ///
    /// # Errors
    /// What knows the caller's roles failed.
    pub async fn unwritable(&self, found: &Found<'_>) -> Result<Vec<usize>> {
        let endpoint = found.route.endpoint;
        // A method of the program's own does with its arguments what it likes.
        let writes = !matches!(endpoint.verb, Verb::Get | Verb::Head)
            && !matches!(endpoint.operation, Operation::Remote(_));
        if !writes {
            return Ok(Vec::new());
        }
        let def = found.model.data.def();
        let target = found.route.subject(def);
        let place = match found.route.relation {
            None => Place::Id,
            Some(_) => Place::ForeignKey,
        };
        let instance = PathInstance::new(found, place);
        let known = instance.segment().is_some();
        let instance = known.then_some(&instance as &dyn Instance);
        self.decider.unwritable(target, instance).await
    }

    /// May the caller see what comes along? The target's own rules decide (ruling, contract *README* 1).
    ///
    /// # Errors
    /// As [`method`](Self::method).
    pub async fn includes(&self, def: &'static ModelDef, includes: &[Include]) -> Result<()> {
        for include in includes {
            let relation = &def.relations[include.relation];
            if self.decider.forbids(def, include.relation).await? {
                return Err(self.decider.refusal(def, None));
            }
            let Some(target) = relation.target() else {
                // Where it leads, each instance says: what the caller may not read does not come along.
                continue;
            };
            if let Some(target) = relation.guarding_target() {
                self.reads(target, relation.is_to_many()).await?;
            }
            if let Some(join) = relation.guarding_join(def) {
                self.reads(join, true).await?;
            }
            Box::pin(self.includes(target, &include.scope.include)).await?;
        }
        Ok(())
    }

    /// May the caller read instances of `model`, to which a relation leads, many or one of them?
    ///
    /// # Errors
    /// As [`method`](Self::method).
    pub async fn reads(&self, model: &ModelDef, many: bool) -> Result<()> {
        match self.decider.may_read(model, many).await? {
            true => Ok(()),
            false => Err(self.decider.refusal(model, None)),
        }
    }
}
