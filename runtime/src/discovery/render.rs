//! From the outline to text.

use proc_macro2::TokenStream;
use quote::quote;

use super::outline::{Enumeration, Field, Item, Outline, Struct};
use crate::{Error, Result};

/// The longest tuple that is a list of models.
const LONGEST_LIST: usize = 16;

/// The text of the module.
///
/// # Errors
/// None that a caller could cause: the text is parsed before it is given away.
pub(super) fn render(outline: &Outline) -> Result<String> {
    let mut parts = Vec::new();
    let docs: Vec<String> = outline
        .docs
        .iter()
        .map(|paragraph| {
            paragraph_lines(paragraph)
                .map(|line| format!("//!{line}\n"))
                .collect()
        })
        .collect();
    let uses = format(quote!(
        use loopwright::prelude::*;
    ))?;
    parts.push(format!("{}\n{uses}", docs.join("//!\n")));
    parts.push(list(outline));
    for item in &outline.items {
        parts.push(format(match item {
            Item::BuiltIn(_) => continue,
            Item::Model(model) | Item::Embedded(model) => structure(model, &quote!(Model)),
            Item::Function(function) => function.clone(),
            Item::Object(object) => structure(object, &quote!(Property)),
            Item::Enumeration(enumeration) => self::enumeration(enumeration),
            Item::Scopes { model, functions } => quote! {
                #[loopwright::methods]
                impl #model { #(#functions)* }
            },
        })?);
    }
    Ok(parts.join("\n"))
}

/// The head of the function that lists the models.
const LIST: &str =
    "/// The application with the models of this file.\npub fn models(app: App) -> App";

/// One function for all models, however many they are. By hand, because the formatter breaks such lists badly.
fn list(outline: &Outline) -> String {
    let models: Vec<_> = outline.items.iter().filter_map(Item::model).collect();
    if let [name] = models.as_slice() {
        return format!("{LIST} {{\n    app.models::<({name},)>()\n}}\n");
    }
    let lists = models.chunks(LONGEST_LIST).map(|names| {
        let names: String = names
            .iter()
            .map(|name| format!("        {name},\n"))
            .collect();
        format!(".models::<(\n{names}    )>()")
    });
    let lists: Vec<_> = lists.collect();
    format!("{LIST} {{\n    app{}\n}}\n", lists.join("\n    "))
}

fn structure(item: &Struct, derive: &TokenStream) -> TokenStream {
    let Struct {
        name,
        docs,
        attributes,
        fields,
    } = item;
    let docs = self::docs(docs);
    let fields = fields.iter().map(|field| {
        let Field {
            name,
            docs,
            attributes,
            ty,
        } = field;
        let docs = self::docs(docs);
        quote!(#docs #(#[#attributes])* pub #name: #ty)
    });
    quote! {
        #docs
        #[derive(#derive, Clone, Debug)]
        #(#[#attributes])*
        pub struct #name { #(#fields,)* }
    }
}

fn enumeration(item: &Enumeration) -> TokenStream {
    let Enumeration {
        name,
        docs,
        variants,
    } = item;
    let docs = self::docs(docs);
    let variants = variants.iter().map(|(variant, text)| {
        let rename = (variant != text).then(|| quote!(#[property(rename = #text)]));
        quote!(#rename #variant)
    });
    quote! {
        #docs
        #[derive(Property, Clone, Copy, Debug, PartialEq, Eq)]
        pub enum #name { #(#variants,)* }
    }
}

/// Paragraphs as doc comments.
fn docs(paragraphs: &[String]) -> TokenStream {
    let mut lines = Vec::new();
    for paragraph in paragraphs {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(paragraph_lines(paragraph));
    }
    quote!(#(#[doc = #lines])*)
}

/// The lines of a paragraph, with the space before each.
fn paragraph_lines(paragraph: &str) -> impl Iterator<Item = String> + '_ {
    paragraph
        .split(['\n', '\r', '\u{2028}', '\u{2029}'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| format!(" {line}"))
}

fn format(tokens: TokenStream) -> Result<String> {
    let file = syn::parse2(tokens)
        .map_err(|error| Error::internal("the discovered text is no Rust").with_source(error))?;
    Ok(prettyplease::unparse(&file))
}
