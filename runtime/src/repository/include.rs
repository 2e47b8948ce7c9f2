//! Relations that come along: one query per level, never one per row (contract *querying.md* §6).

use std::collections::{HashMap, HashSet};

use super::erased::ErasedRepository;
use super::registry::{Attached, AttachedRelation};
use crate::model::{Record, Related, RelationKind, Value};
use crate::query::{Comparison, Condition, Fields, Filter, Include};
use crate::{Error, Result};

/// The keys that the includes of `filter` need and its selection leaves out.
pub(super) fn keys(model: &Attached, filter: &Filter) -> Vec<usize> {
    let keys = filter
        .include
        .iter()
        .map(|include| model.relations[include.relation].own_key);
    let keys: HashSet<_> = keys.filter(|key| !filter.fields.contains(*key)).collect();
    keys.into_iter().collect()
}

/// Attaches to every record what `includes` ask for.
pub(super) async fn load(
    owner: &ErasedRepository,
    records: &mut [Record],
    includes: &[Include],
) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    for include in includes {
        let relation = owner.attached().relations[include.relation];
        let targets = find_targets(owner, relation, records, include).await?;
        attach(records, include.relation, relation, targets)?;
    }
    Ok(())
}

async fn find_targets(
    owner: &ErasedRepository,
    relation: AttachedRelation,
    records: &[Record],
    include: &Include,
) -> Result<Vec<Record>> {
    let mut seen = HashSet::with_capacity(records.len());
    let keys = records
        .iter()
        .filter_map(|record| record.get(relation.own_key));
    let keys: Vec<Value> = keys
        .filter(|value| key(value).is_some_and(|key| seen.insert(key)))
        .cloned()
        .collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter = include.scope.clone();
    filter.condition =
        Condition::compare(relation.target_key, Comparison::In(keys)).and(filter.condition);
    if let Fields::Only(fields) = &mut filter.fields
        && !fields.contains(&relation.target_key)
    {
        // By it the targets find their owners; LoopBack shows it too (contract querying.md §6.3).
        fields.push(relation.target_key);
    }
    let most = MOST_COPIES as u64 + 1;
    filter.limit = Some(filter.limit.map_or(most, |limit| limit.min(most)));
    // Boxed: an include may hold includes.
    let targets = Box::pin(owner.sibling(relation.target).find(&filter)).await?;
    match targets.len() > MOST_COPIES {
        true => Err(too_large()),
        false => Ok(targets),
    }
}

/// How many records one level of includes may read, and copy: a target that many records belong to comes with each of them, and
/// with all that it includes, so that a few rows can become any number.
const MOST_COPIES: usize = 100_000;

fn attach(
    records: &mut [Record],
    index: usize,
    relation: AttachedRelation,
    targets: Vec<Record>,
) -> Result<()> {
    let mut copies = 0;
    let mut by_key: HashMap<Key, Vec<Record>> = HashMap::with_capacity(records.len());
    for target in targets {
        if let Some(key) = target.get(relation.target_key).and_then(key) {
            by_key.entry(key).or_default().push(target);
        }
    }
    for record in records {
        let key = record.get(relation.own_key).and_then(key);
        let related = match relation.kind {
            // Several records may belong to one target.
            RelationKind::BelongsTo => {
                let target = key.and_then(|key| by_key.get(&key)?.first());
                copies += target.map_or(0, |target| target.size());
                if copies > MOST_COPIES {
                    return Err(too_large());
                }
                Related::One(target.cloned().map(Box::new))
            }
            RelationKind::HasOne => {
                let targets = key.and_then(|key| by_key.remove(&key));
                Related::One(
                    targets
                        .and_then(|targets| targets.into_iter().next())
                        .map(Box::new),
                )
            }
            RelationKind::HasMany => {
                Related::Many(key.and_then(|key| by_key.remove(&key)).unwrap_or_default())
            }
        };
        record.set_related(index, related);
    }
    Ok(())
}

fn too_large() -> Error {
    let message = format!(
        "The filter includes more than {MOST_COPIES} records; limit the rows, or include fewer levels"
    );
    Error::new(400, message).with_code("INCLUDE_TOO_LARGE")
}

/// A value by which records can be looked up.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Key {
    Integer(i64),
    Uuid(uuid::Uuid),
    Text(String),
}

/// The key that `value` is, unless it is null.
pub(super) fn key(value: &Value) -> Option<Key> {
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(Key::Integer(*number)),
        Value::Uuid(uuid) => Some(Key::Uuid(*uuid)),
        other => Some(Key::Text(other.to_text())),
    }
}
