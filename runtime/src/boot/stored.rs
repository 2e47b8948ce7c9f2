//! Models whose tables and columns are called otherwise in data sources of some kinds (contract *models.md* §1.1 and §3.1).

use crate::model::{ModelDef, PropertyDef};

/// The kind of a data source, by its URL: the word that `#[model(column(...))]` has for it.
pub(super) fn kind(url: &str) -> &'static str {
    match url.split(':').next().unwrap_or_default() {
        "memory" => "memory",
        "mongodb" | "mongodb+srv" => "mongodb",
        "mysql" | "mariadb" => "mysql",
        "postgres" | "postgresql" => "postgres",
        "sqlite" => "sqlite",
        _ => "",
    }
}

/// The description as a data source of this kind stores it. A copy lives as long as the program, as descriptions do.
pub(super) fn stored(def: &'static ModelDef, kind: &str) -> &'static ModelDef {
    let named = |names: &'static [(&str, &str)]| {
        let name = names.iter().find(|(store, _)| *store == kind);
        name.map(|(_, name)| *name)
    };
    let renames = |property: &PropertyDef| named(property.columns).is_some();
    if named(def.tables).is_none() && !def.properties.iter().any(renames) {
        return def;
    }
    let properties = def.properties.iter().map(|property| PropertyDef {
        column: named(property.columns).unwrap_or(property.column),
        ..*property
    });
    Box::leak(Box::new(ModelDef {
        table: named(def.tables).unwrap_or(def.table),
        properties: Vec::leak(properties.collect()),
        ..*def
    }))
}
