//! Users: they register, log in and out, change their passwords and go (contract *users.md*).

use loopwright::Config;
use loopwright::builtin::{AccessToken, User, UsersConfig};
use loopwright::mail::MailConfig;
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Somebody who buys.
#[derive(Model, Clone, Debug)]
struct Customer {
    #[model(base)]
    user: User,
    city: Option<String>,
}

async fn shop(url: &str) -> Result<Served, Box<dyn std::error::Error>> {
    shop_with(url, UsersConfig::default()).await
}

async fn shop_with(url: &str, users: UsersConfig) -> Result<Served, Box<dyn std::error::Error>> {
    let mut config = Config::default();
    config.users = users;
    let app = App::new()
        .config(config)
        .data_source("db", url)
        .mail(MailConfig::new("memory:", "Shop <shop@example.com>"))
        .models::<(Customer,)>();
    serve(app).await
}

fn error(status: u16, code: &str, message: &str) -> (u16, Json) {
    let error = json!({"name": "Error", "status": status, "message": message, "statusCode": status, "code": code});
    (status, json!({ "error": error }))
}

on_every_database! {
    users_live_their_life
    what_can_not_be_a_user_is_refused
    the_password_and_the_address_end_sessions
    one_of_many_at_once_gets_the_address
}

#[tokio::test]
async fn a_word_stands_for_who_calls() -> TestResult {
    let mut config = Config::default();
    config.auth.current_user_literal = Some("me".into());
    let app = App::new().config(config).data_source("db", "memory:");
    let served = serve(app.models::<(Customer,)>()).await?;
    for name in ["ann", "bob"] {
        let new = json!({"email": format!("{name}@bar.com"), "password": "secret"});
        served.anonymous().call("POST /Customers", new).await?;
    }
    let bob = served.log_in("Customers", "bob@bar.com").await?;
    let (status, own) = bob
        .call("GET /Customers/me?filter[fields]=id", Json::Null)
        .await?;
    assert_eq!((status, own), (200, json!({"id": 2})));
    assert_eq!(
        bob.call("PATCH /Customers/me", json!({"city": "Bern"}))
            .await?
            .0,
        200
    );
    assert_eq!(bob.status("GET /Customers/mee").await?, 401);
    let (status, refused) = served
        .anonymous()
        .call("GET /Customers/me", Json::Null)
        .await?;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (401, &json!("AUTHORIZATION_REQUIRED"))
    );
    // Nobody has asked for it.
    let served = shop("memory:").await?;
    assert_eq!(served.anonymous().status("GET /Customers/me").await?, 401);
    Ok(())
}

#[tokio::test]
async fn a_password_of_digits_is_a_text() -> TestResult {
    let served = shop("memory:").await?;
    let digits = json!({"email": "ann@bar.com", "password": "12345678", "username": "007"});
    for request in ["POST /Customers", "POST /Customers/login"] {
        let (status, body) = served.anonymous().call(request, digits.clone()).await?;
        assert_eq!(status, 200, "{body}");
    }
    Ok(())
}

