//! Every type that a property can have, over HTTP and in each database.
// The body of a sample is one long `json!`.
#![recursion_limit = "256"]

use loopwright::prelude::*;
use loopwright::{Config, Property};
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// How dark it is.
#[derive(Clone, Copy, Debug, PartialEq, Property)]
#[property(rename_all = "kebab-case")]
enum Roast {
    Light,
    ExtraDark,
}

/// A key that is no other number.
#[derive(Clone, Copy, Debug, PartialEq, Property)]
struct Code(i64);

/// Where it comes from.
#[derive(Clone, Debug, PartialEq, Property)]
struct Origin {
    country: String,
    altitude: Option<i32>,
}

/// One property of every type, and each again as an optional one.
#[derive(Model, Clone, Debug, PartialEq)]
#[acl(open)]
struct Sample {
    #[model(id, generated)]
    id: Uuid,
    boolean: bool,
    tiny: i8,
    small: i16,
    medium: i32,
    long: i64,
    byte: u8,
    word: u16,
    double_word: u32,
    quad_word: u64,
    single: f32,
    double: f64,
    decimal: Decimal,
    text: String,
    instant: DateTime<Utc>,
    day: NaiveDate,
    uuid: Uuid,
    object: ObjectId,
    bytes: Vec<u8>,
    point: GeoPoint,
    json: Json,
    list: Vec<String>,
    numbers: Vec<i64>,
    roast: Roast,
    code: Code,
    origin: Origin,
    origins: Vec<Origin>,
    maybe_boolean: Option<bool>,
    maybe_number: Option<i32>,
    maybe_double: Option<f64>,
    maybe_decimal: Option<Decimal>,
    maybe_text: Option<String>,
    maybe_instant: Option<DateTime<Utc>>,
    maybe_day: Option<NaiveDate>,
    maybe_uuid: Option<Uuid>,
    maybe_bytes: Option<Vec<u8>>,
    maybe_point: Option<GeoPoint>,
    maybe_list: Option<Vec<String>>,
    maybe_roast: Option<Roast>,
    maybe_code: Option<Code>,
    maybe_origin: Option<Origin>,
}

async fn samples(database: &str) -> std::result::Result<Served, Box<dyn std::error::Error>> {
    let app = App::new().config(Config::default());
    serve(app.data_source("db", database).models::<(Sample,)>()).await
}

/// What a client sends; the same comes back.
fn full() -> Json {
    json!({
        "boolean": true,
        "tiny": -128,
        "small": -32768,
        "medium": i32::MIN,
        "long": i64::MIN,
        "byte": 255,
        "word": 65535,
        "doubleWord": u32::MAX,
        "quadWord": i64::MAX,
        "single": 0.1,
        "double": 1.797_693_134_862_315_7e308,
        "decimal": "12345678901234567.0123456789",
        "text": "Größe \"1\"\n\u{1F600} \\ ' ; --",
        "instant": "1969-07-20T20:17:40.123Z",
        "day": "2024-02-29",
        "uuid": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "object": "507f1f77bcf86cd799439011",
        "bytes": {"type": "Buffer", "data": [0, 255, 10]},
        "point": {"lat": -89.5, "lng": 179.25},
        "json": {"any": [1, null, {"deep": "yes"}]},
        "list": ["b", "a", ""],
        "numbers": [3, -1, 9_007_199_254_740_993_i64],
        "roast": "extra-dark",
        "code": 7,
        "origin": {"country": "Ethiopia", "altitude": 2000},
        "origins": [{"country": "Kenya", "altitude": 1}, {"country": "Peru", "altitude": null}],
        "maybeBoolean": false,
        "maybeNumber": 0,
        "maybeDouble": 2.5,
        "maybeDecimal": "0.1",
        "maybeText": "",
        "maybeInstant": "9999-12-31T23:59:59.999Z",
        "maybeDay": "0001-01-01",
        "maybeUuid": "00000000-0000-4000-8000-000000000000",
        "maybeBytes": {"type": "Buffer", "data": []},
        "maybePoint": {"lat": 0, "lng": 0},
        "maybeList": [],
        "maybeRoast": "light",
        "maybeCode": -7,
        "maybeOrigin": {"country": "", "altitude": null},
    })
}

/// Which members of `sent` came back as something else.
fn differences(sent: &Json, answered: &Json) -> Vec<String> {
    let sent = sent.as_object().into_iter().flatten();
    sent.filter(|(name, value)| answered.get(name) != Some(value))
        .map(|(name, value)| format!("{name}: sent {value}, got {:?}", answered.get(name)))
        .collect()
}

