//! New records.

use serde_json::json;

use super::{ErasedRepository, fill_defaults};
use crate::connectors::ChangeKind;
use crate::model::{HookKind, ObjectId, PropertyType, Record, Value, Violation, validation_error};
use crate::query::{Condition, Filter};
use crate::repository::hook::{Hooks, Saved};
use crate::{Error, Result};

impl ErasedRepository {
    /// Creates the record, with what it holds by its relations if it holds something.
    pub async fn create(&self, record: Record) -> Result<Record> {
        if record.related().is_empty() {
            self.create_as(&mut Hooks::new(self), record).await
        } else {
            self.create_with_related(record).await
        }
    }

    /// Creates a record as the part of an operation whose hooks have begun.
    pub(super) async fn create_as(
        &self,
        hooks: &mut Hooks<'_>,
        mut record: Record,
    ) -> Result<Record> {
        self.keep_undeclared(&mut record)?;
        self.refuse_given_id(&record)?;
        fill_defaults(self.def(), &mut record, |_| true);
        let new = Some(true);
        let mut record = hooks
            .before_save(Saved::instance(record, new))
            .await?
            .record;
        self.prepare_id(&mut record);
        self.validate(hooks, &record).await?;
        // LoopBack answers with the instance as it was before `persist` and `loaded`.
        let answer = hooks.has(HookKind::Persist).then(|| record.clone());
        let persisted = hooks.persist(Saved::instance(record, new)).await?.record;
        let stored = self.insert(persisted).await?;
        if hooks.has(HookKind::Loaded) {
            hooks.loaded(stored.clone(), true).await?;
        }
        let record = match answer {
            Some(mut answer) => {
                self.def().set_id(&mut answer, self.def().id_of(&stored));
                answer
            }
            None => stored,
        };
        Ok(hooks.after_save(Saved::instance(record, new)).await?.record)
    }

    /// Creates each record by itself (contract *rest.md* §5.2): those that are valid stay, whatever happens to the
    /// others.
    pub async fn create_many(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        create_each(records, |record| self.create(record)).await
    }

    /// Creates all records or none, in a transaction.
    pub async fn create_all_or_none(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        let records = self.all_readable(records)?;
        let create = |within: ErasedRepository| async move {
            create_until_error(records, |record| within.create(record)).await
        };
        self.in_transaction(create).await
    }

    /// The records of a list that is created as a whole, if all of them can be read.
    pub(in crate::repository) fn all_readable(
        &self,
        records: Vec<Result<Record>>,
    ) -> Result<Vec<Record>> {
        if !self.model().connector.capabilities().transactions {
            return Err(no_transactions());
        }
        let len = records.len();
        let mut failures = Vec::new();
        let mut readable = Vec::with_capacity(len);
        for (position, record) in records.into_iter().enumerate() {
            match record {
                Ok(record) => readable.push(record),
                Err(error) => failures.push((position, error)),
            }
        }
        match failures.is_empty() {
            true => Ok(readable),
            false => Err(multiple_errors(len, failures)),
        }
    }

    /// The first record that `condition` finds, or else a new one. True when it has been created.
    pub async fn find_or_create(
        &self,
        condition: Condition,
        new: Record,
    ) -> Result<(Record, bool)> {
        let filter = Filter::matching(condition);
        if let Some(found) = self.find_one(&filter).await? {
            return Ok((found, false));
        }
        let (error, taken) = match self.create(new).await {
            Ok(created) => return Ok((created, true)),
            Err(error) => {
                // A unique value that is taken comes as 422, a taken id as 409.
                let taken = matches!(error.status(), 409 | 422);
                (error, taken)
            }
        };
        // Somebody else may have created it in between.
        let found = if taken {
            self.primary().find_one(&filter).await?
        } else {
            None
        };
        found.map(|found| (found, false)).ok_or(error)
    }

