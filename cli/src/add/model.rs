//! `loopwright add model`.

use std::fmt;

use clap::{Args, ValueEnum};
use proc_macro2::Literal;
use toml_edit::DocumentMut;

use super::Done;
use super::property::{PropertySpec, add_dependencies, ask_properties};
use crate::ask::{Argument, Ask};
use crate::change::ChangeSet;
use crate::config;
use crate::error::{Error, Result};
use crate::name;
use crate::project::{CONFIG, Edits, Field, Model, NewModel, Project};

pub(super) const EXAMPLES: &str = "\
Examples:
  loopwright add model CoffeeShop --property name:string! --property city:string
  loopwright add model Review --property rating:integer=3 --access open
  loopwright add model Customer --base User

`name:type` may be absent, `name:type!` is required, `name:type=value` has a default. `loopwright add property --help` \
has the types.";

#[derive(Args)]
pub(crate) struct AddModel {
    /// What it is called, such as `CoffeeShop`
    name: Option<String>,
    /// A property, as `name:type`, `name:type!` or `name:type=default`; repeatable
    #[arg(long, value_name = "PROPERTY")]
    property: Vec<String>,
    /// Who may use it, until `loopwright add acl` says more
    #[arg(long, value_enum)]
    access: Option<Access>,
    /// The type of the id
    #[arg(long, value_enum, conflicts_with = "base")]
    id: Option<IdType>,
    /// The model that it extends: `User`, or one of the project's with an id
    #[arg(long, value_name = "MODEL")]
    base: Option<String>,
    /// The data source that it is attached to; `db` unless given
    #[arg(long, value_name = "NAME")]
    data_source: Option<String>,
    /// The path that it is served at; the plural of its name unless given
    #[arg(long, value_name = "PATH")]
    plural: Option<String>,
    /// What the documentation says of it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Who may use a new model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Access {
    /// Who is logged in may read
    Authenticated,
    /// Everyone may read
    Read,
    /// Everyone may do everything
    Open,
    /// Nobody over HTTP: it is for Rust alone
    Private,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Authenticated => "who is logged in may read",
            Access::Read => "everyone may read",
            Access::Open => "everyone may do everything",
            Access::Private => "nobody over HTTP",
        })
    }
}

impl Access {
    /// All that can be chosen; the first is the default.
    pub(super) fn all() -> Vec<Self> {
        Access::value_variants().to_vec()
    }

