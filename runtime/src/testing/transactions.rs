//! Operations that become visible together or not at all, for data sources that say so.

use std::time::Duration;

use futures_util::future::join_all;

use super::models::{EMAIL, ITEM, N, items, record, text};
use crate::connectors::{Connector, Isolation, Operations};
use crate::model::{Record, Value};
use crate::query::{Condition, Filter};

fn item(email: &str) -> Record {
    record(&ITEM, &[("email", text(email))])
}

async fn emails(db: &(impl Operations + ?Sized)) -> Vec<String> {
    let found = db.find(&ITEM, &Filter::ALL).await.unwrap();
    let emails = found.iter().map(|record| record.value(EMAIL));
    emails
        .filter(|email| !email.is_null())
        .map(Value::to_text)
        .collect()
}

/// What someone outside of an open transaction sees. A data source with one connection lets them wait, which is as good
/// as seeing nothing.
async fn seen_outside(db: &dyn Connector) -> Vec<String> {
    let outside = tokio::time::timeout(Duration::from_millis(300), emails(db)).await;
    outside.unwrap_or_default()
}

/// Without the ability, [`Connector::begin`] says so; pretending would lose what a rollback is to undo.
pub(super) async fn begin_without_transactions_is_refused(db: &dyn Connector) {
    if db.capabilities().transactions {
        return;
    }
    let begun = db.begin(None).await.map(drop);
    let error = begun.expect_err("`transactions` is declared a gap, and works");
    assert_eq!(error.status(), 500, "{error}");
    assert!(error.message().contains("transactions"), "{error}");
}

pub(super) async fn what_is_committed_appears_at_once(db: &dyn Connector) {
    if !db.capabilities().transactions {
        return;
    }
    items(db, &[(None, Some(1))]).await;
    let tx = db.begin(None).await.unwrap();
    let created = tx.create(&ITEM, item("a")).await.unwrap();
    assert_eq!(created.value(0), &Value::Integer(2));
    let mut changes = Record::new(&ITEM);
    changes.set(N, Value::Integer(5));
    assert_eq!(
        tx.update(&ITEM, &Condition::ALL, &changes).await.unwrap(),
        2
    );
    let first = Condition::equal(0, Value::Integer(1));
    assert_eq!(tx.delete(&ITEM, &first).await.unwrap(), 1);
    // Within, everything is there already.
    assert_eq!(tx.count(&ITEM, &Condition::ALL).await.unwrap(), 1);
    assert_eq!(emails(&*tx).await, ["a"]);
    assert!(seen_outside(db).await.is_empty());
    tx.commit().await.unwrap();
    assert_eq!(emails(db).await, ["a"]);
    let condition = Condition::equal(N, Value::Integer(5));
    assert_eq!(db.count(&ITEM, &condition).await.unwrap(), 1);
}

/// Each of several that count at once counts on from what the others have counted, or is refused.
pub(super) async fn what_is_found_to_change_is_nobody_elses_to_change(db: &dyn Connector) {
    if !db.capabilities().transactions {
        return;
    }
    items(db, &[(None, Some(0))]).await;
    let one_more = async || {
        let tx = db.begin(None).await?;
        let found = tx.find_to_change(&ITEM, &Filter::ALL).await?;
        let Value::Integer(number) = found[0].value(N) else {
            panic!("the number is {:?}", found[0].value(N));
        };
        let mut changes = Record::new(&ITEM);
        changes.set(N, Value::Integer(number + 1));
        tx.update(&ITEM, &Condition::ALL, &changes).await?;
        tx.commit().await
    };
    let counted = join_all((0..5).map(|_| one_more())).await;
    for error in counted.iter().filter_map(|counted| counted.as_ref().err()) {
        assert_eq!(error.status(), 503, "{error}");
    }
    let counted = counted.iter().filter(|counted| counted.is_ok()).count();
    assert!(counted > 0, "somebody has to go on");
    let found = db.find(&ITEM, &Filter::ALL).await.unwrap();
    let expected = i64::try_from(counted).unwrap_or_default();
    assert_eq!(found[0].value(N), &Value::Integer(expected));
}

pub(super) async fn what_is_rolled_back_or_dropped_leaves_nothing(db: &dyn Connector) {
    if !db.capabilities().transactions {
        return;
    }
    items(db, &[(None, Some(1))]).await;
    for rollback in [true, false] {
        let tx = db.begin(None).await.unwrap();
        tx.create(&ITEM, item("a")).await.unwrap();
        let first = Condition::equal(0, Value::Integer(1));
        assert_eq!(tx.delete(&ITEM, &first).await.unwrap(), 1);
        if rollback {
            tx.rollback().await.unwrap();
        } else {
            drop(tx);
        }
        assert_eq!(db.count(&ITEM, &Condition::ALL).await.unwrap(), 1);
        assert!(emails(db).await.is_empty());
    }
    db.create(&ITEM, item("a")).await.unwrap();
}

