//! What the server tells of its changes.

use std::time::Duration;

use futures_util::stream::{self, BoxStream, StreamExt};
use mongodb::Database;
use mongodb::bson::Document;
use mongodb::change_stream::event::{ChangeStreamEvent, OperationType};
use mongodb::options::FullDocumentType;

use super::connection::{bounded, watched};
use super::error::explain;
use super::session::read;
use super::value::take;
use crate::Result;
use crate::connectors::fit::undecodable;
use crate::connectors::{ChangeKind, StoredChange};
use crate::model::ModelDef;

/// What changes in the collection of `model` from now on. A server that neither tells nor shows signs of life within
/// `limit` ends the stream.
pub(super) async fn changes(
    database: Database,
    limit: Duration,
    model: &'static ModelDef,
) -> Result<BoxStream<'static, Result<StoredChange>>> {
    let collection = database.collection::<Document>(model.table);
    let watch = async {
        let watch = collection.watch();
        let watch = watch.full_document(FullDocumentType::UpdateLookup).await;
        watch.map_err(|error| explain(error, model))
    };
    let events = bounded(limit, watch).await?;
    let changes = stream::unfold(Some((events, database)), move |told| async move {
        let (mut events, database) = told?;
        let next = async {
            loop {
                match events.next().await {
                    Some(Ok(event)) => match change(model, event).transpose() {
                        Some(change) => return Ok(Some(change)),
                        None => continue,
                    },
                    Some(Err(error)) => return Err(explain(error, model)),
                    None => return Ok(None),
                }
            }
        };
        match watched(&database, limit, next).await {
            Ok(change) => change.map(|change| (change, Some((events, database)))),
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(changes.boxed())
}

/// The change that the server tells of, if it is one of a record.
fn change(
    model: &'static ModelDef,
    event: ChangeStreamEvent<Document>,
) -> Result<Option<StoredChange>> {
    let kind = match event.operation_type {
        OperationType::Insert => ChangeKind::Create,
        OperationType::Update | OperationType::Replace => ChangeKind::Update,
        OperationType::Delete => ChangeKind::Remove,
        _ => return Ok(None),
    };
    let Some(mut document) = event.document_key else {
        return Ok(None);
    };
    let id = take(&mut document, model.id());
    let record = event.full_document;
    Ok(Some(StoredChange {
        kind,
        id: id.map_err(|error| undecodable(model, model.id(), error))?,
        record: record
            .map(|record| read(model, record, |_| true))
            .transpose()?,
    }))
}
