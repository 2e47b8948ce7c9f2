//! `loopwright add method`.

use clap::{Args, ValueEnum};
use heck::ToLowerCamelCase as _;
use proc_macro2::Literal;
use syn::{ImplItem, ItemImpl};

use super::path::path;
use super::property::{PropertySpec, add_dependencies};
use super::{Done, choose_model};
use crate::ask::{Argument, Ask};
use crate::change::{ChangeSet, Insertion};
use crate::error::{Error, Result};
use crate::name;
use crate::project::{Edits, Model, Project, Scope, docs};
use crate::property_type::Kind;

pub(super) const EXAMPLES: &str = "\
Examples:
  loopwright add method CoffeeShop status --verb get --path /status --arg hour:u8!
  loopwright add method CoffeeShop close --instance --arg reason:string

The method compiles and answers what it was called with, until you write what it is to do. Nobody may call it before a rule \
says so: `loopwright add acl CoffeeShop --allow status --to everyone`.";

#[derive(Args)]
pub(crate) struct AddMethod {
    /// The model that has it
    model: Option<String>,
    /// What it is called; LoopBack's `prototype.close` is one of an instance
    name: Option<String>,
    /// It is about one instance, below `/{id}`
    #[arg(long)]
    instance: bool,
    /// How it is called
    #[arg(long, value_enum)]
    verb: Option<Verb>,
    /// Where it is served, below the collection or the instance; its name unless given
    #[arg(long)]
    path: Option<String>,
    /// An argument, as `name:type`, or `name:type!` if it is required; repeatable
    #[arg(long, value_name = "ARGUMENT")]
    arg: Vec<String>,
    /// What it answers
    #[arg(long, value_enum, default_value_t = Answer::String)]
    returns: Answer,
    /// The member of the answer that holds the result; the result is the answer unless given
    #[arg(long, value_name = "NAME")]
    returns_as: Option<String>,
    /// What the documentation says of it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Verb {
    Post,
    Get,
    Put,
    Patch,
    Delete,
    Head,
}

impl std::fmt::Display for Verb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Verb::Post => "post",
            Verb::Get => "get",
            Verb::Put => "put",
            Verb::Patch => "patch",
            Verb::Delete => "delete",
            Verb::Head => "head",
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Answer {
    String,
    Integer,
    Number,
    Boolean,
    None,
}

impl Answer {
    fn rust(self) -> &'static str {
        match self {
            Answer::String => "String",
            Answer::Integer => "i64",
            Answer::Number => "f64",
            Answer::Boolean => "bool",
            Answer::None => "()",
        }
    }
}

/// A method that is to be.
struct Stub {
    name: String,
    instance: bool,
    verb: Verb,
    path: Option<String>,
    arguments: Vec<PropertySpec>,
    answer: Answer,
    returns_as: Option<String>,
    docs: String,
}

impl Stub {
    /// Its lines, without indentation, as a module with this scope names types.
    fn lines(&self, scope: &Scope<'_>) -> Vec<String> {
        let mut lines = docs(Some(&self.docs));
        let mut words = Vec::new();
        match (self.verb, &self.path) {
            (Verb::Post, None) => {}
            (verb, None) => words.push(verb.to_string()),
            (verb, Some(path)) => words.push(format!("{verb} = {}", Literal::string(path))),
        }
        words.extend(
            self.returns_as
                .as_ref()
                .map(|name| format!("returns = {}", Literal::string(name))),
        );
        lines.push(match words.is_empty() {
            true => "#[remote]".to_owned(),
            false => format!("#[remote({})]", words.join(", ")),
        });
        let mut parameters: Vec<_> = self
            .instance
            .then(|| "&self".to_owned())
            .into_iter()
            .collect();
        parameters.extend(self.arguments.iter().map(|argument| {
            let mut spec = argument.field(|ty| scope.qualified(ty));
            // What is absent is false, or empty.
            if argument.ty.kind == Kind::Boolean || argument.ty.rust.starts_with("Vec<") {
                spec.ty = scope.qualified(&argument.ty.rust);
            }
            format!("{}: {}", spec.name, spec.ty)
        }));
        let result = format!("{}<{}>", scope.prelude("Result"), self.answer.rust());
        let head = format!(
            "async fn {}({}) -> {result} {{",
            self.name,
            parameters.join(", ")
        );
        // As rustfmt breaks what is longer than a line.
        match head.chars().count() + 4 <= 100 {
            true => lines.push(head),
            false => {
                lines.push(format!("async fn {}(", self.name));
                lines.extend(
                    parameters
                        .iter()
                        .map(|parameter| format!("    {parameter},")),
                );
                lines.push(format!(") -> {result} {{"));
            }
        }
        lines.extend(self.body());
        lines.push("}".to_owned());
        lines
    }

