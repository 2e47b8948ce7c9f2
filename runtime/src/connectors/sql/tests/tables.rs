//! Tables that grow, and tables that are not what they should be.

use super::drop_table;
use super::models::{GROWN_SHOP, SHOP, TAG, decimal, fresh, record, text};
use crate::connectors::sql::SqlConnector;
use crate::connectors::{Connector, Operations};
use crate::model::{ModelDef, Value};
use crate::query::{Condition, Filter};

pub(super) async fn tables_grow_with_the_model(db: &SqlConnector) {
    fresh(db, &[&SHOP]).await;
    db.autoupdate(&[&SHOP, &SHOP]).await.unwrap();
    for name in ["a", "b"] {
        let shop = record(&SHOP, &[("name", text(name))]);
        db.create(&SHOP, shop).await.unwrap();
    }
    db.autoupdate(&[&GROWN_SHOP]).await.unwrap();
    db.autoupdate(&[&GROWN_SHOP]).await.unwrap();
    let filter = Filter {
        limit: Some(1),
        ..Filter::ALL
    };
    let found = db.find(&GROWN_SHOP, &filter).await.unwrap();
    let value = |name: &str| found[0].get(GROWN_SHOP.property_index(name).unwrap());
    assert_eq!(value("city"), Some(&text("Ber'l\\in")));
    assert_eq!(value("story"), Some(&text("once")));
    assert_eq!(value("open"), Some(&Value::Boolean(true)));
    assert_eq!(value("fee"), Some(&decimal("1.5")));
    let since = Value::DateTime("2020-02-29T12:00:00.5Z".parse().unwrap());
    assert_eq!(value("since"), Some(&since));
    let by_since = Condition::equal(GROWN_SHOP.property_index("since").unwrap(), since);
    assert_eq!(db.count(&GROWN_SHOP, &by_since).await.unwrap(), 2);
    assert_eq!(value("rank"), Some(&Value::Null), "rows had none");
    // The new index is unique.
    let twice = record(&GROWN_SHOP, &[("name", text("a"))]);
    let error = db.create(&GROWN_SHOP, twice).await.unwrap_err();
    assert_eq!(error.message(), "Duplicate entry for Shop.name");
    // Nothing is lost when the smaller model comes back.
    db.autoupdate(&[&SHOP]).await.unwrap();
    assert_eq!(db.count(&GROWN_SHOP, &by_since).await.unwrap(), 2);

    fresh(db, &[&SHOP]).await;
    for _ in 0..2 {
        let shop = record(&SHOP, &[("name", text("twin"))]);
        db.create(&SHOP, shop).await.unwrap();
    }
    let error = db.autoupdate(&[&GROWN_SHOP]).await.unwrap_err();
    assert_eq!(error.status(), 500);
    assert!(error.message().contains("remove the duplicates"), "{error}");
}

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
    let first = SqlConnector::connect(url, None).await.unwrap();
    for table in ["lw_shop", "lw_thing"] {
        drop_table(&first, table).await;
    }
    let second = SqlConnector::connect(url, None).await.unwrap();
    let (all, old, new) = (
        [&super::models::THING, &GROWN_SHOP],
        [&SHOP, &super::models::THING],
        [&GROWN_SHOP],
    );
    let (one, two, three) = tokio::join!(
        first.autoupdate(&all),
        second.autoupdate(&old),
        first.autoupdate(&new),
    );
    one.unwrap();
    two.unwrap();
    three.unwrap();
}
