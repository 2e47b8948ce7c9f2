//! The state as LoopBack's own file (contract *connectors.md* §3).
//!
//! ```json
//! {
//!   "ids": { "Car": 2 },
//!   "models": { "Car": { "1": "{\"id\":1,\"make\":\"Alfa\"}" } }
//! }
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::collection::{Collection, Row};
use super::state::State;
use crate::model::{
    CoercionError, ModelDef, PropertyDef, PropertyType, Record, Value, kept_undeclared,
};
use crate::{Error, Result};

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Document {
    /// The next id of each model.
    ids: BTreeMap<String, Json>,
    /// Each model's records by id, as JSON text.
    models: BTreeMap<String, Map<String, Json>>,
}

/// A model of the file that nobody has asked for: which types its values have, only the model can say.
pub(super) struct Unread {
    file: PathBuf,
    next_id: Json,
    rows: Map<String, Json>,
}

/// What the file at `path` holds. One that is missing holds nothing.
pub(super) fn load(path: &Path) -> Result<State> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
        Err(error) => {
            let message = format!("the file `{}` can't be read", path.display());
            return Err(unavailable(message, error));
        }
    };
    let broken = |message: String| {
        let file = path.display();
        Error::internal(format!(
            "the file `{file}` is no data of this connector: {message}"
        ))
    };
    match bytes.trim_ascii_start().first() {
        Some(b'{') => {}
        // An editor leaves an empty file, and nothing is lost with it.
        None => return Ok(State::default()),
        // Read by position, a list would pass for the two members.
        Some(_) => return Err(broken("it is no JSON object".to_owned())),
    }
    let document: Document =
        serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
    let mut ids = document.ids;
    let mut state = State::default();
    for (name, rows) in document.models {
        for (id, row) in &rows {
            members(row).map_err(|error| broken(format!("`models.{name}.{id}`: {error}")))?;
        }
        let unread = Unread {
            file: path.to_owned(),
            next_id: ids.remove(&name).unwrap_or(Json::from(1)),
            rows,
        };
        state.unread.insert(name, Arc::new(unread));
    }
    Ok(state)
}

/// Writes the whole file, so that whoever reads it, whenever, finds the old one or the new one and never a part.
pub(super) fn save(path: &Path, state: &State) -> Result<()> {
    let mut document = Document::default();
    for (name, unread) in &state.unread {
        document.ids.insert(name.clone(), unread.next_id.clone());
        document.models.insert(name.clone(), unread.rows.clone());
    }
    for (name, collection) in state.named() {
        let rows = collection.rows().map(|row| encode(collection, row));
        document
            .ids
            .insert(name.to_owned(), collection.next_id.into());
        document.models.insert(name.to_owned(), rows.collect());
    }
    let written = serde_json::to_vec_pretty(&document)
        .map_err(io::Error::from)
        .and_then(|bytes| replace(path, &bytes));
    written.map_err(|error| {
        let message = "the data source's file can't be written; nothing was changed";
        unavailable(message, error)
    })
}

fn unavailable(message: impl Into<String>, error: io::Error) -> Error {
    Error::new(503, message)
        .with_code("DATA_SOURCE_UNAVAILABLE")
        .with_source(error)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".tmp");
    let beside = PathBuf::from(beside);
    let write = || {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        if let Ok(existing) = fs::metadata(path) {
            file.set_permissions(existing.permissions())?;
        }
        // The name must not point at the new file before its content is safe.
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().inspect_err(|_| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    })?;
    sync_folder(path)
}

/// Only now does the new name outlive a power cut. Elsewhere than on Unix a folder can't be opened, and needn't be.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder(path))?.sync_all()?;
    }
    Ok(())
}

/// The folder that the file is in.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn encode(collection: &Collection, row: &Row) -> (String, Json) {
    let model = collection.shape();
    let declared = model.properties.iter().zip(row.record.values());
    let mut members: Map<String, Json> = declared
        .filter(|(property, _)| !property.extra)
        .filter_map(|(property, value)| Some((property.name.to_owned(), value.as_ref()?.to_json())))
        .collect();
    let undeclared = kept_undeclared(model, &row.record);
    members.extend(undeclared.map(|(name, json)| (name.clone(), json.clone())));
    members.extend(row.aside.clone());
    let id = row.record.value(model.id_index()).to_text();
    (id, Json::Object(members).to_string().into())
}

fn members(row: &Json) -> Result<Map<String, Json>, String> {
    let text = row
        .as_str()
        .ok_or("a record is JSON text within a string")?;
    serde_json::from_str(text).map_err(|error| error.to_string())
}

impl Unread {
    /// The rows as records of `model`; `name` is what the file calls them. Any of the models `sharing` the table may
    /// have written a row, with its own names of the columns.
    pub fn read(
        &self,
        name: &str,
        model: &'static ModelDef,
        sharing: &[&'static ModelDef],
    ) -> Result<Collection> {
        let mut collection = Collection::new(name, model);
        for (id, row) in &self.rows {
            let row = members(row)
                .and_then(|members| read_row(id, members, model, sharing))
                .map_err(|error| {
                    let file = self.file.display();
                    Error::internal(format!(
                        "the file `{file}` can't be used: `models.{name}.{id}`: {error}"
                    ))
                })?;
            collection.restore(row)?;
        }
        let next_id = self.next_id.as_i64().unwrap_or_default();
        collection.next_id = collection.next_id.max(next_id);
        Ok(collection)
    }
}

fn read_row(
    id: &str,
    mut members: Map<String, Json>,
    model: &ModelDef,
    sharing: &[&ModelDef],
) -> Result<Row, String> {
    let mut record = Record::new(model);
    for (index, property) in model.properties.iter().enumerate() {
        if property.extra {
            continue;
        }
        let others = sharing.iter().flat_map(|other| other.properties);
        let others = others.filter(|other| other.column == property.column);
        let mut names = std::iter::once(property)
            .chain(others)
            .map(|property| property.name);
        let json = match names.find_map(|name| members.shift_remove(name)) {
            Some(json) => json,
            None if property.id => id.into(),
            None => continue,
        };
        let value =
            decode(property, json).map_err(|error| format!("`{}` {error}", property.name))?;
        record.set(index, value);
    }
    Ok(Row::new(model, record, members))
}

/// The value of `property` that was written as `json`.
pub(super) fn decode(property: &PropertyDef, json: Json) -> Result<Value, String> {
    match (property.ty, json) {
        (PropertyType::Json, json) if !json.is_null() || !property.nullable => {
            Ok(Value::Json(Box::new(json)))
        }
        // A name that the enum no longer has is still what was stored.
        (PropertyType::Enum(_), Json::String(text)) => Ok(Value::String(text)),
        (ty, json) => ty.from_json(json).map_err(|error| match error {
            CoercionError::Invalid { message, .. } | CoercionError::Malformed { message, .. } => {
                message
            }
        }),
    }
}
