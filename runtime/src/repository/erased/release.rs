//! What happens to the records that refer to others when these are deleted, where the runtime has to see to it
//! ([`OnDelete`]).
//!
//! First everything that goes is found, level by level, with the word of the hooks that come before a deletion. Only then
//! is it known whether somebody who refuses goes as well, as a database looks at the end of its statement. Then it is
//! written: keys that are forgotten, and what goes, those that refer to others before these. Circles end, since each
//! record goes once.

use std::collections::{HashMap, HashSet, VecDeque};

use super::ErasedRepository;
use super::delete::Deletion;
use crate::Result;
use crate::connectors::still_referenced;
use crate::model::{ModelDef, OnDelete, Record, Value};
use crate::query::{Comparison, Condition, Fields, Filter};
use crate::repository::dependent::Dependent;
use crate::repository::hook::{HookState, Hooks};
use crate::repository::key::Key;

/// How many records one statement is about at most.
const BATCH: usize = 1000;

/// What a deletion means for the records that refer to what is deleted.
#[derive(Default)]
struct Release {
    known: Known,
    /// What may refuse: dependents of the described model, found by the condition.
    restricts: Vec<(usize, Condition, &'static ModelDef)>,
    /// Whose key becomes null.
    forgets: Vec<(Dependent, Condition)>,
    steps: Vec<Step>,
}

/// The ids of what has been found, by the positions of the models.
#[derive(Default)]
struct Known {
    gone: HashMap<usize, HashSet<Key>>,
    /// What stays although it was to go: a hook stores something in it instead.
    kept: HashMap<usize, HashSet<Key>>,
}

/// Some records of a model that go, or stay in another form.
struct Step {
    repository: ErasedRepository,
    hooks: HookState,
    deletion: Deletion,
}

impl ErasedRepository {
    /// Sees to whatever refers to the records that `condition` finds, which are about to be deleted: refuses, deletes, or
    /// forgets.
    pub(super) async fn release(&self, condition: &Condition) -> Result<()> {
        let records = self.keys_of(condition, None).await?;
        let mut release = Release::default();
        note(&mut release.known.gone, self, &records);
        let mut levels = VecDeque::from([(self.clone(), records)]);
        while let Some((owner, records)) = levels.pop_front() {
            for dependent in &owner.model().dependents {
                for condition in referring(*dependent, &records) {
                    match dependent.on_delete {
                        OnDelete::Restrict => {
                            let restrict = (dependent.model, condition, owner.def());
                            release.restricts.push(restrict);
                        }
                        OnDelete::SetNull => release.forgets.push((*dependent, condition)),
                        OnDelete::Cascade => {
                            let holder = whole(self, dependent.model);
                            levels.extend(release.follow(&holder, &condition).await?);
                        }
                    }
                }
            }
        }
        release.run(self).await
    }

    /// The ids of what `condition` finds, whoever hides it, and the values that others refer to it by.
    async fn keys_of(&self, condition: &Condition, limit: Option<u64>) -> Result<Vec<Record>> {
        let model = self.model();
        let referenced = model.dependents.iter().map(|one| one.referenced);
        let filter = Filter {
            fields: Fields::Only(model.def.ids().chain(referenced).collect()),
            limit,
            ..Filter::matching(condition.clone())
        };
        self.operations().find(model.def, &filter).await
    }
}

/// All instances of a model, whoever may see them: a key must lead somewhere even where the caller may not look.
fn whole(beside: &ErasedRepository, model: usize) -> ErasedRepository {
    beside.sibling(model).unscoped().on_own_behalf()
}

/// Finds the dependents that refer to one of `records`.
fn referring(dependent: Dependent, records: &[Record]) -> impl Iterator<Item = Condition> {
    records.chunks(BATCH).map(move |records| {
        let keys = records
            .iter()
            .filter_map(|one| one.get(dependent.referenced));
        let keys = keys.filter(|key| !key.is_null()).cloned().collect();
        Condition::compare(dependent.key, Comparison::In(keys))
    })
}

impl Release {
    /// Deletes what `condition` finds, later: what of it goes, whose own dependents are to be looked for.
    async fn follow(
        &mut self,
        holder: &ErasedRepository,
        condition: &Condition,
    ) -> Result<Vec<(ErasedRepository, Vec<Record>)>> {
        let def = holder.def();
        let mut records = holder.keys_of(condition, None).await?;
        records.retain(|record| self.known.is_new(holder.index, &def.id_of(record)));
        let mut followed = Vec::new();
        while !records.is_empty() {
            let rest = records.split_off(records.len().min(def.ids_at_once(BATCH)));
            let mut found = std::mem::replace(&mut records, rest);
            let asked: Vec<_> = found.iter().map(|record| def.id_of(record)).collect();
            let asked = Condition::of_ids(def, &asked);
            let mut hooks = Hooks::new(holder);
            let deletion = holder.begin_delete(&mut hooks, &asked).await?;
            if deletion.condition != asked {
                // Hooks spare some of them.
                found = holder.keys_of(&deletion.condition, None).await?;
            }
            if found.is_empty() {
                continue;
            }
            if deletion.instead.is_some() {
                note(&mut self.known.kept, holder, &found);
            } else {
                note(&mut self.known.gone, holder, &found);
                followed.push((holder.clone(), found));
            }
            self.steps.push(Step {
                repository: holder.clone(),
                hooks: hooks.into_state(),
                deletion,
            });
        }
        Ok(followed)
    }

