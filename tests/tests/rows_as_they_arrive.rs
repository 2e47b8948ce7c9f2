//! What a database can't decide is decided as its rows arrive: they are never all in memory, and reading ends as soon as
//! a page is full. One test alone: memory is that of the whole program.

use std::fs;

use loopwright::Config;
use loopwright::connectors::sql::SqlConnector;
use loopwright::prelude::*;
use loopwright::query::Regexp;
use loopwright_tests::{mysql_url, sqlite_url};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// A row of a view that makes up rows as they are asked for, so that they need no disk.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Line {
    #[model(id)]
    id: i64,
    text: String,
    spot: Option<GeoPoint>,
}

/// Many long texts: 200 MB. The last row holds no point, and can't be read.
const SQLITE: [&str; 2] = [
    "INSERT INTO number WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
     SELECT i FROM n",
    "CREATE VIEW line AS SELECT id, id || replace(hex(zeroblob(1000)), '0', 'x') AS text, \
     CASE WHEN id < 100000 THEN json_object('lat', id / 2000, 'lng', 0) ELSE '[]' END AS spot FROM number",
];
const MARIADB: [&str; 2] = [
    "INSERT INTO number SELECT seq FROM seq_1_to_100000",
    "CREATE VIEW line AS SELECT id, CONCAT(id, REPEAT('x', 2000)) AS text, \
     CASE WHEN id < 100000 THEN JSON_OBJECT('lat', FLOOR(id / 2000), 'lng', 0) ELSE '[]' END AS spot FROM number",
];

/// The most memory that the program has had so far, in MB.
fn peak() -> std::result::Result<u64, Box<dyn std::error::Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number.ok_or("the system does not tell")?.parse::<u64>()? / 1024)
}

async fn rows_are_not_kept(url: &str, statements: [&str; 2]) -> TestResult {
    let app = App::new().config(Config::default());
    let app = app.data_source("db", url).build().await?;
    let sql = app.connector::<SqlConnector>("db")?;
    sql.execute("CREATE TABLE number (id INTEGER PRIMARY KEY)", [])
        .await?;
    for statement in statements {
        sql.execute(statement, []).await?;
    }

    let app = App::new().config(Config::default());
    let app = app
        .data_source("db", url)
        .models::<(Line,)>()
        .build()
        .await?;
    let lines = app.repository::<Line>()?;
    let before = peak()?;
    let fits = |expression| Ok::<_, Error>(Line::TEXT.regexp(Regexp::new(expression)?));
    let first = lines.find().filter(fits("^(1|2|100000)x")?).limit(2);
    let ids: Vec<i64> = first.all().await?.into_iter().map(|line| line.id).collect();
    assert_eq!(ids, [1, 2]);
    // Who reads on finds what can't be read.
    let all = lines.find().filter(fits("^(1|2|100000)x")?).all().await;
    assert_eq!(all.err().ok_or("the last row was read")?.status(), 500);
    assert_eq!(lines.count(fits("^(7|99999)x")?).await?, 2);
    let centre = Line::SPOT.near(GeoPoint::new(0.0, 0.0)?);
    let nearest = lines
        .find()
        .filter(Line::ID.lt(100_000))
        .near(centre)
        .limit(5);
    let ids: Vec<i64> = nearest
        .all()
        .await?
        .into_iter()
        .map(|line| line.id)
        .collect();
    assert_eq!(ids, [1, 2, 3, 4, 5]);
    let grown = peak()? - before;
    assert!(grown < 60, "{grown} MB for rows of 200 MB");
    Ok(())
}

#[tokio::test]
async fn rows_are_decided_as_they_arrive() -> TestResult {
    rows_are_not_kept(&sqlite_url(), SQLITE).await?;
    match mysql_url() {
        Some(url) => rows_are_not_kept(&url, MARIADB).await,
        None => Ok(()),
    }
}
