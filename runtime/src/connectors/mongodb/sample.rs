//! Some documents of each collection: what discovery infers models from.

use futures_util::TryStreamExt;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Bson, Document, doc};
use serde_json::{Map, Value as Json, json};

use super::error::failed;
use super::{MongoConnector, counter};
use crate::Result;

impl MongoConnector {
    /// Up to `size` documents of each collection, chosen at random, in MongoDB's extended JSON as far as it tells types
    /// apart. The collections come sorted by their names.
    ///
    /// # Errors
    /// The database can't be reached, or refuses.
    pub async fn samples(&self, size: u32) -> Result<Vec<(String, Vec<Json>)>> {
        let names = self.database.list_collection_names().await;
        let mut names = names.map_err(failed)?;
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
    let point = document.get_str("type").is_ok_and(|kind| kind == "Point")
        && document
            .get_array("coordinates")
            .is_ok_and(|place| place.len() == 2);
    if point {
        // What matters is that it is one.
        return json!({ "lat": 0, "lng": 0 });
    }
    let members = document
        .iter()
        .map(|(name, value)| (name.clone(), sample(value)));
    Json::Object(members.collect::<Map<_, _>>())
}

fn sample(value: &Bson) -> Json {
    match value {
        Bson::Double(number) => json!(number),
        Bson::String(text) => json!(text),
        Bson::Array(items) => items.iter().map(sample).collect(),
        Bson::Document(document) => object(document),
        Bson::Boolean(flag) => json!(flag),
        Bson::Int32(number) => json!(number),
        Bson::Int64(number) => json!(number),
        Bson::ObjectId(id) => json!({ "$oid": id.to_hex() }),
        Bson::DateTime(instant) => json!({ "$date": instant.timestamp_millis() }),
        Bson::Decimal128(number) => json!({ "$numberDecimal": number.to_string() }),
        Bson::Binary(binary) if binary.subtype == BinarySubtype::Uuid => json!({ "$uuid": "" }),
        Bson::Binary(_) => json!({ "$binary": "" }),
        // Null, and what no property is.
        _ => Json::Null,
    }
}
