//! The command `migrate`: what the tables lack, and the end of it.

use std::process;

use clap::{Args, Subcommand};

use super::App;
use super::app::Connected;
use super::command::print;
use super::data_source::DataSource;
use crate::connectors::{Plan, PlanOptions};
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

impl From<&Wishes> for PlanOptions {
    fn from(wishes: &Wishes) -> Self {
        PlanOptions {
            allow_lossy: wishes.allow_lossy,
            drop: wishes.drop,
            drop_tables: wishes.drop_tables.clone(),
        }
    }
}

/// Does what `migrate` says. `check` ends the process with what it has found.
pub(super) async fn run(app: App, migrate: Migrate) -> Result<()> {
    match migrate {
        Migrate::Plan(wishes) => {
            let connected = app.connect().await?;
            for data_source in connected.data_sources(wishes.place.name())? {
                print_plan(data_source, &plan(&connected, data_source, &wishes).await?)?;
            }
            Ok(())
        }
        Migrate::Apply(wishes) => {
            let connected = app.connect().await?;
            for data_source in connected.data_sources(wishes.place.name())? {
                let plan = plan(&connected, data_source, &wishes).await?;
                print_plan(data_source, &plan)?;
                let applied = data_source.connector.apply(&plan).await;
                applied.map_err(|error| in_data_source(data_source, error))?;
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

impl Place {
    fn name(&self) -> Option<&str> {
        self.data_source.as_deref()
    }
}

async fn plan(connected: &Connected, data_source: &DataSource, wishes: &Wishes) -> Result<Plan> {
    let models = connected.models_in(data_source);
    let plan = data_source.connector.plan(&models, &wishes.into()).await;
    plan.map_err(|error| in_data_source(data_source, error))
}

/// The error with the data source that it comes from.
fn in_data_source(data_source: &DataSource, error: Error) -> Error {
    let message = format!(
        "the tables of the data source \"{}\" can't be brought up to date",
        data_source.name
    );
    Error::new(error.status(), message).with_source(error)
}

fn print_plan(data_source: &DataSource, plan: &Plan) -> Result<()> {
    let (name, shown) = (&data_source.name, &data_source.shown);
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
    for data_source in connected.data_sources(place.name())? {
        let models = connected.models_in(data_source);
        let plan = data_source
            .connector
            .plan(&models, &PlanOptions::default())
            .await;
        let plan = plan.map_err(|error| in_data_source(data_source, error))?;
        for model in models {
            print(&line(data_source, model, &plan))?;
        }
    }
    Ok(())
}

/// `db CoffeeShop: add the column "city" to "coffee_shop"`
fn line(data_source: &DataSource, model: &ModelDef, plan: &Plan) -> String {
    let of_model = plan.differences().filter(|difference| {
        difference
            .model
            .is_some_and(|other| other.name == model.name)
    });
    let actions: Vec<_> = of_model
        .map(|difference| difference.action.as_str())
        .collect();
    let state = if actions.is_empty() {
        "up to date".to_owned()
    } else {
        actions.join("; ")
    };
    format!("{} {}: {state}", data_source.name, model.name)
}

/// Are the tables what the models say?
async fn check(app: App, place: &Place) -> Result<bool> {
    let connected = app.connect().await?;
    for data_source in connected.data_sources(place.name())? {
        let models = connected.models_in(data_source);
        if !data_source.connector.is_actual(&models).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
