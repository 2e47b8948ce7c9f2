//! Several models of users in one application, and models that stand in for the one that they extend.

use loopwright::Config;
use loopwright::access::Caller;
use loopwright::builtin::{Acl, User};
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::serve;
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Somebody who buys.
#[derive(Model, Clone, Debug)]
struct Customer {
    #[model(base)]
    user: User,
    city: Option<String>,
}

/// Somebody who sells.
#[derive(Model, Clone, Debug)]
struct Clerk {
    #[model(base)]
    user: User,
    #[relation(has_many, key = clerk_id)]
    sales: HasMany<Sale>,
}

/// What a clerk has sold.
#[derive(Model, Clone, Debug)]
#[acl(allow(all), to = owner)]
#[acl(allow(__get__clerk), to = everyone)]
struct Sale {
    #[model(id, generated)]
    id: i64,
    clerk_id: i64,
    #[relation(belongs_to)]
    clerk: BelongsTo<Clerk>,
}

on_every_database! {
    users_of_two_models_are_two
}

async fn users_of_two_models_are_two(url: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", url)
        .models::<(Customer, Clerk, Sale)>();
    let served = serve(app).await?;
    for path in ["Customers", "Clerks"] {
        let new = json!({"email": "ann@bar.com", "password": "secret"});
        assert_eq!(
            served
                .anonymous()
                .call(&format!("POST /{path}"), new)
                .await?
                .0,
            200
        );
    }
    let login = json!({"email": "ann@bar.com", "password": "secret"});
    let (_, token) = served.anonymous().call("POST /Clerks/login", login).await?;
    assert_eq!(
        (&token["userId"], &token["principalType"]),
        (&json!(1), &json!("Clerk"))
    );
    let customer = served.log_in("Customers", "ann@bar.com").await?;
    let clerk = served.bearer(token["id"].as_str().ok_or("no token")?);
    let sales = served.application.repository::<Sale>()?;
    sales
        .create(Sale {
            id: 0,
            clerk_id: 1,
            clerk: BelongsTo::default(),
        })
        .await?;
    // Both are called 1.
    for (request, of_customer, of_clerk) in [
        ("GET /Customers/1", 200, 401),
        ("GET /Clerks/1", 401, 200),
        ("GET /Sales/1", 401, 200),
        ("GET /Sales", 401, 401),
        // What belongs to a user by the very key that says whose it is.
        ("GET /Clerks/1/sales", 401, 401),
    ] {
        assert_eq!(customer.status(request).await?, of_customer, "{request}");
        assert_eq!(clerk.status(request).await?, of_clerk, "{request}");
    }
    // The sessions of the one are not those of the other.
    let patch = json!({"password": "other"});
    assert_eq!(customer.call("PATCH /Customers/1", patch).await?.0, 200);
    assert_eq!(clerk.status("GET /Clerks/1").await?, 200);
    assert_eq!(customer.status("DELETE /Customers/1").await?, 200);
    assert_eq!(clerk.status("GET /Clerks/1").await?, 200);
    Ok(())
}

/// Somebody who has no more than all users.
#[derive(Model, Clone, Debug)]
struct Guest {
    #[model(base)]
    user: User,
}

/// What somebody has written.
#[derive(Model, Clone, Debug)]
#[acl(allow(all), to = owner)]
struct Entry {
    #[model(id, generated)]
    id: i64,
    writer_id: i64,
    #[relation(belongs_to)]
    writer: BelongsTo<User>,
}

#[tokio::test]
async fn a_model_stands_in_for_its_base() -> TestResult {
    // Who buys has a city before all that users have: a struct that takes one for the other would read the wrong places.
    let app = App::new().config(Config::default());
    let app = app
        .data_source("db", "memory:")
        .models::<(Customer, Entry)>();
    let error = app.build().await.err().ok_or("it starts")?.to_string();
    assert!(error.contains("lead it to `Customer`"), "{error}");

    let app = App::new().config(Config::default());
    let app = app.data_source("db", "memory:").models::<(Guest, Entry)>();
    let served = serve(app).await?;
    let new = json!({"email": "ann@bar.com", "password": "secret"});
    served.anonymous().call("POST /Guests", new).await?;
    let entries = served.application.repository::<Entry>()?;
    let entry = Entry {
        id: 0,
        writer_id: 1,
        writer: BelongsTo::default(),
    };
    entries.create(entry).await?;
    // A guest is the user whom the relation leads to.
    let ann = served.log_in("Guests", "ann@bar.com").await?;
    let (status, entry) = ann.call("GET /Entries/1", Json::Null).await?;
    assert_eq!((status, &entry["writerId"]), (200, &json!(1)));
    assert_eq!(served.anonymous().status("GET /Entries/1").await?, 401);
    Ok(())
}

/// What belongs to somebody by an id alone.
#[derive(Model, Clone, Debug)]
#[acl(allow(all), to = owner)]
struct Basket {
    #[model(id, generated)]
    id: i64,
    user_id: i64,
}

