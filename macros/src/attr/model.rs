//! `#[model(...)]` on a struct and on its fields, and the attributes that stand beside it.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Ident, LitBool, LitInt, LitStr, Path};

use super::acl::{AclAttr, acl, words};
use super::argument::{Argument, arguments};
use super::case::RenameRule;
use super::docs::docs;
use super::index::{IndexAttr, index};
use super::literal::Literal;
use super::policy::{PolicyAttr, policy};
use super::relation::{RelationAttr, relation};
use super::serde::serde;
use super::validate::{RuleAttr, validate};
use crate::error::Errors;

/// What the attributes of a model's struct say.
#[derive(Default)]
pub(crate) struct ModelAttr {
    pub(crate) name: Option<LitStr>,
    pub(crate) path: Option<LitStr>,
    pub(crate) table: Option<LitStr>,
    /// The table's names in some databases.
    pub(crate) tables: Vec<(Ident, LitStr)>,
    pub(crate) public: Option<LitBool>,
    pub(crate) strict: Option<StrictAttr>,
    pub(crate) force_id: Option<Span>,
    pub(crate) strict_delete: Option<Span>,
    pub(crate) replace_on_put: Option<Span>,
    /// The methods that are not served.
    pub(crate) disabled: Vec<Ident>,
    pub(crate) krate: Option<Path>,
    pub(crate) rename_all: Option<RenameRule>,
    pub(crate) docs: String,
    /// Is there any `#[acl(...)]` or `public = ...`, however wrong? Then the model does say something about access.
    pub(crate) guarded: bool,
    pub(crate) acls: Vec<AclAttr>,
    pub(crate) policies: Vec<PolicyAttr>,
    /// What its instances are to access rules, if they are somebody.
    pub(crate) principal: Option<PrincipalAttr>,
    /// The status of a refusal for who is logged in.
    pub(crate) acl_error_status: Option<LitInt>,
    pub(crate) automatic_validation: Option<LitBool>,
    pub(crate) validate_upsert: Option<LitBool>,
    pub(crate) indexes: Vec<IndexAttr>,
}

/// What the instances of a model are to access rules, as written.
#[derive(Clone, Copy)]
pub(crate) struct PrincipalAttr {
    pub(crate) value: PrincipalValue,
    pub(crate) span: Span,
}

/// What the instances of a model can be to access rules.
#[derive(Clone, Copy)]
pub(crate) enum PrincipalValue {
    User,
    App,
}

/// What becomes of undeclared properties, as written.
pub(crate) struct StrictAttr {
    pub(crate) value: StrictValue,
    pub(crate) span: Span,
}

/// The kinds of refusing undeclared properties.
#[derive(Clone, Copy)]
pub(crate) enum StrictValue {
    Throw,
    Validate,
}

const MODEL: [&str; 16] = [
    "name",
    "path",
    "table",
    "public",
    "index",
    "unique",
    "automatic_validation",
    "validate_upsert",
    "strict",
    "force_id",
    "strict_delete",
    "replace_on_put",
    "disable",
    "principal",
    "acl_error_status",
    "crate",
];

/// The attributes of a model's struct.
pub(crate) fn model(attributes: &[Attribute], errors: &mut Errors) -> ModelAttr {
    let mut attr = ModelAttr {
        docs: docs(attributes),
        rename_all: serde(attributes).rename_all,
        ..ModelAttr::default()
    };
    for attribute in attributes {
        let path = attribute.path();
        if path.is_ident("model") {
            for argument in arguments(attribute, errors) {
                model_argument(&argument, &mut attr, errors);
            }
        } else if path.is_ident("acl") {
            attr.guarded = true;
            acl(attribute, &mut attr.acls, errors);
        } else if path.is_ident("policy") {
            policy(attribute, &mut attr.policies, errors);
        } else if path.is_ident("relation") || path.is_ident("validate") {
            let name = path.to_token_stream();
            errors.push_spanned(
                path,
                format!("`#[{name}(...)]` describes a field; move it to one"),
            );
        }
    }
    attr
}

