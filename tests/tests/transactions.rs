//! Operations that happen together or not at all (contract *connectors.md* §1.6).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use loopwright::Config;
use loopwright::connectors::Isolation;
use loopwright::connectors::mongodb::MongoConnector;
use loopwright::hook::Save;
use loopwright::prelude::*;
use loopwright::repository::{Transaction, TransactionEvent};
use loopwright_tests::models::{All, Customer, Order, customer};
use loopwright_tests::on_every_database;

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

async fn application(database: &str) -> Result<Application> {
    let app = App::new().config(Config::default());
    app.data_source("db", database)
        .models::<All>()
        .build()
        .await
}

fn order(item: &str) -> Order {
    Order {
        item: item.into(),
        ..Order::default()
    }
}

async fn count(app: &Application) -> Result<u64> {
    app.repository::<Customer>()?.count(Condition::ALL).await
}

async fn what_is_committed_appears_at_once(database: &str) -> TestResult {
    let app = application(database).await?;
    let tx = app.transaction().begin().await?;
    let customers = tx.repository::<Customer>()?;
    let ann = customers.create(customer("Ann")).await?;
    let orders = customers.related(&ann, Customer::ORDERS).await?;
    orders.create(order("tea")).await?;
    // Counts and existence are asked inside; outside nothing is there yet.
    assert_eq!(customers.count(Condition::ALL).await?, 1);
    assert!(customers.exists(ann.id).await?);
    assert_eq!(count(&app).await?, 0);

    tx.commit().await?;
    assert_eq!(count(&app).await?, 1);
    let found = app.repository::<Customer>()?.find();
    let found = found.include(Customer::ORDERS).one().await?;
    let found = found.ok_or("the customer is gone")?;
    assert_eq!(found.orders.get()[0].item, "tea");

    for again in [tx.commit().await, tx.rollback().await] {
        let error = again.err().ok_or("it ended twice")?;
        assert_eq!(error.code(), Some("TRANSACTION_NOT_ACTIVE"));
        assert!(error.to_string().contains("not active"), "{error}");
    }
    let late = customers.create(customer("Late")).await;
    assert!(late.is_err());
    Ok(())
}

async fn what_fails_or_is_forgotten_leaves_nothing(database: &str) -> TestResult {
    let app = application(database).await?;
    let failed = app
        .transaction()
        .run(|tx| async move {
            let customers = tx.repository::<Customer>()?;
            customers.create(customer("Ann")).await?;
            tx.repository::<Order>()?.create(order("")).await?;
            Ok(())
        })
        .await;
    assert_eq!(failed.err().map(|error| error.status()), Some(422));
    assert_eq!(count(&app).await?, 0);

    let tx = app.transaction().begin().await?;
    tx.repository::<Customer>()?.create(customer("Bob")).await?;
    tx.rollback().await?;
    assert_eq!(count(&app).await?, 0);

    let tx = app.transaction().begin().await?;
    tx.repository::<Customer>()?.create(customer("Eve")).await?;
    drop(tx);
    assert_eq!(count(&app).await?, 0);

    let new = app.transaction();
    let panicked = tokio::spawn(new.run(|tx| async move {
        tx.repository::<Customer>()?.create(customer("Joe")).await?;
        if tx.repository::<Customer>()?.count(Condition::ALL).await? == 1 {
            panic!("on purpose");
        }
        Ok(())
    }));
    assert!(panicked.await.is_err_and(|error| error.is_panic()));
    assert_eq!(count(&app).await?, 0);
    Ok(())
}

/// MongoDB undoes the whole of a transaction when one operation in it fails.
fn has_savepoints(app: &Application) -> bool {
    app.connector::<MongoConnector>("db").is_err()
}

