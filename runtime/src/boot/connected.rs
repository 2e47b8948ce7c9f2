//! From what an application consists of to one that is up: data sources, models, boot scripts.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::app::DEFAULT_DATA_SOURCE;
use super::application::{Application, Parts};
use super::data_source::DataSource;
use super::operations::Operations;
use super::transport::{self, Mounted};
use super::{App, Config, ModelConfig, auth, middleware, model_rule, remotes, stored};
use crate::connectors::{Connector, PlanOptions};
use crate::mail::Mailer;
use crate::model::{ModelDef, ModelKind};
use crate::remoting::Gate;
use crate::repository::{ErasedKeyValue, Outbox, Registry, Relay};
use crate::{Error, Result};

impl App {
    /// Connects the data sources, and attaches the models to them.
    pub(super) async fn connect(self) -> Result<Connected> {
        let (mut app, config) = self.configured()?;
        let transports = transport::mounted(&config, std::mem::take(&mut app.transports))?;
        let mut data_sources = Vec::new();
        for (name, connector) in std::mem::take(&mut app.connectors) {
            data_sources.push(DataSource::own(name, connector));
        }
        for (name, store) in std::mem::take(&mut app.stores) {
            data_sources.push(DataSource::own_store(name, store));
        }
        for (name, data_source) in &config.data_sources {
            data_sources.push(DataSource::connect(name, data_source).await?);
        }
        let exchange = config.change_streams.exchange.as_deref();
        let exchange = exchange.map(|name| DataSource::find(&data_sources, name)?.exchange());
        let outbox = exchange.transpose()?;
        let outbox = outbox.map(|exchange| Outbox::new(exchange, &config.title));
        let (outbox, relay) = outbox.unzip();
        let (services, mailer) = auth::services(&app.auth, &config, &app.models)?;
        Ok(Connected {
            registry: attach(&app.models, &config.models, &data_sources, outbox.as_ref())?
                .limit_included(config.rest.max_included)
                .with_acl_error_status(config.auth.acl_error_status)
                .with_services(services),
            mailer,
            relay,
            transports,
            app,
            config,
            data_sources,
        })
    }
}

/// A data source that keeps records, and the models that are attached to it.
pub(super) struct Records<'a> {
    pub data_source: &'a DataSource,
    pub connector: &'a dyn Connector,
    pub models: Vec<&'static ModelDef>,
}

/// An application whose data sources are connected, but not looked at yet.
pub(super) struct Connected {
    pub(super) app: App,
    config: Config,
    data_sources: Vec<DataSource>,
    registry: Registry,
    mailer: Option<Arc<Mailer>>,
    /// The ways to the methods beside REST.
    transports: Vec<Mounted>,
    /// What carries changes to other instances.
    relay: Option<Relay>,
}

impl Connected {
    /// Adds to every data source what its models lack there, unless its configuration says not to.
    pub async fn autoupdate(&self) -> Result<()> {
        for records in self.records(None)? {
            for sentence in records.unkept_keys() {
                tracing::info!(data_source = records.data_source.name, "{sentence}");
            }
            let Records {
                data_source,
                connector,
                models,
            } = records;
            let autoupdate = data_source.autoupdate.unwrap_or(true);
            // Migrations are what changes the tables, where there are some.
            #[cfg(feature = "migrations")]
            let autoupdate = !self.start_migrated(data_source).await? && autoupdate;
            if autoupdate {
                connector.autoupdate(&models).await?;
                continue;
            }
            let plan = connector.plan(&models, &PlanOptions::default()).await?;
            let differences = plan.differences().count();
            if differences > 0 {
                tracing::warn!(
                    data_source = data_source.name,
                    differences,
                    "the tables are not what the models say; run the command `migrate plan`"
                );
            }
        }
        Ok(())
    }

    /// The data source called `name`, or all of them, as far as they keep records; each with its models.
    pub fn records(&self, name: Option<&str>) -> Result<Vec<Records<'_>>> {
        let data_sources = match name {
            Some(name) => std::slice::from_ref(DataSource::find(&self.data_sources, name)?),
            None => &self.data_sources,
        };
        let records = data_sources.iter().filter_map(|data_source| {
            let connector = data_source.connector()?;
            Some(Records {
                data_source,
                connector: connector.as_ref(),
                models: self.registry.models_in(connector),
            })
        });
        Ok(records.collect())
    }

    /// Runs the boot scripts.
    pub async fn start(self) -> Result<Application> {
        let mut sources = self.data_sources.iter();
        let default = sources.find(|source| source.name == DEFAULT_DATA_SOURCE);
        let idempotency = self.config.idempotency.as_ref();
        let idempotency = idempotency.map(|config| config.store(&self.data_sources));
        let idempotency = idempotency.transpose()?;
        let registry = Arc::new(self.registry);
        let tasks = match self.relay {
            Some(relay) => relay.start(&registry).await?,
            None => JoinSet::new(),
        };
        let description = self.app.description(&self.config);
        let (names, config) = (&self.config.phases, &self.config.middleware);
        let phases = middleware::phases(self.app.phases, names, config)?;
        let auth = auth::auth(self.app.auth, &self.config.auth, &registry)?;
        let shutdown = watch::Sender::new(false);
        let remotes =
            remotes::remotes(&self.config, &registry, auth, idempotency, shutdown.clone());
        let gate = Gate::new(remotes.clone(), registry.clone());
        let operations = Operations::new(&self.config, &self.data_sources)?;
        let application = Application::new(Parts {
            openapi: OnceLock::new(),
            description,
            default_data_source: default.and_then(|source| source.connector().cloned()),
            config: self.config,
            data_sources: self.data_sources,
            registry,
            _tasks: tasks,
            routes: self.app.routes,
            phases,
            gate,
            mailer: self.mailer,
            transports: transport::routes(self.transports, &remotes),
            remotes,
            shutdown,
            operations,
        });
        let count = self.app.boot_scripts.len();
        for (index, script) in self.app.boot_scripts.into_iter().enumerate() {
            let name = format!("the boot script {} of {count}", index + 1);
            let timeout = application.config().boot_timeout;
            patiently(&name, timeout, script(application.clone())).await?;
        }
        Ok(application)
    }
}