async fn users_live_their_life(url: &str) -> TestResult {
    let served = shop(url).await?;
    let anonymous = served.anonymous();
    let ann = json!({"email": "Foo@Bar.com", "password": "secret", "username": "foo", "city": "Bern",
        "id": null, "emailVerified": true, "verificationToken": "mine"});
    let (status, ann) = anonymous.call("POST /Customers", ann).await?;
    assert_eq!(status, 200, "{ann}");
    assert_eq!(ann["email"], "Foo@Bar.com");
    assert_eq!(ann["city"], "Bern");
    for secret in ["password", "verificationToken"] {
        assert!(ann.get(secret).is_none(), "{ann}");
    }
    assert_ne!(
        ann["emailVerified"], true,
        "nobody confirms an address by saying so"
    );
    let id = ann["id"].as_i64().ok_or("no id")?;

    let (status, token) = anonymous
        .call(
            "POST /Customers/login?include=user",
            json!({"email": "Foo@Bar.com", "password": "secret"}),
        )
        .await?;
    assert_eq!(status, 200, "{token}");
    let keys: Vec<_> = token
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect();
    assert_eq!(keys, ["id", "ttl", "created", "userId", "user"]);
    assert_eq!(token["ttl"], 1_209_600);
    assert_eq!(token["userId"], id);
    assert_eq!(token["user"]["username"], "foo");
    assert!(token["user"].get("password").is_none());
    let key = token["id"].as_str().ok_or("no token")?;
    assert!(
        key.len() == 64 && key.chars().all(|letter| letter.is_ascii_alphanumeric()),
        "{key}"
    );

    let caller = served.bearer(key);
    let own = format!("/Customers/{id}");
    let (status, seen) = caller.call(&format!("GET {own}"), Json::Null).await?;
    assert_eq!((status, &seen["username"]), (200, &json!("foo")));
    let (status, changed) = caller
        .call(
            &format!("PATCH {own}"),
            json!({"city": "Basel", "emailVerified": true, "verificationToken": "x"}),
        )
        .await?;
    assert_eq!((status, &changed["city"]), (200, &json!("Basel")));
    assert_ne!(changed["emailVerified"], true);

    // Others, and lists, are nobody's.
    let other = json!({"email": "bob@bar.com", "password": "secret"});
    let (_, other) = anonymous.call("POST /Customers", other).await?;
    let others = format!("/Customers/{}", other["id"]);
    for request in [
        format!("GET {others}"),
        format!("PATCH {others}"),
        format!("DELETE {others}"),
        format!("GET {own}/exists"),
        format!("GET {own}/accessTokens"),
        "GET /Customers".into(),
        format!("GET /Customers?id={id}"),
        "GET /Customers/count".into(),
        "GET /Customers/findOne".into(),
        "PUT /Customers".into(),
        "POST /Customers/update".into(),
        "GET /Customers/login".into(),
        "GET /Customers/99999".into(),
    ] {
        assert_eq!(caller.status(&request).await?, 401, "{request}");
        assert_eq!(
            anonymous.status(&request).await?,
            401,
            "anonymous: {request}"
        );
    }
    assert_eq!(anonymous.status(&format!("GET {own}")).await?, 401);

    // By the name, another session; the first goes on when it ends.
    let (status, second) = anonymous
        .call(
            "POST /Customers/login",
            json!({"username": "foo", "password": "secret", "ttl": "60"}),
        )
        .await?;
    assert_eq!((status, &second["ttl"]), (200, &json!(60)));
    let second = served.bearer(second["id"].as_str().ok_or("no token")?);
    let (status, body) = second.call("POST /Customers/logout", Json::Null).await?;
    assert_eq!((status, body), (204, Json::Null));
    assert_eq!(second.status(&format!("GET {own}")).await?, 401);
    let (status, body) = second.call("POST /Customers/logout", Json::Null).await?;
    let gone =
        json!({"name": "Error", "status": 401, "message": "accessToken is required to logout"});
    assert_eq!((status, body), (401, json!({ "error": gone })));
    assert_eq!(caller.status(&format!("GET {own}")).await?, 200);

    // Who goes takes the tokens along.
    let (status, deleted) = caller.call(&format!("DELETE {own}"), Json::Null).await?;
    assert_eq!((status, deleted), (200, json!({"count": 1})));
    let tokens = served.application.repository::<AccessToken>()?;
    assert_eq!(tokens.find().count().await?, 0);
    assert_eq!(caller.status(&format!("GET {own}")).await?, 401);
    Ok(())
}

