//! Models that extend LoopBack's own, or are these.

use quote::quote;
use syn::Ident;

use super::Field;
use crate::definitions::ImportedModel;
use crate::discovery::name::{self, FieldNames};
use crate::model::{ModelDef, PropertyDef, RelationDef};

/// The model of the runtime that a struct extends.
pub(super) struct Base {
    pub def: &'static ModelDef,
    /// The field that holds it.
    field: Ident,
}

impl Base {
    pub fn new(model: &ImportedModel, names: &mut FieldNames) -> Option<Self> {
        let def = model.base?;
        let snake = name::snake(def.name);
        Some(Base {
            def,
            field: names.relation([snake.clone(), format!("{snake}_base")]),
        })
    }

    pub fn has_relation(&self, relation: &RelationDef) -> bool {
        self.def.relation(relation.name).is_some()
    }

    /// The field of the struct that extends it.
    pub fn field(&self) -> Field {
        let ty = rust_name(self.def);
        Field {
            name: self.field.clone(),
            docs: Vec::new(),
            attributes: vec![quote!(model(base))],
            ty: quote!(loopwright::builtin::#ty),
        }
    }
}

/// What becomes of a model.
pub(super) enum Fate {
    /// It is printed.
    Struct,
    /// It comes along with the runtime, and is listed by this name.
    Listed(Ident),
    /// It is left out, for a reason.
    LeftOut(String),
}

/// What becomes of `model` where it extends one of LoopBack's own, or is one.
pub(super) fn fate(model: &ImportedModel) -> Fate {
    let (def, Some(base)) = (model.def, model.base) else {
        return Fate::Struct;
    };
    let is_base = def.name == base.name;
    if is_base && base.principal != def.principal {
        return Fate::LeftOut(format!(
            "LoopBack's own `{}` is left out, as nobody is one beside the model that extends it",
            def.name
        ));
    }
    if let Some(difference) = difference(model, base) {
        return Fate::LeftOut(format!(
            "`{}` goes on as a definition: {difference}, and a struct that extends `{}` can't say so",
            def.name, base.name
        ));
    }
    // One that is served may have more than the runtime's.
    match is_base && !def.public && base.principal.is_none() {
        true => Fate::Listed(rust_name(base)),
        false => Fate::Struct,
    }
}

/// The relations that a model has beside those of its base.
pub(super) fn relations_besides(model: &ImportedModel) -> impl Iterator<Item = &'static str> {
    let base = model.base;
    let relations = model.def.relations.iter().map(|relation| relation.name);
    relations.filter(move |name| base.is_none_or(|base| base.relation(name).is_none()))
}

/// What the model has otherwise than its base.
fn difference(model: &ImportedModel, base: &ModelDef) -> Option<String> {
    let def = model.def;
    let is_base = def.name == base.name;
    if model.stored && is_base && !def.public && def.table != base.table {
        return Some(format!("its table is called `{}`", def.table));
    }
    let properties = def.properties[model.of_base()].iter();
    let mut properties = properties.zip(base.properties);
    let differs = |(own, other): &(&PropertyDef, &PropertyDef)| {
        own.name != other.name
            || own.type_name != other.type_name
            || own.nullable != other.nullable
            || own.generated != other.generated
            || (own.hidden, own.protected) != (other.hidden, other.protected)
            || own.index != other.index
            || own.default.is_some() != other.default.is_some()
            || own.rules.len() != other.rules.len()
    };
    if let Some((own, _)) = properties.clone().find(differs) {
        return Some(format!("its `{}` is not that of the base", own.name));
    }
    let renamed = |(own, other): &(&PropertyDef, &PropertyDef)| own.column != other.column;
    if let Some((own, _)) = properties.find(renamed).filter(|_| model.stored) {
        let (name, column) = (own.name, own.column);
        return Some(format!("the column of its `{name}` is called `{column}`"));
    }
    if !def.acls.starts_with(base.acls) {
        return Some("it has other rules in the place of the base's".to_owned());
    }
    let redefined = base.relations.iter().find(|relation| {
        let own = def.relation(relation.name).map(|(_, own)| own);
        let same = |own: &RelationDef| {
            own.kind == relation.kind
                && own.includable == relation.includable
                && own.path == relation.path
                && own.scope.is_none()
                && own.discriminator.is_none()
        };
        !own.is_some_and(same)
    });
    redefined.map(|relation| format!("it has a relation `{}` of its own", relation.name))
}

/// What Rust calls the model.
fn rust_name(def: &ModelDef) -> Ident {
    quote::format_ident!("{}", if def.name == "ACL" { "Acl" } else { def.name })
}
