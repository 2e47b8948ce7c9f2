//! A change as JSON, as clients and the other instances of the application read it.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::Change;
use crate::connectors::ChangeKind;
use crate::model::{ModelDef, PropertyType, Record, RecordJson, Value};
use crate::query::Condition;

impl Change {
    /// As LoopBack writes it.
    pub fn to_json(&self, def: &'static ModelDef) -> Json {
        let mut json = Map::new();
        if let Some(target) = &self.target {
            json.insert("target".into(), target.to_json());
        }
        if let Some(condition) = &self.condition {
            json.insert("where".into(), condition.to_json(def));
        }
        if let Some(record) = &self.data {
            json.insert("data".into(), json!(RecordJson { def, record }));
        }
        let kind = match self.kind {
            ChangeKind::Create => "create",
            ChangeKind::Update => "update",
            ChangeKind::Remove => "remove",
        };
        json.insert("type".into(), kind.into());
        Json::Object(json)
    }

    /// What another instance of the application has written. Nothing, if that is no change of this model.
    pub fn from_json(def: &'static ModelDef, mut json: Json) -> Option<Self> {
        let kind = match json.get("type")?.as_str()? {
            "create" => ChangeKind::Create,
            "update" => ChangeKind::Update,
            "remove" => ChangeKind::Remove,
            _ => return None,
        };
        let mut take = |name: &str| json.get_mut(name).map(Json::take);
        let (target, condition, data) = (take("target"), take("where"), take("data"));
        Some(Change {
            kind,
            target: read(target, |json| id_from_json(def, json))?,
            condition: read(condition, |json| Condition::from_json(def, json, true).ok())?,
            data: read(data, |json| record_from_json(def, json).map(Arc::new))?,
        })
    }
}

/// What is there has to be understood; nothing need be there.
fn read<T>(json: Option<Json>, read: impl FnOnce(Json) -> Option<T>) -> Option<Option<T>> {
    match json {
        Some(json) => read(json).map(Some),
        None => Some(None),
    }
}

fn id_from_json(def: &ModelDef, json: Json) -> Option<Value> {
    if !def.has_composite_id() {
        return def.id().ty.from_json(json).ok();
    }
    let Json::Array(keys) = json else { return None };
    let keys = def.id_properties().into_iter().zip(keys);
    let keys = keys.map(|(property, key)| property.ty.from_json(key).ok());
    keys.collect::<Option<_>>().map(Value::Array)
}

fn record_from_json(def: &'static ModelDef, json: Json) -> Option<Record> {
    let Json::Object(mut members) = json else {
        return None;
    };
    let mut record = Record::new(def);
    for (index, property) in def.properties.iter().enumerate() {
        if !property.extra
            && let Some(json) = members.shift_remove(property.name)
        {
            record.set(index, property.ty.from_json(json).ok()?);
        }
    }
    if let Some(extra) = def.extra_index()
        && !members.is_empty()
    {
        record.set(
            extra,
            PropertyType::Json.from_json(Json::Object(members)).ok()?,
        );
    }
    Some(record)
}
