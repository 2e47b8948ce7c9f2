//! Instances of models that are known at run time only.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::model::{Model, ModelDef, Record, RecordJson};

/// An instance of some model: what a polymorphic `belongs_to` leads to (contract *relations.md* §8).
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Picture {
///     #[model(id, generated)]
///     id: i64,
///     imageable_id: Option<i64>,
///     imageable_type: Option<String>,
///     #[relation(belongs_to, polymorphic)]
///     imageable: BelongsTo<AnyModel>,
/// }
/// # #[derive(Model)]
/// # #[acl(open)]
/// # struct Employee {
/// #     #[model(id, generated)]
/// #     id: i64,
/// #     name: String,
/// # }
///
/// fn subject(picture: &Picture) -> Option<String> {
///     let employee: Employee = picture.imageable.get()?.to()?;
///     Some(employee.name)
/// }
/// ```
#[derive(Clone)]
pub struct AnyModel {
    def: &'static ModelDef,
    record: Record,
}

impl AnyModel {
    pub(crate) fn new(def: &'static ModelDef, record: Record) -> Self {
        AnyModel { def, record }
    }

    /// The name of the model.
    pub fn name(&self) -> &'static str {
        self.def.name
    }

    /// The instance, if it is one of the model `M`.
    pub fn to<M: Model>(&self) -> Option<M> {
        let same = M::DEF.name == self.def.name;
        same.then(|| M::from_record(&mut self.record.clone()).ok())?
    }

    pub(crate) fn parts_mut(&mut self) -> (&'static ModelDef, &mut Record) {
        (self.def, &mut self.record)
    }

    pub(crate) fn record(&self) -> &Record {
        &self.record
    }
}

impl fmt::Debug for AnyModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(self.def.name).field(&self.record).finish()
    }
}

impl PartialEq for AnyModel {
    fn eq(&self, other: &Self) -> bool {
        self.def.name == other.def.name && self.record == other.record
    }
}

/// As LoopBack's JSON; hidden and protected properties are left out.
impl Serialize for AnyModel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RecordJson::nested(self.def, &self.record).serialize(serializer)
    }
}
