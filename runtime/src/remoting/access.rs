//! The access decision of one request.

use std::collections::HashMap;
use std::sync::Arc;

use super::list::Limits;
use super::nested::NestedAccess;
use super::route::{Found, access, relation_access};
use crate::Result;
use crate::access::{Caller, MethodAccess, denied};
use crate::model::ModelDef;
use crate::query::Include;
use crate::repository::Reader;

/// Who may read the models that includes can reach, public or not.
pub(super) struct IncludeAccess {
    by_model: HashMap<&'static str, Reading>,
}

struct Reading {
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
            let reading = Reading {
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

    /// Is the relation closed to `caller` by name? Then no include opens it.
    fn forbids(&self, def: &ModelDef, relation: usize, caller: &Caller) -> bool {
        let reading = self.by_model.get(def.name);
        let access = reading.and_then(|reading| reading.relations.get(relation));
        access.is_none_or(|access| access.forbids(caller))
    }

    /// May `caller` read the instances of `model`, or one of them?
    fn allows(&self, model: &ModelDef, many: bool, caller: &Caller) -> bool {
        self.by_model.get(model.name).is_some_and(|reading| {
            let access = if many { &reading.many } else { &reading.one };
            // Whose the included instances are, nobody has looked at yet.
            access.allows(caller, false)
        })
    }
}

/// The caller of a request, and what that caller may do.
pub(super) struct Guard<'a> {
    pub caller: &'a Arc<Caller>,
    pub includes: &'a Arc<IncludeAccess>,
    /// Who may create instances within an instance, where bodies may hold them.
    pub nested: Option<&'a NestedAccess>,
    /// How many instances a list may have.
    pub limits: Limits,
}

impl Guard<'_> {
    /// May the caller call this method, and do the same to what a relation leads to, and through?
    ///
    /// # Errors
    /// 401, as long as nobody is logged in.
    pub fn method(&self, found: &Found<'_>) -> Result<()> {
        // Until there are users, nobody owns anything.
        let owner = false;
        let route = found.route;
        let mut all = std::iter::once(&route.access).chain(&route.beyond);
        if all.all(|access| access.allows(self.caller, owner)) {
            Ok(())
        } else {
            Err(denied())
        }
    }

    /// May the caller see what comes along? The target's own rules decide (ruling, contract *README* 1).
    ///
    /// # Errors
    /// As [`method`](Self::method).
    pub fn includes(&self, def: &'static ModelDef, includes: &[Include]) -> Result<()> {
        for include in includes {
            let relation = &def.relations[include.relation];
            if self.includes.forbids(def, include.relation, self.caller) {
                return Err(denied());
            }
            let Some(target) = relation.target() else {
                // Where it leads, each instance says: what the caller may not read does not come along.
                continue;
            };
            let join = relation.guarding_join(def);
            let may = |model, many| self.includes.allows(model, many, self.caller);
            let guarding = relation.guarding_target();
            if !guarding.is_none_or(|target| may(target, relation.is_to_many()))
                || !join.is_none_or(|join| may(join, true))
            {
                return Err(denied());
            }
            self.includes(target, &include.scope.include)?;
        }
        Ok(())
    }

    /// What the caller may read: beside what a filter asks for, relations and models include by themselves.
    pub fn reader(&self) -> Reader {
        let (includes, caller) = (self.includes.clone(), self.caller.clone());
        Arc::new(move |model, many| includes.allows(model, many, &caller))
    }

    /// May the caller read an instance of `model`, to which a relation leads?
    ///
    /// # Errors
    /// As [`method`](Self::method).
    pub fn reads(&self, model: &ModelDef) -> Result<()> {
        match self.includes.allows(model, false, self.caller) {
            true => Ok(()),
            false => Err(denied()),
        }
    }
}
