//! `#[remote_hook(...)]` on a function.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, Ident, ImplItemFn, ReturnType, Type};

use crate::attr::{arguments, words};
use crate::error::Errors;
use crate::expand::at;
use crate::model::method_name;

/// A function that is called with the calls of some methods over HTTP.
pub(super) struct RemoteHook {
    function: Ident,
    calls: Vec<Call>,
    /// Where the function takes its context.
    argument: Span,
}

/// When the function is called, and with which method.
struct Call {
    kind: &'static str,
    methods: Methods,
    span: Span,
}

enum Methods {
    Named(String),
    /// One of the runtime's own words.
    Many(&'static str),
}

const KINDS: [(&str, &str); 3] = [
    ("before", "Before"),
    ("after", "After"),
    ("after_error", "AfterError"),
];

const MANY: [(&str, &str); 3] = [
    ("all", "All"),
    ("all_static", "Static"),
    ("all_instance", "Instance"),
];

impl RemoteHook {
    /// Takes the attribute off `function`, if it has one, and reads it.
    pub(super) fn take(function: &mut ImplItemFn, errors: &mut Errors) -> Option<Self> {
        let position = function
            .attrs
            .iter()
            .position(|attribute| attribute.path().is_ident("remote_hook"))?;
        let attribute = function.attrs.remove(position);
        let before = errors.count();
        let mut calls = Vec::new();
        for argument in arguments(&attribute, errors) {
            let word = argument.word();
            match KINDS.iter().find(|(known, _)| *known == word) {
                Some((_, kind)) => {
                    let methods = words(&argument, "create, find", errors);
                    calls.extend(methods.iter().map(|method| Call::new(kind, method)));
                }
                None => {
                    argument.unknown("#[remote_hook(...)]", &KINDS.map(|(word, _)| word), errors);
                }
            }
        }
        if calls.is_empty() {
            if errors.count() == before {
                errors.push_spanned(
                    attribute.path(),
                    "when is it called, and with which methods? write `#[remote_hook(before(create))]`, `after(...)` or \
                     `after_error(...)`; `all` is every method",
                );
            }
            return None;
        }
        let signature = &function.sig;
        let mut inputs = signature.inputs.iter();
        let taken = match (inputs.next(), inputs.next()) {
            (Some(FnArg::Typed(argument)), None) if matches!(*argument.ty, Type::Reference(_)) => {
                Some(argument)
            }
            _ => None,
        };
        let fits =
            signature.asyncness.is_some() && !matches!(signature.output, ReturnType::Default);
        let Some(argument) = taken.filter(|_| fits) else {
            let message = format!(
                "a remote hook takes a call and says whether it goes on; write `async fn {}(cx: &mut RemoteCall<'_, Self>) -> Result<()>`",
                signature.ident
            );
            errors.push(signature.ident.span(), message);
            return None;
        };
        Some(RemoteHook {
            function: signature.ident.clone(),
            calls,
            argument: argument.ty.span(),
        })
    }

    /// ```text
    /// __lw::RemoteHookDef::new(__lw::RemoteHookKind::Before, __lw::RemoteHookMethods::Named("create"), "sign", |__lw_cx| {
    ///     __lw::Box::pin(async move {
    ///         let mut __lw_cx = __lw::RemoteCall::<Self>::of(__lw_cx)?;
    ///         Self::sign(&mut __lw_cx).await
    ///     })
    /// })
    /// ```
    pub(super) fn expand(&self) -> TokenStream {
        let function = &self.function;
        let name = function.unraw().to_string();
        let context = quote_spanned!(at(self.argument)=> &mut __lw_cx);
        let hooks = self.calls.iter().map(|call| {
            let kind = format_ident!("{}", call.kind);
            let methods = match &call.methods {
                Methods::Named(method) => quote!(Named(#method)),
                Methods::Many(word) => {
                    let word = format_ident!("{word}");
                    quote!(#word)
                }
            };
            quote! {
                __lw::RemoteHookDef::new(__lw::RemoteHookKind::#kind, __lw::RemoteHookMethods::#methods, #name, |__lw_cx| {
                    __lw::Box::pin(async move {
                        let mut __lw_cx = __lw::RemoteCall::<Self>::of(__lw_cx)?;
                        Self::#function(#context).await
                    })
                })
            }
        });
        quote!(#(#hooks),*)
    }

    /// ```text
    /// const _: () = __lw::check::hooked_method(&<Note as __lw::Mixin>::MIXIN, "create");
    /// ```
    pub(super) fn expand_assertions(&self, ty: &Type) -> TokenStream {
        let assertions = self.calls.iter().filter_map(|call| match &call.methods {
            Methods::Named(method) => Some(quote_spanned! {at(call.span)=>
                const _: () = __lw::check::hooked_method(&<#ty as __lw::Mixin>::MIXIN, #method);
            }),
            Methods::Many(_) => None,
        });
        quote!(#(#assertions)*)
    }
}

impl Call {
    fn new(kind: &'static str, method: &Ident) -> Self {
        let word = method.unraw().to_string();
        let many = MANY.iter().find(|(known, _)| *known == word);
        Call {
            kind,
            methods: match many {
                Some((_, variant)) => Methods::Many(variant),
                None => Methods::Named(method_name(&word)),
            },
            span: method.span(),
        }
    }
}
