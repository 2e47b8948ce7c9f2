//! Models that are known only at run time: the JSON definitions of a LoopBack application, and what its other files say.
//!
//! [`App::definitions`](crate::App::definitions) loads them when the program starts. They get the same REST API,
//! access decisions, OpenAPI document and migrations as derived models, and relations may lead to derived ones.
//!
//! # Moving over from LoopBack, step by step
//!
//! 1. **Serve what is there.** Make a program that names the folder of the application, the one that `server/` and
//!    `common/` are in:
//!
//!    ```no_run
//!    use loopwright::prelude::*;
//!
//!    #[loopwright::main]
//!    async fn main() -> Result<()> {
//!        App::new().definitions("../coffee-shop").run().await
//!    }
//!    ```
//!
//!    `server/model-config.json` says which models there are, `datasources.json` where they are, `config.json`,
//!    `component-config.json` and `middleware.json` the rest; with `.local` and environment files over them, as LoopBack
//!    reads them (contract *boot.md* §3–§7, §10). What the program, `loopwright.toml` and its environment say goes over all of it.
//!    Tables and columns have the names that LoopBack's connector gave them.
//! 2. **Read what it says.** Every mistake is reported with its file, line and column, all at once. So is what LoopBack
//!    does and loopwright does not do yet. With [`allow_missing`](Definitions::allow_missing) such things are left out,
//!    each with a line in the log, and the rest is served.
//! 3. **Decide who may do what.** LoopBack opens a model that says nothing about access. Here it is a mistake, unless
//!    [`open_by_default`](Definitions::open_by_default) is said.
//!    Users, their tokens and roles come along: a definition whose `base` is `User` has all that [`User`](crate::builtin::User)
//!    has, under LoopBack's names for tables and columns. What it says of logins (`ttl`, `emailVerificationRequired`) holds for
//!    the application, unless `[users]` in `loopwright.toml` has something else than the default there. Roles that JavaScript
//!    decides about (`Role.registerResolver`) become [`App::role`](crate::App::role).
//! 4. **Move one model at a time.** `my-app import ../coffee-shop` (cargo feature `discovery`) prints the models as Rust
//!    structs. Put one into the program, list it in `.models::<(…)>()`, and its definition is not read any more. The
//!    definitions' relations to it go on.
//! 5. **Write in Rust what was JavaScript**: remote methods, hooks and mixins. They belong to models that have moved;
//!    [`records`](crate::Application::records) reaches the others. Nothing of a `.js` file is run; a start has
//!    a line in the log for each that does something.
//!
//! What differs from LoopBack:
//!
//! | LoopBack | here |
//! |---|---|
//! | undeclared properties are kept unless `strict` says otherwise | the same in memory and in MongoDB; tables have no place for them, and LoopBack's have none either; nor has a model that is kept within others (`embedsOne`, `embedsMany`) |
//! | mixins are JavaScript | `TimeStamp` and `SoftDelete` are those of [`mixins`](crate::mixins); others are to be written in Rust |
//! | `Number` is any number | an id, and a key that points to one, is a whole number; so is what the database says is one |
//! | objects, lists without a type, and properties whose type is a model | any JSON, but for the property of an `embedsOne` or an `embedsMany` |
//! | a model that is kept within others may be in any data source | it needs none: with the base `Model` it has none and is not served, and those that hold it guard it unless it has rules |
//! | a model may be kept within itself | it is kept by itself, with `hasMany` |
//! | `length` is for the database alone | a longer text is refused with 422 |
//! | a property may be null unless it is `required` | the same |
//! | LoopBack's own models may be bases, and are listed | the same for `User`, `AccessToken`, `Role`, `RoleMapping`, `ACL`, `Scope` and `Application`; `Change`, `Checkpoint`, `Email` and `Container` are not there yet |
//! | users lack tokens and roles that are not listed | they come along, in the data source of the first model of users |
//! | `User` is listed beside the model that extends it | it is, and nobody is one unless it is served: a token is one of the others |
//! | a model of users may drop properties of `User`, or change their types | neither; it may say anew whether they are `required`, and which type the id has |
//! | `RoleMapping.principalId` is text, or whatever JavaScript has made of it | text; a definition that extends `RoleMapping` may have `ObjectID` |
//!
//! Of the other files:
//!
//! | LoopBack | here |
//! |---|---|
//! | `restApiRoot`, `host`, `port`, `aclErrorStatus`, `logoutSessionsOnSensitiveChanges`, `apiInfo` in `config.json` | the same, as [`Config`](crate::Config) has them |
//! | without a `host`, every address is listened on | 127.0.0.1 alone, and a line in the log |
//! | the address in `npm_config_port`, `OPENSHIFT_…`, `PORT`, `VCAP_APP_PORT` and their like | the same, in LoopBack's order; `LOOPWRIGHT_PORT` stands beside `PORT` |
//! | `remoting.rest.xml`, `json.limit`, `urlencoded.limit`, `sharedMethods`, `cors` | the same; bodies have one limit, the larger of the two; without `cors` no other origin may call |
//! | `remoting.rest.handleErrors`, and `strong-error-handler` | the form of errors that either has; internals are shown in debug builds alone, and not where `debug` or `includeStack` is off, or `disableStackTrace` on |
//! | `legacyExplorer` | refused if it is `true` |
//! | any other key of `config.json` | [`Application::setting`](crate::Application::setting) |
//! | `"prefix-${NAME}"` in data sources, middleware and components | `prefix-` stays; a name that nobody knows is a line in the log |
//! | connectors `memory`, `mysql`, `postgresql`, `mongodb`, `sqlite3`, `kv-redis`, `kv-memory`, `transient` | the same, with their address, pool, times and encryption; other settings are reported |
//! | a connector of another name | `[data_sources.<name>]` in `loopwright.toml`, or [`App::connector`](crate::App::connector) |
//! | every data source is connected | those that a model is in; of others a line in the log |
//! | `ssl: true` verifies or does not, as the driver likes | certificates are verified, unless `rejectUnauthorized` is `false` |
//! | the transports of `mail` | the first one, `smtp` or `stub`; who sends is its `from`, or the address that logs in there |
//! | `loopback-component-explorer` | the explorer at its `mountPath`; none if `component-config.json` lacks it; other components are reported |
//! | `middleware.json` | `cors`, `compression`, `helmet`, `cookie-parser`, `body-parser`, `loopback#favicon`, `loopback#static`, `loopback#rest`, `loopback#token` with its `currentUserLiteral`, `loopback#urlNotFound` and the handlers of errors, in their phases, for their paths and methods; others are reported unless they are `optional` or not `enabled` |
//! | `.js` files in the place of `.json`, and boot scripts | reported: they are not run |
//!
//! | module | what it does |
//! |---|---|
//! | `source`, `merge` | JSON with the place of each value, and what goes over it |
//! | `environment`, `substitution` | the environment, and what `${NAME}` stands for |
//! | `folder` | the files of an application |
//! | `application`, `config`, `size`, `component` | what they say besides models |
//! | `data_source`, `data_source_url`, `mail` | where data is, and letters go |
//! | `phase`, `middleware`, `passed` | what requests pass, in order; what that is here |
//! | `layer` | all of that, in the words of the configuration |
//! | `settings`, `key` | the keys of one model, with those of its base; which there are |
//! | `definition`, `setting`, `property`, `index`, `relation`, `acl`, `store` | what they mean |
//! | `built_in`, `users` | LoopBack's own models; what users need, and say of the application |
//! | `relate` | relations from one to the other, and what owners hold themselves |
//! | `describe` | descriptions of it |
//! | `problem` | what is wrong with it |
//!
//! **Architecture Invariant:** `definition` knows neither descriptions of its own making nor Rust text, so that both are
//! made of the same meaning.

