//! Tables that follow the models: the live schema is compared with what the models ask for (`wanted`, `difference`),
//! each difference is judged (`assess`) and becomes SQL (`statement`, `rebuild`), which one process at a time runs.

mod assess;
mod difference;
mod rebuild;
mod statement;
#[cfg(test)]
mod tests;
mod undo;
mod wanted;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use self::assess::{Live, is_rebuild};
use self::difference::{Action, Change, differences, find, simulate};
use self::statement::Writer;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) use self::wanted::{composite_name, index_name};
use super::SqlConnector;
use super::catalogue::{self, Table};
use super::column::quote;
use super::error::{explain, failed};
use super::statement::forget_statements;
use crate::connectors::{Connector, Difference, Plan, PlanOptions, Step};
use crate::model::ModelDef;
use crate::{Error, Result};

/// Tables in which others keep what they have done to the schema.
const NOT_OURS: [&str; 1] = ["seaql_migrations"];

/// Compares the live schema with `models`.
pub(super) async fn plan(
    connection: &impl ConnectionTrait,
    backend: DbBackend,
    models: &[&'static ModelDef],
    options: &PlanOptions,
) -> Result<Plan> {
    let tables = catalogue::read(connection, backend, None).await?;
    let changes = differences(backend, models, &tables);
    let rebuilds = changes
        .iter()
        .any(|change| is_rebuild(backend, &change.action));
    let mut sources = if rebuilds {
        rebuild::sources(connection).await.map_err(failed)?
    } else {
        Vec::new()
    };
    let live = Live {
        backend,
        tables: &tables,
        nulls: nulls(connection, backend, &tables, &changes)
            .await
            .map_err(failed)?,
        rigid: rebuild::rigid(&sources),
    };
    let mut plan = Plan {
        models: models.to_vec(),
        options: options.clone(),
        // MySQL commits at every change of the schema.
        atomic: backend != DbBackend::MySql,
        ..Plan::default()
    };
    let mut before = tables.clone();
    for change in &changes {
        if NOT_OURS.contains(&change.table.as_str()) {
            continue;
        }
        let difference = live.assess(models, change, &changes);
        if !live.is_possible(change) {
            plan.held_back.push(difference);
            continue;
        }
        match fate(change, &difference, options) {
            Fate::Step => {
                let mut after = before.clone();
                simulate(backend, &mut after, change);
                if let Action::DropIndex(index) = &change.action {
                    sources.retain(|source| source.name != index.name);
                }
                let writer = Writer {
                    backend,
                    sources: &sources,
                };
                let has_nulls = matches!(&change.action, Action::SetNotNull(column) if live.has_nulls(change, column));
                plan.steps.push(Step {
                    difference,
                    statements: writer.statements(change, &before, &after, has_nulls),
                    undo: undo::undo(change, find(backend, &before, &change.table))
                        .map(|back| writer.statements(&back, &after, &before, false)),
                });
                before = after;
            }
            Fate::HeldBack => plan.held_back.push(difference),
            Fate::LeftAlone => plan.left_alone.push(difference),
        }
    }
    Ok(plan)
}

enum Fate {
    Step,
    HeldBack,
    LeftAlone,
}

fn fate(change: &Change, difference: &Difference, options: &PlanOptions) -> Fate {
    let wanted = match &change.action {
        Action::DropTable => options.drop_tables.contains(&change.table),
        Action::DropColumn(_) => options.drop,
        // One that a model has in another form is replaced.
        Action::DropForeignKey(_) | Action::DropIndex(_) => options.drop || change.model.is_some(),
        _ if difference.lossy.is_some() && !options.allow_lossy => return Fate::HeldBack,
        _ => return Fate::Step,
    };
    if wanted { Fate::Step } else { Fate::LeftAlone }
}

/// Where null would have to go: columns that are to have none and do, or are to be added to rows without a value.
async fn nulls(
    connection: &impl ConnectionTrait,
    backend: DbBackend,
    tables: &[Table],
    changes: &[Change],
) -> std::result::Result<Vec<(String, String)>, DbErr> {
    let mut nulls = Vec::new();
    for change in changes {
        let Action::SetNotNull(column) = &change.action else {
            continue;
        };
        let Some(table) = find(backend, tables, &change.table) else {
            continue;
        };
        let mut sql = format!("SELECT 1 FROM {}", quote(backend, &table.name));
        if table.column(&column.name).is_some() {
            sql.push_str(&format!(" WHERE {} IS NULL", quote(backend, &column.name)));
        }
        let statement = Statement::from_string(backend, format!("{sql} LIMIT 1"));
        if connection.query_one_raw(statement).await?.is_some() {
            nulls.push((change.table.clone(), column.name.clone()));
        }
    }
    Ok(nulls)
}

/// Brings the tables of `models` up to date, as far as nothing is lost.
pub(super) async fn autoupdate(
    connector: &SqlConnector,
    models: &[&'static ModelDef],
) -> Result<()> {
    // Without the lock first: mostly there is nothing to do, and a database that is only read takes no lock.
    let options = PlanOptions::default();
    if connector.plan(models, &options).await?.steps.is_empty() {
        return Ok(());
    }
    alone(connector, async |transaction| {
        let plan = plan(transaction, connector.backend, models, &options).await?;
        run(transaction, &plan).await
    })
    .await
}

/// Does what `wanted` says, if it still is what there is to do.
pub(super) async fn apply(connector: &SqlConnector, wanted: &Plan) -> Result<()> {
    alone(connector, async |transaction| {
        let now = plan(
            transaction,
            connector.backend,
            &wanted.models,
            &wanted.options,
        )
        .await?;
        // Another process may have been faster.
        if now.steps.is_empty() {
            return Ok(());
        }
        if !now.statements().eq(wanted.statements()) {
            return Err(Error::new(
                409,
                "the tables have changed since the plan was made; nothing was done, plan again",
            ));
        }
        run(transaction, &now).await
    })
    .await
}

/// Drops the tables of `models`, with all their data, and makes them anew.
pub(super) async fn automigrate(
    connector: &SqlConnector,
    models: &[&'static ModelDef],
) -> Result<()> {
    let Some(first) = models.first() else {
        return Ok(());
    };
    let backend = connector.backend;
    alone(connector, async |transaction| {
        // Tables that refer to each other go together.
        let tables: Vec<_> = models
            .iter()
            .map(|model| quote(backend, model.table))
            .collect();
        let say = |sql: String| async move { transaction.execute_unprepared(&sql).await };
        let dropped = match backend {
            DbBackend::Postgres => say(format!("DROP TABLE IF EXISTS {}", tables.join(", "))).await,
            DbBackend::MySql => {
                let drop = format!("DROP TABLE IF EXISTS {}", tables.join(", "));
                say("SET foreign_key_checks = 0".to_owned())
                    .await
                    .map_err(failed)?;
                let dropped = say(drop).await;
                say("SET foreign_key_checks = 1".to_owned())
                    .await
                    .map_err(failed)?;
                dropped
            }
            _ => {
                let drop = |table| format!("DROP TABLE IF EXISTS {table}");
                let drops: Vec<_> = tables.into_iter().map(drop).collect();
                say(drops.join("; ")).await
            }
        };
        dropped.map_err(|error| explain(error, first, None))?;
        let plan = plan(transaction, backend, models, &PlanOptions::default()).await?;
        run(transaction, &plan).await
    })
    .await
}

async fn run(transaction: &DatabaseTransaction, plan: &Plan) -> Result<()> {
    let total = plan.steps.len();
    for (done, step) in plan.steps.iter().enumerate() {
        for statement in &step.statements {
            let result = transaction.execute_unprepared(statement).await;
            result.map_err(|error| {
                let error = match step.difference.model {
                    Some(model) => explain(error, model, None),
                    None => failed(error),
                };
                stopped(plan, step, done, total, error)
            })?;
        }
    }
    Ok(())
}

/// Which step failed, what it leaves behind and what to do about it.
fn stopped(plan: &Plan, step: &Step, done: usize, total: usize, error: Error) -> Error {
    let action = &step.difference.action;
    let outcome = if plan.atomic {
        "nothing was changed".to_owned()
    } else {
        format!("of {total} steps, the first {done} are done; plan again to go on")
    };
    let cure = match error.code() {
        Some("DUPLICATE_ENTRY") => {
            "the table holds a value twice; remove the duplicates first".to_owned()
        }
        Some("DATA_SOURCE_UNAVAILABLE" | "DATA_SOURCE_READ_ONLY") => error.message().to_owned(),
        _ => step.difference.lossy.clone().unwrap_or_else(|| {
            "the database refused; check that the user may change tables, and what it says itself".to_owned()
        }),
    };
    let message = format!("can't {action}: {cure} ({outcome})");
    Error::new(if error.status() == 503 { 503 } else { 500 }, message).with_source(error)
}

/// Does `work` in a transaction while no other process changes the schema.
pub(super) async fn alone(
    connector: &SqlConnector,
    work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<()>,
) -> Result<()> {
    let (connection, backend) = (&connector.connection, connector.backend);
    let sqlite = backend == DbBackend::Sqlite;
    let options = TransactionOptions {
        // A deferred transaction would find out too late that another process changes the schema.
        sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    #[cfg(feature = "sqlite")]
    let own = sqlite.then(|| single(connection)).transpose()?;
    #[cfg(feature = "sqlite")]
    let connection = own.as_ref().unwrap_or(connection);
    if sqlite {
        // Dropping a table would otherwise empty those that refer to it. It takes effect outside a transaction only.
        let off = connection
            .execute_unprepared("PRAGMA foreign_keys = OFF")
            .await;
        off.map_err(failed)?;
    }
    let outcome = async {
        let transaction = connection
            .begin_with_options(options)
            .await
            .map_err(failed)?;
        if connector.source.pooler {
            forget_statements(&transaction).await.map_err(failed)?;
        }
        lock(&transaction, backend).await?;
        let mut outcome = work(&transaction).await;
        if outcome.is_ok() && sqlite {
            outcome = check_keys(&transaction).await;
        }
        unlock(&transaction, backend).await;
        match outcome {
            Ok(()) => transaction.commit().await.map_err(failed),
            Err(error) => {
                // The first error is the one to tell.
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }
    .await;
    if sqlite {
        let on = connection
            .execute_unprepared("PRAGMA foreign_keys = ON")
            .await;
        on.map_err(failed)?;
    }
    outcome
}

/// A connection of its own, in a pool of one: what is said to it reaches no other. A database in memory has but one.
#[cfg(feature = "sqlite")]
fn single(connection: &sea_orm::DatabaseConnection) -> Result<sea_orm::DatabaseConnection> {
    use sea_orm::sqlx::sqlite::SqlitePoolOptions;

    let pool = connection.get_sqlite_connection_pool();
    if pool.options().get_max_connections() == 1 {
        return Ok(connection.clone());
    }
    let options = SqlitePoolOptions::new().max_connections(1);
    Ok(options
        .connect_lazy_with((*pool.connect_options()).clone())
        .into())
}

/// No key leads nowhere that did not before.
async fn check_keys(transaction: &DatabaseTransaction) -> Result<()> {
    let sql = "SELECT DISTINCT \"table\", parent FROM pragma_foreign_key_check";
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let row = transaction.query_one_raw(statement).await.map_err(failed)?;
    let Some(row) = row else { return Ok(()) };
    let name = |index| row.try_get_by_index::<String>(index).unwrap_or_default();
    Err(Error::internal(format!(
        "rows of the table \"{}\" refer to rows that \"{}\" doesn't have; remove them or give them a target first \
         (nothing was changed)",
        name(0),
        name(1)
    )))
}

async fn lock(transaction: &DatabaseTransaction, backend: DbBackend) -> Result<()> {
    // A change of tables takes as long as it takes.
    let unlimited = match backend {
        DbBackend::Postgres => "SET LOCAL statement_timeout = 0",
        DbBackend::MySql => {
            "SET @loopwright_limit = 0 /*M! + @@max_statement_time, SESSION max_statement_time = 0 */"
        }
        // An immediate transaction is the lock.
        _ => return Ok(()),
    };
    let lifted = transaction.execute_unprepared(unlimited).await;
    lifted.map_err(failed)?;
    let sql = match backend {
        DbBackend::Postgres => "SELECT pg_advisory_xact_lock(7813582201)::text",
        // MySQL commits at every change of the schema: the lock belongs to the connection.
        DbBackend::MySql => {
            "SELECT CAST(GET_LOCK(CONCAT('loopwright ', COALESCE(LEFT(DATABASE(), 50), '')), 60) AS CHAR)"
        }
        _ => return Ok(()),
    };
    let row = transaction
        .query_one_raw(Statement::from_string(backend, sql))
        .await;
    let row = row.map_err(failed)?;
    let got: Option<String> = row.and_then(|row| row.try_get_by_index(0).ok());
    if backend == DbBackend::MySql && got.as_deref() != Some("1") {
        let message =
            "another process has been updating the tables for a minute; try again when it is done";
        return Err(Error::new(503, message).with_code("DATA_SOURCE_UNAVAILABLE"));
    }
    Ok(())
}

async fn unlock(transaction: &DatabaseTransaction, backend: DbBackend) {
    if backend == DbBackend::MySql {
        let sql = "SELECT RELEASE_LOCK(CONCAT('loopwright ', COALESCE(LEFT(DATABASE(), 50), '')))";
        // A lost connection has released it.
        let _ = transaction
            .query_one_raw(Statement::from_string(backend, sql))
            .await;
        let limited = "SET @loopwright_limit = @loopwright_limit /*M! , SESSION max_statement_time = @loopwright_limit */";
        let _ = transaction.execute_unprepared(limited).await;
    }
}
