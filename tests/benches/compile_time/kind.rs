//! What the models of a program are written with.

use std::path::Path;

use crate::Result;
use crate::package::Package;

const DESCRIBED: &str = include_str!("models/described.rs");

pub const KINDS: [Kind; 3] = [
    Kind {
        title: "loopwright",
        name: "described",
        model: &[DESCRIBED],
        main: LOOPWRIGHT,
        added: ".models::<(MODEL,)>()",
        dependencies: r#"loopwright = { path = "RUNTIME" }"#,
    },
    Kind {
        title: "loopwright, each with a hook and a method",
        name: "programmed",
        model: &[DESCRIBED, include_str!("models/methods.rs")],
        main: LOOPWRIGHT,
        added: ".models::<(MODEL,)>()",
        dependencies: r#"loopwright = { path = "RUNTIME" }"#,
    },
    Kind {
        title: "hand-written, axum and SeaORM",
        name: "hand_written",
        model: &[include_str!("models/hand_written.rs")],
        main: HAND_WRITTEN,
        added: ".merge(MODEL::router())",
        dependencies: SEA_ORM,
    },
];

/// `ADDED` in a program stands for what `added` says of each model, and `MODEL` for a model's name.
pub struct Kind {
    pub title: &'static str,
    pub name: &'static str,
    /// The parts of a model.
    model: &'static [&'static str],
    main: &'static str,
    added: &'static str,
    dependencies: &'static str,
}

impl Kind {
    /// The program with so many models.
    pub fn package(&self, root: &Path, models: usize) -> Result<Package> {
        let name = format!("{}_{models}", self.name);
        Package::new(root, name, self.dependencies)
    }

    /// Its source after so many changes: one property of the model in the middle has one of two types in turn. Where there
    /// is no model, it is a constant that changes.
    pub fn source(&self, models: usize, changes: usize) -> String {
        let named = |text: &str, model| text.replace("MODEL", &format!("Model{model}"));
        let added: String = (0..models).map(|model| named(self.added, model)).collect();
        let text = self.model.concat();
        let mut source = self.main.replace("ADDED", &added);
        for model in 0..models {
            let mut text = named(&text, model);
            if model == models / 2 && !changes.is_multiple_of(2) {
                text = text.replace("i32", "i64");
            }
            source.push_str(&text);
        }
        if models == 0 {
            source.push_str(&format!("pub const CHANGES: usize = {changes};\n"));
        }
        source
    }
}

const LOOPWRIGHT: &str = "\
#![allow(unused_imports)]

use loopwright::hook::Save;
use loopwright::prelude::*;
use loopwright::Context;

#[tokio::main]
async fn main() -> Result<()> {
    App::new()ADDED.run().await
}
";

const SEA_ORM: &str = r#"axum = "0.8"
chrono = { version = "0.4", features = ["serde"] }
sea-orm = { version = "2", default-features = false, features = ["macros", "runtime-tokio", "sqlx-sqlite", "with-chrono", "with-json"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1""#;

const HAND_WRITTEN: &str = r#"
#![allow(non_snake_case)]

use axum::Router;
use sea_orm::Database;

#[tokio::main]
async fn main() {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    let app = Router::new()ADDED.with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
"#;