fn model_argument(argument: &Argument, attr: &mut ModelAttr, errors: &mut Errors) {
    match argument.word().as_str() {
        "name" => argument.fill(&mut attr.name, argument.text(errors), errors),
        "path" => argument.fill(&mut attr.path, argument.text(errors), errors),
        "table" if argument.is_list() => attr.tables.extend(in_stores(argument, errors)),
        "table" => argument.fill(&mut attr.table, argument.text(errors), errors),
        "public" => {
            let public = argument.boolean(errors);
            // With another value, too, the author has thought of who may come in.
            attr.guarded |= public.is_none();
            argument.fill(&mut attr.public, public, errors);
        }
        "automatic_validation" => {
            argument.fill(
                &mut attr.automatic_validation,
                argument.boolean(errors),
                errors,
            );
        }
        "validate_upsert" => {
            argument.fill(&mut attr.validate_upsert, argument.boolean(errors), errors);
        }
        "strict" => argument.fill(&mut attr.strict, strict(argument, errors), errors),
        "force_id" => argument.fill(&mut attr.force_id, Some(argument.flag(errors)), errors),
        "strict_delete" => {
            argument.fill(&mut attr.strict_delete, Some(argument.flag(errors)), errors);
        }
        "replace_on_put" => {
            argument.fill(
                &mut attr.replace_on_put,
                Some(argument.flag(errors)),
                errors,
            );
        }
        "disable" => attr.disabled.extend(words(argument, "update_all", errors)),
        "principal" => argument.fill(&mut attr.principal, principal(argument, errors), errors),
        "acl_error_status" => argument.fill(
            &mut attr.acl_error_status,
            acl_error_status(argument, errors),
            errors,
        ),
        "crate" => argument.fill(
            &mut attr.krate,
            argument.path("::some::path", errors),
            errors,
        ),
        "index" | "unique" => attr.indexes.extend(index(argument, errors)),
        word if FIELD.contains(&word) => errors.push(
            argument.key.span(),
            format!("`{word}` describes a field; move `#[model({word})]` to one"),
        ),
        _ => argument.unknown("#[model(...)]", &MODEL, errors),
    }
}

/// `principal = user`, `principal = app`.
fn principal(argument: &Argument, errors: &mut Errors) -> Option<PrincipalAttr> {
    let word = argument.ident("user", errors)?;
    let value = match word.to_string().as_str() {
        "user" => PrincipalValue::User,
        "app" => PrincipalValue::App,
        _ => {
            errors.push(
                word.span(),
                "the instances of a model are users or applications to access rules; write `principal = user` or \
                 `principal = app`",
            );
            return None;
        }
    };
    let span = word.span();
    Some(PrincipalAttr { value, span })
}

/// `acl_error_status = 403`.
fn acl_error_status(argument: &Argument, errors: &mut Errors) -> Option<LitInt> {
    let number = argument.integer("403", errors)?;
    let known = matches!(number.base10_parse(), Ok(401 | 403 | 404));
    if !known {
        errors.push(
            number.span(),
            "a refusal has the status 401, 403 or 404; write one of them",
        );
    }
    known.then_some(number)
}

/// `column(mysql = "madeAt", mongodb = "made")`: names in some databases.
fn in_stores(argument: &Argument, errors: &mut Errors) -> Vec<(Ident, LitStr)> {
    let mut names: Vec<(Ident, LitStr)> = Vec::new();
    let list = argument.list("mysql = \"...\"", errors);
    for entry in list.map(|list| list.arguments(errors)).unwrap_or_default() {
        let word = entry.word();
        if !STORES.contains(&word.as_str()) {
            entry.unknown(&format!("{}(...)", argument.word()), &STORES, errors);
        } else if names.iter().any(|(known, _)| *known == word) {
            errors.push(
                entry.key.span(),
                format!("`{word}` is there already; keep one of the two names"),
            );
        } else if let Some(name) = entry.text(errors) {
            if name.value().is_empty() {
                errors.push(name.span(), "the name is empty; write one, or leave it out");
            }
            names.push((entry.key, name));
        }
    }
    names
}

