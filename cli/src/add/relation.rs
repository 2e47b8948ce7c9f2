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
use crate::property_type::PropertyType;

pub(super) const EXAMPLES: &str = "\
Examples:
  loopwright add relation Review belongs-to CoffeeShop
  loopwright add relation CoffeeShop has-many Review
  loopwright add relation Physician has-many Patient --through Appointment
  loopwright add relation Book has-and-belongs-to-many Author
  loopwright add relation Customer embeds-many Address --name addresses
  loopwright add relation Photo belongs-to AnyModel --name subject
  loopwright add relation CoffeeShop has-many Photo --polymorphic

The key is added where it is missing: `coffee_shop_id` in `Review`, with the type of the other model's id. What belongs to \
`AnyModel` also has the name of the model that it belongs to, `subject_type`.";

/// What belongs to it may belong to any model.
const ANY: &str = "AnyModel";

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
    /// The model that it leads to; `AnyModel` for a `belongs-to` that leads to several
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
    /// The other model belongs to several, by this relation of its own; it need not be said if there is one
    #[arg(
        long,
        value_name = "RELATION",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    polymorphic: Option<String>,
    /// The type of the key of what may belong to any model; that of the other models' ids unless given
    #[arg(long, value_name = "TYPE")]
    key_type: Option<String>,
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
    /// This model has the keys of many others, in a list
    #[value(aliases = ["references_many", "referencesMany"])]
    ReferencesMany,
    /// One other is kept within this model
    #[value(aliases = ["embeds_one", "embedsOne"])]
    EmbedsOne,
    /// Many others are kept within this model
    #[value(aliases = ["embeds_many", "embedsMany"])]
    EmbedsMany,
}

impl Kind {
    /// The word of `#[relation(...)]`.
    fn word(self) -> &'static str {
        match self {
            Kind::BelongsTo => "belongs_to",
            Kind::HasMany => "has_many",
            Kind::HasOne => "has_one",
            Kind::HasAndBelongsToMany => "has_and_belongs_to_many",
            Kind::ReferencesMany => "references_many",
            Kind::EmbedsOne => "embeds_one",
            Kind::EmbedsMany => "embeds_many",
        }
    }

    /// The type of the field.
    fn field(self) -> &'static str {
        match self {
            Kind::BelongsTo => "BelongsTo",
            Kind::HasOne => "HasOne",
            Kind::HasMany | Kind::HasAndBelongsToMany => "HasMany",
            Kind::ReferencesMany => "ReferencesMany",
            Kind::EmbedsOne => "EmbedsOne",
            Kind::EmbedsMany => "EmbedsMany",
        }
    }

    /// Is there a key that somebody may name?
    fn has_key(self) -> bool {
        !matches!(
            self,
            Kind::HasAndBelongsToMany | Kind::EmbedsOne | Kind::EmbedsMany
        )
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
    /// The relation of the other side that leads to several models.
    polymorphic: Option<String>,
    /// That of ids, where the relation leads to any model.
    key_type: Option<String>,
    optional: bool,
}

