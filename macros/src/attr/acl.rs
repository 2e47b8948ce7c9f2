//! `#[acl(...)]` on a struct.

use proc_macro2::Span;
use syn::{Attribute, Expr, ExprCall, ExprLit, ExprPath, Ident, Lit};

use super::argument::{Argument, arguments};
use crate::error::{Errors, instead, nearest};

/// One `#[acl(...)]`.
pub(crate) struct AclAttr {
    pub(crate) permission: Permission,
    /// The words in `allow(...)` or `deny(...)`: kinds of access, methods, `all`.
    pub(crate) words: Vec<Ident>,
    pub(crate) principal: Principal,
    /// Where the principal is written.
    pub(crate) to: Span,
}

/// Allowed or denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    Allow,
    Deny,
}

/// Whom a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    Everyone,
    Authenticated,
    Unauthenticated,
    Owner,
    Related,
    Role(String),
    User(String),
    App(String),
}

const WORDS: [&str; 4] = ["allow", "deny", "to", "open"];
const PRINCIPALS: [&str; 5] = [
    "everyone",
    "authenticated",
    "unauthenticated",
    "owner",
    "related",
];
/// Those that are followed by a name or an id.
const NAMED: [&str; 3] = ["role", "user", "app"];
/// What may follow `to =`.
const EVERY_PRINCIPAL: &str = "`everyone`, `authenticated`, `unauthenticated`, `owner`, `related`, `role(\"...\")`, \
     `user(\"...\")` or `app(\"...\")`";
const EXAMPLE: &str = "read, create";

/// `#[acl(open)]`, `#[acl(allow(read, create), to = everyone)]`, `#[acl(deny(delete_by_id), to = role("guest"))]`
pub(super) fn acl(attribute: &Attribute, acls: &mut Vec<AclAttr>, errors: &mut Errors) {
    let arguments = arguments(attribute, errors);
    let mut open = None;
    let mut rule: Option<(Permission, Vec<Ident>)> = None;
    let mut to = None;
    let mut span = Span::call_site();
    let mut unknown = false;
    for argument in &arguments {
        match argument.word().as_str() {
            "open" => argument.fill(&mut open, Some(argument.flag(errors)), errors),
            "allow" | "deny" if rule.is_some() => errors.push(
                argument.key.span(),
                "an `#[acl(...)]` is one rule; write another `#[acl(...)]` for this one",
            ),
            "allow" => rule = Some((Permission::Allow, words(argument, EXAMPLE, errors))),
            "deny" => rule = Some((Permission::Deny, words(argument, EXAMPLE, errors))),
            "to" => {
                span = argument.value_span();
                argument.fill(&mut to, Some(principal(argument, errors)), errors);
            }
            _ => {
                unknown = true;
                argument.unknown("#[acl(...)]", &WORDS, errors);
            }
        }
    }
    match (open, rule, to) {
        (Some(_), None, None) => acls.push(AclAttr {
            permission: Permission::Allow,
            words: vec![Ident::new("all", attribute.path().get_ident().map_or_else(proc_macro2::Span::call_site, Ident::span))],
            principal: Principal::Everyone,
            to: span,
        }),
        (Some(span), _, _) => {
            errors.push(span, "`open` allows everything to everyone; write it alone: `#[acl(open)]`");
        }
        (None, Some((permission, words)), to) => {
            // An unknown word was probably the missing one.
            if to.is_none() && !unknown {
                errors.push_spanned(attribute.path(), format!("to whom? add `to = everyone`, or another of {EVERY_PRINCIPAL}"));
            }
            acls.push(AclAttr {
                permission,
                words,
                // The methods are judged all the same; a program with a mistake never runs.
                principal: to.flatten().unwrap_or(Principal::Everyone),
                to: span,
            });
        }
        _ if unknown => {}
        (None, None, Some(_)) => {
            errors.push_spanned(attribute.path(), format!("what is allowed? add `allow({EXAMPLE})` or `deny({EXAMPLE})`"));
        }
        (None, None, None) if arguments.is_empty() => errors.push_spanned(
            attribute.path(),
            format!("the rule is empty; write `#[acl(open)]`, `#[acl(allow({EXAMPLE}), to = everyone)]` or the like"),
        ),
        (None, None, None) => {}
    }
}

