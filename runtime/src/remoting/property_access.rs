//! Which properties a caller may read and write, where the model has rules about them.

use std::collections::HashMap;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;

use super::access::Decider;
use super::invoke::Outcome;
use super::remote::RemoteValue;
use crate::access::{Caller, Instance, MethodAccess, OwnerDef};
use crate::model::{AccessType, ModelDef, Record, Related};
use crate::query::{Condition, Filter};
use crate::{Error, Result};

/// The rules about properties, of the models that have some.
#[derive(Default)]
pub(super) struct PropertyAccess {
    by_model: HashMap<&'static str, Vec<PropertyRules>>,
}

struct PropertyRules {
    property: usize,
    read: Option<MethodAccess>,
    write: Option<MethodAccess>,
}

/// Which properties of a model a caller may not read.
#[derive(Debug, Default, Clone)]
struct Unreadable {
    always: Vec<usize>,
    /// But of instances that are the caller's own.
    of_others: Vec<usize>,
}

/// An instance that is the caller's own.
struct Own;

#[async_trait]
impl Instance for Own {
    async fn is_owned_by(&self, _: &Caller) -> Result<bool> {
        Ok(true)
    }

    async fn is_related_to(&self, _: &Caller) -> Result<bool> {
        Ok(false)
    }
}

impl PropertyAccess {
    /// The rules of `models`.
    pub fn new(models: impl IntoIterator<Item = &'static ModelDef>) -> Self {
        let of_model = |def: &'static ModelDef| {
            let properties = def.properties.iter().enumerate();
            let ruled = properties.filter(|(_, property)| !property.acls.is_empty());
            let rules: Vec<_> = ruled
                .map(|(property, _)| PropertyRules {
                    property,
                    read: MethodAccess::of_property(def, property, AccessType::Read),
                    write: MethodAccess::of_property(def, property, AccessType::Write),
                })
                .collect();
            (!rules.is_empty()).then_some((def.name, rules))
        };
        PropertyAccess {
            by_model: models.into_iter().filter_map(of_model).collect(),
        }
    }

    fn rules(&self, def: &ModelDef) -> &[PropertyRules] {
        self.by_model.get(def.name).map_or(&[], Vec::as_slice)
    }
}

impl Decider {
    /// What the caller may not read of the instances of `def`.
    async fn unreadable(&self, def: &ModelDef) -> Result<Unreadable> {
        let mut unreadable = Unreadable::default();
        for rules in self.properties.rules(def) {
            let Some(read) = &rules.read else { continue };
            if self.allows_on(read, None).await? {
                continue;
            }
            match self.allows_on(read, Some(&Own)).await? {
                true => unreadable.of_others.push(rules.property),
                false => unreadable.always.push(rules.property),
            }
        }
        Ok(unreadable)
    }

    /// The positions of the properties of `def` that the caller may not write: of an instance that is there, `instance`.
    pub async fn unwritable(
        &self,
        def: &ModelDef,
        instance: Option<&dyn Instance>,
    ) -> Result<Vec<usize>> {
        let mut unwritable = Vec::new();
        for rules in self.properties.rules(def) {
            let Some(write) = &rules.write else { continue };
            if !self.allows_on(write, instance).await? {
                unwritable.push(rules.property);
            }
        }
        Ok(unwritable)
    }

    /// Refuses to find by what the caller may not read, or to put it in order: both would tell it.
    ///
    /// # Errors
    /// 400, with the property's name.
    pub async fn check_filter(&self, def: &'static ModelDef, filter: &Filter) -> Result<()> {
        if self.properties.by_model.is_empty() {
            return Ok(());
        }
        self.check_condition(def, &filter.condition).await?;
        let ordered = filter.order.iter().map(|order| order.property);
        let near = filter.near.iter().map(|near| near.property);
        self.check_properties(def, &ordered.chain(near).collect::<Vec<_>>())
            .await?;
        for include in &filter.include {
            if let Some(target) = def.relations[include.relation].target() {
                Box::pin(self.check_filter(target, &include.scope)).await?;
            }
        }
        Ok(())
    }

    /// As [`check_filter`](Self::check_filter), of a condition alone.
    ///
    /// # Errors
    /// 400, with the property's name.
    pub async fn check_condition(
        &self,
        def: &'static ModelDef,
        condition: &Condition,
    ) -> Result<()> {
        if self.properties.rules(def).is_empty() {
            return Ok(());
        }
        let mut compared = Vec::new();
        condition.for_each_comparison(&mut |property, _| compared.push(property));
        self.check_properties(def, &compared).await
    }

    async fn check_properties(&self, def: &'static ModelDef, used: &[usize]) -> Result<()> {
        if self.properties.rules(def).is_empty() {
            return Ok(());
        }
        let Unreadable { always, of_others } = self.unreadable(def).await?;
        let mut hidden = always.iter().chain(&of_others);
        match hidden.find(|property| used.contains(property)) {
            None => Ok(()),
            Some(property) => {
                let name = def.properties[*property].name;
                let message =
                    format!("The property \"{name}\" can't be used here; you may not read it");
                Err(Error::new(400, message).with_code("PROPERTY_NOT_READABLE"))
            }
        }
    }

