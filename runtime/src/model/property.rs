//! The Rust types that a property can have.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use uuid::Uuid;

use super::property_def::UnnamedProperty;
use super::{GeoPoint, ObjectId, PropertyError, PropertyType, Record, Value};

/// A Rust type that a model's field can have.
///
/// Implemented for integers, floats, `bool`, [`String`], [`DateTime<Utc>`], [`NaiveDate`], [`Uuid`], [`ObjectId`],
/// [`Decimal`], `Vec<u8>` (bytes), [`GeoPoint`], [`serde_json::Value`], `Option<T>` and `Vec<T>`. `#[derive(Property)]` implements it
/// for newtypes, enums without data and structs of properties (stored as JSON):
///
/// ```
/// use loopwright::prelude::*;
///
/// /// No other key fits where this one is asked for.
/// #[derive(Property, Clone)]
/// struct CustomerId(i64);
///
/// #[derive(Property)]
/// #[property(rename_all = "kebab-case")]
/// enum Roast {
///     Light,
///     ExtraDark,
/// }
///
/// #[derive(Property)]
/// struct Address {
///     street: String,
///     #[property(name = "zip")]
///     post_code: Option<String>,
///     #[property(default = 0)]
///     floor: i16,
/// }
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Customer {
///     #[model(id)]
///     id: CustomerId,
///     #[model(default = "extra-dark")]
///     favourite: Roast,
///     address: Address,
/// }
/// ```
///
/// For anything else implement it by hand, by way of a type that is stored already:
///
/// ```
/// use loopwright::model::{Property, PropertyType, Value};
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct Colour(u8, u8, u8);
///
/// impl Property for Colour {
///     const TYPE: PropertyType = PropertyType::String;
///     const NAME: &'static str = "Colour";
///
///     fn into_value(self) -> Value {
///         Value::String(format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2))
///     }
///
///     fn from_value(value: Value) -> Option<Self> {
///         let Value::String(text) = value else { return None };
///         let channel = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
///         Some(Colour(channel(1)?, channel(3)?, channel(5)?))
///     }
/// }
///
/// assert_eq!(Colour::from_value(Colour(255, 0, 16).into_value()), Some(Colour(255, 0, 16)));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a property of a model",
    label = "not a property type",
    note = "add `#[derive(Property)]` to a type of your own, or give the field the type `serde_json::Value` to keep any JSON"
)]
pub trait Property: Sized + Send + Sync + 'static {
    /// What the value looks like in JSON and in a column.
    const TYPE: PropertyType;

    /// The type's name. Two properties that refer to each other must agree on it.
    const NAME: &'static str;

    /// May the value be absent? True for `Option<T>` alone.
    const NULLABLE: bool = false;

    /// The value without its Rust type; it must have the form that [`TYPE`](Self::TYPE) says.
    fn into_value(self) -> Value;

    /// The typed value, or nothing when the value can't be one.
    fn from_value(value: Value) -> Option<Self>;

    /// The type of a list of these. `u8` says bytes here: Rust has no other way to tell `Vec<u8>` from `Vec<T>`.
    #[doc(hidden)]
    const LIST_TYPE: PropertyType = PropertyType::Array(&Self::TYPE);

    #[doc(hidden)]
    fn list_into_value(items: Vec<Self>) -> Value {
        Value::Array(items.into_iter().map(Self::into_value).collect())
    }

    #[doc(hidden)]
    fn list_from_value(value: Value) -> Option<Vec<Self>> {
        match value {
            Value::Array(items) => items.into_iter().map(Self::from_value).collect(),
            _ => None,
        }
    }

    /// The name of the type of which this is a list, if it is one.
    #[doc(hidden)]
    const ITEM_NAME: &'static str = "";

    /// May an item of the list be absent? Such a list is refused.
    #[doc(hidden)]
    const NULLABLE_ITEMS: bool = false;

    // Generated code says `<T as Property>::...` for all that it does with a field: about a type that is no property,
    // the compiler then has one thing to say, at one place, where every function with a bound would add its own.

    /// Does the value hold what the model does not declare?
    #[doc(hidden)]
    const EXTRA: bool = false;

    #[doc(hidden)]
    const PROPERTY: UnnamedProperty = UnnamedProperty::of::<Self>();

    #[doc(hidden)]
    fn take_from(record: &mut Record, index: usize) -> Result<Self, PropertyError> {
        record.take(index)
    }

    #[doc(hidden)]
    fn put_into(record: &mut Record, index: usize, value: Self) {
        record.put(index, value);
    }
}

/// A type whose values are defaults of a property of the type `T`: `T` itself, or what `T` may hold.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a default of the type `{Self}` does not fit a property of the type `{T}`",
    label = "returns `{Self}`",
    note = "the function must return `{T}`"
)]
pub trait DefaultOf<T: Property>: Property {}

impl<T: Property> DefaultOf<T> for T {}
impl<T: Property> DefaultOf<Option<T>> for T {}

/// The default that a function of the user's own has returned.
#[doc(hidden)]
pub fn default_value<T: Property, D: DefaultOf<T>>(default: D) -> Value {
    default.into_value()
}

