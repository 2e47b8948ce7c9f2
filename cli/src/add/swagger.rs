//! `loopwright add swagger`.

mod method;
mod part;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use heck::ToUpperCamelCase as _;
use proc_macro2::Literal;

use self::method::Method;
use super::Done;
use super::model::{Access, attach, render};
use crate::ask::{Argument, Ask};
use crate::change::ChangeSet;
use crate::config;
use crate::error::{Error, Result};
use crate::name;
use crate::project::{CONFIG, Edits, Field, NewModel, Project};
use crate::swagger::{self, Definition, Document};

pub(super) const EXAMPLES: &str = "\
Examples:
  loopwright add swagger petstore.yaml
  loopwright add swagger https://api.example/v2/swagger.json --access open --name Store

Swagger 2.0 and OpenAPI 3, in JSON or YAML. Each object that has a name becomes a model, or a value where another one has it as \
a part. The operations become methods of one more model, which is served below the document's base path and has nothing else; \
they answer 501 until you write what they are to do. What the document says and no model does is named.";

/// Where what only has methods is kept: nowhere.
const TRANSIENT: &str = "transient";

/// The methods that every model has, but for those that an API replaces.
const EVERY: [&str; 14] = [
    "create",
    "upsert",
    "replace_or_create",
    "upsert_with_where",
    "find",
    "find_one",
    "find_by_id",
    "exists",
    "count",
    "update_all",
    "update_attributes",
    "replace_by_id",
    "delete_by_id",
    "create_change_stream",
];

#[derive(Args)]
pub(crate) struct AddSwagger {
    /// The document: a file, or a URL
    document: Option<String>,
    /// What the model with the methods is called; `Swagger` and the base path unless given
    #[arg(long)]
    name: Option<String>,
    /// The path that it is served at; the first step of the base path unless given
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Who may use the models and methods, until `loopwright add acl` says more
    #[arg(long, value_enum)]
    access: Option<Access>,
    /// The data source that the models are attached to; `db` unless given
    #[arg(long, value_name = "NAME")]
    data_source: Option<String>,
}

/// What the definitions of a document are called in Rust.
pub(super) struct Names {
    /// By their names in the document.
    structs: BTreeMap<String, String>,
    /// Those that were in the project before.
    existing: BTreeSet<String>,
}

impl Names {
    fn new(project: &Project, document: &Document, taken: &str) -> Self {
        let existing = project.model_names();
        let mut names = Names {
            structs: BTreeMap::new(),
            existing: BTreeSet::new(),
        };
        for definition in &document.definitions {
            let camel = type_name(&definition.name);
            if existing.contains(&camel) {
                names.existing.insert(definition.name.clone());
            }
            let is_taken = |name: &String| {
                names
                    .structs
                    .values()
                    .any(|known| known.eq_ignore_ascii_case(name))
                    || name == taken
            };
            let mut name = camel.clone();
            for number in 2.. {
                if !is_taken(&name) {
                    break;
                }
                name = format!("{camel}{number}");
            }
            names.structs.insert(definition.name.clone(), name);
        }
        names
    }

    fn of(&self, definition: &str) -> String {
        match self.structs.get(definition) {
            Some(name) => name.clone(),
            None => type_name(definition),
        }
    }
}

/// The name of a struct for what a document calls `name`.
fn type_name(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let camel = plain.to_upper_camel_case();
    match name::model(&camel) {
        Ok(name) => name,
        // A keyword, a number, or a type that code names.
        Err(_) => format!("Model{camel}"),
    }
}

impl AddSwagger {
    pub(super) fn run(self, project: &Project, ask: Ask) -> Result<Done> {
        let asked = self.document.is_none();
        let mut document = ask.text(
            self.document.as_deref(),
            "The document, a file or a URL:",
            "the document",
            None,
            |text| swagger::read(&swagger::load(text)?),
        )?;
        let usual = format!("Swagger{}", document.base_path.to_upper_camel_case());
        let api = match (&self.name, asked) {
            (None, false) => free(project, &type_name(&usual))?,
            (given, _) => ask.text(
                given.as_deref(),
                "What is the model with the methods called?",
                "the model's name",
                Some(&usual),
                |text| free(project, &name::model(text)?),
            )?,
        };
        let mut access = self.access;
        if asked {
            let options = Access::all();
            access = Some(ask.choice(access, "Who may use them?", Argument::Optional, options)?);
        }
        let access = access.unwrap_or(Access::Authenticated);
        let names = Names::new(project, &document, &api);
        let mut unsaid = std::mem::take(&mut document.unsaid);
        let mut models = Vec::new();
        let mut listed = Vec::new();
        for definition in &document.definitions {
            let name = names.of(&definition.name);
            if names.existing.contains(&definition.name) {
                unsaid.push(format!("`{name}` exists already, and stays as it is"));
                continue;
            }
            let text = match definition.is_part {
                true => part::value(definition, &names, &mut unsaid),
                false => {
                    listed.push(name.clone());
                    part::model(definition, &names, access, &mut unsaid)
                }
            };
            models.push(text);
        }
        listed.push(api.clone());
        let steps: Vec<_> = document
            .base_path
            .split('/')
            .filter(|step| !step.is_empty())
            .collect();
        let (first, rest) = match (&self.path, steps.as_slice()) {
            (Some(path), steps) => (segment(path)?, steps.get(1..).unwrap_or_default()),
            (None, [first, rest @ ..]) => ((*first).to_owned(), rest),
            (None, []) => {
                unsaid.push(format!(
                    "the document has no base path; its operations are served below `/{TITLE}`"
                ));
                (TITLE.to_owned(), &[][..])
            }
        };
        let prefix: String = rest.iter().map(|step| format!("/{step}")).collect();
        let methods = Method::all(&document.operations, &api, &prefix, &names, &mut unsaid);
        let title = match document.title.as_str() {
            "" => "What the document describes.".to_owned(),
            title => format!("{}.", title.trim_end_matches('.')),
        };
        let text = api_model(&api, &title, &first, access, &methods);
        models.push(NewModel {
            name: api.clone(),
            needs: methods.iter().flat_map(Method::needs).collect(),
            text,
        });
        finish(
            project,
            self.data_source.as_deref(),
            models,
            &listed,
            &api,
            unsaid,
        )
    }
}

