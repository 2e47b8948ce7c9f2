//! What methods take and answer: between Rust types and their erased form.

use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::model::{Model, ModelDef, Property, Record, RecordJson, RemoteType, Value};
use crate::repository::instance;
use crate::{Error, Result};
use crate::{GeoPoint, ObjectId};

/// A type that a remote method takes or answers.
///
/// Every type of a property is one, every model, `()`, an axum [`Response`], and `Option<T>` and `Vec<T>` of them. Structs
/// and enums of one's own become one by `#[derive(Property)]`; anything else that serde knows travels as a
/// [`serde_json::Value`].
///
/// ```
/// use loopwright::Context;
/// use loopwright::prelude::*;
///
/// #[derive(Model, Clone)]
/// #[acl(allow(read), to = everyone)]
/// #[acl(allow(close), to = role("staff"))]
/// struct Shop {
///     #[model(id, generated)]
///     id: i64,
///     name: String,
///     open: bool,
/// }
///
/// /// When a shop is open.
/// #[derive(Property)]
/// struct Status {
///     open: bool,
///     closes: Option<u8>,
/// }
///
/// #[loopwright::methods]
/// impl Shop {
///     /// Is a shop open at this hour? `GET /api/Shops/status?hour=9`
///     #[remote(get = "/status")]
///     async fn status(#[arg(query)] hour: u8) -> Result<Status> {
///         let open = (8..20).contains(&hour);
///         Ok(Status { open, closes: open.then_some(20) })
///     }
///
///     /// The shops of that name. `GET /api/Shops/by-name/Bel`
///     #[remote(get = "/by-name/{name}")]
///     async fn by_name(name: String, cx: &Context) -> Result<Vec<Shop>> {
///         let shops = cx.repository::<Shop>()?;
///         shops.find().filter(Shop::NAME.eq(name)).all().await
///     }
///
///     /// Closes the shop for good. `POST /api/Shops/1/close`
///     #[remote(post = "/close")]
///     async fn close(&mut self) -> Result<()> {
///         self.open = false;
///         Ok(())
///     }
/// }
///
/// let names: Vec<_> = Shop::DEF.methods.remotes.iter().map(|method| method.name).collect();
/// assert_eq!(names, ["status", "byName", "close"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "a remote method can't take or answer `{Self}`",
    label = "not known to callers",
    note = "add `#[derive(Property)]` to a type of your own, or use `serde_json::Value` for any JSON"
)]
pub trait Remotable: Sized + Send + 'static {
    /// What callers see of the type.
    const TYPE: RemoteType;

    /// The typed value.
    ///
    /// # Errors
    /// The value is of another type.
    fn from_remote(value: RemoteValue) -> Result<Self>;

    /// The value without its Rust type.
    fn into_remote(self) -> RemoteValue;

    /// The type of a list of these. `u8` says bytes here, as it does as a property.
    #[doc(hidden)]
    const LIST_TYPE: RemoteType = RemoteType::List(&Self::TYPE);

    #[doc(hidden)]
    fn list_from_remote(value: RemoteValue) -> Result<Vec<Self>> {
        match value {
            RemoteValue::List(items) => items.into_iter().map(Self::from_remote).collect(),
            _ => Err(unfit::<Vec<Self>>()),
        }
    }

    #[doc(hidden)]
    fn list_into_remote(items: Vec<Self>) -> RemoteValue {
        RemoteValue::List(items.into_iter().map(Self::into_remote).collect())
    }
}

/// A value on the way to a method, or from it.
#[derive(Debug)]
pub enum RemoteValue {
    /// Nothing.
    Nothing,
    /// A value as properties have it.
    Value(Value),
    /// An instance of a model.
    Instance(&'static ModelDef, Record),
    /// A list.
    List(Vec<RemoteValue>),
    /// A whole response.
    Response(Box<Response>),
}

impl Serialize for RemoteValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            // A response is never part of another.
            RemoteValue::Nothing | RemoteValue::Response(_) => serializer.serialize_unit(),
            RemoteValue::Value(value) => value.serialize(serializer),
            RemoteValue::Instance(def, record) => RecordJson { def, record }.serialize(serializer),
            RemoteValue::List(items) => serializer.collect_seq(items),
        }
    }
}

