//! A model.

use loopwright_plural::plural;
use proc_macro2::Span;
use syn::{Ident, LitInt, LitStr, Path};

use super::access::{Acl, Word, word};
use super::index::Index;
use super::mixed::Mixed;
use super::name::{Name, plain, table_name};
use super::policy::Policy;
use super::property::Property;
use super::relation::Relation;
use super::stand_in::runtime;
use crate::attr::{DefaultAttr, DefaultValue, Kind, ModelInput, PrincipalAttr, StrictAttr};
use crate::error::Errors;

/// A struct that is stored and served.
pub(crate) struct Model {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) name: Name,
    pub(crate) path: Name,
    pub(crate) table: Name,
    /// The table's names in some databases.
    pub(crate) tables: Vec<(Ident, LitStr)>,
    pub(crate) docs: String,
    pub(crate) public: bool,
    pub(crate) strict: Option<StrictAttr>,
    /// The word `force_id`, if it is there.
    pub(crate) force_id: Option<Span>,
    pub(crate) strict_delete: bool,
    pub(crate) replace_on_put: bool,
    /// The methods that are not served.
    pub(crate) disabled: Vec<Word>,
    /// Does the model say anything about access?
    pub(crate) guarded: bool,
    pub(crate) automatic_validation: bool,
    /// Does an upsert refuse what breaks a rule? Unless it is said, there is a warning.
    pub(crate) validate_upsert: Option<bool>,
    pub(crate) properties: Vec<Property>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) relations: Vec<Relation>,
    /// What it takes in, with what it extends at the beginning.
    pub(crate) mixed: Vec<Mixed>,
    pub(crate) acls: Vec<Acl>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) principal: Option<PrincipalAttr>,
    pub(crate) acl_error_status: Option<LitInt>,
}

impl Model {
    /// The model that `input` describes, if it has fields at all.
    pub(crate) fn new(input: ModelInput<'_>, errors: &mut Errors) -> Option<Self> {
        let ModelInput {
            ident,
            attr,
            fields,
            ..
        } = input;
        let name = Name::given_or(attr.name.as_ref(), ident, || plain(ident));
        let path = Name::given_or(attr.path.as_ref(), ident, || plural(&name.text));
        let table = Name::given_or(attr.table.as_ref(), ident, || table_name(&name.text));

        let mut properties = Vec::new();
        let mut relations = Vec::new();
        let mut mixed = Vec::new();
        for (field, field_attr) in fields? {
            // `Fields::Named` gives every field a name.
            let Some(field_ident) = &field.ident else {
                continue;
            };
            if let Some(part) = Mixed::new(ident, field, field_ident, &field_attr, errors) {
                mixed.push(part);
                continue;
            }
            match Relation::new(
                ident,
                field,
                field_ident,
                &field_attr,
                attr.rename_all,
                errors,
            ) {
                Some(mut relation) => {
                    properties.extend(Property::of_relation(&mut relation));
                    relations.push(relation);
                }
                None => properties.push(Property::of_model(
                    ident,
                    field,
                    field_ident,
                    field_attr,
                    attr.rename_all,
                )),
            }
        }
        empty_lists(&mut properties, &relations);
        mixed.sort_by_key(|part| !part.base);
        Some(Model {
            krate: runtime(attr.krate.as_ref()),
            ident: ident.clone(),
            name,
            path,
            table,
            tables: attr.tables,
            docs: attr.docs,
            public: attr.public.is_none_or(|public| public.value),
            strict: attr.strict,
            force_id: attr.force_id,
            strict_delete: attr.strict_delete.is_some(),
            replace_on_put: attr.replace_on_put.is_some(),
            disabled: attr.disabled.iter().map(word).collect(),
            guarded: attr.guarded,
            automatic_validation: attr.automatic_validation.is_none_or(|flag| flag.value),
            validate_upsert: attr.validate_upsert.map(|flag| flag.value),
            properties,
            indexes: attr.indexes.into_iter().map(Index::new).collect(),
            relations,
            mixed,
            acls: attr.acls.into_iter().map(Acl::new).collect(),
            policies: attr.policies.into_iter().map(Policy::new).collect(),
            principal: attr.principal,
            acl_error_status: attr.acl_error_status,
        })
    }

    /// The model that it extends.
    pub(crate) fn base(&self) -> Option<&Mixed> {
        self.mixed.first().filter(|part| part.base)
    }

    /// Where to point when the model as a whole is wrong.
    pub(crate) fn span(&self) -> Span {
        self.ident.span()
    }
}

/// Nothing is referenced by a new instance, unless its keys say more (contract *relations.md* §1.1).
fn empty_lists(properties: &mut [Property], relations: &[Relation]) {
    let lists = relations
        .iter()
        .filter(|relation| relation.kind == Kind::ReferencesMany);
    for relation in lists {
        let mut properties = properties.iter_mut();
        let keys = properties.find(|property| plain(&property.ident) == relation.key.field);
        if let Some(keys) = keys
            && keys.default.is_none()
        {
            keys.default = Some(DefaultAttr {
                value: DefaultValue::EmptyList,
                span: relation.key.span,
            });
        }
    }
}