pub(super) async fn one_failed_operation_is_not_the_end(db: &dyn Connector) {
    if !(db.capabilities().transactions && db.capabilities().savepoints) {
        return;
    }
    items(db, &[]).await;
    let tx = db.begin(None).await.unwrap();
    tx.create(&ITEM, item("a")).await.unwrap();
    tx.create(&ITEM, item("b")).await.unwrap();
    let error = tx.create(&ITEM, item("a")).await.unwrap_err();
    assert_eq!(error.code(), Some("DUPLICATE_ENTRY"), "{error}");
    let error = tx.update(&ITEM, &Condition::ALL, &item("c")).await;
    assert_eq!(error.unwrap_err().code(), Some("DUPLICATE_ENTRY"));
    tx.create(&ITEM, item("d")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(emails(db).await, ["a", "b", "d"]);
}

pub(super) async fn one_within_another_is_undone_by_itself(db: &dyn Connector) {
    if !(db.capabilities().transactions && db.capabilities().savepoints) {
        return;
    }
    items(db, &[]).await;
    let outer = db.begin(None).await.unwrap();
    outer.create(&ITEM, item("outer")).await.unwrap();
    let inner = outer.begin().await.unwrap();
    inner.create(&ITEM, item("undone")).await.unwrap();
    inner.rollback().await.unwrap();
    assert_eq!(emails(&*outer).await, ["outer"]);
    let inner = outer.begin().await.unwrap();
    inner.create(&ITEM, item("forgotten")).await.unwrap();
    drop(inner);
    let inner = outer.begin().await.unwrap();
    let innermost = inner.begin().await.unwrap();
    innermost.create(&ITEM, item("kept")).await.unwrap();
    innermost.commit().await.unwrap();
    inner.commit().await.unwrap();
    assert_eq!(emails(&*outer).await, ["outer", "kept"]);
    assert!(seen_outside(db).await.is_empty());
    outer.commit().await.unwrap();
    assert_eq!(emails(db).await, ["outer", "kept"]);

    // What is committed within is undone with the whole.
    let outer = db.begin(None).await.unwrap();
    let inner = outer.begin().await.unwrap();
    inner.create(&ITEM, item("late")).await.unwrap();
    inner.commit().await.unwrap();
    outer.rollback().await.unwrap();
    assert_eq!(emails(db).await, ["outer", "kept"]);
}

pub(super) async fn without_savepoints_a_failed_operation_undoes_the_whole(db: &dyn Connector) {
    if !db.capabilities().transactions || db.capabilities().savepoints {
        return;
    }
    items(db, &[]).await;
    let tx = db.begin(None).await.unwrap();
    let within = tx.begin().await.map(drop);
    let error = within.expect_err("`savepoints` is declared a gap, and works");
    assert_eq!(error.status(), 500, "{error}");
    tx.create(&ITEM, item("a")).await.unwrap();
    let error = tx.create(&ITEM, item("a")).await.unwrap_err();
    assert_eq!(error.code(), Some("DUPLICATE_ENTRY"), "{error}");
    let error = tx.create(&ITEM, item("b")).await.map(drop);
    let error = error.expect_err("`savepoints` is declared a gap, and works");
    assert_eq!(error.code(), Some("TRANSACTION_NOT_ACTIVE"), "{error}");
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.code(), Some("TRANSACTION_NOT_ACTIVE"), "{error}");
    assert!(emails(db).await.is_empty());
    db.create(&ITEM, item("a")).await.unwrap();
}

pub(super) async fn an_isolation_is_given_or_refused(db: &dyn Connector) {
    if !db.capabilities().transactions {
        return;
    }
    items(db, &[]).await;
    for isolation in [
        Isolation::ReadUncommitted,
        Isolation::ReadCommitted,
        Isolation::RepeatableRead,
        Isolation::Serializable,
    ] {
        let name = format!("{isolation:?}");
        match db.begin(Some(isolation)).await {
            Ok(tx) => {
                tx.create(&ITEM, item(&name)).await.unwrap();
                tx.commit().await.unwrap();
                assert!(emails(db).await.contains(&name));
            }
            Err(error) => assert_eq!(error.status(), 500, "{error}"),
        }
    }
}
