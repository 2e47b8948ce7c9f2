//! The suite finds out who does not do as declared.

use std::panic::AssertUnwindSafe;

use async_trait::async_trait;
use futures_util::FutureExt;

use super::conformance;
use crate::Result;
use crate::connectors::memory::MemoryConnector;
use crate::connectors::{Capabilities, Connector, Isolation, Operations, Transaction};
use crate::model::{ModelDef, Record, Value};
use crate::query::{Comparison, Condition, Filter};

/// A good connector that misbehaves in one way.
struct Liar {
    honest: MemoryConnector,
    lie: Lie,
}

enum Lie {
    Declares(fn(&mut Capabilities)),
    /// Finds records in no order.
    Unordered,
    /// Finds all records where an expression is asked for.
    NoExpressions,
    /// Finds far ones too.
    NowhereNear,
    /// Says that it has deleted, and hasn't.
    KeepsAll,
    /// Leaves the tables as they are.
    NeverGrows,
    /// Sets the version of what it changes back.
    NeverCounts,
}

impl Liar {
    fn asked(&self, condition: &Condition) -> Condition {
        match condition {
            Condition::Compare {
                comparison: Comparison::Regexp(_),
                ..
            } if matches!(self.lie, Lie::NoExpressions) => Condition::ALL,
            honest => honest.clone(),
        }
    }
}

#[async_trait]
impl Operations for Liar {
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        let mut filter = filter.clone();
        if matches!(self.lie, Lie::Unordered) {
            filter.order.clear();
        }
        if matches!(self.lie, Lie::NowhereNear) {
            filter.near = None;
        }
        filter.condition = self.asked(&filter.condition);
        self.honest.find(model, &filter).await
    }

    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let condition = self.asked(condition);
        self.honest.count(model, &condition).await
    }

    async fn create(&self, model: &'static ModelDef, record: Record) -> Result<Record> {
        self.honest.create(model, record).await
    }

    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64> {
        let mut changes = changes.clone();
        if let (Lie::NeverCounts, Some(version)) = (&self.lie, model.version_index()) {
            changes.set(version, Value::Integer(0));
        }
        self.honest.update(model, condition, &changes).await
    }

    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        match self.lie {
            Lie::KeepsAll => self.honest.count(model, condition).await,
            _ => self.honest.delete(model, condition).await,
        }
    }
}

#[async_trait]
impl Connector for Liar {
    fn capabilities(&self) -> Capabilities {
        let mut declared = self.honest.capabilities();
        if let Lie::Declares(change) = self.lie {
            change(&mut declared);
        }
        declared
    }

    async fn ping(&self) -> Result<()> {
        self.honest.ping().await
    }

    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()> {
        match self.lie {
            Lie::NeverGrows => Ok(()),
            _ => self.honest.autoupdate(models).await,
        }
    }

    async fn automigrate(&self, models: &[&'static ModelDef]) -> Result<()> {
        self.honest.automigrate(models).await
    }

    async fn begin(&self, isolation: Option<Isolation>) -> Result<Box<dyn Transaction>> {
        self.honest.begin(isolation).await
    }
}

/// What the suite says of the lie.
async fn complaint(lie: Lie) -> String {
    let honest = MemoryConnector::connect("memory:").await.unwrap();
    let liar = Liar { honest, lie };
    let suite = AssertUnwindSafe(conformance(&liar)).catch_unwind();
    let panic = suite.await.expect_err("nobody has noticed");
    panic.downcast_ref::<String>().unwrap().clone()
}

#[tokio::test]
async fn every_lie_is_found_out() {
    let lies = [
        (
            Lie::Declares(|declared| declared.microseconds = true),
            "values::instants_are_as_precise_as_declared",
        ),
        (
            Lie::Declares(|declared| declared.structured_conditions = false),
            "`structured_conditions` is declared a gap, and works",
        ),
        (
            Lie::Declares(|declared| declared.regexp = false),
            "`regexp` is declared a gap, and works",
        ),
        (
            Lie::Declares(|declared| declared.near = false),
            "`near` is declared a gap, and works",
        ),
        (Lie::NoExpressions, "regexps::expressions_find_text"),
        (Lie::NowhereNear, "near::the_nearest_first"),
        (
            Lie::Declares(|declared| declared.transactions = false),
            "`transactions` is declared a gap, and works",
        ),
        (
            Lie::Declares(|declared| declared.savepoints = false),
            "`savepoints` is declared a gap, and works",
        ),
        (
            Lie::Declares(|declared| declared.foreign_keys = true),
            "tables::foreign_keys_are_kept_as_declared",
        ),
        (
            Lie::Declares(|declared| declared.change_streams = true),
            "changes::what_changes_is_told",
        ),
        (Lie::Unordered, "rows::order_limit_and_fields"),
        (Lie::NeverCounts, "rows::updates_raise_the_version"),
        (Lie::KeepsAll, "rows::rows_are_found_by_their_ids"),
        (
            Lie::NeverGrows,
            "tables::a_new_rule_does_not_pass_over_old_rows",
        ),
    ];
    for (lie, complained) in lies {
        let complaint = complaint(lie).await;
        assert!(complaint.contains(complained), "{complaint}");
        // The other checks go on.
        assert!(complaint.contains(" of 52 checks failed"), "{complaint}");
    }
}
