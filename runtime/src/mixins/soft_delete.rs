use chrono::{DateTime, Utc};

use crate::hook::Delete;
use crate::query::Filter;
use crate::{Mixin, Result};

/// Instances that are deleted stay where they are, and nobody sees them but by
/// [`Repository::unscoped`](crate::repository::Repository::unscoped).
#[derive(Mixin, Clone, Debug, Default, PartialEq, Eq)]
#[model(crate = crate)]
pub struct SoftDelete {
    /// When it was deleted; nothing, as long as it is there.
    #[model(index, hidden)]
    pub deleted_at: Option<DateTime<Utc>>,
}

#[crate::methods(crate = crate)]
impl SoftDelete {
    #[scope(default)]
    fn present() -> Filter {
        Filter::matching(SoftDelete::DELETED_AT.is_null())
    }

    #[hook(before_delete)]
    async fn mark(cx: &mut Delete<'_, Self>) -> Result<()> {
        // What is deleted keeps its time, also for who sees it and deletes it again.
        cx.narrow(SoftDelete::DELETED_AT.is_null());
        cx.store_instead(SoftDelete::DELETED_AT, Some(Utc::now()));
        Ok(())
    }
}
