//! From descriptions of LoopBack's JSON definitions to the outline.

mod acl;
mod built_in;
mod instance;
mod relation;

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use self::built_in::{Base, Fate};
use super::name::{self, FieldNames, TypeNames};
use super::outline::{Field, Item, Outline, Struct};
use super::scope;
use crate::definitions::{Imported, ImportedModel};
use crate::model::{
    AclDef, CompositeIndexDef, DefaultDef, IndexDef, Literal, ModelDef, Place, PrincipalDef,
    PropertyDef, PropertyType, Rule, ScopeDef, Strict, UpsertValidation,
};

/// A model on its way to a struct.
struct Draft {
    def: &'static ModelDef,
    ident: Ident,
    /// The fields of the properties, in their order; nothing for those of the base.
    fields: Vec<Option<Ident>>,
    /// The fields of the relations, in their order. What holds the targets of one is the same field.
    relations: Vec<Ident>,
    /// Is the model kept by itself, and not within others alone?
    listed: bool,
    /// Do tables and columns have the names that a connector gave them?
    stored: bool,
    /// The model of the runtime that it extends.
    base: Option<Base>,
}

/// What comes up while structs are written.
struct Besides {
    remarks: Vec<String>,
    /// The functions that attributes of the struct name.
    functions: Vec<TokenStream>,
    /// The names of all such functions.
    names: FieldNames,
}

impl Draft {
    fn new(model: &ImportedModel, types: &mut TypeNames) -> Self {
        let def = model.def;
        let mut names = FieldNames::default();
        let of_base = model.of_base();
        let holding = |property: &PropertyDef| {
            let mut relations = def.relations.iter();
            relations.position(|one| one.is_embedded() && one.foreign_key == property.field)
        };
        let properties = def.properties.iter().enumerate();
        let fields: Vec<_> = properties
            .map(|(index, property)| match holding(property) {
                Some(relation) => Err(relation),
                None if of_base.contains(&index) => Ok(None),
                None => Ok(Some(names.field(property.name))),
            })
            .collect();
        let relations = def.relations.iter();
        let relations: Vec<_> = relations
            .map(|one| names.relation([one.name.to_owned(), format!("{}_relation", one.name)]))
            .collect();
        let fields = fields.into_iter();
        Draft {
            def,
            ident: types.exact(def.name),
            fields: fields
                .map(|field| field.unwrap_or_else(|relation| Some(relations[relation].clone())))
                .collect(),
            base: Base::new(model, &mut names),
            relations,
            listed: model.listed,
            stored: model.stored,
        }
    }

    fn names<'a>(&'a self, model: &'a Ident) -> scope::Names<'a> {
        scope::Names {
            model,
            fields: &self.fields,
            relations: &self.relations,
        }
    }
}

/// The structs of the models.
pub(super) fn outline(imported: &Imported) -> Outline {
    let mut outline = Outline {
        docs: vec!["Models of a LoopBack application.".to_owned()],
        items: Vec::new(),
    };
    let mut types = TypeNames::default();
    let mut remarks = imported.remarks.clone();
    let settings = imported.users.lines();
    remarks.extend(
        settings
            .map(|line| format!("`{line}` belongs to the section `[users]` of `loopwright.toml`")),
    );
    let mut drafts = Vec::new();
    let mut known = Vec::new();
    for model in &imported.models {
        match built_in::fate(model) {
            Fate::Struct => drafts.push(Draft::new(model, &mut types)),
            Fate::Listed(name) => {
                let more = built_in::relations_besides(model);
                remarks.extend(more.map(|relation| {
                    format!(
                        "`{}` comes along without its relation `{relation}`",
                        model.def.name
                    )
                }));
                known.push(Item::BuiltIn(name));
            }
            Fate::LeftOut(reason) => remarks.push(reason),
        }
    }
    let by_name: BTreeMap<_, _> = drafts.iter().map(|draft| (draft.def.name, draft)).collect();
    let mut besides = Besides {
        remarks,
        functions: Vec::new(),
        names: FieldNames::default(),
    };
    for draft in &drafts {
        let scopes = scopes(draft, &mut besides.remarks);
        let structure = structure(draft, &by_name, scopes.is_some(), &mut besides);
        outline.items.push(match draft.listed {
            true => Item::Model(structure),
            false => Item::Embedded(structure),
        });
        let functions = besides.functions.drain(..);
        outline.items.extend(functions.map(Item::Function));
        if let Some(functions) = scopes.filter(|functions| !functions.is_empty()) {
            let model = draft.ident.clone();
            outline.items.push(Item::Scopes { model, functions });
        }
    }
    outline.items.append(&mut known);
    let remarks = besides.remarks;
    if !remarks.is_empty() {
        let lines: Vec<_> = remarks.iter().map(|remark| format!("- {remark}")).collect();
        outline
            .docs
            .push("What the definitions have besides:".to_owned());
        outline.docs.push(lines.join("\n"));
    }
    outline
}