    /// Does it, unless somebody who stays refuses.
    async fn run(mut self, root: &ErasedRepository) -> Result<()> {
        for (model, condition, referenced) in &self.restricts {
            let holder = root.sibling(*model);
            if self.known.is_any_staying(&holder, condition).await? {
                return Err(still_referenced(referenced));
            }
        }
        for (dependent, condition) in &self.forgets {
            let holder = whole(root, dependent.model);
            let mut forgotten = Record::new(holder.def());
            forgotten.set(dependent.key, Value::Null);
            for condition in self.known.staying(&holder, condition).await? {
                holder.update_all(&condition, forgotten.clone()).await?;
            }
        }
        // Who refers goes first: the database may keep the key. Of one model it is who was found last.
        self.steps.sort_by_key(|step| step.repository.model().rank);
        for step in self.steps.into_iter().rev() {
            let mut hooks = Hooks::resume(&step.repository, step.hooks);
            step.repository
                .end_delete(&mut hooks, step.deletion, None)
                .await?;
        }
        Ok(())
    }
}

/// Remembers the records of the repository's model.
fn note(
    known: &mut HashMap<usize, HashSet<Key>>,
    repository: &ErasedRepository,
    records: &[Record],
) {
    let ids = records.iter().map(|record| repository.def().id_of(record));
    let known = known.entry(repository.index).or_default();
    known.extend(ids.filter_map(|id| Key::of(&id)));
}

fn is_among(known: &HashMap<usize, HashSet<Key>>, model: usize, id: &Value) -> bool {
    let known = known.get(&model).zip(Key::of(id));
    known.is_some_and(|(known, id)| known.contains(&id))
}

impl Known {
    fn is_new(&self, model: usize, id: &Value) -> bool {
        !is_among(&self.gone, model, id) && !is_among(&self.kept, model, id)
    }

    /// Does `condition` find a record that does not go?
    async fn is_any_staying(
        &self,
        holder: &ErasedRepository,
        condition: &Condition,
    ) -> Result<bool> {
        // The first one tells, unless it may go itself.
        let limit = (!self.gone.contains_key(&holder.index)).then_some(1);
        let found = holder.keys_of(condition, limit).await?;
        let mut ids = found.iter().map(|record| holder.def().id_of(record));
        Ok(ids.any(|id| !is_among(&self.gone, holder.index, &id)))
    }

    /// Finds, by some conditions, what `condition` finds and does not go.
    async fn staying(
        &self,
        holder: &ErasedRepository,
        condition: &Condition,
    ) -> Result<Vec<Condition>> {
        if !self.gone.contains_key(&holder.index) {
            return Ok(vec![condition.clone()]);
        }
        let def = holder.def();
        let found = holder.keys_of(condition, None).await?;
        let mut ids: Vec<_> = found.iter().map(|record| def.id_of(record)).collect();
        ids.retain(|id| !is_among(&self.gone, holder.index, id));
        let batches = ids.chunks(def.ids_at_once(BATCH));
        Ok(batches.map(|ids| Condition::of_ids(def, ids)).collect())
    }
}
