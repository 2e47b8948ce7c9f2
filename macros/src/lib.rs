//! stub
use proc_macro::TokenStream;
#[proc_macro_derive(Model, attributes(model, relation, acl, validate))]
/// stub
pub fn model(_input: TokenStream) -> TokenStream {
    TokenStream::new()
}
#[proc_macro_derive(Property, attributes(property))]
/// stub
pub fn property(_input: TokenStream) -> TokenStream {
    TokenStream::new()
}
