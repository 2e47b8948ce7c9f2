//! What all of loopwright's attributes look like: a list of words, each alone, with a value, or with a list.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitBool, LitInt, LitStr, Meta, Path, Token};

use crate::error::{Errors, instead};

/// One entry of an attribute: `id`, `name = "text"` or `allow(read, create)`.
pub(crate) struct Argument {
    pub(crate) key: Ident,
    value: ArgumentValue,
}

enum ArgumentValue {
    None,
    Expr(Expr),
    List(Group),
}

/// The entries of `attribute`. One that can't be read is reported, and the rest is still understood.
pub(crate) fn arguments(attribute: &Attribute, errors: &mut Errors) -> Vec<Argument> {
    match &attribute.meta {
        Meta::List(list) => {
            let parsed = list.parse_args_with(|input: ParseStream<'_>| Ok(entries(input, errors)));
            errors.keep(parsed).unwrap_or_default()
        }
        // An empty list and no list are the same mistake, if any: each attribute says what it misses.
        Meta::Path(_) => Vec::new(),
        Meta::NameValue(pair) => {
            let name = pair.path.to_token_stream();
            errors.push_spanned(
                pair,
                format!("write the entries in parentheses: `#[{name}(...)]`"),
            );
            Vec::new()
        }
    }
}

fn entries(input: ParseStream<'_>, errors: &mut Errors) -> Vec<Argument> {
    let mut arguments = Vec::new();
    while !input.is_empty() {
        match entry(input) {
            Ok(argument) => arguments.push(argument),
            Err(error) => errors.add(error),
        }
        if !input.is_empty() && !input.peek(Token![,]) {
            errors.push(input.span(), "unexpected token; separate entries with `,`");
        }
        // On to the next entry, whatever stands between.
        while !input.is_empty() && input.parse::<Token![,]>().is_err() {
            if input.parse::<TokenTree>().is_err() {
                break;
            }
        }
    }
    arguments
}

fn entry(input: ParseStream<'_>) -> syn::Result<Argument> {
    // Any identifier, also a keyword: `crate = ::renamed`.
    let Ok(key) = input.call(Ident::parse_any) else {
        let span = input.span();
        let message = match input.parse::<Option<LitStr>>() {
            Ok(Some(text)) => format!("this is a word; write `{}` without quotes", text.value()),
            _ => "expected a word such as `name`".to_owned(),
        };
        return Err(syn::Error::new(span, message));
    };
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        ArgumentValue::Expr(ungrouped(input.parse()?))
    } else if input.peek(syn::token::Paren) {
        match input.parse()? {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                ArgumentValue::List(group)
            }
            other => {
                return Err(syn::Error::new(
                    other.span(),
                    "expected a list in parentheses",
                ));
            }
        }
    } else {
        ArgumentValue::None
    };
    Ok(Argument { key, value })
}

/// What a `macro_rules!` macro has put in, such as `$text:literal`, comes in a group without delimiters.
fn ungrouped(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => ungrouped(*group.expr),
        expr => expr,
    }
}

impl Argument {
    /// The key as a plain word.
    pub(crate) fn word(&self) -> String {
        self.key.unraw().to_string()
    }

    /// An entry that is one word: its span. What was meant is clear even when more stands there, which is reported.
    pub(crate) fn flag(&self, errors: &mut Errors) -> Span {
        match &self.value {
            ArgumentValue::None => {}
            ArgumentValue::Expr(value) => errors.push_spanned(
                value,
                format!("`{0}` takes no value; write `{0}` alone", self.word()),
            ),
            ArgumentValue::List(list) => errors.push(
                list.span(),
                format!("`{0}` takes no list; write `{0}` alone", self.word()),
            ),
        }
        self.key.span()
    }

    /// Where the value is written, or else the key.
    pub(crate) fn value_span(&self) -> Span {
        match &self.value {
            ArgumentValue::None => self.key.span(),
            ArgumentValue::Expr(value) => value.span(),
            ArgumentValue::List(list) => list.span(),
        }
    }

    /// Is the entry a word alone?
    pub(crate) fn is_alone(&self) -> bool {
        matches!(self.value, ArgumentValue::None)
    }

