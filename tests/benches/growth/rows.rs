//! From one row of a table to a million.

use loopwright::App;
use loopwright::prelude::*;
use loopwright_tests::{private_server, sqlite_url};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend};
use serde_json::{Value as Json, json};

use crate::curve::{Axis, Curve};
use crate::pace::Pace;
use crate::server::{Request, Server};
use crate::{Result, cost};

const SIZES: [usize; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/// A page, and how many rows are on a shelf.
const PAGE: usize = 20;

/// As many are made at each size: not so many that they change it.
const NEW: usize = 400;

/// The ids of those are beyond all others, and so is their shelf.
const BEYOND: usize = 10_000_000;

#[derive(Model)]
#[acl(open)]
struct Item {
    #[model(id)]
    id: i64,
    name: String,
    /// Another order than that of the ids.
    #[model(index)]
    place: i64,
    #[model(index)]
    shelf: i64,
    /// What no index knows.
    weight: i64,
}

pub async fn serve(url: &str) -> Result<()> {
    let app = App::new().config(crate::server::config(url, None));
    Ok(app.models::<(Item,)>().run().await?)
}

pub async fn curves(pace: &Pace) -> Result<Vec<Curve>> {
    let curve = |name, title| {
        Curve::new(
            name,
            title,
            Axis::decades("rows of the table"),
            Axis::decades("CPU time per request, µs"),
        )
    };
    let mut sqlite = curve("rows-sqlite", "Rows on SQLite: the server, SQLite within");
    let mut server = curve("rows-postgres", "Rows on PostgreSQL: the server");
    let mut database = curve("rows-postgres-own", "Rows on PostgreSQL: its own processes");
    measure(pace, &sqlite_url(), &mut sqlite, None).await?;
    // Nothing but the requests costs anything.
    let quiet = ["-c", "autovacuum=off"];
    if let Some(postgres) = private_server("postgres", &quiet) {
        measure(pace, &postgres.url, &mut server, Some(&mut database)).await?;
    }
    let curves = [sqlite, server, database];
    let measured = curves.into_iter().filter(|curve| !curve.lines().is_empty());
    Ok(measured.collect())
}

/// One kind of request: the one of this number, in a table of so many rows.
type Kind = (&'static str, fn(usize, usize) -> Request);

const KINDS: [Kind; 7] = [
    ("get by id", |n, rows| {
        Request::get(format!("Items/{}", scattered(n, rows) + 1))
    }),
    ("first 20, by an index", |_, _| {
        Request::find("Items", &json!({"order": "place", "limit": PAGE}))
    }),
    ("20 of an indexed condition", |n, rows| {
        let shelf = scattered(n, rows) / PAGE;
        let filter = json!({"where": {"shelf": shelf}, "limit": PAGE});
        Request::find("Items", &filter)
    }),
    ("count of an indexed condition", |n, rows| {
        count(&json!({"shelf": scattered(n, rows) / PAGE}))
    }),
    ("patch", |n, rows| {
        let path = format!("Items/{}", scattered(n, rows) + 1);
        Request::patch(path, json!({"weight": n}))
    }),
    ("20 beyond half of them (skip): linear", |_, rows| {
        let filter = json!({"order": "place", "limit": PAGE, "skip": rows / 2});
        Request::find("Items", &filter)
    }),
    ("count without an index: linear", |_, _| {
        count(&json!({"weight": {"lt": 0}}))
    }),
];

fn count(condition: &Json) -> Request {
    Request::get(format!("Items/count?where={condition}"))
}

/// Not in the order in which the rows lie.
fn scattered(number: usize, rows: usize) -> usize {
    number * 7_919 % rows
}

fn new(number: usize) -> Json {
    let id = BEYOND + number;
    json!({"id": id, "name": "Something new", "place": id, "shelf": id, "weight": 1})
}

async fn measure(
    pace: &Pace,
    url: &str,
    server: &mut Curve,
    mut database: Option<&mut Curve>,
) -> Result<()> {
    let serving = Server::start(&format!("rows {url}"))?;
    let connection = Database::connect(url).await?;
    let serving = serving.with_postmaster(postmaster(&connection).await?);
    for rows in pace.sizes(&SIZES, 1_000) {
        fill(&connection, rows).await?;
        let mut add = |name: &str, cost: crate::server::Cost| {
            server.add(name, rows, cost.server);
            if let Some(database) = &mut database {
                database.add(name, rows, cost.database);
            }
        };
        for (name, request) in KINDS {
            let cost = serving.cost(pace, usize::MAX, |n| request(n, rows));
            add(name, cost.await?);
        }
        let create = |n| Request::post("Items", new(n));
        add("create", serving.cost(pace, NEW, create).await?);
    }
    Ok(connection.close().await?)
}

/// So many rows, and no others.
async fn fill(connection: &DatabaseConnection, rows: usize) -> Result<()> {
    let numbers = match connection.get_database_backend() {
        DbBackend::Sqlite => format!(
            "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {rows}) SELECT n FROM number"
        ),
        _ => format!("SELECT n FROM generate_series(1, {rows}) AS number (n)"),
    };
    let fill = format!(
        "INSERT INTO item (id, name, place, shelf, weight) \
         SELECT n, 'Something of use', n * CAST(7919 AS BIGINT) % 1000003, (n - 1) / {PAGE}, n % 7 FROM ({numbers}) AS numbers \
         WHERE n > (SELECT COUNT(*) FROM item)"
    );
    connection
        .execute_unprepared(&format!("DELETE FROM item WHERE id >= {BEYOND}"))
        .await?;
    connection.execute_unprepared(&fill).await?;
    for statement in ["VACUUM", "ANALYZE"] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Of PostgreSQL, the process that has started those of the connections.
pub async fn postmaster(connection: &DatabaseConnection) -> Result<Option<u32>> {
    if connection.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let statement = sea_orm::Statement::from_string(DbBackend::Postgres, "SELECT pg_backend_pid()");
    let row = connection.query_one_raw(statement).await?;
    let own: i32 = row.ok_or("no answer")?.try_get_by_index(0)?;
    Ok(Some(cost::parent(own.cast_unsigned())?))
}
