//! Operation hooks: what a model does beside every operation, whoever asks for it (contract *models.md* §10).
//!
//! A hook is an async function in an impl block with `#[loopwright::methods]`. It sees the operation through one of
//! [`Access`], [`Save`], [`Validation`], [`Loaded`] and [`Delete`], may change what it sees, and may refuse by an error.
//!
//! ```
//! use loopwright::hook::{Access, Save};
//! use loopwright::prelude::*;
//!
//! #[derive(Model, Debug)]
//! #[acl(open)]
//! struct Note {
//!     #[model(id, generated)]
//!     id: i64,
//!     text: String,
//!     words: i64,
//!     #[model(default = false)]
//!     deleted: bool,
//! }
//!
//! #[loopwright::methods]
//! impl Note {
//!     /// What is deleted is out of sight, but there.
//!     #[hook(access)]
//!     async fn present(cx: &mut Access<'_, Self>) -> Result<()> {
//!         cx.narrow(Note::DELETED.eq(false));
//!         Ok(())
//!     }
//!
//!     /// Counts the words of every text that is stored.
//!     #[hook(before_save)]
//!     async fn count(cx: &mut Save<'_, Self>) -> Result<()> {
//!         if let Some(text) = cx.get(Note::TEXT) {
//!             cx.set(Note::WORDS, text.split_whitespace().count() as i64);
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> loopwright::Result<()> {
//! # let app = App::new().data_source("db", "memory:").models::<(Note,)>().build().await?;
//! let notes = app.repository::<Note>()?;
//! let note = Note { id: 0, text: "milk and bread".into(), words: 0, deleted: false };
//! assert_eq!(notes.create(note).await?.words, 3);
//! # Ok(())
//! # }
//! ```
//!
//! # Which hooks an operation calls
//!
//! | operation | hooks, in this order |
//! |---|---|
//! | `find`, `find_one`, `find_by_id` | access, loaded (for each record) |
//! | `count`, `exists` | access |
//! | `create` | before save, validate, persist, loaded, after save |
//! | `upsert`, `replace_or_create`, `upsert_with_where` | access, before save, validate, persist, loaded, after save |
//! | `replace_by_id`, update of one instance | before save, validate, persist, loaded, after save |
//! | `update_all` | access, before save, persist, after save |
//! | `delete_all`, `delete_by_id` | access, before delete, after delete; between the last two those of [what goes along](crate::model::OnDelete) |
//!
//! What is kept within another model (`embeds_one`, `embeds_many`) and changed by way of that relation has its hooks around
//! those of its owner: before save, validate and after save, or before and after delete. What an owner brings along calls none of
//! them (contract *models.md* §10).
//!
//! The rules are asked between before save and validate; what either finds wrong, the caller is told together. An error of any hook ends the operation with it; what the data
//! source has done by then stays, unless the operation belongs to a transaction, or takes others along.

mod access;
mod delete;
mod loaded;
mod save;
mod state;
mod validation;

pub use super::options::Options;
pub use access::Access;
pub use delete::Delete;
pub use loaded::Loaded;
pub use save::Save;
pub(super) use save::Saved;
pub use state::HookState;
pub use validation::{Invalid, Validation};

use std::any::{Any, type_name};
use std::borrow::Cow;

use super::typed::{AsCaller, Repository, part};
use super::{ErasedRepository, scope};
use crate::model::{HookKind, Mixin, Model, Place, Property, Record, RowAction, Violation};
use crate::query::{Column, Condition, Filter};
use crate::{Error, Result};

/// One operation as its hooks see it. Without hooks nothing is done or copied.
pub(super) struct Hooks<'r> {
    repository: &'r ErasedRepository,
    state: HookState,
}

/// What one hook is called with.
struct Context<T> {
    repository: ErasedRepository,
    state: HookState,
    /// Where what the hook knows as its model begins.
    place: Place,
    about: T,
}

impl<'r> Hooks<'r> {
    pub fn new(repository: &'r ErasedRepository) -> Self {
        Hooks {
            repository,
            state: HookState::default(),
        }
    }

