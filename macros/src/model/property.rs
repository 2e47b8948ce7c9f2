//! A property of a model, or a member of a nested struct.

use proc_macro2::Span;
use syn::{Field, Ident, LitStr, Type, Visibility};

use super::access::Acl;
use super::name::{Name, field_name, without_self};
use super::relation::Relation;
use crate::attr::{DefaultAttr, FieldAttr, MemberAttr, RenameRule, Rule, RuleAttr, VersionAttr};

/// A field that holds a value.
pub(crate) struct Property {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) name: Name,
    pub(crate) docs: String,
    /// The column, if it is not called as the field.
    pub(crate) column: Option<Name>,
    /// The column's names in some databases.
    pub(crate) columns: Vec<(Ident, LitStr)>,
    /// The column's type, if it is another one than the usual.
    pub(crate) column_type: Option<LitStr>,
    /// The words `id` and `generated`, if they are there.
    pub(crate) id: Option<Span>,
    /// Do other fields have the word `id`, too?
    pub(crate) id_part: bool,
    pub(crate) generated: Option<Span>,
    pub(crate) default: Option<DefaultAttr>,
    pub(crate) index: bool,
    pub(crate) unique: bool,
    pub(crate) hidden: bool,
    /// The words `protected` and `read_only`, if they are there.
    pub(crate) protected: Option<Span>,
    pub(crate) read_only: Option<Span>,
    pub(crate) version: Option<VersionAttr>,
    pub(crate) rules: Vec<RuleAttr>,
    /// Who may read and write it, where that is not everybody who may read and write the instance.
    pub(crate) acls: Vec<Acl>,
    /// Does the field hold a relation, too? Then queries name that.
    pub(crate) embedded: bool,
}

impl Property {
    /// The property of a model that `field` holds.
    pub(super) fn of_model(
        model: &Ident,
        field: &Field,
        ident: &Ident,
        attr: FieldAttr,
        rename_all: Option<RenameRule>,
    ) -> Self {
        Property {
            column: attr.column.as_ref().map(Name::given),
            columns: attr.columns,
            column_type: attr.column_type,
            id: attr.id,
            generated: attr.generated,
            index: attr.index.is_some(),
            unique: attr.unique.is_some(),
            hidden: attr.hidden.is_some(),
            protected: attr.protected,
            read_only: attr.read_only,
            version: attr.version,
            rules: attr.rules,
            acls: attr.acls.into_iter().map(Acl::new).collect(),
            ..Property::of_object(
                model,
                field,
                ident,
                MemberAttr {
                    name: attr.name.or(attr.rename),
                    default: attr.default,
                    docs: attr.docs,
                },
                rename_all,
            )
        }
    }

    /// The property that holds the targets of `relation`, if there is one.
    pub(super) fn of_relation(relation: &mut Relation) -> Option<Self> {
        let embedding = relation.embedding.as_mut()?;
        Some(Property {
            ident: relation.ident.clone(),
            vis: relation.vis.clone(),
            ty: relation.ty.clone(),
            name: embedding.property.clone(),
            docs: relation.docs.clone(),
            column: embedding.column.take(),
            columns: Vec::new(),
            column_type: None,
            id: None,
            id_part: false,
            generated: None,
            default: embedding.default.take(),
            index: false,
            unique: false,
            hidden: false,
            protected: None,
            read_only: None,
            version: None,
            rules: Vec::new(),
            acls: Vec::new(),
            embedded: true,
        })
    }

    /// Does a rule say that no two instances have the same value, whatever else they have? Then an index can keep it.
    pub(crate) fn is_always_unique(&self) -> bool {
        self.rules.iter().any(|RuleAttr { rule, options, .. }| {
            options.is_unconditional()
                && matches!(rule, Rule::Uniqueness { scoped_to } if scoped_to.is_empty())
        })
    }

    /// The member of a nested struct that `field` holds.
    pub(super) fn of_object(
        object: &Ident,
        field: &Field,
        ident: &Ident,
        attr: MemberAttr,
        rename_all: Option<RenameRule>,
    ) -> Self {
        Property {
            ident: ident.clone(),
            vis: field.vis.clone(),
            ty: without_self(&field.ty, object),
            name: field_name(ident, attr.name.as_ref(), rename_all),
            docs: attr.docs,
            column: None,
            columns: Vec::new(),
            column_type: None,
            id: None,
            id_part: false,
            generated: None,
            default: attr.default,
            index: false,
            unique: false,
            hidden: false,
            protected: None,
            read_only: None,
            version: None,
            rules: Vec::new(),
            acls: Vec::new(),
            embedded: false,
        }
    }
}
