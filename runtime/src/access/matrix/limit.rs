//! What limits those who may call a method: policies about rows, and rules about properties.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::access::Caller;
use crate::model::{AccessType, ModelDef, Permission, PolicyDef, PropertyDef, RowAction};
use crate::query::Condition;

/// What holds for whoever may call a method: which rows they reach, or who reads or writes a property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessLimit {
    /// The name of the model.
    pub model: String,
    /// What is limited: `rows: read`, `salary: write`.
    pub subject: String,
    /// Whom it is allowed, each with the condition that the rows have to meet, if there is one. What is allowed to one of them
    /// is allowed.
    pub allowed: BTreeSet<String>,
    /// Whom it is denied; of properties alone.
    pub denied: BTreeSet<String>,
}

impl AccessLimit {
    /// Those of `def`.
    pub(crate) fn of(def: &'static ModelDef) -> Vec<Self> {
        let rows = RowAction::ALL.iter().map(|action| rows(def, *action));
        let properties = def.properties.iter();
        let properties = properties.flat_map(|property| {
            [AccessType::Read, AccessType::Write].map(|access| of_property(def, property, access))
        });
        rows.chain(properties).flatten().collect()
    }
}

fn rows(def: &'static ModelDef, action: RowAction) -> Option<AccessLimit> {
    let policies = def.policies.iter();
    let policies = policies.filter(|policy| policy.actions.contains(&action));
    let allowed: BTreeSet<_> = policies.map(|policy| shown(def, policy)).collect();
    (!allowed.is_empty()).then(|| AccessLimit {
        model: def.name.to_owned(),
        subject: format!("rows: {action}"),
        allowed,
        denied: BTreeSet::new(),
    })
}

/// `everyone where {"public":true}`
fn shown(def: &'static ModelDef, policy: &PolicyDef) -> String {
    if !policy.has_rows() {
        return policy.principal.to_string();
    }
    let mut rows = Condition::NONE;
    policy.fill(&Caller::user("<caller>", []), &mut rows);
    let rows = rows.shifted(policy.place.properties).to_json(def);
    format!("{} where {rows}", policy.principal)
}

fn of_property(
    def: &'static ModelDef,
    property: &'static PropertyDef,
    access: AccessType,
) -> Option<AccessLimit> {
    let rules = property.acls.iter();
    let rules: Vec<_> = rules
        .filter(|rule| rule.access.is_none_or(|about| about == access))
        .collect();
    let of = |denied: bool| {
        let rules = rules
            .iter()
            .filter(|rule| (rule.permission == Permission::Deny) == denied);
        rules.map(|rule| rule.principal.to_string()).collect()
    };
    let word = match access {
        AccessType::Read => "read",
        _ => "write",
    };
    (!rules.is_empty()).then(|| AccessLimit {
        model: def.name.to_owned(),
        subject: format!("{}: {word}", property.name),
        allowed: of(false),
        denied: of(true),
    })
}
