//! The [suite](crate::testing), and what only this connector can do wrong: its file, its turns, its shapes.

use std::path::PathBuf;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};

use super::MemoryConnector;
use crate::connectors::{Connector, Operations};
use crate::model::{ModelDef, PropertyDef, Record, Value};
use crate::query::{Condition, Filter};
use crate::testing::conformance;
use crate::testing::models::{GROWN_SHOP, ITEM, N, NAME, SHOP, record, text};

/// A file in a folder of its own, with the connector that has it open.
struct Kept {
    folder: tempfile::TempDir,
}

impl Kept {
    fn new() -> Self {
        Kept {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data.json")
    }

    fn temporary(&self) -> PathBuf {
        self.folder.path().join("data.json.tmp")
    }

    async fn open(&self) -> crate::Result<MemoryConnector> {
        MemoryConnector::connect(&format!("memory://{}", self.path().display())).await
    }

    fn json(&self) -> Json {
        serde_json::from_slice(&std::fs::read(self.path()).unwrap()).unwrap()
    }

    fn write(&self, json: &Json) {
        std::fs::write(self.path(), json.to_string()).unwrap();
    }
}

async fn memory() -> MemoryConnector {
    MemoryConnector::connect("memory:").await.unwrap()
}

fn shop(name: &str) -> Record {
    record(&SHOP, &[("name", text(name))])
}

#[tokio::test]
async fn in_memory() {
    conformance(&memory().await).await;
}

#[tokio::test]
async fn in_a_file() {
    let kept = Kept::new();
    conformance(&kept.open().await.unwrap()).await;
    // And what is in the file now is what the connector saw.
    let db = kept.open().await.unwrap();
    db.autoupdate(&[&ITEM, &GROWN_SHOP]).await.unwrap_err();
    db.autoupdate(&[&ITEM, &SHOP]).await.unwrap();
    assert!(db.count(&ITEM, &Condition::ALL).await.unwrap() > 0);
}

#[tokio::test]
async fn every_type_survives_the_file() {
    use crate::testing::models::THING;

    let kept = Kept::new();
    let db = kept.open().await.unwrap();
    for least in [true, false] {
        let thing = crate::testing::thing(least);
        db.create(&THING, thing).await.unwrap();
    }
    let before = db.find(&THING, &Filter::ALL).await.unwrap();
    let db = kept.open().await.unwrap();
    db.autoupdate(&[&THING]).await.unwrap();
    assert_eq!(db.find(&THING, &Filter::ALL).await.unwrap(), before);
}

#[tokio::test]
async fn the_file_is_loopbacks() {
    let kept = Kept::new();
    kept.write(&json!({
        "ids": {"Shop": 4, "Other": 2},
        "models": {
            "Shop": {"3": "{\"name\":\"a\",\"city\":\"Bern\",\"id\":3}"},
            "Other": {"1": "{\"x\": [1]}"},
        },
    }));
    let db = kept.open().await.unwrap();
    let created = db.create(&SHOP, shop("b")).await.unwrap();
    assert_eq!(created.value(0), &Value::Integer(4));
    let file = json!({
        "ids": {"Other": 2, "Shop": 5},
        "models": {
            // Untouched: the program does not know it.
            "Other": {"1": "{\"x\": [1]}"},
            "Shop": {
                "3": "{\"id\":3,\"name\":\"a\",\"city\":\"Bern\"}",
                "4": "{\"id\":4,\"name\":\"b\"}",
            },
        },
    });
    assert_eq!(kept.json(), file);
    let content = std::fs::read_to_string(kept.path()).unwrap();
    assert!(content.starts_with("{\n  \"ids\""), "{content}");

    // The larger model finds what the smaller one did not know.
    let db = kept.open().await.unwrap();
    let found = db.find(&GROWN_SHOP, &Filter::ALL).await.unwrap();
    let city = GROWN_SHOP.property_index("city").unwrap();
    assert_eq!(found[0].value(city), &text("Bern"));
    assert_eq!(found[1].value(city), &text("Ber'l\\in"));
}

#[tokio::test]
async fn a_broken_file_is_named_with_the_place() {
    let kept = Kept::new();
    let cases = [
        ("{\n  \"ids\": {},\n  \"models\": {\"Shop\"\n", "line 4"),
        ("[{}, {}]", "no JSON object"),
        ("{\"ids\": {}, \"modles\": {}}", "modles"),
        (r#"{"models": {"Shop": {"1": 5}}}"#, "`models.Shop.1`"),
        (
            r#"{"models": {"Shop": {"1": "{\"id\""}}}"#,
            "`models.Shop.1`",
        ),
    ];
    for (content, place) in cases {
        std::fs::write(kept.path(), content).unwrap();
        let message = kept.open().await.unwrap_err().message().to_owned();
        assert!(message.contains("data.json"), "{message}");
        assert!(message.contains(place), "{message}");
        assert_eq!(std::fs::read_to_string(kept.path()).unwrap(), content);
    }
    kept.write(&json!({"models": {"Item": {"7": "{\"n\":\"many\"}"}}}));
    let db = kept.open().await.unwrap();
    let message = db.autoupdate(&[&ITEM]).await.unwrap_err();
    let message = message.message();
    assert!(message.contains("data.json"), "{message}");
    assert!(
        message.contains("`models.Item.7`: `n` is not a number"),
        "{message}"
    );
    let folder = format!("memory://{}/no/data.json", kept.folder.path().display());
    let error = MemoryConnector::connect(&folder).await.unwrap_err();
    assert_eq!(error.status(), 503);
    assert!(error.message().contains("folder"), "{error}");
}

async fn refuses_every_change(kept: &Kept, cause: &str) {
    let db = kept.open().await.unwrap();
    db.create(&SHOP, shop("a")).await.unwrap();
    let before = kept.json();
    let tx = db.begin(None).await.unwrap();
    tx.create(&SHOP, shop("b")).await.unwrap();
    let renamed = shop("c");
    let (one, models) = (Condition::ALL, [&SHOP]);
    let changes: [BoxFuture<'_, crate::Result<()>>; 5] = [
        tx.commit().boxed(),
        db.create(&SHOP, shop("b"))
            .map(|done| done.map(drop))
            .boxed(),
        db.update(&SHOP, &one, &renamed)
            .map(|done| done.map(drop))
            .boxed(),
        db.delete(&SHOP, &one).map(|done| done.map(drop)).boxed(),
        db.automigrate(&models).boxed(),
    ];
    for change in changes {
        // Each failure removes what it was writing to.
        unblock(kept);
        block(kept, cause);
        let error = change.await.unwrap_err();
        assert_eq!(error.status(), 503, "{error}");
        assert!(error.to_string().contains(cause), "{error}");
        assert!(std::error::Error::source(&error).is_some());
    }
    let found = db.find(&SHOP, &Filter::ALL).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].value(1), &text("a"));
    assert_eq!(kept.json(), before);
    unblock(kept);
    let created = db.create(&SHOP, shop("b")).await.unwrap();
    assert_eq!(created.value(0), &Value::Integer(2), "no id was used up");
    assert_ne!(kept.json(), before);
}

