//! Conditions find the same rows on every data source.

use super::models::{N, NAME, found, ids, items, text};
use crate::connectors::Connector;
use crate::model::Value;
use crate::query::{Comparison, Condition};

use Comparison::{
    Between, Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, Like, NotEqual, NotIn,
};

fn like(pattern: &str) -> Comparison {
    Like {
        pattern: pattern.to_owned(),
        ignore_case: false,
        negated: false,
    }
}

fn unlike(pattern: &str) -> Comparison {
    Like {
        pattern: pattern.to_owned(),
        ignore_case: false,
        negated: true,
    }
}

fn ilike(pattern: &str) -> Comparison {
    Like {
        pattern: pattern.to_owned(),
        ignore_case: true,
        negated: false,
    }
}

pub(super) async fn null_semantics(db: &dyn Connector) {
    items(
        db,
        &[(Some("a"), Some(1)), (Some("b"), None), (None, Some(3))],
    )
    .await;
    let null = || Value::Null;
    let cases: Vec<(Comparison, &[i64])> = vec![
        (Equal(null()), &[3]),
        (NotEqual(null()), &[1, 2]),
        (Equal(text("a")), &[1]),
        (NotEqual(text("a")), &[2, 3]),
        (Greater(null()), &[]),
        (LessOrEqual(null()), &[]),
        (Between(null(), text("z")), &[]),
        (Between(text(""), null()), &[]),
        (Greater(text("")), &[1, 2]),
        (In(vec![]), &[]),
        (NotIn(vec![]), &[1, 2, 3]),
        (In(vec![null()]), &[3]),
        (NotIn(vec![null()]), &[1, 2]),
        (In(vec![null(), text("a")]), &[1, 3]),
        (In(vec![null(), text("a"), text("b")]), &[1, 2, 3]),
        (NotIn(vec![text("a")]), &[2, 3]),
        (NotIn(vec![text("a"), text("x")]), &[2, 3]),
        (NotIn(vec![null(), text("a"), text("x")]), &[2]),
        (like("%"), &[1, 2]),
        (unlike("a"), &[2, 3]),
        (unlike("%"), &[3]),
    ];
    for (comparison, expected) in cases {
        let shown = format!("{comparison:?}");
        assert_eq!(found(db, NAME, comparison).await, expected, "{shown}");
    }
    let integers: Vec<(Comparison, &[i64])> = vec![
        (Equal(null()), &[2]),
        (NotEqual(Value::Integer(1)), &[2, 3]),
        (NotIn(vec![Value::Integer(1), Value::Integer(9)]), &[2, 3]),
        (In(vec![Value::Integer(1), Value::Integer(3)]), &[1, 3]),
        (
            In(vec![null(), Value::Integer(3), Value::Integer(4)]),
            &[2, 3],
        ),
    ];
    for (comparison, expected) in integers {
        let shown = format!("{comparison:?}");
        assert_eq!(found(db, N, comparison).await, expected, "{shown}");
    }
    assert_eq!(ids(db, Condition::ALL).await, [1, 2, 3]);
    assert!(ids(db, Condition::NONE).await.is_empty());
    let a = || Condition::equal(NAME, text("a"));
    assert_eq!(
        ids(db, Condition::And(vec![a(), Condition::ALL])).await,
        [1]
    );
    let nothing = Condition::And(vec![a(), Condition::NONE]);
    assert!(ids(db, nothing).await.is_empty());
    assert_eq!(
        ids(db, Condition::Or(vec![a(), Condition::NONE])).await,
        [1]
    );
    let either = a().or(Condition::compare(N, Equal(Value::Integer(3))));
    let both = Condition::compare(N, Greater(Value::Integer(1))).and(either);
    assert_eq!(ids(db, both).await, [3]);
    let other = Condition::compare(NAME, NotEqual(text("a")));
    let one = Condition::compare(N, Equal(Value::Integer(1)));
    assert!(ids(db, other.clone().and(one.clone())).await.is_empty());
    assert!(ids(db, one.and(other)).await.is_empty());
}

pub(super) async fn comparisons(db: &dyn Connector) {
    items(
        db,
        &[
            (Some("B"), Some(-5)),
            (Some("a"), Some(0)),
            (Some("b"), Some(10)),
            (Some("ä"), Some(9)),
        ],
    )
    .await;
    let five = || Value::Integer(5);
    let cases: Vec<(usize, Comparison, &[i64])> = vec![
        (N, Greater(five()), &[3, 4]),
        (N, GreaterOrEqual(Value::Integer(9)), &[3, 4]),
        (N, Less(five()), &[1, 2]),
        (N, LessOrEqual(Value::Integer(-5)), &[1]),
        (N, Between(Value::Integer(0), Value::Integer(9)), &[2, 4]),
        // Text compares by code point, not as a dictionary does.
        (NAME, Less(text("a")), &[1]),
        (NAME, Greater(text("a")), &[3, 4]),
        (NAME, Equal(text("A")), &[]),
        (NAME, Equal(text("b")), &[3]),
        (NAME, Between(text("a"), text("b")), &[2, 3]),
    ];
    for (property, comparison, expected) in cases {
        let shown = format!("{comparison:?}");
        assert_eq!(found(db, property, comparison).await, expected, "{shown}");
    }
}

