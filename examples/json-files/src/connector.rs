//! A folder for each model, in it a JSON file for each record.
//!
//! It is short rather than fast or safe against power cuts: every operation reads all files of its model, and a disk
//! that fills up while several records are updated leaves those before it changed. The `memory:` data source shows how
//! to do better.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use loopwright::connectors::{
    Capabilities, Connector, Operations, check_changes, check_new, duplicate_entry,
};
use loopwright::model::{DefaultDef, ModelDef, Record, Value};
use loopwright::query::{Condition, Filter};
use loopwright::{Error, Result};
use serde_json::{Map, Value as Json};
use tokio::sync::Mutex;

/// A folder of JSON files. One program at a time may use it.
pub struct JsonFiles {
    folder: PathBuf,
    /// One operation at a time: unique values are looked for before anything is written.
    turn: Mutex<()>,
}

impl JsonFiles {
    /// The connector over `folder`, which is made when the first model needs it.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        JsonFiles {
            folder: folder.into(),
            turn: Mutex::default(),
        }
    }

    fn folder(&self, model: &ModelDef) -> PathBuf {
        self.folder.join(model.table)
    }

    /// Ids may be any text, file names may not: what is no letter or digit is written as its number.
    fn file(&self, model: &ModelDef, record: &Record) -> PathBuf {
        let id = record.value(model.id_index()).to_text();
        let name: String = id
            .bytes()
            .map(|byte| match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'-' => char::from(byte).to_string(),
                other => format!("%{other:02x}"),
            })
            .collect();
        self.folder(model).join(format!("{name}.json"))
    }

    fn read(&self, model: &'static ModelDef) -> Result<Vec<Stored>> {
        let entries = match fs::read_dir(self.folder(model)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut records = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                records.push(Stored::read(model, &path)?);
            }
        }
        Ok(records)
    }

    fn matching(&self, model: &'static ModelDef, condition: &Condition) -> Result<Vec<Stored>> {
        let condition = condition.map_values(&kept);
        let mut stored = self.read(model)?;
        stored.retain(|stored| condition.matches(&stored.record));
        Ok(stored)
    }

    /// Refuses `records` if one of them has a unique value of another one, or of one that is stored and not among the
    /// ids `old`.
    fn check_unique(
        &self,
        model: &'static ModelDef,
        records: &[&Record],
        old: &[Value],
    ) -> Result<()> {
        let id = model.id_index();
        let mut stored = self.read(model)?;
        stored.retain(|stored| !old.contains(stored.record.value(id)));
        let unique: Vec<_> = std::iter::once(vec![id])
            .chain(model.unique_keys())
            .collect();
        for (position, record) in records.iter().enumerate() {
            let before = &records[..position];
            for other in stored
                .iter()
                .map(|stored| &stored.record)
                .chain(before.iter().copied())
            {
                let same = |index: &usize| {
                    let value = record.value(*index);
                    !value.is_null() && value == other.value(*index)
                };
                if let Some(key) = unique.iter().find(|key| key.iter().all(same)) {
                    return Err(duplicate_entry(model, &model.properties_at(key)));
                }
            }
        }
        Ok(())
    }
}

/// A record, and what its file holds beyond the model's properties: a larger model may come back for it.
struct Stored {
    record: Record,
    members: Map<String, Json>,
}

impl Stored {
    fn read(model: &'static ModelDef, path: &Path) -> Result<Self> {
        let broken = |what: &dyn std::fmt::Display| {
            Error::internal(format!(
                "the file `{}` can't be used: {what}",
                path.display()
            ))
        };
        let text = fs::read_to_string(path).map_err(failed)?;
        let members: Map<String, Json> =
            serde_json::from_str(&text).map_err(|error| broken(&error))?;
        let mut record = Record::new(model);
        for (index, property) in model.properties.iter().enumerate() {
            let value = match (members.get(property.column), property.default) {
                (Some(json), _) => property
                    .ty
                    .from_json(json.clone())
                    .map_err(|_| broken(&property.name))?,
                // What a property that came later has in older records.
                (None, Some(default @ DefaultDef::Literal(_))) => default.value(&property.ty),
                (None, _) => Value::Null,
            };
            record.set(index, value);
        }
        Ok(Stored { record, members })
    }

    fn write(mut self, model: &ModelDef, path: &Path) -> Result<()> {
        for (property, value) in model.properties.iter().zip(self.record.values()) {
            let json = match value {
                // LoopBack's JSON stops at milliseconds.
                Some(Value::DateTime(at)) => at.to_rfc3339_opts(SecondsFormat::Micros, true).into(),
                Some(value) => value.to_json(),
                None => continue,
            };
            self.members.insert(property.column.to_owned(), json);
        }
        // Under another name first: a file is there as a whole or not at all.
        let written = serde_json::to_vec_pretty(&self.members)
            .map_err(io::Error::from)
            .and_then(|bytes| fs::write(path.with_extension("tmp"), bytes))
            .and_then(|()| fs::rename(path.with_extension("tmp"), path));
        written.map_err(failed)
    }
}

