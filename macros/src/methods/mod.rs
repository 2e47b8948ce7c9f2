//! `#[loopwright::methods]`: the functions of a model that others than the program call.
//!
//! The impl block stays as it is, without the attributes that belong here. Beside it stands a constant that the model's
//! description reads: a list of the functions, each with a call that does no more than convert.

mod argument;
mod hook;
mod remote;
mod remote_hook;
mod scope;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, ImplItem, Item, ItemImpl, Path, parse_quote};

use self::hook::Hook;
use self::remote::Remote;
use self::remote_hook::RemoteHook;
use self::scope::Scope;
use crate::attr::arguments;
use crate::error::Errors;

/// ```text
/// impl Note { async fn count(cx: &mut Save<'_, Self>) -> Result<()> { ... } }
/// const _: () = {
///     use ::loopwright::__private as __lw;
///     impl Note {
///         pub const __LW_METHODS: __lw::MethodsDef = __lw::MethodsDef::NONE.hooks(&[...]).remotes(&[...]);
///     }
/// };
/// ```
pub(crate) fn expand(attr: &TokenStream, item: TokenStream) -> TokenStream {
    let mut block: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            // Within an impl block the parser knows best what is wrong.
            let error = match syn::parse2::<Item>(item.clone()) {
                Ok(other) => syn::Error::new_spanned(
                    other,
                    "the methods of a model stand in an impl block; write `#[loopwright::methods]` above `impl Name { ... }`",
                ),
                Err(_) => error,
            };
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let mut errors = Errors::default();
    let krate = krate(attr, &mut errors);
    if let Some((path, _)) = &block.trait_ {
        errors.push_spanned(
            path,
            "the methods of a model stand in an impl block of its own; write `impl Name { ... }`",
        );
    }
    let (mut hooks, mut remotes, mut scopes) = (Vec::new(), Vec::new(), Vec::new());
    let mut remote_hooks = Vec::new();
    for item in &mut block.items {
        if let ImplItem::Fn(function) = item {
            hooks.extend(Hook::take(function, &mut errors));
            remotes.extend(Remote::take(function, &mut errors));
            scopes.extend(Scope::take(function, &mut errors));
            remote_hooks.extend(RemoteHook::take(function, &mut errors));
        }
    }
    let errors = errors.into_tokens();
    let ty = &block.self_ty;
    let hooks = list("hooks", hooks.iter().map(Hook::expand));
    let defaults: TokenStream = remotes.iter().map(Remote::expand_assertions).collect();
    let remotes = list("remotes", remotes.iter().map(Remote::expand));
    let scopes = list("scopes", scopes.iter().map(Scope::expand));
    let assertions = remote_hooks.iter().map(|hook| hook.expand_assertions(ty));
    let assertions: TokenStream = assertions.collect();
    let remote_hooks = list("remote_hooks", remote_hooks.iter().map(RemoteHook::expand));
    quote! {
        #errors
        #block
        const _: () = {
            use #krate::__private as __lw;
            impl #ty {
                #[doc(hidden)]
                pub const __LW_METHODS: __lw::MethodsDef = __lw::MethodsDef::NONE #hooks #remotes #scopes #remote_hooks;
            }
            #assertions
            #defaults
        };
    }
}

/// `.hooks(&[...])`, if there are any.
fn list(name: &str, items: impl Iterator<Item = TokenStream>) -> Option<TokenStream> {
    let items: Vec<_> = items.collect();
    let name = format_ident!("{name}");
    (!items.is_empty()).then(|| quote!(.#name(&[#(#items),*])))
}

/// Where the runtime is found: `crate = ::renamed`, or `::loopwright`.
fn krate(attr: &TokenStream, errors: &mut Errors) -> Path {
    let mut krate = None;
    if !attr.is_empty() {
        let attribute: Attribute = parse_quote!(#[methods(#attr)]);
        for argument in arguments(&attribute, errors) {
            match argument.word().as_str() {
                "crate" => argument.fill(&mut krate, argument.path("::some::path", errors), errors),
                _ => argument.unknown("#[loopwright::methods(...)]", &["crate"], errors),
            }
        }
    }
    krate.unwrap_or_else(|| parse_quote!(::loopwright))
}