pub(super) async fn lists(db: &dyn Connector) {
    items(
        db,
        &[
            (Some("7"), Some(7)),
            (Some("x"), Some(-70_000)),
            (None, None),
        ],
    )
    .await;
    let numbers = || (-70_000..70_000).map(Value::Integer).collect::<Vec<_>>();
    assert_eq!(found(db, N, In(numbers())).await, [1, 2]);
    assert_eq!(found(db, N, NotIn(numbers())).await, [3]);
    let texts = || {
        (0..10_000)
            .map(|n: i64| text(&n.to_string()))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(db, NAME, In(texts())).await, [1]);
    assert_eq!(found(db, NAME, NotIn(texts())).await, [2, 3]);
    let odd = ["\"", "'", "\\", "🚀", "7"].map(text).to_vec();
    assert_eq!(found(db, NAME, In(odd)).await, [1]);
}

pub(super) async fn likes(db: &dyn Connector) {
    let names = [
        "Belgium", "belgium", "100%", "1000", "a_b", "axb", "a\\b", "a*b", "a?b", "a[b]", "a|b",
        "ÄB", "äb", "", "a\nb", "^a", "a]b", "[ab]",
    ];
    let mut rows: Vec<_> = names.iter().map(|name| (Some(*name), None)).collect();
    rows.push((None, None));
    items(db, &rows).await;
    let cases: &[(Comparison, &[&str])] = &[
        (like("Bel%"), &["Belgium"]),
        (like("%GIUM"), &[]),
        (like("el"), &[]),
        (like("_elgium"), &["Belgium", "belgium"]),
        (like("100\\%"), &["100%"]),
        (like("100%"), &["100%", "1000"]),
        (like("100_"), &["100%", "1000"]),
        (like("a\\_b"), &["a_b"]),
        (like("a\\\\b"), &["a\\b"]),
        (like("a*b"), &["a*b"]),
        (like("a?b"), &["a?b"]),
        (like("a[b]"), &["a[b]"]),
        (like("a]b"), &["a]b"]),
        (like("[ab]"), &["[ab]"]),
        (like("a|b"), &["a|b"]),
        (like("a\\|b"), &["a|b"]),
        (like("\\^\\a"), &["^a"]),
        (like("_B"), &["ÄB"]),
        (like("äb"), &["äb"]),
        (like(""), &[""]),
        (like("a\nb"), &["a\nb"]),
        (
            like("a_b"),
            &["a_b", "axb", "a\\b", "a*b", "a?b", "a|b", "a\nb", "a]b"],
        ),
        (ilike("BEL%"), &["Belgium", "belgium"]),
        (ilike("100\\%"), &["100%"]),
        (ilike("A\\\\B"), &["a\\b"]),
        (ilike("A*b"), &["a*b"]),
        (ilike("A|B"), &["a|b"]),
        (ilike("A[B]"), &["a[b]"]),
        (like("a\\"), &[]),
        (ilike("a\\"), &[]),
    ];
    for (comparison, expected) in cases {
        let expected: Vec<i64> = names
            .iter()
            .enumerate()
            .filter(|(_, name)| expected.contains(name))
            .map(|(index, _)| i64::try_from(index).unwrap() + 1)
            .collect();
        let shown = format!("{comparison:?}");
        assert_eq!(
            found(db, NAME, comparison.clone()).await,
            expected,
            "{shown}"
        );
    }
    let not: Vec<_> = found(db, NAME, unlike("%_%")).await;
    assert_eq!(not, [14, 19], "the empty name and the missing one");
}

pub(super) async fn likes_on_other_types(db: &dyn Connector) {
    items(db, &[(None, Some(1234)), (None, Some(-12)), (None, None)]).await;
    assert_eq!(found(db, N, like("12%")).await, [1]);
    assert_eq!(found(db, N, ilike("-%")).await, [2]);
    assert_eq!(found(db, N, unlike("12%")).await, [2, 3]);
}

pub(super) async fn negations(db: &dyn Connector) {
    items(
        db,
        &[(Some("a"), Some(1)), (Some("b"), None), (None, Some(3))],
    )
    .await;
    let name = |comparison| Condition::compare(NAME, comparison);
    let n = |comparison| Condition::compare(N, comparison);
    let cases: Vec<(Condition, &[i64])> = vec![
        (!Condition::ALL, &[]),
        (!Condition::NONE, &[1, 2, 3]),
        (!name(Equal(text("a"))), &[2, 3]),
        (!name(NotEqual(text("a"))), &[1]),
        // Null is not greater: so it is among those that aren't.
        (!n(Greater(Value::Integer(1))), &[1, 2]),
        (!n(Between(Value::Integer(1), Value::Integer(2))), &[2, 3]),
        (!name(In(vec![text("a"), text("b")])), &[3]),
        (!name(NotIn(vec![text("a"), text("b")])), &[1, 2]),
        (!name(like("a")), &[2, 3]),
        (!name(unlike("a")), &[1]),
        (
            !name(Equal(text("a"))).or(n(Equal(Value::Integer(3)))),
            &[2],
        ),
        (
            !(!name(Equal(text("a"))).and(n(Less(Value::Integer(9))))),
            &[1],
        ),
        (Condition::Not(Box::new(!name(like("a")))), &[1]),
    ];
    for (condition, expected) in cases {
        let shown = format!("{condition:?}");
        assert_eq!(ids(db, condition).await, expected, "{shown}");
    }
}

pub(super) async fn many_conditions(db: &dyn Connector) {
    items(db, &[(None, Some(1)), (None, Some(70_000))]).await;
    let list = (0..5_000).map(|n| Condition::equal(N, Value::Integer(n)));
    assert_eq!(ids(db, Condition::Or(list.collect())).await, [1]);
}
