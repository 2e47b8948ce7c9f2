//! Relations between definitions, and from them to models that the program describes.

use super::definition::Definition;
use super::problem::Problems;
use super::property::{Property, Type};
use super::relation::Relation;
use super::settings::BUILT_IN;
use crate::model::{ModelDef, RelationKind};

/// Gives relations their keys, and drops those that lead nowhere, which are reported.
pub(super) fn relate(
    definitions: &mut [Definition],
    described: &[&'static ModelDef],
    problems: &mut Problems,
) {
    for owner in 0..definitions.len() {
        for relation in std::mem::take(&mut definitions[owner].relations) {
            // LoopBack finds models whatever the case of their names.
            let target = definitions
                .iter()
                .position(|one| one.name == relation.target)
                .or_else(|| {
                    definitions
                        .iter()
                        .position(|one| one.name.eq_ignore_ascii_case(&relation.target))
                });
            let told = described
                .iter()
                .find(|def| def.name.eq_ignore_ascii_case(&relation.target));
            let related = match (target, told) {
                (Some(target), _) => add_key(definitions, owner, target, &relation, problems),
                (None, Some(def)) => check_described(definitions, owner, def, &relation, problems),
                (None, None) => {
                    let names = definitions.iter().map(|one| one.name.as_str());
                    let known: Vec<_> = names.chain(described.iter().map(|def| def.name)).collect();
                    if BUILT_IN.contains(&relation.target.as_str()) {
                        problems.missing(
                            &relation.place,
                            format!(
                                "`{}` leads to `{}`, which is not there yet",
                                relation.name, relation.target
                            ),
                        );
                    } else {
                        problems.unknown(
                            &relation.place,
                            "model with data",
                            &relation.target,
                            &known,
                        );
                    }
                    None
                }
            };
            match related {
                Some(target) => definitions[owner]
                    .relations
                    .push(Relation { target, ..relation }),
                None => definitions[owner].left_out.push(relation.name),
            }
        }
    }
}

/// The property that holds the key gets the type of the id that it points to, and is added where it lacks.
fn add_key(
    definitions: &mut [Definition],
    owner: usize,
    target: usize,
    relation: &Relation,
    problems: &mut Problems,
) -> Option<String> {
    let (holder, referenced) = match relation.kind {
        RelationKind::BelongsTo => (owner, target),
        _ => (target, owner),
    };
    let ty = definitions[referenced].id()?.ty.clone();
    let holder = &mut definitions[holder];
    let store = holder.store;
    match holder
        .properties
        .iter_mut()
        .find(|property| property.name == relation.key)
    {
        Some(key) if key.id && key.ty != ty => {
            problems.mistake(
                &relation.place,
                format!(
                    "the key `{}` is an id of another type than what it points to",
                    relation.key
                ),
            );
            return None;
        }
        Some(key) => {
            if key.default.as_ref().is_some_and(|_| key.ty != ty) {
                problems.mistake(
                    &key.place,
                    format!(
                        "the default of `{}` is no id of what it points to",
                        key.name
                    ),
                );
            }
            key.ty = ty;
        }
        None => holder
            .properties
            .push(Property::plain(&relation.key, &relation.place, ty, store)),
    }
    Some(definitions[target].name.clone())
}

/// A model that the program describes must have the key already.
fn check_described(
    definitions: &mut [Definition],
    owner: usize,
    def: &'static ModelDef,
    relation: &Relation,
    problems: &mut Problems,
) -> Option<String> {
    if relation.kind == RelationKind::BelongsTo {
        let Some(ty) = Type::of(def.id()) else {
            problems.missing(
                &relation.place,
                format!(
                    "the id of `{}` is of a type that definitions have no word for",
                    def.name
                ),
            );
            return None;
        };
        let holder = &mut definitions[owner];
        let store = holder.store;
        match holder
            .properties
            .iter_mut()
            .find(|property| property.name == relation.key)
        {
            Some(key) => key.ty = ty,
            None => {
                holder
                    .properties
                    .push(Property::plain(&relation.key, &relation.place, ty, store))
            }
        }
        return Some(def.name.to_owned());
    }
    let Some(index) = def.property_index(&relation.key) else {
        let known: Vec<_> = def
            .properties
            .iter()
            .map(|property| property.name)
            .collect();
        problems.unknown(
            &relation.place,
            &format!("property of `{}`", def.name),
            &relation.key,
            &known,
        );
        return None;
    };
    let id = definitions[owner].id()?;
    if Type::of(&def.properties[index]).as_ref() != Some(&id.ty) {
        problems.mistake(
            &relation.place,
            format!(
                "the key `{}.{}` is of another type than the id of `{}`",
                def.name, relation.key, definitions[owner].name
            ),
        );
        return None;
    }
    Some(def.name.to_owned())
}