async fn what_can_not_be_a_user_is_refused(url: &str) -> TestResult {
    let served = shop(url).await?;
    let anonymous = served.anonymous();
    let new = |email: Json, password: Json| json!({"email": email, "password": password, "username": "ann"});
    let (status, _) = anonymous
        .call(
            "POST /Customers",
            new("ann@bar.com".into(), "secret".into()),
        )
        .await?;
    assert_eq!(status, 200);
    let long = "x".repeat(73);
    for (body, details) in [
        (
            json!({}),
            "`password` can't be blank (value: undefined); `email` can't be blank (value: undefined)",
        ),
        (
            json!({"email": "bob@bar.com"}),
            "`password` can't be blank (value: undefined)",
        ),
        (
            json!({"email": "nope", "password": "secret"}),
            "`email` is invalid (value: \"nope\")",
        ),
        (
            json!({"email": "", "password": "secret"}),
            "`email` can't be blank (value: \"\")",
        ),
        (
            json!({"email": "ann@bar.com", "password": "secret"}),
            "`email` Email already exists (value: \"ann@bar.com\")",
        ),
        (
            json!({"email": "bob@bar.com", "password": "secret", "username": "ann"}),
            "`username` User already exists (value: \"ann\")",
        ),
    ] {
        let (status, answer) = anonymous.call("POST /Customers", body.clone()).await?;
        let message = format!("The `Customer` instance is not valid. Details: {details}.");
        assert_eq!(
            (status, answer["error"]["message"].as_str()),
            (422, Some(message.as_str())),
            "{body}"
        );
    }
    for (password, code) in [
        ("", "INVALID_PASSWORD"),
        (&*long, "PASSWORD_TOO_LONG"),
        (&"é".repeat(37), "PASSWORD_TOO_LONG"),
    ] {
        let body = json!({"email": "bob@bar.com", "password": password});
        let (status, answer) = anonymous.call("POST /Customers", body).await?;
        assert_eq!(
            (status, answer["error"]["code"].as_str()),
            (422, Some(code))
        );
        assert!(
            password.is_empty() || !answer.to_string().contains(password),
            "{answer}"
        );
    }

    let login = "POST /Customers/login";
    let failed = error(401, "LOGIN_FAILED", "login failed");
    for (body, expected) in [
        (
            json!({}),
            error(
                400,
                "USERNAME_EMAIL_REQUIRED",
                "username or email is required",
            ),
        ),
        (
            json!([]),
            error(
                400,
                "USERNAME_EMAIL_REQUIRED",
                "username or email is required",
            ),
        ),
        (json!({"email": "ann@bar.com"}), failed.clone()),
        (
            json!({"email": "ann@bar.com", "password": "wrong"}),
            failed.clone(),
        ),
        (
            json!({"email": "ann@bar.com", "password": ["secret"]}),
            failed.clone(),
        ),
        (
            json!({"email": "nobody@bar.com", "password": "secret"}),
            failed.clone(),
        ),
        (
            json!({"username": "' OR 1=1 --", "password": "secret"}),
            failed.clone(),
        ),
        (
            json!({"email": {"like": "a%"}, "password": "secret"}),
            error(400, "INVALID_EMAIL", "Invalid email"),
        ),
        (
            json!({"username": {"neq": "x"}, "password": "secret"}),
            error(400, "INVALID_USERNAME", "Invalid username"),
        ),
        (
            json!({"email": ["ann@bar.com"], "password": "secret"}),
            error(400, "INVALID_EMAIL", "Invalid email"),
        ),
    ] {
        assert_eq!(
            anonymous.call(login, body.clone()).await?,
            expected,
            "{body}"
        );
    }
    for (ttl, expected) in [
        (json!(0), 1_209_600),
        (json!(1e12), 31_556_926),
        (json!(null), 1_209_600),
        (json!(-1), -1),
    ] {
        let body = json!({"email": "ann@bar.com", "password": "secret", "ttl": ttl});
        let (status, token) = anonymous.call(login, body).await?;
        assert_eq!(
            (status, token["ttl"].as_i64()),
            (200, Some(expected)),
            "{ttl}"
        );
    }
    for ttl in [json!("abc"), json!(-2), json!({}), json!(true)] {
        let body = json!({"email": "ann@bar.com", "password": "secret", "ttl": ttl});
        assert_eq!(anonymous.call(login, body).await?.0, 400, "{ttl}");
    }

    // Eternal tokens are not allowed: it is told once, and then nobody knows the token.
    let body = json!({"email": "ann@bar.com", "password": "secret", "ttl": -1});
    let (_, token) = anonymous.call(login, body).await?;
    let eternal = served.bearer(token["id"].as_str().ok_or("no token")?);
    let (status, answer) = eternal.call("POST /Customers/login", json!({})).await?;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (401, Some("INVALID_TOKEN"))
    );
    assert_eq!(eternal.status(login).await?, 400);
    Ok(())
}

