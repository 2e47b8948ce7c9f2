//! LoopBack's security advisories, each as a test (contract *users.md* §13, with the traps beside it).

use loopwright::Config;
use loopwright::builtin::{AccessToken, User};
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Somebody.
#[derive(Model, Clone, Debug)]
struct Member {
    #[model(base)]
    user: User,
    #[relation(has_many, key = owner_id)]
    pets: HasMany<Pet>,
}

/// Whoever is cared for.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Pet {
    #[model(id, generated)]
    id: i64,
    name: String,
    age: Option<i64>,
    owner_id: Option<i64>,
}

/// A token that is served, as somebody may have it who comes from LoopBack.
#[derive(Model, Clone, Debug)]
#[model(path = "AccessTokens")]
struct Session {
    #[model(base)]
    token: AccessToken,
}

async fn home(url: &str) -> Result<Served, Box<dyn std::error::Error>> {
    let app = App::new()
        .config(Config::default())
        .data_source("db", url)
        .models::<(Member, Pet, Session)>();
    let served = serve(app).await?;
    let anonymous = served.anonymous();
    for name in ["ann", "bob"] {
        let new = json!({"email": format!("{name}@home.example"), "password": "secret"});
        anonymous.call("POST /Members", new).await?;
    }
    Ok(served)
}

on_every_database! {
    advisory_2015_01_09_values_are_never_a_part_of_a_statement
    advisory_2015_04_06_repeated_parameters_are_no_lists_to_code
    advisory_2016_08_16_tokens_do_not_survive_their_user
    advisory_2016_08_16a_no_part_of_a_password_is_ignored
    advisory_2018_01_31_a_relation_does_not_change_its_key
    advisory_2018_08_08_nobody_makes_tokens
    advisory_2018_08_15_unknown_operators_are_refused
    nobody_reads_hidden_properties_by_asking_about_them
    an_id_in_a_body_or_a_query_string_makes_nobody_an_owner
}

