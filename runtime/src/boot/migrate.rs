//! The command `migrate`: what the tables lack, and the end of it.

use std::process;

use clap::{Args, Subcommand};

use super::App;
use super::command::print;
use super::connected::{Connected, Records};
use crate::connectors::{Difference, Plan, PlanOptions};
use crate::model::ModelDef;
use crate::{Error, Result};

// Doc comments here are the words of `--help`.
#[derive(Subcommand)]
pub(super) enum Migrate {
    /// Print what would be done, as SQL with comments
    Plan(Wishes),
    /// Print what is to be done, and do it: all or nothing where the database can, which MySQL can't. Where there are
    /// versioned migrations, these are what is done
    Apply(Wishes),
    /// Say of each model whether its table is up to date, and of each migration whether it has been applied
    Status(Place),
    /// Say nothing, and end with 0 when the tables are up to date, 1 when they are not, 2 when that can't be told
    Check(Place),
    /// Write what `plan` prints as a versioned migration, for `App::migrations`
    #[cfg(feature = "migrations")]
    Create(Create),
    /// Undo the migration that was applied last
    #[cfg(feature = "migrations")]
    Revert,
    /// Record the migrations as applied without running them: the database has had what they do before there were
    /// migrations
    #[cfg(feature = "migrations")]
    Baseline(Baseline),
}

#[cfg(feature = "migrations")]
#[derive(Args)]
pub(super) struct Create {
    /// What it does, such as `add_city`
    name: String,
    /// The folder of the migrations, a module of the program
    #[arg(long, value_name = "FOLDER", default_value = "src/migration")]
    dir: std::path::PathBuf,
    #[command(flatten)]
    wishes: Wishes,
}

#[cfg(feature = "migrations")]
#[derive(Args)]
pub(super) struct Baseline {
    /// The last migration that the database has had; all of them unless given
    #[arg(long, value_name = "MIGRATION")]
    to: Option<String>,
}

/// What the command ends with, for its `--help`.
pub(super) const EXIT_CODES: &str = "\
Every command ends with 0 when it has done what it says, with 1 when it has not (the reason is on standard error), and \
with 2 when its arguments are wrong. `plan` and `status` end with 0 whether or not something is to be done; `check` ends \
with 1 if so, and with 2 when it can't tell.";

#[derive(Args)]
pub(super) struct Place {
    /// One data source instead of all
    #[arg(long, value_name = "NAME")]
    data_source: Option<String>,
}

#[derive(Args)]
pub(super) struct Wishes {
    #[command(flatten)]
    place: Place,
    /// Also take the steps that may lose data or be refused
    #[arg(long)]
    allow_lossy: bool,
    /// Also drop the columns and indexes of the models' tables that no model has
    #[arg(long)]
    drop: bool,
    /// Also drop this table, if no model has it
    #[arg(long = "drop-table", value_name = "TABLE")]
    drop_tables: Vec<String>,
}

impl Place {
    fn name(&self) -> Option<&str> {
        self.data_source.as_deref()
    }
}

impl Wishes {
    fn options(&self) -> PlanOptions {
        PlanOptions {
            allow_lossy: self.allow_lossy,
            drop: self.drop,
            drop_tables: self.drop_tables.clone(),
        }
    }
}

#[cfg(feature = "migrations")]
impl Wishes {
    /// # Errors
    /// Something is wished for that only a new migration can do.
    fn refuse(&self) -> Result<()> {
        if self.options() == PlanOptions::default() {
            return Ok(());
        }
        Err(Error::internal(
            "migrations do what is written in them; give `--allow-lossy`, `--drop` and `--drop-table` to `migrate create`",
        ))
    }
}

/// Does what `migrate` says. `check` ends the process with what it has found.
pub(super) async fn run(app: App, migrate: Migrate) -> Result<()> {
    match migrate {
        Migrate::Plan(wishes) => {
            let connected = app.connect().await?;
            for records in connected.records(wishes.place.name())? {
                print_plan(&records, &records.plan(&wishes.options()).await?)?;
            }
            Ok(())
        }
        Migrate::Apply(wishes) => {
            let connected = app.connect().await?;
            for records in connected.records(wishes.place.name())? {
                #[cfg(feature = "migrations")]
                if let Some(versioned) = connected.versioned(records.data_source)? {
                    wishes.refuse()?;
                    versioned.apply().await?;
                    continue;
                }
                let plan = records.plan(&wishes.options()).await?;
                print_plan(&records, &plan)?;
                let applied = records.connector.apply(&plan).await;
                applied.map_err(|error| records.failed(error))?;
            }
            Ok(())
        }
        Migrate::Status(place) => status(&app.connect().await?, &place).await,
        Migrate::Check(place) => match check(app, &place).await {
            Ok(true) => Ok(()),
            Ok(false) => process::exit(1),
            Err(error) => {
                eprintln!("Error: {error:?}");
                process::exit(2)
            }
        },
        #[cfg(feature = "migrations")]
        Migrate::Create(arguments) => create(&app.connect().await?, &arguments).await,
        #[cfg(feature = "migrations")]
        Migrate::Revert => {
            let connected = app.connect().await?;
            let (_, versioned) = migrated(&connected)?;
            versioned.revert().await
        }
        #[cfg(feature = "migrations")]
        Migrate::Baseline(Baseline { to }) => {
            let connected = app.connect().await?;
            let (records, versioned) = migrated(&connected)?;
            versioned.baseline(to.as_deref()).await?;
            let plan = records.plan(&PlanOptions::default()).await?;
            if plan.is_empty() {
                return Ok(());
            }
            print("-- the tables are not what the models say yet; what is still to be done:")?;
            print_plan(&records, &plan)
        }
    }
}

