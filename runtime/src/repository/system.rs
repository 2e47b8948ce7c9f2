//! What the application does on its own behalf in the midst of a request.

use std::fmt;

use super::{ErasedRepository, Repository};
use crate::Result;
use crate::model::Model;

/// The application's own access, past the policies about rows: by `as_system` of a remote method's or a hook's context, so
/// that whoever looks for it finds it.
pub struct System {
    repository: ErasedRepository,
}

impl System {
    pub(crate) fn new(repository: ErasedRepository) -> Self {
        System { repository }
    }

    /// The instances of the model `M`.
    ///
    /// # Errors
    /// The application does not list `M`.
    pub fn repository<M: Model>(&self) -> Result<Repository<M>> {
        Ok(Repository::new(self.repository.other(M::DEF.name)?))
    }
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("System").finish_non_exhaustive()
    }
}
