//! The command `migrate`: what the tables lack, and the end of it.

use std::process;

use clap::{Args, Subcommand};

use super::App;
use super::app::{Connected, Records};
use super::command::print;
use crate::connectors::{Difference, Plan, PlanOptions};
use crate::model::ModelDef;
use crate::{Error, Result};

// Doc comments here are the words of `--help`.
#[derive(Subcommand)]
pub(super) enum Migrate {
    /// Print what would be done, as SQL with comments
    Plan(Wishes),
    /// Print what is to be done, and do it: all or nothing where the database can, which MySQL can't
    Apply(Wishes),
    /// Say of each model whether its table is up to date
    Status(Place),
    /// Say nothing, and end with 0 when the tables are up to date, 1 when they are not, 2 when that can't be told
    Check(Place),
}

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
    }
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

/// Are the tables what the models say?
async fn check(app: App, place: &Place) -> Result<bool> {
    for records in app.connect().await?.records(place.name())? {
        let actual = records.connector.is_actual(&records.models).await;
        if !actual.map_err(|error| records.failed(error))? {
            return Ok(false);
        }
    }
    Ok(true)
}
