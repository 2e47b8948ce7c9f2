//! Constants.

use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;

use crate::attr::Literal;

/// ```text
/// __lw::Literal::Integer(-1)
/// ```
pub(crate) fn expand_literal(literal: &Literal) -> TokenStream {
    match literal {
        Literal::Boolean(flag) => quote!(__lw::Literal::Boolean(#flag)),
        Literal::Integer(number) => {
            let digits = Token::u64_unsuffixed(number.unsigned_abs());
            let minus = (*number < 0).then(|| quote!(-));
            quote!(__lw::Literal::Integer(#minus #digits))
        }
        Literal::Float(number) => {
            let number = expand_float(*number);
            quote!(__lw::Literal::Float(#number))
        }
        Literal::String(text) => quote!(__lw::Literal::String(#text)),
    }
}

/// A float; the sign is a token of its own, since a negative literal is none to the compiler.
pub(super) fn expand_float(number: f64) -> TokenStream {
    let digits = Token::f64_unsuffixed(number.abs());
    let minus = number.is_sign_negative().then(|| quote!(-));
    quote!(#minus #digits)
}
