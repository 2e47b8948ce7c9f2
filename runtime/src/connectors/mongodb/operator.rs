//! Changes that depend on what is stored, by the server's own operators.

use mongodb::bson::{Bson, Document, doc};

use super::error::{explain, is_unfit};
use super::session::{Session, read};
use super::value::{document, key, raised_version, to_bson};
use crate::connectors::{Judge, check_changes};
use crate::model::{ModelDef, PropertyType, Record, Value};
use crate::query::{Operator, OperatorChange};
use crate::{Error, Result};

impl Session<'_> {
    /// Changes the records with these ids, and shows each of them to `judge`; within a transaction, which ends with what
    /// it refuses.
    pub async fn operate(
        &mut self,
        model: &'static ModelDef,
        ids: Vec<Bson>,
        changes: &Record,
        operators: &[Operator],
        judge: &Judge<'_>,
    ) -> Result<u64> {
        check_changes(model, changes)?;
        let count = ids.len();
        let chosen = doc! { "_id": { "$in": ids } };
        let collection = self.collection(model);
        for operator in operators {
            // Null is nothing that an operator begins with; absent is, and means the same.
            let key = key(&model.properties[operator.property]);
            let null = doc! { "$and": [chosen.clone(), { key: { "$type": "null" } }] };
            let unset = collection.update_many(null, doc! { "$unset": { key: "" } });
            let unset = unset.session(&mut *self.session).await;
            unset.map_err(|error| explain(error, model))?;
        }
        let update = update(model, changes, operators);
        if !update.is_empty() {
            let update = collection.update_many(chosen.clone(), update);
            let updated = update.session(&mut *self.session).await;
            updated.map_err(|error| match is_unfit(&error) {
                true => unfit().with_source(error),
                false => explain(error, model),
            })?;
        }
        let find = collection.find(chosen);
        self.each(model, find, |document| {
            judge(&read(model, document, |_| true)?)?;
            Ok(true)
        })
        .await?;
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

fn unfit() -> Error {
    let message = "an operator does not fit what is stored: a number that grows too large, or no number or list at all";
    Error::new(400, message).with_code("INVALID_OPERATOR")
}

/// The change in the server's words.
fn update(model: &ModelDef, changes: &Record, operators: &[Operator]) -> Document {
    let mut update = Document::new();
    let changes = document(model, changes);
    let nothing = changes.is_empty() && operators.is_empty();
    if !changes.is_empty() {
        update.insert("$set", changes);
    }
    if let Some((version, by)) = raised_version(model).filter(|_| !nothing) {
        update.insert("$inc", doc! { version: by });
    }
    for operator in operators {
        let property = &model.properties[operator.property];
        let value = |value: &Value| to_bson(&property.ty, value);
        let list = |items: &[Value]| match property.ty {
            PropertyType::Array(item) => {
                Bson::Array(items.iter().map(|value| to_bson(item, value)).collect())
            }
            _ => Bson::Null,
        };
        let (word, operand) = match &operator.change {
            OperatorChange::Increase(by) => ("$inc", value(by)),
            OperatorChange::Multiply(by) => ("$mul", value(by)),
            OperatorChange::AtMost(most) => ("$min", value(most)),
            OperatorChange::AtLeast(least) => ("$max", value(least)),
            OperatorChange::Append(items) => ("$push", doc! { "$each": list(items) }.into()),
            OperatorChange::Add(items) => ("$addToSet", doc! { "$each": list(items) }.into()),
            OperatorChange::Remove(items) => ("$pullAll", list(items)),
            OperatorChange::Shorten { first } => ("$pop", if *first { -1 } else { 1 }.into()),
        };
        match update.get_document_mut(word) {
            Ok(others) => {
                others.insert(key(property), operand);
            }
            Err(_) => {
                update.insert(word, doc! { key(property): operand });
            }
        }
    }
    update
}