    /// The hooks of an operation that has begun.
    pub fn resume(repository: &'r ErasedRepository, state: HookState) -> Self {
        Hooks { repository, state }
    }

    /// What the hooks have told each other so far.
    pub fn into_state(self) -> HookState {
        self.state
    }

    /// Is there a hook of this kind?
    pub fn has(&self, kind: HookKind) -> bool {
        let hooks = self.repository.def().methods.hooks;
        hooks.iter().any(|hook| hook.kind == kind)
    }

    /// What a record was before the operation, if there is a hook to see it.
    pub fn copy(&self, record: &Record) -> Option<Record> {
        let hooked = !self.repository.def().methods.hooks.is_empty();
        hooked.then(|| record.clone())
    }

    /// What the default scope, the access hooks and the policies for reading leave of a query.
    pub async fn access<'f>(&mut self, filter: Cow<'f, Filter>) -> Result<Cow<'f, Filter>> {
        let mut filter = match self.repository.is_unscoped() {
            true => filter,
            false => scope::apply(self.repository.def(), filter),
        };
        if self.has(HookKind::Access) {
            let seen = self.call(HookKind::Access, filter.into_owned()).await?;
            filter = Cow::Owned(seen);
        }
        // The last word: no hook widens what a caller may see.
        let permitted = self.repository.permitted(RowAction::Read).await?;
        if permitted != Condition::ALL {
            let filter = filter.to_mut();
            filter.condition = permitted.and(std::mem::take(&mut filter.condition));
        }
        Ok(filter)
    }

    /// What the default scope, the access hooks and the policies for `action` leave of a condition.
    pub async fn narrow<'c>(
        &mut self,
        action: RowAction,
        condition: &'c Condition,
    ) -> Result<Cow<'c, Condition>> {
        let mut condition = match self.repository.is_unscoped() {
            true => Cow::Borrowed(condition),
            false => scope::narrow(self.repository.def(), condition),
        };
        if self.has(HookKind::Access) {
            let filter = Filter::matching(condition.into_owned());
            let filter = self.call(HookKind::Access, filter).await?;
            condition = Cow::Owned(filter.condition);
        }
        self.repository.within_policies(action, condition).await
    }

    /// What is to be stored, with the values that the default scope asks for, as the hooks leave it.
    pub async fn before_save(&mut self, mut saved: Saved) -> Result<Saved> {
        if !self.repository.is_unscoped() {
            scope::enforce(self.repository.def(), &mut saved.record);
        }
        self.call(HookKind::BeforeSave, saved).await
    }

    /// What is wrong with a record that is to be stored, with what is known to be.
    pub async fn validate(
        &mut self,
        record: Record,
        violations: Vec<Violation>,
    ) -> Result<Vec<Violation>> {
        let judged = validation::Judged { record, violations };
        Ok(self.call(HookKind::Validate, judged).await?.violations)
    }

    pub async fn persist(&mut self, saved: Saved) -> Result<Saved> {
        self.call(HookKind::Persist, saved).await
    }

    pub async fn after_save(&mut self, saved: Saved) -> Result<Saved> {
        self.call(HookKind::AfterSave, saved).await
    }

    pub async fn loaded(&mut self, record: Record, new: bool) -> Result<Record> {
        let loaded = loaded::Found { record, new };
        Ok(self.call(HookKind::Loaded, loaded).await?.record)
    }

    /// Which records go, as the hooks leave it, and what is stored in them if they stay.
    pub async fn before_delete(
        &mut self,
        condition: Condition,
    ) -> Result<(Condition, Option<Record>)> {
        let deleted = delete::Deleted::of(condition);
        let delete::Deleted { condition, instead } =
            self.call(HookKind::BeforeDelete, deleted).await?;
        Ok((condition, instead))
    }

    pub async fn after_delete(&mut self, condition: Condition) -> Result<()> {
        let deleted = delete::Deleted::of(condition);
        self.call(HookKind::AfterDelete, deleted).await.map(drop)
    }

    /// Calls every hook of `kind` with `about`, one after the other.
    async fn call<T: Send + 'static>(&mut self, kind: HookKind, about: T) -> Result<T> {
        if !self.has(kind) {
            return Ok(about);
        }
        let mut context = Context {
            repository: self.repository.clone(),
            state: std::mem::take(&mut self.state),
            place: Place::START,
            about,
        };
        for hook in self.repository.def().methods.hooks {
            if hook.kind == kind {
                context.place = hook.place;
                hook.call(&mut context).await?;
            }
        }
        self.state = context.state;
        Ok(context.about)
    }
}

