//! The access decision of one request.

use super::route::{Found, access};
use crate::Result;
use crate::access::{Caller, denied};
use crate::model::{ModelDef, RelationKind};
use crate::query::Include;

/// The caller of a request, and what that caller may do.
pub(super) struct Guard<'a> {
    pub caller: &'a Caller,
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
        let on_target = route
            .target_access
            .as_ref()
            .is_none_or(|access| access.allows(self.caller, owner));
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
            let target = (relation.target)();
            let method = if relation.kind == RelationKind::HasMany {
                "find"
            } else {
                "findById"
            };
            if !access(target, method).allows(self.caller, false) {
                return Err(denied());
            }
            self.includes(target, &include.scope.include)?;
        }
        Ok(())
    }
}
