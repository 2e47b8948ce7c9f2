//! Conditions as the server's own.
//!
//! Values are operands of `$eq` and its kin, never read as operators. Null semantics are those that [`Condition`]
//! promises: an absent member is null.

use mongodb::bson::{Bson, Document, doc};

use super::pattern;
use super::value::{key, to_bson};
use crate::model::{ModelDef, PropertyDef, PropertyType, Value};
use crate::query::{Comparison, Condition};
use crate::{Error, Result};

/// `condition` over the collection of `model`.
pub(super) fn filter(model: &ModelDef, condition: &Condition) -> Result<Document> {
    let all = |list: &[Condition]| -> Result<Vec<Document>> {
        list.iter()
            .map(|condition| filter(model, condition))
            .collect()
    };
    match condition {
        Condition::And(list) if list.is_empty() => Ok(Document::new()),
        Condition::And(list) => Ok(doc! { "$and": all(list)? }),
        Condition::Or(list) if list.is_empty() => Ok(never()),
        Condition::Or(list) => Ok(doc! { "$or": all(list)? }),
        Condition::Compare {
            property,
            comparison,
        } => {
            let property = model.properties.get(*property).ok_or_else(|| {
                Error::internal(format!(
                    "a condition names property {property} of `{}`, which has fewer",
                    model.name
                ))
            })?;
            Member { property }.compare(comparison)
        }
    }
}

/// Does the condition find one document at most, by its id?
pub(super) fn names_one(model: &ModelDef, condition: &Condition) -> bool {
    match condition {
        Condition::And(list) => list.iter().any(|condition| names_one(model, condition)),
        Condition::Compare {
            property,
            comparison: Comparison::Equal(_),
        } => *property == model.id_index(),
        _ => false,
    }
}

fn never() -> Document {
    doc! { "_id": { "$in": [] } }
}

/// The member of the documents that keeps `property`.
struct Member<'a> {
    property: &'a PropertyDef,
}

impl Member<'_> {
    fn compare(&self, comparison: &Comparison) -> Result<Document> {
        use Comparison::{
            Between, Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, Like, NotEqual, NotIn,
        };

        Ok(match comparison {
            Equal(Value::Null) => self.is_null(),
            NotEqual(Value::Null) => doc! { "$nor": [self.is_null()] },
            Greater(Value::Null)
            | GreaterOrEqual(Value::Null)
            | Less(Value::Null)
            | LessOrEqual(Value::Null)
            | Between(Value::Null, _)
            | Between(_, Value::Null) => never(),
            Equal(value) => self.operator("$eq", self.bson(value)),
            NotEqual(value) => self.operator("$ne", self.bson(value)),
            Greater(value) => self.operator("$gt", self.bson(value)),
            GreaterOrEqual(value) => self.operator("$gte", self.bson(value)),
            Less(value) => self.operator("$lt", self.bson(value)),
            LessOrEqual(value) => self.operator("$lte", self.bson(value)),
            Between(low, high) => self.is(doc! { "$gte": self.bson(low), "$lte": self.bson(high) }),
            In(list) => self.operator("$in", self.list(list)),
            NotIn(list) => self.operator("$nin", self.list(list)),
            Like {
                pattern,
                ignore_case,
                negated,
            } => {
                let fits = self.like(pattern, *ignore_case)?;
                if *negated {
                    doc! { "$nor": [fits] }
                } else {
                    fits
                }
            }
        })
    }

    fn bson(&self, value: &Value) -> Bson {
        to_bson(&self.property.ty, value)
    }

    fn list(&self, values: &[Value]) -> Bson {
        Bson::Array(values.iter().map(|value| self.bson(value)).collect())
    }

    fn is(&self, operators: Document) -> Document {
        doc! { key(self.property): operators }
    }

    fn operator(&self, operator: &str, operand: Bson) -> Document {
        self.is(doc! { operator: operand })
    }

    fn is_null(&self) -> Document {
        if self.property.ty.is_structured() {
            // A list with null among its items has a value.
            self.is(doc! { "$eq": Bson::Null, "$not": { "$type": "array" } })
        } else {
            self.operator("$eq", Bson::Null)
        }
    }

    fn like(&self, pattern: &str, ignore_case: bool) -> Result<Document> {
        let expression = pattern::expression(pattern);
        let options = if ignore_case { "is" } else { "s" };
        let field = format!("${}", key(self.property));
        let text = match self.property.ty {
            PropertyType::String | PropertyType::Enum(_) => {
                return Ok(self.is(doc! { "$regex": expression, "$options": options }));
            }
            PropertyType::Date => {
                doc! { "$dateToString": { "date": field, "format": "%Y-%m-%d" } }
            }
            PropertyType::Boolean
            | PropertyType::Integer { .. }
            | PropertyType::DateTime
            | PropertyType::ObjectId => doc! { "$toString": field },
            // The server writes the others in its own way, or not at all.
            _ => {
                let message = format!(
                    "`{}` is not text, and this data source can't compare it with a pattern",
                    self.property.name
                );
                return Err(Error::new(400, message).with_code("CONDITION_NOT_SUPPORTED"));
            }
        };
        let fits = doc! { "input": text, "regex": expression, "options": options };
        Ok(doc! { "$expr": { "$regexMatch": fits } })
    }
}