#[tokio::test]
async fn an_id_alone_is_nobodys_where_users_are_of_two_models() -> TestResult {
    for several in [false, true] {
        let app = App::new().config(Config::default());
        let app = app.data_source("db", "memory:");
        let app = match several {
            true => app.models::<(Customer, Clerk, Sale, Basket)>(),
            false => app.models::<(Customer, Basket)>(),
        };
        let served = serve(app).await?;
        let new = json!({"email": "ann@bar.com", "password": "secret"});
        served.anonymous().call("POST /Customers", new).await?;
        let baskets = served.application.repository::<Basket>()?;
        baskets.create(Basket { id: 0, user_id: 1 }).await?;
        let ann = served.log_in("Customers", "ann@bar.com").await?;
        let expected = if several { 401 } else { 200 };
        assert_eq!(ann.status("GET /Baskets/1").await?, expected);
    }
    Ok(())
}

/// What one clerk may read.
#[derive(Model, Clone, Debug)]
#[acl(allow(read), to = user("Clerk:1"))]
struct Ledger {
    #[model(id, generated)]
    id: i64,
}

/// What somebody may read whose model nobody names.
#[derive(Model, Clone, Debug)]
#[acl(deny(read), to = user("1"))]
#[acl(allow(read), to = everyone)]
struct Journal {
    #[model(id, generated)]
    id: i64,
}

#[tokio::test]
async fn a_rule_says_of_which_model_its_user_is() -> TestResult {
    let app = || {
        App::new()
            .config(Config::default())
            .data_source("db", "memory:")
    };
    let error = app()
        .models::<(Customer, Clerk, Sale, Journal)>()
        .build()
        .await;
    let error = error.err().ok_or("it starts")?.to_string();
    assert!(error.contains("as in \"Customer:1\""), "{error}");
    // Where there is one, an id is enough, and the model may be said all the same.
    let one = app()
        .models::<(Clerk, Sale, Journal, Ledger)>()
        .build()
        .await?;
    let clerk = Caller::user("1", []).of_model(Clerk::DEF);
    assert!(!one.allows(&clerk, "Journal", "find", None).await?);
    assert!(one.allows(&clerk, "Ledger", "find", None).await?);

    let served = serve(app().models::<(Customer, Clerk, Sale, Ledger, Acl)>()).await?;
    let anonymous = served.anonymous();
    for path in ["Customers", "Clerks"] {
        let new = json!({"email": "ann@bar.com", "password": "secret"});
        anonymous.call(&format!("POST /{path}"), new).await?;
    }
    let customer = served.log_in("Customers", "ann@bar.com").await?;
    let clerk = served.log_in("Clerks", "ann@bar.com").await?;
    let rows = served.application.records("ACL")?;
    let read = "GET /Ledgers";
    assert_eq!(customer.status(read).await?, 401);
    assert_eq!(clerk.status(read).await?, 200);
    let write = "POST /Ledgers";
    // Rows may name the model; one that does not allows nobody anything, and denies it to each.
    for (kind, permission, request, of_customer, of_clerk) in [
        ("USER", "ALLOW", write, 401, 401),
        ("Customer", "ALLOW", write, 200, 401),
        ("Clerk", "DENY", read, 401, 401),
        ("Clerk", "ALLOW", write, 200, 200),
        ("USER", "DENY", write, 401, 401),
    ] {
        let row = json!({"model": "Ledger", "property": "*", "accessType": if request == read { "READ" } else { "WRITE" },
            "principalType": kind, "principalId": "1", "permission": permission});
        rows.create(row).await?;
        assert_eq!(
            customer.status(request).await?,
            of_customer,
            "{kind} {permission}"
        );
        assert_eq!(
            clerk.status(request).await?,
            of_clerk,
            "{kind} {permission}"
        );
    }
    Ok(())
}

/// What somebody may read under a key.
#[derive(KeyValueModel, Clone, Debug)]
#[acl(allow(all), to = user("1"))]
struct Pocket(String);

#[tokio::test]
async fn rules_about_values_say_it_too() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:");
    let app = app.models::<(Customer, Clerk, Sale, Pocket)>();
    let error = app.build().await.err().ok_or("it starts")?.to_string();
    assert!(error.contains("`Pocket`"), "{error}");
    Ok(())
}

/// Somebody who is refreshed otherwise.
#[derive(Model, Clone, Debug)]
struct Runner {
    #[model(base)]
    user: User,
}

#[loopwright::methods]
impl Runner {
    /// Has a drink.
    #[remote(post = "/refresh")]
    fn refresh() -> Result<String> {
        Ok("water".into())
    }
}

#[tokio::test]
async fn a_method_of_its_own_is_not_the_one_that_nobody_has_asked_for() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:");
    let served = serve(app.models::<(Runner,)>()).await?;
    let new = json!({"email": "ann@bar.com", "password": "secret"});
    served.anonymous().call("POST /Runners", new).await?;
    let ann = served.log_in("Runners", "ann@bar.com").await?;
    let (status, drink) = ann.call("POST /Runners/refresh", Json::Null).await?;
    assert_eq!((status, drink), (200, json!("water")));
    assert_eq!(ann.status("POST /Runners/revoke-sessions").await?, 404);
    Ok(())
}
