//! The models of users as the configuration has them.

use super::{User, UsersConfig};
use crate::model::{
    CompositeIndexDef, IndexDef, IndexKey, Model, ModelDef, PropertyDef, RemoteMethodDef, Rule,
    RuleDef,
};

/// The description of the users `def`, with what is configured and without what is not.
pub(crate) fn as_configured(def: &'static ModelDef, settings: &UsersConfig) -> &'static ModelDef {
    let def = match settings.has_realms() {
        true => within_realms(def),
        false => def,
    };
    let mut unasked = settings.unasked_methods();
    // A method of the model's own by this name is another one.
    unasked.retain(|name| is_inherited(def, name));
    if unasked.is_empty() {
        return def;
    }
    let disabled = def.disabled.iter().copied().chain(unasked);
    Box::leak(Box::new(ModelDef {
        disabled: leak(disabled.collect()),
        base: Some(def),
        ..*def
    }))
}

fn is_inherited(def: &ModelDef, name: &str) -> bool {
    let named = |methods: &'static [RemoteMethodDef]| methods.iter().find(|one| one.name == name);
    let (own, inherited) = (named(def.methods.remotes), named(User::DEF.methods.remotes));
    own.zip(inherited).is_some_and(|(own, inherited)| {
        own.docs == inherited.docs && own.routes == inherited.routes
    })
}

/// The description of the users `def` where addresses and names are unique within a realm alone (contract *users.md* §9; ruling: LoopBack has
/// them unique nowhere then).
fn within_realms(def: &'static ModelDef) -> &'static ModelDef {
    let position = |name: &str| User::DEF.property_index(name);
    let Some(realm) = position("realm") else {
        return def;
    };
    let mut properties = def.properties.to_vec();
    let mut indexes = def.indexes.to_vec();
    for name in ["email", "username"] {
        let Some(index) = def.property_index(name) else {
            continue;
        };
        let property: &mut PropertyDef = &mut properties[index];
        let scoped = |rule: &RuleDef| match rule.rule {
            Rule::Uniqueness { scoped_to } => {
                let scope = scoped_to.iter().copied().chain([realm]);
                let scoped_to: &[usize] = leak(scope.collect());
                RuleDef {
                    rule: Rule::Uniqueness { scoped_to },
                    ..*rule
                }
            }
            _ => *rule,
        };
        property.rules = leak(property.rules.iter().map(scoped).collect());
        property.index = Some(IndexDef::Plain);
        let offset = property.place.properties;
        let keys = [offset + realm, index].map(IndexKey::ascending);
        let keys = leak(keys.to_vec());
        indexes.push(CompositeIndexDef::new(IndexDef::Unique, keys));
    }
    Box::leak(Box::new(ModelDef {
        properties: leak(properties),
        indexes: leak(indexes),
        base: Some(def),
        ..*def
    }))
}

/// A description lives as long as the program.
fn leak<T>(items: Vec<T>) -> &'static [T] {
    Vec::leak(items)
}
