//! Loading what belongs to records, one query per relation (contract *querying.md* §6).

mod any;
mod direct;
mod embedded;
mod references;
mod through;

use std::collections::{HashMap, HashSet};

use super::erased::ErasedRepository;
use super::key::Key;
use super::registry::Attached;
use super::{AttachedRelation, scope};
use crate::model::{Record, Related, RelationKind, Value};
use crate::query::{Comparison, Condition, Fields, Filter, Include};
use crate::{Error, Result};

/// The keys that the includes of `filter` need and its selection leaves out.
pub(super) fn keys(model: &Attached, filter: &Filter) -> Vec<usize> {
    let relations = filter.include.iter();
    let relations = relations.map(|include| &model.relations[include.relation]);
    let keys = relations.flat_map(|relation| {
        // Of what belongs to another model the record itself says to which.
        let belongs = relation.def.kind == RelationKind::BelongsTo;
        let discriminator = relation.discriminator.as_ref().filter(|_| belongs);
        let discriminator = discriminator.map(|discriminator| discriminator.property);
        [Some(relation.own_key), discriminator]
    });
    let keys: HashSet<_> = keys
        .flatten()
        .filter(|key| !filter.fields.contains(*key))
        .collect();
    keys.into_iter().collect()
}

/// Attaches to every record what `includes` ask for.
pub(in crate::repository) async fn load(
    owner: &ErasedRepository,
    records: &mut [Record],
    includes: &[Include],
) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    for include in includes {
        let relation = &owner.attached().relations[include.relation];
        let loading = Loading {
            owner,
            relation,
            include,
        };
        if !loading.is_readable().await? {
            continue;
        }
        match (relation.target, &relation.join) {
            (None, _) => loading.any(records).await?,
            (Some(target), _) if relation.def.is_embedded() => {
                loading.embedded(records, owner.sibling(target)).await?;
            }
            (Some(target), None) if relation.def.kind == RelationKind::ReferencesMany => {
                loading.references(records, owner.sibling(target)).await?;
            }
            (Some(target), None) => loading.direct(records, owner.sibling(target)).await?,
            (Some(target), Some(join)) => {
                let (target, links) = (owner.sibling(target), owner.sibling(join.model));
                loading.through(records, target, links, join).await?;
            }
        }
    }
    Ok(())
}

/// One relation that is loaded for some records.
struct Loading<'a> {
    owner: &'a ErasedRepository,
    relation: &'a AttachedRelation,
    include: &'a Include,
}

impl Loading<'_> {
    /// What the caller asks for within the relation's own scope.
    fn asked(&self) -> Filter {
        let asked = self.include.scope.clone();
        match &self.relation.def.scope {
            Some(own) => scope::above(scope::filter(own), asked),
            None => asked,
        }
    }

    /// What is looked for among the targets, where `condition` holds and `key` leads back from each.
    fn filter(&self, condition: Condition, key: usize) -> Filter {
        let mut filter = self.asked();
        filter.condition = condition.and(filter.condition);
        if let Fields::Only(fields) = &mut filter.fields
            && !fields.contains(&key)
        {
            // LoopBack shows it too (contract querying.md §6.3).
            fields.push(key);
        }
        self.limit(&mut filter);
        filter
    }

    /// May what comes along be read? What a caller asks for has been judged before; this is about what relations and models
    /// include by themselves.
    async fn is_readable(&self) -> Result<bool> {
        let def = self.relation.def;
        let target = def.guarding_target();
        let join = def.guarding_join(self.owner.def());
        if let Some(target) = target
            && !self.owner.may_read(target, def.is_to_many()).await?
        {
            return Ok(false);
        }
        match join {
            Some(join) => self.owner.may_read(join, true).await,
            None => Ok(true),
        }
    }

    /// How many targets each record gets at most.
    fn most_each(&self) -> usize {
        let limit = self.include.limit_each.unwrap_or(u64::MAX);
        usize::try_from(limit).unwrap_or(usize::MAX)
    }

    /// How many records one level may read, and copy: a target that many records belong to comes with each of them, and with
    /// all that it includes, so that a few rows can become any number.
    fn most(&self) -> usize {
        self.owner.most_included()
    }

    fn limit(&self, filter: &mut Filter) {
        let most = (self.most() as u64).saturating_add(1);
        filter.limit = Some(filter.limit.map_or(most, |limit| limit.min(most)));
    }

    async fn find(&self, repository: ErasedRepository, filter: &Filter) -> Result<Vec<Record>> {
        // Boxed: an include may hold includes.
        let found = Box::pin(repository.find(filter)).await?;
        match found.len() > self.most() {
            true => Err(too_large(self.most())),
            false => Ok(found),
        }
    }

    fn copies(&self) -> Copies {
        Copies {
            made: 0,
            most: self.most(),
        }
    }

    fn attach(&self, record: &mut Record, related: Related) {
        record.set_related(self.include.relation, related);
    }
}

/// The different values at `property` of `records`.
fn distinct<'r>(records: impl IntoIterator<Item = &'r Record>, property: usize) -> Vec<Value> {
    let mut seen = HashSet::new();
    let values = records.into_iter().filter_map(|one| one.get(property));
    let values = values.filter(|value| Key::of(value).is_some_and(|key| seen.insert(key)));
    values.cloned().collect()
}

/// Where each record is, by the value at `property`.
fn positions(records: &[Record], property: usize) -> HashMap<Key, usize> {
    let positions = records.iter().enumerate();
    let positions = positions.filter_map(|(at, one)| Some((Key::of(one.get(property)?)?, at)));
    positions.collect()
}

fn among(property: usize, values: Vec<Value>) -> Condition {
    Condition::compare(property, Comparison::In(values))
}

/// Copies of records that several others belong to.
struct Copies {
    made: usize,
    most: usize,
}

impl Copies {
    fn of(&mut self, record: &Record) -> Result<Record> {
        self.made += record.size();
        match self.made > self.most {
            true => Err(too_large(self.most)),
            false => Ok(record.clone()),
        }
    }
}

fn too_large(most: usize) -> Error {
    let message = format!(
        "The filter includes more than {most} records; limit the rows, or include fewer levels"
    );
    Error::new(400, message).with_code("INCLUDE_TOO_LARGE")
}
