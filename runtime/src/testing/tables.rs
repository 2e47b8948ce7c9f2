//! Tables that are made, emptied and grow.

use super::models::{
    BENCH, BRANCH, EMAIL, GROWN_SHOP, ITEM, SEAT, SHOP, TAG, THING, decimal, fresh, items, record,
    text,
};
use crate::connectors::{Connector, PlanOptions};
use crate::model::{Record, Value};
use crate::query::{Condition, Filter};

pub(super) async fn ping(db: &dyn Connector) {
    db.ping().await.unwrap();
}

pub(super) async fn automigrate_empties_what_it_is_given(db: &dyn Connector) {
    items(db, &[(Some("a"), None), (Some("b"), None)]).await;
    fresh(db, &[&TAG]).await;
    let tag = record(&TAG, &[("word", text("a")), ("colour", text("red"))]);
    db.create(&TAG, tag).await.unwrap();
    let item = record(&ITEM, &[("email", text("a@b.c"))]);
    db.create(&ITEM, item.clone()).await.unwrap();
    db.automigrate(&[&ITEM]).await.unwrap();
    assert_eq!(db.count(&ITEM, &Condition::ALL).await.unwrap(), 0);
    assert_eq!(db.count(&TAG, &Condition::ALL).await.unwrap(), 1);
    // Ids begin anew, and unique values are free.
    let first = db.create(&ITEM, item).await.unwrap();
    assert_eq!(first.value(0), &Value::Integer(1));
    assert_eq!(first.value(EMAIL), &text("a@b.c"));
}

pub(super) async fn tables_grow_with_the_model(db: &dyn Connector) {
    fresh(db, &[&SHOP]).await;
    db.autoupdate(&[&SHOP, &SHOP]).await.unwrap();
    for name in ["a", "b"] {
        let shop = record(&SHOP, &[("name", text(name))]);
        db.create(&SHOP, shop).await.unwrap();
    }
    db.autoupdate(&[&GROWN_SHOP]).await.unwrap();
    db.autoupdate(&[&GROWN_SHOP]).await.unwrap();
    let filter = Filter {
        limit: Some(1),
        ..Filter::ALL
    };
    let found = db.find(&GROWN_SHOP, &filter).await.unwrap();
    let position = |name: &str| GROWN_SHOP.property_index(name).unwrap();
    let value = |name: &str| found[0].value(position(name));
    assert_eq!(value("city"), &text("Ber'l\\in"));
    assert_eq!(value("story"), &text("once"));
    assert_eq!(value("open"), &Value::Boolean(true));
    assert_eq!(value("fee"), &decimal("1.5"));
    let since = Value::DateTime("2020-02-29T12:00:00.5Z".parse().unwrap());
    assert_eq!(value("since"), &since);
    let by_since = Condition::equal(position("since"), since);
    assert_eq!(db.count(&GROWN_SHOP, &by_since).await.unwrap(), 2);
    assert_eq!(value("rank"), &Value::Null, "rows had none");

    // The new index is unique.
    let mut twice = found[0].clone();
    twice.remove(0);
    twice.set(position("rank"), Value::Integer(1));
    let error = db.create(&GROWN_SHOP, twice).await.unwrap_err();
    assert_eq!(error.message(), "Duplicate entry for Shop.name");

    // Nothing is lost when the smaller model comes back, nor when it writes.
    let one = Condition::equal(0, Value::Integer(1));
    let moved = record(&GROWN_SHOP, &[("city", text("Bern"))]);
    assert_eq!(db.update(&GROWN_SHOP, &one, &moved).await.unwrap(), 1);
    db.autoupdate(&[&SHOP]).await.unwrap();
    let renamed = record(&SHOP, &[("name", text("c"))]);
    assert_eq!(db.update(&SHOP, &one, &renamed).await.unwrap(), 1);
    assert_eq!(db.count(&SHOP, &Condition::ALL).await.unwrap(), 2);
    assert_eq!(db.count(&GROWN_SHOP, &by_since).await.unwrap(), 2);
    let found = db.find(&GROWN_SHOP, &Filter::matching(one)).await.unwrap();
    assert_eq!(found[0].value(position("name")), &text("c"));
    assert_eq!(found[0].value(position("city")), &text("Bern"));
    assert_eq!(found[0].value(position("rank")), &Value::Null);
}

