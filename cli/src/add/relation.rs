//! `loopwright add relation`.

use std::fmt;

use clap::{Args, ValueEnum};
use loopwright_plural::plural;

use super::property::free;
use super::{Done, choose_model};
use crate::ask::{Argument, Ask};
use crate::change::ChangeSet;
use crate::error::{Error, Result, instead};
use crate::name::{self, snake};
use crate::project::{Edits, Field, Model, Placed, Project, built_in};

pub(super) const EXAMPLES: &str = "\
Examples:
  loopwright add relation Review belongs-to CoffeeShop
  loopwright add relation CoffeeShop has-many Review
  loopwright add relation Physician has-many Patient --through Appointment
  loopwright add relation Book has-and-belongs-to-many Author

The key is added where it is missing: `coffee_shop_id` in `Review`, with the type of the other model's id.";

/// The models that come along, as targets of keys.
const BUILT_IN: [&str; 7] = [
    "AccessToken",
    "Acl",
    "Application",
    "Role",
    "RoleMapping",
    "Scope",
    "User",
];

#[derive(Args)]
pub(crate) struct AddRelation {
    /// The model that has it
    model: Option<String>,
    /// How the two belong together
    #[arg(value_enum)]
    kind: Option<Kind>,
    /// The model that it leads to
    target: Option<String>,
    /// What it is called; the target's name unless given, in the plural if it leads to many
    #[arg(long)]
    name: Option<String>,
    /// The field that holds the key; made of names unless given
    #[arg(long, value_name = "FIELD")]
    key: Option<String>,
    /// The model between the two, which holds the keys of both
    #[arg(long, value_name = "MODEL")]
    through: Option<String>,
    /// An instance may be without a target: a key that is added is an `Option`
    #[arg(long)]
    optional: bool,
    /// What the documentation says of it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// How two models belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// This model has the key of one other
    #[value(aliases = ["belongs_to", "belongsTo"])]
    BelongsTo,
    /// Many others have this model's key
    #[value(aliases = ["has_many", "hasMany"])]
    HasMany,
    /// One other has this model's key
    #[value(aliases = ["has_one", "hasOne"])]
    HasOne,
    /// Many to many, by a table that nobody has to write
    #[value(aliases = ["has_and_belongs_to_many", "hasAndBelongsToMany"])]
    HasAndBelongsToMany,
}

impl Kind {
    /// The word of `#[relation(...)]`.
    fn word(self) -> &'static str {
        match self {
            Kind::BelongsTo => "belongs_to",
            Kind::HasMany => "has_many",
            Kind::HasOne => "has_one",
            Kind::HasAndBelongsToMany => "has_and_belongs_to_many",
        }
    }

    /// The type of the field.
    fn field(self) -> &'static str {
        match self {
            Kind::BelongsTo => "BelongsTo",
            Kind::HasOne => "HasOne",
            Kind::HasMany | Kind::HasAndBelongsToMany => "HasMany",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word().replace('_', " "))
    }
}

/// A relation that is to be.
struct Plan<'a> {
    project: &'a Project,
    model: Model<'a>,
    kind: Kind,
    target: Target<'a>,
    /// The field.
    name: String,
    key: Option<String>,
    optional: bool,
}