impl<T: 'static> Context<T> {
    /// The context that the pipeline has handed over without its type.
    fn of(context: &mut (dyn Any + Send)) -> Result<&mut Self> {
        context.downcast_mut().ok_or_else(|| {
            Error::internal(format!("this hook is not about `{}`", type_name::<T>()))
        })
    }
}

impl<T> Context<T> {
    /// Where the model has what the hook knows as `column`.
    fn position<M: Mixin, P: Property>(&self, column: Column<M, P>) -> usize {
        self.place.properties + column.index()
    }

    /// The value of a property in `record`.
    fn value<M: Mixin, P: Property>(&self, record: &Record, column: Column<M, P>) -> Option<P> {
        P::from_value(record.get(self.position(column))?.clone())
    }

    /// What the hook knows as its model in the instance that `record` is to be. The id may still be missing.
    fn draft<M: Mixin>(&self, record: &Record) -> Result<M> {
        let mut record = record.clone();
        let def = self.repository.def();
        def.fill_blank_id(&mut record, Place::START);
        part(def, &mut record, self.place)
    }
}

impl<T> Context<T> {
    fn repository<M: Model>(&self) -> Result<Repository<M, AsCaller>> {
        let other = self.repository.other(M::DEF.name)?;
        Ok(Repository::of_caller(other))
    }
}

/// What each context has: other models' instances, and what the hooks of one operation tell each other.
macro_rules! in_common {
    ($context:ident) => {
        impl<'a, M: Mixin> $context<'a, M> {
            #[doc(hidden)]
            pub fn of(context: &'a mut (dyn std::any::Any + Send)) -> $crate::Result<Self> {
                Ok($context {
                    context: super::Context::of(context)?,
                    model: std::marker::PhantomData,
                })
            }

            /// The instances of the model `N`, within the operation's transaction if it belongs to one, on behalf of whoever
            /// has begun the operation.
            ///
            /// # Errors
            /// The application does not list `N`.
            pub fn repository<N: Model>(
                &self,
            ) -> $crate::Result<$crate::repository::Repository<N, $crate::repository::AsCaller>>
            {
                self.context.repository()
            }

            /// As the application itself, within the operation's transaction if it belongs to one: past the policies about
            /// rows.
            pub fn as_system(&self) -> $crate::repository::System {
                $crate::repository::System::new(self.context.repository.clone())
            }

            /// On whose behalf the operation is, if not on the application's own.
            pub fn caller(&self) -> Option<&$crate::access::Caller> {
                self.context.repository.caller()
            }

            /// Has `work` done when the operation's transaction is committed, or at once if it belongs to none: what can't be
            /// undone, such as a letter. Its error goes into the log.
            pub async fn after_commit<F, Fut>(&mut self, work: F)
            where
                F: FnOnce() -> Fut + Send + 'static,
                Fut: Future<Output = $crate::Result<()>> + Send + 'static,
            {
                self.context.repository.after_commit(work).await;
            }

            /// What the operation was told beside its data.
            pub fn options(&self) -> &super::Options {
                self.context.repository.options()
            }

            /// What the hooks of this one operation tell each other.
            pub fn state(&mut self) -> &mut super::HookState {
                &mut self.context.state
            }
        }

        impl<M> std::fmt::Debug for $context<'_, M> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($context)).finish_non_exhaustive()
            }
        }
    };
}
use in_common;
