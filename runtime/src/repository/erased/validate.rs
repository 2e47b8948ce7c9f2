//! What is to be stored, held against the rules (contract *models.md* §9).

use super::{ErasedRepository, fill_defaults};
use crate::model::{
    HookKind, ModelDef, PropertyDef, Record, Rule, RuleDef, UpsertValidation, Value, Violation,
    missing, taken, taken_away, uniqueness, validation_error,
};
use crate::query::{Comparison, Condition};
use crate::repository::hook::Hooks;
use crate::{Error, Result};

impl ErasedRepository {
    /// The same model, validated or not whatever its description says.
    pub fn with_validation(&self, validation: bool) -> ErasedRepository {
        ErasedRepository {
            validation: Some(validation),
            ..self.clone()
        }
    }

    /// Is the rules' word asked for?
    fn is_validated(&self) -> bool {
        self.validation.unwrap_or(self.def().automatic_validation)
    }

    /// Refuses an instance that breaks a rule; where rules are not asked, one that lacks what none can be without.
    pub(super) async fn validate(&self, hooks: &mut Hooks<'_>, record: &Record) -> Result<()> {
        if !self.is_validated() {
            return self.require(record);
        }
        let violations = self.violations(record);
        let violations = self.ask_others(hooks, record, violations).await?;
        self.judge(violations)
    }

    /// As [`validate`](Self::validate), with the rules alone that a record answers by itself.
    pub(super) fn validate_alone(&self, record: &Record) -> Result<()> {
        if self.is_validated() {
            self.judge(self.violations(record))
        } else {
            self.require(record)
        }
    }

    /// The rest of [`validate`](Self::validate): what others have to be asked.
    pub(super) async fn validate_with_others(
        &self,
        hooks: &mut Hooks<'_>,
        record: &Record,
    ) -> Result<()> {
        if !self.is_validated() {
            return Ok(());
        }
        let violations = self.ask_others(hooks, record, Vec::new()).await?;
        self.judge(violations)
    }

    /// Holds the data of an upsert against the rules, as if it were whole: that is what LoopBack does, whatever the stored
    /// instance has (contract *models.md* §9.3).
    pub(super) async fn validate_upsert(
        &self,
        hooks: &mut Hooks<'_>,
        id: &Value,
        record: &Record,
    ) -> Result<()> {
        let def = self.def();
        let validation = match (self.validation, def.validate_upsert) {
            (Some(true), _) => UpsertValidation::Refuse,
            (Some(false), _) => UpsertValidation::Skip,
            (None, UpsertValidation::Warn) if !def.automatic_validation => UpsertValidation::Skip,
            (None, validation) => validation,
        };
        if validation == UpsertValidation::Skip {
            return Ok(());
        }
        let mut supplied = record.clone();
        fill_defaults(def, &mut supplied, |_| true);
        def.set_id(&mut supplied, id.clone());
        let violations = self.violations(&supplied);
        let violations = self.ask_others(hooks, &supplied, violations).await?;
        if validation == UpsertValidation::Refuse {
            return self.judge(violations);
        }
        for Violation {
            property, message, ..
        } in violations
        {
            tracing::warn!(
                model = def.name,
                %property,
                "an upsert stores what breaks a rule: `{property}` {message}; \
                 `#[model(validate_upsert = true)]` refuses it"
            );
        }
        Ok(())
    }

    /// Adds to the violations of `record` what only the data source and the model's own functions know.
    async fn ask_others(
        &self,
        hooks: &mut Hooks<'_>,
        record: &Record,
        mut violations: Vec<Violation>,
    ) -> Result<Vec<Violation>> {
        let def = self.def();
        for (index, rule, scoped_to) in uniqueness(def, record) {
            let others = self.others_with(record, index, scoped_to);
            // Neither scopes nor access hooks stand in between: nor do they before the index.
            if self.operations().count(def, &others).await? > 0 {
                violations.push(taken(&def.properties[index], rule, record.get(index)));
            }
        }
        if hooks.has(HookKind::Validate) {
            violations = hooks.validate(record.clone(), violations).await?;
        }
        Ok(violations)
    }

