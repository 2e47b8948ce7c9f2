//! Relations between definitions, and from them to models that the program describes.

mod held;

use super::built_in;
use super::definition::Definition;
use super::problem::Problems;
use super::property::{Property, Type};
use super::relation::{Between, Relation, holds, is_embedded, key_of};
use crate::model::{ModelDef, RelationKind};

/// Gives relations their keys, and drops those that lead nowhere, which are reported. Models between two others that nobody
/// has defined are added at the end.
pub(super) fn relate(
    definitions: &mut Vec<Definition>,
    described: &[&'static ModelDef],
    problems: &mut Problems,
) {
    let defined = definitions.len();
    let mut relating = Relating {
        definitions,
        described,
        problems,
    };
    for owner in 0..defined {
        for relation in std::mem::take(&mut relating.definitions[owner].relations) {
            let name = relation.name.clone();
            match relating.relation(owner, relation) {
                Some(relation) => relating.definitions[owner].relations.push(relation),
                None => relating.definitions[owner].left_out.push(name),
            }
        }
    }
    for definition in &mut definitions[..defined] {
        // A struct has one field for both, so that they come in one order.
        let Definition {
            relations,
            properties,
            ..
        } = definition;
        relations.sort_by_key(|one| {
            let mut properties = properties.iter();
            let property = properties.position(|property| property.name == one.key);
            property
                .filter(|_| is_embedded(one.kind))
                .unwrap_or(usize::MAX)
        });
    }
}

/// A model that a relation is about.
#[derive(Clone, Copy)]
enum Party {
    Defined(usize),
    /// By the program.
    Described(&'static ModelDef),
}

struct Relating<'a> {
    definitions: &'a mut Vec<Definition>,
    described: &'a [&'static ModelDef],
    problems: &'a mut Problems,
}

