//! What a data source tells of its changes.

use std::time::Duration;

use futures_util::StreamExt;

use super::models::{EMAIL, ITEM, items, record, text};
use crate::connectors::{ChangeKind, Connector, StoredChange};
use crate::model::Value;
use crate::query::Condition;

/// How long a change may be on its way.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn what_changes_is_told(db: &dyn Connector) {
    items(db, &[(Some("before"), None)]).await;
    let changes = db.changes(&ITEM).await;
    if !db.capabilities().change_streams {
        let error = changes.map(drop);
        let error = error.expect_err("`change_streams` is declared a gap, and works");
        assert_eq!(error.status(), 500, "{error}");
        return;
    }
    let mut changes = changes.unwrap();
    let id = || Value::Integer(2);
    let created = record(&ITEM, &[("email", text("a"))]);
    db.create(&ITEM, created).await.unwrap();
    let told = next(&mut changes).await;
    assert_eq!((told.kind, &told.id), (ChangeKind::Create, &id()));
    assert_eq!(told.record.unwrap().value(EMAIL), &text("a"));

    let changed = record(&ITEM, &[("email", text("b"))]);
    let second = Condition::equal(0, id());
    db.update(&ITEM, &second, &changed).await.unwrap();
    let told = next(&mut changes).await;
    assert_eq!((told.kind, &told.id), (ChangeKind::Update, &id()));
    assert_eq!(told.record.unwrap().value(EMAIL), &text("b"));

    assert_eq!(db.delete(&ITEM, &Condition::ALL).await.unwrap(), 2);
    let mut gone = Vec::new();
    for _ in 0..2 {
        let told = next(&mut changes).await;
        assert_eq!((told.kind, told.record), (ChangeKind::Remove, None));
        gone.push(told.id.to_text());
    }
    gone.sort();
    assert_eq!(gone, ["1", "2"]);
}

async fn next(
    changes: &mut (impl StreamExt<Item = crate::Result<StoredChange>> + Unpin),
) -> StoredChange {
    let change = tokio::time::timeout(PATIENCE, changes.next()).await;
    change
        .expect("nothing is told")
        .expect("the stream ended")
        .unwrap()
}
