//! Access rules.

use proc_macro2::TokenStream;
use quote::quote;

use crate::attr::{Permission, Principal};
use crate::model::{Access, Acl};

/// ```text
/// __lw::AclDef::allow(__lw::PrincipalDef::Everyone).access(__lw::AccessType::Read)
/// ```
pub(super) fn expand_acl(acl: &Acl) -> impl Iterator<Item = TokenStream> {
    acl.words.iter().map(|word| {
        let permission = match acl.permission {
            Permission::Allow => quote!(allow),
            Permission::Deny => quote!(deny),
        };
        let principal = match &acl.principal {
            Principal::Everyone => quote!(Everyone),
            Principal::Authenticated => quote!(Authenticated),
            Principal::Unauthenticated => quote!(Unauthenticated),
            Principal::Owner => quote!(Owner),
            Principal::Role(name) => quote!(Role(#name)),
        };
        let access = match &word.access {
            Access::All => None,
            Access::Read => Some(quote!(.access(__lw::AccessType::Read))),
            Access::Write => Some(quote!(.access(__lw::AccessType::Write))),
            Access::Execute => Some(quote!(.access(__lw::AccessType::Execute))),
            Access::Method(name) => Some(quote!(.method(#name))),
        };
        quote!(__lw::AclDef::#permission(__lw::PrincipalDef::#principal) #access)
    })
}
