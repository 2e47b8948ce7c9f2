//! Lists of references and embedded models, as data under `cases/`, on every database.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use loopwright::Config;
use loopwright::connectors::sql::sea_orm::Statement;
use loopwright::connectors::sql::{Answer, SqlConnector, StatementObserver};
use loopwright::hook::{Delete, Save};
use loopwright::prelude::*;
use loopwright::query::Window;
use loopwright_tests::embedded::{
    Account, Address, All, Client, Collector, EmailAddress, Firm, Holder, Jot, Link,
};
use loopwright_tests::serve::serve;
use loopwright_tests::{case, check_document, on_every_database, sqlite_url};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Runs the cases of `file` in order, on one application.
async fn run(file: &str, database: &str) -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", database)
            .models::<All>(),
    )
    .await?;
    case::run_all(file, &served).await
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

/// What comes into a list while all of it is deleted is either gone or in the list.
async fn additions_beside_a_deletion(database: &str) -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", database)
            .models::<All>(),
    )
    .await?;
    let holders = served.application.repository::<Holder>()?;
    let holder = holders.create(Holder::default()).await?.id;
    let url = format!("{}/api/Holders/{holder}/accounts", served.url);
    let create = || {
        served
            .client
            .post(&url)
            .json(&serde_json::json!({"name": "a"}))
            .send()
    };
    for _ in 0..4 {
        create().await?;
    }
    let requests = (0..8).map(|turn| {
        let (delete, create) = (served.client.delete(&url), create());
        async move {
            match turn {
                3 => delete.send().await,
                _ => create.await,
            }
        }
    });
    for response in join_all(requests).await {
        let status = response?.status().as_u16();
        // One of two changes at once may be told to come again.
        assert!([200, 204, 503].contains(&status), "{status}");
    }
    let holder = holders.find_by_id(holder).await?.ok_or("it is gone")?;
    let accounts = served
        .application
        .repository::<Account>()?
        .find()
        .all()
        .await?;
    let mut there: Vec<_> = accounts.iter().map(|account| account.id).collect();
    let mut listed = holder.account_ids;
    there.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, there, "{database}");
    Ok(())
}

on_every_database!(additions_beside_a_deletion);

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

/// What is put into an owner at once is all there, each with an id of its own.
async fn items_at_once(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database)
        .models::<All>()
        .build()
        .await?;
    let clients = app.repository::<Client>()?;
    let client = clients.create(Client::default()).await?;
    let emails = clients.related(&client, Client::EMAILS).await?;
    let email = |label: &str| EmailAddress {
        label: label.into(),
        address: "a@a".into(),
        ..EmailAddress::default()
    };
    let created =
        join_all(["a", "b", "c", "d", "e"].map(|label| emails.create(email(label)))).await;
    let mut expected = Vec::new();
    for created in created {
        match created {
            Ok(email) => expected.push(email.label),
            Err(error) => assert_eq!(error.status(), 503, "{error}"),
        }
    }
    assert!(!expected.is_empty());
    let client = clients.find_by_id(client.id).await?.ok_or("it is gone")?;
    let ids: Vec<_> = client.emails.iter().map(|email| email.id).collect();
    assert_eq!(ids, (1..).take(expected.len()).collect::<Vec<_>>());
    let mut labels: Vec<_> = client.emails.into_iter().map(|email| email.label).collect();
    labels.sort();
    assert_eq!(labels, expected);
    Ok(())
}

