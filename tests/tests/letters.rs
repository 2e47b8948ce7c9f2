//! Letters to users: by a real server, read by a real reader, their links followed (contract *users.md* §7 and §10).

use std::path::Path;
use std::sync::{Arc, Mutex};

use loopwright::Config;
use loopwright::builtin::{User, UsersConfig};
use loopwright::mail::MailConfig;
use loopwright::prelude::*;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{private_server, run, tool};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Somebody who registers.
#[derive(Model, Clone, Debug)]
struct Reader {
    #[model(base)]
    user: User,
}

async fn library(users: UsersConfig, mail: &str) -> Result<Served, Box<dyn std::error::Error>> {
    let mut config = Config::default();
    config.users = users;
    serve(
        App::new()
            .config(config)
            .data_source("db", "memory:")
            .mail(MailConfig::new(mail, "Library <library@books.example>"))
            .models::<(Reader,)>(),
    )
    .await
}

/// The letters in a Maildir, as Python's own mail reader reads them, the oldest first.
async fn letters(folder: &Path) -> Result<Vec<Json>, Box<dyn std::error::Error>> {
    const READ: &str = r#"
import email, email.policy, json, mailbox, sys
letters = mailbox.Maildir(sys.argv[1], factory=lambda file: email.message_from_binary_file(file, policy=email.policy.default))
read = []
for key in sorted(letters.keys()):
    letter = letters[key]
    parts = {kind: letter.get_body((kind,)) for kind in ("plain", "html")}
    read.append({"from": letter["from"], "to": letter["to"], "subject": letter["subject"],
                 **{kind: part and part.get_content() for kind, part in parts.items()}})
print(json.dumps(read))
"#;
    let mut python = tool("python").ok_or("no python")?;
    python.args(["-c", READ]).arg(folder);
    let output = run(python).await?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {said}").into())
}

#[tokio::test]
async fn a_letter_is_sent_and_its_link_leads_to_a_login() -> TestResult {
    let folder = tempfile::tempdir()?;
    // The server makes it, with what belongs into it.
    let folder = &folder.path().join("letters");
    let Some(server) = private_server("smtp", &[folder.to_str().ok_or("no text")?]) else {
        return Ok(());
    };
    let mut users = UsersConfig::default();
    users.email_verification_required = true;
    users.verify_on_create = true;
    // Where the application is, is known only when it listens.
    users.base_url = Some("http://library.example".into());
    let served = library(users, &server.url).await?;
    let anonymous = served.anonymous();
    let ann = json!({"email": "ann@books.example", "password": "secret"});
    let (status, ann) = anonymous.call("POST /Readers", ann).await?;
    assert_eq!(status, 200, "{ann}");

    let login = "POST /Readers/login";
    let right = json!({"email": "ann@books.example", "password": "secret"});
    let wrong = json!({"email": "ann@books.example", "password": "wrong"});
    for (body, code) in [
        (&right, "LOGIN_FAILED_EMAIL_NOT_VERIFIED"),
        (&wrong, "LOGIN_FAILED"),
    ] {
        let (status, answer) = anonymous.call(login, body.clone()).await?;
        assert_eq!(
            (status, answer["error"]["code"].as_str()),
            (401, Some(code))
        );
    }
    let (status, answer) = anonymous
        .call("POST /Readers/reset", json!({"email": "ann@books.example"}))
        .await?;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (401, Some("RESET_FAILED_EMAIL_NOT_VERIFIED"))
    );

    let sent = letters(folder).await?;
    let [letter] = sent.as_slice() else {
        return Err(format!("one letter is to be sent: {sent:?}").into());
    };
    assert_eq!(letter["to"], "ann@books.example");
    assert_eq!(letter["from"], "Library <library@books.example>");
    assert_eq!(letter["subject"], "Thanks for Registering");
    let text = letter["plain"].as_str().ok_or("no text")?;
    let link = text.split_whitespace().last().ok_or("no link")?;
    let html = letter["html"].as_str().ok_or("no HTML")?;
    assert!(html.contains(&link.replace('&', "&amp;")), "{html}");
    let path = link
        .strip_prefix("http://library.example/api")
        .ok_or(link)?;

    // Another token, another user, no user; and where nobody is to be led.
    let (bare, _) = path.rsplit_once('=').ok_or(path)?;
    let id = &ann["id"];
    for (request, status, code) in [
        (format!("{bare}=zzz"), 400, Some("INVALID_TOKEN")),
        (format!("{bare}="), 400, Some("INVALID_TOKEN")),
        (
            path.replace(&format!("uid={id}"), "uid=99"),
            404,
            Some("USER_NOT_FOUND"),
        ),
        (path.replace(&format!("uid={id}"), "uid="), 400, None),
        (path.replace(&format!("uid={id}&"), ""), 400, None),
        (
            path.replace("redirect=%2F", "redirect=https://evil.example"),
            400,
            Some("INVALID_REDIRECT"),
        ),
        (
            path.replace("redirect=%2F", "redirect=//evil.example"),
            400,
            Some("INVALID_REDIRECT"),
        ),
        (
            path.replace("redirect=%2F", "redirect=/%5Cevil.example"),
            400,
            Some("INVALID_REDIRECT"),
        ),
    ] {
        let (found, answer) = anonymous
            .call(&format!("GET {request}"), Json::Null)
            .await?;
        assert_eq!(
            (found, answer["error"]["code"].as_str()),
            (status, code),
            "{request}"
        );
    }
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let answer = client
        .get(format!("{}/api{path}", served.url))
        .send()
        .await?;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], "/");
    let again = client
        .get(format!("{}/api{path}", served.url))
        .send()
        .await?;
    assert_eq!(again.status(), 400);
    let (status, _) = anonymous.call(login, right).await?;
    assert_eq!(status, 200);

    // Another letter, for a new address; this time the server is away.
    let ann = served.log_in("Readers", "ann@books.example").await?;
    let own = format!("/Readers/{id}");
    assert_eq!(anonymous.status(&format!("POST {own}/verify")).await?, 401);
    assert_eq!(
        ann.call(&format!("POST {own}/verify"), Json::Null).await?.0,
        204
    );
    assert_eq!(letters(folder).await?.len(), 2);
    let (status, changed) = ann
        .call(&format!("PATCH {own}"), json!({"email": "ann@new.example"}))
        .await?;
    assert_eq!((status, &changed["emailVerified"]), (200, &json!(false)));
    server.kill()?;
    let (status, answer) = ann.call(&format!("POST {own}/verify"), Json::Null).await?;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (503, Some("MAIL_UNAVAILABLE"))
    );
    Ok(())
}

