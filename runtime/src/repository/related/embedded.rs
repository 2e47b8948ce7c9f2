//! Relations whose targets the owner holds within itself (contract *relations.md* §6 and §7).

use super::{ErasedRelation, Target, kept_if};
use crate::model::{ModelDef, Record, RelationKind, Value, id_text};
use crate::query::{Condition, Fields, Filter};
use crate::repository::ErasedRepository;
use crate::repository::include;
use crate::{Error, Result};

/// What the owner holds within itself.
pub(super) struct Embedded<'a> {
    relation: &'a ErasedRelation,
}

/// An owner that is being changed.
struct Owner<'a> {
    relation: &'a ErasedRelation,
    repository: ErasedRepository,
    current: Record,
    items: Vec<Record>,
}

impl ErasedRelation {
    /// What the owner holds within itself, if the relation is about that.
    pub(super) fn embedded(&self) -> Option<Embedded<'_>> {
        let embedded = self.def().is_embedded();
        embedded.then_some(Embedded { relation: self })
    }
}

impl<'a> Embedded<'a> {
    /// Those within the relation's scope.
    pub fn items(&self) -> Vec<Record> {
        let mut items = self.relation.attached().items(&self.relation.record);
        let condition = self.relation.scope().condition;
        items.retain(|item| condition.matches(item));
        items
    }

    /// The one, with what the relation's scope includes.
    pub async fn get(&self) -> Result<Target> {
        let found = find(&self.relation.target, self.items(), &self.relation.scope()).await?;
        let def = self.relation.target.def();
        let found = found.into_iter().next();
        Ok(found.map_or(Target::Unset, |record| Target::Found(def, record)))
    }

    pub fn find_by_id(&self, id: &Value) -> Result<Record> {
        let def = self.relation.target.def();
        let found = self.items().into_iter().find(|item| has_id(def, item, id));
        found.ok_or_else(|| self.missing(id))
    }

    fn missing(&self, id: &Value) -> Error {
        let name = self.relation.target.def().name;
        let message = format!("Unknown \"{name}\" id \"{}\".", id_text(id));
        Error::new(404, message).with_code("MODEL_NOT_FOUND")
    }

    /// Puts a new one into the owner: beside those that are there, or in the place of the only one.
    pub async fn create(&self, record: Record) -> Result<Record> {
        self.change(|owner| owner.create(record)).await
    }

    /// Changes the only one; where there is none, this is the first.
    pub async fn update_only(&self, changes: Record) -> Result<Record> {
        self.change(|owner| async move {
            match owner.items.is_empty() {
                true => owner.create(changes).await,
                false => owner.update(0, changes).await,
            }
        })
        .await
    }

    pub async fn update_by_id(&self, id: &Value, changes: Record) -> Result<Record> {
        self.change(|owner| async move {
            let position = owner.position(id).ok_or_else(|| self.missing(id))?;
            owner.update(position, changes).await
        })
        .await
    }

    /// Takes one away, if it is there.
    pub async fn destroy_by_id(&self, id: &Value) -> Result<()> {
        self.change(|owner| async move {
            let def = owner.relation.target.def();
            match owner.position(id) {
                Some(_) => {
                    let gone = |item: &Record| has_id(def, item, id);
                    owner
                        .delete(Condition::of_id(def, id), gone)
                        .await
                        .map(drop)
                }
                None => Ok(()),
            }
        })
        .await
    }

    /// Takes all within the relation's scope away, and returns how many these are.
    pub async fn delete_all(&self) -> Result<u64> {
        let condition = self.relation.scope().condition;
        self.change(|owner| {
            let gone = condition.clone();
            owner.delete(condition, move |item| gone.matches(item))
        })
        .await
    }

    /// Changes the owner as it is stored now. Nobody else changes it in between.
    async fn change<T, F, Fut>(&self, work: F) -> Result<T>
    where
        F: FnOnce(Owner<'a>) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let ErasedRelation { owner, record, .. } = self.relation;
        let id = owner.def().id_of(record);
        let relation = self.relation;
        owner
            .hold(&id, |repository, current| {
                work(Owner {
                    relation,
                    items: relation.attached().items(&current),
                    repository,
                    current,
                })
            })
            .await
    }
}

