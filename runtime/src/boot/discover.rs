//! `discover`: Rust structs for data that is there already.

use std::io::Read;

use clap::Args;

use super::app::{App, DEFAULT_DATA_SOURCE};
use crate::discovery::{self, Access, Options};
use crate::{Error, Result};

// Doc comments here are the words of `--help`.
#[derive(Args)]
pub(super) struct Discover {
    /// The database, as a data source's URL; the application's own `db` unless given
    #[arg(conflicts_with = "json")]
    url: Option<String>,
    /// Print this table only; may be repeated
    #[arg(long = "table", value_name = "NAME")]
    tables: Vec<String>,
    /// Print views too, as models that are only read
    #[arg(long)]
    views: bool,
    /// Look into this schema
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
    /// Leave this beginning of the tables' names out of the structs'
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Whom the models let in
    #[arg(long, value_enum, default_value_t)]
    acl: Access,
    /// Infer one model from the JSON samples in this file instead (`-`: from standard input)
    #[arg(long, value_name = "FILE", requires = "name")]
    json: Option<String>,
    /// The name of the model that JSON samples are of
    #[arg(long, value_name = "NAME", requires = "json")]
    name: Option<String>,
}

/// The text of a module, for standard output.
pub(super) async fn run(app: &App, arguments: Discover) -> Result<String> {
    if let (Some(file), Some(name)) = (&arguments.json, &arguments.name) {
        return discovery::samples(name, &samples(&read(file)?)?, arguments.acl);
    }
    let url = match arguments.url {
        Some(url) => url,
        None => own_url(app)?,
    };
    let options = Options {
        tables: arguments.tables,
        views: arguments.views,
        schema: arguments.schema,
        prefix: arguments.prefix,
        access: arguments.acl,
    };
    discovery::database(&url, &options).await
}

fn own_url(app: &App) -> Result<String> {
    let config = app.configuration()?;
    let own = config.data_sources.get(DEFAULT_DATA_SOURCE);
    own.map(|own| own.url.clone())
        .ok_or_else(|| Error::internal("which database? write its URL after `discover`"))
}

fn read(file: &str) -> Result<String> {
    let mut text = String::new();
    let read = if file == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(file).map(|content| text = content)
    };
    read.map_err(|error| {
        Error::internal(format!("the JSON samples in `{file}` can't be read")).with_source(error)
    })?;
    Ok(text)
}

/// The samples of a text: JSON values after one another; a list is one for each of its items.
fn samples(text: &str) -> Result<Vec<serde_json::Value>> {
    let mut samples = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter() {
        let value =
            value.map_err(|error| Error::internal("the samples are no JSON").with_source(error))?;
        match value {
            serde_json::Value::Array(items) => samples.extend(items),
            value => samples.push(value),
        }
    }
    Ok(samples)
}
