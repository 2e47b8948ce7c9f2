//! Rust structs for what is there already: the tables of a live database, JSON samples, or the models of a LoopBack
//! application.
//!
//! An application's own command line prints them: `my-app discover postgres://…`. One without models will do:
//!
//! ```no_run
//! use loopwright::prelude::*;
//!
//! #[loopwright::main]
//! async fn main() -> Result<()> {
//!     App::new().run().await
//! }
//! ```
//!
//! What is printed compiles unchanged, and serves the very database that it was read from. It is a beginning to be
//! edited: names, documentation and access rules are the program's own from there on. What a model can't say, such as a
//! primary key of two columns, is left out, and named where it would be.
//!
//! LoopBack's discovery (contract *connectors.md* §1.4, §1.5) loses a relation when two keys lead to one table, takes
//! timestamps and decimals for text, and inner capitals for small letters; this one does none of it.
//!
//! | module | what it does |
//! |---|---|
//! | `name` | from names of tables, columns and members to names in Rust |
//! | `outline` | what will be written, as plain data |
//! | `table`, `column`, `relation` | from a catalogue's tables to the outline |
//! | `sample` | from JSON samples to the outline |
//! | `definition`, `scope` | from descriptions of LoopBack's JSON definitions to the outline |
//! | `render` | from the outline to text |

mod column;
mod definition;
mod name;
mod outline;
mod relation;
mod render;
mod sample;
mod scope;
mod table;
#[cfg(test)]
mod tests;

use serde_json::Value as Json;

use crate::definitions::Definitions;
use crate::{Error, Result};

/// Whom the printed models let in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Access {
    /// Callers who are logged in may read
    #[default]
    Authenticated,
    /// Everyone may read
    Read,
    /// Everyone may do everything
    Open,
}

/// What to discover in a database, and how to print it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The tables to print; all of them unless named.
    pub tables: Vec<String>,
    /// Are views printed too? They are read-only, and need a column that identifies a row.
    pub views: bool,
    /// The schema to look into, where the database has several.
    pub schema: Option<String>,
    /// What the names of tables begin with, and those of structs don't.
    pub prefix: Option<String>,
    /// The access rule of each model.
    pub access: Access,
}

/// How many documents of a collection are looked at.
#[cfg(feature = "mongodb")]
const SAMPLE: u32 = 100;

/// The structs for the tables of the database at `url`, as the text of a Rust module. Nothing is changed there.
///
/// MongoDB has no tables; of each collection 100 documents are taken for samples of all. Views are left out.
///
/// # Errors
/// The database can't be reached, has no tables, or none with a name in [`Options::tables`]. No error holds the URL.
pub async fn database(url: &str, options: &Options) -> Result<String> {
    let scheme = url.split(':').next().unwrap_or_default();
    match scheme {
        "sqlite" | "postgres" | "postgresql" | "mysql" | "mariadb" => {
            use crate::connectors::sql::{SqlConnector, SqlOptions};

            let connector =
                SqlConnector::connect(&read_only(url), SqlOptions::new().max_connections(1))
                    .await?;
            let tables = connector.tables(options.schema.as_deref()).await?;
            let outline = table::outline(tables, column::Dialect::of(scheme), options)?;
            render::render(&outline)
        }
        #[cfg(feature = "mongodb")]
        "mongodb" | "mongodb+srv" => {
            use crate::connectors::mongodb::{MongoConnector, MongoOptions};

            let connector =
                MongoConnector::connect(url, MongoOptions::new().max_connections(1)).await?;
            let samples = connector.samples(SAMPLE).await?;
            render::render(&sample::collections(samples, options)?)
        }
        _ => Err(Error::internal(
            "what is there to discover? begin the URL with `sqlite:`, `postgres:`, `mysql:` or `mongodb:` (cargo features \
             `sqlite`, `postgres`, `mysql`, `mongodb`), or give JSON samples with `--json`",
        )),
    }
}

/// The structs that JSON samples of one model would fit, as the text of a Rust module (contract *connectors.md* §1.5).
///
/// A member that some samples lack, or have as null, may be absent. Text that reads as a date-time, a date or a UUID in
/// every sample is one; `{"lat": …, "lng": …}` is a point.
///
/// ```
/// use loopwright::discovery::{Access, samples};
/// use serde_json::json;
///
/// let shops = [
///     json!({"id": 1, "name": "Bel Cafe", "address": {"city": "Vancouver"}}),
///     json!({"id": 2, "name": "Three Bees", "opened": "2015-01-01T00:00:00Z", "address": {"city": "San Mateo"}}),
/// ];
/// let text = samples("Shop", &shops, Access::Read).unwrap();
/// assert!(text.contains("pub opened: Option<DateTime<Utc>>"));
/// assert!(text.contains("pub address: Address"));
/// ```
///
/// # Errors
/// There is no sample, or one that isn't an object.
pub fn samples(name: &str, samples: &[Json], access: Access) -> Result<String> {
    render::render(&sample::outline(name, samples, access)?)
}

/// The structs that are equivalent to the models of a LoopBack application, as the text of a Rust module.
///
/// The text is made of the descriptions that [`App::definitions`](crate::App::definitions) would serve, so that both
/// serve the same. What has no equivalent is named in its documentation, with file and line: methods and hooks in
/// JavaScript, and what is not there yet. Of `datasources.json` only the names of connectors are read.
///
/// ```no_run
/// use loopwright::definitions::Definitions;
///
/// let text = loopwright::discovery::definitions(&Definitions::folder("../coffee-shop").open_by_default())?;
/// # Ok::<_, loopwright::Error>(())
/// ```
///
/// # Errors
/// Everything in the definitions that is wrong, a line for each.
pub fn definitions(definitions: &Definitions) -> Result<String> {
    let imported = crate::definitions::import(definitions)?;
    render::render(&definition::outline(&imported))
}

/// The URL for a look: a SQLite file that isn't there must not be made.
fn read_only(url: &str) -> String {
    if !url.starts_with("sqlite:") || url.contains("mode=") {
        return url.to_owned();
    }
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}mode=ro")
}
