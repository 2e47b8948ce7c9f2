//! Everything that a data source holds at one moment.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::collection::Collection;
use super::file::Unread;
use crate::Result;
use crate::model::ModelDef;

/// The collections by table. Cloning it copies pointers: a collection is copied when it is written to while another
/// state holds it too.
#[derive(Clone, Default)]
pub(super) struct State {
    collections: HashMap<&'static str, Arc<Collection>>,
    /// By name, what the file holds and no model has asked for.
    pub unread: BTreeMap<String, Arc<Unread>>,
}

impl State {
    /// The collection of `model` for reading, if there is one.
    pub fn see(&self, model: &'static ModelDef) -> Result<Option<Cow<'_, Collection>>> {
        match self.collections.get(model.table) {
            Some(collection) if collection.is_shaped_as(model) => {
                Ok(Some(Cow::Borrowed(collection)))
            }
            Some(collection) => collection.seen_as(model).map(Cow::Owned).map(Some),
            None => match self.unread.get(model.name) {
                Some(unread) => unread
                    .read(model.name, model, &[])
                    .map(Cow::Owned)
                    .map(Some),
                None => Ok(None),
            },
        }
    }

    /// The collection of `model` for writing: made if there is none, in the shape of `model`.
    pub fn open(&mut self, model: &'static ModelDef) -> Result<&mut Collection> {
        let shaped = match self.collections.get(model.table) {
            Some(collection) if collection.is_shaped_as(model) => None,
            Some(collection) => Some(collection.reshaped(model)?),
            None => match self.unread.get(model.name) {
                Some(unread) => Some(unread.read(model.name, model, &[])?),
                None => Some(Collection::new(model.name, model)),
            },
        };
        // Only when nothing can fail any more.
        if !self.collections.contains_key(model.table) {
            self.unread.remove(model.name);
        }
        let collection = self.collections.entry(model.table);
        let collection = match shaped {
            Some(shaped) => collection.insert_entry(Arc::new(shaped)).into_mut(),
            None => collection.or_insert_with(|| Arc::new(Collection::new(model.name, model))),
        };
        Ok(Arc::make_mut(collection))
    }

    /// Brings the collections of `models` into their shape.
    pub fn update(&mut self, models: &[&'static ModelDef]) -> Result<()> {
        for model in models {
            if !self.collections.contains_key(model.table) {
                // Models may share a table, and the file knows it by the name of one of them.
                let sharing = models.iter().filter(|other| other.table == model.table);
                let sharing: Vec<_> = sharing.copied().collect();
                let mut names = sharing.iter().map(|other| other.name);
                if let Some(name) = names.find(|name| self.unread.contains_key(*name))
                    && let Some(unread) = self.unread.remove(name)
                {
                    let collection = Arc::new(unread.read(name, model, &sharing)?);
                    self.collections.insert(model.table, collection);
                }
            }
            self.open(model)?;
        }
        Ok(())
    }

    /// Empties the collections of `models`.
    pub fn reset(&mut self, models: &[&'static ModelDef]) {
        for model in models {
            let name = match self.collections.get(model.table) {
                Some(collection) => collection.name.clone(),
                None => model.name.to_owned(),
            };
            self.unread.remove(&name);
            let empty = Collection::new(name, model);
            self.collections.insert(model.table, Arc::new(empty));
        }
    }

    /// The collections by their names.
    pub fn named(&self) -> BTreeMap<&str, &Collection> {
        let collections = self.collections.values();
        collections
            .map(|collection| (collection.name.as_str(), collection.as_ref()))
            .collect()
    }

    /// Is nothing different in `other`?
    pub fn is(&self, other: &State) -> bool {
        self.collections.len() == other.collections.len()
            && self.unread.len() == other.unread.len()
            && self.collections.iter().all(|(table, collection)| {
                let same = other.collections.get(table);
                same.is_some_and(|same| Arc::ptr_eq(collection, same))
            })
    }
}
