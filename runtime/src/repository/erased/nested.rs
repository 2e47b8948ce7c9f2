//! Instances that are created together with those that belong to them, or not at all.
//!
//! What a new record holds by its relations is new too. Each part passes its own pipeline: what a key refers to first, so
//! that the key is there when the record that holds it is validated.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};

use super::ErasedRepository;
use crate::model::{ModelDef, Record, Related, RelationKind};
use crate::repository::hook::Hooks;
use crate::repository::{AttachedRelation, ErasedRelation};
use crate::{Error, Result};

impl ErasedRepository {
    /// Creates `record` with all that it holds by its relations.
    pub(super) async fn create_with_related(&self, record: Record) -> Result<Record> {
        self.refuse_apart(&record, None)?;
        if !self.model().connector.capabilities().transactions {
            let message = format!(
                "This data source has no transactions, and can't create a {} together with what belongs to it; create them \
                 one by one",
                self.def().name
            );
            return Err(Error::new(400, message).with_code("NO_TRANSACTIONS"));
        }
        self.in_transaction(async move |within: ErasedRepository| within.create_parts(record).await)
            .await
    }

    /// Refuses what can't be stored together: parts in another data source, and two owners of one key. The key at
    /// `decided` is that of the record that holds this one.
    fn refuse_apart(&self, record: &Record, decided: Option<usize>) -> Result<()> {
        for (index, related) in record.related() {
            let relation = &self.model().relations[*index];
            let Some(target) = relation.target.map(|target| self.sibling(target)) else {
                continue;
            };
            let join = relation.join.as_ref().map(|join| self.sibling(join.model));
            let apart = |other: &ErasedRepository| {
                !Arc::ptr_eq(&self.model().connector, &other.model().connector)
            };
            if apart(&target) || join.as_ref().is_some_and(apart) {
                let message = format!(
                    "`{}.{}` is kept in another data source, and can't be created together with its `{}`; create it by itself",
                    self.def().name,
                    relation.def.name,
                    self.def().name
                );
                return Err(Error::new(400, message).with_code("OTHER_DATA_SOURCE"));
            }
            let belongs_to = relation.def.kind == RelationKind::BelongsTo;
            if belongs_to && decided == Some(relation.own_key) {
                let message = format!(
                    "`{}.{}` is the instance that it is created with; leave it out",
                    self.def().name,
                    relation.def.name
                );
                return Err(Error::new(400, message).with_code("RELATION_DECIDED"));
            }
            let holds_key = !belongs_to && relation.join.is_none();
            let decided = holds_key.then_some(relation.target_key);
            for part in parts(related) {
                target.refuse_apart(part, decided)?;
            }
        }
        Ok(())
    }

    fn create_parts(&self, mut record: Record) -> BoxFuture<'_, Result<Record>> {
        async move {
            let related = record.take_all_related();
            let relation = |index: usize| &self.model().relations[index];
            let (before, after): (Vec<_>, Vec<_>) = related
                .into_iter()
                .filter(|(index, _)| relation(*index).target.is_some())
                .partition(|(index, _)| relation(*index).def.kind == RelationKind::BelongsTo);
            let mut created = Vec::new();
            for (index, related) in before {
                let relation = relation(index);
                let target = self.sibling(relation.target.unwrap_or(self.index));
                let create = |part| target.create_parts(part);
                let related = self.create_related(relation, related, create).await?;
                if let Some(target) = parts(&related).first() {
                    let key = target.value(relation.target_key).clone();
                    record.set(relation.own_key, key);
                }
                created.push((index, related));
            }
            let mut record = self.create_as(&mut Hooks::new(self), record).await?;
            for (index, related) in after {
                let of_record = &ErasedRelation::new(self, record.clone(), index);
                let create = |part| async move {
                    let created = of_record.target().create_parts(of_record.own(part)).await?;
                    of_record.link_created(&created).await?;
                    Ok(created)
                };
                let related = self
                    .create_related(relation(index), related, create)
                    .await?;
                created.push((index, related));
            }
            for (index, related) in created {
                record.set_related(index, related);
            }
            Ok(record)
        }
        .boxed()
    }

    /// Creates what a record holds by `relation`.
    async fn create_related<Fut>(
        &self,
        relation: &AttachedRelation,
        related: Related,
        create: impl Fn(Record) -> Fut,
    ) -> Result<Related>
    where
        Fut: Future<Output = Result<Record>>,
    {
        let name = relation.def.name;
        let within = |path: &str, error| within(self.def(), path, error);
        Ok(match related {
            Related::One(Some(part)) => {
                let part = create(*part).await.map_err(|error| within(name, error))?;
                Related::One(Some(Box::new(part)))
            }
            Related::Many(parts) => {
                let mut created = Vec::with_capacity(parts.len());
                for (position, part) in parts.into_iter().enumerate() {
                    let part = create(part).await;
                    let path = format!("{name}.{position}");
                    created.push(part.map_err(|error| within(&path, error))?);
                }
                Related::Many(created)
            }
            nothing => nothing,
        })
    }
}

fn parts(related: &Related) -> &[Record] {
    match related {
        // What any model may be is not created by way of another one.
        Related::One(None) | Related::Any(_) => &[],
        Related::One(Some(record)) => std::slice::from_ref(record),
        Related::Many(records) => records,
    }
}

/// The error of a part at `path` of an instance of `owner`: its details name each property by the way that leads to it, such
/// as `orders.1.item`.
pub(crate) fn within(owner: &ModelDef, path: &str, error: Error) -> Error {
    let Some(Json::Object(mut details)) = error.details().cloned() else {
        return error;
    };
    for list in ["codes", "messages"] {
        if let Some(Json::Object(by_property)) = details.get_mut(list) {
            let members = std::mem::take(by_property).into_iter();
            let named = members.map(|(property, what)| (format!("{path}.{property}"), what));
            *by_property = named.collect::<Map<_, _>>();
        }
    }
    details.insert("context".to_owned(), owner.name.into());
    error.with_details(Json::Object(details))
}