#[tokio::test]
async fn who_has_forgotten_a_password_gets_a_token() -> TestResult {
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = told.clone();
    let mut config = Config::default();
    config.users.reset_password_url = Some("https://library.example/reset#{token}".into());
    config.users.restrict_reset_password = true;
    let served = serve(
        App::new()
            .config(config)
            .data_source("db", "memory:")
            .mail(MailConfig::new("memory:", "library@books.example"))
            .models::<(Reader,)>()
            .on_password_reset(move |reset| {
                let told = listener.clone();
                async move {
                    if let Ok(mut told) = told.lock() {
                        told.push(reset);
                    }
                    Ok(())
                }
            }),
    )
    .await?;
    let anonymous = served.anonymous();
    anonymous
        .call(
            "POST /Readers",
            json!({"email": "ann@books.example", "password": "secret"}),
        )
        .await?;
    let reset = "POST /Readers/reset";
    for (body, status, code) in [
        (json!({}), 400, "EMAIL_REQUIRED"),
        (json!({"email": {"neq": "x"}}), 400, "EMAIL_REQUIRED"),
        (
            json!({"email": "bob@books.example"}),
            404,
            "EMAIL_NOT_FOUND",
        ),
        (
            json!({"email": "ann@books.example", "password": "x".repeat(73)}),
            422,
            "PASSWORD_TOO_LONG",
        ),
    ] {
        let (found, answer) = anonymous.call(reset, body.clone()).await?;
        assert_eq!(
            (found, answer["error"]["code"].as_str()),
            (status, Some(code)),
            "{body}"
        );
    }
    let old = served.log_in("Readers", "ann@books.example").await?;
    let body = json!({"email": "ann@books.example", "page": 7});
    assert_eq!(
        anonymous.call(reset, body.clone()).await?,
        (204, Json::Null)
    );
    let told = told
        .lock()
        .map_err(|_| "poisoned")?
        .pop()
        .ok_or("nobody is told")?;
    assert_eq!(
        (told.email.as_str(), &told.options),
        ("ann@books.example", &body)
    );
    assert_eq!(told.user["email"], "ann@books.example");
    assert!(told.user.get("password").is_none());
    let kept = served.application.mailer()?.kept();
    let [letter] = kept.as_slice() else {
        return Err(format!("one letter is to be sent: {kept:?}").into());
    };
    let link = format!("https://library.example/reset#{}", told.access_token);
    assert!(letter.text.contains(&link), "{}", letter.text);

    // The token is good for a new password, and for nothing else.
    let token = served.bearer(&told.access_token);
    let own = format!("/Readers/{}", told.user["id"]);
    assert_eq!(token.status(&format!("GET {own}")).await?, 401);
    assert_eq!(
        token
            .call(
                &format!("PATCH {own}"),
                json!({"email": "eve@books.example"})
            )
            .await?
            .0,
        401
    );
    let set = "POST /Readers/reset-password";
    assert_eq!(
        anonymous
            .call(set, json!({"newPassword": "other"}))
            .await?
            .0,
        401
    );
    assert_eq!(token.call(set, json!({"newPassword": ""})).await?.0, 422);
    // And for one, however many ask at once.
    let at_once = (0..5).map(|_| token.call(set, json!({"newPassword": "other"})));
    let mut statuses = Vec::new();
    for answer in futures_util::future::join_all(at_once).await {
        statuses.push(answer?.0);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 401, 401, 401, 401]);
    assert_eq!(old.status(&format!("GET {own}")).await?, 401);
    let login = json!({"email": "ann@books.example", "password": "other"});
    assert_eq!(anonymous.call("POST /Readers/login", login).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn the_word_of_one_address_says_nothing_of_another() -> TestResult {
    let mut users = UsersConfig::default();
    users.verify_on_create = true;
    let served = library(users, "memory:").await?;
    let new = json!({"email": "ann@books.example", "password": "secret"});
    let (_, ann) = served.anonymous().call("POST /Readers", new).await?;
    let kept = served.application.mailer()?.kept();
    let letter = &kept.first().ok_or("no letter")?.text;
    let token = letter.split("token=").nth(1).ok_or("no token")?;
    let own = format!("/Readers/{}", ann["id"]);
    let caller = served.log_in("Readers", "ann@books.example").await?;
    let moved = json!({"email": "boss@books.example"});
    assert_eq!(caller.call(&format!("PATCH {own}"), moved).await?.0, 200);
    let confirm = format!(
        "GET /Readers/confirm?uid={}&token={}",
        ann["id"],
        token.trim()
    );
    let (status, answer) = served.anonymous().call(&confirm, Json::Null).await?;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (400, &json!("INVALID_TOKEN"))
    );
    Ok(())
}
