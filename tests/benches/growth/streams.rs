//! From one open change stream to ten thousand.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use loopwright::App;
use loopwright::prelude::*;
use reqwest::Response;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Result as AnyResult;
use crate::curve::{Axis, Curve};
use crate::pace::Pace;
use crate::server::{Request, Server, config};

const SIZES: [usize; 8] = [1, 10, 100, 1_000, 2_500, 5_000, 7_500, 10_000];

/// How many are opened at once.
const AT_ONCE: usize = 64;

/// How long anybody waits for what has happened.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Model)]
#[acl(open)]
struct Note {
    #[model(id, generated)]
    id: i64,
    title: String,
    body: String,
}

pub async fn serve() -> AnyResult<()> {
    let app = App::new().config(config("memory:", None));
    Ok(app.models::<(Note,)>().run().await?)
}

/// Those who listen.
struct Listeners {
    tasks: JoinSet<()>,
    /// One for each change that one of them has heard.
    heard: Arc<Semaphore>,
    client: reqwest::Client,
}

impl Listeners {
    fn new() -> Self {
        Listeners {
            tasks: JoinSet::new(),
            heard: Arc::new(Semaphore::new(0)),
            client: reqwest::Client::new(),
        }
    }

    /// Opens streams until there are so many.
    async fn grow(&mut self, server: &Server, count: usize) -> AnyResult<()> {
        let url = server.url("Notes/change-stream");
        let open = (self.tasks.len()..count).map(|_| {
            let request = self.client.get(&url);
            async { AnyResult::Ok(request.send().await?.error_for_status()?) }
        });
        let opened = stream::iter(open).buffer_unordered(AT_ONCE);
        for stream in opened.try_collect::<Vec<_>>().await? {
            self.tasks.spawn(listen(stream, self.heard.clone()));
        }
        Ok(())
    }

    /// Makes something, and waits until all have heard of it.
    async fn hear_of_one(&self, server: &Server) -> AnyResult<()> {
        let note = json!({"title": "Something new", "body": "It is worth a line or two, no more."});
        server.ask(Request::post("Notes", note)).await?;
        let all = u32::try_from(self.tasks.len())?;
        timeout(PATIENCE, self.heard.acquire_many(all))
            .await??
            .forget();
        Ok(())
    }
}

/// Counts the changes that a stream tells of.
async fn listen(mut response: Response, heard: Arc<Semaphore>) {
    let mut text = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        text.extend_from_slice(&piece);
        while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
            if text.starts_with(b"event: data\n") {
                heard.add_permits(1);
            }
            text.drain(..end + 2);
        }
    }
}

pub async fn curves(pace: &Pace) -> AnyResult<Vec<Curve>> {
    let mut cost = Curve::new(
        "streams",
        "Open change streams: what others cost meanwhile",
        Axis::decades("open change streams"),
        Axis::decades("CPU time per request, µs"),
    );
    let mut memory = Curve::new(
        "streams-memory",
        "Open change streams: memory of the server",
        Axis::linear("open change streams"),
        Axis::linear("memory in use, MB"),
    );
    let server = Server::start("streams")?;
    let mut listeners = Listeners::new();
    for count in pace.sizes(&SIZES, 100) {
        listeners.grow(&server, count).await?;
        // All that a first change sets up is there then.
        listeners.hear_of_one(&server).await?;
        memory.add("the server", count, server.memory()? as f64 / 1024.0);
        let mut least = f64::INFINITY;
        for _ in 0..pace.repetitions {
            let (mut changes, mut spent) = (0_u32, Duration::ZERO);
            while spent < pace.busy {
                spent += server.spent(listeners.hear_of_one(&server)).await?;
                changes += 1;
            }
            least = least.min(spent.as_secs_f64() * 1e6 / f64::from(changes));
        }
        cost.add("create, until all have heard of it", count, least);
        let get = server.cost(pace, usize::MAX, |_| Request::get("Notes/1"));
        cost.add("get by id", count, get.await?.server);
    }
    Ok(vec![cost, memory])
}
