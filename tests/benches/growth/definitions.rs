//! An application as LoopBack's files define it: how many models it has, and what they say, is known at run time alone.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json, json};
use tempfile::TempDir;

use crate::Result;

/// The folder of an application with these models. It vanishes with what is returned.
pub fn folder(models: &[Json]) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let (server, common) = (
        folder.path().join("server"),
        folder.path().join("common/models"),
    );
    fs::create_dir_all(&server)?;
    fs::create_dir_all(&common)?;
    let mut config = Map::new();
    config.insert("_meta".to_owned(), json!({"sources": ["../common/models"]}));
    for model in models {
        let name = model["name"].as_str().ok_or("a model has a name")?;
        config.insert(name.to_owned(), json!({"dataSource": "db", "public": true}));
        write(&common.join(format!("{name}.json")), model)?;
    }
    write(&server.join("model-config.json"), &Json::Object(config))?;
    let sources = json!({"db": {"name": "db", "connector": "memory"}});
    write(&server.join("datasources.json"), &sources)?;
    Ok(folder)
}

fn write(file: &Path, json: &Json) -> Result<()> {
    Ok(fs::write(file, json.to_string())?)
}

/// Allows these everything of that kind.
pub fn allow(access: &str, principal: &str) -> Json {
    json!({
        "accessType": access,
        "principalType": "ROLE",
        "principalId": principal,
        "permission": "ALLOW",
    })
}