/// The path of what has no base path.
const TITLE: &str = "swagger";

fn free(project: &Project, name: &str) -> Result<String> {
    match project
        .model_names()
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
    {
        true => Err(Error::undone(format!(
            "the model `{name}` already exists; give the one with the methods another name with `--name`"
        ))),
        false => Ok(name.to_owned()),
    }
}

fn segment(path: &str) -> Result<String> {
    match path.is_empty()
        || path.contains(['/', '?', '#', '%'])
        || path.chars().any(char::is_whitespace)
    {
        true => Err(Error::usage(format!(
            "`{}` is no path; write one segment of a URL, such as `store`",
            path.escape_debug()
        ))),
        false => Ok(path.to_owned()),
    }
}

/// The model that has the methods, and nothing else.
fn api_model(
    name: &str,
    title: &str,
    path: &str,
    access: Access,
    methods: &[Method<'_>],
) -> String {
    let disabled = EVERY
        .iter()
        .filter(|word| !methods.iter().any(|method| method.name() == **word));
    let disabled: String = disabled.map(|word| format!("    {word},\n")).collect();
    let rule = match access {
        Access::Authenticated => "#[acl(allow(all), to = authenticated)]",
        access => access.attribute(),
    };
    let attributes = [
        format!("#[model(path = {})]", Literal::string(path)),
        format!("#[model(disable(\n{disabled}))]"),
        rule.to_owned(),
    ];
    let id = Field {
        name: "id".to_owned(),
        ty: "i64".to_owned(),
        docs: Some("Every model has one; this one has no instances.".to_owned()),
        attributes: vec!["#[model(id, generated)]".to_owned()],
    };
    let mut text = render(name, Some(title), &attributes, &[id], true);
    if methods.is_empty() {
        return text;
    }
    let bodies: Vec<_> = methods.iter().map(Method::text).collect();
    text.push_str(&format!(
        "\n#[loopwright::methods]\nimpl {name} {{\n{}\n}}\n",
        bodies.join("\n\n")
    ));
    text
}

/// Puts everything where it belongs, and says what was not kept.
fn finish(
    project: &Project,
    data_source: Option<&str>,
    models: Vec<NewModel>,
    listed: &[String],
    api: &str,
    unsaid: Vec<String>,
) -> Result<Done> {
    let mut changes = ChangeSet::default();
    let mut edits = Edits::default();
    let needs_json = models
        .iter()
        .any(|model| model.text.contains("serde_json::"));
    let count = models.len();
    let modules = project.settle(models, &mut edits, &mut changes)?;
    let reached: Vec<_> = listed
        .iter()
        .filter_map(|name| Some((modules.get(name)?.clone(), name.clone())))
        .collect();
    let (source, insertions) = project.list_models(&reached)?;
    edits.add(source, insertions);
    edits.into_changes(&mut changes);
    if needs_json && let Some(after) = project.manifest.with_dependency("serde_json", "1") {
        changes.change("Cargo.toml", project.manifest.text.clone(), after);
    }
    let before = project.config()?;
    let mut document = config::parse(before.as_deref().unwrap_or_default())?;
    if !config::data_sources(&document)
        .iter()
        .any(|known| known == TRANSIENT)
    {
        config::set(
            &mut document,
            ["data_sources", TRANSIENT, "url"],
            "transient:",
        )?;
    }
    config::set(&mut document, ["models", api, "data_source"], TRANSIENT)?;
    if let Some(data_source) = data_source {
        for name in listed.iter().filter(|name| *name != api) {
            attach(&mut document, name, data_source)?;
        }
    }
    match before {
        Some(before) => changes.change(CONFIG, before, document.to_string()),
        None => changes.create(CONFIG, document.to_string()),
    }
    let mut hints: Vec<_> = unsaid
        .into_iter()
        .map(|unsaid| format!("not taken over: {unsaid}"))
        .collect();
    hints.push(format!(
        "{count} structs; the methods of `{api}` answer 501 until they are written, and `cargo run -- routes` lists them"
    ));
    Ok(Done { changes, hints })
}

/// The definition as a member of which model or value, for messages.
pub(super) fn place(definition: &Definition, member: &str) -> String {
    format!("`{}.{member}`", definition.name)
}
