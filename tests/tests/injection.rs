//! What would break out of a statement, wherever a caller can write: it is refused or taken as the text that it is, on
//! every database.

use std::error::Error;

use loopwright::{App, Config};
use loopwright_tests::models::All;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn Error>>;

/// What ends a text, a name, a statement, a comment, a document or a line somewhere; and what looks as if it did.
const HOSTILE: &[&str] = &[
    "'",
    "''",
    "\"",
    "\"\"",
    "`",
    "\\",
    "\\\\",
    "\\'",
    "\\\"",
    "'; DROP TABLE place; --",
    "\"; DROP TABLE \"place\"; --",
    "`; DROP TABLE `place`; #",
    "\\'; DROP TABLE place; -- ",
    "1; DELETE FROM place",
    "1 OR 1=1",
    "' OR '1'='1",
    "') OR ('1'='1",
    "\" OR \"\"=\"",
    "' OR 1=1 /*",
    "*/ OR 1=1 --",
    "' UNION SELECT name FROM customer --",
    "'||(SELECT name FROM customer)||'",
    "name) FROM place; --",
    "id DESC; DROP TABLE place",
    "'; SELECT pg_sleep(9); --",
    "$1",
    "$$",
    "?",
    ":name",
    "@@version",
    "{\"$gt\":\"\"}",
    "[{\"$ne\":null}]",
    "$where",
    "$set",
    "$name",
    "this.name || true",
    "'; while(true){}; '",
    "__proto__",
    "constructor",
    "${7*7}",
    "{{7*7}}",
    "%",
    "_",
    "%27%20OR%201=1",
    "*",
    "?[a-z]",
    "[",
    "(",
    ".*",
    "nul\0b",
    "\0",
    "\r\nx-injected: yes",
    "\u{8}\u{1b}[2J",
    "\u{2019} OR 1=1 --",
    "\u{ff07} OR 1=1 --",
    "\u{02bc}; DROP TABLE place; --",
    "\u{bf5c}' OR 1=1",
    "\u{202e}txet\u{feff}",
    "e\u{301}",
    "\u{e9}",
    "\u{1f980}'",
    "undefined",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "a",
    "A",
];

/// A request, and how it may be answered.
struct Attack {
    verb: Method,
    path: Vec<String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<Json>,
    answers: &'static [u16],
}

