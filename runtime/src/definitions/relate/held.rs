//! Relations whose targets, or a list of whose targets' keys, the owner holds itself.

use super::{Party, Relating};
use crate::definitions::property::{Property, Type};
use crate::definitions::relation::{Relation, holding, is_embedded};
use crate::model::RelationKind;

impl Relating<'_> {
    /// The owner gets the property that holds them.
    pub(super) fn held(
        &mut self,
        owner: usize,
        target: Party,
        mut relation: Relation,
    ) -> Option<Relation> {
        let name = self.name(target);
        if !relation.key_given {
            relation.key = holding(relation.kind, &name);
        }
        let ty = if is_embedded(relation.kind) {
            if relation.key == relation.name {
                relation.key.insert(0, '_');
            }
            self.check_within(owner, target, &relation)?;
            Type::Model(name)
        } else {
            self.id(&relation, target)?
        };
        let ty = match relation.kind {
            RelationKind::EmbedsOne => ty,
            _ => Type::List(Box::new(ty)),
        };
        self.hold_own(owner, &mut relation, ty)?;
        self.check_copies(Party::Defined(owner), target, &relation);
        Some(relation)
    }

    /// Reports a target that can't be within its owner.
    fn check_within(&mut self, owner: usize, target: Party, relation: &Relation) -> Option<()> {
        let name = &relation.name;
        match target {
            Party::Defined(target) => {
                let definition = &self.definitions[target];
                if relation.embedding.persistent && definition.data_source.is_none() {
                    self.problems.mistake(
                        &relation.place,
                        format!(
                            "`{name}` is stored in the data source of `{}` too, which has none; give it the base `PersistedModel` \
                             and a `dataSource`, or remove `persistent`",
                            definition.name
                        ),
                    );
                    return None;
                }
                // As in LoopBack, which makes one up from nothing.
                definition.id()?;
                if self.is_within(owner, target) {
                    self.problems.missing(
                        &relation.place,
                        format!(
                            "`{name}`: a model that is kept within itself is not there yet; keep it by itself, with `hasMany`"
                        ),
                    );
                    return None;
                }
            }
            Party::Described(def) => {
                if def.extra_index().is_some() {
                    self.problems.mistake(
                        &relation.place,
                        format!(
                            "`{}` keeps undeclared properties, and can't within another model, as `{name}` has it",
                            def.name
                        ),
                    );
                    return None;
                }
            }
        }
        Some(())
    }

    /// Is `inner` the same model as `outer`, or within it, or within what is, as far as is known by now?
    fn is_within(&self, inner: usize, outer: usize) -> bool {
        let mut within = vec![outer];
        let mut next = 0;
        while let Some(&index) = within.get(next) {
            if index == inner {
                return true;
            }
            // What comes later leads nowhere yet.
            let related = self.definitions[index].relations.iter();
            let related = related.filter(|one| index < inner && is_embedded(one.kind));
            let targets = related.filter_map(|one| self.find(one.target.as_deref()?));
            for target in targets {
                if let Party::Defined(target) = target
                    && !within.contains(&target)
                {
                    within.push(target);
                }
            }
            next += 1;
        }
        false
    }

    /// The property of the owner that holds what `ty` is. What is declared under its name is replaced, as in LoopBack, but
    /// for its column and documentation.
    fn hold_own(&mut self, owner: usize, relation: &mut Relation, ty: Type) -> Option<()> {
        let key = relation.key.as_str();
        let owner = &mut self.definitions[owner];
        let mut property = Property::plain(key, &relation.place, ty, owner.store);
        property.default.clone_from(&relation.default);
        let embedded = is_embedded(relation.kind);
        property.docs.clone_from(&relation.docs);
        let mut properties = owner.properties.iter_mut();
        let Some(known) = properties.find(|property| property.name == key) else {
            owner.add(property);
            return Some(());
        };
        let taken = match &known.ty {
            Type::Model(_) => true,
            Type::List(item) => matches!(**item, Type::Model(_)),
            _ => false,
        };
        let of_base = known.inherited.is_some();
        if known.id || taken || of_base {
            let what = if known.id {
                "the id"
            } else if of_base {
                "the base's"
            } else {
                "held by another relation"
            };
            self.problems.mistake(
                &relation.place,
                format!(
                    "`{}` can't be held by `{key}`, which is {what}; name another property with `\"{}\": \"…\"`",
                    relation.name,
                    if embedded { "property" } else { "foreignKey" }
                ),
            );
            return None;
        }
        if !embedded || relation.docs.is_empty() {
            property.docs = std::mem::take(&mut known.docs);
        }
        if embedded {
            relation.docs.clone_from(&property.docs);
        }
        property.column = std::mem::take(&mut known.column);
        *known = property;
        Some(())
    }
}
