//! A second factor: codes of an authenticator that nobody here wrote (`pyotp`), and what takes their place.

use loopwright::Config;
use loopwright::builtin::{SecondFactor, TotpConfig, User};
use loopwright::prelude::*;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{on_every_database, run, tool};
use serde_json::{Value as Json, json};

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Somebody with something to lose.
#[derive(Model, Clone, Debug)]
struct Client {
    #[model(base)]
    user: User,
}

async fn bank(url: &str) -> TestResult<Served> {
    let mut config = Config::default();
    config.users.totp = Some(TotpConfig::new("Bank"));
    config.users.login_attempts = 5;
    config.users.session_methods = true;
    let app = App::new()
        .config(config)
        .data_source("db", url)
        .models::<(Client,)>();
    let served = serve(app).await?;
    let clients = served.application.repository::<Client>()?;
    for name in ["ann", "bob"] {
        let user = User::new(format!("{name}@bank.example"), "secret");
        clients.create(Client { user }).await?;
    }
    Ok(served)
}

/// What an authenticator shows that has scanned `url`, so many half minutes from now; nothing where there is none.
async fn code(url: &str, steps: i64) -> TestResult<Option<String>> {
    const SHOW: &str = r"
import pyotp, sys, time
totp = pyotp.parse_uri(sys.argv[1])
assert totp.issuer == 'Bank' and totp.name == 'ann@bank.example', (totp.issuer, totp.name)
print(totp.at(time.time(), int(sys.argv[2])), end='')
";
    let Some(mut python) = tool("python") else {
        return Ok(None);
    };
    python.args(["-c", SHOW, url, &steps.to_string()]);
    let shown = run(python).await?;
    match shown.status.success() {
        true => Ok(Some(String::from_utf8(shown.stdout)?)),
        false => Err(String::from_utf8(shown.stderr)?.into()),
    }
}

fn credentials(more: Json) -> Json {
    let mut credentials = json!({"email": "ann@bank.example", "password": "secret"});
    if let (Some(credentials), Json::Object(more)) = (credentials.as_object_mut(), more) {
        credentials.extend(more);
    }
    credentials
}

async fn log_in(served: &Served, more: Json) -> TestResult<(u16, String)> {
    let anonymous = served.anonymous();
    let (status, body) = anonymous
        .call("POST /Clients/login", credentials(more))
        .await?;
    let code = body["error"]["code"].as_str().unwrap_or_default();
    Ok((status, code.to_owned()))
}

fn refused(code: &str) -> (u16, String) {
    (401, code.to_owned())
}

fn welcome() -> (u16, String) {
    (200, String::new())
}

on_every_database! {
    a_login_takes_a_code_of_the_authenticator
}

async fn a_login_takes_a_code_of_the_authenticator(url: &str) -> TestResult {
    let served = bank(url).await?;
    let ann = served.log_in("Clients", "ann@bank.example").await?;
    for (request, body, expected) in [
        ("POST /Clients/totp", json!({}), 400),
        ("POST /Clients/totp", json!({"password": "guess"}), 400),
        ("POST /Clients/totp/confirm", json!({"code": "000000"}), 409),
    ] {
        let (status, answer) = ann.call(request, body).await?;
        assert_eq!(status, expected, "{request}: {answer}");
        assert_eq!(served.anonymous().status(request).await?, 401);
    }
    let password = json!({"password": "secret"});
    let (status, begun) = ann.call("POST /Clients/totp", password.clone()).await?;
    assert_eq!(status, 200, "{begun}");
    // It may be scanned again as long as it is not confirmed.
    let (_, begun) = ann.call("POST /Clients/totp", password.clone()).await?;
    let authenticator = begun["url"].as_str().ok_or("no URL")?;
    let Some(now) = code(authenticator, 0).await? else {
        return Ok(());
    };
    assert_eq!(log_in(&served, json!({})).await?, welcome(), "not yet");
    let before = served.log_in("Clients", "ann@bank.example").await?;
    let wrong = json!({"code": "12345"});
    let (status, answer) = ann.call("POST /Clients/totp/confirm", wrong).await?;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (401, &json!("TOTP_INVALID"))
    );
    let shown = json!({ "code": now });
    let (status, answer) = ann.call("POST /Clients/totp/confirm", shown).await?;
    assert_eq!(status, 200, "{answer}");
    let recovery: Vec<String> = serde_json::from_value(answer["recoveryCodes"].clone())?;
    assert_eq!(recovery.len(), 10);
    // What was opened by the password alone has ended.
    assert_eq!(before.status("GET /Clients/1").await?, 401);
    let (status, _) = ann.call("POST /Clients/totp", password.clone()).await?;
    assert_eq!(status, 409, "another secret does not take its place");

    // The code is needed, once, and only told of to who knows the password.
    assert_eq!(log_in(&served, json!({})).await?, refused("TOTP_REQUIRED"));
    let guess = json!({"password": "guess", "totp": now});
    assert_eq!(log_in(&served, guess).await?, refused("LOGIN_FAILED"));
    let used = json!({ "totp": now });
    assert_eq!(log_in(&served, used).await?, refused("TOTP_INVALID"));
    let next = code(authenticator, 1).await?.ok_or("no code")?;
    let both = json!({ "totp": next });
    let (one, other) = tokio::join!(log_in(&served, both.clone()), log_in(&served, both));
    let mut outcomes = [one?, other?];
    outcomes.sort();
    assert_eq!(outcomes, [welcome(), refused("TOTP_INVALID")]);
    let recovered = json!({ "totp": recovery[0].to_uppercase() });
    assert_eq!(log_in(&served, recovered.clone()).await?, welcome());
    assert_eq!(log_in(&served, recovered).await?, refused("TOTP_INVALID"));
    for nonsense in [json!(1234), json!({"like": "%"}), json!("")] {
        let (status, _) = log_in(&served, json!({ "totp": nonsense })).await?;
        assert_eq!(status, 401);
    }
    // Guesses of codes are counted, whoever knows the password, and hold for who is right, too.
    let late = json!({ "totp": recovery[1] });
    assert_eq!(
        log_in(&served, late.clone()).await?,
        welcome(),
        "a success is a new beginning"
    );
    for attempt in 0..6 {
        let (status, code) = log_in(&served, json!({"totp": "000000"})).await?;
        let expected = if attempt < 5 {
            (401, "TOTP_INVALID")
        } else {
            (429, "TOO_MANY_CODES")
        };
        assert_eq!((status, code.as_str()), expected);
        // To know the password does not help.
        let (status, _) = ann.call("POST /Clients/totp", password.clone()).await?;
        assert_eq!(status, 409);
    }
    let right = json!({ "totp": recovery[2] });
    assert_eq!(
        log_in(&served, right).await?,
        (429, "TOO_MANY_CODES".to_owned())
    );
    // Another user is not concerned.
    served.log_in("Clients", "bob@bank.example").await?;
    Ok(())
}