/// The type of a property's Rust type.
#[doc(hidden)]
pub const fn property_type<T: Property>() -> RemoteType {
    RemoteType::Value(T::TYPE, T::NAME)
}

#[doc(hidden)]
pub fn property_from_remote<T: Property>(value: RemoteValue) -> Result<T> {
    match value {
        RemoteValue::Value(value) => T::from_value(value).ok_or_else(unfit::<T>),
        _ => Err(unfit::<T>()),
    }
}

#[doc(hidden)]
pub fn property_into_remote<T: Property>(value: T) -> RemoteValue {
    RemoteValue::Value(value.into_value())
}

impl<M: Model> Remotable for M {
    const TYPE: RemoteType = RemoteType::Instance(|| M::DEF);

    fn from_remote(value: RemoteValue) -> Result<Self> {
        match value {
            RemoteValue::Instance(_, record) => instance(record),
            _ => Err(unfit::<M>()),
        }
    }

    fn into_remote(self) -> RemoteValue {
        RemoteValue::Instance(M::DEF, self.into_record())
    }
}

/// Coercion has made sure of the type already; only a `Property` written by hand can still refuse the value.
fn unfit<T>() -> Error {
    Error::new(
        400,
        format!("an argument is no `{}`", std::any::type_name::<T>()),
    )
}

macro_rules! properties {
    ($($ty:ty)*) => {$(
        impl Remotable for $ty {
            const TYPE: RemoteType = property_type::<$ty>();

            fn from_remote(value: RemoteValue) -> Result<Self> {
                property_from_remote(value)
            }

            fn into_remote(self) -> RemoteValue {
                property_into_remote(self)
            }
        }
    )*};
}

properties! {
    i8 i16 i32 i64 isize u16 u32 u64 usize f32 f64 bool String
    DateTime<Utc> NaiveDate Uuid Decimal GeoPoint Json ObjectId
}

impl Remotable for u8 {
    const TYPE: RemoteType = property_type::<u8>();

    fn from_remote(value: RemoteValue) -> Result<Self> {
        property_from_remote(value)
    }

    fn into_remote(self) -> RemoteValue {
        property_into_remote(self)
    }

    const LIST_TYPE: RemoteType = property_type::<Vec<u8>>();

    fn list_from_remote(value: RemoteValue) -> Result<Vec<Self>> {
        property_from_remote(value)
    }

    fn list_into_remote(items: Vec<Self>) -> RemoteValue {
        property_into_remote(items)
    }
}

impl<T: Remotable> Remotable for Vec<T> {
    const TYPE: RemoteType = T::LIST_TYPE;

    fn from_remote(value: RemoteValue) -> Result<Self> {
        T::list_from_remote(value)
    }

    fn into_remote(self) -> RemoteValue {
        T::list_into_remote(self)
    }
}

impl<T: Remotable> Remotable for Option<T> {
    const TYPE: RemoteType = RemoteType::Optional(&T::TYPE);

    fn from_remote(value: RemoteValue) -> Result<Self> {
        match value {
            RemoteValue::Nothing | RemoteValue::Value(Value::Null) => Ok(None),
            value => T::from_remote(value).map(Some),
        }
    }

    fn into_remote(self) -> RemoteValue {
        self.map_or(RemoteValue::Value(Value::Null), T::into_remote)
    }
}

impl Remotable for () {
    const TYPE: RemoteType = RemoteType::Nothing;

    fn from_remote(_value: RemoteValue) -> Result<Self> {
        Ok(())
    }

    fn into_remote(self) -> RemoteValue {
        RemoteValue::Nothing
    }
}

/// Files, streams, other statuses and headers: the method says all of the answer.
impl Remotable for Response {
    const TYPE: RemoteType = RemoteType::Response;

    fn from_remote(_value: RemoteValue) -> Result<Self> {
        Err(unfit::<Self>())
    }

    fn into_remote(self) -> RemoteValue {
        RemoteValue::Response(Box::new(self))
    }
}
