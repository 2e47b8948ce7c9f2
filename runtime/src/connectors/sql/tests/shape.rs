//! What is remembered of statements never answers another question.

use sea_orm::sea_query::{Expr, Query, Value as Bound};
use sea_orm::{DbBackend, Statement};

use crate::connectors::sql::condition::expression;
use crate::connectors::sql::shape::{Shape, Texts};
use crate::model::{ModelDef, PropertyDef, Record, Value};
use crate::query::{Comparison, Condition, Direction, Fields, Filter, Order};

static PROPERTIES: [PropertyDef; 4] = [
    PropertyDef::of::<i64>("id", "id").id(),
    PropertyDef::of::<Option<String>>("name", "name"),
    PropertyDef::of::<Option<i64>>("n", "n"),
    PropertyDef::of::<Option<f64>>("price", "price"),
];
static THING: ModelDef = ModelDef::new("Thing", "Things", "thing", &PROPERTIES);

const BACKENDS: [DbBackend; 3] = [DbBackend::Sqlite, DbBackend::Postgres, DbBackend::MySql];

fn written(backend: DbBackend, condition: &Condition) -> Statement {
    let found = expression(backend, &THING, condition).unwrap();
    let mut select = Query::select();
    select
        .expr(Expr::cust("1"))
        .from(THING.table)
        .and_where(found.expr);
    backend.build(&select)
}

/// Conditions of many shapes, whose values count up from `first` in steps.
fn conditions(first: i64, step: i64) -> Vec<Condition> {
    let mut next = first;
    let mut value = || {
        next += step;
        Value::Integer(next)
    };
    let mut compare =
        |comparison: fn(Value) -> Comparison| Condition::compare(2, comparison(value()));
    let mut all = vec![
        compare(Comparison::Equal),
        compare(Comparison::NotEqual),
        compare(Comparison::Greater),
        compare(Comparison::GreaterOrEqual),
        compare(Comparison::Less),
        compare(Comparison::LessOrEqual),
        Condition::And(vec![
            compare(Comparison::Greater),
            compare(Comparison::Less),
        ]),
        Condition::Or(vec![
            compare(Comparison::Greater),
            compare(Comparison::Less),
        ]),
        Condition::Or(vec![
            compare(Comparison::Equal),
            Condition::And(vec![
                compare(Comparison::Less),
                compare(Comparison::NotEqual),
            ]),
            compare(Comparison::Greater),
        ]),
        Condition::ALL,
        Condition::NONE,
        Condition::equal(2, Value::Null),
        Condition::compare(2, Comparison::NotEqual(Value::Null)),
    ];
    for null in [false, true] {
        for count in 1..4 {
            let mut list: Vec<_> = (0..count).map(|_| value()).collect();
            list.extend(null.then_some(Value::Null));
            let within = Condition::compare(2, Comparison::In(list));
            all.push(within.clone());
            all.push(Condition::And(vec![within, Condition::equal(0, value())]));
        }
    }
    all
}

#[test]
fn a_text_that_is_kept_asks_what_a_new_one_would() {
    for backend in BACKENDS {
        let texts = Texts::default();
        // First all values are the same, so that nothing else than their order is left to be right.
        for condition in conditions(7, 0) {
            let shape = Shape::count(backend, &THING, &condition);
            texts.keep(shape, &written(backend, &condition));
        }
        let mut kept = 0;
        for condition in conditions(0, 1) {
            let shape = Shape::count(backend, &THING, &condition);
            let Ok(known) = texts.statement(shape) else {
                continue;
            };
            let new = written(backend, &condition);
            assert_eq!(known.sql, new.sql, "{condition:?}");
            let values = |statement: &Statement| -> Vec<Bound> {
                statement
                    .values
                    .iter()
                    .flat_map(|all| all.0.clone())
                    .collect()
            };
            assert_eq!(values(&known), values(&new), "{condition:?}");
            kept += 1;
        }
        // MySQL has lists in the text itself.
        let least = if backend == DbBackend::MySql { 17 } else { 25 };
        assert!(kept >= least, "{backend:?}: {kept}");
    }
}

