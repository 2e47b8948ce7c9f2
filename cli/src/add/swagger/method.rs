//! The methods that operations become.

use proc_macro2::Literal;

use super::Names;
use super::part::{identifier, json_name};
use crate::project::docs;
use crate::swagger::{Argument, Operation, Type};

/// A method that is to be.
pub(super) struct Method<'a> {
    operation: &'a Operation,
    /// The model that has it.
    model: &'a str,
    names: &'a Names,
    /// In Rust.
    function: String,
    path: String,
    /// In Rust, with what they stand for.
    arguments: Vec<(String, &'a Argument)>,
}

/// What a part of a path is called that the document calls `id`: that name is the one of an instance of the model.
const ID: &str = "pathId";

fn called(argument: &Argument) -> &str {
    match (argument.source, argument.member.name.as_str()) {
        ("path", "id") => ID,
        (_, name) => name,
    }
}

/// Is what is absent false, or empty?
fn has_default(argument: &Argument) -> bool {
    argument.source != "body"
        && argument.member.default.is_none()
        && matches!(argument.member.ty, Type::Plain("bool") | Type::List(_))
}

/// As long as a line may be, and what stands in parentheses within it.
const LINE: usize = 100;
const WITHIN: usize = 60;

/// Words in parentheses, as rustfmt breaks them.
fn spread(head: &str, words: &[&str], tail: &str) -> Vec<String> {
    let line = words.join(", ");
    match line.chars().count() <= WITHIN {
        true => vec![format!("    {head}{line}{tail}")],
        false => {
            let mut lines = vec![format!("    {head}")];
            lines.extend(words.iter().map(|word| format!("        {word},")));
            lines.push(format!("    {tail}"));
            lines
        }
    }
}

impl<'a> Method<'a> {
    /// The methods of all operations, each with a name of its own.
    pub(super) fn all(
        operations: &'a [Operation],
        model: &'a str,
        prefix: &str,
        names: &'a Names,
        unsaid: &mut Vec<String>,
    ) -> Vec<Self> {
        let mut methods: Vec<Self> = Vec::new();
        for operation in operations {
            let wanted = identifier(&operation.name);
            let is_taken = |name: &String| methods.iter().any(|method| method.function == *name);
            let mut function = wanted.clone();
            for number in 2.. {
                if !is_taken(&function) {
                    break;
                }
                function = format!("{}_{number}", wanted.trim_start_matches("r#"));
            }
            if function != wanted {
                unsaid.push(format!(
                    "several operations are called `{}`; one is `{function}`",
                    operation.name
                ));
            }
            let mut arguments: Vec<(String, &Argument)> = Vec::new();
            for argument in &operation.arguments {
                let name = &argument.member.name;
                let identifier = identifier(called(argument));
                if argument.member.required && has_default(argument) {
                    unsaid.push(format!(
                        "{} {} requires `{name}`, which is empty, or false, where a caller leaves it out",
                        operation.verb.to_uppercase(),
                        operation.path
                    ));
                }
                let taken = arguments
                    .iter()
                    .any(|(known, other)| *known == identifier || other.member.name == *name);
                match taken {
                    true => unsaid.push(format!(
                        "{} {} has several arguments called `{name}`; one is left out",
                        operation.verb.to_uppercase(),
                        operation.path
                    )),
                    false => arguments.push((identifier, argument)),
                }
            }
            let path = operation.path.replace("{id}", &format!("{{{ID}}}"));
            let path = match (prefix, path.as_str()) {
                ("", path) => path.to_owned(),
                (prefix, "/") => prefix.to_owned(),
                (prefix, path) => format!("{prefix}{path}"),
            };
            methods.push(Method {
                operation,
                model,
                names,
                function,
                path,
                arguments,
            });
        }
        methods
    }

    /// In Rust, without `r#`.
    pub(super) fn name(&self) -> &str {
        self.function.trim_start_matches("r#")
    }

    /// The structs that it names.
    pub(super) fn needs(&self) -> Vec<String> {
        let arguments = self
            .arguments
            .iter()
            .map(|(_, argument)| &argument.member.ty);
        let types = arguments.chain(&self.operation.answer);
        let definitions = types.filter_map(Type::definition);
        definitions.map(|name| self.names.of(name)).collect()
    }

    /// The function, within its impl block.
    pub(super) fn text(&self) -> String {
        let operation = self.operation;
        let mut lines = docs(Some(&operation.docs));
        let verb = operation.verb;
        let mut words = vec![format!("{verb} = {}", Literal::string(&self.path))];
        if let Some(status) = operation.status {
            words.push(format!("status = {status}"));
        }
        lines.push(format!("#[remote({})]", words.join(", ")));
        let parameters: Vec<_> = self
            .arguments
            .iter()
            .map(|(name, argument)| self.parameter(name, argument))
            .collect();
        let answer = match &operation.answer {
            Some(ty) => ty.rust(&|name| self.names.of(name)),
            None => "()".to_owned(),
        };
        let head = format!(
            "async fn {}({}) -> Result<{answer}> {{",
            self.function,
            parameters.join(", ")
        );
        match head.chars().count() + 4 <= LINE {
            true => lines.push(head),
            // As rustfmt breaks what is longer than a line.
            false => {
                lines.push(format!("async fn {}(", self.function));
                lines.extend(
                    parameters
                        .iter()
                        .map(|parameter| format!("    {parameter},")),
                );
                lines.push(format!(") -> Result<{answer}> {{"));
            }
        }
        let names: Vec<_> = self
            .arguments
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        match names.as_slice() {
            [] => {}
            [one] => lines.push(format!("    let _ = {one};")),
            all => lines.extend(spread("let _ = (", all, ");")),
        }
        let message = format!(
            "`{}::{}` is not written yet; write what it answers",
            self.model, self.function
        );
        let message = Literal::string(&message).to_string();
        lines.extend(spread("Err(Error::new(", &["501", &message], "))"));
        lines.push("}".to_owned());
        let lines: Vec<_> = lines.iter().map(|line| format!("    {line}")).collect();
        lines.join("\n")
    }

    fn parameter(&self, name: &str, argument: &Argument) -> String {
        let member = &argument.member;
        let mut words = vec![argument.source.to_owned()];
        let called = called(argument);
        if json_name(name) != called {
            words.push(format!("name = {}", Literal::string(called)));
        }
        words.extend(
            member
                .default
                .as_ref()
                .map(|default| format!("default = {default}")),
        );
        let ty = member.ty.rust(&|name| self.names.of(name));
        let ty = match member.required || member.default.is_some() || has_default(argument) {
            true => ty,
            false => format!("Option<{ty}>"),
        };
        format!("#[arg({})] {name}: {ty}", words.join(", "))
    }
}
