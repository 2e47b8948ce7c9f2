//! Conditions that only SQL can take amiss.

use super::models::{ITEM, N, NAME, THING, fresh, items, text};
use crate::connectors::Operations;
use crate::connectors::sql::SqlConnector;
use crate::model::{Record, Value};
use crate::query::{Comparison, Condition};

pub(super) async fn mismatched_operands_are_refused(db: &SqlConnector) {
    fresh(db, &[&ITEM, &THING]).await;
    let condition = Condition::equal(N, text("one"));
    let error = db.count(&ITEM, &condition).await.unwrap_err();
    assert_eq!(error.status(), 400);
    assert_eq!(
        error.message(),
        "`n` can't be compared with one: it is not an integer"
    );
    let condition = Condition::equal(99, Value::Null);
    let error = db.count(&THING, &condition).await.unwrap_err();
    assert_eq!(error.status(), 500);
}

/// The model declares no place for them, so nothing is changed, and not the version either.
pub(super) async fn what_no_column_keeps_changes_nothing(db: &SqlConnector) {
    items(db, &[(None, Some(1)), (None, Some(2))]).await;
    let mut changes = Record::new(&ITEM);
    changes.undeclared_mut().insert("odd".into(), 1.into());
    let count = db.update(&ITEM, &Condition::ALL, &changes).await.unwrap();
    assert_eq!(count, 2);
}

pub(super) async fn what_is_too_much_for_a_statement_is_refused(db: &SqlConnector) {
    items(db, &[(None, Some(1))]).await;
    let list = (0..70_000).map(|n| Condition::equal(N, Value::Integer(n)));
    let condition = Condition::Or(list.collect());
    let error = db.count(&ITEM, &condition).await.unwrap_err();
    assert_eq!(error.status(), 400);
    assert!(error.message().contains("70000 values"), "{error}");
    let long = Comparison::Like {
        pattern: "a".repeat(100_000),
        ignore_case: false,
        negated: false,
    };
    let error = db.count(&ITEM, &Condition::compare(NAME, long)).await;
    assert_eq!(error.unwrap_err().status(), 400);
}
