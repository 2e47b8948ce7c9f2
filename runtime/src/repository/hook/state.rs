//! What the hooks of one operation tell each other.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;

/// Values by their type, one of each, that live as long as one operation: what a hook before the data source leaves for
/// one after it. LoopBack calls it `ctx.hookState`.
#[derive(Default)]
pub struct HookState {
    values: HashMap<TypeId, Box<dyn Any + Send>>,
}

impl HookState {
    /// Leaves a value, and returns the one of the same type that was there.
    pub fn insert<T: Send + 'static>(&mut self, value: T) -> Option<T> {
        let former = self.values.insert(TypeId::of::<T>(), Box::new(value))?;
        former.downcast().ok().map(|former| *former)
    }

    /// The value of the type `T`.
    pub fn get<T: Send + 'static>(&self) -> Option<&T> {
        self.values.get(&TypeId::of::<T>())?.downcast_ref()
    }

    /// Takes the value of the type `T` away.
    pub fn remove<T: Send + 'static>(&mut self) -> Option<T> {
        let value = self.values.remove(&TypeId::of::<T>())?;
        value.downcast().ok().map(|value| *value)
    }
}

impl fmt::Debug for HookState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookState")
            .field("values", &self.values.len())
            .finish()
    }
}
