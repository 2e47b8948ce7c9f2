//! What the server tells of its changes.

use futures_util::stream::{BoxStream, StreamExt};
use mongodb::Database;
use mongodb::bson::Document;
use mongodb::change_stream::event::{ChangeStreamEvent, OperationType};
use mongodb::options::FullDocumentType;

use super::error::explain;
use super::session::read;
use super::value::take;
use crate::Result;
use crate::connectors::fit::undecodable;
use crate::connectors::{ChangeKind, StoredChange};
use crate::model::ModelDef;

/// What changes in the collection of `model` from now on.
pub(super) async fn changes(
    database: &Database,
    model: &'static ModelDef,
) -> Result<BoxStream<'static, Result<StoredChange>>> {
    let collection = database.collection::<Document>(model.table);
    let watch = collection
        .watch()
        .full_document(FullDocumentType::UpdateLookup);
    let events = watch.await.map_err(|error| explain(error, model))?;
    let changes = events.filter_map(move |event| async move {
        match event {
            Ok(event) => change(model, event).transpose(),
            Err(error) => Some(Err(explain(error, model))),
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