async fn every_type_comes_back(database: &str) -> TestResult {
    let served = samples(database).await?;
    let url = format!("{}/api/Samples", served.url);
    let created = served.client.post(&url).json(&full()).send().await?;
    let status = created.status();
    let created: Json = created.json().await?;
    assert_eq!(status, 200, "{created}");
    assert_eq!(
        differences(&full(), &created),
        Vec::<String>::new(),
        "{database}"
    );
    let id = created["id"].as_str().ok_or("no id")?;
    let stored: Json = served
        .client
        .get(format!("{url}/{id}"))
        .send()
        .await?
        .json()
        .await?;
    assert_eq!(
        differences(&full(), &stored),
        Vec::<String>::new(),
        "{database}"
    );
    // The struct agrees with what was stored.
    let repository = served.application.repository::<Sample>()?;
    let typed = repository.find().one().await?.ok_or("nothing stored")?;
    assert_eq!(typed.roast, Roast::ExtraDark);
    assert_eq!(typed.bytes, [0, 255, 10]);
    assert_eq!(typed.origins[1].altitude, None);
    Ok(())
}

async fn absent_values_are_null(database: &str) -> TestResult {
    let served = samples(database).await?;
    let url = format!("{}/api/Samples", served.url);
    let mut sent = full();
    if let Some(members) = sent.as_object_mut() {
        members.retain(|name, _| !name.starts_with("maybe"));
    }
    let created: Json = served
        .client
        .post(&url)
        .json(&sent)
        .send()
        .await?
        .json()
        .await?;
    let id = created["id"].as_str().ok_or("no id")?;
    let stored: Json = served
        .client
        .get(format!("{url}/{id}"))
        .send()
        .await?
        .json()
        .await?;
    let members = stored.as_object().ok_or("no object")?;
    for (name, value) in members {
        assert_eq!(
            value.is_null(),
            name.starts_with("maybe"),
            "{database}: {name} is {value}"
        );
    }
    Ok(())
}

async fn each_type_can_be_looked_for(database: &str) -> TestResult {
    let served = samples(database).await?;
    let url = format!("{}/api/Samples", served.url);
    served.client.post(&url).json(&full()).send().await?;
    for property in [
        "boolean",
        "tiny",
        "long",
        "quadWord",
        "decimal",
        "text",
        "instant",
        "day",
        "uuid",
        "object",
        "roast",
        "code",
        "maybeNumber",
        "maybeDay",
    ] {
        let wanted = json!({property: full()[property]}).to_string();
        let count: Json = served
            .client
            .get(format!("{url}/count"))
            .query(&[("where", &wanted)])
            .send()
            .await?
            .json()
            .await?;
        assert_eq!(count, json!({"count": 1}), "{database}: {wanted}");
    }
    Ok(())
}

async fn a_wrong_type_is_refused_and_nothing_stored(database: &str) -> TestResult {
    let served = samples(database).await?;
    let url = format!("{}/api/Samples", served.url);
    let wrong = [
        ("boolean", json!("perhaps")),
        ("tiny", json!(128)),
        ("byte", json!(-1)),
        ("medium", json!(1.5)),
        ("quadWord", json!(18_446_744_073_709_551_615_u64)),
        ("double", json!("many")),
        ("decimal", json!({"a": 1})),
        ("instant", json!("yesterday")),
        ("day", json!("2023-02-29")),
        ("uuid", json!("6f9619ff")),
        ("object", json!("507f1f77bcf86cd79943901g")),
        ("bytes", json!(7)),
        ("point", json!({"lat": 91, "lng": 0})),
        ("list", json!("a")),
        ("numbers", json!(["x"])),
        ("roast", json!("burnt")),
        ("code", json!("seven")),
        ("origin", json!({"altitude": 1})),
        ("origins", json!([{"country": 1}, 2])),
        ("text", json!(null)),
    ];
    for (property, value) in wrong {
        let mut body = full();
        body[property] = value;
        let answer = served.client.post(&url).json(&body).send().await?;
        let status = answer.status().as_u16();
        let answer: Json = answer.json().await?;
        assert!(
            matches!(status, 400 | 422) && answer["error"]["statusCode"] == status,
            "{database}: {property}: {status} {answer}"
        );
    }
    let count: Json = served
        .client
        .get(format!("{url}/count"))
        .send()
        .await?
        .json()
        .await?;
    assert_eq!(count, json!({"count": 0}));
    Ok(())
}

async fn a_point_takes_operators(database: &str) -> TestResult {
    let served = samples(database).await?;
    let url = format!("{}/api/Samples", served.url);
    served.client.post(&url).json(&full()).send().await?;
    for (operator, status, code) in [
        (json!({"near": "1,2"}), 200, ""),
        (json!({"neq": null}), 200, ""),
        (json!({"lat": 91, "lng": 0}), 400, ""),
    ] {
        let wanted = json!({"where": {"point": operator}}).to_string();
        let answer = served.client.get(&url).query(&[("filter", &wanted)]);
        let answer = answer.send().await?;
        assert_eq!(answer.status(), status, "{wanted}");
        assert!(answer.text().await?.contains(code), "{wanted}");
    }
    Ok(())
}

on_every_database!(
    a_point_takes_operators
    every_type_comes_back
    absent_values_are_null
    each_type_can_be_looked_for
    a_wrong_type_is_refused_and_nothing_stored
);
