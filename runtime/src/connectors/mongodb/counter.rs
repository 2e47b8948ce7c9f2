//! Generated integer ids: MongoDB makes none itself, so one document per collection holds the last one.
//!
//! As a sequence in a SQL database, a count stands outside of transactions: what is undone leaves a gap, and nobody waits
//! for anybody.

use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Result;
use mongodb::options::{Acknowledgment, CollectionOptions, ReturnDocument, WriteConcern};
use mongodb::{Collection, Database};

use super::error::is_duplicate;
use crate::model::ModelDef;

/// `{_id: <collection>, last: <id>}`
pub(super) const COLLECTION: &str = "loopwright_counters";

fn counters(database: &Database) -> Collection<Document> {
    let options = CollectionOptions::builder();
    // The document that gets the id is written later and waited for; it is not safe before the count is.
    let options = options.write_concern(WriteConcern::from(Acknowledgment::Nodes(1)));
    database.collection_with_options(COLLECTION, options.build())
}

/// The next id of `model`.
pub(super) async fn next(database: &Database, model: &ModelDef) -> Result<Option<i64>> {
    let counters = counters(database);
    for _ in 0..2 {
        let count = counters
            .find_one_and_update(of(model), doc! { "$inc": { "last": 1_i64 } })
            .return_document(ReturnDocument::After)
            .await?;
        match count {
            Some(count) => return Ok(count.get_i64("last").ok()),
            None => begin(database, model).await?,
        }
    }
    Ok(None)
}

/// Lets the count go on after an id that somebody chose.
pub(super) async fn pass(database: &Database, model: &ModelDef, id: i64) -> Result<()> {
    let counters = counters(database);
    for _ in 0..2 {
        let pass = counters.update_one(of(model), doc! { "$max": { "last": id } });
        if pass.await?.matched_count > 0 {
            break;
        }
        begin(database, model).await?;
    }
    Ok(())
}

/// Lets the ids of `model` begin anew.
pub(super) async fn reset(database: &Database, model: &ModelDef) -> Result<()> {
    counters(database).delete_one(of(model)).await.map(drop)
}

/// Begins to count after the ids that are there.
async fn begin(database: &Database, model: &ModelDef) -> Result<()> {
    let greatest = database
        .collection::<Document>(model.table)
        .find_one(doc! { "_id": { "$type": "number" } })
        .sort(doc! { "_id": -1 })
        .projection(doc! { "_id": 1 })
        .await?;
    let greatest = match greatest.as_ref().and_then(|document| document.get("_id")) {
        Some(Bson::Int64(id)) => *id,
        Some(Bson::Int32(id)) => i64::from(*id),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "JavaScript's ids are whole numbers; the cast stops at the bounds of `i64`"
        )]
        Some(Bson::Double(id)) => *id as i64,
        _ => 0,
    };
    let count = doc! { "_id": model.table, "last": greatest.max(0) };
    match counters(database).insert_one(count).await {
        // Somebody else has just begun.
        Err(error) if is_duplicate(&error) => Ok(()),
        result => result.map(drop),
    }
}

fn of(model: &ModelDef) -> Document {
    doc! { "_id": model.table }
}