#[test]
fn what_differs_in_more_than_values_is_told_apart() {
    let by = |direction| Filter {
        order: vec![Order {
            property: 1,
            path: None,
            direction,
        }],
        ..Filter::ALL
    };
    let filters = [
        Filter::ALL,
        by(Direction::Ascending),
        by(Direction::Descending),
        Filter {
            limit: Some(1),
            ..Filter::ALL
        },
        Filter {
            skip: 1,
            ..Filter::ALL
        },
        Filter {
            limit: Some(1),
            skip: 1,
            ..Filter::ALL
        },
        Filter::matching(Condition::equal(1, Value::Null)),
        Filter::matching(Condition::equal(2, Value::Null)),
    ];
    let whole = [0, 1, 2, 3];
    for backend in BACKENDS {
        let find = |filter: &Filter, columns: &[usize], bound, locked| {
            Shape::find(backend, &THING, filter, columns, bound, locked).unwrap()
        };
        let mut shapes: Vec<_> = filters
            .iter()
            .map(|filter| find(filter, &whole, None, false))
            .collect();
        shapes.push(find(&Filter::ALL, &[0, 1], None, false));
        shapes.push(find(&Filter::ALL, &[0, 2], None, false));
        shapes.push(find(&Filter::ALL, &whole, None, true));
        shapes.push(find(&Filter::ALL, &whole, Some(10_000), false));
        shapes.push(find(&Filter::ALL, &whole, Some(10_001), false));
        shapes.push(Shape::by_id(backend, &THING, &Value::Integer(1)).unwrap());
        let record = |set: &[usize]| {
            let mut record = Record::new(&THING);
            for index in set {
                record.set(*index, Value::Null);
            }
            record
        };
        for set in [&[1][..], &[2], &[1, 2]] {
            let record = record(set);
            shapes.push(Shape::insert(backend, &THING, &record, true).unwrap());
            shapes.push(Shape::insert(backend, &THING, &record, false).unwrap());
            for condition in [Condition::ALL, Condition::NONE] {
                shapes.push(Shape::update(backend, &THING, &condition, &record).unwrap());
            }
        }
        for condition in [Condition::ALL, Condition::NONE] {
            shapes.push(Shape::count(backend, &THING, &condition).unwrap());
            shapes.push(Shape::delete(backend, &THING, &condition).unwrap());
        }
        let count = shapes.len();
        let texts = Texts::default();
        for (number, shape) in shapes.into_iter().enumerate() {
            let values = shape.values().to_vec();
            let text = Statement::from_sql_and_values(backend, number.to_string(), values);
            let shape = texts
                .statement(Some(shape))
                .map(|known| known.sql)
                .unwrap_err();
            texts.keep(shape, &text);
        }
        assert_eq!(texts.len(), count);
    }
}

#[test]
fn what_can_not_be_bound_is_written_anew() {
    let text = Condition::equal(2, Value::String("seven".to_owned()));
    assert!(Shape::count(DbBackend::Postgres, &THING, &text).is_none());
    let fields = Filter {
        fields: Fields::All,
        ..Filter::matching(!Condition::ALL)
    };
    assert!(Shape::find(DbBackend::Postgres, &THING, &fields, &[0], None, false).is_none());
}

#[test]
fn so_many_texts_are_kept_and_no_more() {
    let texts = Texts::default();
    for bound in 0..10_000 {
        let shape = Shape::find(
            DbBackend::Sqlite,
            &THING,
            &Filter::ALL,
            &[0],
            Some(bound),
            false,
        );
        let text = Statement::from_sql_and_values(DbBackend::Sqlite, "SELECT 1", []);
        texts.keep(shape, &text);
    }
    assert!(texts.len() <= 2_000);
}
