//! From one model to two hundred in one application.

use loopwright::App;
use loopwright::definitions::Definitions;
use loopwright_tests::sqlite_url;
use serde_json::{Value as Json, json};

use crate::Result;
use crate::curve::{Axis, Curve};
use crate::definitions::{allow, folder};
use crate::pace::Pace;
use crate::server::{Request, Server, config};

const SIZES: [usize; 6] = [1, 25, 50, 100, 150, 200];

pub async fn serve(folder: &str, url: &str, tables: bool) -> Result<()> {
    let app = App::new()
        .config(config(url, Some(tables)))
        .definitions(Definitions::folder(folder));
    Ok(app.run().await?)
}

/// The model of this number among so many: eight properties and two relations.
fn model(number: usize, of: usize) -> Json {
    json!({
        "name": format!("Model{number}"),
        "base": "PersistedModel",
        "properties": {
            "name": {"type": "string", "required": true},
            "city": "string",
            "size": "number",
            "price": "number",
            "open": "boolean",
            "since": "date",
        },
        "relations": {
            "owner": {
                "type": "belongsTo",
                "model": format!("Model{}", (number + 1) % of),
                "foreignKey": "ownerId",
            },
            "owned": {
                "type": "hasMany",
                "model": format!("Model{}", (number + of - 1) % of),
                "foreignKey": "ownerId",
            },
        },
        "acls": [allow("READ", "$everyone"), allow("WRITE", "$everyone")],
    })
}

pub async fn curves(pace: &Pace) -> Result<Vec<Curve>> {
    let models = || Axis::linear("models of the application");
    let milliseconds = Axis::linear("CPU time from the first instruction to listening, ms");
    let mut boot = Curve::new("models-boot", "Models: the start", models(), milliseconds);
    let megabytes = Axis::linear("memory in use after the start, MB");
    let mut memory = Curve::new("models-memory", "Models: memory", models(), megabytes);
    let microseconds = Axis::linear("CPU time per request, µs");
    let mut get = Curve::new("models-get", "Models: a get by id", models(), microseconds);
    for count in pace.sizes(&SIZES, 25) {
        let all: Vec<_> = (0..count).map(|number| model(number, count)).collect();
        let folder = folder(&all)?;
        let folder = folder.path().display();
        let sqlite = sqlite_url();
        let places = [
            ("in memory", "memory:", "left"),
            ("SQLite, tables compared", &*sqlite, "compared"),
            ("SQLite", &sqlite, "left"),
        ];
        for (name, url, tables) in places {
            let what = format!("models {folder} {url} {tables}");
            // The tables are made by the first.
            let mut server = Server::start(&what)?;
            let mut least = f64::INFINITY;
            for _ in 0..pace.repetitions {
                server = Server::start(&what)?;
                least = least.min(server.started_with.as_secs_f64() * 1e3);
            }
            boot.add(name, count, least);
            memory.add(name, count, server.memory()? as f64 / 1024.0);
            if tables == "compared" {
                continue;
            }
            // One in the middle: neither the first that is found nor the last.
            let path = format!("Model{}s", count / 2);
            let made = server
                .ask(Request::post(&path, json!({"name": "one"})))
                .await?;
            let path = format!("{path}/{}", made["id"]);
            let cost = server.cost(pace, usize::MAX, |_| Request::get(&path));
            get.add(name, count, cost.await?.server);
        }
    }
    Ok(vec![boot, memory, get])
}
