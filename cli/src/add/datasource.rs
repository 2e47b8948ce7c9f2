//! `loopwright add datasource`.

use clap::{Args, ValueEnum};

use super::Done;
use crate::ask::{Argument, Ask};
use crate::change::ChangeSet;
use crate::config;
use crate::database::Connector;
use crate::error::{Error, Result};
use crate::project::{CONFIG, Project};

pub(super) const EXAMPLES: &str = "\
Examples:
  loopwright add datasource log --connector memory
  loopwright add datasource shop --connector postgres --url postgres://db.example/shop

A password does not belong into a file that is shared: leave it out of the URL, and set the whole URL in the environment, \
as LOOPWRIGHT_DATA_SOURCES__<NAME>__URL.";

#[derive(Args)]
pub(crate) struct AddDatasource {
    /// What it is called; models are attached to `db` unless it is said otherwise
    name: Option<String>,
    /// What it speaks to
    #[arg(long, value_enum)]
    connector: Option<Connector>,
    /// Where it is; on this machine unless given
    #[arg(long)]
    url: Option<String>,
}

impl AddDatasource {
    pub(super) fn run(self, project: &Project, ask: Ask) -> Result<Done> {
        let asked = self.name.is_none() || self.connector.is_none();
        let before = project.config()?;
        let mut document = config::parse(before.as_deref().unwrap_or_default())?;
        let known = config::data_sources(&document);
        let name = ask.text(self.name.as_deref(), "The data source's name:", "the data source's name", None, |name| {
            let name = key(name)?;
            match known.contains(&name) {
                true => Err(Error::undone(format!(
                    "the data source `{name}` already exists in {CONFIG}; choose another name, or change it by hand"
                ))),
                false => Ok(name),
            }
        })?;
        let options = Connector::value_variants().to_vec();
        let missing = Argument::Required("what it speaks to (`--connector`)");
        let connector = ask.choice(self.connector, "What does it speak to?", missing, options)?;
        let usual = connector.url(&name);
        let check = |url: &str| match connector.speaks(url) {
            true => Ok(url.to_owned()),
            // The URL may hold a password.
            false => Err(Error::usage(format!(
                "the URL is none of {connector}; write one such as `{usual}`"
            ))),
        };
        let url = match (&self.url, asked) {
            (None, false) => usual.clone(),
            (given, _) => ask.text(given.as_deref(), "Its URL:", "the URL", Some(&usual), check)?,
        };
        config::set(&mut document, ["data_sources", &name, "url"], &url)?;
        let mut changes = ChangeSet::default();
        match before {
            Some(before) => changes.change(CONFIG, before, document.to_string()),
            None => changes.create(CONFIG, document.to_string()),
        }
        if let Some(feature) = connector.feature()
            && let Some(after) = project.manifest.with_feature(feature)?
        {
            changes.change("Cargo.toml", project.manifest.text.clone(), after);
        }
        let attach = match connector.is_key_value() {
            true => format!("`App::attach::<Page>(\"{name}\")` keeps a key-value model there"),
            false => format!(
                "`[models.Page]` with `data_source = \"{name}\"` in {CONFIG} keeps a model there"
            ),
        };
        let mut hints = vec![attach];
        if let Some((_, rest)) = url.split_once("://")
            && rest.contains('@')
        {
            hints.push(format!(
                "the URL says who logs in; a password does not belong into a file that is shared: set the URL as \
                 LOOPWRIGHT_DATA_SOURCES__{}__URL instead",
                name.to_uppercase()
            ));
        }
        Ok(Done { changes, hints })
    }
}

/// A name that the environment can say, too.
fn key(name: &str) -> Result<String> {
    let fits = name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        && !name.contains("__");
    match fits {
        true => Ok(name.to_owned()),
        false => Err(Error::usage(format!(
            "a data source can't be called `{}`; write small letters, digits and `_`, with a letter at the start",
            name.escape_debug()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(key("log_2").is_ok());
        for name in ["", "Log", "a/b", "a b", "größe", "2", "a__b", "a.b", "a\"]"] {
            assert!(key(name).is_err(), "{name}");
        }
    }
}
