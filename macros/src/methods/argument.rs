//! `#[arg(...)]` on an argument of a remote method.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, LitStr, Type};

use crate::attr::{Argument, Literal, arguments};
use crate::error::Errors;
use crate::expand::{at, expand_literal};
use crate::model::method_name;

/// An argument that the caller gives.
pub(super) struct Given {
    pub(super) name: String,
    pub(super) source: Source,
    pub(super) ty: Type,
    pub(super) default: Option<(Literal, Span)>,
    pub(super) span: Span,
}

/// Where its value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Anywhere,
    Path,
    Query,
    Body,
    Form,
    Header,
}

impl Source {
    /// The runtime's name for it.
    fn variant(self) -> &'static str {
        match self {
            Source::Anywhere => "Anywhere",
            Source::Path => "Path",
            Source::Query => "Query",
            Source::Body => "Body",
            Source::Form => "Form",
            Source::Header => "Header",
        }
    }
}

const SOURCES: [(&str, Source); 5] = [
    ("path", Source::Path),
    ("query", Source::Query),
    ("body", Source::Body),
    ("form", Source::Form),
    ("header", Source::Header),
];

impl Given {
    pub(super) fn new(
        ident: &Ident,
        ty: &Type,
        attributes: &[Attribute],
        errors: &mut Errors,
    ) -> Self {
        let mut name: Option<LitStr> = None;
        let mut source = None;
        let mut default = None;
        let mut entries = Vec::new();
        for attribute in attributes {
            entries.extend(arguments(attribute, errors));
        }
        for argument in entries {
            let word = argument.word();
            match SOURCES.iter().find(|(known, _)| *known == word) {
                Some((_, known)) => {
                    argument.flag(errors);
                    if source.is_some() {
                        errors.push(
                            argument.key.span(),
                            "an argument stands in one place; keep one of the words",
                        );
                    }
                    source = Some(*known);
                }
                None if word == "name" => argument.fill(&mut name, argument.text(errors), errors),
                None if word == "default" => {
                    argument.fill(&mut default, literal(&argument, errors), errors);
                }
                None => argument.unknown(
                    "#[arg(...)]",
                    &["path", "query", "body", "form", "header", "name", "default"],
                    errors,
                ),
            }
        }
        Given {
            name: name.map_or_else(
                || method_name(&ident.unraw().to_string()),
                |name| name.value(),
            ),
            source: source.unwrap_or(Source::Anywhere),
            ty: ty.clone(),
            default,
            span: ident.span(),
        }
    }

    /// ```text
    /// __lw::ArgumentDef::new("hour", __lw::ArgumentSource::Query, <u8 as __lw::Remotable>::TYPE)
    /// ```
    pub(super) fn expand(&self) -> TokenStream {
        let Given { name, ty, .. } = self;
        let source = format_ident!("{}", self.source.variant());
        let remote = quote_spanned!(at(ty.span())=> <#ty as __lw::Remotable>::TYPE);
        let default = self.default.as_ref().map(|(literal, _)| {
            let literal = expand_literal(literal);
            quote!(.default(#literal))
        });
        quote!(__lw::ArgumentDef::new(#name, __lw::ArgumentSource::#source, #remote) #default)
    }

    /// ```text
    /// const _: () = __lw::check::argument_default(&<u8 as __lw::Remotable>::TYPE, &__lw::Literal::Integer(8));
    /// ```
    pub(super) fn expand_assertion(&self) -> Option<TokenStream> {
        let (literal, span) = self.default.as_ref()?;
        let (ty, literal) = (&self.ty, expand_literal(literal));
        Some(quote_spanned! {at(*span)=>
            const _: () = __lw::check::argument_default(&<#ty as __lw::Remotable>::TYPE, &#literal);
        })
    }
}

/// `default = 8`
fn literal(argument: &Argument, errors: &mut Errors) -> Option<(Literal, Span)> {
    let expr = argument.expr("8", errors)?;
    match Literal::read(expr) {
        Some(literal) => Some((errors.keep(literal)?, expr.span())),
        None => {
            errors.push_spanned(
                expr,
                "the default of an argument is a literal; make the argument an `Option` for anything else",
            );
            None
        }
    }
}
