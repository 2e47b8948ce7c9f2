//! `#[loopwright::methods]`: the functions of a model that others than the program call.
//!
//! The impl block stays as it is, without the attributes that belong here. Beside it stands a constant that the model's
//! description reads: a list of the functions, each with a call that does no more than convert.

mod hook;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ImplItem, ItemImpl};

use self::hook::Hook;
use crate::error::Errors;

/// ```text
/// impl Note { async fn count(cx: &mut Save<'_, Self>) -> Result<()> { ... } }
/// const _: () = {
///     use ::loopwright::__private as __lw;
///     impl Note {
///         pub const __LW_HOOKS: &'static [__lw::HookDef] = &[...];
///     }
/// };
/// ```
pub(crate) fn expand(attr: &TokenStream, item: TokenStream) -> TokenStream {
    let mut block: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let mut errors = Errors::default();
    if !attr.is_empty() {
        errors.push_spanned(attr, "`#[loopwright::methods]` takes no arguments");
    }
    if let Some((path, _)) = &block.trait_ {
        errors.push_spanned(
            path,
            "the methods of a model stand in an impl block of its own; write `impl Name { ... }`",
        );
    }
    let mut hooks = Vec::new();
    for item in &mut block.items {
        if let ImplItem::Fn(function) = item {
            hooks.extend(Hook::take(function, &mut errors));
        }
    }
    let errors = errors.into_tokens();
    let ty = &block.self_ty;
    let hooks = hooks.iter().map(Hook::expand);
    quote! {
        #errors
        #block
        const _: () = {
            use ::loopwright::__private as __lw;
            impl #ty {
                #[doc(hidden)]
                pub const __LW_HOOKS: &'static [__lw::HookDef] = &[#(#hooks),*];
            }
        };
    }
}
