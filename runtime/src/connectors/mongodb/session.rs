//! Operations in one of the server's sessions, alone or within a transaction.

use futures_util::TryStreamExt;
use mongodb::action::Find;
use mongodb::bson::{Bson, Document, doc};
use mongodb::{ClientSession, Collection, Database};

use super::condition::{names_one, select, select_for};
use super::counter;
use super::error::explain;
use super::place::{Place, Reach};
use super::value::{change, document, key, take, take_undeclared, to_bson};
use crate::connectors::fit::undecodable;
use crate::connectors::page::{Page, circles, is_full};
use crate::connectors::{Judge, check_changes, check_new, duplicate_entry};
use crate::model::{ModelDef, PropertyType, Record, Value};
use crate::query::{Condition, Direction, Fields, Filter, Operator};
use crate::{Error, Result};

/// The most that the server skips and answers; the two are added up there.
const MOST: i64 = i64::MAX / 2;

/// The database as one session sees it.
pub(super) struct Session<'a> {
    pub database: &'a Database,
    pub session: &'a mut ClientSession,
}

/// What is done with every record that a condition finds.
pub(super) enum Write<'a> {
    Update(&'a Record),
    Operate {
        changes: &'a Record,
        operators: &'a [Operator],
        judge: &'a Judge<'a>,
    },
    Delete,
}