/// The data source that has migrations, and these.
#[cfg(feature = "migrations")]
fn migrated(connected: &Connected) -> Result<(Records<'_>, super::migrations::Versioned<'_>)> {
    for records in connected.records(None)? {
        if let Some(versioned) = connected.versioned(records.data_source)? {
            return Ok((records, versioned));
        }
    }
    Err(Error::internal(
        "the application has no migrations; list them with `App::migrations`",
    ))
}

impl Records<'_> {
    async fn plan(&self, options: &PlanOptions) -> Result<Plan> {
        let plan = self.connector.plan(&self.models, options).await;
        plan.map_err(|error| self.failed(error))
    }

    /// The error with the data source that it comes from.
    fn failed(&self, error: Error) -> Error {
        let name = &self.data_source.name;
        let message =
            format!("the tables of the data source \"{name}\" can't be brought up to date");
        Error::new(error.status(), message).with_source(error)
    }
}

fn print_plan(records: &Records<'_>, plan: &Plan) -> Result<()> {
    let (name, shown) = (&records.data_source.name, &records.data_source.shown);
    print(&format!("-- data source \"{name}\" ({shown})"))?;
    for sentence in records.unkept_keys() {
        print(&format!("-- note: {sentence}"))?;
    }
    if plan.is_empty() {
        print("-- the tables are what the models say")?;
    }
    let text = plan.to_string();
    if text.is_empty() {
        return Ok(());
    }
    print(text.trim_end())
}

async fn status(connected: &Connected, place: &Place) -> Result<()> {
    for records in connected.records(place.name())? {
        #[cfg(feature = "migrations")]
        if let Some(versioned) = connected.versioned(records.data_source)? {
            versioned.status().await?;
        }
        let plan = records.plan(&PlanOptions::default()).await?;
        for model in &records.models {
            let state = state(model, &plan);
            print(&format!(
                "{} {}: {state}",
                records.data_source.name, model.name
            ))?;
        }
    }
    Ok(())
}

/// Writes the difference between the models and the tables as a migration.
#[cfg(feature = "migrations")]
async fn create(connected: &Connected, arguments: &Create) -> Result<()> {
    use super::app::DEFAULT_DATA_SOURCE;
    use super::{migration_file, migrations};

    if arguments
        .wishes
        .place
        .name()
        .is_some_and(|name| name != DEFAULT_DATA_SOURCE)
    {
        return Err(Error::internal(format!(
            "only the data source \"{DEFAULT_DATA_SOURCE}\" has versioned migrations"
        )));
    }
    for records in connected.records(Some(DEFAULT_DATA_SOURCE))? {
        migrations::sql(records.data_source)?;
        if let Some(versioned) = connected.versioned(records.data_source)? {
            // What they do would be in the new one too.
            versioned.refuse_pending().await?;
        }
        let plan = records.plan(&arguments.wishes.options()).await?;
        print_plan(&records, &plan)?;
        if plan.steps.is_empty() {
            return print("-- nothing was written");
        }
        let version = chrono::Utc::now().format("%Y%m%d_%H%M%S").to_string();
        let file = migration_file::write(&arguments.dir, &version, &arguments.name, &plan)?;
        print(&format!("-- written to {}", file.display()))?;
    }
    Ok(())
}

/// `up to date`, or what is to be done: `add the column "city" to "coffee_shop"`.
fn state(model: &ModelDef, plan: &Plan) -> String {
    let own = |difference: &&Difference| {
        difference
            .model
            .is_some_and(|other| other.name == model.name)
    };
    let own = plan.differences().filter(own);
    let actions: Vec<_> = own.map(|difference| difference.action.as_str()).collect();
    if actions.is_empty() {
        "up to date".to_owned()
    } else {
        actions.join("; ")
    }
}

/// Are the tables what the models say, and is no migration pending?
async fn check(app: App, place: &Place) -> Result<bool> {
    let connected = app.connect().await?;
    for records in connected.records(place.name())? {
        #[cfg(feature = "migrations")]
        if let Some(versioned) = connected.versioned(records.data_source)?
            && !versioned.pending().await?.is_empty()
        {
            return Ok(false);
        }
        let actual = records.connector.is_actual(&records.models).await;
        if !actual.map_err(|error| records.failed(error))? {
            return Ok(false);
        }
    }
    Ok(true)
}