fn block(kept: &Kept, cause: &str) {
    if cause.contains("space") {
        #[cfg(target_os = "linux")]
        std::os::unix::fs::symlink("/dev/full", kept.temporary()).unwrap();
    } else {
        // Not even the superuser can write to it, unlike to a folder without permissions.
        std::fs::create_dir(kept.temporary()).unwrap();
    }
}

fn unblock(kept: &Kept) {
    let _ = std::fs::remove_dir(kept.temporary());
    let _ = std::fs::remove_file(kept.temporary());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_changes_nothing() {
    refuses_every_change(&Kept::new(), "No space left on device").await;
}

#[tokio::test]
async fn a_file_that_cannot_be_written_changes_nothing() {
    refuses_every_change(&Kept::new(), "directory").await;
}

#[tokio::test]
async fn a_caller_who_leaves_is_no_torn_change() {
    let kept = Kept::new();
    let db = kept.open().await.unwrap();
    for number in 0..20 {
        let create = db.create(&SHOP, shop("a"));
        let patience = std::time::Duration::from_micros(number * 200);
        let _ = tokio::time::timeout(patience, create).await;
    }
    db.create(&SHOP, shop("last")).await.unwrap();
    let seen = db.find(&SHOP, &Filter::ALL).await.unwrap();
    let again = kept.open().await.unwrap();
    assert_eq!(again.find(&SHOP, &Filter::ALL).await.unwrap(), seen);
}

#[tokio::test]
async fn writers_wait_for_a_transaction_and_not_forever() {
    let db = memory().await;
    let tx = db.begin(None).await.unwrap();
    tx.create(&SHOP, shop("a")).await.unwrap();
    let error = db.create(&SHOP, shop("b")).await.unwrap_err();
    assert_eq!(error.status(), 503);
    assert_eq!(error.code(), Some("DATA_SOURCE_UNAVAILABLE"));
    let (created, committed) = tokio::join!(db.create(&SHOP, shop("b")), tx.commit());
    committed.unwrap();
    assert_eq!(created.unwrap().value(0), &Value::Integer(2));
}

#[tokio::test]
async fn two_models_share_a_table() {
    static PRICED: ModelDef = ModelDef::new(
        "PricedItem",
        "PricedItems",
        "order",
        &[
            PropertyDef::of::<i64>("id", "id").id().generated(),
            PropertyDef::of::<Option<String>>("label", "label").column("select"),
            PropertyDef::of::<Option<i64>>("stock", "stock"),
        ],
    );
    let kept = Kept::new();
    let db = kept.open().await.unwrap();
    db.autoupdate(&[&PRICED, &ITEM]).await.unwrap();
    let item = record(&ITEM, &[("name", text("a")), ("n", Value::Integer(5))]);
    db.create(&ITEM, item).await.unwrap();
    let mut changes = Record::new(&PRICED);
    changes.set(1, text("b"));
    changes.set(2, Value::Integer(3));
    let all = Condition::ALL;
    assert_eq!(db.update(&PRICED, &all, &changes).await.unwrap(), 1);
    let see = async |db: &MemoryConnector| {
        let item = db.find(&ITEM, &Filter::ALL).await.unwrap().remove(0);
        let priced = db.find(&PRICED, &Filter::ALL).await.unwrap().remove(0);
        assert_eq!(item.value(NAME), &text("b"));
        assert_eq!(item.value(N), &Value::Integer(5));
        assert_eq!(priced.value(2), &Value::Integer(3));
    };
    see(&db).await;
    // Whatever the order of the models is next time.
    for models in [[&ITEM, &PRICED], [&PRICED, &ITEM]] {
        let db = kept.open().await.unwrap();
        db.autoupdate(&models).await.unwrap();
        see(&db).await;
    }
}

#[tokio::test]
async fn urls_that_name_nothing_are_refused() {
    for url in ["memory", "memory:shop.json", "memory:///tmp/a.json?x=1"] {
        let error = MemoryConnector::connect(url).await.unwrap_err();
        assert!(
            error.message().contains("memory://path/to/file.json"),
            "{error}"
        );
    }
}
