//! What the derives expand to.
//!
//! Each file in `expansions/` begins with an annotated item; what it expands to follows. `UPDATE_EXPECT=1 cargo test -p
//! loopwright-macros` renews what follows, and `git diff` shows what to read before it is committed.

use std::path::Path;

use expect_test::expect_file;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{DeriveInput, Item};

const MARK: &str = "\n// expands to\n\n";

/// Compares the expansion in the file of this name, and returns it.
fn expansion(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/tests/expansions")
        .join(name)
        .with_extension("rs");
    let Ok(file) = std::fs::read_to_string(&path) else {
        panic!("{} is missing", path.display())
    };
    let input = file.split(MARK).next().unwrap_or_default();
    let output = pretty(expand(input));
    expect_file![path].assert_eq(&format!("{input}{MARK}{output}"));
    output
}

/// Expands the item that a file begins with.
fn expand(input: &str) -> TokenStream {
    match syn::parse_str(input) {
        Ok(Item::Impl(mut block)) => {
            block.attrs.clear();
            crate::methods::expand(&TokenStream::new(), block.into_token_stream())
        }
        _ => expand_derive(input),
    }
}

fn expand_derive(input: &str) -> TokenStream {
    let (Ok(tokens), Ok(item)) = (input.parse(), syn::parse_str::<DeriveInput>(input)) else {
        panic!("the file begins with an item")
    };
    let derives = |name: &str| {
        item.attrs.iter().any(|attribute| {
            attribute.path().is_ident("derive")
                && attribute
                    .parse_args::<syn::Ident>()
                    .is_ok_and(|derive| derive == name)
        })
    };
    if derives("Model") {
        crate::derive(tokens, crate::derive_model)
    } else if derives("Mixin") {
        crate::derive(tokens, crate::derive_mixin)
    } else if derives("KeyValueModel") {
        crate::derive(tokens, crate::derive_key_value)
    } else {
        crate::derive(tokens, crate::derive_property)
    }
}

fn pretty(tokens: TokenStream) -> String {
    match syn::parse2(tokens) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => panic!("the expansion is no Rust: {error}"),
    }
}

#[test]
fn models() {
    expansion("full_model");
    expansion("related_model");
    expansion("private_model");
    expansion("embedding_model");
}

#[test]
fn mixins() {
    expansion("mixin");
    expansion("mixing_model");
}

#[test]
fn key_value_models() {
    for name in ["key_value", "no_key_value"] {
        expansion(name);
    }
}

#[test]
fn property_types() {
    for name in ["newtype", "enumeration", "object"] {
        expansion(name);
    }
}

#[test]
fn methods() {
    expansion("methods");
}

/// Mistakes stand beside the implementation of what was understood.
#[test]
fn items_with_mistakes() {
    for name in ["model_with_mistakes", "no_model", "no_property"] {
        expansion(name);
    }
}

/// What each model adds to what users compile: free to shrink, explained when it grows.
#[test]
fn a_model_of_eight_properties_is_small() {
    let lines = expansion("plain_model").lines().count();
    assert!(lines <= 150, "{lines} lines");
}
