//! Tables that are not what they should be.

use super::drop_table;
use super::models::TAG;
use crate::connectors::Operations;
use crate::connectors::sql::{SqlConnector, SqlOptions};
use crate::model::ModelDef;
use crate::query::Filter;

pub(super) async fn missing_tables_and_odd_contents(db: &SqlConnector) {
    use sea_orm::ConnectionTrait;

    drop_table(db, "lw_tag").await;
    let error = db.find(&TAG, &Filter::ALL).await.unwrap_err();
    assert_eq!(error.status(), 500);
    assert_eq!(error.message(), "the database failed on `Tag`");
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
    let message = "the database holds something in `Pin.colour` that isn't a UUID";
    assert_eq!(error.message(), message);
    drop_table(db, "lw_tag").await;
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
