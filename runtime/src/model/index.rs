//! Indexes over several properties.

use super::{IndexDef, ModelDef, Place, PropertyDef};

/// An index over several properties of a model (contract *models.md* §1.1, `indexes`).
///
/// A unique one refuses a combination of values that another record has. A record without one of the values is not
/// compared: any number of records may lack it.
#[derive(Debug, Clone, Copy)]
pub struct CompositeIndexDef {
    /// The name in the database, where it is not the one made of the table and the columns.
    pub name: Option<&'static str>,
    /// Is it unique?
    pub kind: IndexDef,
    // The positions are those of the struct that declares the index, which a model may have taken in.
    keys: &'static [IndexKey],
    offset: usize,
}

/// A property within an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexKey {
    /// The position of the property in the model.
    pub property: usize,
    /// Are the greatest values first?
    pub descending: bool,
}

impl CompositeIndexDef {
    /// An index over `keys`.
    pub const fn new(kind: IndexDef, keys: &'static [IndexKey]) -> Self {
        CompositeIndexDef {
            name: None,
            kind,
            keys,
            offset: 0,
        }
    }

    /// What is indexed, in this order.
    pub fn keys(&self) -> impl Iterator<Item = IndexKey> + use<> {
        let offset = self.offset;
        self.keys.iter().map(move |key| IndexKey {
            property: offset + key.property,
            ..*key
        })
    }

    /// The last position that is indexed.
    pub(super) const fn last_position(&self) -> usize {
        let (mut last, mut index) = (0, 0);
        while index < self.keys.len() {
            if self.keys[index].property > last {
                last = self.keys[index].property;
            }
            index += 1;
        }
        self.offset + last
    }

    /// The index of what a model has taken in at `place`.
    pub(super) const fn placed(mut self, place: Place) -> Self {
        self.offset += place.properties;
        self
    }

    /// The index under a name of its own.
    #[must_use]
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// The name of an index without one of its own, within its table: `city_name_key`, or `city_name_index` for one that
    /// isn't unique.
    pub fn default_name(&self, model: &ModelDef) -> String {
        let mut name = String::new();
        for key in self.keys() {
            name += model.properties[key.property].column;
            name += if key.descending { "_desc_" } else { "_" };
        }
        name + match self.kind {
            IndexDef::Unique => "key",
            IndexDef::Plain => "index",
        }
    }

    /// The positions of the properties.
    pub fn positions(&self) -> impl Iterator<Item = usize> + use<> {
        self.keys().map(|key| key.property)
    }
}

impl IndexKey {
    /// The property at this position, the least values first.
    pub const fn ascending(property: usize) -> Self {
        IndexKey {
            property,
            descending: false,
        }
    }

    /// The property at this position, the greatest values first.
    pub const fn descending(property: usize) -> Self {
        IndexKey {
            property,
            descending: true,
        }
    }
}

impl ModelDef {
    /// The properties, by their positions, whose values together one record at most may have: each unique property by
    /// itself, and the unique indexes over several. The id is not among them.
    pub fn unique_keys(&self) -> impl Iterator<Item = Vec<usize>> + use<> {
        let properties = self.properties.iter().enumerate();
        let single = properties.filter(|(_, property)| {
            // No data source indexes JSON as a whole.
            property.index == Some(IndexDef::Unique)
                && !property.is_sole_id()
                && !property.ty.is_structured()
        });
        let single = single.map(|(position, _)| vec![position]);
        let several = self.indexes.iter();
        let several = several.filter(|index| index.kind == IndexDef::Unique);
        single.chain(several.map(|index| index.positions().collect()))
    }

    /// The properties at these positions.
    pub fn properties_at(&self, positions: &[usize]) -> Vec<&'static PropertyDef> {
        let property = |position: &usize| self.properties.get(*position);
        positions.iter().filter_map(property).collect()
    }

    /// Is the property at `position` looked for by an index, or by being the id?
    pub fn is_indexed(&self, position: usize) -> bool {
        let alone = |property: &PropertyDef| property.id || property.index.is_some();
        let mut several = self.indexes.iter().flat_map(CompositeIndexDef::positions);
        self.properties.get(position).is_some_and(alone) || several.any(|other| other == position)
    }
}
