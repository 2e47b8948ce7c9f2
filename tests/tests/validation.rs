//! Validation: every rule, what it says, and which operation asks it (contract *models.md* §9), as data under `cases/`.

use loopwright::Config;
use loopwright::hook::{Invalid, Save, Validation};
use loopwright::prelude::*;
use loopwright_tests::case;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// What is blank, and what is not.
#[derive(Model, Debug)]
#[acl(open)]
struct Need {
    #[model(id, generated)]
    id: i64,
    #[validate(presence)]
    text: Option<String>,
    #[validate(presence)]
    list: Option<Vec<String>>,
    #[validate(presence)]
    flag: Option<bool>,
    #[validate(presence)]
    number: Option<i64>,
    #[validate(presence)]
    object: Option<Json>,
}

/// A property for each rule.
#[derive(Model, Debug)]
#[acl(open)]
struct Ruled {
    #[model(id, generated)]
    id: i64,
    #[validate(absence)]
    absent: Option<String>,
    #[validate(length(min = 2, max = 5))]
    length: Option<String>,
    #[validate(length(is = 2))]
    exact: Option<Vec<String>>,
    #[validate(length(min = 2), allow_blank)]
    loose: Option<String>,
    #[validate(range(min = 1, max = 5))]
    range: Option<i32>,
    #[validate(numericality(int))]
    whole: Option<f64>,
    #[validate(numericality)]
    any: Option<Json>,
    #[validate(inclusion("a", "b"))]
    included: Option<String>,
    #[validate(exclusion("root"))]
    excluded: Option<String>,
    #[validate(format("^[a-z]+$"))]
    pattern: Option<String>,
    #[validate(format(email))]
    email: Option<String>,
    #[validate(format(url))]
    url: Option<String>,
    #[validate(
        length(min = 2, max = 5),
        message(min = "says too little", blank = "says nothing")
    )]
    worded: Option<String>,
    #[validate(exclusion("root"), message = "is ours", code = "reserved")]
    coded: Option<String>,
    #[model(hidden)]
    #[validate(length(min = 8))]
    password: Option<String>,
}

/// No value is wrong, too.
#[derive(Model, Debug)]
#[acl(open)]
struct Strict {
    #[model(id, generated)]
    id: i64,
    #[validate(
        length(max = 5),
        inclusion("a", "b"),
        exclusion("c"),
        format("a|b"),
        allow_null = false
    )]
    text: Option<String>,
    #[validate(numericality(int), range(min = 1), allow_null = false)]
    number: Option<f64>,
}

/// Rules that are not always asked.
#[derive(Model, Debug)]
#[acl(open)]
struct Article {
    #[model(id, generated)]
    id: i64,
    published: Option<bool>,
    words: Option<i64>,
    #[validate(presence, if = published)]
    title: Option<String>,
    #[validate(presence, unless = published)]
    plan: Option<String>,
    #[validate(presence, if = Self::is_long)]
    summary: Option<String>,
    #[validate(presence, unless = is_short)]
    index: Option<String>,
}

impl Article {
    fn is_long(&self) -> bool {
        self.words.is_some_and(|words| words > 1000)
    }
}

fn is_short(article: &Article) -> bool {
    article.words.is_none_or(|words| words < 100)
}

/// Nobody has another's address, nor another's name in the same city.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Account {
    #[model(id, generated)]
    id: i64,
    #[validate(uniqueness, message = "is known already")]
    email: Option<String>,
    #[validate(length(min = 2))]
    name: String,
    #[validate(uniqueness(scoped_to(city)))]
    nick: Option<String>,
    city: Option<String>,
    verified: Option<bool>,
    #[validate(uniqueness, if = verified, code = "phone")]
    phone: Option<String>,
}

/// Rules of the model's own.
#[derive(Model, Debug)]
#[acl(open)]
struct Booking {
    #[model(id, generated)]
    id: i64,
    #[validate(length(min = 2))]
    room: String,
    from: i64,
    to: i64,
}

#[loopwright::methods]
impl Booking {
    /// What before save changes is validated.
    #[hook(before_save)]
    async fn tidy(cx: &mut Save<'_, Self>) -> Result<()> {
        if let Some(room) = cx.get(Booking::ROOM) {
            cx.set(Booking::ROOM, room.trim());
        }
        Ok(())
    }

