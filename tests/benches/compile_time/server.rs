//! How large the servers are that the benchmark of requests compares, each a program of its own.

use std::fmt::Write as _;
use std::path::Path;

use crate::Result;
use crate::package::Package;

struct Server {
    title: &'static str,
    name: &'static str,
    /// The files of that benchmark that it is made of.
    files: &'static [&'static str],
    router: &'static str,
    dependencies: &'static [&'static str],
}

const SERVERS: [Server; 5] = [
    Server {
        title: "axum and tokio-postgres, pipelined",
        name: "server_pipelined",
        files: &["pipelined", "product"],
        router: "pipelined::router(&url).await?",
        dependencies: &[BY_HAND, DERIVED, TOKIO_POSTGRES],
    },
    Server {
        title: "axum and sqlx",
        name: "server_with_sqlx",
        files: &["product", "with_sqlx"],
        router: "with_sqlx::postgres::router(&url).await?",
        dependencies: &[BY_HAND, SQLX],
    },
    Server {
        title: "axum and SeaORM",
        name: "server_with_sea_orm",
        files: &["product", "with_sea_orm"],
        router: "with_sea_orm::router(&url).await?",
        dependencies: &[BY_HAND, DERIVED, SEA_ORM],
    },
    Server {
        title: "loopwright",
        name: "server_of_loopwright",
        files: &["model", "request"],
        router: "model::application(&url).await?.router()",
        dependencies: &[APPLICATION, LOOPWRIGHT],
    },
    Server {
        title: "loopwright with the explorer",
        name: "server_with_explorer",
        files: &["model", "request"],
        router: "model::application(&url).await?.router()",
        dependencies: &[APPLICATION, WITH_EXPLORER],
    },
];

pub fn print(root: &Path) -> Result<()> {
    println!("\n| server on PostgreSQL | release binary |\n|---|---|");
    for server in &SERVERS {
        let package = Package::new(root, server.name.to_owned(), &server.dependencies.concat())?;
        package.write(&server.source(root))?;
        let size = package.size()? as f64 / 1e6;
        println!("| {} | {size:.2} MB |", server.title);
    }
    Ok(())
}

impl Server {
    /// Those files, and a `main` that serves one database.
    fn source(&self, root: &Path) -> String {
        let mut source = MAIN.replace("ROUTER", self.router);
        for file in self.files {
            let path = root.join("tests/benches/requests").join(file);
            let path = path.with_extension("rs");
            let _ = write!(source, "\n#[path = {path:?}]\nmod {file};\n");
        }
        source
    }
}

/// What all that are written by hand need.
const BY_HAND: &str = r#"
axum = { version = "0.8", default-features = false, features = ["http1", "json", "query", "tokio"] }
chrono = { version = "0.4", features = ["serde"] }
serde = { version = "1", features = ["derive"] }
"#;
/// The bodies that they share derive what only one of them uses.
const DERIVED: &str = r#"
sqlx = { version = "0.9", default-features = false, features = ["derive"] }
"#;
const TOKIO_POSTGRES: &str = r#"
tokio-postgres = { version = "0.7", default-features = false, features = ["runtime", "with-chrono-0_4"] }
"#;
/// Both databases are in its source, and one of them in the program.
const SQLX: &str = r#"
sqlx = { version = "0.9", default-features = false, features = ["chrono", "derive", "postgres", "runtime-tokio", "sqlite"] }
"#;
const SEA_ORM: &str = r#"
sea-orm = { version = "2", default-features = false, features = ["macros", "runtime-tokio", "sqlx-postgres", "with-chrono"] }
"#;
/// What the application of that benchmark needs.
const APPLICATION: &str = r#"
axum = { version = "0.8", default-features = false, features = ["http1", "tokio"] }
chrono = "0.4"
form_urlencoded = "1"
serde_json = "1"
"#;
const LOOPWRIGHT: &str = r#"
loopwright = { path = "RUNTIME", default-features = false, features = ["postgres"] }
"#;
const WITH_EXPLORER: &str = r#"
loopwright = { path = "RUNTIME", default-features = false, features = ["explorer", "postgres"] }
"#;

const MAIN: &str = r#"#![allow(dead_code)]

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const POOL: u32 = 10;

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).ok_or("the URL of a database is missing")?;
    let router = ROUTER;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}
"#;
