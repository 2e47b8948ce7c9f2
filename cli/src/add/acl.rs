//! `loopwright add acl`.

use std::fmt;

use clap::Args;
use proc_macro2::Literal;
use syn::Ident;

use super::{Done, choose_model};
use crate::ask::{Argument, Ask};
use crate::change::ChangeSet;
use crate::error::{Error, Result, instead};
use crate::name::snake;
use crate::project::{Edits, Project};

pub(super) const EXAMPLES: &str = "\
Examples:
  loopwright add acl CoffeeShop --allow read,create --to everyone
  loopwright add acl CoffeeShop --allow all --to role:admin
  loopwright add acl --all-models --deny write --to unauthenticated

What is allowed or denied are kinds of access (read, write, execute, all) or methods, such as `findById` or \
`__get__reviews`; the compiler checks that the model has them. `cargo run -- acl` prints who may call what.";

/// The words that stand for callers.
const PRINCIPALS: [&str; 5] = [
    "everyone",
    "authenticated",
    "unauthenticated",
    "owner",
    "related",
];
/// Those that are followed by a name or an id.
const NAMED: [&str; 3] = ["role", "user", "app"];

#[derive(Args)]
pub(crate) struct AddAcl {
    /// The model that the rule is about
    #[arg(conflicts_with = "all_models")]
    model: Option<String>,
    /// The rule is about every model of the project
    #[arg(long)]
    all_models: bool,
    /// What is allowed, with commas between
    #[arg(
        long,
        value_name = "WORDS",
        conflicts_with = "deny",
        value_delimiter = ','
    )]
    allow: Vec<String>,
    /// What is denied, with commas between
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    deny: Vec<String>,
    /// To whom: everyone, authenticated, unauthenticated, owner, related, role:<name>, user:<id> or app:<id>
    #[arg(long, value_name = "CALLER")]
    to: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Permission {
    Allow,
    Deny,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Permission::Allow => "allow",
            Permission::Deny => "deny",
        })
    }
}

/// A word of a rule, as Rust writes it: `findById` is `find_by_id`, `__get__coffeeShops` is `__get__coffee_shops`.
fn word(text: &str) -> Result<String> {
    let text = text.trim();
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let snake: Vec<_> = text.split("__").map(snake).collect();
    let snake = match snake.join("__") {
        // LoopBack's words.
        any if text == "*" || any == "all" => "all".to_owned(),
        word => word,
    };
    match syn::parse_str::<Ident>(&snake) {
        Ok(_) if text == "*" || text.chars().all(fits) => Ok(snake),
        _ => Err(Error::usage(format!(
            "`{}` is neither a kind of access nor a method; write read, write, execute, all, or a method such as `findById`",
            text.escape_debug()
        ))),
    }
}

/// Whom a rule is about, as Rust writes it: `role:admin` is `role("admin")`, LoopBack's `$owner` is `owner`.
fn principal(text: &str) -> Result<String> {
    let text = text.trim();
    let plain = text.strip_prefix('$').unwrap_or(text);
    if PRINCIPALS.contains(&plain) {
        return Ok(plain.to_owned());
    }
    match text.split_once(':') {
        Some((kind, name)) if NAMED.contains(&kind) && !name.is_empty() => {
            Ok(format!("{kind}({})", Literal::string(name)))
        }
        Some((kind, _)) if NAMED.contains(&kind) => {
            Err(Error::usage(format!("which {kind}? write `{kind}:<name>`")))
        }
        _ => Err(Error::usage(format!(
            "there is no caller `{}`{}; for a role of your own write `role:<name>`",
            text.escape_debug(),
            instead(plain, &PRINCIPALS)
        ))),
    }
}

impl AddAcl {
    pub(super) fn run(self, project: &Project, ask: Ask) -> Result<Done> {
        let models = match self.all_models {
            true => project.model_names(),
            false => vec![choose_model(
                project,
                self.model.as_deref(),
                "The model:",
                ask,
            )?],
        };
        if models.is_empty() {
            return Err(Error::undone(
                "the project has no models; `loopwright add model` makes one",
            ));
        }
        let (permission, words) = match (self.allow.as_slice(), self.deny.as_slice()) {
            ([], []) => {
                let permissions = vec![Permission::Allow, Permission::Deny];
                let missing =
                    Argument::Required("what is allowed (`--allow`) or denied (`--deny`)");
                let permission =
                    ask.choice(None, "Is it allowed or denied?", missing, permissions)?;
                let question = "What? (read, write, execute, all, or methods, with commas between)";
                let words = ask.text(None, question, "what is allowed", Some("all"), |text| {
                    text.split(',').map(word).collect::<Result<Vec<_>>>()
                })?;
                (permission, words)
            }
            (allowed, []) => (
                Permission::Allow,
                allowed
                    .iter()
                    .map(|text| word(text))
                    .collect::<Result<_>>()?,
            ),
            (_, denied) => (
                Permission::Deny,
                denied
                    .iter()
                    .map(|text| word(text))
                    .collect::<Result<_>>()?,
            ),
        };
        // LoopBack's generator takes `$everyone` without being told; here what opens a model is always said.
        let question =
            "To whom? (everyone, authenticated, unauthenticated, owner, related, role:<name>)";
        let to = ask.text(
            self.to.as_deref(),
            question,
            "to whom (`--to`)",
            None,
            principal,
        )?;
        let attribute = format!("#[acl({permission}({}), to = {to})]", words.join(", "));
        let mut edits = Edits::default();
        for name in models {
            let model = project.model(&name)?;
            if model.has_attribute(&attribute) {
                return Err(Error::undone(format!(
                    "the rule `{attribute}` already exists on `{name}` in {}",
                    model.source.path.display()
                )));
            }
            edits.add(model.source, [model.insert_attribute(&attribute)]);
        }
        let mut changes = ChangeSet::default();
        edits.into_changes(&mut changes);
        let hints = vec!["`cargo run -- acl` prints who may call what".to_owned()];
        Ok(Done { changes, hints })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_callers() {
        for (text, made) in [
            ("read", "read"),
            ("*", "all"),
            ("findById", "find_by_id"),
            ("__get__coffeeShops", "__get__coffee_shops"),
        ] {
            assert_eq!(word(text).unwrap(), made);
        }
        for text in ["", "read)]", "a b", "größe", "self"] {
            assert!(word(text).is_err(), "{text}");
        }
        for (text, made) in [
            ("$everyone", "everyone"),
            ("owner", "owner"),
            ("role:ad\"min", "role(\"ad\\\"min\")"),
            ("user:7", "user(\"7\")"),
        ] {
            assert_eq!(principal(text).unwrap(), made);
        }
        for text in ["", "everbody", "role:", "admin", "role(admin)"] {
            assert!(principal(text).is_err(), "{text}");
        }
    }
}
