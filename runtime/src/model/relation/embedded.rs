//! The struct's fields that hold other models within them (contract *relations.md* §6 and §7).

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};

use super::{RelationField, RelationKind};
use crate::model::property_def::UnnamedProperty;
use crate::model::{
    Model, ModelDef, ObjectDef, Property, PropertyError, PropertyType, Record, Related, Value,
};

/// The one instance of another model that this model holds within itself, if there is one. It is stored as JSON, and is
/// always there with its owner.
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model, Debug, Default, PartialEq)]
/// #[model(public = false)]
/// struct Address {
///     #[model(id, generated)]
///     id: String,
///     #[validate(presence)]
///     street: String,
/// }
///
/// #[derive(Model, Default)]
/// #[acl(open)]
/// struct Customer {
///     #[model(id, generated)]
///     id: i64,
///     #[relation(embeds_one)]
///     billing_address: EmbedsOne<Address>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// # let app = App::new().data_source("db", "memory:").models::<(Customer,)>().build().await?;
/// let customers = app.repository::<Customer>()?;
/// let customer = customers.create(Customer::default()).await?;
/// let address = Address { street: "Marktgasse".into(), ..Address::default() };
/// customers.related(&customer, Customer::BILLING_ADDRESS).await?.create(address).await?;
/// let customer = customers.find_by_id(customer.id).await?.unwrap_or_default();
/// assert_eq!(customer.billing_address.get().map(|address| address.street.as_str()), Some("Marktgasse"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmbedsOne<T>(Option<T>);

/// The instances of another model that this model holds within itself, in their order. They are stored as JSON, and are
/// always there with their owner.
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model, Debug, Default, PartialEq)]
/// #[model(public = false)]
/// struct EmailAddress {
///     #[model(id, generated)]
///     id: i64,
///     address: String,
/// }
///
/// #[derive(Model, Default)]
/// #[acl(open)]
/// struct Customer {
///     #[model(id, generated)]
///     id: i64,
///     #[relation(embeds_many)]
///     emails: EmbedsMany<EmailAddress>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// # let app = App::new().data_source("db", "memory:").models::<(Customer,)>().build().await?;
/// let customers = app.repository::<Customer>()?;
/// let customer = customers.create(Customer::default()).await?;
/// let emails = customers.related(&customer, Customer::EMAILS).await?;
/// let email = emails.create(EmailAddress { id: 0, address: "ann@a.example".into() }).await?;
/// assert_eq!(email.id, 1);
/// let customer = customers.find_by_id(customer.id).await?.unwrap_or_default();
/// assert_eq!(customer.emails[0].address, "ann@a.example");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmbedsMany<T>(Vec<T>);

impl<T> EmbedsOne<T> {
    /// The instance, if there is one.
    pub const fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> EmbedsMany<T> {
    /// The instances.
    pub fn get(&self) -> &[T] {
        &self.0
    }
}

impl<T> Default for EmbedsOne<T> {
    fn default() -> Self {
        EmbedsOne(None)
    }
}

impl<T> Default for EmbedsMany<T> {
    fn default() -> Self {
        EmbedsMany(Vec::new())
    }
}

impl<T> From<T> for EmbedsOne<T> {
    fn from(one: T) -> Self {
        EmbedsOne(Some(one))
    }
}

impl<T> From<Option<T>> for EmbedsOne<T> {
    fn from(one: Option<T>) -> Self {
        EmbedsOne(one)
    }
}

impl<T> From<Vec<T>> for EmbedsMany<T> {
    fn from(many: Vec<T>) -> Self {
        EmbedsMany(many)
    }
}

impl<T> FromIterator<T> for EmbedsMany<T> {
    fn from_iter<I: IntoIterator<Item = T>>(many: I) -> Self {
        EmbedsMany(many.into_iter().collect())
    }
}

impl<T> Deref for EmbedsOne<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<T> DerefMut for EmbedsOne<T> {
    fn deref_mut(&mut self) -> &mut Option<T> {
        &mut self.0
    }
}

impl<T> Deref for EmbedsMany<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for EmbedsMany<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T> IntoIterator for EmbedsMany<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a EmbedsMany<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// What an instance of `T` is in a property of its owner.
trait Embedded: Model {
    const OBJECT: ObjectDef = ObjectDef::of_model(Self::DEF);
    const TYPE: PropertyType = PropertyType::Object(&Self::OBJECT);

    fn into_object(self) -> Value {
        Self::OBJECT.value(&self.into_record())
    }

    fn from_object(value: Value) -> Option<Self> {
        let mut record = Self::OBJECT.record_of(value)?;
        // One that its owner has brought along may have no id.
        let (index, id) = (Self::DEF.id_index(), Self::DEF.id());
        if id.generated && record.value(index).is_null() {
            record.set(index, Value::blank_id(&id.ty));
        }
        Self::from_record(&mut record).ok()
    }
}

impl<T: Model> Embedded for T {}

impl<T: Model> Property for EmbedsOne<T> {
    const TYPE: PropertyType = <T as Embedded>::TYPE;
    const NAME: &'static str = T::DEF.name;
    const NULLABLE: bool = true;

    fn into_value(self) -> Value {
        self.0.map_or(Value::Null, T::into_object)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(EmbedsOne(None)),
            value => T::from_object(value).map(Self::from),
        }
    }
}

impl<T: Model> Property for EmbedsMany<T> {
    const TYPE: PropertyType = PropertyType::Array(&<T as Embedded>::TYPE);
    const NAME: &'static str = "Vec";
    const ITEM_NAME: &'static str = T::DEF.name;
    // LoopBack's clients may take the list away.
    const NULLABLE: bool = true;

    fn into_value(self) -> Value {
        Value::Array(self.0.into_iter().map(T::into_object).collect())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(EmbedsMany(Vec::new())),
            Value::Array(items) => items.into_iter().map(T::from_object).collect(),
            _ => None,
        }
    }
}

impl<T: Model> RelationField for EmbedsOne<T> {
    type Target = T;
    const KIND: RelationKind = RelationKind::EmbedsOne;
    const TARGET: fn() -> &'static ModelDef = || T::DEF;
    const TARGET_DEF: &'static ModelDef = T::DEF;
    const PROPERTY: UnnamedProperty = <Self as Property>::PROPERTY;

    fn take_from(record: &mut Record, index: usize) -> Result<Self, PropertyError> {
        record.take(index)
    }

    fn put_into(record: &mut Record, index: usize, value: Self) {
        record.put(index, value);
    }

    fn from_related(related: Related) -> Result<Self, PropertyError> {
        Ok(super::field::instances(related)?.into_iter().next().into())
    }
}

impl<T: Model> RelationField for EmbedsMany<T> {
    type Target = T;
    const KIND: RelationKind = RelationKind::EmbedsMany;
    const TARGET: fn() -> &'static ModelDef = || T::DEF;
    const TARGET_DEF: &'static ModelDef = T::DEF;
    const PROPERTY: UnnamedProperty = <Self as Property>::PROPERTY;

    fn take_from(record: &mut Record, index: usize) -> Result<Self, PropertyError> {
        record.take(index)
    }

    fn put_into(record: &mut Record, index: usize, value: Self) {
        record.put(index, value);
    }

    fn from_related(related: Related) -> Result<Self, PropertyError> {
        Ok(super::field::instances(related)?.into())
    }
}
