//! The access rules of a definition (contract *access-control.md* §2).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::problem::Problems;
use super::property::text;
use super::source::{Node, Place};
use crate::model::{AccessType, ModelKind, Permission};

/// An access rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acl {
    pub place: Place,
    pub principal: Principal,
    pub permission: Permission,
    pub access: Option<AccessType>,
    pub method: Option<String>,
}

/// Whom a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    Everyone,
    Authenticated,
    Unauthenticated,
    Owner,
    Related,
    Role(String),
    User(String),
    App(String),
}

const KEYS: [&str; 7] = [
    "principalType",
    "principalId",
    "accessType",
    "permission",
    "property",
    "model",
    "description",
];

impl Acl {
    /// The rules of one entry: one for each method that it names.
    ///
    /// What can't be said is a mistake, never left out: a rule that denies would be lost.
    pub fn read(node: &Node, problems: &mut Problems) -> Vec<Self> {
        for member in node.members("an access rule", problems) {
            if !KEYS.contains(&member.key.as_str()) {
                problems.unknown(&member.place, "key of an access rule", &member.key, &KEYS);
            }
        }
        let (Some(principal), Some(permission), Ok(access)) = (
            principal(node, problems),
            permission(node, problems),
            access(node, problems),
        ) else {
            return Vec::new();
        };
        let methods = match node.get("property") {
            Some(property) if text(Some(property)) != "*" && !property.is_empty() => property
                .items()
                .iter()
                .map(|method| method.as_str().map(str::to_owned))
                .collect(),
            _ => vec![None],
        };
        methods
            .into_iter()
            .map(|method| Acl {
                place: node.place.clone(),
                principal: principal.clone(),
                permission,
                access,
                method,
            })
            .collect()
    }

    /// Everyone may do everything that no other rule is about, as in LoopBack.
    pub fn open(place: &Place) -> Self {
        Acl {
            place: place.clone(),
            principal: Principal::Everyone,
            permission: Permission::Allow,
            access: None,
            method: None,
        }
    }
}

/// Rules go by the canonical names of methods, and one that names a method says no kind of access besides, unless that
/// decides.
///
/// `methods` holds what is served, each with what it does to the data. A rule about what is known and not served waits
/// for it, and has no effect until then.
pub(super) fn settle(
    acls: &mut Vec<Acl>,
    methods: &BTreeMap<String, AccessType>,
    unserved: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    acls.retain_mut(|acl| {
        let Some(name) = &mut acl.method else {
            return true;
        };
        let mut canonical = ModelKind::Persisted.methods().iter();
        if let Some(method) = canonical.find(|method| method.aliases.contains(&name.as_str())) {
            method.name.clone_into(name);
        }
        let Some(does) = methods.get(name) else {
            if unserved(name) {
                problems.note(
                    &acl.place,
                    format!("the rule waits for the method `{name}`, which is not served"),
                );
            } else {
                let known: Vec<_> = methods.keys().map(String::as_str).collect();
                problems.unknown(&acl.place, "method", name, &known);
            }
            return false;
        };
        // EXECUTE covers every kind of access.
        let about_it = acl
            .access
            .is_none_or(|access| access == AccessType::Execute || access == *does);
        if !about_it {
            problems.note(
                &acl.place,
                format!("the rule is about no call of `{name}`, which has another kind of access"),
            );
        }
        about_it
    });
    // A rule with a kind of access is stronger than one for all. Without it, who it is for would decide, which makes a
    // difference where one allows what another one denies.
    let said = |acl: &Acl, other: &Acl| {
        acl.method == other.method
            && acl.access.is_some()
            && other.access.is_none()
            && acl.permission != other.permission
    };
    let decides = acls
        .iter()
        .filter(|acl| acls.iter().any(|other| said(acl, other)));
    let decides: BTreeSet<_> = decides.map(|acl| acl.method.clone()).collect();
    for acl in acls.iter_mut() {
        if acl.method.is_some() && !decides.contains(&acl.method) {
            acl.access = None;
        }
    }
}

fn principal(node: &Node, problems: &mut Problems) -> Option<Principal> {
    let id = node.get("principalId");
    // Ids are compared as texts.
    let name = match id.map(Node::to_json) {
        Some(Json::String(name)) => name,
        Some(Json::Number(id)) => id.to_string(),
        _ => String::new(),
    };
    let place = id.map_or(&node.place, |id| &id.place);
    let kind = node
        .get("principalType")
        .and_then(Node::as_str)
        .unwrap_or("ROLE");
    if name.is_empty() {
        problems.mistake(
            &node.place,
            "whom is the rule about? write `\"principalId\": \"$everyone\"`, or the name of a role",
        );
        return None;
    }
    match kind.to_uppercase().as_str() {
        "ROLE" => {}
        "USER" => return Some(Principal::User(name)),
        "APP" => return Some(Principal::App(name)),
        _ => {
            let kinds = ["ROLE", "USER", "APP"];
            problems.unknown(place, "type of principal", kind, &kinds);
            return None;
        }
    }
    Some(match name.as_str() {
        "$everyone" => Principal::Everyone,
        "$authenticated" => Principal::Authenticated,
        "$unauthenticated" => Principal::Unauthenticated,
        "$owner" => Principal::Owner,
        "$related" => Principal::Related,
        special if special.starts_with('$') => {
            let known = [
                "$everyone",
                "$authenticated",
                "$unauthenticated",
                "$owner",
                "$related",
            ];
            problems.unknown(place, "role", special, &known);
            return None;
        }
        _ => Principal::Role(name),
    })
}

fn permission(node: &Node, problems: &mut Problems) -> Option<Permission> {
    let given = node
        .get("permission")
        .and_then(Node::as_str)
        .unwrap_or_default();
    match given.to_uppercase().as_str() {
        // Audit and alarm allow, and do nothing else.
        "ALLOW" | "AUDIT" | "ALARM" => Some(Permission::Allow),
        "DENY" => Some(Permission::Deny),
        "DEFAULT" => Some(Permission::Default),
        _ => {
            problems.mistake(
                &node.place,
                format!(
                    "the permission `{given}` is neither of `ALLOW`, `DENY`, `AUDIT`, `ALARM` and `DEFAULT`; write one of them"
                ),
            );
            None
        }
    }
}

fn access(node: &Node, problems: &mut Problems) -> Result<Option<AccessType>, ()> {
    let Some(given) = node.get("accessType") else {
        return Ok(None);
    };
    match given.as_str().unwrap_or_default().to_uppercase().as_str() {
        "*" => Ok(None),
        "READ" => Ok(Some(AccessType::Read)),
        "WRITE" => Ok(Some(AccessType::Write)),
        "EXECUTE" => Ok(Some(AccessType::Execute)),
        other => {
            let known = ["READ", "WRITE", "EXECUTE", "*"];
            problems.unknown(&given.place, "kind of access", other, &known);
            Err(())
        }
    }
}
