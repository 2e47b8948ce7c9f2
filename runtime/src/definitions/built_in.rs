//! LoopBack's own models, as definitions extend and list them (contract *users.md* §1, *access-control.md* §15).

use serde_json::{Value as Json, json};

use super::problem::Problems;
use super::property::{Property, Type};
use super::source::{Member, Node, Place};
use super::store::Store;
use crate::builtin::{AccessToken, Acl, Application, Role, RoleMapping, Scope, User};
use crate::model::{Described, ModelDef, PrincipalDef, RelationDef, RelationKind};

/// Those that come along.
const MODELS: [&ModelDef; 7] = [
    <User as Described>::DEF,
    <AccessToken as Described>::DEF,
    <Role as Described>::DEF,
    <RoleMapping as Described>::DEF,
    <Acl as Described>::DEF,
    <Scope as Described>::DEF,
    <Application as Described>::DEF,
];

/// Those that don't.
pub(super) const NOT_YET: [&str; 4] = ["Change", "Checkpoint", "Email", "Container"];

/// What users can't do without.
pub(super) const NEEDED_BY_USERS: [&ModelDef; 3] = [
    <AccessToken as Described>::DEF,
    <Role as Described>::DEF,
    <RoleMapping as Described>::DEF,
];

/// Keys to instances of other models, by whatever these are identified.
const KEYS: [&str; 3] = ["userId", "roleId", "principalId"];

/// The one called `name`.
pub(super) fn named(name: &str) -> Option<&'static ModelDef> {
    MODELS.into_iter().find(|def| def.name == name)
}

/// Is it a model of users?
pub(super) fn is_user(def: &'static ModelDef) -> bool {
    def.is_a(<User as Described>::DEF)
}

/// Is it a model of tokens?
pub(super) fn is_token(def: &'static ModelDef) -> bool {
    def.is_a(<AccessToken as Described>::DEF)
}

/// What definitions would say of the relations and rules of `def`. `place` is where it is named.
pub(super) fn members(def: &'static ModelDef, place: &Place) -> Vec<Member> {
    let rules = def.acls.iter().map(|acl| {
        let (kind, id) = match acl.principal {
            PrincipalDef::Role(name) => ("ROLE", name.to_owned()),
            PrincipalDef::User(id) => ("USER", id.to_owned()),
            PrincipalDef::App(id) => ("APP", id.to_owned()),
            special => ("ROLE", format!("${special}")),
        };
        let mut rule = json!({
            "principalType": kind, "principalId": id, "permission": acl.permission.as_str(),
        });
        if let Some(access) = acl.access {
            rule["accessType"] = access.as_str().into();
        }
        if let Some(method) = acl.method {
            rule["property"] = method.into();
        }
        rule
    });
    let relations = def.relations.iter().filter_map(|relation| {
        let relation = (relation.name.to_owned(), self::relation(def, relation)?);
        Some(relation)
    });
    let member = |key: &str, json: Json| Member {
        key: key.to_owned(),
        place: place.clone(),
        node: Node::of(json, place),
    };
    vec![
        member("acls", rules.collect()),
        member("relations", Json::Object(relations.collect())),
    ]
}

fn relation(def: &ModelDef, relation: &RelationDef) -> Option<Json> {
    let target = relation.target()?;
    let (kind, holder) = match relation.kind {
        RelationKind::BelongsTo => ("belongsTo", def),
        RelationKind::HasMany => ("hasMany", target),
        // None of them has another.
        _ => return None,
    };
    let mut properties = holder.properties.iter();
    let key = properties.find(|property| property.field == relation.foreign_key)?;
    Some(json!({
        "type": kind, "model": target.name, "foreignKey": key.name, "description": relation.docs,
        "options": {"disableInclude": !relation.includable},
    }))
}

/// The properties of a model that extends `def`: its `own`, and behind them those of `def` in their order, since its hooks and
/// methods go by positions. What the model declares again stands where `def` has it.
pub(super) fn properties(
    def: &'static ModelDef,
    mut own: Vec<Property>,
    place: &Place,
    store: Store,
    problems: &mut Problems,
) -> Vec<Property> {
    let mut inherited = Vec::new();
    for property in def.properties {
        // An id of the model's own takes the place of the other one.
        let again = own
            .iter()
            .position(|one| one.name == property.name || property.id && one.id);
        let ty = match Type::of(property) {
            _ if property.generated => store.id_type(),
            ty => ty.unwrap_or(Type::Json),
        };
        let plain = Property::plain(property.name, place, ty, store);
        let mut declared = match again.map(|again| own.remove(again)) {
            Some(again) => {
                check_type(
                    property.id && property.generated,
                    &again,
                    &plain.ty,
                    problems,
                );
                again
            }
            None => Property {
                required: !property.nullable,
                id: property.id,
                generated: property.generated,
                ..plain.clone()
            },
        };
        if declared.ty == Type::Float {
            declared.ty = plain.ty;
        }
        if declared.docs.is_empty() {
            property.docs.clone_into(&mut declared.docs);
        }
        declared.index = declared.index.or(property.index);
        declared.hidden |= property.hidden;
        declared.protected |= property.protected;
        declared.inherited = Some(property);
        inherited.push(declared);
    }
    own.append(&mut inherited);
    own
}

/// Reports a property that is declared with another type than the model has that is extended.
fn check_type(is_id: bool, again: &Property, ty: &Type, problems: &mut Problems) {
    let is_number = again.ty == Type::Float && *ty == Type::Integer;
    let is_key = is_id || KEYS.contains(&again.name.as_str());
    if again.ty != *ty && !is_number && !is_key {
        problems.mistake(
            &again.place,
            format!(
                "`{}` is of another type than what the base has under this name; leave the type as it is",
                again.name
            ),
        );
    }
}
