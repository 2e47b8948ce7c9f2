//! Changes that come from elsewhere: from the data source, or from other instances of the application.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde_json::{Value as Json, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::{Change, ChangeLog};
use crate::connectors::{ChangeKind, Connector, Exchange, StoredChange};
use crate::model::ModelDef;
use crate::query::Condition;
use crate::repository::Registry;
use crate::{Error, Result};

/// How many changes wait to be told to others.
const WAITING: usize = 1024;

/// How long after a failure the next attempt is made.
const PAUSE: Duration = Duration::from_secs(1);

/// Where the changes go that other instances of the application are told of. Clones share it.
#[derive(Clone)]
pub(crate) struct Outbox {
    sender: mpsc::Sender<(&'static ModelDef, Change)>,
    /// Has something not been told?
    missed: Arc<AtomicBool>,
}

/// What is in an [`Outbox`], and how it is carried on.
pub(crate) struct Relay {
    exchange: Arc<dyn Exchange>,
    /// The channel of this application.
    channel: String,
    /// This instance, which need not hear itself.
    name: String,
    outbox: mpsc::Receiver<(&'static ModelDef, Change)>,
    missed: Arc<AtomicBool>,
}

impl Outbox {
    /// An outbox whose changes go to those instances that know the application by this title.
    pub fn new(exchange: Arc<dyn Exchange>, title: &str) -> (Self, Relay) {
        let (sender, outbox) = mpsc::channel(WAITING);
        let missed = Arc::new(AtomicBool::new(false));
        let relay = Relay {
            exchange,
            // A title may hold anything, a channel's name may not.
            channel: format!(
                "loopwright_{:016x}",
                xxhash_rust::xxh3::xxh3_64(title.as_bytes())
            ),
            name: uuid::Uuid::new_v4().to_string(),
            outbox,
            missed: missed.clone(),
        };
        (Outbox { sender, missed }, relay)
    }