/// The functions of the model's scopes; nothing when the default one can't be written, which would show what it hides.
fn scopes(draft: &Draft, remarks: &mut Vec<String>) -> Option<Vec<TokenStream>> {
    let mut functions = Vec::new();
    let mut names = FieldNames::default();
    let own = |scope: &&ScopeDef| scope.place == Place::START;
    for scope in draft.def.methods.scopes.iter().filter(own) {
        let filter = crate::repository::scope::filter(scope);
        match scope::filter(&filter, &draft.names(&format_ident!("Self"))) {
            Some(filter) => {
                let function = names.field(&format!("{}_scope", scope.name));
                let name = scope.name;
                let words = if scope.default {
                    quote!(default)
                } else {
                    quote!(name = #name)
                };
                functions.push(quote! {
                    #[scope(#words)]
                    fn #function() -> loopwright::query::Filter { #filter }
                });
            }
            None => {
                let (model, name) = (draft.def.name, scope.name);
                let hidden = if scope.default {
                    "; until then the model is not served"
                } else {
                    ""
                };
                remarks.push(format!(
                    "the scope `{name}` of `{model}` is to be written with `#[scope]`{hidden}"
                ));
                if scope.default {
                    return None;
                }
            }
        }
    }
    Some(functions)
}

/// The struct of a model; `drafts` holds all by their names.
fn structure(
    draft: &Draft,
    drafts: &BTreeMap<&str, &Draft>,
    complete: bool,
    besides: &mut Besides,
) -> Struct {
    let def = draft.def;
    let mut words = Vec::new();
    let text = def.name;
    if draft.ident != text {
        words.push(quote!(name = #text));
    }
    let path = def.path;
    if loopwright_plural::plural(def.name) != path {
        words.push(quote!(path = #path));
    }
    let table = def.table;
    if draft.stored && name::snake(def.name) != table {
        words.push(quote!(table = #table));
    }
    for index in def.indexes {
        match self::index(index, &draft.fields) {
            Some(index) => words.push(index),
            None => besides.remarks.push(format!(
                "an index of `{}` over what its base has is to be made",
                def.name
            )),
        }
    }
    let rules = match &draft.base {
        Some(base) => def.acls.strip_prefix(base.def.acls).unwrap_or(def.acls),
        None => def.acls,
    };
    let complete = complete && acl::are_written(rules, draft, drafts, besides);
    let public = def.public && complete;
    if !public {
        words.push(quote!(public = false));
    }
    match def.validate_upsert {
        UpsertValidation::Warn => {}
        UpsertValidation::Refuse => words.push(quote!(validate_upsert = true)),
        UpsertValidation::Skip => words.push(quote!(validate_upsert = false)),
    }
    if !def.automatic_validation {
        words.push(quote!(automatic_validation = false));
    }
    match def.strict {
        Strict::Keep | Strict::Drop => {}
        Strict::Throw => words.push(quote!(strict = "throw")),
        Strict::Validate => words.push(quote!(strict = "validate")),
    }
    for (flag, word) in [
        (def.force_id, quote!(force_id)),
        (def.strict_delete, quote!(strict_delete)),
        (def.replace_on_put, quote!(replace_on_put)),
    ] {
        words.extend(flag.then_some(word));
    }
    if let Some(status) = def.acl_error_status {
        let status = proc_macro2::Literal::u16_unsuffixed(status);
        words.push(quote!(acl_error_status = #status));
    }
    if !def.disabled.is_empty() {
        let methods = def
            .disabled
            .iter()
            .map(|name| format_ident!("{}", name::snake(name)));
        words.push(quote!(disable(#(#methods),*)));
    }
    let mut attributes = attribute(&quote!(model), &words);
    let open = def.acls.contains(&AclDef::allow(PrincipalDef::Everyone));
    attributes.extend(rules.iter().map(|rule| acl::acl(rule, open)));
    if public && def.acls.is_empty() {
        attributes.push(quote!(acl(deny(all), to = everyone)));
    }
    let properties = def.properties.iter().zip(&draft.fields);
    let properties = properties.filter_map(|(property, field)| Some((property, field.as_ref()?)));
    let own = properties
        .clone()
        .filter(|(property, _)| property.place == Place::START);
    let mut related = |index: usize| {
        let relation = &def.relations[index];
        if draft
            .base
            .as_ref()
            .is_some_and(|base| base.has_relation(relation))
        {
            return None;
        }
        let remarks = besides.remarks.len();
        let field = relation::relation(relation, &draft.relations[index], draft, drafts, besides);
        if field.is_none() && besides.remarks.len() == remarks {
            besides.remarks.push(format!(
                "the relation `{}` of `{}` is to be written",
                relation.name, def.name
            ));
        }
        field
    };
    let mut fields = Vec::new();
    for (property, field) in own {
        let held = draft.relations.iter().position(|one| one == field);
        fields.extend(match held {
            Some(relation) => related(relation),
            None => Some(self::property(property, field, draft.stored)),
        });
    }
    let relations = 0..def.relations.len();
    let others = relations.filter(|relation| !def.relations[*relation].is_embedded());
    fields.extend(others.filter_map(related));
    fields.extend(draft.base.as_ref().map(Base::field));
    for (property, field) in properties.filter(|(property, _)| property.place != Place::START) {
        fields.extend(mixin(property, field));
    }
    Struct {
        name: draft.ident.clone(),
        docs: docs(def.docs),
        attributes,
        fields,
    }
}

/// The field of the mixin that has `property`, if it is the mixin's first.
fn mixin(property: &PropertyDef, field: &Ident) -> Option<Field> {
    let ty = match property.name {
        "createdAt" => quote!(loopwright::mixins::Timestamps),
        "deletedAt" => quote!(loopwright::mixins::SoftDelete),
        _ => return None,
    };
    Some(Field {
        name: field.clone(),
        docs: Vec::new(),
        attributes: vec![quote!(model(mixin))],
        ty,
    })
}

fn property(property: &PropertyDef, field: &Ident, stored: bool) -> Field {
    if property.extra {
        return Field {
            name: field.clone(),
            docs: Vec::new(),
            attributes: Vec::new(),
            ty: quote!(Extra),
        };
    }
    let plain = field.unraw().to_string();
    let mut words = Vec::new();
    if property.id {
        words.push(quote!(id));
    }
    if property.generated {
        words.push(quote!(generated));
    }
    let (text, column) = (property.name, property.column);
    if name::json_name(&plain) != text {
        words.push(quote!(name = #text));
    }
    if stored && plain != column {
        words.push(quote!(column = #column));
    }
    let default = match &property.default {
        Some(DefaultDef::Now) => Some(quote!(now)),
        Some(DefaultDef::Uuid) => Some(quote!(uuid)),
        Some(DefaultDef::Guid) => Some(quote!(guid)),
        Some(DefaultDef::ShortId) => Some(quote!(shortid)),
        Some(DefaultDef::Literal(literal)) => Some(self::literal(literal)),
        // A list is empty by what its relation says; definitions have no others.
        Some(DefaultDef::EmptyList | DefaultDef::Object(_) | DefaultDef::Function(_)) | None => {
            None
        }
    };
    words.extend(default.map(|default| quote!(default = #default)));
    match property.index {
        Some(IndexDef::Plain) => words.push(quote!(index)),
        Some(IndexDef::Unique) => words.push(quote!(unique)),
        None => {}
    }
    if property.hidden {
        words.push(quote!(hidden));
    }
    if property.protected {
        words.push(quote!(protected));
    }
    if property.read_only {
        words.push(quote!(read_only));
    }
    let rules: Vec<_> = property.binding_rules().filter_map(rule).collect();
    let mut attributes = attribute(&quote!(model), &words);
    attributes.extend(attribute(&quote!(validate), &rules));
    let ty = ty(&property.ty);
    // JSON has a null of its own.
    let optional = property.nullable && !matches!(property.ty, PropertyType::Json);
    Field {
        name: field.clone(),
        docs: docs(property.docs),
        attributes,
        ty: if optional { quote!(Option<#ty>) } else { ty },
    }
}

/// Nothing for one over properties of the base.
fn index(index: &CompositeIndexDef, fields: &[Option<Ident>]) -> Option<TokenStream> {
    let keys = index.keys().map(|key| {
        let field = fields.get(key.property)?.as_ref()?;
        Some(if key.descending {
            quote!(desc(#field))
        } else {
            quote!(#field)
        })
    });
    let keys: Vec<_> = keys.collect::<Option<_>>()?;
    let name = index.name.map(|name| quote!(, name = #name));
    Some(match index.kind {
        IndexDef::Plain => quote!(index(#(#keys),* #name)),
        IndexDef::Unique => quote!(unique(#(#keys),* #name)),
    })
}

fn rule(rule: &Rule) -> Option<TokenStream> {
    match rule {
        Rule::Presence => Some(quote!(presence)),
        Rule::Length { max: Some(max), .. } => {
            let max = proc_macro2::Literal::usize_unsuffixed(*max);
            Some(quote!(length(max = #max)))
        }
        // Definitions have no others.
        _ => None,
    }
}

fn ty(ty: &PropertyType) -> TokenStream {
    match ty {
        PropertyType::Boolean => quote!(bool),
        PropertyType::Integer { .. } => quote!(i64),
        PropertyType::Float => quote!(f64),
        PropertyType::String => quote!(String),
        PropertyType::DateTime => quote!(DateTime<Utc>),
        PropertyType::ObjectId => quote!(ObjectId),
        PropertyType::Bytes => quote!(Vec<u8>),
        PropertyType::GeoPoint => quote!(GeoPoint),
        PropertyType::Array(item) => {
            let item = self::ty(item);
            quote!(Vec<#item>)
        }
        // Definitions have no others.
        _ => quote!(loopwright::model::Json),
    }
}

pub(super) fn literal(literal: &Literal) -> TokenStream {
    match literal {
        Literal::Boolean(flag) => quote!(#flag),
        Literal::Integer(number) => {
            let number = proc_macro2::Literal::i64_unsuffixed(*number);
            quote!(#number)
        }
        Literal::Float(number) => {
            let number = proc_macro2::Literal::f64_unsuffixed(*number);
            quote!(#number)
        }
        Literal::String(text) => quote!(#text),
    }
}

fn attribute(name: &TokenStream, words: &[TokenStream]) -> Vec<TokenStream> {
    if words.is_empty() {
        Vec::new()
    } else {
        vec![quote!(#name(#(#words),*))]
    }
}

fn docs(docs: &str) -> Vec<String> {
    Some(docs.to_owned())
        .filter(|docs| !docs.is_empty())
        .into_iter()
        .collect()
}