impl Session<'_> {
    pub async fn find(&mut self, model: &'static ModelDef, query: &Filter) -> Result<Vec<Record>> {
        let near = query.near.as_ref();
        let property = near.and_then(|near| model.properties.get(near.property));
        if property.is_some_and(|property| property.index.is_some()) {
            for circle in circles(query) {
                let found = self.ask(model, &circle).await?;
                if is_full(query, &found) {
                    return Ok(found);
                }
            }
        }
        self.ask(model, query).await
    }

    async fn ask(&mut self, model: &'static ModelDef, query: &Filter) -> Result<Vec<Record>> {
        let most = |number: u64| i64::try_from(number).unwrap_or(MOST).min(MOST);
        let (skip, limit) = (most(query.skip), query.limit.map(most));
        if limit == Some(0) {
            // The server would take this for no limit.
            return Ok(Vec::new());
        }
        let selection = select_for(model, query)?;
        let collection = self.collection(model);
        let mut find = collection.find(selection.filter);
        let sort = sort(model, query);
        let in_order = sort.is_some();
        if let Some(sort) = sort {
            find = find.sort(sort);
        }
        let mut found = Vec::new();
        if selection.exact && in_order {
            find = find
                .skip(skip.unsigned_abs())
                .limit(limit.unwrap_or_default());
            if query.fields != Fields::All {
                find = find.projection(projection(model, &query.fields));
            }
            self.each(model, find, |document| {
                found.push(read(model, document, |index| query.fields.contains(index))?);
                Ok(true)
            })
            .await?;
            return Ok(found);
        }

        let mut page = Page::new(model, query, in_order);
        self.matching(model, &query.condition, find, |mut record, mut document| {
            fill(model, &mut record, &mut document, |_| true)?;
            Ok(page.take_in(record))
        })
        .await?;
        Ok(page.records())
    }

    pub async fn count(&mut self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let selection = select(model, condition)?;
        let collection = self.collection(model);
        if selection.exact {
            let count = collection.count_documents(selection.filter);
            let count = count.session(&mut *self.session).await;
            return count.map_err(|error| explain(error, model));
        }
        let mut count = 0;
        let find = collection.find(selection.filter);
        self.matching(model, condition, find, |_, _| {
            count += 1;
            Ok(true)
        })
        .await?;
        Ok(count)
    }

    pub async fn create(&mut self, model: &'static ModelDef, mut record: Record) -> Result<Record> {
        check_new(model, &record)?;
        let (id, index) = (model.id(), model.id_index());
        if id.generated && matches!(id.ty, PropertyType::Integer { .. }) {
            let counted = match record.value(index) {
                Value::Integer(id) => counter::pass(self.database, model, *id).await,
                _ => match counter::next(self.database, model).await {
                    Ok(Some(next)) => {
                        record.set(index, Value::Integer(next));
                        Ok(())
                    }
                    Ok(None) => return Err(Error::internal("the count of the ids is no number")),
                    Err(error) => Err(error),
                },
            };
            counted.map_err(|error| explain(error, model))?;
        }
        let document = document(model, &record);
        let collection = self.collection(model);
        let insert = collection.insert_one(&document).session(&mut *self.session);
        insert.await.map_err(|error| explain(error, model))?;
        // What is returned is what a later read finds.
        read(model, document, |index| record.get(index).is_some())
    }

    /// Does `write`, and returns how many records there were.
    pub async fn write(
        &mut self,
        model: &'static ModelDef,
        condition: &Condition,
        write: &Write<'_>,
    ) -> Result<u64> {
        let one = names_one(model, condition);
        let chosen = self.chosen(model, condition).await?;
        let collection = self.collection(model);
        let written = match write {
            Write::Operate {
                changes,
                operators,
                judge,
            } => {
                let ids = self.ids(model, condition).await?;
                return self.operate(model, ids, changes, operators, judge).await;
            }
            Write::Delete => {
                // Only what is about one document is tried again by the driver when the connection breaks.
                let delete = match one {
                    true => collection.delete_one(chosen),
                    false => collection.delete_many(chosen),
                };
                let deleted = delete.session(&mut *self.session).await;
                deleted.map(|deleted| deleted.deleted_count)
            }
            Write::Update(changes) => {
                check_changes(model, changes)?;
                let Some(changed) = change(model, changes) else {
                    return self.count(model, condition).await;
                };
                if !one {
                    self.refuse_one_value_for_many(model, &chosen, changes)
                        .await?;
                }
                let update = match one {
                    true => collection.update_one(chosen, changed),
                    false => collection.update_many(chosen, changed),
                };
                let updated = update.session(&mut *self.session).await;
                updated.map(|updated| updated.matched_count)
            }
        };
        written.map_err(|error| explain(error, model))
    }

    /// Refuses a unique value that several documents would get: without a transaction, the first one would keep it.
    async fn refuse_one_value_for_many(
        &mut self,
        model: &'static ModelDef,
        condition: &Document,
        changes: &Record,
    ) -> Result<()> {
        let mut unique = std::iter::once(model.ids().collect()).chain(model.unique_keys());
        // Values that are unique together, and of which only some are set, the index looks after.
        let unique = unique.find(|key| key.iter().all(|index| !changes.value(*index).is_null()));
        if let Some(key) = unique {
            let collection = self.collection(model);
            let count = collection.count_documents(condition.clone()).limit(2);
            let count = count.session(&mut *self.session).await;
            if count.map_err(|error| explain(error, model))? > 1 {
                return Err(duplicate_entry(model, &model.properties_at(&key)));
            }
        }
        Ok(())
    }

    /// The filter for what is to be written: where the server can't decide, it gets the ids.
    async fn chosen(
        &mut self,
        model: &'static ModelDef,
        condition: &Condition,
    ) -> Result<Document> {
        let selection = select(model, condition)?;
        if selection.exact {
            return Ok(selection.filter);
        }
        let ids = self.ids(model, condition).await?;
        Ok(doc! { "_id": { "$in": ids } })
    }

    /// The ids of what `condition` finds.
    async fn ids(&mut self, model: &'static ModelDef, condition: &Condition) -> Result<Vec<Bson>> {
        let selection = select(model, condition)?;
        let mut ids = Vec::new();
        let collection = self.collection(model);
        let find = collection.find(selection.filter);
        self.matching(model, condition, find, |record, mut document| {
            // Reading has taken the id out of the document, unless it is the server's own.
            ids.push(match document.remove("_id") {
                Some(id) => id,
                None => to_bson(&model.id().ty, record.value(model.id_index())),
            });
            Ok(true)
        })
        .await?;
        Ok(ids)
    }

    /// Shows what `find` answers and `condition` finds, as far as it had to be read for that, and the rest of it, until
    /// `see` says no.
    async fn matching(
        &mut self,
        model: &'static ModelDef,
        condition: &Condition,
        find: Find<'_, Document>,
        mut see: impl FnMut(Record, Document) -> Result<bool>,
    ) -> Result<()> {
        let mut asked: Vec<usize> = model.ids().collect();
        condition.for_each_comparison(&mut |property, _| asked.push(property));
        self.each(model, find, |mut document| {
            let mut record = Record::new(model);
            fill(model, &mut record, &mut document, |index| {
                asked.contains(&index)
            })?;
            match condition.matches(&record) {
                true => see(record, document),
                false => Ok(true),
            }
        })
        .await
    }

    /// Shows what `find` answers, one document after the other, until `see` says no.
    pub async fn each(
        &mut self,
        model: &'static ModelDef,
        find: Find<'_, Document>,
        mut see: impl FnMut(Document) -> Result<bool>,
    ) -> Result<()> {
        let failed = |error| explain(error, model);
        let mut cursor = find.session(&mut *self.session).await.map_err(failed)?;
        let mut documents = cursor.stream(self.session);
        while let Some(document) = documents.try_next().await.map_err(failed)? {
            if !see(document)? {
                break;
            }
        }
        Ok(())
    }

    pub fn collection(&self, model: &ModelDef) -> Collection<Document> {
        self.database.collection(model.table)
    }
}

