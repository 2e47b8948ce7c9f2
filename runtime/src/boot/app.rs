//! What an application consists of, before it starts.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;

use super::auth::{self, AuthParts};
use super::description::Description;
use super::middleware::{Middleware, PhaseParts};
use super::transport::Mounted;
use super::{
    Application, Config, DataSourceConfig, Models, command, files, join, model_rule, stand_in,
};
use crate::Result;
use crate::access::AccessMatrix;
use crate::builtin::{PasswordReset, RoleQuery, UserLetter};
use crate::connectors::Connector;
use crate::connectors::key_value::KeyValueStore;
#[cfg(feature = "migrations")]
use crate::connectors::sql::Migrations;
use crate::definitions::{self, Definitions, Files};
use crate::mail::{Email, MailConfig};
use crate::model::{Described, ModelDef};
use crate::remoting::Transport;

/// Where the OpenAPI document is.
pub(super) const DOCUMENT_PATH: &str = "/openapi.json";

/// The data source that models are attached to.
pub(super) const DEFAULT_DATA_SOURCE: &str = "db";

type BootScript =
    Box<dyn FnOnce(Application) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send>;

/// An application: its models, and what it does besides.
///
/// ```no_run
/// use loopwright::prelude::*;
///
/// /// Something to do.
/// #[derive(Model)]
/// #[acl(open)]
/// struct Todo {
///     #[model(id, generated)]
///     id: i64,
///     title: String,
/// }
///
/// #[loopwright::main]
/// async fn main() -> loopwright::Result<()> {
///     App::new().models::<(Todo,)>().run().await
/// }
/// ```
#[must_use = "an application does nothing until `run`, `build` or `into_router` is awaited"]
pub struct App {
    config: Option<Config>,
    title: Option<String>,
    data_sources: BTreeMap<String, DataSourceConfig>,
    attached: BTreeMap<&'static str, String>,
    pub(super) connectors: BTreeMap<String, Arc<dyn Connector>>,
    pub(super) stores: BTreeMap<String, Arc<dyn KeyValueStore>>,
    pub(super) models: Vec<&'static ModelDef>,
    definitions: Option<Definitions>,
    pub(super) boot_scripts: Vec<BootScript>,
    pub(super) routes: Router,
    pub(super) phases: PhaseParts,
    pub(super) transports: Vec<Mounted>,
    pub(super) auth: AuthParts,
    mail: Option<MailConfig>,
    openapi: Vec<utoipa::openapi::OpenApi>,
    #[cfg(feature = "migrations")]
    pub(super) migrations: Option<Migrations>,
}

impl Default for App {
    fn default() -> Self {
        App::new()
    }
}

impl App {
    /// An application without models. It reads `loopwright.toml` in the working directory and the environment, unless
    /// [`config`](Self::config) says otherwise.
    pub fn new() -> Self {
        App {
            config: None,
            title: None,
            data_sources: BTreeMap::new(),
            attached: BTreeMap::new(),
            connectors: BTreeMap::new(),
            stores: BTreeMap::new(),
            models: Vec::new(),
            definitions: None,
            boot_scripts: Vec::new(),
            routes: Router::new(),
            phases: PhaseParts::default(),
            transports: Vec::new(),
            auth: AuthParts::default(),
            mail: None,
            openapi: Vec::new(),
            #[cfg(feature = "migrations")]
            migrations: None,
        }
    }

    /// The application with this configuration instead of the file's and the environment's.
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// The application with a data source at `url`, whatever the configuration says of it. Models are attached to the
    /// one called `db`.
    pub fn data_source(mut self, name: impl Into<String>, url: impl Into<String>) -> Self {
        self.data_sources
            .insert(name.into(), DataSourceConfig::new(url));
        self
    }

    /// The application with a data source by a connector of its own, whatever the configuration says of one with that
    /// name. `examples/json-files` is such a connector.
    pub fn connector(mut self, name: impl Into<String>, connector: impl Connector) -> Self {
        self.connectors.insert(name.into(), Arc::new(connector));
        self
    }

    /// The application with a data source by a key-value store of its own, whatever the configuration says of one with
    /// that name.
    pub fn key_value_store(mut self, name: impl Into<String>, store: impl KeyValueStore) -> Self {
        self.stores.insert(name.into(), Arc::new(store));
        self
    }

    /// The application with a name, for the start-up lines and the OpenAPI document.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// The application with these models too: `.models::<(Customer, CoffeeShop)>()`.
    pub fn models<M: Models>(mut self) -> Self {
        self.models.extend(M::DEFS);
        self
    }

