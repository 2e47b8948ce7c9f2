//! Ids of one property and of several (contract *models.md* §3.1).
//!
//! Without Rust types an id is one [`Value`]: that of its property, or of a composite id the list of its keys in the order
//! of their declaration.

use super::{ModelDef, Property, PropertyDef, Record, Value};

/// The type of a model's id: that of its property, or a tuple when several properties are marked `#[model(id)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't identify an instance",
    label = "not the type of an id",
    note = "an id is a property that can be cloned, or two to four of them; add `#[derive(Property, Clone)]` to a type of your own"
)]
pub trait ModelId: Clone + Send + 'static {
    /// The id without its Rust type: of a tuple, the list of its values.
    fn into_id(self) -> Value;
}

impl<T: Property + Clone> ModelId for T {
    fn into_id(self) -> Value {
        self.into_value()
    }
}

macro_rules! composite {
    ($($key:ident)*) => {
        impl<$($key: Property + Clone),*> ModelId for ($($key,)*) {
            #[expect(non_snake_case, reason = "the values have the names of their types")]
            fn into_id(self) -> Value {
                let ($($key,)*) = self;
                Value::Array(vec![$($key.into_value()),*])
            }
        }
    };
}

composite!(A B);
composite!(A B C);
composite!(A B C D);

impl ModelDef {
    /// Is the id made of several properties?
    pub const fn has_composite_id(&self) -> bool {
        self.id().id_part
    }

    /// The positions of the properties that identify an instance, in the order of their declaration.
    pub fn ids(&self) -> impl Iterator<Item = usize> {
        let properties = self.properties.iter().enumerate();
        properties.filter_map(|(index, property)| property.id.then_some(index))
    }

    /// The id of `record`: the value of the id property, or the list of several. What is absent is null.
    ///
    /// ```
    /// use loopwright::model::{ModelDef, PropertyDef, Record, Value};
    ///
    /// static TAGGING: ModelDef = ModelDef::new(
    ///     "Tagging",
    ///     "Taggings",
    ///     "tagging",
    ///     &[
    ///         PropertyDef::of::<i64>("postId", "post_id").id_part(),
    ///         PropertyDef::of::<String>("tag", "tag").id_part(),
    ///     ],
    /// );
    ///
    /// let record = Record::from_values(vec![Some(Value::Integer(7)), Some(Value::String("rust".into()))]);
    /// assert_eq!(TAGGING.id_of(&record).to_json(), serde_json::json!([7, "rust"]));
    /// ```
    pub fn id_of(&self, record: &Record) -> Value {
        if self.has_composite_id() {
            let keys = self.ids().map(|index| record.value(index).clone());
            Value::Array(keys.collect())
        } else {
            record.value(self.id_index()).clone()
        }
    }

    /// How many of `most` ids one condition names. Each composite id is a condition of its own, and data sources take few
    /// hundreds of those at once.
    pub(crate) fn ids_at_once(&self, most: usize) -> usize {
        const COMPOSITE: usize = 300;
        if self.has_composite_id() {
            most.clamp(1, COMPOSITE)
        } else {
            most.max(1)
        }
    }

    /// The properties that identify an instance, in the order of their declaration.
    pub fn id_properties(&self) -> Vec<&'static PropertyDef> {
        self.properties
            .iter()
            .filter(|property| property.id)
            .collect()
    }

    /// Gives `record` the id.
    pub(crate) fn set_id(&self, record: &mut Record, id: Value) {
        match id {
            Value::Array(keys) if self.has_composite_id() => {
                for (index, key) in self.ids().zip(keys) {
                    record.set(index, key);
                }
            }
            id => record.set(self.id_index(), id),
        }
    }

    /// Makes the id of `record` absent.
    pub(crate) fn remove_id(&self, record: &mut Record) {
        for index in self.ids() {
            record.remove(index);
        }
    }
}

/// The id as messages show it: of a composite id, the texts of its keys with commas between.
pub(crate) fn id_text(id: &Value) -> String {
    match id {
        Value::Array(keys) => {
            let texts: Vec<_> = keys.iter().map(Value::to_text).collect();
            texts.join(",")
        }
        id => id.to_text(),
    }
}