    pub(super) async fn insert(&self, mut record: Record) -> Result<Record> {
        let model = self.model();
        self.check_new(&record).await?;
        if let Some(version) = model.def.version_index() {
            record.set(version, Value::Integer(1));
        }
        // Nothing is left to explain an error with when the connector has it.
        let given = self.may_be_taken().then(|| record.clone());
        let created = self.operations().create(model.def, record).await;
        let record = created.map_err(|error| match given {
            Some(given) => self.explain(error, &given),
            None => error,
        })?;
        self.announce(
            ChangeKind::Create,
            Some(&model.def.id_of(&record)),
            None,
            Some(&record),
        )
        .await;
        Ok(record)
    }

    /// Refuses an id that the caller chose, if the model does not let callers choose (contract *models.md* §3.3).
    pub(in crate::repository) fn refuse_given_id(&self, record: &Record) -> Result<()> {
        let def = self.def();
        let id = record.value(def.id_index());
        if !def.force_id || !def.id().generated || id.is_blank_id() {
            return Ok(());
        }
        Err(self.id_is_set(id))
    }

    /// 422 for an id that callers can't choose.
    pub(super) fn id_is_set(&self, id: &Value) -> Error {
        let def = self.def();
        let violation = Violation::new(def.id().name, "absence", "can't be set", Some(id));
        validation_error(def, &[violation])
    }

    /// Leaves a blank generated integer to the store, and makes a fresh id of any other type.
    pub(super) fn prepare_id(&self, record: &mut Record) {
        let id = self.def().id();
        let index = self.def().id_index();
        if !id.generated || !record.value(index).is_blank_id() {
            return;
        }
        record.remove(index);
        match id.ty {
            PropertyType::Uuid => record.set(index, Value::Uuid(uuid::Uuid::new_v4())),
            PropertyType::ObjectId => record.set(index, Value::ObjectId(ObjectId::generate())),
            PropertyType::String => {
                record.set(index, Value::String(uuid::Uuid::new_v4().to_string()))
            }
            _ => {}
        }
    }
}

/// Creates each record by itself; those that can be created stay, whatever happens to the others.
pub(in crate::repository) async fn create_each<Fut>(
    records: Vec<Result<Record>>,
    create: impl Fn(Record) -> Fut,
) -> Result<Vec<Record>>
where
    Fut: Future<Output = Result<Record>>,
{
    let mut created = Vec::with_capacity(records.len());
    let mut failures = Vec::new();
    for (position, record) in records.into_iter().enumerate() {
        let result = match record {
            Ok(record) => create(record).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(record) => created.push(record),
            Err(error) => failures.push((position, error)),
        }
    }
    if failures.is_empty() {
        Ok(created)
    } else {
        Err(multiple_errors(created.len() + failures.len(), failures))
    }
}

/// Creates one record after the other until one fails: what comes after it might fail for its sake.
pub(in crate::repository) async fn create_until_error<Fut>(
    records: Vec<Record>,
    create: impl Fn(Record) -> Fut,
) -> Result<Vec<Record>>
where
    Fut: Future<Output = Result<Record>>,
{
    let len = records.len();
    let mut created = Vec::with_capacity(len);
    for (position, record) in records.into_iter().enumerate() {
        let record = create(record).await;
        created.push(record.map_err(|error| multiple_errors(len, vec![(position, error)]))?);
    }
    Ok(created)
}

/// 400 for a list that is to be created as a whole, where no transaction covers all of it.
pub(in crate::repository) fn no_transactions() -> Error {
    let message = "This data source has no transactions, and can't create a list as a whole; leave \"atomic\" out";
    Error::new(400, message).with_code("NO_TRANSACTIONS")
}

/// LoopBack's error for a list of which some items failed: `details` is aligned with the input.
fn multiple_errors(len: usize, failures: Vec<(usize, Error)>) -> Error {
    // The caller's mistakes answer 422; one failure of the server makes it the server's.
    let status = failures
        .iter()
        .map(|(_, error)| error.status())
        .filter(|status| *status >= 500)
        .max()
        .unwrap_or(422);
    let mut details = vec![json!(null); len];
    for (position, error) in failures {
        let mut inner = error.to_map();
        inner.remove("statusCode");
        details[position] = inner.into();
    }
    Error::new(
        status,
        "Failed with multiple errors, see `details` for more information.",
    )
    .with_details(details)
}
