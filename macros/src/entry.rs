//! `#[loopwright::main]`: the start of a program.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ItemFn;

use crate::error::Errors;

/// ```text
/// fn main() -> Result<()> {
///     async fn __lw_main() -> Result<()> { App::new().run().await }
///     ::loopwright::__private::run_main(__lw_main())
/// }
/// ```
///
/// Refused:
///
/// ```text
/// #[loopwright::main] fn main() {}
/// #[loopwright::main] async fn main(port: u16) {}
/// #[loopwright::main(flavor = "current_thread")] async fn main() {}
/// ```
pub(crate) fn expand(attr: &TokenStream, item: TokenStream) -> TokenStream {
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let mut errors = Errors::default();
    if !attr.is_empty() {
        errors.push_spanned(
            attr,
            "`#[loopwright::main]` takes no arguments; for another runtime write `#[tokio::main(...)]`",
        );
    }
    if function.sig.asyncness.is_none() {
        errors.push(
            function.sig.fn_token.span,
            "`#[loopwright::main]` runs an async function; write `async fn`",
        );
        let errors = errors.into_tokens();
        return quote!(#errors #item);
    }
    // The user's function as it is, so that the compiler speaks of it as of any other.
    let mut inner = function.sig.clone();
    inner.ident = format_ident!("__lw_main");
    let start = if let Some(argument) = function.sig.inputs.first() {
        errors.push_spanned(
            argument,
            "the start of a program takes no arguments; read `std::env::args()` instead",
        );
        quote!(let _ = __lw_main; ::core::unreachable!())
    } else {
        quote!(::loopwright::__private::run_main(__lw_main()))
    };
    let mut outer = function.sig;
    outer.asyncness = None;
    outer.inputs.clear();
    let (errors, attrs, vis, body) = (
        errors.into_tokens(),
        function.attrs,
        function.vis,
        function.block,
    );
    quote! {
        #errors
        #(#attrs)*
        #vis #outer {
            #inner #body
            #start
        }
    }
}
