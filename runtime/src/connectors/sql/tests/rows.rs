//! Rows made, found, changed and deleted.

use super::models::{EMAIL, ITEM, N, NAME, PRICE, TAG, found, fresh, ids, items, record, text};
use crate::connectors::Operations;
use crate::connectors::sql::SqlConnector;
use crate::model::{Record, Value};
use crate::query::{Comparison, Condition, Direction, Fields, Filter, Order};

pub(super) async fn ids_are_given_or_taken(db: &SqlConnector) {
    items(db, &[(Some("a"), None)]).await;
    let explicit = record(&ITEM, &[("id", Value::Integer(50))]);
    let created = db.create(&ITEM, explicit).await.unwrap();
    assert_eq!(created.get(0), Some(&Value::Integer(50)));
    let smaller = record(&ITEM, &[("id", Value::Integer(7))]);
    db.create(&ITEM, smaller).await.unwrap();
    let null = record(&ITEM, &[("id", Value::Null)]);
    let next = db.create(&ITEM, null).await.unwrap();
    assert_eq!(next.get(0), Some(&Value::Integer(51)));
    // Not even a value: every column is left to the database.
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

pub(super) async fn duplicates_name_the_property(db: &SqlConnector) {
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

pub(super) async fn order_limit_and_fields(db: &SqlConnector) {
    let rows = [
        (Some("b"), Some(2)),
        (None, Some(1)),
        (Some("a"), None),
        (Some("B"), Some(2)),
    ];
    items(db, &rows).await;
    let order = |property, direction| Order {
        property,
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

pub(super) async fn updates_count_what_they_found(db: &SqlConnector) {
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

pub(super) async fn injections_are_values(db: &SqlConnector) {
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