    /// Takes out of an answer what the caller may not read.
    pub async fn mask(&self, outcome: &mut Outcome) -> Result<()> {
        if self.properties.by_model.is_empty() {
            return Ok(());
        }
        match outcome {
            Outcome::Record(def, record) => self.mask_records(def, vec![record]).await,
            Outcome::Records(def, records) | Outcome::List(def, records, _) => {
                self.mask_records(def, records.iter_mut().collect()).await
            }
            Outcome::Remote(_, value) => self.mask_value(value).await,
            Outcome::Changes(changes) => {
                let Unreadable { always, of_others } = self.unreadable(changes.def).await?;
                // Whose a change is, it does not always tell.
                changes.hidden = always.into_iter().chain(of_others).collect();
                Ok(())
            }
            Outcome::Json(_) | Outcome::Empty | Outcome::NoContent => Ok(()),
        }
    }

    async fn mask_value(&self, value: &mut RemoteValue) -> Result<()> {
        match value {
            RemoteValue::Instance(def, record) => self.mask_records(def, vec![record]).await,
            RemoteValue::List(items) => {
                for item in items {
                    Box::pin(self.mask_value(item)).await?;
                }
                Ok(())
            }
            RemoteValue::Nothing | RemoteValue::Value(_) | RemoteValue::Response(_) => Ok(()),
        }
    }

    /// Each level at once: what may be read is the same for all of it.
    fn mask_records<'r>(
        &'r self,
        def: &'static ModelDef,
        records: Vec<&'r mut Record>,
    ) -> BoxFuture<'r, Result<()>> {
        Box::pin(async move {
            let Unreadable { always, of_others } = self.unreadable(def).await?;
            let owned = match of_others.is_empty() {
                true => Condition::NONE,
                false => OwnerDef::of(def).condition(def, &self.caller),
            };
            let mut below = Level::new();
            for record in records {
                let foreign = !of_others.is_empty() && !owned.matches(record);
                let hidden = of_others.iter().filter(|_| foreign).chain(&always);
                hidden.for_each(|property| drop(record.remove(*property)));
                add_related(&mut below, def, record);
            }
            for (target, records) in below {
                self.mask_records(target, records).await?;
            }
            Ok(())
        })
    }

    /// Takes out of what comes within new instances of `def` what the caller may not write, as [`strip`] does of these.
    pub fn strip_within<'r>(
        &'r self,
        def: &'static ModelDef,
        records: Vec<&'r mut Record>,
    ) -> BoxFuture<'r, Result<()>> {
        Box::pin(async move {
            let mut below = Level::new();
            for record in records {
                add_related(&mut below, def, record);
            }
            for (target, mut records) in below {
                for property in self.unwritable(target, None).await? {
                    for record in &mut records {
                        record.remove(property);
                    }
                }
                self.strip_within(target, records).await?;
            }
            Ok(())
        })
    }
}

/// The instances that are related to others, by model.
type Level<'r> = Vec<(&'static ModelDef, Vec<&'r mut Record>)>;

/// Adds what comes with an instance of `def`.
fn add_related<'r>(level: &mut Level<'r>, def: &'static ModelDef, record: &'r mut Record) {
    for (relation, related) in record.related_mut() {
        let target = def.relations.get(*relation).and_then(|one| one.target());
        let (target, found): (_, Vec<_>) = match (related, target) {
            (Related::One(Some(one)), Some(target)) => (target, vec![one.as_mut()]),
            (Related::Many(many), Some(target)) => (target, many.iter_mut().collect()),
            (Related::Any(Some(any)), _) => {
                let (target, one) = any.parts_mut();
                (target, vec![one])
            }
            _ => continue,
        };
        match level
            .iter_mut()
            .find(|(known, _)| known.name == target.name)
        {
            Some((_, records)) => records.extend(found),
            None => level.push((target, found)),
        }
    }
}

/// Takes these properties of `def` out of a body, and of each item of a list: what callers send for what they may not write
/// is dropped, as it is for what only the application writes.
pub(super) fn strip(def: &ModelDef, unwritable: &[usize], body: &mut Json) {
    match body {
        Json::Array(items) => items
            .iter_mut()
            .for_each(|item| strip(def, unwritable, item)),
        Json::Object(members) => {
            for property in unwritable {
                let name = def.properties[*property].name;
                members.retain(|key, _| key.split('.').next() != Some(name));
            }
            // Operators, such as `$set`, hold properties in turn.
            let operators = members.iter_mut().filter(|(key, _)| key.starts_with('$'));
            operators.for_each(|(_, within)| strip(def, unwritable, within));
        }
        _ => {}
    }
}