    fn body(&self) -> Vec<String> {
        let names: Vec<_> = self
            .arguments
            .iter()
            .map(|argument| argument.name.as_str())
            .collect();
        let name = self.name.trim_start_matches("r#").to_lower_camel_case();
        let answer = match self.answer {
            Answer::String if names.is_empty() => {
                return vec![format!("    Ok(\"{name} was called\".into())")];
            }
            Answer::String => {
                // A keyword can't be named within the text.
                let raw: Vec<_> = names
                    .iter()
                    .copied()
                    .filter(|name| name.starts_with("r#"))
                    .collect();
                let said = names.iter().map(|name| match name.strip_prefix("r#") {
                    Some(plain) => format!("{plain} = {{:?}}"),
                    None => format!("{name} = {{{name}:?}}"),
                });
                let said: Vec<_> = said.collect();
                let mut lines = vec![format!("\"{name} was called with {}\"", said.join(", "))];
                if !raw.is_empty() {
                    if let Some(text) = lines.first_mut() {
                        text.push(',');
                    }
                    lines.push(raw.join(", "));
                }
                let inner = format!("format!({})", lines.join(" "));
                // As rustfmt breaks what is longer than it likes an argument to be.
                return match inner.chars().count() <= 60 {
                    true => vec![format!("    Ok({inner})")],
                    false => {
                        let mut body = vec!["    Ok(format!(".to_owned()];
                        body.extend(lines.iter().map(|line| format!("        {line}")));
                        body.push("    ))".to_owned());
                        body
                    }
                };
            }
            Answer::Integer => "0",
            Answer::Number => "0.0",
            Answer::Boolean => "true",
            Answer::None => "()",
        };
        let mut lines = Vec::new();
        if !names.is_empty() {
            // A tuple of one has a comma.
            let all = match names.as_slice() {
                [one] => (*one).to_owned(),
                all => format!("({})", all.join(", ")),
            };
            lines.push(format!("    let _ = {all};"));
        }
        lines.push(format!("    Ok({answer})"));
        lines
    }
}

impl AddMethod {
    pub(super) fn run(self, project: &Project, ask: Ask) -> Result<Done> {
        let asked = self.model.is_none() || self.name.is_none();
        let model = choose_model(project, self.model.as_deref(), "The model:", ask)?;
        let model = project.model(&model)?;
        let impls = model.impls(project);
        let (name, prototype) = ask.text(
            self.name.as_deref(),
            "The method's name:",
            "the method's name",
            None,
            |name| {
                let plain = name.strip_prefix("prototype.");
                let made = name::field("a method", plain.unwrap_or(name))?;
                free(&model, &impls, &made)?;
                Ok((made, plain.is_some()))
            },
        )?;
        let mut verb = self.verb;
        let mut arguments = self
            .arg
            .iter()
            .map(|text| argument(text))
            .collect::<Result<Vec<_>>>()?;
        let mut instance = self.instance || prototype;
        if asked {
            instance = ask.confirm(instance, "Is it about one instance?")?;
            verb = Some(ask.choice(
                verb,
                "How is it called?",
                Argument::Optional,
                Verb::value_variants().to_vec(),
            )?);
            while let Some(text) =
                ask.optional(None, "An argument, as name:type (empty when done):")?
            {
                match argument(&text) {
                    Ok(argument) => arguments.push(argument),
                    Err(error) => crate::say(&error.to_string()),
                }
            }
        }
        for (at, argument) in arguments.iter().enumerate() {
            if arguments
                .iter()
                .take(at)
                .any(|known| known.name == argument.name)
            {
                return Err(Error::usage(format!(
                    "the argument `{}` already exists; give each one name",
                    argument.name
                )));
            }
        }
        let stub = Stub {
            docs: self.description.unwrap_or_else(|| {
                "Answers what it was called with, until it does something.".to_owned()
            }),
            path: self
                .path
                .as_deref()
                .map(|text| path(text, "/status"))
                .transpose()?,
            verb: verb.unwrap_or(Verb::Post),
            returns_as: self.returns_as,
            answer: self.returns,
            name,
            instance,
            arguments,
        };
        let mut edits = Edits::default();
        match impls.iter().find(|(_, block)| has_methods(block)) {
            Some((scope, block)) => edits.add(scope.source, [into_block(scope, block, &stub)]),
            None => edits.add(model.source, [new_block(&model, &stub)]),
        }
        let mut changes = ChangeSet::default();
        edits.into_changes(&mut changes);
        add_dependencies(project, &stub.arguments, &mut changes);
        let word = stub.name.trim_start_matches("r#").to_lower_camel_case();
        let hints = vec![format!(
            "nobody may call it unless a rule says so: `loopwright add acl {} --allow {word} --to <caller>`",
            model.name()
        )];
        Ok(Done { changes, hints })
    }
}