/// The words in `allow(read, create)`; `example` is what a list may hold.
pub(crate) fn words(argument: &Argument, example: &str, errors: &mut Errors) -> Vec<Ident> {
    let Some(list) = argument.list(example, errors) else {
        return Vec::new();
    };
    let mut words = Vec::new();
    for argument in list.arguments(errors) {
        argument.flag(errors);
        words.push(argument.key);
    }
    words
}

/// `everyone`, `role("admin")`, `user(1)`: whom a rule is about.
pub(super) fn principal(argument: &Argument, errors: &mut Errors) -> Option<Principal> {
    let expr = argument.expr("everyone", errors)?;
    match expr {
        Expr::Path(ExprPath {
            qself: None, path, ..
        }) => {
            let Some(ident) = path.get_ident() else {
                errors.push_spanned(
                    expr,
                    format!("unknown principal{}", instead("", &PRINCIPALS)),
                );
                return None;
            };
            let word = ident.to_string();
            match word.as_str() {
                "everyone" => return Some(Principal::Everyone),
                "authenticated" => return Some(Principal::Authenticated),
                "unauthenticated" => return Some(Principal::Unauthenticated),
                "owner" => return Some(Principal::Owner),
                "related" => return Some(Principal::Related),
                named if NAMED.contains(&named) => {
                    errors.push(ident.span(), format!("which {named}? write `{named}(\"...\")`"));
                }
                _ => match nearest(&word, &PRINCIPALS) {
                    Some(known) => errors.push(
                        ident.span(),
                        format!("unknown principal `{word}`; did you mean `{known}`?"),
                    ),
                    None => errors.push(
                        ident.span(),
                        format!("unknown principal `{word}`; for a role of your own write `role(\"{word}\")`"),
                    ),
                },
            }
            None
        }
        Expr::Call(ExprCall { func, args, .. }) => {
            let word = match &**func {
                Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
                _ => None,
            };
            let named = word.filter(|word| NAMED.contains(&word.as_str()));
            let Some(word) = named else {
                errors.push_spanned(
                    func,
                    "unknown principal; did you mean `role(\"...\")`, `user(\"...\")` or `app(\"...\")`?",
                );
                return None;
            };
            let name = match args.first() {
                Some(Expr::Lit(ExprLit { lit, .. })) if args.len() == 1 => match lit {
                    Lit::Str(name) => name.value(),
                    // Ids are often numbers.
                    Lit::Int(id) if word != "role" => id.base10_digits().to_owned(),
                    _ => String::new(),
                },
                _ => String::new(),
            };
            match (word.as_str(), name.is_empty()) {
                ("role", false) => Some(Principal::Role(name)),
                ("user", false) => Some(Principal::User(name)),
                (_, false) => Some(Principal::App(name)),
                ("role", true) => {
                    errors.push_spanned(expr, "a role has a name; write `role(\"...\")`");
                    None
                }
                (word, true) => {
                    let article = if word == "user" { "a" } else { "an" };
                    errors.push_spanned(
                        expr,
                        format!("{article} {word} has an id; write `{word}(\"...\")`"),
                    );
                    None
                }
            }
        }
        Expr::Lit(ExprLit {
            lit: Lit::Str(name),
            ..
        }) => {
            let name = name.value();
            let cure = if PRINCIPALS.contains(&name.as_str()) {
                format!("write `{name}` without quotes")
            } else {
                format!("for a role of your own write `role(\"{name}\")`")
            };
            errors.push_spanned(expr, format!("a principal is a word; {cure}"));
            None
        }
        _ => {
            errors.push_spanned(expr, format!("expected {EVERY_PRINCIPAL}"));
            None
        }
    }
}