#[async_trait]
impl Operations for JsonFiles {
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        let _turn = self.turn.lock().await;
        let found = self.matching(model, &filter.condition)?;
        let filter = Filter {
            condition: Condition::ALL,
            ..filter.clone()
        };
        Ok(filter.apply(model, found.into_iter().map(|stored| stored.record)))
    }

    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let _turn = self.turn.lock().await;
        Ok(self.matching(model, condition)?.len() as u64)
    }

    async fn create(&self, model: &'static ModelDef, mut record: Record) -> Result<Record> {
        let _turn = self.turn.lock().await;
        check_new(model, &record)?;
        fs::create_dir_all(self.folder(model)).map_err(failed)?;
        let id = model.id_index();
        if record.value(id).is_null() {
            record.set(id, Value::Integer(self.next_id(model)?));
        }
        let record = kept_record(&record);
        self.check_unique(model, &[&record], &[])?;
        self.remember_id(model, &record)?;
        let stored = Stored {
            record: record.clone(),
            members: Map::new(),
        };
        stored.write(model, &self.file(model, &record))?;
        Ok(record)
    }

    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64> {
        let _turn = self.turn.lock().await;
        check_changes(model, changes)?;
        let changes = kept_record(changes);
        let mut found = self.matching(model, condition)?;
        let id = model.id_index();
        let (mut ids, mut files) = (Vec::new(), Vec::new());
        for stored in &mut found {
            ids.push(stored.record.value(id).clone());
            files.push(self.file(model, &stored.record));
            stored.record.merge(changes.clone());
            if !changes.is_empty() {
                stored.record.raise_version(model);
            }
        }
        let changed: Vec<_> = found.iter().map(|stored| &stored.record).collect();
        self.check_unique(model, &changed, &ids)?;
        let count = found.len() as u64;
        for (stored, old) in found.into_iter().zip(files) {
            let new = self.file(model, &stored.record);
            stored.write(model, &new)?;
            if new != old {
                fs::remove_file(old).map_err(failed)?;
            }
        }
        Ok(count)
    }

    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let _turn = self.turn.lock().await;
        let found = self.matching(model, condition)?;
        for stored in &found {
            fs::remove_file(self.file(model, &stored.record)).map_err(failed)?;
        }
        Ok(found.len() as u64)
    }
}

impl JsonFiles {
    /// Ids of deleted records are not given again: the next one is in a file of its own.
    fn next_id(&self, model: &ModelDef) -> Result<i64> {
        match fs::read_to_string(self.folder(model).join("next_id")) {
            Ok(text) => text.trim().parse().map_err(|error| {
                Error::internal("the file `next_id` holds no number").with_source(error)
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(1),
            Err(error) => Err(failed(error)),
        }
    }

    fn remember_id(&self, model: &ModelDef, record: &Record) -> Result<()> {
        if let Value::Integer(id) = record.value(model.id_index())
            && *id >= self.next_id(model)?
        {
            let next = id.saturating_add(1).to_string();
            fs::write(self.folder(model).join("next_id"), next).map_err(failed)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Connector for JsonFiles {
    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::NONE;
        // What `Filter::apply` can do.
        capabilities.structured_conditions = true;
        capabilities.regexp = true;
        capabilities.near = true;
        capabilities.microseconds = true;
        capabilities
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()> {
        let _turn = self.turn.lock().await;
        for model in models {
            fs::create_dir_all(self.folder(model)).map_err(failed)?;
            for stored in self.read(model)? {
                let own = stored.record.value(model.id_index()).clone();
                self.check_unique(model, &[&stored.record], &[own])
                    .map_err(|error| {
                        let message = format!("{}; remove the duplicates first", error.message());
                        Error::internal(message)
                    })?;
            }
        }
        Ok(())
    }

    async fn automigrate(&self, models: &[&'static ModelDef]) -> Result<()> {
        let turn = self.turn.lock().await;
        for model in models {
            match fs::remove_dir_all(self.folder(model)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        drop(turn);
        self.autoupdate(models).await
    }
}

/// The value as a file keeps it: instants to the microsecond.
fn kept(value: &Value) -> Value {
    let cut = |at: &DateTime<Utc>| at.trunc_subsecs(6);
    match value {
        Value::DateTime(at) => Value::DateTime(cut(at)),
        other => other.clone(),
    }
}

fn kept_record(record: &Record) -> Record {
    let values = record.values().iter();
    Record::from_values(values.map(|value| value.as_ref().map(kept)).collect())
}

fn failed(error: io::Error) -> Error {
    Error::new(503, "the data source's files can't be read or written")
        .with_code("DATA_SOURCE_UNAVAILABLE")
        .with_source(error)
}

#[cfg(test)]
mod tests {
    use super::JsonFiles;

    #[tokio::test]
    async fn it_is_a_connector() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        loopwright::testing::conformance(&JsonFiles::new(folder.path())).await;
        Ok(())
    }
}
