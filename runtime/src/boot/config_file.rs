//! Where the configuration comes from: files over each other, and the environment over them.

use std::path::{Path, PathBuf};

use figment::error::{Actual, Kind};
use figment::providers::{Env, Format as _, Serialized, Toml};
use figment::{Figment, Source};
use serde_json::{Map, Value as Json};

use super::Config;
use super::files::Said;
use crate::definitions::Environment;
use crate::{Error, Result};

/// What is said by the file at `path`, by those over it, and by the environment; and which keys these have.
///
/// # Errors
/// Something that can't be read, or that nobody understands, with its place.
pub(super) fn load(path: &Path) -> Result<(Config, Said)> {
    let layers = layers(path)?;
    let defaults = Figment::from(Serialized::defaults(Config::default()));
    let config = said(defaults, &layers).extract();
    let config = config.map_err(|errors| unusable(errors, &layers))?;
    let members: Map<String, Json> = said(Figment::new(), &layers)
        .extract()
        .map_err(|errors| unusable(errors, &layers))?;
    Ok((config, Said::of(&members)))
}

/// What the files and the environment say over what is there.
fn said(mut figment: Figment, layers: &[PathBuf]) -> Figment {
    for layer in layers {
        figment = figment.merge(Toml::file_exact(layer));
    }
    let database_url = Env::raw()
        .only(&["DATABASE_URL"])
        .map(|_| "data_sources.db.url".into());
    // What says which files there are, and what accepts an access matrix, configures nothing.
    let own = Env::prefixed("LOOPWRIGHT_").ignore(&["accept", "env"]);
    figment
        .merge(own.split("__"))
        .merge(Env::raw().only(&["HOST", "PORT"]))
        .merge(database_url)
}

/// The files that are there, the weakest first, as LoopBack has it (contract *boot.md* §3).
fn layers(path: &Path) -> Result<Vec<PathBuf>> {
    let environment = Environment::of_process(None);
    let environment = environment.name();
    if environment.contains(['/', '\\']) {
        return Err(Error::internal(format!(
            "LOOPWRIGHT_ENV, or NODE_ENV: {environment:?} is no name of an environment; write a word such as \"production\""
        )));
    }
    let over = ["local", environment].map(|layer| path.with_extension(format!("{layer}.toml")));
    // One that is there and can't be read is an error; one that is not there is not.
    let is_there = |path: &&PathBuf| path.try_exists().unwrap_or(true);
    let over: Vec<_> = over.iter().filter(is_there).cloned().collect();
    let path = path.to_owned();
    match (is_there(&&path), over.first()) {
        (true, _) => Ok([path].into_iter().chain(over).collect()),
        (false, None) => Ok(Vec::new()),
        (false, Some(first)) => Err(Error::internal(format!(
            "{} goes over {}, and there is no such file; make it, be it blank",
            first.display(),
            path.display()
        ))),
    }
}

/// The error of a configuration that can't be read.
fn unusable(errors: figment::Error, layers: &[PathBuf]) -> Error {
    let errors = errors.into_iter().map(|error| told(error, layers));
    Error::internal(format!(
        "the configuration can't be used: {}",
        errors.collect::<Vec<_>>().join("\n")
    ))
}

/// The mistake with its file and line, where it stands in a file.
fn told(mut error: figment::Error, layers: &[PathBuf]) -> String {
    error.kind = without_urls(error.kind);
    let mut keys = error.path.clone();
    let problem = match &error.kind {
        Kind::UnknownField(field, known) => {
            if keys.last() != Some(field) {
                keys.push(field.clone());
            }
            let similarity = |known: &str| strsim::jaro_winkler(known, field);
            let similar = known.iter().filter(|known| similarity(known) > 0.8);
            let nearest =
                similar.max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
            let cure = match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("there are `{}`", known.join("`, `")),
            };
            format!("there is no key `{}`; {cure}", keys.join("."))
        }
        kind => format!("`{}`: {kind}", keys.join(".")),
    };
    let source = error.metadata.as_ref().map(|metadata| &metadata.source);
    let elsewhere = matches!(source, Some(source) if !matches!(source, Some(Source::File(_))));
    let place = if elsewhere {
        None
    } else {
        place(layers, &keys)
    };
    match place {
        Some((file, line)) => format!("{}:{line}: {problem}", file.display()),
        // It stands in the environment, or the file is no TOML.
        None => error.to_string(),
    }
}

/// The file and the line where the key stands whose value counts.
fn place<'l>(layers: &'l [PathBuf], keys: &[String]) -> Option<(&'l Path, usize)> {
    layers.iter().rev().find_map(|file| {
        let text = std::fs::read_to_string(file).ok()?;
        let document = toml_edit::Document::parse(text.as_str()).ok()?;
        let mut item = document.as_item();
        let mut span = None;
        for key in keys {
            let (key, below) = item.as_table_like()?.get_key_value(key)?;
            span = key.span();
            item = below;
        }
        let line = text.get(..span?.start)?.matches('\n').count() + 1;
        Some((file.as_path(), line))
    })
}

/// A URL may stand where it does not belong, with its password: `db = "postgres://…"` below `[data_sources]`.
fn without_urls(kind: Kind) -> Kind {
    let hidden = |actual| match actual {
        Actual::Str(text) if text.contains("://") => Actual::Other("a URL".to_owned()),
        actual => actual,
    };
    match kind {
        Kind::InvalidType(actual, expected) => Kind::InvalidType(hidden(actual), expected),
        Kind::InvalidValue(actual, expected) => Kind::InvalidValue(hidden(actual), expected),
        // TOML's own errors quote the line, after its number.
        Kind::Message(text) => Kind::Message(
            text.lines()
                .map(|line| match line.split_once("://") {
                    Some((before, _)) => format!("{before}://…"),
                    None => line.to_owned(),
                })
                .collect::<Vec<_>>()
                .join("\n"),
        ),
        kind => kind,
    }
}
