//! Models of keys and values.

use super::{Described, Value};

/// A type whose values are kept under keys: implemented by `#[derive(KeyValueModel)]`, or by hand (contract
/// *models.md* §17).
///
/// The struct holds the value, of any type that is a [`Property`](super::Property); the key is text and stands outside.
///
/// ```
/// use loopwright::prelude::*;
///
/// /// Pages by their address.
/// #[derive(KeyValueModel, Debug, PartialEq)]
/// #[acl(allow(read), to = everyone)]
/// struct Page(String);
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let app = App::new()
///     .data_source("cache", "kv-memory:")
///     .models::<(Page,)>()
///     .attach::<Page>("cache");
/// # let app = app.data_source("db", "memory:");
/// let app = app.build().await?;
/// let pages = app.key_value::<Page>()?;
/// pages.set("/about", Page("About us".into())).await?;
/// assert_eq!(pages.get("/about").await?, Some(Page("About us".into())));
/// # Ok(())
/// # }
/// ```
///
/// By hand, where a derive can't say it:
///
/// ```
/// use loopwright::model::{Described, KeyValueModel, ModelDef, PropertyDef, Value};
///
/// struct Visits(u32);
///
/// static VISITS: ModelDef = ModelDef::key_value(
///     "Visits",
///     "Visits",
///     &[PropertyDef::KEY, PropertyDef::of::<u32>("value", "value")],
/// );
///
/// impl Described for Visits {
///     const DEF: &'static ModelDef = &VISITS;
/// }
///
/// impl KeyValueModel for Visits {
///     fn from_value(value: Value) -> Option<Self> {
///         match value {
///             Value::Integer(count) => count.try_into().ok().map(Visits),
///             _ => None,
///         }
///     }
///
///     fn into_value(self) -> Value {
///         Value::Integer(self.0.into())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key-value model",
    label = "not a key-value model",
    note = "add `#[derive(KeyValueModel)]` to `{Self}`"
)]
pub trait KeyValueModel: Described + Sized {
    /// The typed instance of a value, or nothing when the value can't be one.
    fn from_value(value: Value) -> Option<Self>;

    /// The value of a typed instance, in the form that the description says.
    fn into_value(self) -> Value;
}
