use chrono::{DateTime, Utc};

use crate::hook::Save;
use crate::{Mixin, Result};

/// When an instance was created, and when it was last changed. Callers read it and can't write it.
#[derive(Mixin, Clone, Debug, Default, PartialEq, Eq)]
#[model(crate = crate)]
pub struct Timestamps {
    /// When it was created.
    #[model(default = now, read_only)]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[model(default = now, read_only)]
    pub updated_at: DateTime<Utc>,
}

#[crate::methods(crate = crate)]
impl Timestamps {
    #[hook(before_save)]
    async fn touch(cx: &mut Save<'_, Self>) -> Result<()> {
        let now = Utc::now();
        if let Some(created) = cx.current(Timestamps::CREATED_AT) {
            cx.set(Timestamps::CREATED_AT, created);
        } else if cx.is_new_instance() == Some(true) {
            cx.set(Timestamps::CREATED_AT, now);
        }
        cx.set(Timestamps::UPDATED_AT, now);
        Ok(())
    }
}