/// Where a relation leads.
enum Target<'a> {
    Model(Model<'a>),
    /// One that comes along with loopwright.
    BuiltIn(&'static str),
}

impl<'a> Target<'a> {
    fn find(project: &'a Project, name: &str, kind: Kind) -> Result<Self> {
        let known = project.model_names();
        if let (false, Some(name)) = (
            known.iter().any(|known| known == name),
            BUILT_IN.iter().find(|known| **known == name),
        ) {
            return match kind {
                Kind::BelongsTo => Ok(Target::BuiltIn(name)),
                _ => Err(Error::undone(format!(
                    "`{name}` comes along with loopwright and can't get a key; extend it (`loopwright add model Person --base \
                     User`), or add the relation to the model that belongs to it"
                ))),
            };
        }
        if known.iter().any(|known| known == name) {
            return project.model(name).map(Target::Model);
        }
        let mut all: Vec<_> = known.iter().map(String::as_str).collect();
        if kind == Kind::BelongsTo {
            all.extend(BUILT_IN);
        }
        Err(Error::undone(format!(
            "there is no model `{name}`{}",
            instead(name, &all)
        )))
    }

    fn name(&self) -> String {
        match self {
            Target::Model(model) => model.name(),
            Target::BuiltIn(name) => (*name).to_owned(),
        }
    }

    fn id_type(&self, project: &Project) -> Result<String> {
        match self {
            Target::Model(model) => model.id_type(project),
            Target::BuiltIn(name) => Ok(built_in(name).unwrap_or("String").to_owned()),
        }
    }
}

impl AddRelation {
    pub(super) fn run(self, project: &Project, ask: Ask) -> Result<Done> {
        let asked = self.model.is_none() || self.kind.is_none() || self.target.is_none();
        let model = choose_model(
            project,
            self.model.as_deref(),
            "The model that has it:",
            ask,
        )?;
        let model = project.model(&model)?;
        let kinds = Kind::value_variants().to_vec();
        let kind = ask.choice(
            self.kind,
            "How do the two belong together?",
            Argument::Required("the kind of relation"),
            kinds,
        )?;
        let missing = Argument::Required("the model that it leads to");
        let target = ask.choice(
            self.target.clone(),
            "The model that it leads to:",
            missing,
            project.model_names(),
        )?;
        let target = Target::find(project, &target, kind)?;
        let usual = usual_name(kind, &target.name());
        let read = |name: &str| {
            let name = name::field("a relation", name)?;
            if matches!(name.as_str(), "exists" | "replace") {
                return Err(Error::usage(format!(
                    "a relation can't be called `{name}`, since that path is taken; choose another name"
                )));
            }
            free(&model, &name)?;
            Ok(name)
        };
        let name = match (&self.name, asked) {
            (None, false) => read(&usual)?,
            (given, _) => ask.text(
                given.as_deref(),
                "Its name:",
                "the relation's name",
                Some(&usual),
                read,
            )?,
        };
        let key = match asked && kind != Kind::HasAndBelongsToMany {
            true => ask.optional(
                self.key.as_deref(),
                "The field that holds the key (made of names if empty):",
            )?,
            false => self.key.clone(),
        };
        let mut through = self.through.clone();
        if asked
            && kind == Kind::HasMany
            && through.is_none()
            && ask.confirm(false, "By way of another model?")?
        {
            let missing = Argument::Required("the model between the two");
            through = Some(ask.choice(
                None,
                "The model between the two:",
                missing,
                project.model_names(),
            )?);
        }
        if through.is_some() && kind != Kind::HasMany {
            return Err(Error::usage(format!(
                "`--through` is for `has-many`; a `{}` has no model between",
                kind.word()
            )));
        }
        if kind == Kind::HasAndBelongsToMany && key.is_some() {
            return Err(Error::usage(
                "the keys of a `has-and-belongs-to-many` have their names from the models; leave out `--key`",
            ));
        }
        let through = through.map(|name| project.model(&name)).transpose()?;
        let plan = Plan {
            project,
            key: key
                .as_deref()
                .map(|key| name::field("a key", key))
                .transpose()?,
            optional: self.optional,
            model,
            kind,
            target,
            name,
        };
        let mut edits = Edits::default();
        // Properties stand before relations.
        plan.keys(through.as_ref(), &mut edits)?;
        plan.relation(through.as_ref(), self.description, &mut edits)?;
        let mut changes = ChangeSet::default();
        edits.into_changes(&mut changes);
        Ok(Done {
            changes,
            hints: Vec::new(),
        })
    }
}

/// What a relation is called: `coffee_shop`, `coffee_shops`. LoopBack has a plural for a `hasOne`, too, which says what is
/// not so.
fn usual_name(kind: Kind, target: &str) -> String {
    match kind {
        Kind::BelongsTo | Kind::HasOne => snake(target),
        Kind::HasMany | Kind::HasAndBelongsToMany => snake(&plural(target)),
    }
}

impl<'a> Plan<'a> {
    /// The field of the relation, and what its types come from.
    fn relation(
        &self,
        through: Option<&Model<'a>>,
        description: Option<String>,
        edits: &mut Edits<'a>,
    ) -> Result<()> {
        let scope = &self.model.scope;
        let source = self.model.source;
        let mut words = vec![self.kind.word().to_owned()];
        if let Some(through) = through {
            words.push(format!("through = {}", through.name()));
            edits.add(
                source,
                scope.import(&through.reached_from(self.project), &through.name()),
            );
        }
        if let Some(key) = &self.key
            && *key != self.usual_key()
        {
            words.push(format!("key = {key}"));
        }
        match &self.target {
            Target::Model(target) => edits.add(
                source,
                scope.import(&target.reached_from(self.project), &target.name()),
            ),
            Target::BuiltIn(name) => edits.add(
                source,
                scope.import_foreign(&format!("loopwright::builtin::{name}")),
            ),
        }
        let field = Field {
            name: self.name.clone(),
            ty: format!(
                "{}<{}>",
                scope.prelude(self.kind.field()),
                self.target.name()
            ),
            docs: description,
            attributes: vec![format!("#[relation({})]", words.join(", "))],
        };
        edits.add(source, self.model.insert_field(&field, Placed::Relation)?);
        Ok(())
    }

    /// The key that the relation has unless it is said otherwise.
    fn usual_key(&self) -> String {
        match self.kind {
            Kind::BelongsTo => key_of(&self.name),
            _ => key_of(&self.model.name()),
        }
    }

    /// Adds the keys that are missing.
    fn keys(&self, through: Option<&Model<'a>>, edits: &mut Edits<'a>) -> Result<()> {
        let key = self.key.clone().unwrap_or_else(|| self.usual_key());
        let own = || self.model.id_type(self.project);
        match (self.kind, &self.target, through) {
            (Kind::BelongsTo, target, _) => {
                self.key(&self.model, &key, &target.id_type(self.project)?, edits)
            }
            (Kind::HasMany, target, Some(through)) => {
                self.key(through, &key, &own()?, edits)?;
                self.key(
                    through,
                    &key_of(&target.name()),
                    &target.id_type(self.project)?,
                    edits,
                )
            }
            (Kind::HasMany | Kind::HasOne, Target::Model(target), _) => {
                self.key(target, &key, &own()?, edits)
            }
            (Kind::HasMany | Kind::HasOne | Kind::HasAndBelongsToMany, _, _) => Ok(()),
        }
    }

    /// The key `name` in `model`, unless it is there.
    fn key(&self, model: &Model<'a>, name: &str, ty: &str, edits: &mut Edits<'a>) -> Result<()> {
        if model.has_field(name) {
            return Ok(());
        }
        let ty = model.scope.qualified(ty);
        let field = Field {
            name: name.to_owned(),
            ty: match self.optional {
                true => format!("Option<{ty}>"),
                false => ty,
            },
            docs: None,
            attributes: vec!["#[model(index)]".to_owned()],
        };
        edits.add(model.source, model.insert_field(&field, Placed::Property)?);
        Ok(())
    }
}

/// `coffee_shop_id`
fn key_of(name: &str) -> String {
    format!("{}_id", snake(name.trim_start_matches("r#")))
}
