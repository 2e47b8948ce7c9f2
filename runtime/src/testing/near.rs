//! What is near is found, the nearest first.

use super::models::{PLACE, fresh, id, record, text};
use crate::connectors::Connector;
use crate::model::{DistanceUnit, GeoPoint, Value};
use crate::query::{Comparison, Condition, Direction, Fields, Filter, Near, Order};

const NAME: usize = 1;
const SPOT: usize = 7;

fn point(lat: f64, lng: f64) -> GeoPoint {
    GeoPoint::new(lat, lng).unwrap()
}

async fn places(db: &dyn Connector, spots: &[Option<(f64, f64)>]) {
    fresh(db, &[&PLACE]).await;
    for spot in spots {
        let spot = spot.map_or(Value::Null, |(lat, lng)| Value::GeoPoint(point(lat, lng)));
        let place = record(&PLACE, &[("name", text("a")), ("spot", spot)]);
        db.create(&PLACE, place).await.unwrap();
    }
}

async fn found(db: &dyn Connector, filter: Filter) -> Vec<i64> {
    let found = db.find(&PLACE, &filter).await.unwrap();
    found.iter().map(id).collect()
}

fn filter(near: Near) -> Filter {
    Filter {
        near: Some(near),
        ..Filter::ALL
    }
}

pub(super) async fn the_nearest_first(db: &dyn Connector) {
    if !db.capabilities().near {
        return;
    }
    places(
        db,
        &[
            Some((1.0, 0.0)),
            None,
            Some((0.0, 0.5)),
            Some((0.0, 0.0)),
            Some((-2.0, 0.0)),
            Some((0.0, 0.5)),
        ],
    )
    .await;
    let near = Near::new(SPOT, point(0.0, 0.0));
    assert_eq!(found(db, filter(near)).await, [4, 3, 6, 1, 5]);
    let ordered = Filter {
        order: vec![Order {
            property: 0,
            path: None,
            direction: Direction::Descending,
        }],
        ..filter(near)
    };
    assert_eq!(
        found(db, ordered).await,
        [4, 3, 6, 1, 5],
        "no other order counts"
    );
    let page = Filter {
        skip: 1,
        limit: Some(3),
        ..filter(near)
    };
    assert_eq!(found(db, page).await, [3, 6, 1]);
    let beyond = Filter {
        skip: 9,
        ..filter(near)
    };
    assert!(found(db, beyond).await.is_empty());
    let other = Condition::compare(0, Comparison::Greater(Value::Integer(3)));
    let other = Filter {
        condition: other,
        ..filter(near)
    };
    assert_eq!(found(db, other).await, [4, 6, 5]);
    let fields = Filter {
        fields: Fields::Only(vec![NAME]),
        ..filter(near)
    };
    let records = db.find(&PLACE, &fields).await.unwrap();
    assert_eq!(records.len(), 5);
    assert!(
        records
            .iter()
            .all(|record| record.get(NAME).is_some() && record.get(SPOT).is_none())
    );

    // A degree is 111.194 kilometres on a ball of this size.
    let kilometers = near.unit(DistanceUnit::Kilometers);
    assert_eq!(
        found(db, filter(kilometers.within(112.0))).await,
        [4, 3, 6, 1]
    );
    assert_eq!(found(db, filter(kilometers.within(111.0))).await, [4, 3, 6]);
    assert_eq!(found(db, filter(kilometers.beyond(100.0))).await, [1, 5]);
    let ring = kilometers.beyond(1.0).within(60.0);
    assert_eq!(found(db, filter(ring)).await, [3, 6]);
    assert_eq!(
        found(db, filter(near.within(69.2))).await,
        [4, 3, 6, 1],
        "miles"
    );
    // The bounds are included, to the last bit.
    let exactly = point(0.0, 0.0).distance_to(point(1.0, 0.0), DistanceUnit::Feet);
    let feet = near
        .unit(DistanceUnit::Feet)
        .within(exactly)
        .beyond(exactly);
    assert_eq!(found(db, filter(feet)).await, [1]);
    assert_eq!(found(db, filter(near.within(0.0))).await, [4]);
}

pub(super) async fn around_the_poles_and_the_date_line(db: &dyn Connector) {
    if !db.capabilities().near {
        return;
    }
    let spots = [
        (90.0, 0.0),
        (89.5, 180.0),
        (89.5, -90.0),
        (-90.0, 77.0),
        (-89.9, 10.0),
        (0.0, 180.0),
        (0.0, -180.0),
        (0.2, -179.9),
        (0.0, 179.5),
        (60.0, 179.0),
        (60.0, -179.0),
        (0.0, 0.0),
    ];
    places(db, &spots.map(Some)).await;
    let centres = [
        (89.9, 5.0),
        (90.0, 0.0),
        (-90.0, 0.0),
        (0.0, 180.0),
        (0.1, -179.8),
        (60.0, 180.0),
        (0.0, 0.0),
        (45.0, -90.0),
    ];
    for (lat, lng) in centres {
        for within in [0.0, 0.05, 0.7, 2.0, 60.0, 91.0, 180.0, 1_000.0] {
            let near = Near::new(SPOT, point(lat, lng)).unit(DistanceUnit::Degrees);
            let near = near.within(within);
            let mut expected: Vec<(f64, i64)> = (1..)
                .zip(spots)
                .map(|(id, (to_lat, to_lng))| {
                    let to = point(to_lat, to_lng);
                    (near.point.distance_to(to, near.unit), id)
                })
                .filter(|(distance, _)| *distance <= within)
                .collect();
            expected.sort_by(|left, right| left.0.total_cmp(&right.0));
            let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
            assert_eq!(found(db, filter(near)).await, expected, "{near:?}");
        }
        // A page of what is nearest, however far that is, and of what is beyond a ring.
        for (beyond, skip, limit) in [(0.0, 0, 1), (0.0, 1, 3), (0.3, 0, 2), (100.0, 1, 2)] {
            let near = Near::new(SPOT, point(lat, lng)).unit(DistanceUnit::Degrees);
            let all = filter(near.beyond(beyond).within(1_000.0));
            let page = Filter {
                skip,
                limit: Some(limit),
                ..filter(near.beyond(beyond))
            };
            let expected = found(db, all).await.into_iter();
            let (skip, limit) = (skip.try_into().unwrap(), limit.try_into().unwrap());
            let expected: Vec<i64> = expected.skip(skip).take(limit).collect();
            assert_eq!(
                found(db, page).await,
                expected,
                "{near:?} {beyond} {skip} {limit}"
            );
        }
    }
}

pub(super) async fn it_is_refused_without_the_ability(db: &dyn Connector) {
    if db.capabilities().near {
        return;
    }
    places(db, &[Some((0.0, 0.0))]).await;
    let found = db
        .find(&PLACE, &filter(Near::new(SPOT, point(0.0, 0.0))))
        .await;
    let error = found.expect_err("`near` is declared a gap, and works");
    assert_eq!(error.status(), 400, "{error}");
}
