//! The access decision of one request.

use std::collections::HashMap;

use super::list::Limits;
use super::nested::NestedAccess;
use super::route::{Found, access, relation_access};
use crate::Result;
use crate::access::{Caller, MethodAccess, denied};
use crate::model::{ModelDef, RelationKind};
use crate::query::Include;

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
                waiting.extend(def.relations.iter().map(|relation| relation.target()));
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

    fn allows(&self, target: &ModelDef, kind: RelationKind, caller: &Caller) -> bool {
        self.by_model.get(target.name).is_some_and(|reading| {
            let access = if kind == RelationKind::HasMany {
                &reading.many
            } else {
                &reading.one
            };
            // Whose the included instances are, nobody has looked at yet.
            access.allows(caller, false)
        })
    }
}

/// The caller of a request, and what that caller may do.
pub(super) struct Guard<'a> {
    pub caller: &'a Caller,
    pub includes: &'a IncludeAccess,
    /// Who may create instances within an instance, where bodies may hold them.
    pub nested: Option<&'a NestedAccess>,
    /// How many instances a list may have.
    pub limits: Limits,
}

impl Guard<'_> {
    /// May the caller call this method, and do the same to the relation's target?
    ///
    /// # Errors
    /// 401, as long as nobody is logged in.
    pub fn method(&self, found: &Found<'_>) -> Result<()> {
        // Until there are users, nobody owns anything.
        let owner = false;
        let route = found.route;
        let target = route.target_access.as_ref();
        let on_target = target.is_none_or(|access| access.allows(self.caller, owner));
        if route.access.allows(self.caller, owner) && on_target {
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
            let target = relation.target();
            if self.includes.forbids(def, include.relation, self.caller)
                || !self.includes.allows(target, relation.kind, self.caller)
            {
                return Err(denied());
            }
            self.includes(target, &include.scope.include)?;
        }
        Ok(())
    }
}
