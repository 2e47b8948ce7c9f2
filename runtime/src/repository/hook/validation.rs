//! `#[hook(validate)]`.

use std::marker::PhantomData;

use super::{Context, in_common};
use crate::Result;
use crate::model::{Mixin, Model, Property, Record, Violation};
use crate::query::Column;

/// An instance of `M` that is about to be stored, and what is wrong with it (contract *models.md* §9.1, `validate` and
/// `validateAsync`).
///
/// ```
/// use loopwright::hook::{Invalid, Validation};
/// use loopwright::prelude::*;
///
/// #[derive(Model, Debug)]
/// #[acl(open)]
/// struct Booking {
///     #[model(id, generated)]
///     id: i64,
///     room: String,
///     from: i32,
///     to: i32,
/// }
///
/// #[loopwright::methods]
/// impl Booking {
///     /// A booking ends after it begins, and is alone in its room.
///     #[hook(validate)]
///     async fn in_order(cx: &mut Validation<'_, Self>) -> Result<()> {
///         let Ok(booking) = cx.instance() else {
///             return Ok(()); // what it lacks has been said
///         };
///         if booking.to <= booking.from {
///             cx.fail(Booking::TO, "must be after `from`");
///         }
///         let others = Booking::ROOM.eq(booking.room).and(Booking::ID.ne(booking.id));
///         let others = others.and(Booking::FROM.lt(booking.to)).and(Booking::TO.gt(booking.from));
///         if cx.repository::<Booking>()?.count(others).await? > 0 {
///             cx.fail(Booking::ROOM, Invalid::new("is taken").kind("taken"));
///         }
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// # let app = App::new().data_source("db", "memory:").models::<(Booking,)>().build().await?;
/// let bookings = app.repository::<Booking>()?;
/// let at = |from, to| Booking { id: 0, room: "Bern".into(), from, to };
/// bookings.create(at(9, 11)).await?;
/// let refused = bookings.create(at(10, 12)).await.unwrap_err();
/// assert_eq!(refused.status(), 422);
/// assert_eq!(refused.details().unwrap()["codes"]["room"][0], "custom.taken");
/// # Ok(())
/// # }
/// ```
pub struct Validation<'a, M> {
    pub(super) context: &'a mut Context<Judged>,
    pub(super) model: PhantomData<fn() -> M>,
}

/// What a validation is about.
pub(super) struct Judged {
    pub record: Record,
    pub violations: Vec<Violation>,
}

in_common!(Validation);

impl<M: Mixin> Validation<'_, M> {
    /// The value of a property. None when it is absent.
    pub fn get<T: Property>(&self, column: Column<M, T>) -> Option<T> {
        let record = &self.context.about.record;
        self.context.value(record, column)
    }

    /// The instance as it is to be stored.
    ///
    /// # Errors
    /// It lacks a property that an instance can't be without, which the rules have found too.
    pub fn instance(&self) -> Result<M> {
        self.context.draft(&self.context.about.record)
    }

    /// Is nothing wrong so far, neither by the rules nor by an earlier function?
    pub fn is_valid(&self) -> bool {
        self.context.about.violations.is_empty()
    }

    /// Says that the value of a property is wrong. The operation fails with 422, when everything has been said.
    pub fn fail<T: Property>(&mut self, column: Column<M, T>, invalid: impl Into<Invalid>) {
        let index = self.context.position(column);
        let Some(property) = self.context.repository.def().properties.get(index) else {
            return;
        };
        let Invalid {
            code,
            kind,
            message,
        } = invalid.into();
        let code = match kind {
            Some(kind) => format!("{code}.{kind}"),
            None => code,
        };
        let Judged { record, violations } = &mut self.context.about;
        violations.push(Violation::new(
            property.name,
            code,
            message,
            record.get(index),
        ));
    }
}

/// What is wrong with a value: a message that follows the property's name, and the code of the failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    code: String,
    kind: Option<String>,
    message: String,
}

impl Invalid {
    /// A failure with this message and the code `custom`.
    pub fn new(message: impl Into<String>) -> Self {
        Invalid {
            code: "custom".into(),
            kind: None,
            message: message.into(),
        }
    }

    /// The failure with another code in the place of `custom`.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = code.into();
        self
    }

    /// The failure as one of several kinds: its code is `custom.kind`.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }
}

impl Default for Invalid {
    /// LoopBack's own words: `is invalid`.
    fn default() -> Self {
        Invalid::new("is invalid")
    }
}

impl From<&str> for Invalid {
    fn from(message: &str) -> Self {
        Invalid::new(message)
    }
}

impl From<String> for Invalid {
    fn from(message: String) -> Self {
        Invalid::new(message)
    }
}
