//! `#[hook(before_save)]`, `#[hook(persist)]` and `#[hook(after_save)]`.

use std::marker::PhantomData;

use super::{Context, in_common};
use crate::Result;
use crate::model::{Mixin, Model, Property, Record};
use crate::query::{Column, Comparable, Condition};
use crate::repository::ErasedRepository;

/// Values of `M` that are about to be stored, or that have been.
///
/// [`get`](Self::get) and [`set`](Self::set) are about what is stored: a whole instance, or the changes to one or many
/// ([`is_whole`](Self::is_whole) tells). What is set before save is validated and stored, what is set in persist is stored
/// without being validated, and what is set after save reaches the caller only.
pub struct Save<'a, M> {
    pub(super) context: &'a mut Context<Saved>,
    pub(super) model: PhantomData<fn() -> M>,
}

/// What a save is about.
#[derive(Debug, Clone)]
pub(in crate::repository) struct Saved {
    /// The instance, or the changes.
    pub record: Record,
    pub whole: bool,
    /// Which instances the changes are for.
    pub condition: Option<Condition>,
    /// The instance before the changes.
    pub current: Option<Record>,
    /// Is the instance created by this operation? Not always known beforehand.
    pub new: Option<bool>,
}

impl Saved {
    /// A whole instance.
    pub fn instance(record: Record, new: Option<bool>) -> Self {
        Saved {
            record,
            whole: true,
            condition: None,
            current: None,
            new,
        }
    }

    /// Changes to what `condition` finds.
    pub fn changes(condition: Condition, changes: Record) -> Self {
        Saved {
            record: changes,
            whole: false,
            condition: Some(condition),
            current: None,
            new: None,
        }
    }

    /// The changes as those to one instance, which is there already.
    pub fn of(self, current: Option<Record>) -> Self {
        Saved { current, ..self }
    }

    /// The changes to an instance that is known to be there already.
    pub fn existing(self) -> Self {
        Saved {
            new: Some(false),
            ..self
        }
    }
}

in_common!(Save);

impl<M: Mixin> Save<'_, M> {
    /// The value that is stored in a property. None when it is left as it is, or absent.
    pub fn get<T: Property>(&self, column: Column<M, T>) -> Option<T> {
        let record = &self.context.about.record;
        self.context.value(record, column)
    }

    /// Stores another value in a property.
    pub fn set<T: Property>(&mut self, column: Column<M, T>, value: impl Comparable<T>) {
        let position = self.context.position(column);
        let record = &mut self.context.about.record;
        record.set(position, value.into_operand());
    }

    /// Leaves a property as it is in the data source; a new instance lacks it.
    pub fn unset<T: Property>(&mut self, column: Column<M, T>) {
        let position = self.context.position(column);
        self.context.about.record.remove(position);
    }

    /// The value that the property had before, where the pipeline has loaded it: with an update or a replacement of one
    /// instance.
    pub fn current<T: Property>(&self, column: Column<M, T>) -> Option<T> {
        let record = self.context.about.current.as_ref()?;
        self.context.value(record, column)
    }

    /// The model of the operation without its Rust type.
    pub(crate) fn erased(&self) -> &ErasedRepository {
        &self.context.repository
    }

    /// What is stored: a whole instance, or the changes to one or many.
    pub(crate) fn stored(&self) -> &Record {
        &self.context.about.record
    }

    /// Where the model of the operation has a property.
    pub(crate) fn position<T: Property>(&self, column: Column<M, T>) -> usize {
        self.context.position(column)
    }

    /// The instances as they are stored that may be about to change.
    ///
    /// # Errors
    /// The data source failed.
    pub(crate) async fn affected(&mut self) -> Result<Vec<Record>> {
        let Saved {
            record,
            condition,
            current,
            new,
            ..
        } = &self.context.about;
        let repository = &self.context.repository;
        match (current, condition) {
            (Some(current), _) => Ok(vec![current.clone()]),
            _ if *new == Some(true) => Ok(Vec::new()),
            (None, Some(condition)) => repository.stored_all(condition.clone()).await,
            (None, None) => {
                let id = repository.def().id_of(record);
                Ok(repository.stored(&id).await?.into_iter().collect())
            }
        }
    }

    /// Is it a whole instance, and not changes to one or many?
    pub fn is_whole(&self) -> bool {
        self.context.about.whole
    }

    /// Does the operation create the instance? None where nobody knows before the data source has been asked.
    pub fn is_new_instance(&self) -> Option<bool> {
        self.context.about.new
    }

    /// Which instances the changes are for. None with a whole instance.
    pub fn condition(&self) -> Option<&Condition> {
        self.context.about.condition.as_ref()
    }

    /// The instance as it is now.
    ///
    /// # Errors
    /// It lacks a property that an instance can't be without: before validation, or with mere changes.
    pub fn instance(&self) -> Result<M> {
        self.context.draft(&self.context.about.record)
    }
}