mod acl;
mod application;
mod built_in;
mod component;
mod config;
mod data_source;
mod data_source_url;
mod definition;
mod describe;
mod environment;
mod folder;
mod index;
mod key;
mod layer;
mod mail;
mod merge;
mod middleware;
mod passed;
mod problem;
mod property;
mod relate;
mod relation;
mod setting;
mod settings;
mod size;
mod source;
mod store;
mod substitution;
#[cfg(test)]
mod tests;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use self::application::Known;
use self::definition::{Definition, Surroundings};
pub(crate) use self::environment::Environment;
use self::folder::Folder;
pub(crate) use self::layer::{Layer, Setting};
pub(crate) use self::problem::nearest;
use self::problem::{Kind, Problems};
use self::store::Store;
use self::users::UserSettings;
use crate::Result;
use crate::model::{ModelDef, RelationDef};

/// Where a LoopBack application is, and how its files are taken.
///
/// In `loopwright.toml`:
///
/// ```toml
/// [definitions]
/// folder = "../coffee-shop"
/// open_by_default = true
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definitions {
    folder: PathBuf,
    #[serde(default)]
    open_by_default: bool,
    #[serde(default)]
    allow_missing: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
}

impl Definitions {
    /// The definitions in `folder`, which has `server/model-config.json` or `model-config.json`.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Definitions {
            folder: folder.into(),
            open_by_default: false,
            allow_missing: false,
            environment: None,
        }
    }

    /// Everyone may do what no rule of a model is about, as in LoopBack. Otherwise it is denied, and a model that is served
    /// without any rule is a mistake.
    #[must_use]
    pub fn open_by_default(mut self) -> Self {
        self.open_by_default = true;
        self
    }

    /// What definitions ask for and is not there yet is left out, with a line in the log, instead of a mistake.
    ///
    /// What protects data is never left out: it stays a mistake.
    #[must_use]
    pub fn allow_missing(mut self) -> Self {
        self.allow_missing = true;
        self
    }

    /// The files of this environment go over the others, such as `config.production.json` over `config.json`. Unless said, it is
    /// called as `LOOPWRIGHT_ENV` or `NODE_ENV` say in the environment, or `development`.
    #[must_use]
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// The environment of the process, by the name that is said here.
    pub(crate) fn surroundings(&self) -> Environment {
        Environment::of_process(self.environment.as_deref())
    }
}

