//! `#[property(...)]` on a type, on its members and on its variants.

use syn::{Attribute, LitStr, Path};

use super::argument::arguments;
use super::case::{RenameRule, rename_rule};
use super::docs::docs;
use super::model::{DefaultAttr, default};
use super::serde::serde;
use crate::error::Errors;

/// What the attributes of a property type say.
#[derive(Default)]
pub(crate) struct PropertyAttr {
    pub(crate) krate: Option<Path>,
    pub(crate) rename_all: Option<RenameRule>,
    pub(crate) docs: String,
}

/// What the attributes of a member or a variant say.
#[derive(Default)]
pub(crate) struct MemberAttr {
    pub(crate) name: Option<LitStr>,
    pub(crate) default: Option<DefaultAttr>,
    pub(crate) docs: String,
}

/// The attributes of a property type.
pub(crate) fn property(attributes: &[Attribute], errors: &mut Errors) -> PropertyAttr {
    let mut krate = None;
    let mut rename_all = None;
    for attribute in own(attributes) {
        for argument in arguments(attribute, errors) {
            match argument.word().as_str() {
                "crate" => argument.fill(&mut krate, argument.path("::some::path", errors), errors),
                "rename_all" => {
                    let text = argument.text(errors);
                    let rule = text.and_then(|text| rename_rule(&text, errors));
                    argument.fill(&mut rename_all, rule, errors);
                }
                _ => argument.unknown("#[property(...)]", &["crate", "rename_all"], errors),
            }
        }
    }
    PropertyAttr {
        krate,
        rename_all: rename_all.or_else(|| serde(attributes).rename_all),
        docs: docs(attributes),
    }
}

/// The attributes of a struct's member, which may have a default.
pub(crate) fn member(attributes: &[Attribute], errors: &mut Errors) -> MemberAttr {
    let mut name = None;
    let mut value = None;
    for attribute in own(attributes) {
        for argument in arguments(attribute, errors) {
            match argument.word().as_str() {
                "name" | "rename" => argument.fill(&mut name, argument.text(errors), errors),
                "default" => argument.fill(&mut value, default(&argument, errors), errors),
                _ => argument.unknown("#[property(...)]", &["name", "default"], errors),
            }
        }
    }
    MemberAttr {
        name: name.or_else(|| serde(attributes).rename),
        default: value,
        docs: docs(attributes),
    }
}

/// The attributes of an enum's variant: its name, if it has one of its own.
pub(crate) fn variant(attributes: &[Attribute], errors: &mut Errors) -> Option<LitStr> {
    let mut name = None;
    for attribute in own(attributes) {
        for argument in arguments(attribute, errors) {
            match argument.word().as_str() {
                "name" | "rename" => argument.fill(&mut name, argument.text(errors), errors),
                _ => argument.unknown("#[property(...)]", &["rename"], errors),
            }
        }
    }
    name.or_else(|| serde(attributes).rename)
}

fn own(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("property"))
}
