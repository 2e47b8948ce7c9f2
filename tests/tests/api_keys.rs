//! Programs that call on their own behalf, and sessions that are renewed or ended.

use loopwright::Config;
use loopwright::builtin::{Application as Client, User};
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Somebody.
#[derive(Model, Clone, Debug)]
struct Person {
    #[model(base)]
    user: User,
}

/// What programs work on.
#[derive(Model, Clone, Debug, Default)]
#[model(acl_error_status = 403)]
#[acl(allow(all), to = authenticated)]
#[acl(deny(delete_by_id), to = everyone)]
struct Job {
    #[model(id, generated)]
    id: i64,
    name: String,
}

async fn plant(url: &str, session_methods: bool) -> Result<Served, Box<dyn std::error::Error>> {
    let mut config = Config::default();
    config.users.session_methods = session_methods;
    let app = App::new()
        .config(config)
        .data_source("db", url)
        .models::<(Person, Job, Client)>();
    let served = serve(app).await?;
    let people = served.application.repository::<Person>()?;
    let user = User::new("ann@plant.example", "secret");
    people.create(Person { user }).await?;
    Ok(served)
}

/// The status of a request with this key.
async fn with_key(
    served: &Served,
    key: &str,
    request: &str,
) -> Result<u16, Box<dyn std::error::Error>> {
    let (verb, path) = request.split_once(' ').ok_or("a verb and a path")?;
    let url = format!("{}/api{path}", served.url);
    let request = served.client.request(verb.parse()?, url);
    let request = request.header("x-api-key", key);
    let request = match verb {
        "POST" => request.json(&json!({"name": "a job"})),
        _ => request,
    };
    Ok(request.send().await?.status().as_u16())
}

on_every_database! {
    a_program_is_known_by_its_keys
    sessions_are_renewed_and_ended
}

async fn a_program_is_known_by_its_keys(url: &str) -> TestResult {
    let served = plant(url, false).await?;
    let clients = served.application.repository::<Client>()?;
    let client = Client::register(&clients, "1", "Night job").await?;
    assert!(client.id.len() == 32 && client.id.chars().all(|digit| digit.is_ascii_hexdigit()));
    let rest = client.rest_api_key.clone().ok_or("no key")?;
    assert_eq!(rest.len(), 40);
    let key = format!("{}:{rest}", client.id);
    let get = "GET /Jobs";
    assert_eq!(with_key(&served, &key, get).await?, 200);
    assert_eq!(with_key(&served, &key, "POST /Jobs").await?, 200);
    assert_eq!(with_key(&served, &key, "DELETE /Jobs/1").await?, 403);
    for wrong in [
        format!("{}:{}", client.id, "0".repeat(40)),
        format!("{}:", client.id),
        format!("nobody:{rest}"),
        format!(":{rest}"),
        rest.clone(),
        String::new(),
    ] {
        assert_eq!(with_key(&served, &wrong, get).await?, 401, "{wrong}");
    }
    // Whoever reads the document learns of it.
    let document: Json = serde_json::from_str(&served.application.openapi().to_json()?)?;
    let scheme = &document["components"]["securitySchemes"]["apiKey"];
    assert_eq!(scheme["name"], "X-Api-Key");
    // An application is no user: there is nobody to log out, or to own something.
    assert_eq!(with_key(&served, &key, "POST /People/logout").await?, 401);
    assert_eq!(with_key(&served, &key, "GET /People/1").await?, 401);

    // What a change leaves, a whole instance replaces.
    let patch = Patch::new().set(Client::DESCRIPTION, Some("at night".to_owned()));
    let changed = clients.update(client.id.clone(), patch).await?;
    assert_eq!(changed.rest_api_key, client.rest_api_key);
    let reset = Client::reset_keys(&clients, &client.id).await?;
    assert_ne!(reset.rest_api_key, client.rest_api_key);
    assert_eq!(with_key(&served, &key, get).await?, 401);
    let key = format!("{}:{}", client.id, reset.master_key.ok_or("no key")?);
    assert_eq!(with_key(&served, &key, get).await?, 200);

    // For some methods alone, so often, or not at all.
    let scopes = |scopes: &[&str]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Patch::new().set(Client::SCOPES, Some(scopes))
    };
    for (allowed, expected) in [
        (vec!["READ"], [200, 403]),
        (vec!["Job.create"], [403, 200]),
        (vec!["Job"], [200, 200]),
        (vec!["Person", "Job.find"], [200, 403]),
        (vec![], [403, 403]),
    ] {
        clients.update(client.id.clone(), scopes(&allowed)).await?;
        for (request, expected) in [get, "POST /Jobs"].into_iter().zip(expected) {
            assert_eq!(
                with_key(&served, &key, request).await?,
                expected,
                "{allowed:?}: {request}"
            );
        }
    }
    clients.update(client.id.clone(), scopes(&["READ"])).await?;
    let limit = Patch::new().set(Client::RATE_LIMIT, Some(3));
    clients.update(client.id.clone(), limit).await?;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(with_key(&served, &key, get).await?);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    let off = Patch::new()
        .set(Client::RATE_LIMIT, None)
        .set(Client::AUTHENTICATION_ENABLED, false);
    clients.update(client.id.clone(), off).await?;
    assert_eq!(with_key(&served, &key, get).await?, 401);
    Ok(())
}

async fn sessions_are_renewed_and_ended(url: &str) -> TestResult {
    let served = plant(url, true).await?;
    let first = served.log_in("People", "ann@plant.example").await?;
    let second = served.log_in("People", "ann@plant.example").await?;
    let own = "GET /People/1";
    let (status, renewed) = first.call("POST /People/refresh", Json::Null).await?;
    assert_eq!((status, &renewed["userId"]), (200, &json!(1)));
    let renewed = served.bearer(renewed["id"].as_str().ok_or("no token")?);
    for (caller, expected) in [(&first, 401), (&renewed, 200), (&second, 200)] {
        assert_eq!(caller.status(own).await?, expected);
    }
    assert_eq!(
        renewed
            .call("POST /People/revoke-sessions", Json::Null)
            .await?
            .0,
        204
    );
    for caller in [&first, &renewed, &second] {
        assert_eq!(caller.status(own).await?, 401);
    }
    assert_eq!(
        served.anonymous().status("POST /People/refresh").await?,
        401
    );
    // Where nobody has asked for it, it is not there.
    let served = plant("memory:", false).await?;
    let ann = served.log_in("People", "ann@plant.example").await?;
    for path in ["refresh", "revoke-sessions"] {
        assert_eq!(
            ann.call(&format!("POST /People/{path}"), Json::Null)
                .await?
                .0,
            404
        );
    }
    assert_eq!(ann.status(own).await?, 200);
    Ok(())
}