    /// The application with the models of a LoopBack application too, whatever the configuration says of one: those that
    /// `model-config.json` lists in `folder`, or in its folder `server`. What the other files there say of settings, data
    /// sources, components and middleware holds where neither the program nor the configuration says anything. See
    /// [`definitions`](crate::definitions).
    ///
    /// ```no_run
    /// use loopwright::definitions::Definitions;
    /// use loopwright::prelude::*;
    ///
    /// let app = App::new().definitions(Definitions::folder("../coffee-shop").open_by_default());
    /// ```
    pub fn definitions(mut self, definitions: impl Into<Definitions>) -> Self {
        self.definitions = Some(definitions.into());
        self
    }

    /// The application with the model `M` in the data source called `name`, whatever the configuration says of it.
    ///
    /// Relations and includes reach from one data source into another; a transaction does not.
    pub fn attach<M: Described>(mut self, name: impl Into<String>) -> Self {
        self.attached.insert(M::DEF.name, name.into());
        self
    }

    /// The application with a boot script: it runs once, when the data sources are connected and before the first
    /// request. Scripts run one after the other; the first error ends the start.
    pub fn boot<F, Fut>(mut self, script: F) -> Self
    where
        F: FnOnce(Application) -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        self.boot_scripts
            .push(Box::new(move |application| Box::pin(script(application))));
        self
    }

    /// The application with routes of its own beside the models. They win over the models' paths; a fallback is
    /// replaced by LoopBack's 404.
    ///
    /// Handlers may take the [`Application`], who calls ([`Caller`](crate::access::Caller)), and repositories on that
    /// caller's behalf, for which policies hold; what they fail with is answered as the errors of models are.
    ///
    /// ```
    /// use axum::Router;
    /// use axum::routing::get;
    /// use loopwright::access::Caller;
    /// use loopwright::prelude::*;
    ///
    /// /// What its owner sees.
    /// #[derive(Model)]
    /// #[acl(allow(all), to = authenticated)]
    /// #[policy(all, to = owner)]
    /// struct Note {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     user_id: i64,
    /// }
    ///
    /// /// How many notes the caller has.
    /// async fn tally(
    ///     application: Application,
    ///     caller: Caller,
    ///     notes: Repository<Note, AsCaller>,
    /// ) -> Result<String> {
    ///     if !application.allows(&caller, "Note", "count", None).await? {
    ///         return Err(Error::new(401, "Log in to count your notes"));
    ///     }
    ///     Ok(notes.count(Condition::ALL).await?.to_string())
    /// }
    ///
    /// let app = App::new().models::<(Note,)>().routes(Router::new().route("/tally", get(tally)));
    /// ```
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }

    /// The application with what requests pass in one of its phases: a tower layer, or a function of axum's.
    pub fn middleware(mut self, middleware: Middleware) -> Self {
        self.phases.middleware.push(middleware);
        self
    }

    /// The application with more phases than LoopBack's `initial`, `session`, `auth`, `parse`, `routes`, `files` and `final`:
    /// each new name stands behind the one before it, and the first, if it is new, before all.
    ///
    /// ```
    /// # use loopwright::prelude::*;
    /// let app = App::new().phases(["auth", "audit", "parse"]);
    /// ```
    pub fn phases<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(Into::into);
        self.phases.names.push(names.collect());
        self
    }

    /// The application with another way to its methods than REST, at this path: see [`Transport`]. JSON-RPC and WebSockets
    /// need no code: the configuration has them as `json_rpc` and `web_socket`.
    ///
    /// ```
    /// use loopwright::prelude::*;
    /// use loopwright::remoting::JsonRpc;
    ///
    /// let app = App::new().transport("/rpc", JsonRpc::new());
    /// ```
    pub fn transport(mut self, path: impl Into<String>, transport: impl Transport) -> Self {
        self.transports.push((path.into(), Arc::new(transport)));
        self
    }

    /// The application with a role that a function decides about, whatever the data sources say of it: is the caller a
    /// member, here? It is asked when a rule for the role is next in line, once for each instance and request.
    ///
    /// LoopBack's own roles can be replaced, too: `"$owner"`, `"$related"`.
    ///
    /// ```
    /// use loopwright::prelude::*;
    ///
    /// /// Something that people work on.
    /// #[derive(Model)]
    /// #[acl(allow(read), to = role("team member"))]
    /// struct Project {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     name: String,
    /// }
    ///
    /// /// Who works on what.
    /// #[derive(Model)]
    /// #[model(public = false)]
    /// struct Membership {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     project_id: i64,
    ///     user_id: String,
    /// }
    ///
    /// let app = App::new()
    ///     .models::<(Project, Membership)>()
    ///     .role("team member", |query| async move {
    ///         let (Some(user), Some(Ok(project))) =
    ///             (query.caller().user_id(), query.id().map(str::parse::<i64>))
    ///         else {
    ///             return Ok(false);
    ///         };
    ///         let member = Membership::PROJECT_ID.eq(project).and(Membership::USER_ID.eq(user));
    ///         Ok(query.repository::<Membership>()?.count(member).await? > 0)
    ///     });
    /// ```
    pub fn role<F, Fut>(mut self, name: impl Into<String>, is_member: F) -> Self
    where
        F: Fn(RoleQuery) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<bool>> + Send + 'static,
    {
        let resolver = move |query| Box::pin(is_member(query)) as _;
        self.auth.resolvers.insert(name.into(), Arc::new(resolver));
        self
    }

    /// The application with a function that is called when somebody has forgotten a password: it sends a letter with the
    /// token, say.
    pub fn on_password_reset<F, Fut>(mut self, handle: F) -> Self
    where
        F: Fn(PasswordReset) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let handler = move |reset| Box::pin(handle(reset)) as _;
        self.auth.on_reset = Some(Arc::new(handler));
        self
    }

    /// The application that writes its letters to users in words of its own.
    ///
    /// ```
    /// use loopwright::builtin::LetterKind;
    /// use loopwright::mail::Email;
    /// use loopwright::prelude::*;
    ///
    /// let app = App::new().letters(|letter| match letter.kind {
    ///     LetterKind::Verify => {
    ///         let name = letter.user["name"].as_str().unwrap_or("there");
    ///         let text = format!("Hello {name},\n\nis this your address? {}", letter.href);
    ///         Email::new(&letter.to, "Welcome").text(text)
    ///     }
    ///     _ => Email::new(&letter.to, "Your password").text(format!("Set a new one: {}", letter.href)),
    /// });
    /// ```
    pub fn letters<F>(mut self, write: F) -> Self
    where
        F: Fn(&UserLetter) -> Email + Send + Sync + 'static,
    {
        self.auth.letters = Some(Arc::new(write));
        self
    }

    /// The application that sends e-mail so, whatever the configuration says.
    pub fn mail(mut self, mail: MailConfig) -> Self {
        self.mail = Some(mail);
        self
    }

    /// The application with the description of routes of its own in the OpenAPI document.
    pub fn openapi(mut self, document: utoipa::openapi::OpenApi) -> Self {
        self.openapi.push(document);
        self
    }

    /// Who may call what, by the access rules of the program. No data source is connected.
    ///
    /// ```
    /// use loopwright::Config;
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Model)]
    /// #[acl(allow(read), to = everyone)]
    /// struct Todo {
    ///     #[model(id, generated)]
    ///     id: i64,
    /// }
    ///
    /// let matrix = App::new().config(Config::default()).models::<(Todo,)>().access_matrix()?;
    /// let open = matrix.rows.iter().filter(|row| row.allows("anonymous"));
    /// assert!(open.into_iter().all(|row| row.access == "READ"));
    /// # Ok::<_, Error>(())
    /// ```
    ///
    /// # Errors
    /// The configuration, or a definition, can't be used.
    pub fn access_matrix(self) -> Result<AccessMatrix> {
        let (app, config) = self.configured()?;
        Ok(app.description(&config).access_matrix())
    }

    /// Connects the data sources, updates their tables and runs the boot scripts.
    ///
    /// # Errors
    /// The configuration can't be used, a data source can't be reached, or a boot script failed.
    pub async fn build(self) -> Result<Application> {
        let connected = self.connect().await?;
        connected.autoupdate().await?;
        connected.start().await
    }

    /// As [`build`](Self::build), and returns the application as an ordinary axum router, to nest, test or serve.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub async fn into_router(self) -> Result<Router> {
        Ok(self.build().await?.router())
    }

    /// Does what the command line says: serves the application unless it says something else; `--help` lists what it
    /// may say.
    ///
    /// The server ends at SIGINT or SIGTERM. Requests that are under way are finished first, for as long as
    /// [`shutdown_timeout`](Config::shutdown_timeout) says; a second signal ends the process at once, with 130 or 143. Log
    /// lines go to standard error; `RUST_LOG` chooses which, `info` and above unless set.
    ///
    /// # Errors
    /// As [`build`](Self::build), when the port is taken, and when requests had to be given up.
    pub async fn run(self) -> Result<()> {
        command::run(self, std::env::args_os()).await
    }

    /// The configuration with what the program says itself, and what the files of its definitions say of the application.
    pub(super) fn configuration(&self) -> Result<Config> {
        let mut config = self.said()?;
        if let Some(definitions) = config.definitions.clone() {
            let files = self.files(&definitions, &config);
            files.check()?;
            config.fill(files.layer)?;
        }
        self.decide(config, true)
    }

    /// What the configuration says, and the program of where data is.
    fn said(&self) -> Result<Config> {
        let mut config = match &self.config {
            Some(config) => config.clone(),
            None => Config::load("loopwright.toml")?,
        };
        config.data_sources.extend(self.data_sources.clone());
        config.data_sources.retain(|name, _| !self.brings(name));
        for (name, data_source) in &self.attached {
            let model = config.models.entry((*name).to_owned()).or_default();
            model.data_source = Some(data_source.clone());
        }
        if let Some(mail) = &self.mail {
            config.mail = Some(mail.clone());
        }
        if let Some(definitions) = &self.definitions {
            config.definitions = Some(definitions.clone());
        }
        Ok(config)
    }

    /// The files that `definitions` lead to, as far as `config` leaves something to say.
    fn files<'a>(&self, definitions: &'a Definitions, config: &Config) -> Files<'a> {
        let default = self.models.iter().any(|def| {
            let model = config.models.get(def.name);
            model.is_none_or(|model| model.data_source.is_none())
        });
        let known = config.known(self.own_data_sources(), default);
        definitions::read(definitions, &known, &definitions.surroundings())
    }

    /// The names of data sources with connectors of the program's own.
    fn own_data_sources(&self) -> impl Iterator<Item = String> {
        self.connectors.keys().chain(self.stores.keys()).cloned()
    }

    fn brings(&self, name: &str) -> bool {
        self.connectors.contains_key(name) || self.stores.contains_key(name)
    }

    /// The configuration, with the program's last word and, unless nothing is kept there, the data source `db`.
    fn decide(&self, mut config: Config, default: bool) -> Result<Config> {
        config.check()?;
        config.check_data_sources()?;
        if let Some(title) = &self.title {
            config.title.clone_from(title);
        }
        if default && !self.brings(DEFAULT_DATA_SOURCE) {
            config
                .data_sources
                .entry(DEFAULT_DATA_SOURCE.into())
                .or_insert_with(default_data_source);
        }
        Ok(config)
    }

    /// The application with the models of its definitions, and its configuration.
    pub(super) fn configured(mut self) -> Result<(App, Config)> {
        let mut config = self.said()?;
        match config.definitions.clone() {
            None => config = self.decide(config, true)?,
            Some(definitions) => {
                let mut files = self.files(&definitions, &config);
                let has_data_sources = !files.layer.data_sources.is_empty();
                config.fill(std::mem::take(&mut files.layer))?;
                let loaded =
                    files.load(&self.models, &files::urls(&config, self.own_data_sources()))?;
                config.settle(loaded.users.into_settings(), false)?;
                for (def, data_source) in loaded.models {
                    self.models.push(def);
                    let model = config.models.entry(def.name.to_owned()).or_default();
                    model.data_source.get_or_insert(data_source);
                }
                let default = self.models.iter().any(|def| {
                    let model = config.models.get(def.name);
                    let data_source = model.and_then(|model| model.data_source.as_deref());
                    data_source.is_none_or(|name| name == DEFAULT_DATA_SOURCE)
                });
                // Who has data sources of other names needs no file for one of this.
                config = self.decide(config, default || !has_data_sources)?;
            }
        }
        auth::add(&mut self.models, &mut config);
        model_rule::apply(&mut self.models, &config.models)?;
        stand_in::lead(&mut self.models)?;
        join::add(&mut self.models, &mut config.models);
        Ok((self, config))
    }

    /// Does the program, or its configuration, have a data source of this name?
    pub(super) fn has_data_source(&self, name: &str, config: &Config) -> bool {
        config.data_sources.contains_key(name) || self.brings(name)
    }

    /// What the application says of itself.
    pub(super) fn description(&self, config: &Config) -> Description {
        Description::new(&self.models, config, &self.auth).with_routes(&self.routes, &self.openapi)
    }
}

/// A new application needs no configuration and no server: its data is in a file named after the program.
fn default_data_source() -> DataSourceConfig {
    let program = std::env::current_exe().ok();
    let name = program
        .as_deref()
        .and_then(|path| path.file_stem()?.to_str())
        .unwrap_or("app");
    DataSourceConfig::new(format!("sqlite://{name}.db"))
}