async fn advisory_2015_01_09_values_are_never_a_part_of_a_statement(url: &str) -> TestResult {
    let served = home(url).await?;
    let pets = served.application.repository::<Pet>()?;
    pets.create(Pet {
        name: "Rex".into(),
        age: Some(3),
        ..Pet::default()
    })
    .await?;
    let anonymous = served.anonymous();
    for value in [
        "1 OR 1=1",
        "1; DROP TABLE pet",
        "1) OR (1=1",
        "0x31",
        "1e0 --",
    ] {
        let filter = json!({"where": {"age": value}}).to_string();
        let query = form(&[("filter", &filter)]);
        let (status, answer) = anonymous
            .call(&format!("GET /Pets?{query}"), Json::Null)
            .await?;
        assert!(
            status == 400 || answer == json!([]),
            "{value}: {status} {answer}"
        );
        let path = value.replace(' ', "%20").replace(';', "%3B");
        assert_eq!(
            anonymous.status(&format!("GET /Pets/{path}")).await?,
            404,
            "{value}"
        );
    }
    assert_eq!(pets.find().count().await?, 1);
    Ok(())
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut url = reqwest::Url::parse("http://localhost").ok();
    if let Some(url) = &mut url {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    url.and_then(|url| url.query().map(str::to_owned))
        .unwrap_or_default()
}

async fn advisory_2015_04_06_repeated_parameters_are_no_lists_to_code(url: &str) -> TestResult {
    let served = home(url).await?;
    let anonymous = served.anonymous();
    for query in [
        "uid=1&uid=2&token=x",
        "uid=1&token=x&token=y",
        "uid[]=1&token=x",
        "uid[a]=1&token=x",
    ] {
        let (status, _) = anonymous
            .call(&format!("GET /Members/confirm?{query}"), Json::Null)
            .await?;
        assert!(matches!(status, 400 | 404), "{query}: {status}");
    }
    // Two tokens are none.
    let ann = served.log_in("Members", "ann@home.example").await?;
    let token = ann.token();
    let (one, two) = (
        format!("access_token={token}"),
        format!("access_token={token}&access_token={token}"),
    );
    assert_eq!(
        anonymous.status(&format!("GET /Members/1?{one}")).await?,
        200
    );
    assert_eq!(
        anonymous.status(&format!("GET /Members/1?{two}")).await?,
        401
    );
    // A list is neither text nor a number.
    for body in [
        json!({"name": ["a", "b"]}),
        json!({"name": "a", "age": [18, 19]}),
    ] {
        assert_eq!(anonymous.call("POST /Pets", body).await?.0, 422);
    }
    Ok(())
}

async fn advisory_2016_08_16_tokens_do_not_survive_their_user(url: &str) -> TestResult {
    let served = home(url).await?;
    let tokens = served.application.repository::<Session>()?;
    let members = served.application.repository::<Member>()?;
    let ann = served.log_in("Members", "ann@home.example").await?;
    let bob = served.log_in("Members", "bob@home.example").await?;
    assert_eq!(ann.status("DELETE /Members/1").await?, 200);
    assert_eq!(tokens.find().count().await?, 1);
    // In bulk, too.
    members.delete_all(Condition::ALL).await?;
    assert_eq!(tokens.find().count().await?, 0);
    assert_eq!(bob.status("GET /Members/2").await?, 401);
    Ok(())
}

async fn advisory_2016_08_16a_no_part_of_a_password_is_ignored(url: &str) -> TestResult {
    let served = home(url).await?;
    let ann = served.log_in("Members", "ann@home.example").await?;
    for long in ["x".repeat(73), "é".repeat(37)] {
        for (request, body) in [
            ("PATCH /Members/1", json!({"password": long})),
            ("PUT /Members/1", json!({"password": long})),
            (
                "POST /Members/1/replace",
                json!({"email": "ann@home.example", "password": long}),
            ),
            (
                "POST /Members",
                json!({"email": "eve@home.example", "password": long}),
            ),
            (
                "POST /Members/reset",
                json!({"email": "ann@home.example", "password": long}),
            ),
            ("POST /Members/reset-password", json!({"newPassword": long})),
            (
                "POST /Members/change-password",
                json!({"oldPassword": "secret", "newPassword": long}),
            ),
        ] {
            let (status, answer) = ann.call(request, body).await?;
            assert_eq!(
                (status, answer["error"]["code"].as_str()),
                (422, Some("PASSWORD_TOO_LONG")),
                "{request}"
            );
        }
        let login = json!({"email": "ann@home.example", "password": long});
        assert_eq!(ann.call("POST /Members/login", login).await?.0, 401);
    }
    // A hash is no password, and a password that looks like one is hashed.
    let members = served.application.repository::<Member>()?;
    let stored = members.find_by_id(1).await?.ok_or("gone")?.user.password;
    let login = json!({"email": "ann@home.example", "password": stored});
    assert_eq!(ann.call("POST /Members/login", login).await?.0, 401);
    let hash = format!("$2a$10${}", "a".repeat(53));
    let eve = json!({"email": "eve@home.example", "password": hash});
    assert_eq!(ann.call("POST /Members", eve).await?.0, 200);
    let eve = members.find_by_id(3).await?.ok_or("no eve")?;
    assert!(eve.user.password.starts_with("$argon2id$"));
    Ok(())
}

async fn advisory_2018_01_31_a_relation_does_not_change_its_key(url: &str) -> TestResult {
    let served = home(url).await?;
    let pets = served.application.repository::<Pet>()?;
    pets.create(Pet {
        name: "Rex".into(),
        owner_id: Some(1),
        ..Pet::default()
    })
    .await?;
    let app_owner = served
        .application
        .repository::<Member>()?
        .find_by_id(1)
        .await?
        .ok_or("gone")?;
    let own = served
        .application
        .repository::<Member>()?
        .related(&app_owner, Member::PETS)
        .await?;
    let error = own
        .update(1, Patch::new().set(Pet::OWNER_ID, Some(2)))
        .await;
    let error = error.err().ok_or("it has been given away")?;
    assert_eq!(
        (error.status(), error.message()),
        (400, "Cannot override foreign key ownerId from 1 to 2")
    );
    assert_eq!(pets.find_by_id(1).await?.ok_or("gone")?.owner_id, Some(1));
    Ok(())
}

async fn advisory_2018_08_08_nobody_makes_tokens(url: &str) -> TestResult {
    let served = home(url).await?;
    let ann = served.log_in("Members", "ann@home.example").await?;
    for caller in [&served.anonymous(), &ann] {
        for request in [
            "POST /AccessTokens",
            "PUT /AccessTokens",
            "POST /AccessTokens/replaceOrCreate",
            "GET /AccessTokens",
            "GET /AccessTokens/findOne",
            "POST /Members/1/accessTokens",
            "GET /Members/1/accessTokens",
        ] {
            let body = if request.starts_with('P') {
                json!({"userId": 2})
            } else {
                Json::Null
            };
            assert_eq!(caller.call(request, body).await?.0, 401, "{request}");
        }
        // Roles and rules are not served at all.
        for path in ["Roles", "RoleMappings", "ACLs"] {
            assert_eq!(caller.status(&format!("GET /{path}")).await?, 404, "{path}");
        }
    }
    Ok(())
}

async fn advisory_2018_08_15_unknown_operators_are_refused(url: &str) -> TestResult {
    let served = home(url).await?;
    let pets = served.application.repository::<Pet>()?;
    let rex = Pet {
        name: "Rex".into(),
        ..Pet::default()
    };
    pets.create(rex).await?;
    for condition in [
        json!({"$where": "sleep(1000)"}),
        json!({"name": {"$where": "1"}}),
        json!({"and": [{"or": [{"$where": "1"}]}]}),
        json!({"mapReduce": "x"}),
        json!({"name": {"$gt": ""}}),
    ] {
        let text = condition.to_string();
        for query in [
            form(&[("filter", &json!({"where": condition}).to_string())]),
            form(&[("filter[where]", &text)]),
        ] {
            let (status, answer) = served
                .anonymous()
                .call(&format!("GET /Pets?{query}"), Json::Null)
                .await?;
            // Refused, or found to be nobody's name.
            assert!(status == 400 || answer == json!([]), "{text}: {answer}");
        }
    }
    Ok(())
}

async fn nobody_reads_hidden_properties_by_asking_about_them(url: &str) -> TestResult {
    let served = home(url).await?;
    let ann = served.log_in("Members", "ann@home.example").await?;
    let members = served.application.repository::<Member>()?;
    let verify = Patch::new().set(
        Member::USER.column(User::VERIFICATION_TOKEN),
        Some("abc".to_owned()),
    );
    members.update(1, verify).await?;
    // Of their own, too, the owner learns neither by any way that is open to them.
    for path in [
        "/Members/1",
        "/Members/1?filter[fields]=password",
        "/Members/1?filter[fields][]=verificationToken",
    ] {
        let answer = ann
            .call(&format!("GET {path}"), Json::Null)
            .await?
            .1
            .to_string();
        assert!(
            !answer.contains("argon2") && !answer.contains("abc"),
            "{answer}"
        );
    }
    // Chosen by the caller, it would confirm an address that nobody reads.
    let new = json!({"email": "eve@home.example", "password": "secret", "verificationToken": "mine", "emailVerified": true});
    let (_, eve) = served
        .anonymous()
        .call("POST /Members", json!([new]))
        .await?;
    assert_ne!(eve[0]["emailVerified"], true);
    let confirm = format!("GET /Members/confirm?uid={}&token=mine", eve[0]["id"]);
    assert_eq!(served.anonymous().call(&confirm, Json::Null).await?.0, 400);
    Ok(())
}

async fn an_id_in_a_body_or_a_query_string_makes_nobody_an_owner(url: &str) -> TestResult {
    let served = home(url).await?;
    let ann = served.log_in("Members", "ann@home.example").await?;
    for (request, body) in [
        ("GET /Members?id=1", Json::Null),
        ("GET /Members/2?id=1", Json::Null),
        (
            "POST /Members/update?where={\"id\":2}&id=1",
            json!({"id": 1, "status": "hack"}),
        ),
        ("PATCH /Members?id=1", json!({"id": 1, "status": "hack"})),
        ("PATCH /Members/2", json!({"id": 1, "status": "hack"})),
        ("DELETE /Members/2?id=1", Json::Null),
    ] {
        assert_eq!(ann.call(request, body).await?.0, 401, "{request}");
    }
    let (status, _) = ann
        .call("PATCH /Members/1", json!({"id": 2, "status": "hack"}))
        .await?;
    assert_eq!(status, 400);
    Ok(())
}
