//! Rows made, found, changed and deleted.

use super::models::{
    EMAIL, ITEM, N, NAME, PAGE, PRICE, SEAT, TAG, found, fresh, ids, items, record, text,
};
use crate::connectors::{Connector, Through};
use crate::model::{Record, Value};
use crate::query::{Comparison, Condition, Direction, Fields, Filter, Order};

pub(super) async fn ids_are_given_or_taken(db: &dyn Connector) {
    items(db, &[(Some("a"), None)]).await;
    let explicit = record(&ITEM, &[("id", Value::Integer(50))]);
    let created = db.create(&ITEM, explicit).await.unwrap();
    assert_eq!(created.get(0), Some(&Value::Integer(50)));
    let smaller = record(&ITEM, &[("id", Value::Integer(7))]);
    db.create(&ITEM, smaller).await.unwrap();
    let null = record(&ITEM, &[("id", Value::Null)]);
    let next = db.create(&ITEM, null).await.unwrap();
    assert_eq!(next.get(0), Some(&Value::Integer(51)));
    // Not even a value: everything is left to the data source.
    let next = db.create(&ITEM, Record::new(&ITEM)).await.unwrap();
    assert_eq!(next.get(0), Some(&Value::Integer(52)));
    for odd in [-3, 0] {
        let odd = record(&ITEM, &[("id", Value::Integer(odd))]);
        db.create(&ITEM, odd).await.unwrap();
    }
    assert_eq!(ids(db, Condition::ALL).await, [-3, 0, 1, 7, 50, 51, 52]);

    fresh(db, &[&TAG]).await;
    for word in ["a", "A", "ä"] {
        let tag = record(&TAG, &[("word", text(word)), ("colour", text("red"))]);
        let created = db.create(&TAG, tag).await.unwrap();
        assert_eq!(created.get(0), Some(&text(word)));
    }
    assert_eq!(db.count(&TAG, &Condition::ALL).await.unwrap(), 3);
    let nameless = record(&TAG, &[("colour", text("red"))]);
    let error = db.create(&TAG, nameless).await.unwrap_err();
    assert_eq!(error.status(), 422, "{error}");
    assert!(error.message().contains("`word` can't be blank"), "{error}");
}

pub(super) async fn rows_lead_to_others(db: &dyn Connector) {
    items(
        db,
        &[
            (Some("a"), Some(2)),
            (Some("b"), Some(3)),
            (Some("a"), None),
            (Some("a"), Some(99)),
            (Some("c"), Some(2)),
            (Some("c"), Some(1)),
        ],
    )
    .await;
    let cases: [(&str, &[i64]); 4] = [("a", &[2]), ("b", &[3]), ("c", &[1, 2]), ("d", &[])];
    for (name, expected) in cases {
        let through = Through {
            model: &ITEM,
            key: N,
            condition: &Condition::equal(NAME, text(name)),
        };
        let found = db.find_through(&ITEM, &through).await.unwrap();
        let ids: Vec<_> = found.iter().map(|item| item.value(0).clone()).collect();
        let expected: Vec<_> = expected.iter().map(|id| Value::Integer(*id)).collect();
        assert_eq!(ids, expected, "by {name}");
        // They are whole.
        assert!(found.iter().all(|item| !item.value(NAME).is_null()));
    }
}

pub(super) async fn duplicates_name_the_property(db: &dyn Connector) {
    fresh(db, &[&ITEM]).await;
    let item =
        |id: i64, email: &str| record(&ITEM, &[("id", Value::Integer(id)), ("email", text(email))]);
    db.create(&ITEM, item(1, "a@b.c")).await.unwrap();
    let mut by_update = Record::new(&ITEM);
    by_update.set(EMAIL, text("a@b.c"));
    db.create(&ITEM, item(2, "x")).await.unwrap();
    let two = Condition::equal(0, Value::Integer(2));
    let cases = [
        (db.create(&ITEM, item(1, "y")).await.map(drop), "id"),
        (db.create(&ITEM, item(9, "a@b.c")).await.map(drop), "email"),
        (db.update(&ITEM, &two, &by_update).await.map(drop), "email"),
    ];
    for (result, property) in cases {
        let error = result.unwrap_err();
        assert_eq!(error.status(), 409, "{error}");
        assert_eq!(error.name(), "Error");
        assert_eq!(error.code(), Some("DUPLICATE_ENTRY"));
        assert_eq!(
            error.message(),
            format!("Duplicate entry for Item.{property}")
        );
        assert_eq!(error.to_json()["error"]["property"], property);
    }
    assert_eq!(ids(db, Condition::ALL).await, [1, 2]);
    // Null is no value: any number of rows may lack one.
    db.create(&ITEM, Record::new(&ITEM)).await.unwrap();
    db.create(&ITEM, Record::new(&ITEM)).await.unwrap();
}

