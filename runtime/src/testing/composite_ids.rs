//! Ids made of several properties. A data source that declares none is not asked: no model with such an id gets that far.

use super::models::{CELL, fresh, record, text};
use crate::connectors::Connector;
use crate::model::{Record, Value};
use crate::query::{Condition, Direction, Filter, Order};

const GUEST: usize = 0;
const HALL: usize = 1;
const PLACE: usize = 2;

/// What would be taken for another place if keys were put together carelessly.
const PLACES: [&str; 6] = ["", "A", "a", "a,1", "ä€😀", "' OR 1=1 --"];

fn cell(hall: i64, place: &str) -> Record {
    record(
        &CELL,
        &[("hall", Value::Integer(hall)), ("place", text(place))],
    )
}

fn id(hall: i64, place: &str) -> Condition {
    Condition::of_id(
        &CELL,
        &Value::Array(vec![Value::Integer(hall), text(place)]),
    )
}

async fn cells(db: &dyn Connector) -> bool {
    if !db.capabilities().composite_ids {
        return false;
    }
    fresh(db, &[&CELL]).await;
    for hall in [2, 1] {
        for place in PLACES {
            let created = db.create(&CELL, cell(hall, place)).await.unwrap();
            assert_eq!(created.value(PLACE), &text(place));
        }
    }
    true
}

pub(super) async fn several_keys_are_one_id(db: &dyn Connector) {
    if !cells(db).await {
        return;
    }
    let error = db.create(&CELL, cell(1, "a")).await.unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (409, Some("DUPLICATE_ENTRY")),
        "{error}"
    );
    assert_eq!(error.message(), "Duplicate entry for Cell.hall, Cell.place");
    for lacking in [
        record(&CELL, &[("hall", Value::Integer(1))]),
        record(&CELL, &[("place", text("z"))]),
    ] {
        let error = db.create(&CELL, lacking).await.unwrap_err();
        assert_eq!(error.status(), 422, "{error}");
    }
    for place in PLACES {
        let found = db
            .find(&CELL, &Filter::matching(id(1, place)))
            .await
            .unwrap();
        assert_eq!(found.len(), 1, "{place}");
        let guest = record(&CELL, &[("guest", text(place))]);
        assert_eq!(db.update(&CELL, &id(1, place), &guest).await.unwrap(), 1);
    }
    let of_other_hall = Condition::equal(HALL, Value::Integer(2));
    let of_other_hall = db
        .find(&CELL, &Filter::matching(of_other_hall))
        .await
        .unwrap();
    assert!(of_other_hall.iter().all(|cell| cell.value(GUEST).is_null()));
    assert_eq!(db.delete(&CELL, &id(1, "a")).await.unwrap(), 1);
    assert_eq!(db.delete(&CELL, &id(1, "a")).await.unwrap(), 0);
    let ids = [[1, 2], [3, 2]].map(|[hall, other]| {
        Condition::of_ids(
            &CELL,
            &[hall, other].map(|hall| Value::Array(vec![Value::Integer(hall), text("A")])),
        )
    });
    for (ids, expected) in ids.iter().zip([2, 1]) {
        assert_eq!(db.count(&CELL, ids).await.unwrap(), expected);
    }
}

pub(super) async fn a_key_alone_is_like_any_property(db: &dyn Connector) {
    if !cells(db).await {
        return;
    }
    let keys = |found: Vec<Record>| -> Vec<(Value, Value)> {
        let found = found.into_iter();
        found
            .map(|cell| (cell.value(HALL).clone(), cell.value(PLACE).clone()))
            .collect()
    };
    // By the id, key by key, where nothing else decides.
    let found = db.find(&CELL, &Filter::ALL).await.unwrap();
    let mut expected: Vec<_> = [1, 2]
        .iter()
        .flat_map(|hall| PLACES.map(|place| (Value::Integer(*hall), text(place))))
        .collect();
    expected.sort_by(|left, right| left.partial_cmp(right).unwrap());
    assert_eq!(keys(found), expected);
    let ordered = Filter {
        order: vec![Order {
            property: PLACE,
            path: None,
            direction: Direction::Descending,
        }],
        limit: Some(2),
        ..Filter::ALL
    };
    let found = keys(db.find(&CELL, &ordered).await.unwrap());
    let greatest = PLACES.into_iter().max().unwrap();
    assert_eq!(
        found,
        [1, 2].map(|hall| (Value::Integer(hall), text(greatest)))
    );
    let of_one_place = Condition::equal(PLACE, text("a,1"));
    assert_eq!(db.count(&CELL, &of_one_place).await.unwrap(), 2);
    assert_eq!(db.delete(&CELL, &of_one_place).await.unwrap(), 2);
    let of_one_hall = Condition::equal(HALL, Value::Integer(2));
    assert_eq!(db.delete(&CELL, &of_one_hall).await.unwrap(), 5);
    assert_eq!(db.count(&CELL, &Condition::ALL).await.unwrap(), 5);
}
