//! `#[hook(...)]` on a function.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, Ident, ImplItemFn, ReturnType};

use crate::attr::arguments;
use crate::error::{Errors, one_of};
use crate::expand::at;

/// A function that is called with every operation of some kinds.
pub(super) struct Hook {
    function: Ident,
    kinds: Vec<Kind>,
    /// Where the function takes its context.
    argument: Span,
}

/// A word of the attribute, the runtime's name for it, and its context.
struct Kind {
    variant: &'static str,
    context: &'static str,
    span: Span,
}

const KINDS: [(&str, &str, &str); 8] = [
    ("access", "Access", "Access"),
    ("before_save", "BeforeSave", "Save"),
    ("validate", "Validate", "Validation"),
    ("persist", "Persist", "Save"),
    ("loaded", "Loaded", "Loaded"),
    ("after_save", "AfterSave", "Save"),
    ("before_delete", "BeforeDelete", "Delete"),
    ("after_delete", "AfterDelete", "Delete"),
];

impl Hook {
    /// Takes the attribute off `function`, if it has one, and reads it.
    pub(super) fn take(function: &mut ImplItemFn, errors: &mut Errors) -> Option<Self> {
        let position = function
            .attrs
            .iter()
            .position(|attribute| attribute.path().is_ident("hook"))?;
        let attribute = function.attrs.remove(position);
        let words = KINDS.map(|(word, _, _)| word);
        let before = errors.count();
        let mut kinds = Vec::new();
        for argument in arguments(&attribute, errors) {
            let known = KINDS.iter().find(|(word, _, _)| *word == argument.word());
            match known {
                Some((_, variant, context)) => kinds.push(Kind {
                    variant,
                    context,
                    span: argument.flag(errors),
                }),
                None => argument.unknown("#[hook(...)]", &words, errors),
            }
        }
        if kinds.is_empty() {
            if errors.count() == before {
                let words = one_of(&words);
                errors.push_spanned(
                    attribute.path(),
                    format!(
                        "when is it called? write one of {words}, as in `#[hook(before_save)]`"
                    ),
                );
            }
            return None;
        }
        let context = kinds.first().map_or("Save", |kind| kind.context);
        if let Some(kind) = kinds.iter().find(|kind| kind.context != context) {
            errors.push(kind.span, format!("one function takes one context, and this one takes `{}`; write a function of its own", kind.context));
            return None;
        }
        let signature = &function.sig;
        if signature.asyncness.is_none() {
            errors.push(
                signature.fn_token.span,
                "a hook is asynchronous; write `async fn`",
            );
            return None;
        }
        let mut inputs = signature.inputs.iter();
        let (Some(FnArg::Typed(argument)), None) = (inputs.next(), inputs.next()) else {
            let message = format!(
                "a hook takes its context and nothing else; write `{}(cx: &mut {context}<'_, Self>)`",
                signature.ident
            );
            errors.push(signature.ident.span(), message);
            return None;
        };
        if matches!(signature.output, ReturnType::Default) {
            errors.push(
                signature.ident.span(),
                "a hook says whether the operation goes on; write `-> Result<()>`, and `Ok(())` at the end",
            );
            return None;
        }
        Some(Hook {
            function: signature.ident.clone(),
            kinds,
            argument: argument.ty.span(),
        })
    }

    /// ```text
    /// __lw::HookDef::new(__lw::HookKind::BeforeSave, "count", |__lw_cx| {
    ///     __lw::Box::pin(async move {
    ///         let mut __lw_cx = __lw::Save::<Self>::of(__lw_cx)?;
    ///         Self::count(&mut __lw_cx).await
    ///     })
    /// })
    /// ```
    pub(super) fn expand(&self) -> TokenStream {
        let function = &self.function;
        let name = function.unraw().to_string();
        let context = quote_spanned!(at(self.argument)=> &mut __lw_cx);
        let hooks = self.kinds.iter().map(|kind| {
            let variant = Ident::new(kind.variant, Span::call_site());
            let ty = Ident::new(kind.context, Span::call_site());
            quote! {
                __lw::HookDef::new(__lw::HookKind::#variant, #name, |__lw_cx| {
                    __lw::Box::pin(async move {
                        let mut __lw_cx = __lw::#ty::<Self>::of(__lw_cx)?;
                        Self::#function(#context).await
                    })
                })
            }
        });
        quote!(#(#hooks),*)
    }
}