    /// Finds the other records with the same value.
    fn others_with(&self, record: &Record, index: usize, scoped_to: &[usize]) -> Condition {
        // The rule knows the positions of the struct that declares it.
        let offset = self.def().properties[index].place.properties;
        let scope = scoped_to.iter().map(|position| offset + position);
        let same = std::iter::once(index).chain(scope);
        let same = same.map(|index| Condition::equal(index, record.value(index).clone()));
        let others = self.given_id(record).map(|id| self.other_id(&id));
        Condition::And(same.chain(others).collect())
    }

    /// Finds the records that have another id.
    fn other_id(&self, id: &Value) -> Condition {
        let def = self.def();
        match id {
            Value::Array(keys) if def.has_composite_id() => {
                let keys = def.ids().zip(keys);
                let other = keys.map(|(index, key)| {
                    Condition::compare(index, Comparison::NotEqual(key.clone()))
                });
                Condition::Or(other.collect())
            }
            id => Condition::compare(def.id_index(), Comparison::NotEqual(id.clone())),
        }
    }

    /// Refuses a record without a value that no instance can be without.
    pub(super) fn require(&self, record: &Record) -> Result<()> {
        let mut violations = missing(self.def(), record);
        violations.extend(self.broken_within(record, false));
        self.judge(violations)
    }

    /// Refuses changes that would take away a value that no instance can be without.
    pub(super) fn refuse_null(&self, changes: &Record) -> Result<()> {
        let mut violations = taken_away(self.def(), changes);
        violations.extend(self.broken_within(changes, false));
        self.judge(violations)
    }

    pub(super) fn judge(&self, violations: Vec<Violation>) -> Result<()> {
        if violations.is_empty() {
            Ok(())
        } else {
            Err(validation_error(self.def(), &violations))
        }
    }

    /// Is there anything besides the id that must be unique?
    pub(super) fn may_be_taken(&self) -> bool {
        self.def().unique_keys().next().is_some()
    }

    /// A unique value that is taken, as the validation error that LoopBack makes of it; `record` holds the values that
    /// were to be stored. A taken id stays as it is.
    pub(super) fn explain(&self, error: Error, record: &Record) -> Error {
        if error.code() != Some("DUPLICATE_ENTRY") {
            return error;
        }
        let def = self.def();
        let named = |name: &serde_json::Value| def.property_index(name.as_str()?);
        let properties: Vec<usize> = match error.property("properties") {
            Some(names) => names
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(named)
                .collect(),
            None => error
                .property("property")
                .and_then(named)
                .into_iter()
                .collect(),
        };
        let violation = match (unique_rule(def, &properties), properties.as_slice()) {
            // The same as when the value had been found before.
            (Some((index, rule)), _) => taken(&def.properties[index], rule, record.get(index)),
            // The value is not repeated: it may be somebody else's.
            (None, [index]) if !def.properties[*index].is_sole_id() => Violation::new(
                def.properties[*index].name,
                "uniqueness",
                "is not unique",
                None,
            ),
            _ => return error,
        };
        validation_error(def, &[violation])
    }
}

/// The rule that these properties together are unique, and the position of the property that has it.
fn unique_rule(def: &'static ModelDef, properties: &[usize]) -> Option<(usize, &'static RuleDef)> {
    let offset = |index: usize| def.properties[index].place.properties;
    let together = |index: usize, scoped_to: &[usize]| {
        properties.len() == scoped_to.len() + 1
            && properties.iter().all(|one| {
                *one == index || scoped_to.iter().any(|other| offset(index) + other == *one)
            })
    };
    let own = |(index, property): (usize, &'static PropertyDef)| {
        let mut rules = property.rules.iter();
        let rule = rules.find(|rule| {
            matches!(rule.rule, Rule::Uniqueness { scoped_to } if together(index, scoped_to))
        });
        Some((index, rule?))
    };
    def.properties.iter().enumerate().find_map(own)
}