/// The value of an enum's variant.
#[doc(hidden)]
pub fn variant_value(name: &str) -> Value {
    Value::String(name.to_owned())
}

/// The name of the variant that a value stands for; no variant has the empty one.
#[doc(hidden)]
pub fn variant_name(value: &Value) -> &str {
    match value {
        Value::String(name) => name,
        _ => "",
    }
}

macro_rules! integer {
    ($($ty:ident)*) => {$(
        impl Property for $ty {
            const TYPE: PropertyType = integer!(@type $ty);
            const NAME: &'static str = stringify!($ty);

            fn into_value(self) -> Value {
                match i64::try_from(self) {
                    Ok(number) => Value::Integer(number),
                    // Beyond what databases keep; validation refuses it with the property's name.
                    Err(_) => Value::Decimal(Decimal::from(self)),
                }
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Integer(number) => number.try_into().ok(),
                    _ => None,
                }
            }

            integer!(@list $ty);
        }
    )*};
    (@type $ty:ident) => {
        PropertyType::Integer {
            min: if $ty::MIN == 0 { 0 } else { $ty::MIN as i64 },
            max: if $ty::BITS >= 64 { i64::MAX } else { $ty::MAX as i64 },
        }
    };
    (@list u8) => {
        const LIST_TYPE: PropertyType = PropertyType::Bytes;

        fn list_into_value(items: Vec<Self>) -> Value {
            Value::Bytes(items)
        }

        fn list_from_value(value: Value) -> Option<Vec<Self>> {
            match value {
                Value::Bytes(bytes) => Some(bytes),
                _ => None,
            }
        }
    };
    (@list $ty:ident) => {};
}

integer!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

macro_rules! scalar {
    ($($ty:ty, $name:literal, $variant:ident;)*) => {$(
        impl Property for $ty {
            const TYPE: PropertyType = PropertyType::$variant;
            const NAME: &'static str = $name;

            fn into_value(self) -> Value {
                Value::$variant(self)
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::$variant(value) => Some(value),
                    _ => None,
                }
            }
        }
    )*};
}

scalar! {
    bool, "bool", Boolean;
    f64, "f64", Float;
    Decimal, "Decimal", Decimal;
    String, "String", String;
    DateTime<Utc>, "DateTime<Utc>", DateTime;
    NaiveDate, "NaiveDate", Date;
    Uuid, "Uuid", Uuid;
    ObjectId, "ObjectId", ObjectId;
    GeoPoint, "GeoPoint", GeoPoint;
}

impl Property for f32 {
    const TYPE: PropertyType = PropertyType::Float;
    const NAME: &'static str = "f32";

    fn into_value(self) -> Value {
        Value::Float(self.into())
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "an `f32` field asks for the nearest `f32`"
    )]
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Float(number) => Some(number as f32),
            _ => None,
        }
    }
}

impl Property for Json {
    const TYPE: PropertyType = PropertyType::Json;
    const NAME: &'static str = "Value";
    // JSON has a null of its own.
    const NULLABLE: bool = true;

    fn into_value(self) -> Value {
        match self {
            Json::Null => Value::Null,
            json => Value::Json(Box::new(json)),
        }
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Json(json) => Some(*json),
            Value::Null => Some(Json::Null),
            _ => None,
        }
    }
}

impl<T: Property> Property for Option<T> {
    const TYPE: PropertyType = T::TYPE;
    const NAME: &'static str = T::NAME;
    const NULLABLE: bool = true;
    const ITEM_NAME: &'static str = T::ITEM_NAME;
    const NULLABLE_ITEMS: bool = T::NULLABLE_ITEMS;

    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl<T: Property> Property for Vec<T> {
    const TYPE: PropertyType = T::LIST_TYPE;
    const NAME: &'static str = "Vec";
    const ITEM_NAME: &'static str = T::NAME;
    const NULLABLE_ITEMS: bool = T::NULLABLE || T::NULLABLE_ITEMS;

    fn into_value(self) -> Value {
        T::list_into_value(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        T::list_from_value(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T: Property + Clone + PartialEq + std::fmt::Debug>(value: T) {
        assert_eq!(T::from_value(value.clone().into_value()), Some(value));
    }

    #[test]
    fn every_type_comes_back_as_it_went() {
        there_and_back(i8::MIN);
        there_and_back(u32::MAX);
        there_and_back(i64::MIN);
        there_and_back(1.5f32);
        there_and_back(b"\0\xff".to_vec());
        there_and_back(vec!["a".to_owned(), String::new()]);
        there_and_back(Some(Uuid::nil()));
        there_and_back(None::<NaiveDate>);
    }

    #[test]
    fn integers_know_their_bounds() {
        assert!(matches!(
            u8::TYPE,
            PropertyType::Integer { min: 0, max: 255 }
        ));
        assert!(matches!(
            u64::TYPE,
            PropertyType::Integer {
                min: 0,
                max: i64::MAX
            }
        ));
        assert!(matches!(
            i64::TYPE,
            PropertyType::Integer {
                min: i64::MIN,
                max: i64::MAX
            }
        ));
    }

    #[test]
    fn a_u64_beyond_the_databases_is_no_integer_value() {
        assert!(matches!(u64::MAX.into_value(), Value::Decimal(_)));
    }
}