/// Refuses a name that another function of the model has.
fn free(model: &Model<'_>, impls: &[(Scope<'_>, &ItemImpl)], name: &str) -> Result<()> {
    for (scope, block) in impls {
        let taken = block
            .items
            .iter()
            .any(|item| matches!(item, ImplItem::Fn(function) if function.sig.ident == name));
        if taken {
            return Err(Error::undone(format!(
                "the method `{name}` already exists in `{}` ({}); choose another name",
                model.name(),
                scope.source.path.display()
            )));
        }
    }
    Ok(())
}

fn argument(text: &str) -> Result<PropertySpec> {
    let spec = PropertySpec::read(text)?;
    match spec.default {
        Some(_) => Err(Error::usage(format!(
            "`{}` has a default; arguments get theirs by `#[arg(default = ...)]`, written by hand",
            text.escape_debug()
        ))),
        None => Ok(spec),
    }
}

/// Does the block have `#[loopwright::methods]`?
fn has_methods(block: &ItemImpl) -> bool {
    block.attrs.iter().any(|attribute| {
        attribute
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "methods")
    })
}

/// The stub at the end of the block.
fn into_block(scope: &Scope<'_>, block: &ItemImpl, stub: &Stub) -> Insertion {
    let source = scope.source;
    let own = source.indentation(source.range(block).start).to_owned();
    let open = source.span(block.brace_token.span.open());
    let close = source.span(block.brace_token.span.close());
    let last = block.items.last().map(|last| source.range(last));
    let indentation = match &last {
        Some(last) => source.indentation(last.start).to_owned(),
        None => format!("{own}    "),
    };
    let end = last.as_ref().map_or(open.end, |last| last.end);
    let at = source.after_comment(end).min(close.start);
    let mut text = String::new();
    if last.is_some() {
        text.push('\n');
    }
    for line in stub.lines(scope) {
        text.push('\n');
        text.push_str(&indentation);
        text.push_str(&line);
    }
    if !source
        .text
        .get(at..)
        .unwrap_or_default()
        .starts_with(['\n', '\r'])
    {
        text.push('\n');
        text.push_str(&own);
    }
    Insertion::new(at, text)
}

/// A block of its own behind the struct.
fn new_block(model: &Model<'_>, stub: &Stub) -> Insertion {
    let source = model.source;
    let range = source.range(model.item);
    let own = source.indentation(range.start);
    let mut text = format!(
        "\n\n{own}#[loopwright::methods]\n{own}impl {} {{",
        model.item.ident
    );
    for line in stub.lines(&model.scope) {
        text.push_str(&format!("\n{own}    {line}"));
    }
    text.push_str(&format!("\n{own}}}"));
    Insertion::new(source.after_comment(range.end), text)
}