/// Where a relation leads.
enum Target<'a> {
    Model(Model<'a>),
    /// To whichever model each instance names.
    Any,
    /// One that comes along with loopwright.
    BuiltIn(&'static str),
}

impl<'a> Target<'a> {
    fn find(project: &'a Project, name: &str, kind: Kind) -> Result<Self> {
        let known = project.model_names();
        if name == ANY {
            return match kind {
                Kind::BelongsTo => Ok(Target::Any),
                _ => Err(Error::usage(format!(
                    "only a `belongs-to` leads to `{ANY}`; name the model that the relation leads to"
                ))),
            };
        }
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
            Target::Any => ANY.to_owned(),
            Target::BuiltIn(name) => (*name).to_owned(),
        }
    }

    /// The type of its id, as far as that can be known.
    fn id_type(&self, project: &Project, from: &Model<'_>) -> Result<String> {
        match self {
            Target::Model(model) => model.id_type(project),
            Target::Any => common_id_type(project, from),
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
        let mut targets = project.model_names();
        if kind == Kind::BelongsTo {
            targets.push(ANY.to_owned());
        }
        let target = ask.choice(
            self.target.clone(),
            "The model that it leads to:",
            missing,
            targets,
        )?;
        let target = Target::find(project, &target, kind)?;
        let usual = match target {
            // What each instance leads to has no name in common.
            Target::Any => None,
            _ => Some(usual_name(kind, &target.name())),
        };
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
        let name = match (&self.name, asked, &usual) {
            (None, false, Some(usual)) => read(usual)?,
            (given, _, _) => ask.text(
                given.as_deref(),
                "Its name:",
                "the relation's name (`--name`)",
                usual.as_deref(),
                read,
            )?,
        };
        let key = match asked && kind.has_key() && self.polymorphic.is_none() {
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
        if !kind.has_key() && key.is_some() {
            return Err(Error::usage(format!(
                "a `{}` has no key that could be named; leave out `--key`",
                kind.word()
            )));
        }
        if self.key_type.is_some() && !matches!(target, Target::Any) {
            return Err(Error::usage(format!(
                "`--key-type` is for what belongs to `{ANY}`; the type of any other key is that of an id"
            )));
        }
        if matches!((kind, &target), (Kind::EmbedsOne | Kind::EmbedsMany, Target::Model(target)) if target.name() == model.name())
        {
            return Err(Error::usage(
                "a model can't be kept within itself; choose another one, or a `has-many`",
            ));
        }
        let through = through.map(|name| project.model(&name)).transpose()?;
        let polymorphic = match &self.polymorphic {
            Some(_) if !matches!(kind, Kind::HasMany | Kind::HasOne) || key.is_some() => {
                return Err(Error::usage(
                    "`--polymorphic` is for `has-many` and `has-one`, whose key is that of the other model's relation; what may \
                     belong to several models is `belongs-to AnyModel`",
                ));
            }
            Some(relation) => Some(back(relation, through.as_ref(), &target)?),
            None => None,
        };
        let key_type = self.key_type.as_deref().map(PropertyType::read);
        let plan = Plan {
            project,
            key: key
                .as_deref()
                .map(|key| name::field("a key", key))
                .transpose()?,
            polymorphic,
            key_type: key_type.transpose()?.map(|ty| ty.rust),
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
        Kind::BelongsTo | Kind::HasOne | Kind::EmbedsOne => snake(target),
        Kind::HasMany | Kind::HasAndBelongsToMany | Kind::ReferencesMany | Kind::EmbedsMany => {
            snake(&plural(target))
        }
    }
}

/// The relation of the other side that leads to several models: the one that is named, or the only one.
fn back(relation: &str, through: Option<&Model<'_>>, target: &Target<'_>) -> Result<String> {
    let ((Some(other), _) | (None, Target::Model(other))) = (through, target) else {
        return Err(Error::usage(format!(
            "`{}` belongs to no several models; leave out `--polymorphic`",
            target.name()
        )));
    };
    let known = other.polymorphic_relations();
    let name = other.name();
    match (relation, known.as_slice()) {
        ("", [one]) => Ok(one.clone()),
        (_, []) => Err(Error::undone(format!(
            "`{name}` has no relation that leads to several models; `loopwright add relation {name} belongs-to {ANY} --name \
             subject` adds one"
        ))),
        ("", several) => Err(Error::usage(format!(
            "by which relation of `{name}`? write `--polymorphic={}`",
            several.join("`, or `--polymorphic=")
        ))),
        (relation, known) => match known.iter().find(|known| *known == &snake(relation)) {
            Some(known) => Ok(known.clone()),
            None => {
                let known: Vec<_> = known.iter().map(String::as_str).collect();
                Err(Error::undone(format!(
                    "`{name}` has no relation `{relation}` that leads to several models{}",
                    instead(relation, &known)
                )))
            }
        },
    }
}

/// The type that the ids of the other models have in common.
fn common_id_type(project: &Project, from: &Model<'_>) -> Result<String> {
    let models = project.models();
    let others = models.iter().filter(|model| model.name() != from.name());
    // A model without an id of one property belongs to nobody's relation.
    let mut types: Vec<_> = others
        .filter_map(|model| model.id_type(project).ok())
        .collect();
    types.sort();
    types.dedup();
    match types.as_slice() {
        [] => Ok("i64".to_owned()),
        [one] => Ok(one.clone()),
        several => Err(Error::usage(format!(
            "the ids of the models are of several types; say with `--key-type` which of them it leads to: {}",
            several.join(", ")
        ))),
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
        if let (Target::Any, _) | (_, Some(_)) = (&self.target, &self.polymorphic) {
            words.push(match &self.polymorphic {
                Some(relation) => format!("polymorphic = {relation}"),
                None => "polymorphic".to_owned(),
            });
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
            Target::Any => {}
            Target::BuiltIn(name) => edits.add(
                source,
                scope.import_foreign(&format!("loopwright::builtin::{name}")),
            ),
        }
        let field = Field {
            name: self.name.clone(),
            ty: match &self.target {
                Target::Any => format!(
                    "{}<{}>",
                    scope.prelude(self.kind.field()),
                    scope.prelude(ANY)
                ),
                target => format!("{}<{}>", scope.prelude(self.kind.field()), target.name()),
            },
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
            Kind::ReferencesMany => format!("{}s", key_of(&self.target.name())),
            _ => key_of(&self.model.name()),
        }
    }

    /// Adds the keys that are missing.
    fn keys(&self, through: Option<&Model<'a>>, edits: &mut Edits<'a>) -> Result<()> {
        let key = self.key.clone().unwrap_or_else(|| self.usual_key());
        let own = || self.model.id_type(self.project);
        let theirs = || self.target.id_type(self.project, &self.model);
        match (self.kind, &self.target, through) {
            (Kind::BelongsTo, Target::Any, _) => {
                let ty = self.key_type.clone().map_or_else(theirs, Ok)?;
                self.key(&self.model, &key, &ty, edits)?;
                let named = format!("{}_type", self.name.trim_start_matches("r#"));
                self.field(&self.model, &named, "String", &[], edits)
            }
            (Kind::BelongsTo, _, _) => self.key(&self.model, &key, &theirs()?, edits),
            (Kind::ReferencesMany, _, _) => {
                let ids = format!("Vec<{}>", self.model.scope.qualified(&theirs()?));
                match self.model.has_field(&key) {
                    true => Ok(()),
                    false => self.insert(&self.model, &key, ids, &[], edits),
                }
            }
            (Kind::HasMany, target, Some(through)) => {
                if self.polymorphic.is_none() {
                    self.key(through, &key, &own()?, edits)?;
                }
                self.key(through, &key_of(&target.name()), &theirs()?, edits)
            }
            (Kind::HasMany | Kind::HasOne, Target::Model(target), _)
                if self.polymorphic.is_none() =>
            {
                self.key(target, &key, &own()?, edits)
            }
            // Kept within this model, between the two, or by the relation of the other side.
            _ => Ok(()),
        }
    }

    /// The key `name` in `model`, unless it is there.
    fn key(&self, model: &Model<'a>, name: &str, ty: &str, edits: &mut Edits<'a>) -> Result<()> {
        self.field(model, name, ty, &["#[model(index)]"], edits)
    }

    /// The field `name` in `model`, unless it is there.
    fn field(
        &self,
        model: &Model<'a>,
        name: &str,
        ty: &str,
        attributes: &[&str],
        edits: &mut Edits<'a>,
    ) -> Result<()> {
        if model.has_field(name) {
            return Ok(());
        }
        let ty = model.scope.qualified(ty);
        let ty = match self.optional {
            true => format!("Option<{ty}>"),
            false => ty,
        };
        self.insert(model, name, ty, attributes, edits)
    }

    fn insert(
        &self,
        model: &Model<'a>,
        name: &str,
        ty: String,
        attributes: &[&str],
        edits: &mut Edits<'a>,
    ) -> Result<()> {
        let field = Field {
            name: name.to_owned(),
            ty,
            docs: None,
            attributes: attributes
                .iter()
                .map(|&attribute| attribute.to_owned())
                .collect(),
        };
        edits.add(model.source, model.insert_field(&field, Placed::Property)?);
        Ok(())
    }
}

/// `coffee_shop_id`
fn key_of(name: &str) -> String {
    format!("{}_id", snake(name.trim_start_matches("r#")))
}
