//! Who refers to the records of a model, and has a say when they are deleted.

use std::sync::Arc;

use super::registry::Attached;
use crate::model::OnDelete;

/// Records that refer to those of a model by a relation that says what happens when these are deleted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dependent {
    /// Their model's position in the registry.
    pub model: usize,
    /// The position of their key.
    pub key: usize,
    /// The position of the property that the key refers to.
    pub referenced: usize,
    pub on_delete: OnDelete,
    /// Is the key a foreign key of the database?
    kept: bool,
}

/// Tells each model its dependents, and whether the runtime has to see to them.
///
/// It does as soon as there is one that no database sees to, and then to all of them: what a database deletes by itself,
/// nobody hears of, so that the dependents of that would be forgotten.
pub(super) fn attach(models: &mut [Attached]) {
    for model in 0..models.len() {
        let holder = &models[model];
        let (def, connector) = (holder.def, holder.connector.clone());
        let foreign_keys = connector.capabilities().foreign_keys;
        let attached = holder.relations.iter();
        let keys = attached.map(|one| (one.target, one.own_key, one.target_key));
        let keys: Vec<_> = keys.collect();
        for (relation, (target, key, referenced)) in def.relations.iter().zip(keys) {
            if let (Some(on_delete), Some(target)) = (relation.on_delete, target) {
                let target = &mut models[target];
                target.dependents.push(Dependent {
                    model,
                    key,
                    referenced,
                    on_delete,
                    kept: relation.constraint
                        && foreign_keys
                        && Arc::ptr_eq(&connector, &target.connector),
                });
            }
        }
    }
    let is_alone = |models: &[Attached], dependent: &Dependent| {
        let cascade = dependent.on_delete == OnDelete::Cascade;
        !dependent.kept || cascade && models[dependent.model].sees_to_dependents
    };
    // One model's answer depends on that of others, which may depend on it.
    while let Some(model) = models.iter().position(|model| {
        !model.sees_to_dependents && model.dependents.iter().any(|one| is_alone(models, one))
    }) {
        models[model].sees_to_dependents = true;
    }
    rank(models);
}

/// Ranks the models, so that those that refer to others can go before these.
fn rank(models: &mut [Attached]) {
    // No way without a circle is longer than there are models, and a circle would go on for ever.
    for _ in 0..models.len() {
        let mut changed = false;
        for target in 0..models.len() {
            let least = models[target].rank + 1;
            for dependent in 0..models[target].dependents.len() {
                let holder = models[target].dependents[dependent].model;
                if holder != target && models[holder].rank < least {
                    models[holder].rank = least;
                    changed = true;
                }
            }
        }
        if !changed {
            return;
        }
    }
}
