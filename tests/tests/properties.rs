//! What else is said of properties: defaults, who sees and who writes them, ids that callers can't choose (contract
//! *models.md* §3 and §6).

use std::collections::BTreeSet;

use loopwright::connectors::sql::SqlConnector;
use loopwright::model::Json;
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::json;

type Failure = Box<dyn std::error::Error>;
type TestResult = std::result::Result<(), Failure>;

/// Somebody who writes.
#[derive(Model)]
#[acl(open)]
struct Author {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[model(protected)]
    email: Option<String>,
    #[model(hidden)]
    password: Option<String>,
    editor_id: Option<i64>,
    #[relation(has_many)]
    letters: HasMany<Letter>,
    #[relation(belongs_to)]
    editor: BelongsTo<Author>,
}

#[loopwright::methods]
impl Author {
    /// The instance itself.
    #[remote(get = "/self")]
    async fn myself(&self, cx: &loopwright::Context) -> Result<Option<Author>> {
        cx.repository::<Author>()?.find_by_id(self.id).await
    }
}

/// Something that somebody has written.
#[derive(Model)]
#[model(force_id, strict_delete)]
#[acl(open)]
struct Letter {
    #[model(id, generated)]
    id: i64,
    #[model(protected)]
    secret: Option<String>,
    #[model(default = now, read_only)]
    written: DateTime<Utc>,
    #[model(read_only)]
    seen: Option<bool>,
    #[model(default = uuid)]
    random: String,
    #[model(default = guid)]
    code: Uuid,
    #[model(default = guid)]
    text_code: String,
    #[model(default = shortid)]
    short: String,
    #[model(default = answer)]
    answer: i64,
    #[model(default = "none")]
    note: Option<String>,
    author_id: Option<i64>,
    #[relation(belongs_to)]
    author: BelongsTo<Author>,
}

fn answer() -> i64 {
    42
}

async fn served(database: &str) -> std::result::Result<Served, Failure> {
    let app = App::new().config(loopwright::Config::default());
    let app = app.data_source("db", database);
    serve(app.models::<(Author, Letter)>()).await
}

/// The answer to `request`, a verb and a path below `/api`.
async fn call(
    served: &Served,
    request: &str,
    body: Json,
) -> std::result::Result<(u16, Json), Failure> {
    let (verb, path) = request.split_once(' ').ok_or("a verb and a path")?;
    let request = served
        .client
        .request(verb.parse()?, format!("{}/api/{path}", served.url));
    let request = match body {
        Json::Null => request,
        body => request.json(&body),
    };
    let response = request.send().await?;
    Ok((
        response.status().as_u16(),
        response.json().await.unwrap_or_default(),
    ))
}

