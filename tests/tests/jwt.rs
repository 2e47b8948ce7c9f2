//! Signed tokens that somebody else issues.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use loopwright::Config;
use loopwright::builtin::{JwtConfig, RoleMapping, User};
use loopwright::prelude::*;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// A secret of 32 bytes.
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Keys of these tests alone.
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEHuO4cY7DKwbzKPn
2YFo98QpFqZ6MJysa8oNBT9JKAmhRANCAAS06i8ko4PkXN7/r/+vVJZR7h1n/ciu
LRpMEQBUXOEu8NUU3WoQnaqcRErSmPyYrm6TFNh9jMW20u1MkhuyIXjm
-----END PRIVATE KEY-----
";
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtOovJKOD5Fze/6//r1SWUe4dZ/3I
ri0aTBEAVFzhLvDVFN1qEJ2qnERK0pj8mK5ukxTYfYzFttLtTJIbsiF45g==
-----END PUBLIC KEY-----
";

/// Somebody.
#[derive(Model, Clone, Debug)]
struct Member {
    #[model(base)]
    user: User,
}

/// Somebody who works here.
#[derive(Model, Clone, Debug)]
struct Worker {
    #[model(base)]
    user: User,
}

/// What members read, and editors write.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(read), to = authenticated)]
#[acl(allow(write), to = role("editor"))]
struct Article {
    #[model(id, generated)]
    id: i64,
    title: String,
}

async fn magazine(jwt: JwtConfig) -> Result<Served, Box<dyn std::error::Error>> {
    let mut config = Config::default();
    config.auth.jwt = Some(jwt);
    let app = App::new()
        .config(config)
        .data_source("db", "memory:")
        .models::<(Member, Article)>();
    let served = serve(app).await?;
    let members = served.application.repository::<Member>()?;
    let user = User::new("ann@magazine.example", "secret");
    members.create(Member { user }).await?;
    Ok(served)
}

/// Seconds since 1970, in so many from now.
fn at(seconds: i64) -> i64 {
    loopwright::prelude::Utc::now().timestamp() + seconds
}

fn signed(claims: &Json) -> Result<String, Box<dyn std::error::Error>> {
    let key = EncodingKey::from_secret(SECRET.as_bytes())?;
    Ok(encode(&Header::new(Algorithm::HS256), claims, &key)?)
}

/// The status of a read and of a write with this token.
async fn statuses(served: &Served, token: &str) -> Result<(u16, u16), Box<dyn std::error::Error>> {
    let caller = served.bearer(token);
    let read = caller.status("GET /Articles").await?;
    let write = caller
        .call("POST /Articles", json!({"title": "News"}))
        .await?;
    Ok((read, write.0))
}

#[tokio::test]
async fn a_signed_token_stands_for_its_user() -> TestResult {
    let mut jwt = JwtConfig::new("HS256", SECRET);
    jwt.issuer = Some("https://login.example".into());
    jwt.audience = Some("magazine".into());
    let served = magazine(jwt).await?;
    let good = json!({
        "sub": "1", "exp": at(60), "iss": "https://login.example", "aud": "magazine",
    });
    let token = signed(&good)?;
    assert_eq!(statuses(&served, &token).await?, (200, 401));
    // The user is the one who is stored here.
    let ann = served.bearer(&token);
    assert_eq!(ann.status("GET /Members/1").await?, 200);
    // The roles are those of the data source, until the token says them.
    served.grant("editor", RoleMapping::OF_USER, 1).await?;
    assert_eq!(statuses(&served, &token).await?, (200, 200));

    // Nothing is stored that a logout could end.
    assert_eq!(ann.status("POST /Members/logout").await?, 401);
    // LoopBack's own tokens go on.
    let ann = served.log_in("Members", "ann@magazine.example").await?;
    assert_eq!(ann.status("GET /Articles").await?, 200);

    let with = |name: &str, value: Json| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().map(|claims| claims.remove(name));
        claims
    };
    for claims in [
        with("iss", json!("https://evil.example")),
        with("aud", json!("another")),
        with("sub", json!("")),
        with("sub", json!({"neq": "2"})),
        with("nbf", json!(at(60))),
        without("iss"),
        without("aud"),
        without("sub"),
        without("exp"),
    ] {
        assert_eq!(
            statuses(&served, &signed(&claims)?).await?,
            (401, 401),
            "{claims}"
        );
    }
    let (status, answer) = served
        .bearer(&signed(&with("exp", json!(at(-1))))?)
        .call("GET /Articles", Json::Null)
        .await?;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (401, &json!("INVALID_TOKEN"))
    );
    Ok(())
}

