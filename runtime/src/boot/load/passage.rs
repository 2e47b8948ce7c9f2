//! One request among those that are under way.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A request, which has a place among those that are under way once all of it is there.
pub(super) struct Passage {
    places: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    whole: bool,
    place: Option<OwnedSemaphorePermit>,
    trouble: Option<Trouble>,
}

/// Why a request is not done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trouble {
    /// There is no place.
    Busy,
    /// Its body comes too slowly.
    Slow,
}

impl Passage {
    pub fn new(places: Arc<Semaphore>) -> Self {
        Passage {
            places,
            state: Mutex::default(),
        }
    }

    /// All of the request is there: takes a place, until the passage ends.
    ///
    /// # Errors
    /// There is none.
    pub fn enter(&self) -> Result<(), Trouble> {
        self.change(|state| state.whole = true);
        match self.places.clone().try_acquire_owned() {
            Ok(place) => {
                self.change(|state| state.place = Some(place));
                Ok(())
            }
            Err(_) => Err(self.fails(Trouble::Busy)),
        }
    }

    /// Notes why the request is not done.
    pub fn fails(&self, trouble: Trouble) -> Trouble {
        self.change(|state| state.trouble = Some(trouble));
        trouble
    }

    /// Is all of the request there?
    pub fn is_whole(&self) -> bool {
        self.change(|state| state.whole)
    }

    pub fn trouble(&self) -> Option<Trouble> {
        self.change(|state| state.trouble)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