impl Attack {
    fn new(verb: Method, path: &[&str], answers: &'static [u16]) -> Self {
        Attack {
            verb,
            path: path.iter().map(ToString::to_string).collect(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: None,
            answers,
        }
    }

    fn get(path: &[&str], answers: &'static [u16]) -> Self {
        Attack::new(Method::GET, path, answers)
    }

    /// `GET` of a collection with a filter.
    fn filter(collection: &str, filter: Json, answers: &'static [u16]) -> Self {
        Attack::get(&["api", collection], answers).with("filter", &filter.to_string())
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    fn body(mut self, body: Json) -> Self {
        self.body = Some(body);
        self
    }

    /// Nothing when no header can have this value.
    fn header(mut self, name: &'static str, value: &str) -> Option<Self> {
        let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        self.headers.insert(HeaderName::from_static(name), value);
        Some(self)
    }

    fn url(&self, served: &Served) -> Result<Url, Box<dyn Error>> {
        // Byte by byte: a URL's own parser drops the ends of lines.
        let encode = |byte: u8| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        let mut url = served.url.clone();
        for segment in &self.path {
            url.push('/');
            url.extend(segment.bytes().map(encode));
        }
        let mut url = Url::parse(&url)?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    /// Sends it; the answer as JSON, and null when it is none.
    async fn send(self, served: &Served) -> Result<Json, Box<dyn Error>> {
        let url = self.url(served)?;
        let mut request = served
            .client
            .request(self.verb.clone(), url.clone())
            .headers(self.headers.clone());
        if let Some(body) = &self.body {
            // A test may have sent a type of its own.
            if !self.headers.contains_key("content-type") {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body.to_string());
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        assert!(!response.headers().contains_key("x-injected"), "{url}");
        let text = response.text().await?;
        let sent = format!("{} {url} {:?} {:?}", self.verb, self.headers, self.body);
        // PostgreSQL knows no text with this character, and says so.
        let unknown = status == 400 && text.contains("it contains the character U+0000");
        assert!(
            self.answers.contains(&status) || unknown,
            "{sent}\nanswered {status} {text}"
        );
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

/// Every place of a request that changes nothing, whatever it says.
fn attacks(text: &str) -> Vec<Attack> {
    const REFUSED: &[u16] = &[400];
    const READ: &[u16] = &[200];
    const READ_OR_REFUSED: &[u16] = &[200, 400];
    const NOT_FOUND: &[u16] = &[404];

    let mut attacks = vec![
        // Names.
        Attack::filter("Cars", json!({"where": {text: 1}}), REFUSED),
        Attack::filter(
            "Cars",
            json!({"where": {"or": [{text: {"gt": 1}}]}}),
            REFUSED,
        ),
        Attack::filter(
            "Cars",
            json!({"where": {format!("name.{text}"): 1}}),
            REFUSED,
        ),
        Attack::filter(
            "Places",
            json!({"where": {format!("address.{text}"): 1}}),
            REFUSED,
        ),
        Attack::filter(
            "Places",
            json!({"where": {format!("meta.{text}"): 1}}),
            READ,
        ),
        Attack::filter(
            "Places",
            json!({"where": {format!("meta.{text}"): {"like": text}}}),
            READ,
        ),
        Attack::filter(
            "Places",
            json!({"where": {format!("tags.{text}"): 1}}),
            REFUSED,
        ),
        Attack::filter("Places", json!({"where": {"meta": {text: text}}}), READ),
        // Operators.
        Attack::filter("Cars", json!({"where": {"name": {text: 1}}}), READ),
        Attack::filter(
            "Cars",
            json!({"where": {"name": {"like": "%", "options": text}}}),
            READ,
        ),
        // Values of each kind.
        Attack::filter("Cars", json!({"where": {"year": text}}), READ),
        Attack::filter("Cars", json!({"where": {"sold": text}}), READ),
        Attack::filter("Cars", json!({"where": {"soldAt": text}}), READ_OR_REFUSED),
        Attack::filter("Cars", json!({"where": {"year": {"inq": [1, text]}}}), READ),
        Attack::filter(
            "Cars",
            json!({"where": {"year": {"between": [text, text]}}}),
            READ,
        ),
        Attack::filter(
            "Places",
            json!({"where": {"spot": {"near": text}}}),
            REFUSED,
        ),
        Attack::filter(
            "Places",
            json!({"where": {"spot": {"near": "0,0", "unit": text}}}),
            REFUSED,
        ),
        Attack::filter(
            "Places",
            json!({"where": {"spot": {"near": "0,0", "maxDistance": text}}}),
            REFUSED,
        ),
        Attack::filter("Places", json!({"where": {"meta": text}}), READ),
        Attack::filter(
            "Places",
            json!({"where": {"meta": {"neq": {text: [text]}}}}),
            READ,
        ),
        Attack::filter(
            "Places",
            json!({"where": {"name": {"regexp": text}}}),
            READ_OR_REFUSED,
        ),
        Attack::filter(
            "Places",
            json!({"where": {"name": {"regexp": format!("/{text}/i")}}}),
            READ_OR_REFUSED,
        ),
        // The rest of a filter.
        Attack::filter("Cars", json!({"order": text}), REFUSED),
        Attack::filter("Cars", json!({"order": [format!("name {text}")]}), REFUSED),
        Attack::filter(
            "Places",
            json!({"order": format!("meta.{text} DESC")}),
            READ_OR_REFUSED,
        ),
        Attack::filter("Cars", json!({"limit": text}), REFUSED),
        Attack::filter("Cars", json!({"skip": text}), REFUSED),
        Attack::filter("Cars", json!({"offset": text}), REFUSED),
        Attack::filter("Cars", json!({"fields": text}), READ),
        Attack::filter("Cars", json!({"fields": [text]}), READ),
        Attack::filter("Cars", json!({"fields": {text: true}}), READ),
        Attack::filter("Cars", json!({"fields": {text: false}}), READ),
        Attack::filter("Customers", json!({"include": text}), REFUSED),
        Attack::filter("Customers", json!({"include": {text: true}}), REFUSED),
        Attack::filter("Customers", json!({"include": {"orders": text}}), REFUSED),
        Attack::filter(
            "Customers",
            json!({"include": {"relation": text, "scope": {"where": {"id": 1}}}}),
            REFUSED,
        ),
        Attack::filter(
            "Customers",
            json!({"include": {"relation": "orders", "scope": {"where": {"item": text}}}}),
            READ,
        ),
        Attack::filter(
            "Customers",
            json!({"include": {"relation": "orders", "scope": {"where": {text: 1}}}}),
            REFUSED,
        ),
        Attack::filter(
            "Customers",
            json!({"include": {"relation": "orders", "scope": {"order": text}}}),
            REFUSED,
        ),
        Attack::filter("Cars", json!({text: text}), READ),
        // Brackets.
        Attack::get(&["api", "Cars"], READ_OR_REFUSED).with(&format!("filter[{text}]"), "1"),
        Attack::get(&["api", "Cars"], READ_OR_REFUSED).with(&format!("filter[where][{text}]"), "1"),
        Attack::get(&["api", "Cars"], READ_OR_REFUSED)
            .with(&format!("filter[where][name][{text}]"), text),
        Attack::get(&["api", "Cars"], READ).with("filter[where][name]", text),
        Attack::get(&["api", "Cars"], READ).with("filter[where][name][inq][]", text),
        Attack::get(&["api", "Cars"], REFUSED).with("filter[order]", text),
        Attack::get(&["api", "Cars"], READ_OR_REFUSED).with("filter", text),
        // Other arguments.
        Attack::get(&["api", "Cars"], READ).with(text, text),
        Attack::get(&["api", "Cars"], READ).with("access_token", text),
        Attack::get(&["api", "Cars"], REFUSED).with("after", text),
        Attack::get(&["api", "Cars"], REFUSED).with("before", text),
        Attack::get(&["api", "Cars"], REFUSED).with("count", text),
        Attack::get(&["api", "Cars"], READ).with("callback", text),
        Attack::get(&["api", "Cars"], &[406]).with("_format", text),
        Attack::get(&["api", "Cars", "count"], REFUSED)
            .with("where", &json!({text: 1}).to_string()),
        Attack::get(&["api", "Cars", "count"], READ)
            .with("where", &json!({"name": text}).to_string()),
        Attack::get(&["api", "Customers", "1", "orders", "count"], READ).with("where[item]", text),
        // Paths.
        Attack::get(&["api", text], NOT_FOUND),
        Attack::get(&["api", "Cars", "1", text], NOT_FOUND),
        Attack::get(&["api", "Cars", text], NOT_FOUND),
        Attack::new(Method::HEAD, &["api", "Cars", text], NOT_FOUND),
        Attack::get(&["api", "Cars", text, "exists"], READ),
        Attack::get(&["api", "Labels", "nobody", text], NOT_FOUND),
        Attack::new(Method::PATCH, &["api", "Cars", text], NOT_FOUND).body(json!({"year": 99})),
        Attack::new(Method::PUT, &["api", "Cars", text], NOT_FOUND).body(json!({"year": 99})),
        Attack::new(Method::POST, &["api", "Cars", text, "replace"], NOT_FOUND)
            .body(json!({"name": "gone"})),
        Attack::new(Method::DELETE, &["api", "Cars", text], READ),
        Attack::get(&["api", "Customers", text, "orders"], NOT_FOUND),
        Attack::get(&["api", "Customers", "1", "orders", text], NOT_FOUND),
        Attack::new(
            Method::PUT,
            &["api", "Customers", "1", "orders", text],
            NOT_FOUND,
        )
        .body(json!({"amount": 99})),
        Attack::new(
            Method::DELETE,
            &["api", "Customers", "1", "orders", text],
            NOT_FOUND,
        ),
        // Writes that find nothing to write to.
        Attack::new(Method::POST, &["api", "Cars", "update"], REFUSED)
            .with("where", &json!({text: 1}).to_string())
            .body(json!({"year": 99})),
        Attack::new(Method::POST, &["api", "Cars", "update"], REFUSED)
            .with("where", text)
            .body(json!({"year": 99})),
        Attack::new(Method::POST, &["api", "Cars", "update"], READ)
            .with("where", &json!({"name": text}).to_string())
            .body(json!({"year": 99})),
        Attack::new(Method::POST, &["api", "Cars", "update"], READ_OR_REFUSED)
            .with("where", &json!({"name": {text: 1}}).to_string())
            .body(json!({"year": 99})),
        Attack::new(Method::POST, &["api", "Cars", "update"], READ)
            .with("where[name]", text)
            .body(json!({"year": 99})),
        Attack::new(Method::POST, &["api", "Cars", "update"], &[200, 400])
            .with("where", "{\"id\":-1}")
            .body(json!({text: text})),
        Attack::new(Method::POST, &["api", "Cars", "upsertWithWhere"], REFUSED)
            .with("where", &json!({text: 1}).to_string())
            .body(json!({"name": "nobody"})),
        // Bodies that are refused.
        Attack::new(Method::POST, &["api", "Cars"], &[422])
            .body(json!({"name": "good", "year": text, text: text})),
        Attack::new(Method::POST, &["api", "Cars"], REFUSED).body(json!(text)),
        Attack::new(Method::POST, &["api", "Places"], REFUSED).body(json!({"spot": text})),
        Attack::new(Method::POST, &["api", "Places"], REFUSED).body(json!({"address": text})),
    ];
    let headers = [
        Attack::get(&["api", "Cars"], READ_OR_REFUSED).header("filter", text),
        Attack::get(&["api", "Cars"], READ)
            .header("filter", &json!({"where": {"name": text}}).to_string()),
        Attack::get(&["api", "Cars", "count"], REFUSED).header("where", text),
        Attack::get(&["api", "Cars"], &[200, 406]).header("accept", text),
        Attack::get(&["api", "Cars"], READ).header("authorization", text),
        Attack::get(&["api", "Cars"], &[200, 304]).header("if-none-match", text),
        Attack::get(&["api", "Cars"], READ).header("x-request-id", text),
        Attack::get(&["api", "Cars"], READ).header("origin", text),
        Attack::get(&["api", "Cars"], READ).header("accept-encoding", text),
        Attack::new(Method::POST, &["api", "Cars"], &[415])
            .body(json!({"name": "never"}))
            .header("content-type", text),
    ];
    attacks.extend(headers.into_iter().flatten());
    attacks
}

async fn served(database: &str) -> Result<Served, Box<dyn Error>> {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database);
    serve(app.models::<All>()).await
}

async fn post(served: &Served, collection: &str, body: Json) -> Result<Json, Box<dyn Error>> {
    let attack = Attack::new(Method::POST, &["api", collection], &[200]).body(body);
    attack.send(served).await
}

/// All that there is.
async fn everything(served: &Served) -> Result<Vec<Json>, Box<dyn Error>> {
    let mut all = Vec::new();
    for collection in ["Cars", "Customers", "Orders", "Places", "Labels", "Typed"] {
        all.push(
            Attack::get(&["api", collection], &[200])
                .send(served)
                .await?,
        );
    }
    Ok(all)
}

async fn nothing_breaks_out_of_its_place(database: &str) -> TestResult {
    let served = served(database).await?;
    post(
        &served,
        "Cars",
        json!([{"name": "Audi", "year": 1}, {"name": "BMW"}]),
    )
    .await?;
    post(&served, "Customers", json!({"id": 1, "name": "Ann"})).await?;
    post(&served, "Orders", json!({"item": "Tea", "customerId": 1})).await?;
    post(&served, "Labels", json!({"id": "label"})).await?;
    let place = json!({"name": "Bern", "tags": ["a"], "meta": {"size": 1}, "spot": "0,0", "address": {"city": "Bern"}});
    post(&served, "Places", place).await?;
    let before = everything(&served).await?;
    for text in HOSTILE {
        for attack in attacks(text) {
            attack.send(&served).await?;
        }
        assert_eq!(everything(&served).await?, before, "after {text:?}");
    }
    Ok(())
}

/// The text as `like` finds it and nothing else.
fn like(text: &str) -> String {
    let escape = |letter| match letter {
        '\\' | '%' | '_' => vec!['\\', letter],
        other => vec![other],
    };
    text.chars().flat_map(escape).collect()
}

/// Conditions that find the text where it was put and nowhere else.
fn conditions(text: &str) -> Vec<Json> {
    let mut conditions = vec![
        json!({"name": text}),
        json!({"name": {"inq": [text]}}),
        json!({"name": {"inq": [text, "nobody has this"]}}),
        json!({"name": {"between": [text, text]}}),
        json!({"and": [{"name": {"gte": text}}, {"name": {"lte": text}}]}),
        json!({"nor": [{"name": {"neq": text}}]}),
        json!({"name": {"like": like(text)}}),
        json!({"tags": text}),
        json!({"tags.0": text}),
        json!({"address.city": text}),
        json!({"address": {"city": text}}),
        json!({"meta": {text: text}}),
    ];
    // A point leads further in.
    if !text.contains('.') {
        conditions.push(json!({format!("meta.{text}"): text}));
    }
    conditions
}

async fn a_text_is_stored_and_found_as_it_is(database: &str) -> TestResult {
    let served = served(database).await?;
    let mut stored = Vec::new();
    for text in HOSTILE {
        let place = json!({
            "name": text, "tags": [text], "meta": {*text: text}, "address": {"city": text}, text.to_uppercase(): text,
        });
        let create = Attack::new(Method::POST, &["api", "Places"], &[200, 400, 422]);
        let made = create.body(place.clone()).send(&served).await?;
        if made.get("error").is_some() {
            assert!(text.contains('\0'), "{text:?} is refused: {made}");
            continue;
        }
        for member in ["name", "tags", "meta"] {
            assert_eq!(made[member], place[member], "{text:?}");
        }
        stored.push((*text, made["id"].clone()));
    }
    for (text, id) in &stored {
        for condition in conditions(text) {
            let filter = json!({"where": condition, "fields": ["id"]});
            let found = Attack::filter("Places", filter, &[200])
                .send(&served)
                .await?;
            assert_eq!(found, json!([{"id": id}]), "{condition}");
        }
        // A change finds what a question does, and no more.
        let all = format!("{text}!");
        let change = Attack::new(Method::POST, &["api", "Places", "update"], &[200]);
        let change = change.with("where", &json!({"name": text}).to_string());
        let changed = change.body(json!({"name": all})).send(&served).await?;
        assert_eq!(changed, json!({"count": 1}), "{text:?}");
        let path = ["api", "Places", &id.to_string()];
        let found = Attack::get(&path, &[200]).send(&served).await?;
        assert_eq!(found["name"], all);
        assert_eq!(found["tags"], json!([text]));
        let back = Attack::new(Method::PATCH, &path, &[200]).body(json!({"name": text}));
        assert_eq!(back.send(&served).await?["name"], *text);
    }
    for (text, _) in &stored {
        let path = ["api", "Labels", text];
        let create = Attack::new(Method::POST, &path[..2], &[200]);
        create
            .body(json!({"id": text, "text": text}))
            .send(&served)
            .await?;
        let found = Attack::get(&path, &[200]).send(&served).await?;
        assert_eq!(found, json!({"id": text, "text": text}));
    }
    for (text, _) in &stored {
        let delete = Attack::new(Method::DELETE, &["api", "Labels", text], &[200]);
        assert_eq!(delete.send(&served).await?, json!({"count": 1}), "{text:?}");
    }
    let left = Attack::get(&["api", "Places", "count"], &[200])
        .send(&served)
        .await?;
    assert_eq!(left, json!({"count": stored.len()}));
    Ok(())
}

/// But to MySQL and MariaDB it is none, as to their collations.
async fn a_space_at_the_end_is_a_character(database: &str) -> TestResult {
    let served = served(database).await?;
    let minded = !database.starts_with("mysql");
    post(&served, "Labels", json!({"id": "a"})).await?;
    let second: &[u16] = if minded { &[200] } else { &[409] };
    let create = Attack::new(Method::POST, &["api", "Labels"], second);
    create.body(json!({"id": "a "})).send(&served).await?;
    for (text, is_there) in [("a", true), ("a ", true), ("a  ", false)] {
        let filter = json!({"where": {"id": text}, "fields": ["id"]});
        let found = Attack::filter("Labels", filter, &[200])
            .send(&served)
            .await?;
        let expected = match (minded, is_there) {
            (true, true) => json!([{"id": text}]),
            (true, false) => json!([]),
            (false, _) => json!([{"id": "a"}]),
        };
        assert_eq!(found, expected, "{text:?}");
    }
    Ok(())
}

async fn a_zero_ends_no_pattern(database: &str) -> TestResult {
    let served = served(database).await?;
    post(&served, "Labels", json!({"id": "a"})).await?;
    for operator in ["like", "ilike"] {
        let filter = json!({"where": {"id": {operator: "a\0b"}}});
        let found = Attack::filter("Labels", filter, &[200])
            .send(&served)
            .await?;
        assert_eq!(found, json!([]), "{operator}");
    }
    Ok(())
}

on_every_database! {
    nothing_breaks_out_of_its_place
    a_text_is_stored_and_found_as_it_is
    a_space_at_the_end_is_a_character
    a_zero_ends_no_pattern
}
