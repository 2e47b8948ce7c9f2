//! What an operation is told beside its data (contract *models.md* §10 and §15, `options`).

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Values by their type, one of each, that go with an operation to its hooks, and from there to every operation that they
/// begin: who asks, for which tenant. Callers over HTTP can't set them; a [remote hook](crate::remoting::hook) can.
///
/// ```
/// use loopwright::hook::{Options, Save};
/// use loopwright::prelude::*;
///
/// #[derive(Clone)]
/// struct Tenant(i64);
///
/// #[derive(Model, Clone, Debug, Default)]
/// #[acl(open)]
/// struct Note {
///     #[model(id, generated)]
///     id: i64,
///     #[model(read_only, default = 0)]
///     tenant: i64,
/// }
///
/// #[loopwright::methods]
/// impl Note {
///     #[hook(before_save)]
///     async fn belong(cx: &mut Save<'_, Self>) -> Result<()> {
///         if let Some(Tenant(tenant)) = cx.options().get().cloned() {
///             cx.set(Note::TENANT, tenant);
///         }
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// # let app = App::new().data_source("db", "memory:").models::<(Note,)>().build().await?;
/// let notes = app.repository::<Note>()?.with_options(Options::new().with(Tenant(7)));
/// assert_eq!(notes.create(Note::default()).await?.tenant, 7);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Options {
    // Most operations have none.
    values: Option<Arc<Values>>,
}

type Values = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;

impl Options {
    /// None.
    pub fn new() -> Self {
        Options::default()
    }

    /// The same with one more value, in the place of one of the same type.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        let values = Arc::make_mut(self.values.get_or_insert_default());
        values.insert(TypeId::of::<T>(), Arc::new(value));
        self
    }

    /// The value of the type `T`.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.values
            .as_ref()?
            .get(&TypeId::of::<T>())?
            .downcast_ref()
    }

    /// Is there no value?
    pub fn is_empty(&self) -> bool {
        self.values.is_none()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.values.as_ref().map_or(0, |values| values.len());
        f.debug_struct("Options").field("values", &count).finish()
    }
}