impl Relating<'_> {
    fn relation(&mut self, owner: usize, mut relation: Relation) -> Option<Relation> {
        let own = Party::Defined(owner);
        let Some(target) = relation.target.clone() else {
            self.any(own, &relation)?;
            return Some(relation);
        };
        let target = self.party(&relation, &target)?;
        relation.target = Some(self.name(target));
        if holds(relation.kind) {
            return self.held(owner, target, relation);
        }
        if relation.through.is_some() {
            return self.through(owner, target, relation);
        }
        let (holder, referenced) = match relation.kind {
            RelationKind::BelongsTo => (own, target),
            _ => (target, own),
        };
        let ty = self.referenced(&relation, referenced)?;
        self.hold(&relation, holder, &relation.key, ty, referenced)?;
        if let Some(discriminator) = &relation.discriminator {
            self.hold(&relation, holder, discriminator, Type::String, referenced)?;
        }
        self.check_copies(own, target, &relation);
        Some(relation)
    }

    /// The keys of a relation that may lead to several models: of the type of this model's own id, unless another one is said.
    fn any(&mut self, own: Party, relation: &Relation) -> Option<()> {
        let known = match own {
            Party::Defined(owner) => {
                let mut properties = self.definitions[owner].properties.iter();
                let key = properties.find(|property| property.name == relation.key);
                key.map(|key| key.ty.clone())
            }
            Party::Described(_) => None,
        };
        let ty = match relation.key_type.clone().or(known) {
            Some(ty) => ty,
            None => self.id(relation, own)?,
        };
        self.hold(relation, own, &relation.key, ty, own)?;
        let discriminator = relation.discriminator.as_ref()?;
        self.hold(relation, own, discriminator, Type::String, own)
    }

    fn through(&mut self, owner: usize, target: Party, relation: Relation) -> Option<Relation> {
        let own = Party::Defined(owner);
        let between = relation.through.clone()?;
        let join = match &between.model {
            Some(model) => self.party(&relation, model)?,
            None => self.made(owner, target, &relation)?,
        };
        let (own_name, target_name) = (self.name(own), self.name(target));
        let key = match relation.key_given {
            true => relation.key.clone(),
            false => self.key_to(join, &own_name, between.key.as_deref()),
        };
        let other = match &between.key {
            Some(other) => other.clone(),
            None => self.key_to(join, &target_name, Some(&key)),
        };
        if key == other {
            self.problems.mistake(
                &relation.place,
                format!(
                    "`{}`: `{key}` can't be the key of both; write `\"keyThrough\": \"…\"`",
                    relation.name
                ),
            );
            return None;
        }
        let ty = self.id(&relation, own)?;
        self.hold(&relation, join, &key, ty, own)?;
        let ty = self.id(&relation, target)?;
        self.hold(&relation, join, &other, ty, target)?;
        if let Some(discriminator) = &relation.discriminator {
            self.hold(&relation, join, discriminator, Type::String, own)?;
        }
        self.check_copies(own, target, &relation);
        Some(Relation {
            key,
            through: Some(Between {
                model: Some(self.name(join)),
                key: Some(other),
                inverse: between.inverse,
            }),
            ..relation
        })
    }

    /// The model between two that nobody has named: one of both names if it is there, or else a new one, called as LoopBack
    /// calls it. Where both have the relation, the later one sets it up.
    fn made(&mut self, owner: usize, target: Party, relation: &Relation) -> Option<Party> {
        let (own, other) = (self.definitions[owner].name.clone(), self.name(target));
        let names = [format!("{own}{other}"), format!("{other}{own}")];
        let known = names.iter().find_map(|name| self.find(name));
        if known.is_some() {
            return known;
        }
        if self.definitions[owner].data_source.is_none() {
            self.problems.mistake(
                &relation.place,
                format!(
                    "`{own}` is in no data source, and neither is a model between; write one, and name it with `\"through\": \"…\"`"
                ),
            );
            return None;
        }
        let leads_back = |relation: &Relation| {
            let between = relation.through.as_ref();
            between.is_some_and(|between| between.model.is_none())
                && relation.target.as_deref() == Some(own.as_str())
        };
        let later = match target {
            Party::Defined(target) => {
                target > owner && self.definitions[target].relations.iter().any(leads_back)
            }
            Party::Described(_) => false,
        };
        let [name, back] = names;
        let name = if later { back } else { name };
        let join = Definition::between(name, &self.definitions[owner]);
        self.definitions.push(join);
        Some(Party::Defined(self.definitions.len() - 1))
    }

    /// The property of `join` with the key to `model`: that of a `belongsTo` which is not `other`, or the usual one.
    fn key_to(&self, join: Party, model: &str, other: Option<&str>) -> String {
        let usual = key_of(model);
        match join {
            Party::Defined(join) => {
                let relations = self.definitions[join].relations.iter();
                let mut keys = relations
                    .filter(|relation| relation.kind == RelationKind::BelongsTo)
                    .filter(|relation| relation.target.as_deref() == Some(model))
                    .map(|relation| relation.key.as_str())
                    .filter(|key| Some(*key) != other);
                keys.next().map_or(usual, str::to_owned)
            }
            Party::Described(_) => usual,
        }
    }

    /// The model called `name`. LoopBack finds models whatever the case of their names.
    fn find(&self, name: &str) -> Option<Party> {
        let mut definitions = self.definitions.iter();
        let exact = definitions.position(|one| one.name == name);
        let mut definitions = self.definitions.iter();
        let defined = exact
            .or_else(|| definitions.position(|one| one.name.eq_ignore_ascii_case(name)))
            .map(Party::Defined);
        let mut described = self.described.iter();
        let described = described.find(|def| def.name.eq_ignore_ascii_case(name));
        let found = defined.or_else(|| described.map(|def| Party::Described(def)));
        found.or_else(|| self.find_extending(name))
    }

    /// The model that extends LoopBack's own called `name`, and so stands for it. Nobody is another model's user.
    fn find_extending(&self, name: &str) -> Option<Party> {
        let base = built_in::named(name).filter(|base| !built_in::is_user(base))?;
        let extends = |one: &Definition| one.base.is_some_and(|own| own.is_a(base));
        let defined = self.definitions.iter().position(extends);
        let defined = defined.map(Party::Defined);
        defined.or_else(|| {
            let mut described = self.described.iter();
            let described = described.find(|def| def.is_a(base))?;
            Some(Party::Described(described))
        })
    }

    /// As [`find`](Self::find); one that is not there is reported. Only what is kept within others needs no data source.
    fn party(&mut self, relation: &Relation, name: &str) -> Option<Party> {
        let embedded = is_embedded(relation.kind);
        let fits = |one: &Definition| embedded || one.data_source.is_some();
        let found = self.find(name).filter(|found| match found {
            Party::Defined(index) => fits(&self.definitions[*index]),
            Party::Described(_) => true,
        });
        if found.is_none() {
            if built_in::NOT_YET.contains(&name) {
                self.problems.missing(
                    &relation.place,
                    format!(
                        "`{}` leads to `{name}`, which is not there yet",
                        relation.name
                    ),
                );
            } else {
                let definitions = self.definitions.iter().filter(|one| fits(one));
                let names = definitions.map(|one| one.name.as_str());
                let known: Vec<_> = names
                    .chain(self.described.iter().map(|def| def.name))
                    .collect();
                let what = if embedded { "model" } else { "model with data" };
                self.problems.unknown(&relation.place, what, name, &known);
            }
        }
        found
    }

    fn name(&self, party: Party) -> String {
        match party {
            Party::Defined(index) => self.definitions[index].name.clone(),
            Party::Described(def) => def.name.to_owned(),
        }
    }

    /// The type of what a key refers to: the id, unless the relation says otherwise.
    fn referenced(&mut self, relation: &Relation, party: Party) -> Option<Type> {
        let Some(primary) = &relation.primary_key else {
            return self.id(relation, party);
        };
        let (found, known) = match party {
            Party::Defined(index) => {
                let properties = &self.definitions[index].properties;
                let found = properties.iter().find(|property| property.name == *primary);
                let known: Vec<_> = properties.iter().map(|one| one.name.as_str()).collect();
                (found.map(|property| property.ty.clone()), known)
            }
            Party::Described(def) => {
                let known = def
                    .properties
                    .iter()
                    .map(|property| property.name)
                    .collect();
                let index = def.property_index(primary);
                (
                    index.and_then(|index| Type::of(&def.properties[index])),
                    known,
                )
            }
        };
        if found.is_none() {
            let name = match party {
                Party::Defined(index) => &self.definitions[index].name,
                Party::Described(def) => def.name,
            };
            let what = format!("property of `{name}`");
            self.problems
                .unknown(&relation.place, &what, primary, &known);
        }
        found
    }

    fn id(&mut self, relation: &Relation, party: Party) -> Option<Type> {
        match party {
            Party::Defined(index) => Some(self.definitions[index].id()?.ty.clone()),
            Party::Described(def) => {
                let ty = Type::of(def.id());
                if ty.is_none() {
                    self.problems.missing(
                        &relation.place,
                        format!(
                            "the id of `{}` is of a type that definitions have no word for",
                            def.name
                        ),
                    );
                }
                ty
            }
        }
    }

    /// The property that holds the key gets the type of what it points to, and is added where it lacks. A model that the
    /// program describes must have it already.
    fn hold(
        &mut self,
        relation: &Relation,
        holder: Party,
        key: &str,
        ty: Type,
        referenced: Party,
    ) -> Option<()> {
        let holder = match holder {
            Party::Defined(index) => &mut self.definitions[index],
            Party::Described(def) => {
                return self.check_described(relation, def, key, &ty, referenced);
            }
        };
        let store = holder.store;
        let mut properties = holder.properties.iter_mut();
        match properties.find(|property| property.name == key) {
            Some(known) if known.id && known.ty != ty => {
                self.problems.mistake(
                    &relation.place,
                    format!("the key `{key}` is an id of another type than what it points to"),
                );
                return None;
            }
            Some(known) => {
                if known.default.as_ref().is_some_and(|_| known.ty != ty) {
                    self.problems.mistake(
                        &known.place,
                        format!("the default of `{key}` is no id of what it points to"),
                    );
                }
                known.ty = ty;
            }
            None => {
                let property = Property::plain(key, &relation.place, ty, store);
                holder.add(property);
            }
        }
        Some(())
    }

    fn check_described(
        &mut self,
        relation: &Relation,
        holder: &'static ModelDef,
        key: &str,
        ty: &Type,
        referenced: Party,
    ) -> Option<()> {
        let Some(index) = holder.property_index(key) else {
            let properties = holder.properties.iter();
            let known: Vec<_> = properties.map(|property| property.name).collect();
            let what = format!("property of `{}`", holder.name);
            self.problems.unknown(&relation.place, &what, key, &known);
            return None;
        };
        if Type::of(&holder.properties[index]).as_ref() != Some(ty) {
            let referenced = self.name(referenced);
            self.problems.mistake(
                &relation.place,
                format!(
                    "the key `{}.{key}` is of another type than the id of `{referenced}`",
                    holder.name
                ),
            );
            return None;
        }
        Some(())
    }

    /// Reports values that new targets are to get, and that one of the two models lacks.
    fn check_copies(&mut self, own: Party, target: Party, relation: &Relation) {
        for (from, to) in &relation.properties {
            for (party, property) in [(own, from), (target, to)] {
                let (name, known): (_, Vec<_>) = match party {
                    Party::Defined(index) => {
                        let definition = &self.definitions[index];
                        let properties = definition.properties.iter();
                        let known = properties.map(|one| one.name.as_str()).collect();
                        (definition.name.as_str(), known)
                    }
                    Party::Described(def) => {
                        let properties = def.properties.iter();
                        (def.name, properties.map(|one| one.name).collect())
                    }
                };
                if !known.contains(&property.as_str()) {
                    let what = format!("property of `{name}`");
                    self.problems
                        .unknown(&relation.place, &what, property, &known);
                }
            }
        }
    }
}
