//! Models between two others that nobody has written (contract *relations.md* §5.3).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use heck::{ToLowerCamelCase, ToSnakeCase};

use crate::model::{CompositeIndexDef, IndexDef, IndexKey, ModelDef, PropertyDef};

/// The model whose instances each link one instance of `left` with one of `right`. It is called after both, in the order of
/// the alphabet, so that either side finds it.
pub(super) fn between(left: &ModelDef, right: &ModelDef) -> &'static ModelDef {
    // By the names of the two and the types of their ids. Each is made once, and lives as long as the program, as
    // descriptions do.
    static MADE: Mutex<BTreeMap<[&str; 4], &ModelDef>> = Mutex::new(BTreeMap::new());
    let (first, second) = match left.name <= right.name {
        true => (left, right),
        false => (right, left),
    };
    let names = [first.name, second.name];
    let types = [first.id().type_name, second.id().type_name];
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let made = made.entry([names[0], names[1], types[0], types[1]]);
    made.or_insert_with(|| {
        let id = PropertyDef::of::<i64>("id", "id").id().generated();
        let name = text(names.concat());
        let table = text(name.to_snake_case());
        let properties = Vec::leak(vec![id, key_to(first), key_to(second)]);
        // Two are linked once, whoever links them.
        let keys = Vec::leak(vec![IndexKey::ascending(1), IndexKey::ascending(2)]);
        let once = Vec::leak(vec![CompositeIndexDef::new(IndexDef::Unique, keys)]);
        let docs = format!("Links a {} with a {}.", names[0], names[1]);
        let def = ModelDef::new(name, name, table, properties).indexes(once);
        Box::leak(Box::new(def.docs(text(docs)).private()))
    })
}

/// The field that holds the key of an instance of `def`.
pub(super) fn key(def: &ModelDef) -> &'static str {
    static KEYS: Mutex<BTreeMap<&str, &str>> = Mutex::new(BTreeMap::new());
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    keys.entry(def.name)
        .or_insert_with(|| text(format!("{}_id", def.name.to_snake_case())))
}

fn key_to(def: &ModelDef) -> PropertyDef {
    let field = key(def);
    let id = def.id();
    PropertyDef {
        name: text(field.to_lower_camel_case()),
        field,
        column: field,
        columns: &[],
        ty: id.ty,
        ..PropertyDef::of::<i64>("", "")
    }
    .index(IndexDef::Plain)
}

fn text(text: String) -> &'static str {
    text.leak()
}