    pub(super) fn attribute(self) -> &'static str {
        match self {
            Access::Authenticated => "#[acl(allow(read), to = authenticated)]",
            Access::Read => "#[acl(allow(read), to = everyone)]",
            Access::Open => "#[acl(open)]",
            Access::Private => "#[model(public = false)]",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum IdType {
    /// A number that the data source counts
    Integer,
    /// A UUID
    Uuid,
    /// Text that the caller chooses
    String,
    /// MongoDB's own
    ObjectId,
}

impl IdType {
    fn field(self) -> Field {
        let (ty, word) = match self {
            IdType::Integer => ("i64", "id, generated"),
            IdType::Uuid => ("Uuid", "id, generated"),
            IdType::String => ("String", "id"),
            IdType::ObjectId => ("ObjectId", "id, generated"),
        };
        Field {
            name: "id".to_owned(),
            ty: ty.to_owned(),
            docs: Some("Identifies the instance.".to_owned()),
            attributes: vec![format!("#[model({word})]")],
        }
    }
}

impl AddModel {
    pub(super) fn run(self, project: &Project, ask: Ask) -> Result<Done> {
        let asked = self.name.is_none();
        let name = ask.text(
            self.name.as_deref(),
            "The model's name:",
            "the model's name",
            None,
            |name| {
                let name = name::model(name)?;
                free(project, &name)?;
                Ok(name)
            },
        )?;
        let mut specs = self
            .property
            .iter()
            .map(|text| PropertySpec::read(text))
            .collect::<Result<Vec<_>>>()?;
        if asked && specs.is_empty() {
            specs = ask_properties(ask, |taken| taken == "id")?;
        }
        let mut access = self.access;
        if asked && self.base.is_none() {
            let options = Access::all();
            access = Some(ask.choice(access, "Who may use it?", Argument::Optional, options)?);
        }
        let mut changes = ChangeSet::default();
        let mut edits = Edits::default();
        let base = self
            .base
            .as_deref()
            .map(|base| Base::find(project, base))
            .transpose()?;
        let mut fields = match &base {
            Some(base) => vec![base.field()],
            None => vec![self.id.unwrap_or(IdType::Integer).field()],
        };
        for spec in &specs {
            let field = spec.field(str::to_owned);
            if fields.iter().any(|known| known.name == field.name) {
                return Err(Error::usage(format!(
                    "the property `{}` already exists in `{name}`; each has a name of its own, and `id` is the id",
                    field.name
                )));
            }
            fields.push(field);
        }
        let mut attributes = Vec::new();
        if let Some(path) = &self.plural {
            if path.is_empty()
                || path.contains(['/', '?', '#', '%'])
                || path.chars().any(char::is_whitespace)
            {
                return Err(Error::usage(format!(
                    "`{}` is no path; write one segment of a URL, such as `coffee-shops`",
                    path.escape_debug()
                )));
            }
            attributes.push(format!("#[model(path = {})]", Literal::string(path)));
        }
        // The rules of what it extends are its own, too.
        match (access, &base) {
            (None, Some(_)) => {}
            (access, _) => attributes.push(
                access
                    .unwrap_or(Access::Authenticated)
                    .attribute()
                    .to_owned(),
            ),
        }
        let no_default = specs.iter().any(PropertySpec::lacks_default);
        let struct_ = render(
            &name,
            self.description.as_deref(),
            &attributes,
            &fields,
            !no_default,
        );
        let model = NewModel {
            name: name.clone(),
            text: struct_,
            needs: Vec::new(),
        };
        let modules = project.settle(vec![model], &mut edits, &mut changes)?;
        let module = modules.get(&name).cloned().unwrap_or_default();
        let (source, insertion) = project.list_model(&module, &name)?;
        edits.add(source, [insertion]);
        edits.into_changes(&mut changes);
        add_dependencies(project, &specs, &mut changes);
        if let Some(data_source) = &self.data_source {
            let before = project.config()?;
            let mut document = config::parse(before.as_deref().unwrap_or_default())?;
            attach(&mut document, &name, data_source)?;
            match before {
                Some(before) => changes.change(CONFIG, before, document.to_string()),
                None => changes.create(CONFIG, document.to_string()),
            }
        }
        let path = self
            .plural
            .unwrap_or_else(|| loopwright_plural::plural(&name));
        let hints = match access {
            Some(Access::Private) => Vec::new(),
            _ => vec![format!(
                "`cargo run` serves it at /api/{path}; `loopwright add acl {name}` says who may do what"
            )],
        };
        Ok(Done { changes, hints })
    }
}

/// Refuses a name that another model has.
fn free(project: &Project, name: &str) -> Result<()> {
    // Tables and paths are made of names, and not every database minds case.
    let models = project.models();
    let taken = models
        .iter()
        .find(|model| model.name().eq_ignore_ascii_case(name));
    match taken {
        Some(taken) => Err(exists(taken)),
        None => Ok(()),
    }
}

fn exists(model: &Model<'_>) -> Error {
    Error::undone(format!(
        "the model `{}` already exists in {}; choose another name, or add to that one with `loopwright add property`",
        model.name(),
        model.source.path.display()
    ))
}

/// What a new model extends.
struct Base {
    field: String,
    ty: String,
}

impl Base {
    fn find(project: &Project, name: &str) -> Result<Self> {
        let known = project.model_names();
        let ty = match (name, known.iter().any(|known| known == name)) {
            ("User", false) => "loopwright::builtin::User".to_owned(),
            _ => {
                let model = project.model(name)?;
                model.id_type(project)?;
                let mut path = vec!["crate".to_owned()];
                path.extend(model.reached_from(project));
                path.push(model.name());
                path.join("::")
            }
        };
        Ok(Base {
            field: name::field("a field", name)?,
            ty,
        })
    }

    fn field(&self) -> Field {
        Field {
            name: self.field.clone(),
            ty: self.ty.clone(),
            docs: Some("What it has of the model that it extends.".to_owned()),
            attributes: vec!["#[model(base)]".to_owned()],
        }
    }
}

pub(super) fn render(
    name: &str,
    description: Option<&str>,
    attributes: &[String],
    fields: &[Field],
    default: bool,
) -> String {
    let mut lines = crate::project::docs(description);
    let derives = match default {
        true => "Model, Clone, Debug, Default",
        false => "Model, Clone, Debug",
    };
    lines.push(format!("#[derive({derives})]"));
    lines.extend(attributes.iter().cloned());
    lines.push(format!("pub struct {name} {{"));
    for field in fields {
        lines.extend(
            field
                .lines("pub ")
                .into_iter()
                .map(|line| format!("    {line}")),
        );
    }
    lines.push("}\n".to_owned());
    lines.join("\n")
}

/// Says in the configuration that the model is in another data source than `db`.
pub(super) fn attach(document: &mut DocumentMut, model: &str, data_source: &str) -> Result<()> {
    let known = config::data_sources(document);
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    if data_source != "db" && !known.contains(&data_source) {
        return Err(Error::undone(format!(
            "there is no data source `{data_source}` in {CONFIG}{}; `loopwright add datasource` adds one",
            crate::error::instead(data_source, &known)
        )));
    }
    config::set(document, ["models", model, "data_source"], data_source)
}
