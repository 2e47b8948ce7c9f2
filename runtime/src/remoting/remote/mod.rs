//! Methods of a model's own over HTTP (contract *models.md* §13).

mod coercion;
mod value;

use std::any::Any;

use axum::http::HeaderMap;

pub use self::value::{Remotable, RemoteValue};
#[doc(hidden)]
pub use self::value::{property_from_remote, property_into_remote, property_type};
use super::argument::Arguments;
use crate::access::Caller;
use crate::model::{Mixin, Model, Place, Record, RemoteMethodDef, Value};
use crate::repository::{AsCaller, ErasedRepository, Options, Repository, System, part};
use crate::{Error, Result};

/// What a remote method knows of the request, and of the application: an argument of the type `&Context`.
pub struct Context {
    repository: ErasedRepository,
    caller: Caller,
    headers: HeaderMap,
}

/// One call of a remote method.
#[doc(hidden)]
pub struct Call {
    context: Context,
    /// Where what the method knows as its model begins.
    place: Place,
    instance: Option<Record>,
    arguments: Vec<Option<RemoteValue>>,
    answer: RemoteValue,
}

impl Context {
    /// The instances of the model `M`, on behalf of whoever calls: those that the policies of `M` let that caller see.
    ///
    /// # Errors
    /// The application does not list `M`.
    pub fn repository<M: Model>(&self) -> Result<Repository<M, AsCaller>> {
        let other = self.repository.other(M::DEF.name)?;
        Ok(Repository::of_caller(other))
    }

    /// As the application itself: past the policies about rows.
    pub fn as_system(&self) -> System {
        System::new(self.repository.clone())
    }

    /// On whose behalf the call is.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The model whose method is called, without its Rust type.
    pub(crate) fn own(&self) -> &ErasedRepository {
        &self.repository
    }

    /// What the operations of the call are told beside their data: by [remote hooks](super::hook).
    pub fn options(&self) -> &Options {
        self.repository.options()
    }

    /// The headers of the request.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl std::fmt::Debug for Context {
    // The headers hold the caller's token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl Call {
    pub fn of(call: &mut (dyn Any + Send)) -> Result<&mut Call> {
        call.downcast_mut().ok_or_else(|| {
            Error::internal("a remote method was called with something else than a call")
        })
    }

    /// The argument at `index` of the description.
    pub fn argument<T: Remotable>(&mut self, index: usize) -> Result<T> {
        let value = self.arguments.get_mut(index).and_then(Option::take);
        T::from_remote(value.unwrap_or(RemoteValue::Nothing))
    }

    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The instance that the method is called on.
    pub fn instance<M: Mixin>(&self) -> Result<M> {
        match &self.instance {
            Some(record) => part(
                self.context.repository.def(),
                &mut record.clone(),
                self.place,
            ),
            None => Err(Error::internal("the route of this method has no id")),
        }
    }

    /// Stores what a method has changed in the instance that it was called on.
    pub async fn store<M: Mixin>(&mut self, changed: M) -> Result<()> {
        let Some(current) = self.instance.take() else {
            return Ok(());
        };
        let mut changes = Record::new(self.context.repository.def());
        changed.into_part(&mut changes, self.place);
        for (index, value) in current.values().iter().enumerate() {
            // A struct can't tell absent from null.
            if changes.value(index) == value.as_ref().unwrap_or(&Value::Null) {
                changes.remove(index);
            }
        }
        if changes.values().iter().any(Option::is_some) {
            self.context.repository.merge(current, changes).await?;
        }
        Ok(())
    }

    pub fn answer<T: Remotable>(&mut self, answer: T) {
        self.answer = answer.into_remote();
    }
}

/// Calls `method`, on `instance` if it belongs to one. The request's path had the named `parts`.
pub(super) async fn call(
    method: &'static RemoteMethodDef,
    repository: &ErasedRepository,
    instance: Option<Record>,
    request: &mut Arguments,
    parts: &[(String, String)],
) -> Result<RemoteValue> {
    let arguments = method.arguments.iter();
    let arguments =
        arguments.map(|argument| coercion::argument(argument, request, parts).map(Some));
    let mut call = Call {
        arguments: arguments.collect::<Result<_>>()?,
        context: Context {
            caller: repository.caller().cloned().unwrap_or_default(),
            repository: repository.clone(),
            headers: request.headers.clone(),
        },
        place: method.place,
        instance,
        answer: RemoteValue::Nothing,
    };
    method.call(&mut call).await?;
    Ok(call.answer)
}
