//! Where descriptions will be: relations lead from one to the other before all are there.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Definition, leak, text};
use crate::model::ModelDef;

/// A description that is on its way.
pub(super) type Later = &'static OnceLock<&'static ModelDef>;

/// Where descriptions will be, by the names of their models.
pub(super) struct Places<'a> {
    later: BTreeMap<&'a str, Later>,
    /// The fields that are not called as JSON calls the property, by the name of the model and that of the property.
    fields: BTreeMap<(&'a str, &'a str), &'static str>,
}

impl<'a> Places<'a> {
    pub fn new(definitions: &'a [Definition], described: &[&'static ModelDef]) -> Self {
        let later = |def: Option<&'static ModelDef>| -> Later {
            leak(def.map_or_else(OnceLock::new, OnceLock::from))
        };
        let mut places = Places {
            later: BTreeMap::new(),
            fields: BTreeMap::new(),
        };
        for def in described {
            places.later.insert(def.name, later(Some(def)));
            let fields = def.properties.iter();
            let fields = fields.map(|property| ((def.name, property.name), property.field));
            places.fields.extend(fields);
        }
        for definition in definitions {
            let name = definition.name.as_str();
            places.later.insert(name, later(None));
            let properties = definition.properties.iter();
            let inherited = properties.filter_map(|property| {
                Some(((name, property.name.as_str()), property.inherited?.field))
            });
            places.fields.extend(inherited);
        }
        places
    }

    pub fn later(&self, model: &str) -> Option<Later> {
        self.later.get(model).copied()
    }

    /// The description, once it is there.
    pub fn get(&self, model: &str) -> Option<&'static ModelDef> {
        self.later(model)?.get().copied()
    }

    pub fn field(&self, model: &str, property: &str) -> &'static str {
        let field = self.fields.get(&(model, property)).copied();
        field.unwrap_or_else(|| text(property))
    }
}