/// From Rust, what is within is a field, and a relation like any other.
async fn embedded_from_rust(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database)
        .models::<All>()
        .build()
        .await?;
    let clients = app.repository::<Client>()?;
    let email = |id, label: &str| EmailAddress {
        id,
        label: label.into(),
        address: "a@a".into(),
        password: Some("secret".into()),
    };
    let client = Client {
        emails: vec![email(1, "one"), email(2, "two")].into(),
        home: somebodys_home().into(),
        ..Client::default()
    };
    let mut client = clients.create(client).await?;
    assert_eq!(client.home.get(), Some(&somebodys_home()));
    assert_eq!(client.billing_address.get(), None);
    assert_eq!(client.emails.get(), [email(1, "one"), email(2, "two")]);

    client.emails.push(email(7, "seven"));
    *client.billing_address = Some(somebodys_home());
    let client = clients.replace(client).await?;
    let emails = clients.related(&client, Client::EMAILS).await?;
    assert_eq!(emails.create(email(0, "next")).await?.id, 8);
    assert_eq!(emails.find_by_id(7).await?.label, "seven");
    assert!(!emails.exists(9).await?);
    assert_eq!(emails.count(EmailAddress::LABEL.like("%e%")).await?, 3);
    let found = emails
        .find()
        .order(EmailAddress::ID.desc())
        .limit(2)
        .all()
        .await?;
    let ids: Vec<_> = found.iter().map(|email| email.id).collect();
    assert_eq!(ids, [8, 7]);
    let page = emails.find().limit(2).page(Window::After(None)).await?;
    assert_eq!(page.items.len(), 2);
    let rest = emails
        .find()
        .limit(2)
        .page(Window::After(page.next))
        .await?;
    let ids: Vec<_> = rest.items.iter().map(|email| email.id).collect();
    assert_eq!((ids.as_slice(), rest.next), ([7, 8].as_slice(), None));

    let changed = emails
        .update(7, Patch::new().set(EmailAddress::LABEL, "new"))
        .await?;
    assert_eq!(changed, email(7, "new"));
    emails.delete_by_id(1).await?;
    let refused = emails
        .create(email(2, "twice"))
        .await
        .err()
        .ok_or("it is there twice")?;
    assert_eq!(refused.status(), 422);
    let stored = clients.find_by_id(client.id).await?.ok_or("it is gone")?;
    let ids: Vec<_> = stored.emails.iter().map(|email| email.id).collect();
    assert_eq!(ids, [2, 7, 8]);
    assert_eq!(emails.delete_all().await?, 3);

    let address = clients.related(&stored, Client::BILLING_ADDRESS).await?;
    assert_eq!(address.get().await?, Some(somebodys_home()));
    let other = Address {
        street: "Elsewhere".into(),
        ..Address::default()
    };
    let created = address.create(other).await?;
    assert_eq!(created.id.len(), 24, "an object id: {}", created.id);
    let found = clients.find().filter(
        Client::BILLING_ADDRESS
            .property()
            .at::<String>("street")
            .eq("Elsewhere"),
    );
    assert_eq!(found.count().await?, 1);
    address.delete().await?;
    let stored = clients.find_by_id(client.id).await?.ok_or("it is gone")?;
    assert_eq!(
        (stored.billing_address.get(), stored.emails.len()),
        (None, 0)
    );
    Ok(())
}

fn somebodys_home() -> Address {
    Address {
        id: "h".into(),
        street: "Home".into(),
        code: Some("1234".into()),
        ..Address::default()
    }
}

/// What happened.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Entry {
    /// Identifies the entry.
    #[model(id, generated)]
    id: i64,
    /// What.
    text: String,
}

/// What is within a box.
#[derive(Model, Clone, Debug, Default)]
#[model(public = false)]
struct Thing {
    #[model(id, generated)]
    id: i64,
    name: String,
}

#[loopwright::methods]
impl Thing {
    #[hook(before_save)]
    async fn before_save(cx: &mut Save<'_, Self>) -> Result<()> {
        let name = cx.get(Thing::NAME).unwrap_or_default();
        let before = cx.current(Thing::NAME).unwrap_or_default();
        cx.set(Thing::NAME, name.to_uppercase());
        log(cx.repository()?, format!("before {before}-{name}")).await
    }

    #[hook(after_save)]
    async fn after_save(cx: &mut Save<'_, Self>) -> Result<()> {
        let name = cx.get(Thing::NAME).unwrap_or_default();
        if name == "REFUSED" {
            return Err(Error::new(403, "no such thing"));
        }
        log(cx.repository()?, format!("after {name}")).await
    }

    #[hook(before_delete)]
    async fn before_delete(cx: &mut Delete<'_, Self>) -> Result<()> {
        log(cx.repository()?, "before delete".into()).await
    }

    #[hook(after_delete)]
    async fn after_delete(cx: &mut Delete<'_, Self>) -> Result<()> {
        log(cx.repository()?, "after delete".into()).await
    }
}

/// Something with things in it.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Crate {
    #[model(id, generated)]
    id: i64,
    #[model(version)]
    version: i64,
    #[relation(embeds_many)]
    things: EmbedsMany<Thing>,
    #[relation(embeds_one)]
    lid: EmbedsOne<Thing>,
}

#[loopwright::methods]
impl Crate {
    #[hook(before_save)]
    async fn before_save(cx: &mut Save<'_, Self>) -> Result<()> {
        log(cx.repository()?, "crate".into()).await
    }
}

async fn log(entries: Repository<Entry, AsCaller>, text: String) -> Result<()> {
    entries.create(Entry { id: 0, text }).await.map(drop)
}

