//! From a matched route to the pipeline and back.

use std::sync::Arc;

use axum::http::HeaderMap;
use serde_json::{Value as Json, json};

use super::access::Guard;
use super::argument::{Arguments, IdArgument, record};
use super::change_stream::Changes;
use super::conditional::Expected;
use super::endpoint::Operation as O;
use super::key_value;
use super::list::list;
use super::nested::NestedReader;
use super::path_segment::PathSegment;
use super::property_access;
use super::remote::{self, RemoteValue};
use super::route_table::{Data, Found};
use crate::model::{ModelDef, Record, RelationKind, RemoteMethodDef, Value, Verb, VersionDef};
use crate::query::Filter;
use crate::repository::scope;
use crate::repository::{
    ErasedRelation, ErasedRepository, Narrowed, Since, Target, Versions, not_found,
};
use crate::{Error, Result};

/// What a method answers.
pub(super) enum Outcome {
    Record(&'static ModelDef, Record),
    Records(&'static ModelDef, Vec<Record>),
    /// What a filter has found, and what is to be said of it in headers.
    List(&'static ModelDef, Vec<Record>, HeaderMap),
    Json(Json),
    /// 200 without a body.
    Empty,
    /// 204
    NoContent,
    /// The changes of a model, from now on.
    Changes(Box<Changes>),
    /// What a method of the model's own answers.
    Remote(&'static RemoteMethodDef, RemoteValue),
}

impl Outcome {
    /// The version of the instance that is answered, if it has one.
    pub fn version(&self) -> Option<i64> {
        match self {
            Outcome::Record(def, record) => match record.value(def.version_index()?) {
                Value::Integer(version) => Some(*version),
                _ => None,
            },
            _ => None,
        }
    }
}

// A future is as large as the largest one that it waits for, and each request has one. What few requests need, or what takes
// long in any case, has a place of its own.

/// Calls the method. Access has been decided, but for what the filter includes.
pub(super) async fn invoke(
    found: Found<'_>,
    arguments: &mut Arguments,
    guard: &Guard<'_>,
) -> Result<Outcome> {
    let unwritable = guard.unwritable(&found).await?;
    if !unwritable.is_empty() {
        let subject = found.route.subject(found.model.data.def());
        property_access::strip(subject, &unwritable, &mut arguments.body);
    }
    let mut outcome = call(found, arguments, guard, unwritable).await?;
    guard.decider.mask(&mut outcome).await?;
    Ok(outcome)
}

async fn call(
    found: Found<'_>,
    arguments: &mut Arguments,
    guard: &Guard<'_>,
    unwritable: Vec<usize>,
) -> Result<Outcome> {
    let operation = found.route.endpoint.operation;
    let repository = match &found.model.data {
        Data::Records(repository) => repository,
        Data::Values(values) => {
            return key_value::invoke(
                operation,
                values,
                found.id.as_ref().map(|key| key.text.as_str()),
                arguments,
            )
            .await;
        }
    };
    // What a write depends on must not be older than the last write.
    let reads = matches!(found.route.endpoint.verb, Verb::Get | Verb::Head);
    let repository = if reads {
        repository.clone()
    } else {
        repository.primary()
    };
    let repository = repository.with_options(arguments.options.clone());
    let repository = repository
        .read_by(Arc::new(guard.decider.clone()))
        .on_behalf_of(guard.decider.caller.clone())
        .keeping(unwritable);
    let def = repository.def();
    let id = found.id.map(|sent| IdArgument::new(def, sent));
    let versions = versions(operation, found.route.target(def), arguments)?;
    if let O::Remote(method) = operation {
        let instance = match &id {
            Some(id) => Some(load(&repository, id).await?),
            None => None,
        };
        let called = remote::call(method, &repository, instance, arguments, &found.parts);
        let answer = Box::pin(called).await?;
        return Ok(Outcome::Remote(method, answer));
    }
    if let Some(relation) = found.route.relation {
        let id = id.ok_or_else(|| Error::internal("a relation's route has no id"))?;
        let owner = load(&repository, &id).await?;
        let mut relation = ErasedRelation::new(&repository, owner, relation);
        if let Some(inner) = found.route.inner {
            let Some(middle) = middle(&relation, found.middle_key).await? else {
                return Ok(Outcome::Json(Json::Null));
            };
            relation = ErasedRelation::new(relation.target(), middle, inner);
        }
        if let Some(versions) = versions {
            relation = relation.expecting(versions);
        }
        let asked = related(operation, &relation, found.foreign_key, arguments, guard);
        return Box::pin(asked).await;
    }
    let repository = match versions {
        Some(versions) => repository.expecting(versions),
        None => repository,
    };
    match id {
        None => Box::pin(on_collection(operation, &repository, arguments, guard)).await,
        Some(id) => on_instance(operation, &repository, &id, arguments, guard).await,
    }
}

/// Which versions of one instance of `def` the caller means to change.
fn versions(operation: O, def: &ModelDef, arguments: &Arguments) -> Result<Option<Versions>> {
    let Some(version) = def.version() else {
        return Ok(None);
    };
    let has_id = |id: &str| arguments.body.get(id).is_some_and(|id| !id.is_null());
    let changes_one = operation.changes_one()
        || operation.upserts() && def.id_properties().iter().all(|id| has_id(id.name));
    match Expected::new(&arguments.headers) {
        Expected::Versions(versions) if changes_one => Ok(Some(versions.into())),
        Expected::Nothing if changes_one && version == VersionDef::Required => {
            let message = format!(
                "Say which version of the {} is to be changed: send its ETag as If-Match",
                def.name
            );
            Err(Error::new(428, message).with_code("VERSION_REQUIRED"))
        }
        _ => Ok(None),
    }
}

async fn on_collection(
    operation: O,
    repository: &ErasedRepository,
    arguments: &mut Arguments,
    guard: &Guard<'_>,
) -> Result<Outcome> {
    let def = repository.def();
    Ok(match operation {
        O::Create => {
            let mut nested = guard.nested.map(NestedReader::new);
            let mut read = |members| match &mut nested {
                Some(nested) => nested.record(def, members),
                None => record(def, members),
            };
            let atomic = arguments.flag("atomic")?;
            let mut list = arguments.list_by(&mut read);
            let mut one = list.is_none().then(|| arguments.data_by(&mut read));
            if let Some(nested) = &nested {
                nested.check(&guard.decider).await?;
                let new = list.iter_mut().flatten().chain(&mut one);
                let new = new.filter_map(|new| new.as_mut().ok());
                guard.decider.strip_within(def, new.collect()).await?;
            }
            match (list, one) {
                (Some(records), _) => Box::pin(create_list(repository, records, atomic)).await?,
                (None, Some(new)) => Outcome::Record(def, repository.create(new?).await?),
                (None, None) => {
                    return Err(Error::internal("a new instance is neither one nor many"));
                }
            }
        }
        O::Upsert => {
            let atomic = arguments.flag("atomic")?;
            match arguments.list(def) {
                // Every item is created (contract rest.md §4).
                Some(records) => Box::pin(create_list(repository, records, atomic)).await?,
                None => {
                    let upsert = repository.upsert(arguments.data(def)?);
                    Outcome::Record(def, Box::pin(upsert).await?)
                }
            }
        }
        O::ReplaceOrCreate => Outcome::Record(
            def,
            Box::pin(repository.replace_or_create(arguments.data(def)?)).await?,
        ),
        O::UpsertWithWhere => {
            let condition = arguments.required_condition(def)?;
            guard.decider.check_condition(def, &condition).await?;
            Outcome::Record(
                def,
                Box::pin(repository.upsert_with_where(condition, arguments.data(def)?)).await?,
            )
        }
        O::Find => {
            let filter = filter(arguments, def, guard).await?;
            list(repository, Narrowed::all(filter), arguments, guard.limits).await?
        }
        O::FindOne => {
            let found = repository
                .find_one(&filter(arguments, def, guard).await?)
                .await?;
            // LoopBack has no id to print here, and prints it all the same.
            Outcome::Record(def, found.ok_or_else(|| unknown(def, "undefined"))?)
        }
        O::Count => {
            let condition = arguments.condition(def)?;
            guard.decider.check_condition(def, &condition).await?;
            count(repository.count(&condition).await?)
        }
        O::UpdateAll => {
            let condition = arguments.required_condition(def)?;
            guard.decider.check_condition(def, &condition).await?;
            if let Some(asked) = arguments.operators(def) {
                repository.allow_operators()?;
                let (changes, operators) = asked?;
                let operate = repository.operate_all(&condition, changes, operators);
                return Ok(count(Box::pin(operate).await?));
            }
            count(
                repository
                    .update_all(&condition, arguments.data(def)?)
                    .await?,
            )
        }
        O::ScopeGet(scope) => {
            let asked = filter(arguments, def, guard).await?;
            let within = scope::within(scope::filter(scope), asked);
            guard.includes(def, &within.include).await?;
            list(repository, Narrowed::all(within), arguments, guard.limits).await?
        }
        O::ScopeCreate(scope) => {
            let mut record = arguments.data(def)?;
            scope::set_equalities(&scope::filter(scope).condition, &mut record);
            Outcome::Record(def, repository.create(record).await?)
        }
        O::ScopeDelete(scope) => {
            let condition = scope::filter(scope).condition;
            Box::pin(repository.delete_all(&condition)).await?;
            Outcome::NoContent
        }
        O::ScopeCount(scope) => {
            let condition = scope::filter(scope).condition;
            let asked = arguments.condition(def)?;
            guard.decider.check_condition(def, &asked).await?;
            let condition = condition.and(asked);
            count(repository.count(&condition).await?)
        }
        O::CreateChangeStream => {
            let condition = arguments.changes_condition(def)?;
            guard.decider.check_condition(def, &condition).await?;
            let last = arguments.headers.get("last-event-id");
            let last = last.and_then(|id| id.to_str().ok());
            let listener = repository
                .changes(last.map_or(Since::Now, Since::Change))
                .await;
            Outcome::Changes(Box::new(Changes {
                def,
                caller: guard.decider.caller.clone(),
                listener,
                condition,
                permitted: repository.readable().await?,
                hidden: Vec::new(),
            }))
        }
        _ => return Err(Error::internal("the route of this method has no id")),
    })
}

async fn create_list(
    repository: &ErasedRepository,
    records: Vec<Result<Record>>,
    atomic: bool,
) -> Result<Outcome> {
    let created = match atomic {
        true => repository.create_all_or_none(records).await?,
        false => repository.create_many(records).await?,
    };
    Ok(Outcome::Records(repository.def(), created))
}

async fn on_instance(
    operation: O,
    repository: &ErasedRepository,
    id: &IdArgument,
    arguments: &mut Arguments,
    guard: &Guard<'_>,
) -> Result<Outcome> {
    let def = repository.def();
    Ok(match operation {
        O::FindById => {
            let filter = arguments.filter_of_one(def)?;
            guard.decider.check_filter(def, &filter).await?;
            guard.includes(def, &filter.include).await?;
            let found = match &id.value {
                Some(id) => repository.find_by_id(id, &filter).await?,
                None => None,
            };
            Outcome::Record(def, found.ok_or_else(|| unknown(def, &id.text))?)
        }
        O::Exists => Outcome::Json(json!({ "exists": exists(repository, id).await? })),
        O::ExistsHead if exists(repository, id).await? => Outcome::Empty,
        O::ExistsHead => return Err(unknown(def, &id.text)),
        O::UpdateAttributes => {
            let current = load(repository, id).await?;
            if let Some(asked) = arguments.operators(def) {
                repository.allow_operators()?;
                let (changes, operators) = asked?;
                let operate = repository.operate(current, changes, operators);
                return Ok(Outcome::Record(def, Box::pin(operate).await?));
            }
            Outcome::Record(def, repository.merge(current, arguments.data(def)?).await?)
        }
        O::ReplaceById => {
            let data = arguments.data(def)?;
            // An id that no instance can have is as unknown as any other.
            let value = id
                .value
                .clone()
                .unwrap_or_else(|| Value::String(id.text.clone()));
            if id.value.is_none() {
                let message = format!(
                    "Could not replace. Object with id {} does not exist!",
                    value.to_text()
                );
                return Err(Error::new(404, message).with_code("MODEL_NOT_FOUND"));
            }
            let replace = repository.replace_by_id(&value, data);
            Outcome::Record(def, Box::pin(replace).await?)
        }
        O::DeleteById => count(match &id.value {
            Some(id) => Box::pin(repository.delete_by_id(id)).await?,
            None => 0,
        }),
        _ => return Err(Error::internal("the route of this method has an id")),
    })
}

async fn related(
    operation: O,
    relation: &ErasedRelation,
    foreign_key: Option<PathSegment>,
    arguments: &mut Arguments,
    guard: &Guard<'_>,
) -> Result<Outcome> {
    let def = relation.target().def();
    let to_many = relation.def().is_to_many();
    let belongs_to = relation.def().kind == RelationKind::BelongsTo;
    let join = relation.join_def();
    let foreign_key = || {
        let sent = foreign_key
            .clone()
            .ok_or_else(|| Error::internal("the route of this method has no foreign key"))?;
        let id = IdArgument::new(def, sent);
        match id.value {
            Some(id) => Ok(id),
            // What is within its owner is told apart by texts.
            None if relation.def().is_embedded() => Ok(Value::String(id.text)),
            None => Err(crate::repository::no_instance(def, &id.text)),
        }
    };
    Ok(match operation {
        O::RelatedGet if to_many && relation.def().is_embedded() => {
            // LoopBack reads nothing else of the filter here.
            let Filter {
                condition, include, ..
            } = filter(arguments, def, guard).await?;
            let asked = Filter {
                include,
                ..Filter::matching(condition)
            };
            let narrowed = relation.narrow(asked).await?;
            Outcome::Records(def, narrowed.find(relation.target()).await?)
        }
        O::RelatedGet if to_many => {
            let narrowed = relation
                .narrow(filter(arguments, def, guard).await?)
                .await?;
            list(relation.target(), narrowed, arguments, guard.limits).await?
        }
        O::RelatedGet => match told(relation, guard).await?.get().await? {
            Target::Found(model, record) => Outcome::Record(model, record),
            Target::Unset if belongs_to => Outcome::Json(json!({})),
            Target::Missing if belongs_to => Outcome::Json(Json::Null),
            Target::Unset | Target::Missing => return Err(unknown(def, "undefined")),
        },
        O::RelatedCreate if to_many && relation.def().is_embedded() => {
            if arguments.body.is_array() {
                let message = format!("A list is no {}; send one at a time", def.name);
                let error = Error::new(422, message).with_name("ValidationError");
                return Err(error.with_code("LIST_NOT_ALLOWED"));
            }
            Outcome::Record(def, relation.create(arguments.data(def)?).await?)
        }
        O::RelatedCreate if to_many => match (arguments.flag("atomic")?, arguments.list(def)) {
            (true, Some(records)) => {
                Outcome::Records(def, relation.create_all_or_none(records).await?)
            }
            (false, Some(records)) => Outcome::Records(def, relation.create_many(records).await?),
            (_, None) => Outcome::Record(def, relation.create(arguments.data(def)?).await?),
        },
        O::RelatedCreate => Outcome::Record(def, relation.create_only(arguments.data(def)?).await?),
        O::RelatedUpdate => Outcome::Record(def, relation.update_only(arguments.data(def)?).await?),
        O::RelatedDestroy => {
            relation.destroy_only().await?;
            Outcome::NoContent
        }
        O::RelatedDelete => {
            relation.delete_all().await?;
            Outcome::NoContent
        }
        O::RelatedCount => {
            let counted = join.unwrap_or(def);
            let condition = arguments.condition(counted)?;
            guard.decider.check_condition(counted, &condition).await?;
            count(relation.count(condition).await?)
        }
        O::RelatedFindById => Outcome::Record(def, relation.find_by_id(&foreign_key()?).await?),
        O::RelatedUpdateById => Outcome::Record(
            def,
            relation
                .update_by_id(&foreign_key()?, arguments.data(def)?)
                .await?,
        ),
        O::RelatedDestroyById => {
            relation.destroy_by_id(&foreign_key()?).await?;
            Outcome::NoContent
        }
        O::RelatedLink => {
            let data = match join {
                Some(join) => arguments.data(join)?,
                None => Record::new(def),
            };
            let linked = relation.link(&foreign_key()?, data).await?;
            Outcome::Record(join.unwrap_or(def), linked)
        }
        O::RelatedUnlink => {
            relation.unlink(&foreign_key()?).await?;
            Outcome::NoContent
        }
        O::RelatedExists => {
            let id = foreign_key()?;
            match relation.is_linked(&id).await? {
                true => Outcome::Empty,
                false => {
                    return Err(crate::repository::no_instance(
                        def,
                        &crate::model::id_text(&id),
                    ));
                }
            }
        }
        _ => return Err(Error::internal("this method belongs to no relation")),
    })
}

/// The relation, once the caller may read what the owner says that it leads to.
async fn told<'r>(relation: &'r ErasedRelation, guard: &Guard<'_>) -> Result<&'r ErasedRelation> {
    if let Some(model) = relation.told_model()? {
        guard.reads(model, false).await?;
    }
    Ok(relation)
}

/// The instance between the two, of a relation below a relation; nothing when a relation to one leads nowhere (contract
/// *relations.md* §9).
async fn middle(relation: &ErasedRelation, key: Option<PathSegment>) -> Result<Option<Record>> {
    let def = relation.target().def();
    let Some(key) = key else {
        return Ok(match relation.get().await? {
            Target::Found(_, record) => Some(record),
            Target::Unset | Target::Missing => None,
        });
    };
    let id = IdArgument::new(def, key);
    match &id.value {
        Some(id) => relation.find_by_id(id).await.map(Some),
        None => Err(crate::repository::no_instance(def, &id.text)),
    }
}

/// The caller's filter, once the caller may see what it includes.
async fn filter(
    arguments: &Arguments,
    def: &'static ModelDef,
    guard: &Guard<'_>,
) -> Result<Filter> {
    let filter = arguments.filter(def)?;
    guard.decider.check_filter(def, &filter).await?;
    guard.includes(def, &filter.include).await?;
    Ok(filter)
}

pub(super) async fn load(repository: &ErasedRepository, id: &IdArgument) -> Result<Record> {
    match &id.value {
        Some(id) => repository.load(id).await,
        None => Err(not_found(&Value::String(id.text.clone()))),
    }
}

async fn exists(repository: &ErasedRepository, id: &IdArgument) -> Result<bool> {
    match &id.value {
        Some(id) => repository.exists(id).await,
        None => Ok(false),
    }
}

fn count(count: u64) -> Outcome {
    Outcome::Json(json!({ "count": count }))
}

/// 404 for a static method that found nothing.
fn unknown(def: &ModelDef, id: &str) -> Error {
    Error::new(404, format!("Unknown \"{}\" id \"{id}\".", def.name)).with_code("MODEL_NOT_FOUND")
}
