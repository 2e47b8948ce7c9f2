//! Lists of references and embedded models, as data under `cases/`, on every database.

use futures_util::future::join_all;
use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::embedded::{Account, All, Firm, Holder};
use loopwright_tests::serve::serve;
use loopwright_tests::{case, on_every_database};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Runs the cases of `file` in order, on one application.
async fn run(file: &str, database: &str) -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", database)
            .models::<All>(),
    )
    .await?;
    let mut failures = Vec::new();
    for case in case::load(file)? {
        if let Err(failure) = case.run(&served.client, &served.url).await {
            failures.push(failure.to_string());
        }
    }
    assert!(
        failures.is_empty(),
        "{file} on {database}:\n{}",
        failures.join("\n")
    );
    Ok(())
}

/// Makes a test on each database of each file of cases.
macro_rules! cases {
    ($($theme:ident)*) => {
        $(async fn $theme(database: &str) -> TestResult {
            run(concat!(stringify!($theme), ".json"), database).await
        })*

        on_every_database!($($theme)*);
    };
}

cases!(references_many embeds_one embeds_many);

/// Links that are made at once are all there, where the data source has transactions; whoever loses is told.
async fn links_at_once(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database)
        .models::<All>()
        .build()
        .await?;
    let (holders, accounts) = (app.repository::<Holder>()?, app.repository::<Account>()?);
    let holder = holders.create(Holder::default()).await?;
    let names = ["a", "b", "c", "d", "e", "f"];
    let new = names.map(|name| Account {
        name: name.into(),
        ..Account::default()
    });
    let created = accounts.create_all(new).await?;
    let linked = holders.related(&holder, Holder::ACCOUNTS).await?;
    let links = created.iter().map(|account| linked.link(account.id));
    let mut expected = Vec::new();
    for (account, link) in created.iter().zip(join_all(links).await) {
        match link {
            Ok(()) => expected.push(account.id),
            Err(error) => assert_eq!(error.status(), 503, "{error}"),
        }
    }
    assert!(!expected.is_empty());
    let holder = holders.find_by_id(holder.id).await?.ok_or("it is gone")?;
    let mut ids = holder.account_ids;
    ids.sort_unstable();
    assert_eq!(ids, expected);
    Ok(())
}

/// From Rust, the list comes in its order, whole or in part.
async fn references_from_rust(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database)
        .models::<All>()
        .build()
        .await?;
    let firms = app.repository::<Firm>()?;
    let firm = firms.create(Firm::default()).await?;
    let accounts = firms.related(&firm, Firm::ACCOUNTS).await?;
    let mut ids = Vec::new();
    for name in ["first", "second", "third"] {
        let account = Account {
            name: name.into(),
            ..Account::default()
        };
        ids.push(accounts.create(account).await?.id);
    }
    accounts.unlink(ids[0]).await?;
    accounts.link(ids[0]).await?;
    let stored = firms.find_by_id(firm.id).await?.ok_or("it is gone")?;
    assert_eq!(stored.account_ids, [ids[1], ids[2], ids[0]]);
    assert_eq!(
        stored.version, 6,
        "each change of the list is one of the firm"
    );
    let accounts = firms.related(&stored, Firm::ACCOUNTS).await?;
    let names = |found: Vec<Account>| found.into_iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!(
        names(accounts.find().all().await?),
        ["second", "third", "first"]
    );
    assert_eq!(
        names(accounts.find().skip(1).limit(1).all().await?),
        ["third"]
    );
    assert_eq!(
        names(
            accounts
                .find()
                .order(Account::NAME.asc())
                .limit(2)
                .all()
                .await?
        ),
        ["first", "second"]
    );
    assert_eq!(accounts.count(Account::NAME.like("%t%")).await?, 2);
    let found = firms.find().include(Firm::ACCOUNTS).one().await?;
    let found = found.ok_or("it is gone")?;
    assert_eq!(found.accounts.get().len(), 3);
    let refused = accounts
        .link(ids[1])
        .await
        .err()
        .ok_or("it is linked twice")?;
    assert_eq!(refused.status(), 422);
    accounts.delete_by_id(ids[1]).await?;
    assert!(
        app.repository::<Account>()?
            .find_by_id(ids[1])
            .await?
            .is_none()
    );
    let stored = firms.find_by_id(firm.id).await?.ok_or("it is gone")?;
    assert_eq!(stored.account_ids, [ids[2], ids[0]]);
    Ok(())
}

/// What creates a target and fails to list it, leaves neither.
async fn no_target_without_its_reference(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database)
        .models::<All>()
        .build()
        .await?;
    let (holders, accounts) = (app.repository::<Holder>()?, app.repository::<Account>()?);
    let unchecked = holders.with_validation(false);
    let holder = Holder {
        account_ids: vec![7, 7],
        ..Holder::default()
    };
    let holder = unchecked.create(holder).await?;
    let related = holders.related(&holder, Holder::ACCOUNTS).await?;
    let account = Account {
        name: "lost".into(),
        ..Account::default()
    };
    let refused = related.create(account).await.err().ok_or("it is listed")?;
    assert_eq!(refused.status(), 422);
    assert_eq!(accounts.count(Condition::ALL).await?, 0);
    Ok(())
}

on_every_database!(links_at_once references_from_rust no_target_without_its_reference);