async fn the_password_and_the_address_end_sessions(url: &str) -> TestResult {
    let served = shop(url).await?;
    let customers = served.application.repository::<Customer>()?;
    let ann = customers
        .create(Customer {
            user: User::new("ann@bar.com", "secret"),
            city: None,
        })
        .await?;
    assert!(ann.user.password.starts_with("$argon2id$"));
    let own = format!("/Customers/{}", ann.user.id);
    let first = served.log_in("Customers", "ann@bar.com").await?;
    let second = served.log_in("Customers", "ann@bar.com").await?;
    let patch = format!("PATCH {own}");
    let get = format!("GET {own}");

    let (status, _) = first
        .call(&patch, json!({"city": "Bern", "email": "ann@bar.com"}))
        .await?;
    assert_eq!((status, second.status(&get).await?), (200, 200));
    // The same password again is a new one.
    let (status, _) = first.call(&patch, json!({"password": "secret"})).await?;
    assert_eq!(
        (
            status,
            first.status(&get).await?,
            second.status(&get).await?
        ),
        (200, 200, 401)
    );

    let second = served.log_in("Customers", "ann@bar.com").await?;
    let (status, _) = first.call(&patch, json!({"email": "ann@foo.com"})).await?;
    assert_eq!(
        (
            status,
            first.status(&get).await?,
            second.status(&get).await?
        ),
        (200, 200, 401)
    );

    // What is read and written back is no new password.
    let mut read = customers.find_by_id(ann.user.id).await?.ok_or("gone")?;
    read.city = Some("Basel".into());
    for written in [
        customers.replace(read.clone()).await?,
        customers.upsert(read.clone()).await?,
    ] {
        assert_eq!(written.user.password, read.user.password);
    }
    assert_eq!(first.status(&get).await?, 200);

    // In bulk, too; and by those who know the old one.
    let condition = Customer::USER.column(User::EMAIL).eq("ann@foo.com");
    let patch = Patch::new().set(Customer::USER.column(User::PASSWORD), "other".to_owned());
    assert_eq!(customers.update_all(condition, patch).await?, 1);
    assert_eq!(first.status(&get).await?, 401);
    let login = json!({"email": "ann@foo.com", "password": "other"});
    let (_, token) = served
        .anonymous()
        .call("POST /Customers/login", login)
        .await?;
    let third = served.bearer(token["id"].as_str().ok_or("no token")?);
    let change = "POST /Customers/change-password";
    let (status, answer) = third
        .call(
            change,
            json!({"oldPassword": "wrong", "newPassword": "secret"}),
        )
        .await?;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (400, Some("INVALID_PASSWORD"))
    );
    let (status, _) = third
        .call(
            change,
            json!({"oldPassword": "other", "newPassword": "secret"}),
        )
        .await?;
    assert_eq!(status, 204);
    served.log_in("Customers", "ann@foo.com").await?;
    assert_eq!(served.anonymous().status(change).await?, 401);
    Ok(())
}

async fn one_of_many_at_once_gets_the_address(url: &str) -> TestResult {
    let served = shop(url).await?;
    let anonymous = served.anonymous();
    let register = || {
        anonymous.call(
            "POST /Customers",
            json!({"email": "ann@bar.com", "password": "secret"}),
        )
    };
    let answers = futures_util::future::join_all((0..8).map(|_| register())).await;
    let mut statuses = Vec::new();
    for answer in answers {
        statuses.push(answer?.0);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422, 422, 422, 422, 422, 422, 422]);
    Ok(())
}

on_every_database! {
    realms_keep_users_apart
    addresses_have_no_case_where_it_is_said
}

async fn realms_keep_users_apart(url: &str) -> TestResult {
    let mut users = UsersConfig::default();
    users.realm_required = true;
    users.realm_delimiter = Some(":".into());
    let served = shop_with(url, users).await?;
    let anonymous = served.anonymous();
    let new = |realm: &str| json!({"email": "ann@bar.com", "username": "ann", "password": realm, "realm": realm});
    for realm in ["red", "blue"] {
        assert_eq!(anonymous.call("POST /Customers", new(realm)).await?.0, 200);
        assert_eq!(
            anonymous.call("POST /Customers", new(realm)).await?.0,
            422,
            "{realm}"
        );
    }
    let login = "POST /Customers/login";
    for (body, status, code) in [
        (
            json!({"email": "ann@bar.com", "password": "red"}),
            400,
            Some("REALM_REQUIRED"),
        ),
        (
            json!({"email": "ann@bar.com", "password": "red", "realm": {"neq": ""}}),
            400,
            Some("INVALID_REALM"),
        ),
        (
            json!({"email": "ann@bar.com", "password": "red", "realm": "red"}),
            200,
            None,
        ),
        (
            json!({"email": "ann@bar.com", "password": "red", "realm": "blue"}),
            401,
            Some("LOGIN_FAILED"),
        ),
        (
            json!({"username": "blue:ann", "password": "blue"}),
            200,
            None,
        ),
        // The prefix goes before the member.
        (
            json!({"email": "blue:ann@bar.com", "password": "blue", "realm": "red"}),
            200,
            None,
        ),
        (
            json!({"email": "green:ann@bar.com", "password": "blue"}),
            401,
            Some("LOGIN_FAILED"),
        ),
    ] {
        let (found, answer) = anonymous.call(login, body.clone()).await?;
        assert_eq!(
            (found, answer["error"]["code"].as_str()),
            (status, code),
            "{body}"
        );
    }
    Ok(())
}

