//! Tables that are not what they should be.

use super::drop_table;
use super::models::{TAG, record, text};
use crate::connectors::Operations;
use crate::connectors::sql::{SqlConnector, SqlOptions};
use crate::model::{ModelDef, Property as _};
use crate::query::Filter;

pub(super) async fn missing_tables_and_odd_contents(db: &SqlConnector) {
    use sea_orm::ConnectionTrait;

    drop_table(db, "lw_tag").await;
    let error = db.find(&TAG, &Filter::ALL).await.unwrap_err();
    assert_eq!(error.status(), 500);
    assert_eq!(error.code(), Some("SCHEMA_MISMATCH"), "{error:?}");
    let message = error.message();
    assert!(
        message.contains("`lw_tag`") && message.contains("`migrate apply`"),
        "{error}"
    );
    assert!(std::error::Error::source(&error).is_some());

    // Another program's table: narrower types, and a text where there should be a point.
    let sql = "CREATE TABLE lw_tag (word varchar(20) PRIMARY KEY, colour varchar(20))";
    db.sea_orm().execute_unprepared(sql).await.unwrap();
    let sql = "INSERT INTO lw_tag VALUES ('here', '{\"lat\": 91}')";
    db.sea_orm().execute_unprepared(sql).await.unwrap();
    static PIN: ModelDef = ModelDef::new(
        "Pin",
        "Pins",
        "lw_tag",
        &[
            crate::model::PropertyDef::of::<String>("word", "word").id(),
            crate::model::PropertyDef::of::<uuid::Uuid>("colour", "colour"),
        ],
    );
    let error = db.find(&PIN, &Filter::ALL).await.unwrap_err();
    assert_eq!(error.status(), 500);
    let message = "the database holds something in `lw_tag.colour` that isn't a UUID, which `Pin.colour` needs";
    assert!(error.message().starts_with(message), "{error}");

    drop_table(db, "lw_tag").await;
    let sql = "CREATE TABLE lw_tag (word varchar(20) PRIMARY KEY)";
    db.sea_orm().execute_unprepared(sql).await.unwrap();
    let here = record(
        &PIN,
        &[
            ("word", text("here")),
            ("colour", uuid::Uuid::nil().into_value()),
        ],
    );
    for error in [
        db.find(&PIN, &Filter::ALL).await.map(drop).unwrap_err(),
        db.create(&PIN, here).await.map(drop).unwrap_err(),
    ] {
        assert_eq!(error.code(), Some("SCHEMA_MISMATCH"), "{error:?}");
        let message = "the table `lw_tag` has no column `colour` that fits `Pin.colour`";
        assert!(error.message().starts_with(message), "{error}");
    }
    drop_table(db, "lw_tag").await;
}

/// As when `migrate apply` is run beside a program that serves.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) async fn a_column_changes_its_type_below_a_running_program(url: &str) {
    use sea_orm::ConnectionTrait;

    use crate::connectors::Operations;
    use crate::model::{PropertyDef, Value};

    static NUMBERED: ModelDef = ModelDef::new(
        "Numbered",
        "Numbered",
        "lw_numbered",
        &[
            PropertyDef::of::<i64>("id", "id").id(),
            PropertyDef::of::<i64>("number", "number"),
        ],
    );
    let db = SqlConnector::connect(url, SqlOptions::new()).await.unwrap();
    drop_table(&db, "lw_numbered").await;
    let sql = "CREATE TABLE lw_numbered (id bigint PRIMARY KEY, number int)";
    db.sea_orm().execute_unprepared(sql).await.unwrap();
    let sql = "INSERT INTO lw_numbered VALUES (1, 7)";
    db.sea_orm().execute_unprepared(sql).await.unwrap();
    let find = async || {
        // As many at once as make several connections.
        let finds = (0..8).map(async |_| db.find(&NUMBERED, &Filter::ALL).await);
        for found in futures_util::future::join_all(finds).await {
            assert_eq!(found.unwrap()[0].get(1), Some(&Value::Integer(7)));
        }
    };
    find().await;
    let change = match db.sea_orm().get_database_backend() {
        sea_orm::DbBackend::MySql => "ALTER TABLE lw_numbered MODIFY number bigint",
        _ => "ALTER TABLE lw_numbered ALTER number TYPE bigint",
    };
    db.sea_orm().execute_unprepared(change).await.unwrap();
    find().await;
    drop_table(&db, "lw_numbered").await;
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) async fn two_processes_may_update_the_tables_at_once(url: &str) {
    use super::models::{GROWN_SHOP, SHOP, THING};
    use crate::connectors::Connector;

    let first = SqlConnector::connect(url, SqlOptions::new()).await.unwrap();
    for table in ["lw_shop", "lw_thing"] {
        drop_table(&first, table).await;
    }
    let second = SqlConnector::connect(url, SqlOptions::new()).await.unwrap();
    let (all, old, new) = ([&THING, &GROWN_SHOP], [&SHOP, &THING], [&GROWN_SHOP]);
    let (one, two, three) = tokio::join!(
        first.autoupdate(&all),
        second.autoupdate(&old),
        first.autoupdate(&new),
    );
    one.unwrap();
    two.unwrap();
    three.unwrap();
}