#[tokio::test]
async fn what_the_key_has_not_signed_is_no_token() -> TestResult {
    let served = magazine(JwtConfig::new("ES256", PUBLIC_KEY)).await?;
    let claims = json!({"sub": 1, "exp": at(60)});
    let key = EncodingKey::from_ec_pem(PRIVATE_KEY.as_bytes())?;
    let token = encode(&Header::new(Algorithm::ES256), &claims, &key)?;
    assert_eq!(statuses(&served, &token).await?, (200, 401));

    // Signed by the public key, as if that were a secret.
    let confused = EncodingKey::from_secret(PUBLIC_KEY.as_bytes())?;
    let confused = encode(&Header::new(Algorithm::HS256), &claims, &confused)?;
    // `{"alg":"none"}`, and the same claims without a signature.
    let payload = token.split('.').nth(1).ok_or("no payload")?;
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let (signed, signature) = token.rsplit_once('.').ok_or("no signature")?;
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    for token in [
        confused,
        unsigned,
        forged,
        format!("{signed}."),
        "..".into(),
        "a.b.c".into(),
    ] {
        assert_eq!(statuses(&served, &token).await?, (401, 401), "{token}");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_can_say_the_roles() -> TestResult {
    let mut jwt = JwtConfig::new("HS256", SECRET);
    jwt.user_claim = "uid".into();
    jwt.roles_claim = Some("roles".into());
    let served = magazine(jwt).await?;
    for (roles, write) in [
        (json!(["editor"]), 200),
        (json!("reader editor"), 200),
        (json!(["reader", 7]), 401),
        (json!({"editor": true}), 401),
        (Json::Null, 401),
        // What everybody is, or nobody, no token says.
        (json!(["$owner", "$everyone"]), 401),
    ] {
        let token = signed(&json!({"uid": "7", "exp": at(60), "roles": roles}))?;
        assert_eq!(statuses(&served, &token).await?, (200, write), "{roles}");
    }
    Ok(())
}

#[tokio::test]
async fn a_configuration_that_is_of_no_use_is_refused() -> TestResult {
    let mut of_nobody = JwtConfig::new("HS256", SECRET);
    of_nobody.model = Some("Article".into());
    for (jwt, said) in [
        (JwtConfig::new("none", SECRET), "`algorithm` is none"),
        (JwtConfig::new("HS256", "short"), "shorter than 32 bytes"),
        (JwtConfig::new("RS256", PUBLIC_KEY), "no public key"),
        (JwtConfig::new("ES256", SECRET), "no public key"),
        (of_nobody, "no model of users `Article`"),
    ] {
        let error = magazine(jwt).await.err().ok_or("it starts")?.to_string();
        assert!(error.contains(said), "{error}");
    }
    let mut config = Config::default();
    config.auth.jwt = Some(JwtConfig::new("HS256", SECRET));
    let app = App::new()
        .config(config.clone())
        .data_source("db", "memory:")
        .models::<(Member, Worker, Article)>();
    let error = app.build().await.err().ok_or("it starts")?.to_string();
    assert!(error.contains("several models of users"), "{error}");

    if let Some(jwt) = &mut config.auth.jwt {
        jwt.model = Some("Worker".into());
    }
    let app = App::new()
        .config(config)
        .data_source("db", "memory:")
        .models::<(Member, Worker, Article)>();
    let served = serve(app).await?;
    let members = served.application.repository::<Member>()?;
    let user = User::new("ann@magazine.example", "secret");
    members.create(Member { user }).await?;
    let token = signed(&json!({"sub": "1", "exp": at(60)}))?;
    // A worker is no member, even if both are called 1.
    assert_eq!(served.bearer(&token).status("GET /Members/1").await?, 401);
    assert_eq!(served.bearer(&token).status("GET /Articles").await?, 200);
    Ok(())
}