impl Owner<'_> {
    fn target(&self) -> ErasedRepository {
        self.relation.target.beside(&self.repository)
    }

    fn position(&self, id: &Value) -> Option<usize> {
        let def = self.relation.target.def();
        let scope = self.relation.scope().condition;
        let mut items = self.items.iter();
        items.position(|item| has_id(def, item, id) && scope.matches(item))
    }

    async fn create(self, record: Record) -> Result<Record> {
        let (relation, target) = (self.relation.attached(), self.target());
        let embedding = relation.def.embedding;
        let mut record = self.relation.own(record);
        if embedding.force_id {
            target.def().remove_id(&mut record);
        }
        target.refuse_given_id(&record)?;
        let one = relation.def.kind == RelationKind::EmbedsOne;
        if embedding.persistent {
            let apart = !self.repository.shares_transactions_with(&target);
            let created = target.create(record).await?;
            let store = self.store(|items| put(items, relation.def.prepend, one, created.clone()));
            let stored = store.await;
            return match apart {
                true => kept_if(&target, created, stored).await,
                false => stored.map(|()| created),
            };
        }
        let others: &[Record] = if one { &[] } else { &self.items };
        if !target.identify(&mut record, others) && !one {
            let position = if relation.def.prepend {
                0
            } else {
                others.len()
            };
            return Err(self
                .repository
                .unidentified(relation, &self.current, position));
        }
        let store = |created: Record| async move {
            self.store(|items| put(items, relation.def.prepend, one, created))
                .await
        };
        target.create_within(record, store).await
    }

    async fn update(self, position: usize, mut changes: Record) -> Result<Record> {
        let target = self.target();
        let id = target.def().id_index();
        if changes.value(id).is_blank_id() {
            // Nobody gives it none.
            changes.remove(id);
        }
        let current = self.items[position].clone();
        let store =
            |changed: Record| async move { self.store(|items| items[position] = changed).await };
        target.merge_within(current, changes, store).await
    }

    async fn delete(self, condition: Condition, gone: impl Fn(&Record) -> bool) -> Result<u64> {
        let target = self.target();
        let count = self.items.iter().filter(|item| gone(item)).count();
        let store = self.store(|items| items.retain(|item| !gone(item)));
        target.delete_within(condition, store).await?;
        Ok(count as u64)
    }

    /// Changes what is within the owner, as its other properties are changed.
    async fn store(mut self, change: impl FnOnce(&mut Vec<Record>)) -> Result<()> {
        change(&mut self.items);
        let relation = self.relation.attached();
        let mut changes = Record::new(self.repository.def());
        changes.set(relation.own_key, relation.holding(&self.items));
        self.repository.merge_seen(self.current, changes).await?;
        Ok(())
    }
}

fn put(items: &mut Vec<Record>, prepend: bool, one: bool, new: Record) {
    if one {
        items.clear();
    }
    match prepend {
        true => items.insert(0, new),
        false => items.push(new),
    }
}

/// Ids are compared as texts, since callers may write numbers as such.
fn has_id(def: &ModelDef, item: &Record, id: &Value) -> bool {
    id_text(&def.id_of(item)) == id_text(id)
}

/// What `filter` finds among `items`, with what it includes.
pub(super) async fn find(
    target: &ErasedRepository,
    items: Vec<Record>,
    filter: &Filter,
) -> Result<Vec<Record>> {
    // What is included needs keys that may not be asked for.
    let whole = Filter {
        fields: Fields::All,
        ..filter.clone()
    };
    let mut found = whole.apply(target.def(), items);
    Box::pin(include::load(target, &mut found, &filter.include)).await?;
    found
        .iter_mut()
        .for_each(|record| filter.select(target.def(), record));
    Ok(found)
}
