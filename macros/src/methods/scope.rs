//! `#[scope]` on a function.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, ImplItemFn, LitStr, ReturnType};

use crate::attr::{arguments, docs};
use crate::error::Errors;
use crate::expand::at;
use crate::model::method_name;

/// A function that makes a query.
pub(super) struct Scope {
    function: Ident,
    name: String,
    docs: String,
    default: bool,
}

impl Scope {
    /// Takes the attribute off `function`, if it is a scope, and reads it.
    pub(super) fn take(function: &mut ImplItemFn, errors: &mut Errors) -> Option<Self> {
        let position = function
            .attrs
            .iter()
            .position(|attribute| attribute.path().is_ident("scope"))?;
        let attribute = function.attrs.remove(position);
        let (mut default, mut name) = (false, None::<LitStr>);
        for argument in arguments(&attribute, errors) {
            match argument.word().as_str() {
                "default" => {
                    argument.flag(errors);
                    default = true;
                }
                "name" => argument.fill(&mut name, argument.text(errors), errors),
                _ => argument.unknown("#[scope(...)]", &["default", "name"], errors),
            }
        }
        let signature = &function.sig;
        let makes_one = signature.inputs.is_empty()
            && signature.asyncness.is_none()
            && matches!(signature.output, ReturnType::Type(..));
        if !makes_one {
            let message = format!(
                "a scope makes a query out of nothing; write `fn {}() -> Filter`",
                signature.ident
            );
            errors.push(signature.ident.span(), message);
            return None;
        }
        Some(Scope {
            function: signature.ident.clone(),
            name: name.map_or_else(
                || method_name(&signature.ident.unraw().to_string()),
                |name| name.value(),
            ),
            docs: docs(&function.attrs),
            default,
        })
    }

    /// ```text
    /// __lw::ScopeDef::new("recent", |__lw_place| __lw::put_scope(__lw_place, Self::recent()))
    /// ```
    pub(super) fn expand(&self) -> TokenStream {
        let Scope {
            function,
            name,
            docs,
            ..
        } = self;
        let filter = quote_spanned!(at(function.span())=> Self::#function());
        let docs = (!docs.is_empty()).then(|| quote!(.docs(#docs)));
        let default = self.default.then(|| quote!(.as_default()));
        quote! {
            __lw::ScopeDef::new(#name, |__lw_place| __lw::put_scope(__lw_place, #filter)) #docs #default
        }
    }
}