impl<P: Into<PathBuf>> From<P> for Definitions {
    fn from(folder: P) -> Self {
        Definitions::folder(folder)
    }
}

/// The files of an application that have been read.
pub(crate) struct Files<'a> {
    definitions: &'a Definitions,
    folder: Option<Folder>,
    /// The names of the data sources that the files have.
    named: BTreeSet<String>,
    /// The models whose access is decided elsewhere, too.
    ruled: BTreeSet<String>,
    /// What they say of the application.
    pub layer: Layer,
    problems: Problems,
}

/// What [`Files::load`] finds.
pub(crate) struct Loaded {
    /// The models, each with its data source.
    pub models: Vec<(&'static ModelDef, String)>,
    pub users: UserSettings,
}

/// Reads the files that `definitions` lead to. What is wrong with them, [`Files::load`] and [`Files::check`] say.
pub(crate) fn read<'a>(
    definitions: &'a Definitions,
    known: &Known,
    environment: &Environment,
) -> Files<'a> {
    let mut problems = Problems::default();
    let mut folder = Folder::read(&definitions.folder, environment, &mut problems);
    if let Some(folder) = &mut folder {
        application::relocate(folder, known);
    }
    let (layer, named) = match &folder {
        Some(folder) => application::layer(
            folder,
            &definitions.folder,
            known,
            environment,
            &mut problems,
        ),
        None => Default::default(),
    };
    Files {
        definitions,
        folder,
        named,
        ruled: known.ruled.clone(),
        layer,
        problems,
    }
}

impl Files<'_> {
    /// The descriptions of the models, but for those that the program describes itself. `urls` holds those of the data sources; one
    /// with a connector of the program's own has none.
    ///
    /// # Errors
    /// Everything that is wrong with the files, a line for each.
    pub fn load(
        mut self,
        described: &[&'static ModelDef],
        urls: &BTreeMap<String, String>,
    ) -> Result<Loaded> {
        let (mut models, mut users) = (Vec::new(), UserSettings::default());
        let described = with_embedded(described);
        if let Some(folder) = &self.folder {
            let stores = urls.iter();
            let stores = stores.map(|(name, url)| (name.clone(), Store::of_url(url)));
            // What can't be used has been reported.
            let named = self.named.iter().map(|name| (name.clone(), Store::Other));
            let surroundings = Surroundings {
                described: &described,
                stores: named.chain(stores).collect(),
                ruled: &self.ruled,
                open_by_default: self.definitions.open_by_default,
            };
            (models, users) = described_models(folder, &surroundings, &mut self.problems);
        }
        self.check()?;
        for problem in self
            .problems
            .of(Kind::Missing)
            .chain(self.problems.of(Kind::Note))
        {
            tracing::warn!("{problem}");
        }
        let models = models.into_iter();
        // What is within others comes along with them.
        let models = models.filter_map(|(definition, def)| Some((def, definition.data_source?)));
        Ok(Loaded {
            models: models.collect(),
            users,
        })
    }

    /// # Errors
    /// Everything that has been found to be wrong, a line for each.
    pub fn check(&self) -> Result<()> {
        let (refused, advice): (&[Kind], _) = if self.definitions.allow_missing {
            (&[Kind::Mistake], "")
        } else {
            let missing = self.problems.of(Kind::Missing).next().is_some();
            let advice = "\nwhat is \"not there yet\" is left out by `allow_missing`";
            (
                &[Kind::Mistake, Kind::Missing],
                if missing { advice } else { "" },
            )
        };
        self.problems.check(refused, advice)
    }
}

