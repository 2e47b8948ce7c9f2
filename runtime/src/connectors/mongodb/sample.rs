//! Some documents of each collection: what discovery infers models from.

use futures_util::TryStreamExt;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Bson, Document, doc};
use serde_json::{Map, Value as Json, json};

use super::error::failed;
use super::value::{from_decimal128, geo_point, integer};
use super::{MongoConnector, counter};
use crate::Result;

impl MongoConnector {
    /// Up to `size` documents of each collection, chosen at random, in MongoDB's extended JSON as far as it tells types
    /// apart. The collections come sorted by their names, without the views, which nothing can be written to.
    ///
    /// # Errors
    /// The database can't be reached, or refuses.
    pub async fn samples(&self, size: u32) -> Result<Vec<(String, Vec<Json>)>> {
        let names = self.database.list_collection_names();
        let names = names.filter(doc! { "type": { "$ne": "view" } });
        let mut names = names.await.map_err(failed)?;
        names.retain(|name| !name.starts_with("system.") && name != counter::COLLECTION);
        names.sort();
        let mut samples = Vec::with_capacity(names.len());
        for name in names {
            let collection = self.database.collection::<Document>(&name);
            let documents = async {
                let cursor = collection.aggregate([doc! { "$sample": { "size": size } }]);
                cursor.await?.try_collect::<Vec<_>>().await
            };
            let documents = documents.await.map_err(failed)?;
            samples.push((name, documents.iter().map(object).collect()));
        }
        Ok(samples)
    }
}

fn object(document: &Document) -> Json {
    // A point has nothing else to say, such as a height.
    let flat = document
        .get_array("coordinates")
        .map_or(true, |place| place.len() == 2);
    if flat && document.len() == 2 && geo_point(document).is_some() {
        // What matters is that it is one.
        return json!({ "lat": 0, "lng": 0 });
    }
    let members = document.iter().map(|(name, value)| {
        let value = match integer(value) {
            // JavaScript has no other numbers, and an id is none of its fractions.
            Some(id) if name == "_id" => json!(id),
            _ => sample(value),
        };
        (name.clone(), value)
    });
    Json::Object(members.collect::<Map<_, _>>())
}

fn sample(value: &Bson) -> Json {
    match value {
        Bson::Null | Bson::Undefined => Json::Null,
        Bson::Double(number) if number.is_finite() => json!(number),
        Bson::Double(number) => json!({ "$numberDouble": number.to_string() }),
        Bson::String(text) => json!(text),
        Bson::Array(items) => items.iter().map(sample).collect(),
        Bson::Document(document) => object(document),
        Bson::Boolean(flag) => json!(flag),
        Bson::Int32(number) => json!(number),
        Bson::Int64(number) => json!(number),
        Bson::ObjectId(id) => json!({ "$oid": id.to_hex() }),
        Bson::DateTime(instant) => json!({ "$date": instant.timestamp_millis() }),
        Bson::Decimal128(number) if from_decimal128(*number).is_some() => {
            json!({ "$numberDecimal": number.to_string() })
        }
        Bson::Binary(binary) if binary.subtype == BinarySubtype::Uuid => json!({ "$uuid": "" }),
        Bson::Binary(_) => json!({ "$binary": "" }),
        // What no property is.
        _ => json!({ "$undefined": true }),
    }
}