    #[hook(validate)]
    async fn in_order(cx: &mut Validation<'_, Self>) -> Result<()> {
        if let (Some(from), Some(to)) = (cx.get(Booking::FROM), cx.get(Booking::TO)) {
            if to == from {
                cx.fail(Booking::TO, Invalid::default().kind("empty"));
            } else if to < from {
                cx.fail(
                    Booking::TO,
                    Invalid::new("must be after `from`").code("order"),
                );
            }
        }
        Ok(())
    }

    #[hook(validate)]
    async fn alone(cx: &mut Validation<'_, Self>) -> Result<()> {
        let Ok(booking) = cx.instance() else {
            return Ok(());
        };
        if !cx.is_valid() {
            return Ok(());
        }
        if booking.room == "broken" {
            return Err(Error::internal("the rule is broken"));
        }
        let others = Booking::ROOM
            .eq(booking.room)
            .and(Booking::ID.ne(booking.id));
        let others = others
            .and(Booking::FROM.lt(booking.to))
            .and(Booking::TO.gt(booking.from));
        if cx.repository::<Booking>()?.count(others).await? > 0 {
            cx.fail(Booking::ROOM, "is taken");
        }
        Ok(())
    }
}

/// The four ways to ask, on four models that are otherwise the same.
macro_rules! asked {
    ($($(#[$attribute:meta])* $model:ident)*) => {$(
        #[derive(Model, Debug)]
        #[acl(open)]
        $(#[$attribute])*
        struct $model {
            #[model(id, generated)]
            id: i64,
            #[validate(presence)]
            name: Option<String>,
            #[validate(length(min = 2))]
            note: Option<String>,
            #[model(default = "new")]
            #[validate(presence)]
            state: Option<String>,
        }
    )*};
}

asked! {
    Warned
    #[model(validate_upsert = true)]
    Judged
    #[model(validate_upsert = false)]
    Trusted
    #[model(automatic_validation = false)]
    Unasked
}

type All = (
    Need,
    Ruled,
    Strict,
    Article,
    Account,
    Booking,
    Warned,
    Judged,
    Trusted,
    Unasked,
);

async fn application(database: &str) -> std::result::Result<Served, Box<dyn std::error::Error>> {
    let app = App::new().config(Config::default());
    serve(app.data_source("db", database).models::<All>()).await
}

/// Runs the cases of `file` in order, on one application.
async fn run(file: &str, database: &str) -> TestResult {
    let served = application(database).await?;
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

async fn rules(database: &str) -> TestResult {
    run("rules.json", database).await
}

async fn validated_operations(database: &str) -> TestResult {
    run("validated_operations.json", database).await
}

async fn post(served: &Served, path: &str, body: Json) -> reqwest::Result<(u16, Json)> {
    let request = served.client.post(format!("{}{path}", served.url));
    let answer = request.json(&body).send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

/// Whoever loses a race is told what everyone is who comes later.
async fn race_for_a_unique_value(database: &str) -> TestResult {
    let served = application(database).await?;
    for (body, property, message) in [
        (
            json!({"email": "a@b.c", "name": "Ann"}),
            "email",
            "is known already",
        ),
        (
            json!({"nick": "ann", "city": "Bern", "name": "Ann"}),
            "nick",
            "is not unique",
        ),
    ] {
        let racers = (0..16).map(|_| post(&served, "/api/Accounts", body.clone()));
        let answers = futures_util::future::try_join_all(racers).await?;
        let late = post(&served, "/api/Accounts", body.clone()).await?;
        let expected = json!({"error": {
            "name": "ValidationError", "status": 422, "statusCode": 422,
            "message": format!("The `Account` instance is not valid. Details: `{property}` {message} (value: {}).", body[property]),
            "details": {"context": "Account", "codes": {property: ["uniqueness"]}, "messages": {property: [message]}},
        }});
        assert_eq!(late, (422, expected.clone()), "{database}");
        let (won, lost): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|(status, _)| *status == 200);
        assert_eq!(won.len(), 1, "{database}: {property}");
        for answer in lost {
            assert_eq!(answer, (422, expected.clone()), "{database}");
        }
    }
    Ok(())
}

/// The status of a refusal.
fn refused<T>(result: Result<T>) -> Option<u16> {
    result.err().map(|error| error.status())
}

/// Each entrance from Rust, with and without the rules' word.
async fn typed_calls(database: &str) -> TestResult {
    let served = application(database).await?;
    let bad = |id| Judged {
        id,
        name: None,
        note: Some("x".into()),
        state: None,
    };
    let judged = served.application.repository::<Judged>()?;
    assert_eq!(refused(judged.create(bad(0)).await), Some(422));
    assert_eq!(refused(judged.replace_or_create(bad(7)).await), Some(422));
    assert_eq!(refused(judged.upsert(bad(7)).await), Some(422));
    let found = judged.find_or_create(Judged::ID.eq(7), bad(7)).await;
    assert_eq!(refused(found), Some(422));
    let several = judged.create_all([bad(0), bad(0)]).await.err();
    assert_eq!(
        several
            .as_ref()
            .and_then(Error::details)
            .and_then(Json::as_array)
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(judged.count(Condition::ALL).await?, 0);

    let anything = judged.with_validation(false);
    let id = anything.create(bad(0)).await?.id;
    let patch = || Patch::new().set(Judged::STATE, "old".to_owned());
    assert_eq!(refused(judged.update(id, patch()).await), Some(422));
    assert_eq!(
        anything.update(id, patch()).await?.state.as_deref(),
        Some("old")
    );
    assert_eq!(anything.upsert(bad(id)).await?.id, id);

    let unasked = served.application.repository::<Unasked>()?;
    let bad = || Unasked {
        id: 0,
        name: None,
        note: None,
        state: None,
    };
    assert!(unasked.create(bad()).await.is_ok());
    let strictly = unasked.with_validation(true);
    assert_eq!(refused(strictly.create(bad()).await), Some(422));
    Ok(())
}

on_every_database!(rules validated_operations race_for_a_unique_value typed_calls);

/// Properties and messages keep their order, to the byte.
#[tokio::test]
async fn the_body_is_loopbacks() -> TestResult {
    let served = application("memory:").await?;
    let request = served.client.post(format!("{}/api/Ruleds", served.url));
    let body = json!({"excluded": "root", "worded": "x", "pattern": "", "length": "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"});
    let text = request.json(&body).send().await?.text().await?;
    assert_eq!(
        text,
        concat!(
            r#"{"error":{"name":"ValidationError","status":422,"message":"The `Ruled` instance is not valid. Details: "#,
            r#"`length` too long (value: \"abcdefghijklmnopqrstuvwxy...xyz\"); `excluded` is reserved (value: \"root\"); "#,
            r#"`pattern` is blank (value: \"\"); `worded` says too little (value: \"x\").","statusCode":422,"details":{"#,
            r#""context":"Ruled","codes":{"length":["length.max"],"excluded":["exclusion"],"pattern":["format.blank"],"worded":["length.min"]},"#,
            r#""messages":{"length":["too long"],"excluded":["is reserved"],"pattern":["is blank"],"worded":["says too little"]}}}}"#,
        )
    );
    Ok(())
}

/// The document says what a rule says, if it always holds.
#[tokio::test]
async fn the_document_says_the_rules() -> TestResult {
    let served = application("memory:").await?;
    let document: Json = served
        .client
        .get(format!("{}/openapi.json", served.url))
        .send()
        .await?
        .json()
        .await?;
    let schemas = &document["components"]["schemas"];
    let ruled = &schemas["NewRuled"]["properties"];
    assert_eq!(ruled["email"]["format"], "email");
    assert_eq!(ruled["url"]["format"], "uri");
    assert_eq!(ruled["length"]["minLength"], 2);
    assert_eq!(ruled["loose"].get("minLength"), None);
    assert_eq!(ruled["whole"]["description"], "Must be a whole number.");
    let account = &schemas["NewAccount"]["properties"];
    assert_eq!(account["email"]["description"], "Must be unique.");
    assert_eq!(account["phone"].get("description"), None);
    Ok(())
}