pub(super) async fn updates_raise_the_version(db: &dyn Connector) {
    fresh(db, &[&PAGE]).await;
    for version in [1, 1, 7] {
        let page = [("text", text("a")), ("version", Value::Integer(version))];
        db.create(&PAGE, record(&PAGE, &page)).await.unwrap();
    }
    let versions = || async {
        let pages = db.find(&PAGE, &Filter::ALL).await.unwrap();
        let versions = pages.iter().map(|page| page.value(2).clone());
        versions.collect::<Vec<_>>()
    };
    let integers = |list: [i64; 3]| list.map(Value::Integer).to_vec();
    let changes = record(&PAGE, &[("text", text("b"))]);
    let id = |id| Condition::equal(0, Value::Integer(id));
    assert_eq!(db.update(&PAGE, &id(2), &changes).await.unwrap(), 1);
    assert_eq!(versions().await, integers([1, 2, 7]));
    // Also of what has the values already.
    assert_eq!(
        db.update(&PAGE, &Condition::ALL, &changes).await.unwrap(),
        3
    );
    assert_eq!(versions().await, integers([2, 3, 8]));
    // No change is none.
    db.update(&PAGE, &Condition::ALL, &Record::new(&PAGE))
        .await
        .unwrap();
    assert_eq!(versions().await, integers([2, 3, 8]));
    // A change for a version that has gone by finds nothing.
    let old = id(1).and(Condition::equal(2, Value::Integer(1)));
    assert_eq!(db.update(&PAGE, &old, &changes).await.unwrap(), 0);
    assert_eq!(versions().await, integers([2, 3, 8]));
}

pub(super) async fn order_limit_and_fields(db: &dyn Connector) {
    let rows = [
        (Some("b"), Some(2)),
        (None, Some(1)),
        (Some("a"), None),
        (Some("B"), Some(2)),
    ];
    items(db, &rows).await;
    let order = |property, direction| Order {
        property,
        path: None,
        direction,
    };
    let find = |order: Vec<Order>, limit, skip| async move {
        let filter = Filter {
            order,
            limit,
            skip,
            fields: Fields::Only(vec![0]),
            ..Filter::ALL
        };
        let found = db.find(&ITEM, &filter).await.unwrap();
        found
            .iter()
            .map(|record| record.value(0).to_text().parse::<i64>().unwrap())
            .collect::<Vec<_>>()
    };
    use Direction::{Ascending, Descending};
    assert_eq!(find(vec![], None, 0).await, [1, 2, 3, 4]);
    // Null first, then by code point.
    assert_eq!(
        find(vec![order(NAME, Ascending)], None, 0).await,
        [2, 4, 3, 1]
    );
    assert_eq!(
        find(vec![order(NAME, Descending)], None, 0).await,
        [1, 3, 4, 2]
    );
    // Equal rows come by id, whatever the direction.
    assert_eq!(
        find(vec![order(N, Descending)], None, 0).await,
        [1, 4, 2, 3]
    );
    let both = vec![order(N, Ascending), order(0, Descending)];
    assert_eq!(find(both, None, 0).await, [3, 2, 4, 1]);
    assert_eq!(find(vec![], Some(2), 1).await, [2, 3]);
    assert_eq!(find(vec![], None, 3).await, [4]);
    assert!(find(vec![], Some(0), 0).await.is_empty());
    assert!(find(vec![], Some(u64::MAX), u64::MAX).await.is_empty());
    assert!(find(vec![], None, u64::MAX).await.is_empty());

    let mut filter = Filter {
        fields: Fields::Only(vec![N, NAME]),
        limit: Some(1),
        ..Filter::ALL
    };
    let found = db.find(&ITEM, &filter).await.unwrap();
    assert_eq!(found[0].get(0), None);
    assert_eq!(found[0].get(NAME), Some(&text("b")));
    assert_eq!(found[0].get(N), Some(&Value::Integer(2)));
    assert_eq!(found[0].get(PRICE), None);
    filter.fields = Fields::Only(vec![]);
    assert_eq!(db.find(&ITEM, &filter).await.unwrap(), [Record::new(&ITEM)]);
}

