//! serde's renames, so that a model and its serde form have the same JSON.
//!
//! They are read only: serde reports its own mistakes, and all else that serde knows is none of our business.

use syn::{Attribute, LitStr};

use super::case::{RenameRule, rename_rule};
use crate::error::Errors;

/// What `#[serde(...)]` says about names.
#[derive(Default)]
pub(crate) struct SerdeAttr {
    pub(crate) rename: Option<LitStr>,
    pub(crate) rename_all: Option<RenameRule>,
}

/// `#[serde(rename = "...", rename_all = "...")]`, also in their long form `rename(serialize = "...")`.
pub(crate) fn serde(attributes: &[Attribute]) -> SerdeAttr {
    let mut serde = SerdeAttr::default();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // What can't be read here is serde's to report.
        let mut not_ours = Errors::default();
        for argument in super::argument::arguments(attribute, &mut not_ours) {
            let text = argument.text(&mut not_ours).or_else(|| {
                let long = argument.list("", &mut not_ours)?.arguments(&mut not_ours);
                long.iter()
                    .find(|argument| argument.key == "serialize")?
                    .text(&mut not_ours)
            });
            match argument.word().as_str() {
                "rename" => serde.rename = text,
                "rename_all" => {
                    serde.rename_all = text.and_then(|text| rename_rule(&text, &mut not_ours));
                }
                _ => {}
            }
        }
    }
    serde
}
