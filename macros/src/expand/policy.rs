//! Policies about rows.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::acl::expand_principal;
use super::at;
use crate::model::Policy;

/// ```text
/// .policies(&[
///     __lw::PolicyDef::new(&[__lw::RowAction::Read], __lw::PrincipalDef::Everyone)
///         .rows(|__lw_caller, __lw_rows| __lw::put_rows(__lw_caller, __lw_rows, |_| Shop::OPEN.eq(true))),
/// ])
/// ```
pub(super) fn expand_policies(policies: &[Policy]) -> Option<TokenStream> {
    let each = policies.iter().map(|policy| {
        let actions = policy.actions.iter().map(|action| {
            let action = format_ident!("{action}");
            quote!(__lw::RowAction::#action)
        });
        let principal = expand_principal(&policy.principal);
        let rows = policy.rows.as_ref().map(|rows| {
            let rows = match rows {
                Expr::Closure(_) => quote!(#rows),
                // On the condition, since this is where the compiler finds that it is none.
                rows => quote_spanned!(at(rows.span())=> |_| #rows),
            };
            quote!(.rows(|__lw_caller, __lw_rows| __lw::put_rows(__lw_caller, __lw_rows, #rows)))
        });
        quote!(__lw::PolicyDef::new(&[#(#actions),*], #principal) #rows)
    });
    (!policies.is_empty()).then(|| quote!(.policies(&[#(#each),*])))
}