pub(super) async fn one_of_many_gets_a_unique_value(db: &dyn Connector) {
    fresh(db, &[&ITEM]).await;
    for round in ["a@b.c", "d@e.f"] {
        let creates = (0..24).map(|_| db.create(&ITEM, record(&ITEM, &[("email", text(round))])));
        let results = futures_util::future::join_all(creates).await;
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "exactly one may have the value");
        for error in lost.into_iter().filter_map(Result::err) {
            assert_eq!(error.code(), Some("DUPLICATE_ENTRY"), "{error}");
        }
        let condition = Condition::equal(EMAIL, text(round));
        assert_eq!(db.count(&ITEM, &condition).await.unwrap(), 1);
    }
}

pub(super) async fn values_may_be_unique_together(db: &dyn Connector) {
    fresh(db, &[&SEAT]).await;
    let seat = |hall: &str, number: Option<i64>| {
        let number = number.map_or(Value::Null, Value::Integer);
        db.create(
            &SEAT,
            record(
                &SEAT,
                &[
                    ("hall", text(hall)),
                    ("number", number),
                    ("price", Value::Integer(7)),
                ],
            ),
        )
    };
    let refused = |error: crate::Error| {
        assert_eq!(error.status(), 409, "{error}");
        assert_eq!(
            error.message(),
            "Duplicate entry for Seat.hall, Seat.number"
        );
    };
    for (hall, number) in [
        ("a", Some(1)),
        ("a", Some(2)),
        ("b", Some(1)),
        ("a", None),
        ("a", None),
    ] {
        seat(hall, number).await.unwrap();
    }
    refused(seat("a", Some(1)).await.unwrap_err());

    // One value of a row meets the other one that it has already.
    let to_b = record(&SEAT, &[("hall", text("b"))]);
    let id = |id| Condition::equal(0, Value::Integer(id));
    refused(db.update(&SEAT, &id(1), &to_b).await.unwrap_err());
    assert_eq!(db.update(&SEAT, &id(2), &to_b).await.unwrap(), 1);
    for _ in 0..2 {
        assert_eq!(
            db.update(&SEAT, &id(1), &record(&SEAT, &[("hall", text("a"))]))
                .await
                .unwrap(),
            1
        );
    }
    // Several rows meet each other, or an absent value keeps them apart.
    let first = record(&SEAT, &[("hall", text("c")), ("number", Value::Integer(9))]);
    let (one, two) = (Comparison::Equal(text("b")), Comparison::Equal(Value::Null));
    refused(
        db.update(&SEAT, &Condition::compare(1, one), &first)
            .await
            .unwrap_err(),
    );
    let lacking = Condition::compare(2, two);
    assert_eq!(db.update(&SEAT, &lacking, &to_b).await.unwrap(), 2);
    // What is deleted is free again.
    assert_eq!(db.delete(&SEAT, &id(3)).await.unwrap(), 1);
    seat("b", Some(1)).await.unwrap();
    assert_eq!(db.count(&SEAT, &Condition::ALL).await.unwrap(), 5);
}

pub(super) async fn an_update_that_breaks_a_rule_changes_nothing(db: &dyn Connector) {
    items(db, &[(Some("a"), Some(1)), (Some("b"), Some(2))]).await;
    let mut changes = record(&ITEM, &[("name", text("c")), ("email", text("a@b.c"))]);
    let error = db.update(&ITEM, &Condition::ALL, &changes).await;
    let error = error.expect_err("two rows can't have one unique value");
    assert_eq!(error.code(), Some("DUPLICATE_ENTRY"), "{error}");
    let unchanged = found(db, NAME, Comparison::Equal(text("c"))).await;
    assert!(unchanged.is_empty(), "changed {unchanged:?}");
    let null = Comparison::Equal(Value::Null);
    assert_eq!(found(db, EMAIL, null).await, [1, 2]);
    // The value is free again, and a row may keep its own.
    let one = Condition::equal(0, Value::Integer(1));
    for _ in 0..2 {
        assert_eq!(db.update(&ITEM, &one, &changes).await.unwrap(), 1);
    }
    changes.set(EMAIL, text("d@e.f"));
    assert_eq!(db.update(&ITEM, &one, &changes).await.unwrap(), 1);
    let released = record(&ITEM, &[("email", text("a@b.c"))]);
    db.create(&ITEM, released.clone()).await.unwrap();
    let condition = Condition::equal(EMAIL, text("a@b.c"));
    assert_eq!(db.delete(&ITEM, &condition).await.unwrap(), 1);
    db.create(&ITEM, released).await.unwrap();
}