async fn one_failed_operation_is_not_the_end(database: &str) -> TestResult {
    let app = application(database).await?;
    if !has_savepoints(&app) {
        let tx = app.transaction().begin().await?;
        let customers = tx.repository::<Customer>()?;
        let ann = customers.create(customer("Ann")).await?;
        assert!(customers.create(ann).await.is_err());
        let late = customers.create(customer("Bob")).await.err();
        let late = late.ok_or("it goes on")?;
        assert_eq!(late.code(), Some("TRANSACTION_NOT_ACTIVE"), "{late}");
        assert!(tx.commit().await.is_err());
        assert_eq!(count(&app).await?, 0);
        return Ok(());
    }
    app.transaction()
        .run(|tx| async move {
            let customers = tx.repository::<Customer>()?;
            let ann = customers.create(customer("Ann")).await?;
            let taken = Customer {
                id: ann.id,
                ..customer("Double")
            };
            let taken = customers.create(taken).await;
            assert_eq!(taken.err().map(|error| error.status()), Some(409));
            customers.create(customer("Bob")).await?;
            Ok(())
        })
        .await?;
    assert_eq!(count(&app).await?, 2);
    Ok(())
}

async fn a_transaction_within_another_is_undone_by_itself(database: &str) -> TestResult {
    let app = application(database).await?;
    if !has_savepoints(&app) {
        let tx = app.transaction().begin().await?;
        let within = tx.transaction().begin().await.err();
        assert_eq!(within.map(|error| error.status()), Some(500));
        return Ok(());
    }
    app.transaction()
        .isolation(Isolation::Serializable)
        .run(|tx| async move {
            tx.repository::<Customer>()?.create(customer("Ann")).await?;
            let inner = tx.transaction().begin().await?;
            inner
                .repository::<Customer>()?
                .create(customer("Bob"))
                .await?;
            inner.rollback().await?;
            let inner = tx.transaction();
            inner
                .run(|inner| async move {
                    let customers = inner.repository::<Customer>()?;
                    customers.create(customer("Eve")).await.map(drop)
                })
                .await
        })
        .await?;
    let names = app.repository::<Customer>()?.find();
    let names = names.order(Customer::NAME.asc()).all().await?;
    let names: Vec<_> = names.into_iter().map(|customer| customer.name).collect();
    assert_eq!(names, ["Ann", "Eve"]);
    Ok(())
}

async fn a_transaction_that_takes_too_long_is_undone(database: &str) -> TestResult {
    let app = application(database).await?;
    let late = app
        .transaction()
        .timeout(Duration::from_millis(50))
        .run(|tx| async move {
            let customers = tx.repository::<Customer>()?;
            // Goes on until the time is up.
            loop {
                customers.create(customer("Ann")).await?;
                tokio::task::yield_now().await;
            }
            #[expect(unreachable_code, reason = "tells the type")]
            Ok(())
        })
        .await;
    let error = late.err().ok_or("it has ended")?;
    assert!(error.to_string().contains("took too long"), "{error}");
    assert_eq!(count(&app).await?, 0);
    Ok(())
}

on_every_database!(
    what_is_committed_appears_at_once
    what_fails_or_is_forgotten_leaves_nothing
    one_failed_operation_is_not_the_end
    a_transaction_within_another_is_undone_by_itself
    a_transaction_that_takes_too_long_is_undone
);

/// What observers have been told, in order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<&'static str>>>);

impl Told {
    fn note(&self, what: &'static str) {
        if let Ok(mut told) = self.0.lock() {
            told.push(what);
        }
    }