#[tokio::test]
async fn it_ends_with_a_code_or_with_its_user() -> TestResult {
    let served = bank("memory:").await?;
    let factors = served.application.repository::<SecondFactor>()?;
    let ann = served.log_in("Clients", "ann@bank.example").await?;
    let password = json!({"password": "secret"});
    let (_, begun) = ann.call("POST /Clients/totp", password.clone()).await?;
    let authenticator = begun["url"].as_str().ok_or("no URL")?;
    let Some(now) = code(authenticator, 0).await? else {
        return Ok(());
    };
    let shown = json!({ "code": now });
    let (_, answer) = ann.call("POST /Clients/totp/confirm", shown).await?;
    let recovery = &answer["recoveryCodes"];

    // What mail alone leads to does not open everything.
    let body = json!({"email": "ann@bank.example"});
    let (status, _) = served.anonymous().call("POST /Clients/reset", body).await?;
    assert_eq!(status, 204);
    let tokens = served.application.records("AccessToken")?;
    let reset = tokens.find(json!({"where": {"ttl": 900}})).await?;
    let reset = served.bearer(reset[0]["id"].as_str().ok_or("no token")?);
    for request in [
        "GET /Clients/1",
        "PATCH /Clients/1",
        "POST /Clients/refresh",
    ] {
        assert_eq!(reset.status(request).await?, 401, "{request}");
    }
    let new = json!({"newPassword": "secret"});
    let (status, answer) = reset.call("POST /Clients/reset-password", new).await?;
    assert_eq!(status, 204, "{answer}");
    assert_eq!(log_in(&served, json!({})).await?, refused("TOTP_REQUIRED"));

    // A new password has ended the session.
    let logged_in = credentials(json!({ "totp": recovery[0] }));
    let anonymous = served.anonymous();
    let (_, token) = anonymous.call("POST /Clients/login", logged_in).await?;
    let ann = served.bearer(token["id"].as_str().ok_or("no token")?);
    for (body, expected) in [
        (json!({"password": "secret", "code": "000000"}), 401),
        (json!({"password": "guess", "code": recovery[1]}), 400),
        (json!({"password": "secret", "code": recovery[1]}), 204),
    ] {
        let (status, answer) = ann.call("POST /Clients/totp/disable", body).await?;
        assert_eq!(status, expected, "{answer}");
    }
    assert_eq!(log_in(&served, json!({})).await?, welcome());

    ann.call("POST /Clients/totp", password).await?;
    assert_eq!(factors.count(Condition::ALL).await?, 1);
    assert_eq!(ann.status("DELETE /Clients/1").await?, 200);
    assert_eq!(factors.count(Condition::ALL).await?, 0);
    Ok(())
}

#[tokio::test]
async fn what_nobody_has_asked_for_is_not_there() -> TestResult {
    let app = App::new().config(Config::default());
    let app = app.data_source("db", "memory:").models::<(Client,)>();
    let served = serve(app).await?;
    let document = served.application.openapi().to_json()?;
    let clients = served.application.repository::<Client>()?;
    let user = User::new("ann@bank.example", "secret");
    clients.create(Client { user }).await?;
    let ann = served.log_in("Clients", "ann@bank.example").await?;
    for path in [
        "totp",
        "totp/confirm",
        "totp/disable",
        "refresh",
        "revoke-sessions",
    ] {
        assert!(!document.contains(&format!("Clients/{path}")), "{path}");
        let (status, _) = ann
            .call(
                &format!("POST /Clients/{path}"),
                json!({"password": "secret"}),
            )
            .await?;
        assert_eq!(status, 404, "{path}");
    }
    assert!(served.application.repository::<SecondFactor>().is_err());
    for issuer in ["", "Bank: Zurich"] {
        let mut config = Config::default();
        config.users.totp = Some(TotpConfig::new(issuer));
        let app = App::new().config(config).models::<(Client,)>();
        let error = app.build().await.err().ok_or("it starts")?;
        assert!(error.to_string().contains("users.totp"), "{error}");
    }
    Ok(())
}