/// `strict = "throw"`, `strict = "validate"`.
fn strict(argument: &Argument, errors: &mut Errors) -> Option<StrictAttr> {
    let text = argument.text(errors)?;
    let value = match text.value().as_str() {
        "throw" => StrictValue::Throw,
        "validate" => StrictValue::Validate,
        "false" => {
            errors.push(
                text.span(),
                "a model keeps undeclared properties in a field; add one, as in `extra: Extra`",
            );
            return None;
        }
        _ => {
            errors.push(
                text.span(),
                "undeclared properties are dropped unless this is `\"throw\"` or `\"validate\"`, or the model has a field of the type `Extra`",
            );
            return None;
        }
    };
    Some(StrictAttr {
        value,
        span: text.span(),
    })
}

/// What the attributes of a model's field say.
#[derive(Default)]
pub(crate) struct FieldAttr {
    pub(crate) id: Option<Span>,
    pub(crate) generated: Option<Span>,
    pub(crate) name: Option<LitStr>,
    pub(crate) column: Option<LitStr>,
    /// The column's names in some databases.
    pub(crate) columns: Vec<(Ident, LitStr)>,
    pub(crate) column_type: Option<LitStr>,
    pub(crate) default: Option<DefaultAttr>,
    pub(crate) index: Option<Span>,
    pub(crate) unique: Option<Span>,
    pub(crate) hidden: Option<Span>,
    pub(crate) protected: Option<Span>,
    pub(crate) read_only: Option<Span>,
    pub(crate) version: Option<VersionAttr>,
    pub(crate) mixin: Option<Span>,
    pub(crate) base: Option<Span>,
    pub(crate) rules: Vec<RuleAttr>,
    pub(crate) acls: Vec<AclAttr>,
    /// `#[model(...)]` or `#[validate(...)]`: what only properties have.
    pub(crate) property_attribute: Option<Path>,
    pub(crate) relation: Option<RelationAttr>,
    pub(crate) rename: Option<LitStr>,
    pub(crate) docs: String,
}

/// The number of an instance's changes.
#[derive(Clone, Copy)]
pub(crate) struct VersionAttr {
    pub(crate) span: Span,
    /// Must every change name it?
    pub(crate) required: bool,
}

/// The value that an absent property gets, as written.
pub(crate) struct DefaultAttr {
    pub(crate) value: DefaultValue,
    pub(crate) span: Span,
}

/// The kinds of defaults.
pub(crate) enum DefaultValue {
    Now,
    Uuid,
    Guid,
    ShortId,
    /// Of the keys of a `references_many`.
    EmptyList,
    Literal(Literal),
    Function(Path),
    /// A constant, or the variant of an enum.
    Value(Path),
}

/// The databases that can have names of their own, as the runtime knows them.
const STORES: [&str; 5] = ["memory", "mongodb", "mysql", "postgres", "sqlite"];

const FIELD: [&str; 14] = [
    "id",
    "generated",
    "name",
    "column",
    "column_type",
    "default",
    "index",
    "unique",
    "hidden",
    "protected",
    "read_only",
    "version",
    "mixin",
    "base",
];

/// The attributes of a model's field.
pub(crate) fn field(attributes: &[Attribute], errors: &mut Errors) -> FieldAttr {
    let mut attr = FieldAttr {
        docs: docs(attributes),
        rename: serde(attributes).rename,
        ..FieldAttr::default()
    };
    for attribute in attributes {
        let path = attribute.path();
        if path.is_ident("model") {
            attr.property_attribute = Some(path.clone());
            for argument in arguments(attribute, errors) {
                field_argument(&argument, &mut attr, errors);
            }
        } else if path.is_ident("validate") {
            attr.property_attribute = Some(path.clone());
            validate(attribute, &mut attr.rules, errors);
        } else if path.is_ident("relation") {
            relation(attribute, &mut attr.relation, errors);
        } else if path.is_ident("acl") {
            attr.property_attribute = Some(path.clone());
            let begun = attr.acls.len();
            acl(attribute, &mut attr.acls, errors);
            for word in attr.acls[begun..].iter().flat_map(|acl| &acl.words) {
                if !matches!(word.to_string().as_str(), "read" | "write" | "all") {
                    errors.push(
                        word.span(),
                        "a property is read or written; write `read`, `write` or `all`, or move the rule above the struct",
                    );
                }
            }
        } else if path.is_ident("policy") {
            errors.push_spanned(
                path,
                "`#[policy(...)]` describes the model; move it above the struct",
            );
        }
    }
    attr
}

