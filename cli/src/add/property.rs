//! `loopwright add property`.

use clap::Args;
use syn::Meta;

use super::{Done, choose_model};
use crate::ask::Ask;
use crate::change::ChangeSet;
use crate::error::{Error, Result, instead};
use crate::name;
use crate::project::{Edits, Field, Model, Placed, Project};
use crate::property_type::{Kind, PropertyType};

pub(super) const EXAMPLES: &str = "\
Examples:
  loopwright add property CoffeeShop city string
  loopwright add property CoffeeShop name string --required --validate 'length(min = 2, max = 80)'
  loopwright add property CoffeeShop seats u16 --default 20 --description 'How many may sit.'

A property may be absent unless it is required or has a default. Types are LoopBack's words (any, array, boolean, buffer, \
date, day, decimal, geopoint, integer, number, object, string, uuid; `string[]` is a list) or Rust's, such as `u8`.";

/// The words of `#[validate(...)]`.
const RULES: [&str; 9] = [
    "absence",
    "exclusion",
    "format",
    "inclusion",
    "length",
    "numericality",
    "presence",
    "range",
    "uniqueness",
];

#[derive(Args)]
pub(crate) struct AddProperty {
    /// The model that has it
    model: Option<String>,
    /// What it is called: `openedAt` or `opened_at`
    name: Option<String>,
    /// What it holds
    #[arg(value_name = "TYPE")]
    ty: Option<String>,
    /// Every instance has a value
    #[arg(long, conflicts_with = "default")]
    required: bool,
    /// What an instance has that is created without one: a literal, `now`, `uuid`, or a path such as `Status::Draft`
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    default: Option<String>,
    /// A rule, such as `length(min = 2)` or `format(email)`; repeatable
    #[arg(long, value_name = "RULE")]
    validate: Vec<String>,
    /// Its values are indexed
    #[arg(long, conflicts_with = "unique")]
    index: bool,
    /// No two instances have the same value
    #[arg(long)]
    unique: bool,
    /// It never leaves the process
    #[arg(long)]
    hidden: bool,
    /// What the documentation says of it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// What a property is to be.
#[derive(Debug)]
pub(super) struct PropertySpec {
    /// In Rust.
    pub(super) name: String,
    pub(super) ty: PropertyType,
    pub(super) required: bool,
    /// As in `default = ...`.
    pub(super) default: Option<String>,
    /// What else stands in `#[model(...)]`.
    pub(super) words: Vec<&'static str>,
    /// What stands in `#[validate(...)]`, each in one of its own.
    pub(super) rules: Vec<String>,
    pub(super) description: Option<String>,
}

impl PropertySpec {
    /// Reads `name:type`, with `!` behind it if it is required, or `=` and a default.
    pub(super) fn read(text: &str) -> Result<Self> {
        let Some((name, rest)) = text.split_once(':') else {
            return Err(Error::usage(format!(
                "`{}` has no type; write `name:type`, such as `title:string!` (required), `city:string` (may be absent) or \
                 `rating:integer=3` (with a default)",
                text.escape_debug()
            )));
        };
        let (rest, default) = match rest.split_once('=') {
            Some((ty, default)) => (ty, Some(default)),
            None => (rest, None),
        };
        let (ty, required) = match rest.strip_suffix('!') {
            Some(ty) => (ty, true),
            None => (rest, false),
        };
        let ty = PropertyType::read(ty)?;
        Ok(PropertySpec {
            name: name::field("a property", name.trim())?,
            default: default.map(|default| ty.default(default)).transpose()?,
            ty,
            required,
            words: Vec::new(),
            rules: Vec::new(),
            description: None,
        })
    }

    /// The field, where types are called as `qualify` says.
    pub(super) fn field(&self, qualify: impl Fn(&str) -> String) -> Field {
        let ty = qualify(&self.ty.rust);
        let optional = !self.required && self.default.is_none();
        let mut words: Vec<_> = self.words.iter().map(|word| (*word).to_owned()).collect();
        words.extend(
            self.default
                .as_ref()
                .map(|default| format!("default = {default}")),
        );
        let mut attributes = Vec::new();
        if !words.is_empty() {
            attributes.push(format!("#[model({})]", words.join(", ")));
        }
        attributes.extend(self.rules.iter().map(|rule| format!("#[validate({rule})]")));
        Field {
            name: self.name.clone(),
            ty: match optional {
                true => format!("Option<{ty}>"),
                false => ty,
            },
            docs: self.description.clone(),
            attributes,
        }
    }

