//! Changes by MongoDB's own operators, where the configuration allows them (contract *connectors.md* §4).
//!
//! The data source does them, so that what is stored at that moment counts; hooks see the values that are set, and what
//! they set themselves is set in place of an operator. Every result is held to what holds for other changes before anyone
//! sees it: the rules of an instance that is changed by its id, and of many that none lacks what it can't be without. What
//! others have to be asked (are values unique, what do the model's own validations say) is asked before, of the instance
//! with the values that are set.

use super::{ErasedRepository, not_found};
use crate::connectors::{ChangeKind, Judge};
use crate::model::{ModelDef, PropertyType, Record, RowAction, Value, Violation};
use crate::query::{Condition, Operator};
use crate::repository::hook::{Hooks, Saved};
use crate::trail::asked;
use crate::{Error, Result};

impl ErasedRepository {
    /// Refuses extended operators unless the configuration allows them.
    pub fn allow_operators(&self) -> Result<()> {
        if self.model().extended_operators {
            return Ok(());
        }
        let name = self.def().name;
        let message = format!(
            "extended operators, such as \"$inc\", are not allowed for `{name}`; send plain values, or allow them with \
             `allow_extended_operators = true` for the data source or the model in the configuration"
        );
        Err(Error::new(400, message).with_code("EXTENDED_OPERATORS_NOT_ALLOWED"))
    }

    /// Changes the record that is as `current` now; the whole result is validated.
    pub async fn operate(
        &self,
        current: Record,
        changes: Record,
        mut operators: Vec<Operator>,
    ) -> Result<Record> {
        let mut hooks = Hooks::new(self);
        let id = self.def().id_of(&current);
        let versions = self.meant_for(&current, self.expected.clone())?;
        let condition = self.version_condition(&id, versions.as_ref());
        let before = hooks.copy(&current);
        let saved = Saved::changes(condition.clone(), changes).of(before.clone());
        let changes = hooks.before_save(saved).await?.record;
        let mut merged = current;
        merged.merge(changes.clone());
        self.validate_with_others(&mut hooks, &merged).await?;
        let saved = Saved::changes(condition.clone(), changes);
        let changes = hooks.persist(saved.of(before).existing()).await?.record;
        let permitted = self.permitted(RowAction::Update).await?;
        let judge = |record: &Record| {
            self.validate_alone(record)?;
            self.check_changed(&permitted, record)
        };
        let condition = condition.and(permitted.clone());
        if self
            .change(&condition, changes, &mut operators, &judge)
            .await?
            .0
            == 0
        {
            self.refuse_missed(&id, versions.as_ref()).await?;
            self.refuse_unpermitted(&id).await?;
            return Err(not_found(&id));
        }
        self.updated(&mut hooks, &id).await
    }

    /// Changes every record that `condition` finds, without validation of rules.
    pub async fn operate_all(
        &self,
        condition: &Condition,
        changes: Record,
        mut operators: Vec<Operator>,
    ) -> Result<u64> {
        let mut hooks = Hooks::new(self);
        let condition = hooks
            .narrow(RowAction::Update, condition)
            .await?
            .into_owned();
        self.check(&condition)?;
        let saved = Saved::changes(condition, changes);
        let saved = hooks.before_save(saved).await?;
        let saved = hooks.persist(saved).await?;
        let condition = saved.condition.unwrap_or_default();
        let permitted = self.permitted(RowAction::Update).await?;
        let judge = |record: &Record| {
            self.require(record)?;
            self.check_changed(&permitted, record)
        };
        let changed = self.change(&condition, saved.record, &mut operators, &judge);
        let (count, changes) = changed.await?;
        if count > 0 {
            self.announce(ChangeKind::Update, None, Some(&condition), Some(&changes))
                .await;
        }
        hooks.after_save(Saved::changes(condition, changes)).await?;
        Ok(count)
    }

    /// How many records there were, and what was set in them.
    async fn change(
        &self,
        condition: &Condition,
        mut changes: Record,
        operators: &mut Vec<Operator>,
        judge: &Judge<'_>,
    ) -> Result<(u64, Record)> {
        let model = self.model();
        model.def.remove_id(&mut changes);
        self.take_version(&mut changes);
        self.refuse_null(&changes)?;
        operators.retain(|operator| changes.get(operator.property).is_none());
        let judge = |record: &Record| {
            self.judge(out_of_range(model.def, record, operators))?;
            judge(record)
        };
        let operate = model
            .connector
            .operate(model.def, condition, &changes, operators, &judge);
        let count = asked(model.def.name, "operate", operate)
            .await
            .map_err(|error| self.explain(error, &changes))?;
        Ok((count, changes))
    }
}

/// The numbers that operators have taken beyond what their properties hold.
fn out_of_range(def: &ModelDef, record: &Record, operators: &[Operator]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for operator in operators {
        let (property, value) = (
            &def.properties[operator.property],
            record.value(operator.property),
        );
        let message = match (property.ty, value) {
            (PropertyType::Integer { min, max }, Value::Integer(number))
                if !(min..=max).contains(number) =>
            {
                format!("is not between {min} and {max}")
            }
            (PropertyType::Float, Value::Float(number)) if !number.is_finite() => {
                "is too large".to_owned()
            }
            _ => continue,
        };
        let code = "numericality.range";
        violations.push(Violation::new(property.name, code, message, Some(value)));
    }
    violations
}
