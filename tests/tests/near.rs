//! What is near is found by an index, where the database has one for it, and is the same on every database.

use std::sync::{Arc, Mutex};

use loopwright::Config;
use loopwright::connectors::sql::sea_orm::{ConnectionTrait as _, Statement};
use loopwright::connectors::sql::{Answer, SqlConnector, StatementObserver};
use loopwright::model::DistanceUnit;
use loopwright::prelude::*;
use loopwright_tests::{mysql_url, postgres_url, sqlite_url};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Somewhere that buses stop.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Stop {
    #[model(id, generated)]
    id: i64,
    #[model(index)]
    spot: Option<GeoPoint>,
}

/// Remembers the last statement.
#[derive(Clone, Default)]
struct Last(Arc<Mutex<Option<Statement>>>);

#[async_trait::async_trait]
impl StatementObserver for Last {
    async fn after_execute(&self, statement: &Statement, _: &Answer) {
        if let Ok(mut last) = self.0.lock() {
            *last = Some(statement.clone());
        }
    }
}

/// One stop on each of some thousands of crossings all over the world.
const STOPS: i64 = 20_000;

fn spot(number: i64) -> Result<GeoPoint> {
    let degrees = |number: i64| i32::try_from(number).map(f64::from).unwrap_or_default();
    let (lat, lng) = (number % 181 - 90, number * 127 % 361 - 180);
    GeoPoint::new(degrees(lat), degrees(lng)).map_err(Error::internal)
}

const SQLITE: [&str; 2] = [
    "INSERT INTO stop (spot) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
     SELECT json_object('lat', i % 181 - 90, 'lng', i * 127 % 361 - 180) FROM n",
    "ANALYZE",
];
const POSTGRES: [&str; 2] = [
    "INSERT INTO stop (spot) SELECT jsonb_build_object('lat', i % 181 - 90, 'lng', i * 127 % 361 - 180) \
     FROM generate_series(1, 20000) AS i",
    "ANALYZE stop",
];
const MARIADB: [&str; 2] = [
    "INSERT INTO stop (spot) SELECT JSON_OBJECT('lat', CAST(seq AS SIGNED) % 181 - 90, 'lng', CAST(seq AS SIGNED) * 127 % 361 - 180) FROM seq_1_to_20000",
    "ANALYZE TABLE stop",
];

/// The plan of the statement that finds what is near.
async fn plan_on(
    url: &str,
    [fill, settle]: [&str; 2],
    explain: &str,
) -> std::result::Result<String, Box<dyn std::error::Error>> {
    let app = App::new().config(Config::default());
    let app = app
        .data_source("db", url)
        .models::<(Stop,)>()
        .build()
        .await?;
    let sql = app.connector::<SqlConnector>("db")?;
    for statement in [fill, settle] {
        sql.sea_orm().execute_unprepared(statement).await?;
    }
    let last = Last::default();
    sql.observe(last.clone());
    let stops = app.repository::<Stop>()?;
    for (lat, lng, within) in [(46.9, 7.4, 300.0), (-89.5, 0.0, 400.0), (0.5, 179.5, 250.0)] {
        let near = Stop::SPOT.near(GeoPoint::new(lat, lng)?);
        let near = near.within(within).unit(DistanceUnit::Kilometers);
        let found = stops.find().near(near).all().await?;
        let mut expected = Vec::new();
        for id in 1..=STOPS {
            let distance = near.point.distance_to(spot(id)?, near.unit);
            if distance <= within {
                expected.push((distance, id));
            }
        }
        expected.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let expected: Vec<i64> = expected.into_iter().map(|(_, id)| id).collect();
        let found: Vec<i64> = found.into_iter().map(|stop| stop.id).collect();
        assert!(!expected.is_empty(), "nothing is near to {lat},{lng}");
        assert_eq!(found, expected, "near to {lat},{lng}");
    }
    // The nearest of all, without a bound: an index finds them too.
    let here = Stop::SPOT.near(GeoPoint::new(46.9, 7.4)?);
    let nearest = stops.find().near(here).limit(3).all().await?;
    let measured = (1..=STOPS).map(|id| Ok((here.point.distance_to(spot(id)?, here.unit), id)));
    let mut expected = measured.collect::<Result<Vec<_>>>()?;
    expected.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let expected = expected.into_iter().take(3).map(|(_, id)| id);
    assert!(expected.eq(nearest.into_iter().map(|stop| stop.id)));
    let asked = last.0.lock().ok().and_then(|mut last| last.take());
    let mut asked = asked.ok_or("nothing was asked")?;
    asked.sql = format!("{explain} {}", asked.sql);
    let mut plan = String::new();
    for row in sql.sea_orm().query_all_raw(asked).await? {
        let detail = row.try_get_by::<String, _>("detail");
        plan.push_str(&detail.or_else(|_| row.try_get_by_index(0))?);
        plan.push('\n');
    }
    Ok(plan)
}

#[tokio::test]
async fn sqlite_finds_it_by_an_index() -> TestResult {
    let plan = plan_on(&sqlite_url(), SQLITE, "EXPLAIN QUERY PLAN").await?;
    assert!(plan.contains("USING INDEX stop_spot_index"), "{plan}");
    assert!(!plan.contains("SCAN"), "{plan}");
    Ok(())
}

#[tokio::test]
async fn postgres_finds_it_by_an_index() -> TestResult {
    let Some(url) = postgres_url() else {
        return Ok(());
    };
    let plan = plan_on(&url, POSTGRES, "EXPLAIN").await?;
    assert!(plan.contains("stop_spot_index"), "{plan}");
    assert!(!plan.contains("Seq Scan"), "{plan}");
    Ok(())
}

/// MariaDB has no index over expressions: it reads every row, and answers those in the box.
#[tokio::test]
async fn mariadb_leaves_out_what_is_far() -> TestResult {
    let Some(url) = mysql_url() else {
        return Ok(());
    };
    let plan = plan_on(&url, MARIADB, "EXPLAIN FORMAT=JSON").await?;
    assert!(plan.contains("attached_condition"), "{plan}");
    Ok(())
}

/// The index is known again, and made anew when it is gone.
#[tokio::test]
async fn the_index_follows_the_model() -> TestResult {
    use loopwright::connectors::{Connector as _, PlanOptions};

    let sqlite = sqlite_url();
    for url in [Some(sqlite.to_string()), postgres_url()]
        .into_iter()
        .flatten()
    {
        let app = App::new().config(Config::default());
        let app = app
            .data_source("db", &*url)
            .models::<(Stop,)>()
            .build()
            .await?;
        let sql = app.connector::<SqlConnector>("db")?;
        assert!(sql.is_actual(&[Stop::DEF]).await?, "{url}");
        let tables = sql.tables(None).await?;
        let index = &tables[0].indexes[0];
        assert!(index.coordinates && index.columns == ["spot"], "{index:?}");
        sql.execute("DROP INDEX stop_spot_index", []).await?;
        assert!(!sql.is_actual(&[Stop::DEF]).await?, "{url}");
        let plan = sql.plan(&[Stop::DEF], &PlanOptions::default()).await?;
        sql.apply(&plan).await?;
        assert!(sql.is_actual(&[Stop::DEF]).await?, "{url}");
    }
    Ok(())
}