/// The record that the document holds, with the properties that are `wanted`.
pub(super) fn read(
    model: &'static ModelDef,
    mut document: Document,
    wanted: impl Fn(usize) -> bool,
) -> Result<Record> {
    let mut record = Record::new(model);
    fill(model, &mut record, &mut document, wanted)?;
    Ok(record)
}

/// Takes what is `wanted` and not there yet out of the document.
fn fill(
    model: &'static ModelDef,
    record: &mut Record,
    document: &mut Document,
    wanted: impl Fn(usize) -> bool,
) -> Result<()> {
    for (index, property) in model.properties.iter().enumerate() {
        if wanted(index) && record.get(index).is_none() {
            if property.extra {
                record.set(index, take_undeclared(document, model));
                continue;
            }
            let value = take(document, property);
            let value = value.map_err(|error| undecodable(model, property, error))?;
            record.set(index, value);
        }
    }
    Ok(())
}

/// The order as the server's own. Nothing when it has none for it: distances, and what is in lists or JSON, which it
/// orders in another way.
fn sort(model: &ModelDef, query: &Filter) -> Option<Document> {
    if query.near.is_some() {
        return None;
    }
    let mut sort = Document::new();
    for order in &query.order {
        if let Some(property) = model.properties.get(order.property) {
            let key = match &order.within(property) {
                None => key(property).to_owned(),
                Some(path) => {
                    let place = Place::within(property, path);
                    place.filter(|place| place.reach == Reach::One)?.key
                }
            };
            let direction = match order.direction {
                Direction::Ascending => 1,
                Direction::Descending => -1,
            };
            // What was named before decides.
            sort.entry(key).or_insert(direction.into());
        }
    }
    for id in model.id_properties() {
        sort.entry(key(id).to_owned()).or_insert(1.into());
    }
    Some(sort)
}

fn projection(model: &ModelDef, fields: &Fields) -> Document {
    if model
        .extra_index()
        .is_some_and(|index| fields.contains(index))
    {
        // What is undeclared has no names to ask by.
        return Document::new();
    }
    let properties = model.properties.iter().enumerate();
    let wanted = properties.filter(|(index, _)| fields.contains(*index));
    let mut projection: Document = wanted
        .map(|(_, property)| (key(property).to_owned(), 1.into()))
        .collect();
    // The server adds it unless told otherwise, and sends whole documents unless something is named.
    projection.entry("_id".to_owned()).or_insert(1.into());
    projection
}