    fn all(&self) -> Vec<&'static str> {
        self.0
            .lock()
            .map(|mut told| std::mem::take(&mut *told))
            .unwrap_or_default()
    }

    /// Is told of each event, by its name.
    async fn observe(&self, tx: &Transaction, events: &[(TransactionEvent, &'static str)]) {
        for (event, name) in events.iter().copied() {
            let told = self.clone();
            tx.observe(event, async move || {
                told.note(name);
                Ok(())
            })
            .await;
        }
    }
}

const EVENTS: [(TransactionEvent, &str); 5] = [
    (TransactionEvent::AfterCommit, "after commit"),
    (TransactionEvent::BeforeCommit, "before commit"),
    (TransactionEvent::AfterRollback, "after rollback"),
    (TransactionEvent::BeforeRollback, "before rollback"),
    (TransactionEvent::Timeout, "timeout"),
];

#[tokio::test]
async fn the_end_of_a_transaction_is_told() -> TestResult {
    let app = application("sqlite::memory:").await?;
    let told = Told::default();
    let begin = async || -> Result<Transaction> {
        let tx = app.transaction().begin().await?;
        told.observe(&tx, &EVENTS).await;
        tx.repository::<Customer>()?.create(customer("Ann")).await?;
        Ok(tx)
    };
    begin().await?.commit().await?;
    assert_eq!(told.all(), ["before commit", "after commit"]);
    begin().await?.rollback().await?;
    assert_eq!(told.all(), ["before rollback", "after rollback"]);

    // Who refuses undoes it all.
    let tx = begin().await?;
    tx.observe(TransactionEvent::BeforeCommit, async || {
        Err(Error::new(409, "not today"))
    })
    .await;
    let refused = tx.commit().await.err().ok_or("committed")?;
    assert_eq!(refused.status(), 409);
    assert_eq!(
        told.all(),
        ["before commit", "before rollback", "after rollback"]
    );
    assert_eq!(count(&app).await?, 1);

    // Within another one, it is committed when that one is, and undone with it.
    for commits in [true, false] {
        let outer = app.transaction().begin().await?;
        let inner = outer.transaction().begin().await?;
        told.observe(&inner, &EVENTS).await;
        inner.commit().await?;
        assert_eq!(told.all(), ["before commit"]);
        if commits {
            outer.commit().await?;
            assert_eq!(told.all(), ["after commit"]);
        } else {
            outer.rollback().await?;
            assert_eq!(told.all(), ["before rollback", "after rollback"]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn time_that_is_up_is_told_and_may_be_given_again() -> TestResult {
    let app = application("sqlite::memory:").await?;
    for goes_on in [false, true] {
        let tx = app
            .transaction()
            .timeout(Duration::from_millis(500))
            .begin()
            .await?;
        let (up, wait) = tokio::sync::oneshot::channel();
        tx.observe(TransactionEvent::Timeout, async move || {
            let _ = up.send(());
            if goes_on {
                Err(Error::internal("go on"))
            } else {
                Ok(())
            }
        })
        .await;
        let (done, undone) = tokio::sync::oneshot::channel();
        tx.observe(TransactionEvent::AfterRollback, async move || {
            let _ = done.send(());
            Ok(())
        })
        .await;
        wait.await?;
        if goes_on {
            tx.repository::<Customer>()?.create(customer("Ann")).await?;
            tx.commit().await?;
        } else {
            undone.await?;
            assert!(tx.commit().await.is_err());
        }
        assert_eq!(count(&app).await?, u64::from(goes_on));
    }
    Ok(())
}

/// It sends a letter when it is stored for good.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Parcel {
    #[model(id, generated)]
    id: i64,
}

static LETTERS: Mutex<Vec<i64>> = Mutex::new(Vec::new());

#[loopwright::methods]
impl Parcel {
    #[hook(after_save)]
    async fn write(cx: &mut Save<'_, Self>) -> Result<()> {
        let id = cx.get(Parcel::ID).unwrap_or_default();
        cx.after_commit(async move || {
            if let Ok(mut letters) = LETTERS.lock() {
                letters.push(id);
            }
            Ok(())
        })
        .await;
        Ok(())
    }
}

#[tokio::test]
async fn a_hook_waits_for_the_commit() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "sqlite::memory:");
    let app = app.models::<(Parcel,)>().build().await?;
    let letters = || {
        LETTERS
            .lock()
            .map(|letters| letters.len())
            .unwrap_or_default()
    };
    app.repository::<Parcel>()?
        .create(Parcel::default())
        .await?;
    assert_eq!(letters(), 1, "without a transaction, at once");
    let tx = app.transaction().begin().await?;
    tx.repository::<Parcel>()?.create(Parcel::default()).await?;
    assert_eq!(letters(), 1);
    tx.commit().await?;
    assert_eq!(letters(), 2);
    let tx = app.transaction().begin().await?;
    tx.repository::<Parcel>()?.create(Parcel::default()).await?;
    tx.rollback().await?;
    assert_eq!(letters(), 2);
    Ok(())
}
