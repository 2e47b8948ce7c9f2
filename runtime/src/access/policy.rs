//! Which rows a caller may see and change.

use std::any::Any;

use super::{About, Caller, OwnerDef};
use crate::Result;
use crate::model::{AccessType, ModelDef, PolicyDef, PrincipalDef, RowAction};
use crate::query::Condition;

/// Puts the condition of a policy where the runtime looks for it. Called by what `#[policy(...)]` writes.
#[doc(hidden)]
pub fn put_rows(caller: &dyn Any, condition: &mut dyn Any, rows: fn(&Caller) -> Condition) {
    if let (Some(caller), Some(condition)) = (caller.downcast_ref(), condition.downcast_mut()) {
        *condition = rows(caller);
    }
}

/// The rows of `def` with which `caller` may do `action`: of an update or a deletion, those that may be read as well.
///
/// # Errors
/// What knows the caller's roles failed.
pub(crate) async fn permitted(
    def: &'static ModelDef,
    action: RowAction,
    caller: &Caller,
) -> Result<Condition> {
    if def.policies.is_empty() {
        return Ok(Condition::ALL);
    }
    let own = by_policies(def, action, caller).await?;
    Ok(match action {
        RowAction::Read | RowAction::Create => own,
        RowAction::Update | RowAction::Delete => {
            own.and(by_policies(def, RowAction::Read, caller).await?)
        }
    })
}

/// The rows that one of the policies for `action` allows; all, if there is no policy for it.
async fn by_policies(
    def: &'static ModelDef,
    action: RowAction,
    caller: &Caller,
) -> Result<Condition> {
    let mut policies = def
        .policies
        .iter()
        .filter(|policy| policy.actions.contains(&action));
    let Some(first) = policies.next() else {
        return Ok(Condition::ALL);
    };
    let mut rows = Condition::NONE;
    for policy in std::iter::once(first).chain(policies) {
        match by_policy(def, action, policy, caller).await? {
            Some(all) if all == Condition::ALL => return Ok(Condition::ALL),
            Some(some) => rows = either(rows, some),
            None => {}
        }
    }
    Ok(rows)
}

fn either(left: Condition, right: Condition) -> Condition {
    match left == Condition::NONE {
        true => right,
        false => left.or(right),
    }
}

/// The rows that a policy allows, if it is about the caller.
async fn by_policy(
    def: &'static ModelDef,
    action: RowAction,
    policy: &PolicyDef,
    caller: &Caller,
) -> Result<Option<Condition>> {
    let about = About {
        def,
        id: None,
        // Resolvers of roles are told what is done, rather than by which method.
        method: "*",
        access: match action {
            RowAction::Read => AccessType::Read,
            RowAction::Create | RowAction::Update | RowAction::Delete => AccessType::Write,
        },
    };
    let mut rows = match policy.principal {
        PrincipalDef::Owner => OwnerDef::of(def).condition(def, caller),
        PrincipalDef::Role(role) if !caller.has_role(role, &about).await? => return Ok(None),
        PrincipalDef::Role(_) => Condition::ALL,
        other => match caller.is_by_itself(other) {
            Some(true) => Condition::ALL,
            _ => return Ok(None),
        },
    };
    if policy.has_rows() {
        // A policy whose condition is lost allows nothing.
        let mut own = Condition::NONE;
        policy.fill(caller, &mut own);
        rows = rows.and(own.shifted(policy.place.properties));
    }
    Ok(Some(rows))
}