fn field_argument(argument: &Argument, attr: &mut FieldAttr, errors: &mut Errors) {
    match argument.word().as_str() {
        "id" => argument.fill(&mut attr.id, Some(argument.flag(errors)), errors),
        "generated" => argument.fill(&mut attr.generated, Some(argument.flag(errors)), errors),
        "name" => argument.fill(&mut attr.name, argument.text(errors), errors),
        "column" if argument.is_list() => attr.columns.extend(in_stores(argument, errors)),
        "column" => argument.fill(&mut attr.column, argument.text(errors), errors),
        "column_type" => argument.fill(&mut attr.column_type, argument.text(errors), errors),
        "default" => argument.fill(&mut attr.default, default(argument, errors), errors),
        "index" => argument.fill(&mut attr.index, Some(argument.flag(errors)), errors),
        "unique" => argument.fill(&mut attr.unique, Some(argument.flag(errors)), errors),
        "hidden" => argument.fill(&mut attr.hidden, Some(argument.flag(errors)), errors),
        "protected" => argument.fill(&mut attr.protected, Some(argument.flag(errors)), errors),
        "read_only" => argument.fill(&mut attr.read_only, Some(argument.flag(errors)), errors),
        "version" => argument.fill(&mut attr.version, version(argument, errors), errors),
        "mixin" => argument.fill(&mut attr.mixin, Some(argument.flag(errors)), errors),
        "base" => argument.fill(&mut attr.base, Some(argument.flag(errors)), errors),
        word if MODEL.contains(&word) => errors.push(
            argument.key.span(),
            format!("`{word}` describes the model; move `#[model({word} = ...)]` above the struct"),
        ),
        _ => argument.unknown("#[model(...)]", &FIELD, errors),
    }
}

/// `version`, `version(required)`.
fn version(argument: &Argument, errors: &mut Errors) -> Option<VersionAttr> {
    let span = argument.key.span();
    let mut required = None;
    if !argument.is_alone() {
        for entry in argument.list("required", errors)?.arguments(errors) {
            match entry.word().as_str() {
                "required" => entry.fill(&mut required, Some(entry.flag(errors)), errors),
                _ => entry.unknown("version(...)", &["required"], errors),
            }
        }
    }
    let required = required.is_some();
    Some(VersionAttr { span, required })
}

/// Does the path lead to a constant or a variant, by the case of its name?
fn is_value(path: &Path) -> bool {
    let last = path.segments.last().map(|last| last.ident.to_string());
    last.is_some_and(|name| name.starts_with(char::is_uppercase))
}

/// `default = now`, `default = uuid`, `default = guid`, `default = shortid`, `default = -1`, `default = path::to::function`,
/// `default = Status::Draft`.
pub(super) fn default(argument: &Argument, errors: &mut Errors) -> Option<DefaultAttr> {
    let expr = argument.expr("...", errors)?;
    let value = match expr {
        Expr::Path(path) if path.qself.is_none() => match path.path.get_ident() {
            Some(word) if word == "now" => DefaultValue::Now,
            Some(word) if word == "uuid" => DefaultValue::Uuid,
            Some(word) if word == "guid" => DefaultValue::Guid,
            Some(word) if word == "shortid" => DefaultValue::ShortId,
            // As Rust spells constants and variants.
            _ if is_value(&path.path) => DefaultValue::Value(path.path.clone()),
            _ => DefaultValue::Function(path.path.clone()),
        },
        expr => match Literal::read(expr) {
            Some(literal) => DefaultValue::Literal(errors.keep(literal)?),
            None => {
                errors.push_spanned(
                    expr,
                    "a default is `now`, `uuid`, `guid`, `shortid`, a literal, the path of a constant or variant, or that of a function without arguments; write a function for anything else, as in `default = next_number`",
                );
                return None;
            }
        },
    };
    Some(DefaultAttr {
        value,
        span: expr.span(),
    })
}