async fn addresses_have_no_case_where_it_is_said(url: &str) -> TestResult {
    let mut users = UsersConfig::default();
    users.case_sensitive_email = false;
    let served = shop_with(url, users).await?;
    let anonymous = served.anonymous();
    let new = json!({"email": "Ann@Bar.com", "password": "secret"});
    let (status, ann) = anonymous.call("POST /Customers", new).await?;
    assert_eq!((status, &ann["email"]), (200, &json!("ann@bar.com")));
    let again = json!({"email": "ANN@bar.COM", "password": "secret"});
    let (status, answer) = anonymous.call("POST /Customers", again.clone()).await?;
    assert_eq!(
        (status, &answer["error"]["details"]["messages"]["email"]),
        (422, &json!(["Email already exists"]))
    );
    let (status, token) = anonymous.call("POST /Customers/login", again).await?;
    assert_eq!(status, 200);
    let customers = served.application.repository::<Customer>()?;
    let found = customers
        .find()
        .filter(Customer::USER.column(User::EMAIL).eq("ANN@BAR.COM"))
        .count()
        .await?;
    assert_eq!(found, 1);
    // Null is refused, whatever the setting.
    let caller = served.bearer(token["id"].as_str().ok_or("no token")?);
    for email in [Json::Null, json!("")] {
        let (status, _) = caller
            .call(
                &format!("PATCH /Customers/{}", ann["id"]),
                json!({"email": email}),
            )
            .await?;
        assert_eq!(status, 422);
    }
    // Elsewhere Foo and foo are two.
    let served = shop_with("memory:", UsersConfig::default()).await?;
    for email in ["Foo@bar.com", "foo@bar.com"] {
        let new = json!({"email": email, "password": "secret"});
        assert_eq!(
            served.anonymous().call("POST /Customers", new).await?.0,
            200
        );
    }
    let login = json!({"email": "FOO@bar.com", "password": "secret"});
    assert_eq!(
        served
            .anonymous()
            .call("POST /Customers/login", login)
            .await?
            .0,
        401
    );
    Ok(())
}

#[tokio::test]
async fn logins_that_fail_too_often_wait() -> TestResult {
    let mut users = UsersConfig::default();
    users.login_attempts = 3;
    let served = shop_with("memory:", users).await?;
    let anonymous = served.anonymous();
    for name in ["ann", "bob"] {
        let new = json!({"email": format!("{name}@bar.com"), "password": "secret"});
        anonymous.call("POST /Customers", new).await?;
    }
    let login = async |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        let (status, answer) = anonymous.call("POST /Customers/login", body).await?;
        Ok::<_, Box<dyn std::error::Error>>((
            status,
            answer["error"]["code"].as_str().map(str::to_owned),
        ))
    };
    // Somebody and nobody can't be told apart.
    for email in ["ann@bar.com", "nobody@bar.com"] {
        let wrong = futures_util::future::join_all((0..3).map(|_| login(email, "wrong"))).await;
        for answer in wrong {
            assert_eq!(answer?, (401, Some("LOGIN_FAILED".into())));
        }
        assert_eq!(
            login(email, "secret").await?,
            (429, Some("TOO_MANY_LOGINS".into())),
            "{email}"
        );
    }
    for _ in 0..5 {
        assert_eq!(login("bob@bar.com", "secret").await?.0, 200);
    }
    Ok(())
}

#[tokio::test]
async fn one_user_is_tried_under_one_name() -> TestResult {
    let mut users = UsersConfig::default();
    users.login_attempts = 3;
    users.case_sensitive_email = false;
    let served = shop_with("memory:", users).await?;
    let anonymous = served.anonymous();
    let new = json!({"email": "ann@bar.com", "username": "ann", "password": "secret"});
    anonymous.call("POST /Customers", new).await?;
    // Neither another case, nor a realm that nobody asks for, nor the other name is somebody else.
    for (name, status) in [
        (json!({"email": "ann@bar.com"}), 401),
        (json!({"email": "ANN@bar.com", "realm": "x"}), 401),
        (json!({"username": "ann"}), 401),
        (json!({"email": "Ann@Bar.com", "realm": "y"}), 429),
    ] {
        let mut body = name;
        body["password"] = json!("wrong");
        let (found, answer) = anonymous.call("POST /Customers/login", body).await?;
        assert_eq!(found, status, "{answer}");
    }
    Ok(())
}

#[test]
fn what_is_printed_holds_no_secret() {
    let customer = Customer {
        user: User::new("ann@bar.com", "correct horse"),
        city: None,
    };
    let printed = format!("{customer:?}");
    assert!(printed.contains("ann@bar.com"), "{printed}");
    assert!(!printed.contains("correct horse"), "{printed}");
}

#[tokio::test]
async fn a_role_that_everybody_has_is_not_named_again() -> TestResult {
    let app = App::new().config(Config::default());
    let app = app
        .data_source("db", "memory:")
        .models::<(Customer,)>()
        .role("$everyone", |_| async { Ok(false) });
    let error = app.build().await.err().ok_or("it starts")?.to_string();
    assert!(error.contains("name a role of your own"), "{error}");
    Ok(())
}