pub(super) async fn rows_are_found_by_their_ids(db: &dyn Connector) {
    let rows = [
        (Some("a"), Some(1)),
        (Some("b"), Some(2)),
        (Some("c"), Some(3)),
    ];
    items(db, &rows).await;
    let list = [3, 1, 9, 1].map(Value::Integer).to_vec();
    let listed = Condition::compare(0, Comparison::In(list));
    assert_eq!(ids(db, listed.clone()).await, [1, 3]);
    let named = Condition::equal(NAME, text("c"));
    assert_eq!(ids(db, listed.clone().and(named)).await, [3]);
    let two = Condition::equal(0, Value::Integer(2));
    assert!(ids(db, listed.clone().and(two.clone())).await.is_empty());
    assert!(ids(db, Condition::equal(0, Value::Null)).await.is_empty());
    assert_eq!(db.delete(&ITEM, &listed).await.unwrap(), 2);
    assert_eq!(ids(db, Condition::ALL).await, [2]);
    let mut changes = Record::new(&ITEM);
    changes.set(N, Value::Integer(7));
    assert_eq!(db.update(&ITEM, &two, &changes).await.unwrap(), 1);
    assert_eq!(
        found(db, N, Comparison::Equal(Value::Integer(7))).await,
        [2]
    );
}

pub(super) async fn updates_count_what_they_found(db: &dyn Connector) {
    let rows = [(Some("a"), Some(1)), (Some("a"), Some(2)), (None, None)];
    items(db, &rows).await;
    let named = Condition::equal(NAME, text("a"));
    let mut changes = Record::new(&ITEM);
    changes.set(N, Value::Integer(2));
    assert_eq!(db.update(&ITEM, &named, &changes).await.unwrap(), 2);
    assert_eq!(db.update(&ITEM, &named, &changes).await.unwrap(), 2);
    let none = Record::new(&ITEM);
    assert_eq!(db.update(&ITEM, &named, &none).await.unwrap(), 2);
    assert_eq!(
        found(db, N, Comparison::Equal(Value::Integer(2))).await,
        [1, 2]
    );
    assert_eq!(
        db.update(&ITEM, &Condition::NONE, &changes).await.unwrap(),
        0
    );
    assert_eq!(db.delete(&ITEM, &Condition::NONE).await.unwrap(), 0);
    assert_eq!(db.delete(&ITEM, &named).await.unwrap(), 2);
    assert_eq!(db.delete(&ITEM, &Condition::ALL).await.unwrap(), 1);
}

pub(super) async fn injections_are_values(db: &dyn Connector) {
    let texts = [
        "'; DROP TABLE \"order\"; --",
        "\" OR 1=1 --",
        "` OR 1=1 #",
        "\\'; SELECT 1",
        "$1 ? :a @b ?1 {} %s",
        "a' || 'b",
    ];
    let rows: Vec<_> = texts.iter().map(|text| (Some(*text), None)).collect();
    items(db, &rows).await;
    for (index, value) in texts.iter().enumerate() {
        let id = i64::try_from(index).unwrap() + 1;
        let list = vec![text(value), text("?")];
        let pattern = value.replace('\\', "\\\\").replace('%', "\\%");
        let comparisons = [
            Comparison::Equal(text(value)),
            Comparison::In(list),
            Comparison::Between(text(value), text(value)),
            Comparison::Like {
                pattern: pattern.clone(),
                ignore_case: false,
                negated: false,
            },
            Comparison::Like {
                pattern,
                ignore_case: true,
                negated: false,
            },
        ];
        for comparison in comparisons {
            let shown = format!("{comparison:?}");
            assert_eq!(found(db, NAME, comparison).await, [id], "{shown}");
        }
    }
}