/// The descriptions with those of models that are within theirs.
fn with_embedded(described: &[&'static ModelDef]) -> Vec<&'static ModelDef> {
    let mut all = described.to_vec();
    let mut next = 0;
    while let Some(owner) = all.get(next) {
        let embedded = owner.relations.iter().filter(|one| one.is_embedded());
        for def in embedded.filter_map(RelationDef::target) {
            if all.iter().all(|known| known.name != def.name) {
                all.push(def);
            }
        }
        next += 1;
    }
    all
}

/// What [`import`] finds.
#[cfg(feature = "discovery")]
pub(crate) struct Imported {
    pub models: Vec<ImportedModel>,
    pub users: UserSettings,
    /// What they have besides, with its place.
    pub remarks: Vec<String>,
}

/// A model that [`import`] finds.
#[cfg(feature = "discovery")]
pub(crate) struct ImportedModel {
    pub def: &'static ModelDef,
    /// Is it kept by itself, and not within others alone?
    pub listed: bool,
    /// Has a connector of LoopBack's named its table and columns?
    pub stored: bool,
    /// The model of LoopBack's own that it extends, or is.
    pub base: Option<&'static ModelDef>,
    /// Where the base's properties begin.
    of_base: usize,
}

#[cfg(feature = "discovery")]
impl ImportedModel {
    /// The positions of the base's properties.
    pub fn of_base(&self) -> std::ops::Range<usize> {
        let count = self.base.map_or(0, |base| base.properties.len());
        self.of_base..self.of_base + count
    }
}

/// The descriptions of all models that `definitions` lead to. What is not there yet is a remark.
///
/// # Errors
/// Everything that is wrong, a line for each.
#[cfg(feature = "discovery")]
pub(crate) fn import(definitions: &Definitions) -> Result<Imported> {
    let mut problems = Problems::default();
    let (mut models, mut users) = (Vec::new(), UserSettings::default());
    let environment = definitions.surroundings();
    if let Some(folder) = Folder::read(&definitions.folder, &environment, &mut problems) {
        let sources = folder.data_sources.iter();
        let connectors = sources.filter_map(|member| {
            let connector = data_source::connector(&member.node)?;
            Some((member.key.clone(), Store::of_connector(connector)))
        });
        let surroundings = Surroundings {
            described: &[],
            stores: connectors.collect(),
            ruled: &BTreeSet::new(),
            open_by_default: definitions.open_by_default,
        };
        (models, users) = described_models(&folder, &surroundings, &mut problems);
    }
    problems.check(&[Kind::Mistake], "")?;
    let remarks = problems.of(Kind::Missing).chain(problems.of(Kind::Note));
    let models = models.into_iter();
    Ok(Imported {
        models: models
            .map(|(definition, def)| ImportedModel {
                def,
                listed: definition.data_source.is_some(),
                stored: definition.data_source.is_some() && definition.store.has_names(),
                base: definition.base,
                of_base: describe::base_place(&definition).properties,
            })
            .collect(),
        users,
        remarks: remarks.map(ToString::to_string).collect(),
    })
}

fn described_models(
    folder: &Folder,
    surroundings: &Surroundings,
    problems: &mut Problems,
) -> (Vec<(Definition, &'static ModelDef)>, UserSettings) {
    let meant = definition::definitions(folder, surroundings, problems);
    let users = UserSettings::of(&meant, problems);
    // Nothing is made of what is wrong.
    if problems.of(Kind::Mistake).next().is_some() {
        return Default::default();
    }
    let defs = describe::describe(&meant, surroundings.described, problems);
    (meant.into_iter().zip(defs).collect(), users)
}
