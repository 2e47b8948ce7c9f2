//! The access decisions of one request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::argument::IdArgument;
use super::endpoint::Operation;
use super::list::Limits;
use super::nested::NestedAccess;
use super::property_access::PropertyAccess;
use super::route::{Place, access, relation_access};
use super::route_table::{Data, Found};
use crate::Result;
use crate::access::{
    About, Caller, Decision, Instance, MethodAccess, OwnerDef, RowRule, RowRules, Standing, denied,
};
use crate::model::{ModelDef, PrincipalKind, RelationDef, Verb};
use crate::query::{Condition, Filter, Include};
use crate::repository::{ErasedRelation, ErasedRepository, Reading, Target};

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
        let at = |place| PathInstance { found, place };
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
        let instance = PathInstance { found, place };
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

/// An instance that a request's path names.
struct PathInstance<'a> {
    found: &'a Found<'a>,
    place: Place,
}

impl PathInstance<'_> {
    /// The part of the path with its id.
    fn segment(&self) -> Option<&super::path_segment::PathSegment> {
        match self.place {
            Place::Id => self.found.id.as_ref(),
            Place::ForeignKey => self.found.foreign_key.as_ref(),
            Place::MiddleKey => self.found.middle_key.as_ref(),
            Place::Collection | Place::Owned => None,
        }
    }

    fn own(&self) -> Option<&ErasedRepository> {
        match &self.found.model.data {
            Data::Records(repository) => Some(repository),
            Data::Values(_) => None,
        }
    }

    /// The model that it is an instance of.
    fn repository(&self) -> Result<Option<ErasedRepository>> {
        let Some(own) = self.own() else {
            return Ok(None);
        };
        let def = own.def();
        let relation = self.found.route.relation.map(|index| &def.relations[index]);
        let target = match self.place {
            Place::Id | Place::Owned => return Ok(Some(own.clone())),
            Place::MiddleKey => relation.and_then(RelationDef::target),
            Place::ForeignKey => Some(self.found.route.target(def)),
            Place::Collection => None,
        };
        Ok(target.and_then(|target| own.named(target.name)))
    }

    /// The instance as it is stored, past all hooks and scopes, if it is there.
    async fn stored(&self, repository: &ErasedRepository, condition: Condition) -> Result<bool> {
        let Some(segment) = self.segment() else {
            return Ok(false);
        };
        let id = IdArgument::new(repository.def(), segment.clone());
        let Some(id) = id.value else {
            return Ok(false);
        };
        let stored = repository.stored(&id).await?;
        Ok(stored.is_some_and(|record| condition.matches(&record)))
    }
}

#[async_trait]
impl Instance for PathInstance<'_> {
    async fn is_owned_by(&self, caller: &Caller) -> Result<bool> {
        let Some(repository) = self.repository()? else {
            return Ok(false);
        };
        let def = repository.def();
        match OwnerDef::of(def) {
            OwnerDef::Unknown => Ok(false),
            OwnerDef::Itself => {
                // Of a user nothing has to be read: the path tells.
                let segment = match self.place {
                    Place::Owned => self.found.id.as_ref(),
                    _ => self.segment(),
                };
                let id = segment.map(|segment| segment.text.as_str());
                Ok(id.is_some() && id == caller.user_id() && caller.may_be_of(def))
            }
            owner => self.stored(&repository, owner.condition(def, caller)).await,
        }
    }

    async fn is_related_to(&self, caller: &Caller) -> Result<bool> {
        let (Some(repository), Some(segment)) = (self.repository()?, self.segment()) else {
            return Ok(false);
        };
        let def = repository.def();
        let id = IdArgument::new(def, segment.clone());
        let Some(id) = id.value else {
            return Ok(false);
        };
        let Some(record) = repository.stored(&id).await? else {
            return Ok(false);
        };
        for (index, relation) in def.relations.iter().enumerate() {
            let user = relation.target().filter(|target| {
                target.principal == Some(PrincipalKind::User) && caller.may_be_of(target)
            });
            let (Some(user), Some(id)) = (user, caller.user_id()) else {
                continue;
            };
            let Ok(id) = user.id().ty.from_json(id.into()) else {
                continue;
            };
            let related = ErasedRelation::new(&repository, record.clone(), index);
            let leads = match relation.is_to_many() {
                true => {
                    let filter = Filter::matching(Condition::of_id(user, &id));
                    let narrowed = related.narrow(filter).await?;
                    !narrowed.find(related.target()).await?.is_empty()
                }
                false => match related.get().await? {
                    Target::Found(def, record) => def.id_of(&record) == id,
                    Target::Unset | Target::Missing => false,
                },
            };
            if leads {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