/// The hooks of what is within stand around those of its owner, and with both it is all or nothing.
async fn hooks(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database)
        .models::<(Entry, Crate)>()
        .build()
        .await?;
    let (crates, entries) = (app.repository::<Crate>()?, app.repository::<Entry>()?);
    let inline = Crate {
        things: vec![Thing::default()].into(),
        ..Crate::default()
    };
    let owner = crates.create(inline).await?;
    let things = crates.related(&owner, Crate::THINGS).await?;
    let thing = |name: &str| Thing {
        id: 0,
        name: name.into(),
    };
    let created = things.create(thing("a")).await?;
    assert_eq!((created.id, created.name.as_str()), (1, "A"));
    things.update(1, Patch::new().set(Thing::NAME, "b")).await?;
    things.delete_by_id(1).await?;
    // Nothing is there any more, and so nothing is deleted.
    things.delete_by_id(1).await?;
    let lid = crates.related(&owner, Crate::LID).await?;
    lid.create(thing("lid")).await?;
    let refused = lid
        .create(thing("refused"))
        .await
        .err()
        .ok_or("it is stored")?;
    assert_eq!(refused.status(), 403);
    let stored = crates.find_by_id(owner.id).await?.ok_or("it is gone")?;
    let lid = stored.lid.get().ok_or("there is no lid")?;
    assert_eq!((lid.name.as_str(), stored.version), ("LID", 5));
    let entries = entries.find().order(Entry::ID.asc()).all().await?;
    let entries: Vec<_> = entries.iter().map(|entry| entry.text.as_str()).collect();
    let expected = [
        "crate",
        "before -a",
        "crate",
        "after A",
        "before A-b",
        "crate",
        "after B",
        "before delete",
        "crate",
        "after delete",
        "before -lid",
        "crate",
        "after LID",
    ];
    assert_eq!(entries, expected);
    Ok(())
}

mod earlier {
    use super::*;

    /// A shelf, before there was anything on it.
    #[derive(Model, Clone, Debug, Default)]
    #[acl(open)]
    pub struct Shelf {
        #[model(id, generated)]
        pub id: i64,
        pub name: String,
    }
}

/// A shelf.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Shelf {
    #[model(id, generated)]
    id: i64,
    name: String,
    account_ids: Vec<i64>,
    #[relation(references_many)]
    accounts: ReferencesMany<Account>,
    #[relation(embeds_many)]
    things: EmbedsMany<Thing>,
}

/// Rows that are there when a list comes have an empty one.
async fn lists_that_come_later(database: &str) -> TestResult {
    if database == "memory:" {
        // It is gone with the first application.
        return Ok(());
    }
    let app = App::new().config(Config::default());
    let app = app
        .data_source("db", database)
        .models::<(earlier::Shelf,)>();
    let shelf = earlier::Shelf {
        id: 0,
        name: "old".into(),
    };
    app.build().await?.repository()?.create(shelf).await?;
    let app = App::new().config(Config::default());
    let app = app.data_source("db", database);
    let app = app.models::<(Shelf, Account, Entry)>().build().await?;
    let shelf = app.repository::<Shelf>()?.find().one().await?;
    let shelf = shelf.ok_or("it is gone")?;
    assert_eq!((shelf.account_ids.len(), shelf.things.len()), (0, 0));
    Ok(())
}

on_every_database!(
    lists_that_come_later
    links_at_once
    references_from_rust
    no_target_without_its_reference
    items_at_once
    embedded_from_rust
    hooks
);

/// What is within others, and has rules of its own.
#[derive(Model, Clone, Debug, Default)]
#[model(public = false)]
#[acl(allow(read), to = everyone)]
struct Seal {
    #[model(id, generated)]
    id: i64,
    #[model(protected)]
    wax: Option<String>,
    #[model(read_only)]
    broken: Option<bool>,
}

/// What has neither, and is known within others alone.
#[derive(Model, Clone, Debug, Default)]
#[model(public = false)]
struct Stamp {
    #[model(id, generated)]
    id: i64,
}

/// A letter.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
#[acl(deny(__delete__stamps), to = everyone)]
struct Letter {
    #[model(id, generated)]
    id: i64,
    #[relation(embeds_many)]
    seals: EmbedsMany<Seal>,
    #[relation(embeds_many)]
    stamps: EmbedsMany<Stamp>,
}

