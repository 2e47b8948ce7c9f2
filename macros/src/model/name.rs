//! The names that follow from other names.

use heck::{ToShoutySnakeCase, ToSnakeCase};
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Ident, LitStr, Type};

use crate::attr::RenameRule;

/// A name and where it comes from.
#[derive(Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Name {
    /// The name that an attribute gives.
    pub(crate) fn given(text: &LitStr) -> Name {
        Name {
            text: text.value(),
            span: text.span(),
        }
    }

    /// The name that an attribute gives to the item `ident`, else what follows from other names.
    pub(super) fn given_or(
        given: Option<&LitStr>,
        ident: &Ident,
        derived: impl FnOnce() -> String,
    ) -> Name {
        given.map_or_else(
            || Name {
                text: derived(),
                span: ident.span(),
            },
            Name::given,
        )
    }
}

/// The name in JSON of a field: what its attributes say, else what `rule` makes of it, `camelCase` unless told otherwise.
pub(crate) fn field_name(ident: &Ident, given: Option<&LitStr>, rule: Option<RenameRule>) -> Name {
    Name::given_or(given, ident, || {
        json_name(&plain(ident), rule.unwrap_or(RenameRule::Camel))
    })
}

fn json_name(field: &str, rule: RenameRule) -> String {
    let name = rule.field(field);
    // A field of nothing but underscores.
    if name.is_empty() {
        field.to_owned()
    } else {
        name
    }
}

/// The type with the name of the struct `ident` for `Self`: constants outside of the struct's `impl` need it, too.
pub(super) fn without_self(ty: &Type, ident: &Ident) -> Type {
    fn replace(tokens: TokenStream, ident: &Ident) -> TokenStream {
        let replaced = tokens.into_iter().map(|token| match token {
            TokenTree::Ident(word) if word == "Self" => {
                let mut ident = ident.clone();
                ident.set_span(word.span());
                ident.into()
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace(group.stream(), ident));
                inner.set_span(group.span());
                inner.into()
            }
            token => token,
        });
        replaced.collect()
    }
    Type::Verbatim(replace(ty.to_token_stream(), ident))
}

/// The identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// The table of a model: `CoffeeShop` is kept in `coffee_shop`.
pub(crate) fn table_name(model: &str) -> String {
    model.to_snake_case()
}

/// The field that holds the key of `name`, a relation or a model: `owner_id`, `coffee_shop_id`.
pub(crate) fn key_name(name: &str) -> String {
    format!("{}_id", name.to_snake_case())
}

/// The field that holds the keys of many a `name`: `account_ids`.
pub(crate) fn keys_name(name: &str) -> String {
    format!("{}_ids", name.to_snake_case())
}

/// The field that names the model to which the key of `name` belongs: `imageable_type`.
pub(crate) fn type_key_name(name: &str) -> String {
    format!("{}_type", name.to_snake_case())
}

/// The handle of a field: `owner_id` is reached by `OWNER_ID`.
pub(crate) fn handle_name(field: &Ident) -> Ident {
    let name = plain(field);
    let shouted = name.to_shouty_snake_case();
    let valid = shouted.starts_with(|letter: char| letter.is_alphabetic());
    let text = if valid { shouted } else { name.to_uppercase() };
    Ident::new(&text, field.span())
}

/// LoopBack's spelling of a method: `find_by_id` is `findById`, `__get__coffee_shops` is `__get__coffeeShops`.
pub(crate) fn method_name(word: &str) -> String {
    let parts: Vec<_> = word
        .split("__")
        .map(|part| RenameRule::Camel.field(part))
        .collect();
    parts.join("__")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ident(text: &str) -> Ident {
        text.strip_prefix("r#").map_or_else(
            || Ident::new(text, Span::call_site()),
            |raw| Ident::new_raw(raw, Span::call_site()),
        )
    }

    #[test]
    fn fields_in_json_and_as_handles() {
        for (field, json, handle) in [
            ("id", "id", "ID"),
            ("owner_id", "ownerId", "OWNER_ID"),
            ("ownerID", "ownerID", "OWNER_ID"),
            ("r#type", "type", "TYPE"),
            ("self_", "self", "SELF"),
            ("_secret", "secret", "SECRET"),
            ("_1", "1", "_1"),
            ("__", "__", "__"),
            ("line_1", "line1", "LINE_1"),
            ("größe", "größe", "GRÖSSE"),
        ] {
            let field = ident(field);
            assert_eq!(field_name(&field, None, None).text, json);
            assert_eq!(handle_name(&field), handle);
        }
    }

    #[test]
    fn a_given_name_wins_over_the_rule() {
        let given: LitStr = syn::parse_quote!("shop");
        let field = ident("coffee_shop");
        assert_eq!(
            field_name(&field, Some(&given), Some(RenameRule::Kebab)).text,
            "shop"
        );
        assert_eq!(
            field_name(&field, None, Some(RenameRule::Kebab)).text,
            "coffee-shop"
        );
    }

    #[test]
    fn methods_in_loopbacks_spelling() {
        for (word, method) in [
            ("find", "find"),
            ("find_by_id", "findById"),
            ("findById", "findById"),
            ("__get__reviews", "__get__reviews"),
            ("__find_by_id__coffee_reviews", "__findById__coffeeReviews"),
            ("__findById__coffeeReviews", "__findById__coffeeReviews"),
        ] {
            assert_eq!(method_name(word), method);
        }
    }

    #[test]
    fn tables_and_keys() {
        assert_eq!(table_name("CoffeeShop"), "coffee_shop");
        assert_eq!(key_name("CoffeeShop"), "coffee_shop_id");
        assert_eq!(key_name("owner"), "owner_id");
    }
}