    /// Does the type have no value to begin with, which `#[derive(Default)]` needs?
    pub(super) fn lacks_default(&self) -> bool {
        self.ty.kind == Kind::Point && (self.required || self.default.is_some())
    }
}

/// A rule of `#[validate(...)]`, as it is written there.
pub(super) fn rule(text: &str) -> Result<String> {
    let meta = syn::parse_str::<Meta>(text).ok();
    let word = meta
        .as_ref()
        .and_then(|meta| meta.path().get_ident())
        .map(ToString::to_string);
    let Some(word) = word else {
        return Err(Error::usage(format!(
            "`{}` is no rule; write one such as `length(min = 2)`, `range(max = 5)` or `format(email)`",
            text.escape_debug()
        )));
    };
    if !RULES.contains(&word.as_str()) {
        return Err(Error::usage(format!(
            "there is no rule `{word}`{}",
            instead(&word, &RULES)
        )));
    }
    // What stands in parentheses is judged by the compiler; a comment would reach further.
    let attribute = format!("#[validate({text})]\nstruct Rule;");
    match syn::parse_str::<syn::ItemStruct>(&attribute) {
        Ok(_) if !text.contains('\n') => Ok(text.trim().to_owned()),
        _ => Err(Error::usage(format!(
            "`{}` is no rule; write it on one line, without comments",
            text.escape_debug()
        ))),
    }
}

/// Asks for properties until an empty name is answered.
pub(super) fn ask_properties(
    ask: Ask,
    is_taken: impl Fn(&str) -> bool,
) -> Result<Vec<PropertySpec>> {
    let mut specs: Vec<PropertySpec> = Vec::new();
    while let Some(name) = ask.optional(None, "A property (an empty name when done):")? {
        let name = match name::field("a property", &name) {
            Ok(name) if is_taken(&name) || specs.iter().any(|spec| spec.name == name) => {
                crate::say(&format!("`{name}` already exists"));
                continue;
            }
            Ok(name) => name,
            Err(error) => {
                crate::say(&error.to_string());
                continue;
            }
        };
        let ty = ask.text(
            None,
            "Its type:",
            "the type",
            Some("string"),
            PropertyType::read,
        )?;
        let required = ask.confirm(false, "Required?")?;
        let default = match required {
            true => None,
            false => ask_default(ask, &ty)?,
        };
        specs.push(PropertySpec {
            name,
            ty,
            required,
            default,
            words: Vec::new(),
            rules: Vec::new(),
            description: None,
        });
    }
    Ok(specs)
}

fn ask_default(ask: Ask, ty: &PropertyType) -> Result<Option<String>> {
    if !ask.asks() {
        return Ok(None);
    }
    ask.text(
        None,
        "Its default (none if empty):",
        "the default",
        Some(""),
        |text| match text {
            "" => Ok(None),
            text => ty.default(text).map(Some),
        },
    )
}

/// Refuses a name that another field has.
pub(super) fn free(model: &Model<'_>, name: &str) -> Result<()> {
    match model.has_field(name) {
        true => Err(Error::undone(format!(
            "`{}` already exists in `{}` ({}); choose another name, or change it by hand",
            name.trim_start_matches("r#"),
            model.name(),
            model.source.path.display()
        ))),
        false => Ok(()),
    }
}

impl AddProperty {
    pub(super) fn run(self, project: &Project, ask: Ask) -> Result<Done> {
        let model = choose_model(project, self.model.as_deref(), "The model:", ask)?;
        let model = project.model(&model)?;
        let asked = self.name.is_none() || self.ty.is_none();
        let name = ask.text(
            self.name.as_deref(),
            "The property's name:",
            "the property's name",
            None,
            |name| {
                let name = name::field("a property", name)?;
                free(&model, &name)?;
                Ok(name)
            },
        )?;
        let ty = ask.text(
            self.ty.as_deref(),
            "Its type:",
            "the type",
            None,
            PropertyType::read,
        )?;
        let mut required = self.required;
        let mut default = self
            .default
            .as_deref()
            .map(|default| ty.default(default))
            .transpose()?;
        if asked && default.is_none() {
            required = ask.confirm(required, "Required?")?;
            if !required {
                default = ask_default(ask, &ty)?;
            }
        }
        let mut words = Vec::new();
        words.extend(self.index.then_some("index"));
        words.extend(self.unique.then_some("unique"));
        words.extend(self.hidden.then_some("hidden"));
        let spec = PropertySpec {
            name,
            ty,
            required,
            default,
            words,
            rules: self
                .validate
                .iter()
                .map(|text| rule(text))
                .collect::<Result<_>>()?,
            description: self.description,
        };
        let mut changes = ChangeSet::default();
        let mut edits = Edits::default();
        insert_property(&model, &spec, &mut edits)?;
        edits.into_changes(&mut changes);
        add_dependencies(project, [&spec], &mut changes);
        Ok(Done {
            changes,
            hints: Vec::new(),
        })
    }
}

/// Puts the property into the struct.
fn insert_property<'a>(
    model: &Model<'a>,
    spec: &PropertySpec,
    edits: &mut Edits<'a>,
) -> Result<()> {
    if spec.lacks_default() && model.derives("Default") {
        return Err(Error::undone(format!(
            "`{}` has no default value, which `#[derive(Default)]` of `{}` needs; leave the property optional, or remove \
             `Default` there",
            spec.ty.rust,
            model.name()
        )));
    }
    let field = spec.field(|ty| model.scope.qualified(ty));
    edits.add(model.source, model.insert_field(&field, Placed::Property)?);
    Ok(())
}

/// Adds what the types of the properties come from to Cargo.toml.
pub(super) fn add_dependencies<'s>(
    project: &Project,
    specs: impl IntoIterator<Item = &'s PropertySpec>,
    changes: &mut ChangeSet,
) {
    if specs.into_iter().any(|spec| spec.ty.needs_json()) {
        let manifest = &project.manifest;
        if let Some(after) = manifest.with_dependency("serde_json", "1") {
            changes.change("Cargo.toml", manifest.text.clone(), after);
        }
    }
}
