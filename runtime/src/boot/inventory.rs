//! What there is, for who looks from outside: the commands `models`, `routes`, `config check` and `version`.

use std::fmt::Write as _;

use super::app::DEFAULT_DATA_SOURCE;
use super::{App, middleware, model_rule, transport};
use crate::remoting;
use crate::{Error, Result};

/// The models, one a line.
pub(super) fn models(app: App) -> Result<String> {
    let (app, config) = app.configured()?;
    let description = app.description(&config);
    let root = config.rest_api_root.trim_end_matches('/');
    let rows = description.models.iter().map(|def| {
        let model = config.models.get(def.name);
        let data_source = model.and_then(|model| model.data_source.as_deref());
        let served = match def.public {
            true => format!("{root}/{}", def.path),
            false => "not served".to_owned(),
        };
        let properties = match def.properties.len() {
            1 => "1 property".to_owned(),
            many => format!("{many} properties"),
        };
        [
            def.name.to_owned(),
            format!("in {}", data_source.unwrap_or(DEFAULT_DATA_SOURCE)),
            served,
            properties,
        ]
    });
    Ok(aligned(rows))
}

/// The routes in the order in which they are tried, model by model.
pub(super) fn routes(app: App) -> Result<String> {
    let (app, config) = app.configured()?;
    let description = app.description(&config);
    let public = description.models.iter().filter(|def| def.public);
    let rows = public.flat_map(|def| {
        let routes = remoting::served(def).into_iter();
        routes.map(|route| {
            [
                route.endpoint.verb.as_str().to_owned(),
                route.address(&config.rest_api_root),
                format!("{}.{}", def.name, route.method),
            ]
        })
    });
    Ok(aligned(rows))
}

/// A word that all is well.
///
/// # Errors
/// What is not.
pub(super) fn check(mut app: App) -> Result<String> {
    let phases = std::mem::take(&mut app.phases);
    let transports = std::mem::take(&mut app.transports);
    let (app, config) = app.configured()?;
    middleware::phases(phases, &config.phases, &config.middleware)?;
    transport::mounted(&config, transports)?;
    let known = |name: &str| app.has_data_source(name, &config);
    for (name, model) in &config.models {
        let wanted = model.data_source.as_deref();
        if let Some(wanted) = wanted.filter(|wanted| !known(wanted)) {
            return Err(Error::internal(format!(
                "models.{name}.data_source: there is no data source \"{wanted}\""
            )));
        }
    }
    let idempotency = config.idempotency.as_ref();
    let named = [
        (
            "idempotency.data_source",
            idempotency.map(|config| &config.data_source),
        ),
        (
            "change_streams.exchange",
            config.change_streams.exchange.as_ref(),
        ),
    ];
    for (key, wanted) in named {
        if let Some(wanted) = wanted.filter(|wanted| !known(wanted)) {
            return Err(Error::internal(format!(
                "{key}: there is no data source \"{wanted}\""
            )));
        }
    }
    let description = app.description(&config);
    let listed = |name: &str| description.models.iter().any(|def| def.name == name);
    if let Some(name) = config.models.keys().find(|name| !listed(name)) {
        return Err(model_rule::unlisted(name, &description.models));
    }
    let models = description.models.len();
    Ok(format!(
        "The configuration is in order: {models} models, {} data sources, listening on {}:{}",
        config.data_sources.len(),
        config.host,
        config.port
    ))
}

/// What is running.
pub(super) fn version(app: &App) -> Result<String> {
    let config = app.configuration()?;
    let own = env!("CARGO_PKG_VERSION");
    Ok(format!(
        "{} {}, loopwright {own}",
        config.title, config.version
    ))
}

/// The rows with their columns one below the other.
fn aligned<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<_> = rows.collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths);
        let line = cells.fold(String::new(), |mut line, (cell, width)| {
            // Writing to a `String` can't fail.
            let _ = write!(line, "{cell:width$}  ");
            line
        });
        text += line.trim_end();
        text.push('\n');
    }
    text
}