/// After which time it is said that something takes long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits for a boot script, and says so where that takes long: one that hangs would be a start without a word.
async fn patiently(
    name: &str,
    timeout: Option<Duration>,
    script: impl Future<Output = Result<()>>,
) -> Result<()> {
    let begin = Instant::now();
    let mut script = std::pin::pin!(script);
    loop {
        let left = timeout.map(|timeout| timeout.saturating_sub(begin.elapsed()));
        let wait = left.map_or(PATIENCE, |left| left.min(PATIENCE));
        tokio::select! {
            ended = &mut script => return ended,
            () = tokio::time::sleep(wait) => {}
        }
        let seconds = begin.elapsed().as_secs();
        if timeout.is_some_and(|timeout| begin.elapsed() >= timeout) {
            return Err(Error::internal(format!(
                "{name} has not ended after {seconds} seconds, which is `boot_timeout`"
            )));
        }
        tracing::warn!("{name} has not ended after {seconds} seconds; the start waits for it");
    }
}

/// The models, each with what keeps it in its data source.
fn attach(
    models: &[&'static ModelDef],
    config: &BTreeMap<String, ModelConfig>,
    data_sources: &[DataSource],
    outbox: Option<&Outbox>,
) -> Result<Registry> {
    let known = |name: &&String| models.iter().any(|def| def.name == name.as_str());
    if let Some(name) = config.keys().find(|name| !known(name)) {
        return Err(model_rule::unlisted(name, models));
    }
    let (mut records, mut values, mut operators) = (Vec::new(), Vec::new(), Vec::new());
    for def in models {
        let model = config.get(def.name);
        let wanted = model.and_then(|model| model.data_source.as_deref());
        let data_source = DataSource::find(data_sources, wanted.unwrap_or(DEFAULT_DATA_SOURCE))?;
        // The model's own word counts, unless the data source forbids it (contract connectors.md §4).
        let forbidden = data_source.allow_extended_operators == Some(false);
        let allowed = model.and_then(|model| model.allow_extended_operators);
        let allowed = allowed.or(data_source.allow_extended_operators);
        if allowed == Some(true) && !forbidden {
            operators.push(def.name);
        }
        match def.kind {
            ModelKind::Persisted => {
                let connector = data_source.connector().ok_or_else(|| {
                    let cure = "keeps values under keys alone; attach the model to one that keeps records, such as \
                        `sqlite://shop.db` or `memory:`";
                    unfit(def, data_source, cure)
                })?;
                records.push((stored::stored(def, data_source.kind), connector.clone()));
            }
            ModelKind::KeyValue => {
                let store = data_source.store().ok_or_else(|| {
                    let cure = "keeps no values under keys; attach the model to one that does, such as `kv-memory:` \
                        or `redis://localhost` (cargo feature `redis`)";
                    unfit(def, data_source, cure)
                })?;
                values.push(ErasedKeyValue::new(def, store.clone()));
            }
        }
    }
    Ok(Registry::new(records, values, outbox)?.allow_operators(&operators))
}

fn unfit(def: &ModelDef, data_source: &DataSource, cure: &str) -> Error {
    Error::internal(format!(
        "the model `{}` can't be kept in the data source \"{}\", which {cure}, with `.attach::<{0}>(\"...\")` or in \
         the configuration",
        def.name, data_source.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_boot_script_that_hangs_is_given_up_where_it_is_said() {
        let hangs = std::future::pending();
        let timeout = Some(Duration::from_secs(25));
        let error = patiently("the boot script 1 of 1", timeout, hangs).await;
        let error = error.unwrap_err().to_string();
        assert_eq!(
            error,
            "the boot script 1 of 1 has not ended after 25 seconds, which is `boot_timeout`"
        );
        let slow = async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(())
        };
        patiently("the boot script 1 of 1", None, slow)
            .await
            .unwrap();
    }
}