    /// Is the entry a word with a list?
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.value, ArgumentValue::List(_))
    }

    /// An entry with a word: `access = read`.
    pub(crate) fn ident(&self, example: &str, errors: &mut Errors) -> Option<Ident> {
        match &self.value {
            ArgumentValue::Expr(Expr::Path(path)) if path.path.get_ident().is_some() => {
                path.path.get_ident().cloned()
            }
            _ => self.wrong(errors, "a word", example),
        }
    }

    /// An entry with a number: `status = 201`.
    pub(crate) fn integer(&self, example: &str, errors: &mut Errors) -> Option<LitInt> {
        match &self.value {
            ArgumentValue::Expr(Expr::Lit(ExprLit {
                lit: Lit::Int(number),
                ..
            })) => Some(number.clone()),
            _ => self.wrong(errors, "a number", example),
        }
    }

    /// An entry with text: `name = "..."`.
    pub(crate) fn text(&self, errors: &mut Errors) -> Option<LitStr> {
        match &self.value {
            ArgumentValue::Expr(Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            })) => Some(text.clone()),
            _ => self.wrong(errors, "text", "\"...\""),
        }
    }

    /// An entry with `true` or `false`.
    pub(crate) fn boolean(&self, errors: &mut Errors) -> Option<LitBool> {
        match &self.value {
            ArgumentValue::Expr(Expr::Lit(ExprLit {
                lit: Lit::Bool(flag),
                ..
            })) => Some(flag.clone()),
            _ => self.wrong(errors, "`true` or `false`", "false"),
        }
    }

    /// An entry with a path: `crate = ::renamed`.
    pub(crate) fn path(&self, example: &str, errors: &mut Errors) -> Option<Path> {
        match &self.value {
            ArgumentValue::Expr(Expr::Path(path)) if path.qself.is_none() => {
                Some(path.path.clone())
            }
            _ => self.wrong(errors, "a path", example),
        }
    }

    /// An entry with any value; `example` is what the message shows when there is none.
    pub(crate) fn expr(&self, example: &str, errors: &mut Errors) -> Option<&Expr> {
        match &self.value {
            ArgumentValue::Expr(value) => Some(value),
            _ => self.wrong(errors, "a value", example),
        }
    }

    /// An entry with a list: `allow(read, create)`, where `example` is what the message shows inside the parentheses.
    pub(crate) fn list(&self, example: &str, errors: &mut Errors) -> Option<List> {
        let word = self.word();
        match &self.value {
            ArgumentValue::List(list) if !list.stream().is_empty() => Some(List(list.stream())),
            ArgumentValue::List(list) => {
                errors.push(
                    list.span(),
                    format!("the list is empty; write `{word}({example})`"),
                );
                None
            }
            ArgumentValue::Expr(value) => {
                errors.push_spanned(
                    value,
                    format!("`{word}` takes a list; write `{word}({example})`"),
                );
                None
            }
            ArgumentValue::None => {
                errors.push(
                    self.key.span(),
                    format!("`{word}` takes a list; write `{word}({example})`"),
                );
                None
            }
        }
    }

    fn wrong<T>(&self, errors: &mut Errors, what: &str, example: &str) -> Option<T> {
        let word = self.word();
        let cure = format!("write `{word} = {example}`");
        match &self.value {
            ArgumentValue::None => {
                errors.push(self.key.span(), format!("`{word}` lacks a value; {cure}"));
            }
            ArgumentValue::Expr(value) => {
                errors.push_spanned(value, format!("`{word}` takes {what}; {cure}"));
            }
            ArgumentValue::List(list) => {
                errors.push(list.span(), format!("`{word}` takes {what}; {cure}"));
            }
        }
        None
    }

    /// Reports a key that `place`, an attribute or a list in one, doesn't know.
    pub(crate) fn unknown(&self, place: &str, known: &[&str], errors: &mut Errors) {
        let word = self.word();
        let instead = instead(&word, known);
        errors.push(
            self.key.span(),
            format!("unknown word `{word}` in `{place}`{instead}"),
        );
    }

    /// Fills `slot`, unless an earlier entry has done so.
    pub(crate) fn fill<T>(&self, slot: &mut Option<T>, value: Option<T>, errors: &mut Errors) {
        if slot.is_some() {
            errors.push(
                self.key.span(),
                format!("`{0}` is given twice; keep one `{0}`", self.word()),
            );
        } else {
            *slot = value;
        }
    }
}

/// The inside of an entry's parentheses; never empty.
pub(crate) struct List(TokenStream);

impl List {
    /// The list as entries.
    pub(crate) fn arguments(self, errors: &mut Errors) -> Vec<Argument> {
        let parsed = (|input: ParseStream<'_>| Ok(entries(input, errors))).parse2(self.0);
        errors.keep(parsed).unwrap_or_default()
    }

    /// The list as values.
    pub(crate) fn values(self, errors: &mut Errors) -> Vec<Expr> {
        let parsed = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(self.0);
        errors
            .keep(parsed)
            .into_iter()
            .flatten()
            .map(ungrouped)
            .collect()
    }
}
