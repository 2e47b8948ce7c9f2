//! Access rules.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::LitInt;

use super::at;
use crate::attr::{Permission, Principal};
use crate::model::{Access, Acl, Word};

/// ```text
/// .acls(&[__lw::AclDef::allow(__lw::PrincipalDef::Everyone).access(__lw::AccessType::Read)])
/// ```
pub(super) fn expand_acls(acls: &[Acl]) -> Option<TokenStream> {
    let mut rules = acls.iter().flat_map(expand_acl).peekable();
    rules
        .peek()
        .is_some()
        .then(|| quote!(.acls(&[#(#rules),*])))
}

/// ```text
/// .acl_error_status(403)
/// ```
pub(super) fn expand_acl_error_status(status: Option<&LitInt>) -> Option<TokenStream> {
    status.map(|status| quote!(.acl_error_status(#status)))
}

/// ```text
/// const _: () = __lw::check::acl_method(&__LW_DEF, "findById");
/// ```
pub(super) fn expand_acl_assertions(acls: &[Acl]) -> TokenStream {
    let words = acls.iter().flat_map(|acl| &acl.words);
    let assertions = words.filter_map(|word| match &word.access {
        Access::Method(name) => Some(quote_spanned! {at(word.span)=>
            const _: () = __lw::check::acl_method(&__LW_DEF, #name);
        }),
        _ => None,
    });
    quote!(#(#assertions)*)
}

/// ```text
/// .disabled(&["updateAll"])
/// ```
pub(super) fn expand_disabled(words: &[Word]) -> Option<TokenStream> {
    let names = words.iter().map(method);
    (!words.is_empty()).then(|| quote!(.disabled(&[#(#names),*])))
}

/// ```text
/// const _: () = __lw::check::method(&__LW_DEF, "updateAll");
/// ```
pub(super) fn expand_disabled_assertions(words: &[Word]) -> TokenStream {
    let assertions = words.iter().map(|word| {
        let name = method(word);
        quote_spanned!(at(word.span)=> const _: () = __lw::check::method(&__LW_DEF, #name);)
    });
    quote!(#(#assertions)*)
}

/// A kind of access is no method, as the assertion will say.
fn method(word: &Word) -> &str {
    match &word.access {
        Access::All => "all",
        Access::Read => "read",
        Access::Write => "write",
        Access::Execute => "execute",
        Access::Method(name) => name,
    }
}

fn expand_acl(acl: &Acl) -> impl Iterator<Item = TokenStream> {
    acl.words.iter().map(|word| {
        let permission = match acl.permission {
            Permission::Allow => quote!(allow),
            Permission::Deny => quote!(deny),
        };
        let principal = expand_principal(&acl.principal);
        let access = match &word.access {
            Access::All => None,
            Access::Read => Some(quote!(.access(__lw::AccessType::Read))),
            Access::Write => Some(quote!(.access(__lw::AccessType::Write))),
            Access::Execute => Some(quote!(.access(__lw::AccessType::Execute))),
            Access::Method(name) => Some(quote!(.method(#name))),
        };
        quote!(__lw::AclDef::#permission(#principal) #access)
    })
}

/// ```text
/// __lw::PrincipalDef::Role("admin")
/// ```
pub(super) fn expand_principal(principal: &Principal) -> TokenStream {
    let principal = match principal {
        Principal::Everyone => quote!(Everyone),
        Principal::Authenticated => quote!(Authenticated),
        Principal::Unauthenticated => quote!(Unauthenticated),
        Principal::Owner => quote!(Owner),
        Principal::Related => quote!(Related),
        Principal::Role(name) => quote!(Role(#name)),
        Principal::User(id) => quote!(User(#id)),
        Principal::App(id) => quote!(App(#id)),
    };
    quote!(__lw::PrincipalDef::#principal)
}