pub(super) async fn a_new_rule_does_not_pass_over_old_rows(db: &dyn Connector) {
    fresh(db, &[&SHOP]).await;
    for _ in 0..2 {
        let shop: Record = record(&SHOP, &[("name", text("twin"))]);
        db.create(&SHOP, shop).await.unwrap();
    }
    let error = db.autoupdate(&[&GROWN_SHOP]).await.unwrap_err();
    assert_eq!(error.status(), 500, "{error}");
    assert!(error.message().contains("remove the duplicates"), "{error}");
    assert_eq!(db.count(&SHOP, &Condition::ALL).await.unwrap(), 2);
}

pub(super) async fn what_is_applied_is_actual(db: &dyn Connector) {
    fresh(db, &[&THING, &ITEM, &TAG, &SHOP]).await;
    assert!(db.is_actual(&[&THING, &ITEM, &TAG, &SHOP]).await.unwrap());
    // An empty table takes every step, a second time there is none.
    let options = PlanOptions::default();
    let plan = db.plan(&[&GROWN_SHOP], &options).await.unwrap();
    assert!(plan.held_back.is_empty(), "{plan}");
    db.apply(&plan).await.unwrap();
    let plan = db.plan(&[&GROWN_SHOP, &THING], &options).await.unwrap();
    assert!(plan.is_empty(), "{plan}");
    // What the smaller model doesn't know is left alone, and is no difference.
    assert!(db.is_actual(&[&SHOP]).await.unwrap());
}

pub(super) async fn indexes_over_several_properties_are_made(db: &dyn Connector) {
    fresh(db, &[&BENCH]).await;
    let (number, price) = (Value::Integer(1), Value::Integer(7));
    let seat = record(
        &BENCH,
        &[("hall", text("a")), ("number", number), ("price", price)],
    );
    for _ in 0..2 {
        db.create(&BENCH, seat.clone()).await.unwrap();
    }
    let error = db.autoupdate(&[&SEAT]).await.unwrap_err();
    assert!(error.message().contains("remove the duplicates"), "{error}");
    let second = Condition::equal(0, Value::Integer(2));
    assert_eq!(db.delete(&BENCH, &second).await.unwrap(), 1);
    db.autoupdate(&[&SEAT]).await.unwrap();
    let error = db.create(&SEAT, seat).await.unwrap_err();
    assert_eq!(error.code(), Some("DUPLICATE_ENTRY"), "{error}");
    assert!(db.is_actual(&[&SEAT]).await.unwrap());
}

pub(super) async fn foreign_keys_are_kept_as_declared(db: &dyn Connector) {
    fresh(db, &[&BRANCH]).await;
    let branch = |parent: Value| db.create(&BRANCH, record(&BRANCH, &[("parentId", parent)]));
    branch(Value::Null).await.unwrap();
    branch(Value::Integer(1)).await.unwrap();
    let orphan = branch(Value::Integer(9)).await;
    if !db.capabilities().foreign_keys {
        assert!(
            orphan.is_ok(),
            "`foreign_keys` is declared a gap, and works"
        );
        return;
    }
    let error = orphan.expect_err("there is no branch 9");
    assert!(error.status() < 500, "{error}");
    let parent = Condition::equal(0, Value::Integer(1));
    assert_eq!(db.delete(&BRANCH, &parent).await.unwrap(), 1);
    let left = db.find(&BRANCH, &Filter::ALL).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].value(1), &Value::Null);
}