fn names(json: &Json) -> BTreeSet<&str> {
    json.as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

async fn who_sees_what(database: &str) -> TestResult {
    let served = served(database).await?;
    let author = json!({"name": "a", "email": "a@b.c", "password": "p"});
    let (_, created) = call(&served, "POST Authors", author).await?;
    let author = json!({"name": "b", "email": "b@b.c", "editorId": 1});
    call(&served, "POST Authors", author).await?;
    let letter = json!({"secret": "s", "authorId": 1});
    call(&served, "POST Letters", letter).await?;
    assert_eq!(created["email"], "a@b.c");

    let included = r#"{"include":["letters","editor"]}"#;
    let (email, password, secret) = ("email", "password", "secret");
    // Where to look, in which part of the answer, what is there, and what is not.
    let cases: [(&str, &str, &[&str], &[&str]); 8] = [
        ("GET Authors/1", "", &[email], &[password]),
        ("GET Authors", "/0", &[email], &[password]),
        ("GET Authors/1/letters", "/0", &[secret], &[]),
        ("GET Authors/2/editor", "", &[email], &[password]),
        ("GET Letters/1/author", "", &[email], &[password]),
        ("GET Authors/1/self", "", &[email], &[password]),
        ("GET Authors/1?filter=", "/letters/0", &[], &[secret]),
        ("GET Authors/2?filter=", "/editor", &[], &[email, password]),
    ];
    for (request, place, shown, kept) in cases {
        let request = match request.ends_with('=') {
            true => format!("{request}{included}"),
            false => request.to_owned(),
        };
        let (status, answer) = call(&served, &request, Json::Null).await?;
        assert_eq!(status, 200, "{request}: {answer}");
        let part = answer
            .pointer(place)
            .ok_or(format!("{request}: {answer}"))?;
        let names = names(part);
        assert!(names.contains("id"), "{request}: {part}");
        assert!(
            shown.iter().all(|name| names.contains(name)),
            "{request}: {part}"
        );
        assert!(
            !kept.iter().any(|name| names.contains(name)),
            "{request}: {part}"
        );
    }

    // A condition, an order or a selection of fields tells nothing about what is hidden, unlike what is protected.
    for (filter, expected) in [
        (r#"{"where":{"password":"p"}}"#, 400),
        (r#"{"order":"password"}"#, 400),
        (
            r#"{"include":{"relation":"editor","scope":{"where":{"password":"p"}}}}"#,
            400,
        ),
        (r#"{"where":{"email":"a@b.c"},"order":"email"}"#, 200),
    ] {
        let (status, answer) =
            call(&served, &format!("GET Authors?filter={filter}"), Json::Null).await?;
        assert_eq!(status, expected, "{filter}: {answer}");
    }
    let (_, found) = call(
        &served,
        r#"GET Authors/1?filter={"fields":["password","email"]}"#,
        Json::Null,
    )
    .await?;
    assert_eq!(found, json!({"email": "a@b.c"}));
    // Still, callers write it.
    let authors = served.application.repository::<Author>()?;
    let author = authors.find_by_id(1).await?.ok_or("it is there")?;
    assert_eq!(author.password.as_deref(), Some("p"));
    Ok(())
}

async fn what_only_the_application_writes(database: &str) -> TestResult {
    let served = served(database).await?;
    let sent = json!({"written": "2000-01-01T00:00:00Z", "seen": true});
    let (status, created) = call(&served, "POST Letters", sent.clone()).await?;
    assert_eq!(status, 200, "{created}");
    let written = created["written"].clone();
    assert_ne!(written, json!("2000-01-01T00:00:00.000Z"));
    let stored = async || -> std::result::Result<(Json, Json), Failure> {
        let (_, found) = call(&served, "GET Letters/1", Json::Null).await?;
        Ok((found["written"].clone(), found["seen"].clone()))
    };
    let before = stored().await?;
    assert_eq!(before.1, Json::Null);
    let letters = served.application.repository::<Letter>()?;
    letters
        .update(1, Patch::new().set(Letter::SEEN, Some(false)))
        .await?;

    let mut with_id = sent.clone();
    with_id["id"] = json!(1);
    for (request, body) in [
        ("PATCH Letters/1", &sent),
        ("PATCH Letters", &with_id),
        ("POST Letters/1/replace", &sent),
        ("POST Letters/replaceOrCreate", &with_id),
        ("POST Letters/update?where={\"id\":1}", &sent),
    ] {
        let (status, answer) = call(&served, request, body.clone()).await?;
        assert_eq!(status, 200, "{request}: {answer}");
        assert_eq!(
            stored().await?,
            (before.0.clone(), json!(false)),
            "{request}"
        );
    }
    Ok(())
}

async fn defaults_by_call(database: &str) -> TestResult {
    let served = served(database).await?;
    let (_, one) = call(&served, "POST Letters", json!({})).await?;
    let (_, other) = call(&served, "POST Letters", json!({"note": null})).await?;
    for name in ["random", "code", "textCode", "short"] {
        assert_ne!(one[name], other[name], "{name}");
    }
    let version = |json: &Json| json.as_str().and_then(|text| text.chars().nth(14));
    assert_eq!(version(&one["random"]), Some('4'));
    assert_eq!(version(&one["code"]), Some('1'));
    assert_eq!(version(&one["textCode"]), Some('1'));
    assert_eq!(one["short"].as_str().map(str::len), Some(22));
    assert_eq!(one["answer"], 42);
    assert_eq!(one["note"], "none");
    // Absent and null are two things.
    assert_eq!(other["note"], Json::Null);

    // Replacing makes them anew; changing does not.
    let (_, replaced) = call(&served, "POST Letters/1/replace", json!({"answer": 1})).await?;
    assert_ne!(replaced["code"], one["code"]);
    assert_eq!(replaced["note"], "none");
    let (_, patched) = call(&served, "PATCH Letters/1", json!({"note": null})).await?;
    assert_eq!(patched["code"], replaced["code"]);
    assert_eq!(patched["note"], Json::Null);
    // An upsert that inserts stores only the defaults of what can't be without a value.
    let (status, inserted) = call(&served, "PATCH Letters", json!({"id": 7})).await?;
    assert_eq!(status, 200, "{inserted}");
    assert_eq!(inserted["answer"], 42);
    assert_eq!(inserted["note"], Json::Null);
    Ok(())
}

async fn ids_that_callers_can_not_choose(database: &str) -> TestResult {
    let served = served(database).await?;
    let refused = json!({
        "context": "Letter", "codes": {"id": ["absence"]}, "messages": {"id": ["can't be set"]}
    });
    for (request, body, expected) in [
        ("POST Letters", json!({"id": 5}), 422),
        ("POST Letters", json!({"id": 0}), 200),
        ("POST Letters", json!({"id": null}), 200),
        ("POST Letters/replaceOrCreate", json!({"id": 9}), 422),
        ("POST Letters/replaceOrCreate", json!({"id": 1}), 200),
        ("PATCH Letters", json!({"id": 9}), 200),
        ("PATCH Letters/1", json!({"id": 1, "note": "n"}), 200),
        ("PATCH Letters/1", json!({"id": "1"}), 200),
        ("PATCH Letters/1", json!({"id": 2}), 400),
        ("POST Letters/1/replace", json!({"id": 2}), 400),
        // Without `force_id` callers choose.
        ("POST Authors", json!({"id": 50, "name": "n"}), 200),
    ] {
        let (status, answer) = call(&served, request, body.clone()).await?;
        assert_eq!(status, expected, "{request} {body}: {answer}");
        if status == 422 {
            assert_eq!(answer["error"]["details"], refused, "{request}");
        }
    }
    let (_, next) = call(&served, "POST Authors", json!({"name": "n"})).await?;
    assert_eq!(next["id"], 51);
    Ok(())
}

async fn deleting_what_is_not_there(database: &str) -> TestResult {
    let served = served(database).await?;
    let (status, answer) = call(&served, "DELETE Letters/7", Json::Null).await?;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (404, &json!("NOT_FOUND"))
    );
    let (status, answer) = call(&served, "DELETE Authors/7", Json::Null).await?;
    assert_eq!((status, answer), (200, json!({"count": 0})));
    Ok(())
}

on_every_database! {
    who_sees_what
    what_only_the_application_writes
    defaults_by_call
    ids_that_callers_can_not_choose
    deleting_what_is_not_there
}

#[tokio::test]
async fn the_document_says_who_sees_and_writes() -> TestResult {
    let served = served("memory:").await?;
    let response = served.client.get(format!("{}/openapi.json", served.url));
    let document: Json = response.send().await?.json().await?;
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Author"]["properties"].get("password"), None);
    let password = &schemas["NewAuthor"]["properties"]["password"];
    assert_eq!(password["writeOnly"], true);
    assert_eq!(schemas["Letter"]["properties"]["written"]["readOnly"], true);
    assert_eq!(schemas["NewLetter"]["properties"].get("written"), None);
    // Absent, null and a value are three things in a change: nothing is required, and null only where it may be.
    let patch = &schemas["AuthorPatch"];
    assert_eq!(patch.get("required"), None);
    let takes_null = |name: &str| patch["properties"][name].to_string().contains("\"null\"");
    assert!(takes_null("email") && !takes_null("name"), "{patch}");
    Ok(())
}

/// How dark it is.
#[derive(Property, Clone, Debug, PartialEq)]
#[property(rename_all = "kebab-case")]
enum Roast {
    Light,
    ExtraDark,
    #[property(rename = "BURNT!")]
    Burnt,
}

#[derive(Model)]
#[acl(open)]
struct Bean {
    #[model(id, generated)]
    id: i64,
    roast: Roast,
}

/// One spelling everywhere: JSON, conditions, columns, the document, errors.
#[tokio::test]
async fn an_enum_has_one_spelling() -> TestResult {
    let app = App::new().config(loopwright::Config::default());
    let app = app.data_source("db", "sqlite::memory:");
    let served = serve(app.models::<(Bean,)>()).await?;
    for (id, text) in [(1, "light"), (2, "extra-dark"), (3, "BURNT!")] {
        let (status, created) = call(&served, "POST Beans", json!({"roast": text})).await?;
        assert_eq!((status, created), (200, json!({"id": id, "roast": text})));
        let filter = json!({"where": {"roast": text}});
        let (_, found) = call(&served, &format!("GET Beans?filter={filter}"), Json::Null).await?;
        assert_eq!(found, json!([{"id": id, "roast": text}]));
    }
    let sql = served.application.connector::<SqlConnector>("db")?;
    let rows = sql.query("SELECT roast FROM bean ORDER BY id", []).await?;
    let stored: Vec<_> = rows.iter().map(|row| &row["roast"]).collect();
    assert_eq!(stored, ["light", "extra-dark", "BURNT!"]);
    let beans = served.application.repository::<Bean>()?;
    let burnt = beans.find_by_id(3).await?.ok_or("it is there")?;
    assert_eq!(burnt.roast, Roast::Burnt);

    for wrong in ["ExtraDark", "extra_dark", "burnt", ""] {
        let (status, answer) = call(&served, "POST Beans", json!({"roast": wrong})).await?;
        assert_eq!(status, 422, "{wrong}: {answer}");
        let codes = &answer["error"]["details"]["codes"];
        assert_eq!(codes, &json!({"roast": ["inclusion"]}), "{wrong}");
    }
    let response = served.client.get(format!("{}/openapi.json", served.url));
    let document: Json = response.send().await?.json().await?;
    for schema in ["Bean", "NewBean", "BeanPatch"] {
        let roast = &document["components"]["schemas"][schema]["properties"]["roast"];
        assert_eq!(
            roast["enum"],
            json!(["light", "extra-dark", "BURNT!"]),
            "{schema}"
        );
    }
    Ok(())
}
