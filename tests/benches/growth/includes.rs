//! Included rows: from one level to eight, and from one parent to a thousand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loopwright::App;
use loopwright::connectors::sql::sea_orm::Statement;
use loopwright::connectors::sql::{Answer, SqlConnector, StatementObserver};
use loopwright::prelude::*;
use loopwright_tests::serve::serve as serve_here;
use loopwright_tests::{private_server, sqlite_url};
use serde_json::{Value as Json, json};

use crate::Result as AnyResult;
use crate::curve::{Axis, Curve};
use crate::pace::Pace;
use crate::server::{Request, Server, config};

const DEPTHS: [usize; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
const PARENTS: [usize; 7] = [1, 10, 50, 100, 250, 500, 1_000];

/// How many rows each level of the deep ones has.
const CHAINS: i64 = 20;
/// How many children each of the many parents has.
const CHILDREN: i64 = 10;
/// The level of these parents: deeper than any chain.
const WIDE: i64 = 100;

#[derive(Model, Default)]
#[acl(open)]
struct Node {
    #[model(id)]
    id: i64,
    name: String,
    #[model(index)]
    level: i64,
    #[model(index)]
    parent_id: Option<i64>,
    #[relation(has_many, key = parent_id)]
    children: HasMany<Node>,
}

pub async fn serve(url: &str) -> AnyResult<()> {
    Ok(app(url).run().await?)
}

fn app(url: &str) -> App {
    App::new()
        .config(config(url, None))
        .models::<(Node,)>()
        .boot(fill)
}

/// Chains of eight levels and their first, and a thousand parents with their children.
async fn fill(app: Application) -> Result<()> {
    let mut nodes = Vec::new();
    let mut add = |level, parent_id| {
        let id = nodes.len() as i64 + 1;
        nodes.push(Node {
            id,
            name: format!("One of many, number {id}"),
            level,
            parent_id,
            ..Node::default()
        });
        id
    };
    for _ in 0..CHAINS {
        let mut parent = None;
        for level in 0..=DEPTHS.len() as i64 {
            parent = Some(add(level, parent));
        }
    }
    for _ in 0..1_000 {
        let parent = add(WIDE, None);
        for _ in 0..CHILDREN {
            add(WIDE + 1, Some(parent));
        }
    }
    app.repository::<Node>()?.create_all(nodes).await?;
    // As it is where rows have been there for longer.
    let sql = app.connector::<SqlConnector>("db")?;
    sql.execute("ANALYZE", []).await?;
    Ok(())
}

fn deep(depth: usize) -> Json {
    let include = (1..depth).fold(json!("children"), |inner, _| json!({"children": inner}));
    json!({"where": {"level": 0}, "include": include})
}

fn wide(parents: usize) -> Json {
    json!({"where": {"level": WIDE}, "limit": parents, "include": "children"})
}

pub async fn curves(pace: &Pace) -> AnyResult<Vec<Curve>> {
    let cost = || Axis::linear("CPU time per request, µs");
    let levels = Axis::linear("levels of includes, 20 rows each");
    let mut depth = Curve::new("includes-depth", "Includes: depth", levels, cost());
    let parents = Axis::linear("parents, 10 included children each");
    let mut breadth = Curve::new("includes-breadth", "Includes: breadth", parents, cost());
    let sqlite = sqlite_url();
    let postgres = private_server("postgres", &["-c", "autovacuum=off"]);
    let postgres = postgres.as_ref();
    let databases = [
        Some(("SQLite", &*sqlite)),
        postgres.map(|server| ("PostgreSQL", server.url.as_str())),
    ];
    for (name, url) in databases.into_iter().flatten() {
        let server = Server::start(&format!("includes {url}"))?;
        for levels in DEPTHS {
            let request = |_| Request::find("Nodes", &deep(levels));
            let cost = server.cost(pace, usize::MAX, request).await?;
            depth.add(name, levels, cost.server);
        }
        for parents in pace.sizes(&PARENTS, 100) {
            let request = |_| Request::find("Nodes", &wide(parents));
            let cost = server.cost(pace, usize::MAX, request).await?;
            breadth.add(name, parents, cost.server);
        }
    }
    statements(pace).await?;
    Ok(vec![depth, breadth])
}

/// Counts the statements that the database has answered.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

#[async_trait::async_trait]
impl StatementObserver for Statements {
    async fn after_execute(&self, _: &Statement, _: &Answer) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Fails unless a level costs one statement, however many rows it has.
async fn statements(pace: &Pace) -> AnyResult<()> {
    let sqlite = sqlite_url();
    let served = serve_here(app(&sqlite)).await;
    let served = served.map_err(|error| error.to_string())?;
    let statements = Statements::default();
    let sql = served.application.connector::<SqlConnector>("db")?;
    sql.observe(statements.clone());
    let deep = DEPTHS.iter().map(|levels| (deep(*levels), levels + 1));
    let wide = pace.sizes(&PARENTS, 100).map(|parents| (wide(parents), 2));
    for (filter, expected) in deep.chain(wide) {
        statements.0.store(0, Ordering::Relaxed);
        let url = format!("{}/api/Nodes?filter={filter}", served.url);
        served.client.get(url).send().await?.error_for_status()?;
        let said = statements.0.load(Ordering::Relaxed);
        if said != expected {
            return Err(format!("{filter} costs {said} statements, not {expected}").into());
        }
    }
    Ok(())
}