    pub(super) fn send(&self, def: &'static ModelDef, change: Change) {
        // No request waits for those who listen elsewhere.
        if self.sender.try_send((def, change)).is_err() {
            self.missed.store(true, Ordering::Relaxed);
        }
    }
}

impl Relay {
    /// Tells the other instances, and hears them, until the tasks are dropped.
    ///
    /// # Errors
    /// The data source can't be reached.
    pub async fn start(self, registry: &Arc<Registry>) -> Result<JoinSet<()>> {
        let messages = self.exchange.subscribe(&self.channel).await?;
        let hears = Hears {
            exchange: self.exchange.clone(),
            channel: self.channel.clone(),
            name: self.name.clone(),
            registry: Arc::downgrade(registry),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(hears.run(messages));
        tasks.spawn(self.tell());
        Ok(tasks)
    }

    async fn tell(mut self) {
        while let Some((def, change)) = self.outbox.recv().await {
            if let Err(error) = self.publish(def, &change).await {
                tracing::warn!(
                    "a change is not told to the other instances of the application: {error}"
                );
                self.missed.store(true, Ordering::Relaxed);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn publish(&self, def: &'static ModelDef, change: &Change) -> Result<()> {
        if self.missed.load(Ordering::Relaxed) {
            let missed = json!({ "from": self.name, "missed": true }).to_string();
            self.exchange.publish(&self.channel, &missed).await?;
            self.missed.store(false, Ordering::Relaxed);
        }
        let message = self.message(def, change);
        self.exchange.publish(&self.channel, &message).await
    }

    fn message(&self, def: &'static ModelDef, change: &Change) -> String {
        let mut message =
            json!({ "from": self.name, "model": def.name, "change": change.to_json(def) });
        let fits = |message: &str| {
            self.exchange
                .longest()
                .is_none_or(|longest| message.len() <= longest)
        };
        let whole = message.to_string();
        if fits(&whole) {
            return whole;
        }
        // The others read the instance themselves.
        if let Some(change) = message["change"].as_object_mut() {
            change.remove("data");
        }
        message["read"] = true.into();
        let short = message.to_string();
        match change.target.is_some() && fits(&short) {
            true => short,
            false => json!({ "from": self.name, "missed": true }).to_string(),
        }
    }
}

/// What the other instances tell.
struct Hears {
    exchange: Arc<dyn Exchange>,
    channel: String,
    name: String,
    registry: Weak<Registry>,
}

impl Hears {
    async fn run(self, mut messages: BoxStream<'static, Result<String>>) {
        loop {
            while let Some(message) = messages.next().await {
                match message {
                    Ok(message) => self.hear(&message).await,
                    Err(error) => {
                        tracing::warn!(
                            "the other instances of the application are not heard: {error}"
                        );
                        break;
                    }
                }
            }
            messages = loop {
                match self.exchange.subscribe(&self.channel).await {
                    Ok(messages) => break messages,
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            };
            self.missed();
        }
    }

    fn missed(&self) {
        let registry = self.registry.upgrade();
        let models = registry.iter().flat_map(|registry| registry.models());
        models.for_each(|model| model.changes.missed());
    }

    /// Tells those who listen here. What is no message of an instance of this application is none of theirs.
    async fn hear(&self, message: &str) {
        let Ok(mut message) = serde_json::from_str::<Json>(message) else {
            return;
        };
        if message["from"] == *self.name {
            return;
        }
        if message["missed"] == true {
            return self.missed();
        }
        let Some(registry) = self.registry.upgrade() else {
            return;
        };
        let model = message["model"].as_str();
        let repository = model.and_then(|model| registry.repository(model).ok());
        let Some(repository) = repository else { return };
        let Some(mut change) = Change::from_json(repository.def(), message["change"].take()) else {
            return repository.attached().changes.missed();
        };
        if message["read"] == true
            && let Some(id) = &change.target
        {
            match repository.stored(id).await {
                Ok(Some(record)) => change.data = Some(Arc::new(record)),
                // It is gone by now, which another message tells.
                Ok(None) => return,
                Err(_) => return repository.attached().changes.missed(),
            }
        }
        repository.attached().changes.heard(change);
    }
}

/// Tells `log` what the data source tells of the model, from the moment at which `begun` is told.
pub(crate) async fn follow(
    log: Weak<ChangeLog>,
    connector: Arc<dyn Connector>,
    def: &'static ModelDef,
    begun: oneshot::Sender<()>,
) {
    let mut begun = Some(begun);
    let mut away = false;
    loop {
        let followed = follow_once(&log, connector.as_ref(), def, &mut begun, &mut away).await;
        // Whoever waits for the beginning waits no longer.
        begun = None;
        let Some(log) = log.upgrade() else { return };
        if !away {
            away = true;
            if let Err(error) = followed {
                tracing::warn!(model = def.name, "changes are not heard: {error}");
            }
            log.missed();
        }
        drop(log);
        tokio::time::sleep(PAUSE).await;
    }
}

/// As long as the data source goes on.
async fn follow_once(
    log: &Weak<ChangeLog>,
    connector: &dyn Connector,
    def: &'static ModelDef,
    begun: &mut Option<oneshot::Sender<()>>,
    away: &mut bool,
) -> Result<()> {
    let mut changes = connector.changes(def).await?;
    *away = false;
    if let Some(begun) = begun.take() {
        // Whoever has asked may have left.
        let _ = begun.send(());
    }
    while let Some(change) = changes.next().await {
        let Some(log) = log.upgrade() else { break };
        log.heard(Change::stored(def, change?));
    }
    Err(Error::internal("the data source has stopped telling"))
}

impl Change {
    fn stored(def: &ModelDef, stored: StoredChange) -> Self {
        let removed = stored.kind == ChangeKind::Remove;
        Change {
            condition: removed.then(|| Condition::of_id(def, &stored.id)),
            kind: stored.kind,
            target: Some(stored.id),
            data: stored.record.map(Arc::new),
        }
    }
}
