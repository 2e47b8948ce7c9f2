//! Clients that ask as one should.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::{Client, RequestBuilder};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::tally::Tally;
use crate::{PASSWORD, Result};

/// How long a client does something else between two requests.
const THOUGHT: Duration = Duration::from_millis(20);

/// How long a client that was refused waits: less than it is told to.
const WAIT: Duration = Duration::from_millis(200);

/// Somebody who asks one server.
#[derive(Clone)]
pub struct Honest {
    client: Client,
    url: String,
    tally: Arc<Tally>,
}

impl Honest {
    pub fn new(address: &str, tally: Arc<Tally>) -> Result<Self> {
        let client = Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Honest {
            client,
            url: format!("http://{address}/api"),
            tally,
        })
    }

    /// Everybody, until this is dropped.
    pub fn begin(&self) -> JoinSet<()> {
        let mut all = JoinSet::new();
        for writer in 0..6 {
            all.spawn(self.clone().write(writer));
        }
        for _ in 0..4 {
            all.spawn(self.clone().read());
            all.spawn(self.clone().include());
        }
        all.spawn(self.clone().log_in());
        all.spawn(self.clone().err());
        for _ in 0..20 {
            all.spawn(self.clone().listen());
        }
        all
    }

    /// Sends a request, and tells its status once all of the answer is there.
    async fn ask(&self, kind: &'static str, request: RequestBuilder) -> Option<u16> {
        let answer = request.send().await;
        let status = self.tally.note(kind, &answer);
        if let Ok(answer) = answer
            && answer.bytes().await.is_err()
        {
            self.tally.answered(kind, "broken off");
            return None;
        }
        sleep(if status == Some(503) { WAIT } else { THOUGHT }).await;
        status
    }

    /// Writes this key once, and tells whether that was acknowledged.
    pub async fn create(&self, kind: &'static str, key: String) -> bool {
        let entry = json!({ "key": key, "text": "soaked ".repeat(100) });
        let request = self
            .client
            .post(format!("{}/Entries", self.url))
            .json(&entry);
        let done = self.ask(kind, request).await == Some(200);
        if done {
            self.tally.acknowledged(key);
        }
        done
    }

    async fn write(self, writer: usize) {
        for number in 0_u64.. {
            self.create("writes", format!("{writer}-{number}")).await;
        }
    }

    async fn read(self) {
        loop {
            for path in [
                "/Shops?filter[limit]=20&filter[order]=name",
                "/Shops/7",
                "/Entries/count",
                "/Reviews?filter[where][rating][gt]=4&filter[limit]=5",
            ] {
                let request = self.client.get(format!("{}{path}", self.url));
                self.ask("reads", request).await;
            }
        }
    }

    async fn include(self) {
        let path = r#"/Shops?filter={"include":"reviews","limit":20}"#;
        loop {
            let request = self.client.get(format!("{}{path}", self.url));
            self.ask("includes", request).await;
        }
    }

    async fn log_in(self) {
        let who = json!({ "email": "ann@soak.example", "password": PASSWORD });
        loop {
            let request = self.client.post(format!("{}/Members/login", self.url));
            self.ask("logins", request.json(&who)).await;
            sleep(WAIT).await;
        }
    }

    /// Asks for what can't be.
    async fn err(self) {
        loop {
            let url = &self.url;
            let entries = || self.client.post(format!("{url}/Entries"));
            let json = |body: String| {
                let request = entries().header("content-type", "application/json");
                request.body(body)
            };
            for request in [
                json("{".into()),
                json(format!(r#"{{"text": "{}"}}"#, "x".repeat(200_000))),
                entries()
                    .header("content-type", "text/xml")
                    .body("<entry/>"),
                entries().json(&json!({ "text": "no key" })),
                self.client
                    .get(format!("{url}/Entries?filter={{\"where\":{{\"no\":1}}}}")),
                self.client.get(format!("{url}/Entries/0")),
                self.client.delete(format!("{url}/Nothing")),
            ] {
                self.ask("mistakes", request).await;
            }
        }
    }

    /// Hears of changes, and comes again when a stream ends.
    async fn listen(self) {
        loop {
            let request = self
                .client
                .get(format!("{}/Entries/change-stream", self.url));
            // Streams have no end of their own.
            let answer = request.timeout(Duration::from_secs(3600)).send().await;
            self.tally.note("change streams", &answer);
            if let Ok(answer) = answer {
                let mut events = answer.bytes_stream();
                while let Some(Ok(_)) = events.next().await {
                    self.tally.answered("change streams", "pieces");
                }
            }
            sleep(WAIT).await;
        }
    }

    /// So many at the same moment, more than are taken on.
    pub async fn crowd(&self, requests: usize) {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let crowd = (0..requests).map(|_| {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let (honest, key) = (self.clone(), format!("crowd-{number}"));
            async move { honest.create("writes of a crowd", key).await }
        });
        futures_util::future::join_all(crowd).await;
    }
}
