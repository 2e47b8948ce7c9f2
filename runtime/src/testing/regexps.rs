//! Regular expressions mean the same on every data source.

use serde_json::json;

use super::models::{ITEM, NAME, PLACE, condition, found, fresh, ids_of, items, record, text};
use crate::connectors::Connector;
use crate::model::Value;
use crate::query::{Comparison, Condition, Regexp};

fn regexp(notation: &str) -> Comparison {
    Comparison::Regexp(Regexp::new(notation).unwrap())
}

pub(super) async fn expressions_find_text(db: &dyn Connector) {
    if !db.capabilities().regexp {
        return;
    }
    let names = [
        "Belgium",
        "belgium",
        "100%",
        "a.b",
        "axb",
        "a\\b",
        "a/b",
        "a'b\"c",
        "ÄB",
        "äb",
        "",
        "a\nb",
        "a\n",
        "2 + 2",
        "foo_bar baz",
        "٣",
        "{}",
        "[x]",
        "a-b",
        "🚀x",
        "ſ",
        "K",
        "aaa",
    ];
    let mut rows: Vec<_> = names.iter().map(|name| (Some(*name), None)).collect();
    rows.push((None, None));
    items(db, &rows).await;
    let notations = [
        "",
        "^B",
        "/^b/i",
        "/ÄB/i",
        "^$",
        "m$",
        "b$",
        "/^b$/m",
        "/^a$/m",
        "^a$",
        "a.b",
        "a\\.b",
        "a\\\\b",
        "/a\\/b/",
        "a[.x]b",
        "[^a-z]b",
        "^[^a]*$",
        "\\d",
        "\\D",
        "^\\w+$",
        "\\s",
        "\\bbar\\b",
        "\\Bar",
        "o{2}",
        "^a{2,}$",
        "^a{1,2}$",
        "^(?:a|b)",
        "(foo|100)",
        "gi?um",
        "x*",
        "^.x",
        "'b\"",
        "\\+ 2",
        "\\{\\}",
        "\\[x\\]",
        "[\\]\\[-]",
        "a-b",
        "🚀",
        "[🚀]",
        "/s/i",
        "/k/i",
        "\\x41|\\u0041",
        "(?i)BEL",
        "^(a+)+$",
        "%",
        "_",
        "\\n",
        "[\\s\\S]",
        "a{0}",
        "^(?s).{3}$",
        "a*?b",
        "(?P<name>l)gium",
        "\\p{Lu}",
        "^a{0,300}$",
        "|",
        "()",
        "(^|x)b",
    ];
    for notation in notations {
        let regexp = Regexp::new(notation).unwrap();
        let expected: Vec<i64> = (1..)
            .zip(names)
            .filter(|(_, name)| regexp.fits(name))
            .map(|(id, _)| id)
            .collect();
        let found = found(db, NAME, Comparison::Regexp(regexp)).await;
        assert_eq!(found, expected, "{notation}");
    }
    assert_eq!(found(db, NAME, regexp("^B")).await, [1]);
    assert_eq!(found(db, NAME, regexp("/^bel/i")).await, [1, 2]);
    let not = !Condition::compare(NAME, regexp("[a-zA-Z]"));
    let not = ids_of(db, &ITEM, not).await;
    assert_eq!(not, [3, 11, 14, 16, 17, 21, 24], "null does not fit");
    // It is part of a change as well.
    let hostile = Condition::compare(NAME, regexp("^(a+)+(a|a)*b$"));
    let changes = record(&ITEM, &[("name", text("b"))]);
    assert_eq!(db.update(&ITEM, &hostile, &changes).await.unwrap(), 0);
    let condition = Condition::compare(NAME, regexp("^a{3}$"));
    assert_eq!(db.update(&ITEM, &condition, &changes).await.unwrap(), 1);
    assert_eq!(found(db, NAME, regexp("^b$")).await, [23]);
    let condition = Condition::compare(NAME, regexp("(?i)bel"));
    assert_eq!(db.delete(&ITEM, &condition).await.unwrap(), 2);
    assert_eq!(db.count(&ITEM, &Condition::ALL).await.unwrap(), 22);
}

pub(super) async fn within_json(db: &dyn Connector) {
    let capabilities = db.capabilities();
    if !(capabilities.regexp && capabilities.structured_conditions) {
        return;
    }
    fresh(db, &[&PLACE]).await;
    let tags = |tags: &[&str]| Value::Array(tags.iter().map(|tag| text(tag)).collect());
    for (tags, meta) in [
        (tags(&["old", "new"]), json!({"note": "a\nb"})),
        (tags(&["newer"]), json!({"note": 12})),
        (tags(&[]), json!({"note": ["x", "12"]})),
    ] {
        let meta = Value::Json(Box::new(meta));
        db.create(&PLACE, record(&PLACE, &[("tags", tags), ("meta", meta)]))
            .await
            .unwrap();
    }
    let cases: [(_, &[i64]); 4] = [
        (json!({"tags": {"regexp": "^new"}}), &[1, 2]),
        (json!({"tags": {"regexp": "/OLD/i"}}), &[1]),
        (json!({"meta.note": {"regexp": "^.{2}$"}}), &[3]),
        (json!({"nor": [{"tags": {"regexp": "w$"}}]}), &[2, 3]),
    ];
    for (json, expected) in cases {
        let shown = json.to_string();
        assert_eq!(
            ids_of(db, &PLACE, condition(&PLACE, json)).await,
            expected,
            "{shown}"
        );
    }
}

pub(super) async fn they_are_refused_without_the_ability(db: &dyn Connector) {
    if db.capabilities().regexp {
        return;
    }
    items(db, &[(Some("a"), None)]).await;
    let condition = Condition::compare(NAME, regexp("a"));
    let count = db.count(&ITEM, &condition).await;
    let error = count.expect_err("`regexp` is declared a gap, and works");
    assert_eq!(error.status(), 400, "{error}");
}