/// The rules of what is within hold by way of its relation; where it has none, those of the owner do.
#[tokio::test]
async fn access() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:")
        .models::<(Letter,)>();
    let served = serve(app).await?;
    let status = async |verb: &str, path: &str| {
        let url = format!("{}/api/Letters{path}", served.url);
        let request = served.client.request(verb.parse()?, url);
        let request = request.header("content-type", "application/json");
        let sent = request.body("{\"wax\":\"red\"}").send().await?;
        Ok::<_, Box<dyn std::error::Error>>(sent.status().as_u16())
    };
    assert_eq!(status("POST", "").await?, 200);
    assert_eq!(status("GET", "/1/seals").await?, 200);
    assert_eq!(status("POST", "/1/seals").await?, 401);
    assert_eq!(status("DELETE", "/1/seals").await?, 401);
    assert_eq!(status("GET", "?filter[include]=seals").await?, 200);
    assert_eq!(status("POST", "/1/stamps").await?, 200);
    assert_eq!(status("GET", "?filter[include]=stamps").await?, 200);
    assert_eq!(status("DELETE", "/1/stamps").await?, 401);
    // Within the letter, what is protected is not shown; by itself, it is.
    let url = format!("{}/api/Letters/1", served.url);
    let patch = served.client.patch(&url);
    let patch = patch.header("content-type", "application/json");
    let body = "{\"_seals\":[{\"id\":1,\"wax\":\"red\",\"broken\":true}]}";
    let answer = patch.body(body).send().await?.text().await?;
    assert!(
        !answer.contains("red") && !answer.contains("broken"),
        "{answer}"
    );
    let answer = served.client.get(format!("{url}/seals/1")).send().await?;
    assert_eq!(answer.text().await?, "{\"id\":1,\"wax\":\"red\"}");
    assert_eq!(status("GET", "s").await?, 404);
    let collection = served.client.get(format!("{}/api/Seals", served.url));
    assert_eq!(collection.send().await?.status().as_u16(), 404);
    Ok(())
}

/// Writes down each statement that the database has answered.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

#[async_trait::async_trait]
impl StatementObserver for Statements {
    async fn after_execute(&self, statement: &Statement, _: &Answer) {
        if let Ok(mut texts) = self.0.lock() {
            texts.push(statement.sql.clone());
        }
    }
}

/// An include costs one statement for each level, what is within an owner none.
#[tokio::test]
async fn costs() -> TestResult {
    // Its folder is there as long as it is.
    let database = sqlite_url();
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", &*database)
            .models::<All>(),
    )
    .await?;
    let app = &served.application;
    let account = || Account {
        name: "a".into(),
        ..Account::default()
    };
    app.repository::<Account>()?
        .create_all([account(), account()])
        .await?;
    app.repository::<Jot>()?
        .create(Jot {
            text: "j".into(),
            ..Jot::default()
        })
        .await?;
    let links = |ids: [i64; 2]| {
        ids.into_iter().map(|id| Link {
            id,
            linked_id: Some(1),
            linked_type: Some("Jot".into()),
            ..Link::default()
        })
    };
    for ids in [[1, 2], [2, 1]] {
        let holder = Holder {
            account_ids: ids.into(),
            ..Holder::default()
        };
        app.repository::<Holder>()?.create(holder).await?;
        let collector = Collector {
            links: links(ids).collect(),
            ..Collector::default()
        };
        app.repository::<Collector>()?.create(collector).await?;
    }
    let statements = Statements::default();
    app.connector::<SqlConnector>("db")?
        .observe(statements.clone());
    for (path, cost) in [
        ("Holders?filter[include]=accounts", 2),
        ("Holders/1/accounts", 2),
        ("Collectors?filter[include]=kept&filter[include]=jots", 1),
        ("Collectors?filter[include]=links", 2),
        ("Collectors/1/leads-to", 2),
    ] {
        let url = format!("{}/api/{path}", served.url);
        served.client.get(url).send().await?.error_for_status()?;
        let said = statements
            .0
            .lock()
            .map(|mut said| std::mem::take(&mut *said));
        let said = said.map_err(|_| "a statement was not written down")?;
        assert_eq!(said.len(), cost, "{path}: {said:#?}");
    }
    Ok(())
}

/// The document describes what is within, and other programs can read it.
#[tokio::test]
async fn document() -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", "memory:")
            .models::<All>(),
    )
    .await?;
    let document = served.client.get(format!("{}/openapi.json", served.url));
    let text = document.send().await?.error_for_status()?.text().await?;
    check_document(&text).await?;
    Ok(())
}
