use std::collections::BTreeSet;

use loopwright::Error;
use loopwright::connectors::sql::{SqlConnector, SqlOptions};
use loopwright::discovery::{self, Access, Options};
use serde_json::Value as Json;
use tokio::runtime::Builder;

/// A `CREATE TABLE` of SQLite, to which any word is a type, or JSON samples: the structs for them are Rust.
///
/// # Panics
/// They are not.
pub fn discovery(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let printed = if let Ok(json) = serde_json::from_str::<Json>(text) {
        let samples = match json {
            Json::Array(samples) => samples,
            one => vec![one],
        };
        discovery::samples("Sample", &samples, Access::Open)
    } else {
        match tables(text) {
            Some(printed) => printed,
            None => return,
        }
    };
    match printed {
        Ok(text) => compiles(&text),
        Err(error) => understood(&error),
    }
}

/// What is discovered in a file with this table, if SQLite takes it for one.
fn tables(statement: &str) -> Option<loopwright::Result<String>> {
    let lower = statement.to_ascii_lowercase();
    // A table that is made of a query may have no end.
    let plain =
        lower.starts_with("create table ") && !lower.contains(" as ") && !lower.contains("select");
    if !plain || statement.contains([';', '\0']) {
        return None;
    }
    let folder = tempfile::tempdir().ok()?;
    let url = format!("sqlite://{}", folder.path().join("tables.db").display());
    let runtime = Builder::new_current_thread().enable_all().build().ok()?;
    runtime.block_on(async {
        let options = SqlOptions::new().max_connections(1);
        let connector = SqlConnector::connect(&format!("{url}?mode=rwc"), options)
            .await
            .unwrap();
        connector.execute(statement, []).await.ok()?;
        drop(connector);
        Some(discovery::database(&url, &Options::default()).await)
    })
}

/// A refusal tells what was wrong with what was read, and not with what was made of it.
pub(super) fn understood(error: &Error) {
    assert!(!error.message().is_empty());
    assert!(
        !error.message().contains("printed"),
        "{error} {:?}",
        std::error::Error::source(error)
    );
}

/// The text is Rust, in which every name stands for one thing.
pub(super) fn compiles(text: &str) {
    let file = syn::parse_file(text);
    let file = file.unwrap_or_else(|error| panic!("{error}: {text}"));
    let mut types = BTreeSet::new();
    for item in file.items {
        let name = match item {
            syn::Item::Struct(item) => {
                let mut fields = BTreeSet::new();
                for name in item.fields.iter().filter_map(|field| field.ident.as_ref()) {
                    assert!(fields.insert(name.to_string()), "{name} twice: {text}");
                }
                item.ident
            }
            syn::Item::Enum(item) => item.ident,
            _ => continue,
        };
        assert!(types.insert(name.to_string()), "{name} twice: {text}");
    }
}
