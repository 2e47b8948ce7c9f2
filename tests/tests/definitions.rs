//! The model folders of LoopBack applications, loaded at run time and imported as Rust: both are the same API.

use expect_test::expect_file;
use loopwright::definitions::Definitions;
use loopwright::{App, Config, discovery};
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{case, on_every_database, sqlite_url};
use sea_orm::{ConnectionTrait as _, Database, Statement};
use serde_json::{Value as Json, json};

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

#[rustfmt::skip]
#[path = "../fixtures/loopback/access_control.rs"]
mod access_control;
#[rustfmt::skip]
#[path = "../fixtures/loopback/clients.rs"]
mod clients;
#[rustfmt::skip]
#[path = "../fixtures/loopback/clinic.rs"]
mod clinic;
#[rustfmt::skip]
#[path = "../fixtures/loopback/library.rs"]
mod library;
#[rustfmt::skip]
#[path = "../fixtures/loopback/relations.rs"]
mod relations;
#[rustfmt::skip]
#[path = "../fixtures/loopback/teamwork.rs"]
mod teamwork;

/// As the messages name it: relative to the package, which tests run in.
fn definitions(name: &str) -> Definitions {
    Definitions::folder(format!("fixtures/loopback/{name}"))
        .open_by_default()
        .allow_missing()
}

fn app(database: &str) -> App {
    App::new()
        .config(Config::default())
        .data_source("db", database)
        .data_source("transient", "transient:")
}

/// The folder's models, known at run time and derived.
struct Twins {
    loaded: Served,
    derived: Served,
    /// What the caller of each is known by.
    tokens: [String; 2],
}

impl Twins {
    async fn new(name: &str, derived: fn(App) -> App, database: &str) -> TestResult<Self> {
        let twins = Twins {
            loaded: serve(app(database).definitions(definitions(name))).await?,
            derived: serve(derived(app(database))).await?,
            tokens: Default::default(),
        };
        let document = |served: &Served| served.application.openapi().to_json();
        let read = |text: String| serde_json::from_str::<Json>(&text);
        let (loaded, derived) = (
            read(document(&twins.loaded)?)?,
            read(document(&twins.derived)?)?,
        );
        assert!(
            loaded["paths"]
                .as_object()
                .is_some_and(|paths| !paths.is_empty())
        );
        for part in ["/paths", "/components/schemas", "/components"] {
            let (loaded, derived) = (loaded.pointer(part), derived.pointer(part));
            let names = |json: Option<&Json>| {
                let members = json.and_then(Json::as_object).into_iter().flatten();
                members.map(|(name, _)| name.clone()).collect::<Vec<_>>()
            };
            assert_eq!(names(loaded), names(derived));
            for name in names(loaded) {
                let member = |json: Option<&Json>| json.and_then(|json| json.get(&name)).cloned();
                assert_eq!(member(loaded), member(derived), "{part} {name}");
            }
        }
        Ok(twins)
    }

    /// Calls as this user from now on, whose password is `secret`.
    async fn log_in(&mut self, path: &str, email: &str) -> TestResult {
        let loaded = self.loaded.log_in(path, email).await?;
        let derived = self.derived.log_in(path, email).await?;
        self.tokens = [loaded.token().to_owned(), derived.token().to_owned()];
        Ok(())
    }

    /// The status and body that both answer.
    async fn ask(&self, verb: &str, path: &str, body: Json) -> TestResult<(u16, Json)> {
        let mut answers = Vec::new();
        for (served, token) in [&self.loaded, &self.derived].into_iter().zip(&self.tokens) {
            let url = format!("{}/api/{path}", served.url);
            let mut request = served.client.request(verb.parse()?, url);
            if !token.is_empty() {
                request = request.header("authorization", token);
            }
            if !body.is_null() {
                request = request.json(&body);
            }
            let response = request.send().await?;
            let (status, text) = (response.status().as_u16(), response.text().await?);
            answers.push((status, serde_json::from_str(&text).unwrap_or(Json::Null)));
        }
        let (derived, loaded) = (answers.pop().ok_or("none")?, answers.pop().ok_or("none")?);
        assert_eq!(loaded, derived, "{verb} {path} {body}");
        Ok(loaded)
    }
}

#[test]
fn what_is_imported_is_printed_as_it_is_compiled_here() -> TestResult {
    for (name, file) in [
        (
            "access-control",
            expect_file!["../fixtures/loopback/access_control.rs"],
        ),
        ("clients", expect_file!["../fixtures/loopback/clients.rs"]),
        ("clinic", expect_file!["../fixtures/loopback/clinic.rs"]),
        ("library", expect_file!["../fixtures/loopback/library.rs"]),
        (
            "relations",
            expect_file!["../fixtures/loopback/relations.rs"],
        ),
        ("teamwork", expect_file!["../fixtures/loopback/teamwork.rs"]),
    ] {
        let text = discovery::definitions(&definitions(name))?;
        assert!(!text.contains("not-to-be-shown"));
        file.assert_eq(&text);
    }
    Ok(())
}

#[tokio::test]
async fn loopbacks_example_of_access_control() -> TestResult {
    let twins = Twins::new("access-control", access_control::models, "memory:").await?;
    let user = json!({"email": "ann@bar.com", "password": "secret", "nick": "Ann"});
    let (status, user) = twins.ask("POST", "users", user).await?;
    assert_eq!((status, &user["id"]), (200, &json!(1)));
    assert_eq!((&user["nick"], user.get("password")), (&json!("Ann"), None));
    // Its rules deny everybody what they don't allow.
    for (verb, path, body) in [
        ("GET", "projects", Json::Null),
        ("POST", "projects", json!({"name": "p"})),
        ("GET", "projects/1", Json::Null),
        ("GET", "teams", Json::Null),
        ("GET", "projects/listProjects", Json::Null),
    ] {
        let (status, _) = twins.ask(verb, path, body).await?;
        assert!(status == 401 || status == 404, "{verb} {path}: {status}");
    }
    for (verb, path, body) in [
        ("GET", "users/1/projects", Json::Null),
        ("GET", "users?filter[include]=projects", Json::Null),
        ("GET", "users/2", Json::Null),
        ("POST", "users", json!({"email": "ann@bar.com"})),
        ("POST", "users/login", json!({"email": "ann@bar.com"})),
        ("POST", "users/logout", json!({})),
    ] {
        twins.ask(verb, path, body).await?;
    }
    Ok(())
}

/// What the fixture says of users beside that, its structs say too.
#[tokio::test]
async fn users_of_definitions_and_of_structs() -> TestResult {
    for database in ["memory:", "sqlite::memory:"] {
        let mut twins = Twins::new("teamwork", teamwork::models, database).await?;
        let user = |name: &str| json!({"email": format!("{name}@bar.com"), "password": "secret", "city": "Bern"});
        for name in ["ann", "bob"] {
            let (status, _) = twins.ask("POST", "users", user(name)).await?;
            assert_eq!(status, 200);
        }
        twins.log_in("users", "ann@bar.com").await?;
        let project = json!({"name": "House", "ownerId": 1});
        let (status, project) = twins.ask("POST", "projects", project).await?;
        assert_eq!((status, &project["ownerId"]), (200, &json!(1)));
        for (request, expected) in [
            (("GET", "users/1", Json::Null), 200),
            (("PATCH", "users/1", json!({"city": "x".repeat(41)})), 422),
            (("PATCH", "users/1", json!({"notes": "gone"})), 200),
            (("GET", "users/1/projects", Json::Null), 200),
            (("GET", "users/2", Json::Null), 401),
            (("GET", "users", Json::Null), 401),
            (("GET", "projects/1", Json::Null), 200),
            (("GET", "projects", Json::Null), 403),
            (
                ("POST", "users/reset", json!({"email": "ann@bar.com"})),
                404,
            ),
            (("DELETE", "users/1", Json::Null), 200),
            (("GET", "projects/1", Json::Null), 401),
        ] {
            let (verb, path, body) = request;
            let (status, answer) = twins.ask(verb, path, body).await?;
            assert_eq!(status, expected, "{verb} {path}: {answer}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn loopbacks_example_of_relations() -> TestResult {
    let twins = Twins::new("relations", relations::models, "memory:").await?;
    let (status, _) = twins
        .ask("POST", "Customers", json!({"name": "Ann", "age": "5"}))
        .await?;
    assert_eq!(status, 200);
    let order = json!({"date": "2015-01-01", "description": "tea", "customerId": 7});
    let (status, order) = twins.ask("POST", "Customers/1/orders", order).await?;
    assert_eq!((status, &order["customerId"]), (200, &json!(1)));
    let (_, shipment) = twins
        .ask("POST", "Shipments", json!({"orderId": 1}))
        .await?;
    assert_eq!(shipment["orderId"], 1);
    let include = r#"Customers?filter={"include":{"orders":"shipments"},"where":{"age":{"gt":4}}}"#;
    let (_, customers) = twins.ask("GET", include, Json::Null).await?;
    assert_eq!(customers[0]["orders"][0]["shipments"][0]["id"], 1);
    for (verb, path, body) in [
        ("GET", "Shipments/1/order", Json::Null),
        ("PATCH", "Orders/1", json!({"date": "no date"})),
        ("GET", "Orders?filter[where][nothing]=1", Json::Null),
        ("GET", "Accounts", Json::Null),
        ("DELETE", "Customers/1/orders/1", Json::Null),
    ] {
        twins.ask(verb, path, body).await?;
    }

    let account = json!({"name": "Checking", "balance": 5000});
    let (_, account) = twins.ask("POST", "Customers/1/accounts", account).await?;
    assert_eq!(account["id"], 1);
    let email = json!({"id": "a", "label": "work", "address": "ann@a.example", "unknown": 1});
    let (_, email) = twins.ask("POST", "Customers/1/emails", email).await?;
    assert_eq!(
        email,
        json!({"id": "a", "label": "work", "address": "ann@a.example"})
    );
    let address = json!({"id": "b", "street": "Marktgasse", "zipCode": 3000});
    let (status, _) = twins.ask("POST", "Customers/1/address", address).await?;
    assert_eq!(status, 200);
    let path =
        "Customers/1?filter[include]=accounts&filter[include]=address&filter[include]=emails";
    let (_, customer) = twins.ask("GET", path, Json::Null).await?;
    let address = json!({"id": "b", "street": "Marktgasse", "zipCode": "3000"});
    assert_eq!(
        [&customer["billingAddress"], &customer["address"]],
        [&address, &address]
    );
    assert_eq!(
        [&customer["emailList"], &customer["emails"]],
        [&json!([email]), &json!([email])]
    );
    assert_eq!(
        [&customer["accountIds"], &customer["accounts"]],
        [&json!([1]), &json!([account])]
    );
    let link = json!({"linkedId": 1, "linkedType": "Account", "notes": "Note 1"});
    twins
        .ask("POST", "Books", json!({"name": "Book 1"}))
        .await?;
    let (_, link) = twins.ask("POST", "Books/1/people", link).await?;
    assert_eq!(link["id"], 1);
    let (_, people) = twins.ask("GET", "Books/1/people", Json::Null).await?;
    assert_eq!(people[0]["linked"], account);
    let (_, book) = twins.ask("GET", "Books/1", Json::Null).await?;
    assert_eq!(book["links"], json!([link]));
    for (verb, path, body) in [
        ("PUT", "Customers/1/emails/a", json!({"label": "home"})),
        (
            "GET",
            "Customers?filter[where][emailList.label]=home",
            Json::Null,
        ),
        ("GET", "Customers/1/accounts/2", Json::Null),
        ("DELETE", "Customers/1/accounts/rel/1", Json::Null),
        ("PATCH", "Customers/1", json!({"emailList": 5})),
        ("DELETE", "Customers/1/address", Json::Null),
        ("GET", "Customers/1", Json::Null),
        ("GET", "Addresses", Json::Null),
    ] {
        twins.ask(verb, path, body).await?;
    }
    Ok(())
}

/// The cases that derived models pass, which were written by hand.
async fn lists_of_references(database: &str) -> TestResult {
    let served = serve(app(database).definitions(definitions("clients"))).await?;
    case::run_all("references_many.json", &served).await
}

async fn models_within_others(database: &str) -> TestResult {
    let served = serve(app(database).definitions(definitions("clients"))).await?;
    case::run_all("embeds_one.json", &served).await
}

#[tokio::test]
async fn what_owners_hold() -> TestResult {
    for file in ["references_many.json", "embeds_one.json"] {
        let derived = serve(clients::models(app("sqlite::memory:"))).await?;
        case::run_all(file, &derived).await?;
    }
    let twins = Twins::new("clients", clients::models, "sqlite::memory:").await?;
    for (verb, path, body) in [
        ("POST", "Clients", json!({"name": "Ann"})),
        ("POST", "Clients/1/emails", json!({"label": "home"})),
        (
            "POST",
            "Clients/1/emails",
            json!({"label": "home", "address": "a@a", "password": "p"}),
        ),
        ("POST", "Collectors", json!({"name": "Cy"})),
        ("POST", "Collectors/1/jots", json!({"id": 7, "text": "a"})),
        ("POST", "Collectors/1/kept", json!({"text": "b"})),
        ("POST", "Collectors/1/keywords", json!({})),
        (
            "POST",
            "Collectors/1/leads-to",
            json!({"linkedId": 1, "linkedType": "Jot"}),
        ),
        ("GET", "Collectors/1?filter[include]=links", Json::Null),
        ("GET", "Jots", Json::Null),
        ("GET", "Clients", Json::Null),
    ] {
        twins.ask(verb, path, body).await?;
    }
    Ok(())
}

/// What definitions have stored is where their structs look for it.
#[tokio::test]
async fn structs_find_what_definitions_have_stored() -> TestResult {
    let database = sqlite_url();
    let ask = async |served: &Served, verb: &str, path: &str, body: Json| {
        let url = format!("{}/api/{path}", served.url);
        let request = served.client.request(verb.parse()?, url).json(&body);
        TestResult::Ok(request.send().await?.json::<Json>().await?)
    };
    let loaded = serve(app(&database).definitions(definitions("clients"))).await?;
    let client = json!({
        "name": "Ann", "_billingAddress": {"street": "Gasse 1"}, "homeAddress": {"street": "Gasse 2"},
        "_emails": [{"id": 7, "label": "home", "address": "a@a"}]
    });
    ask(&loaded, "POST", "Clients", client).await?;
    ask(&loaded, "POST", "Holders", json!({"accountIds": [3, 1]})).await?;
    let derived = serve(clients::models(app(&database))).await?;
    for path in ["Clients", "Holders"] {
        let stored = ask(&loaded, "GET", path, Json::Null).await?;
        assert!(stored[0]["id"].is_i64(), "{stored}");
        assert_eq!(ask(&derived, "GET", path, Json::Null).await?, stored);
    }
    Ok(())
}

/// What a struct would show or have otherwise is left out of it, and named.
#[test]
fn what_has_no_equivalent_within_a_struct_is_remarked_on() -> TestResult {
    let folder = tempfile::tempdir()?;
    let write = |file: &str, json: Json| std::fs::write(folder.path().join(file), json.to_string());
    std::fs::create_dir(folder.path().join("models"))?;
    write(
        "model-config.json",
        json!({"Shop": {"dataSource": "db"}, "Tag": {"dataSource": null}}),
    )?;
    write("datasources.json", json!({"db": {"connector": "memory"}}))?;
    let tag = json!({"name": "Tag", "base": "Model", "properties": {"since": "date"}});
    write("models/tag.json", tag)?;
    let relation = |kind: &str| json!({"type": kind, "model": "Tag", "property": kind});
    let mut one = relation("embedsOne");
    one["default"] = json!({"since": "2016-02-03"});
    let mut narrowed = relation("embedsMany");
    narrowed["property"] = json!("more");
    narrowed["scope"] = json!({"where": {"since": {"inq": ["2016-02-03"]}}});
    let shop = json!({
        "name": "Shop", "hidden": ["embedsMany"],
        "relations": {"one": one, "secret": relation("embedsMany"), "narrowed": narrowed}
    });
    write("models/shop.json", shop)?;
    let text = discovery::definitions(&Definitions::folder(folder.path()).open_by_default())?;
    for line in [
        "//! - the default of the relation `one` of `Shop` is to be written",
        "//! - the relation `secret` of `Shop` is to be written, with its hidden property `embedsMany`",
        "//! - the relation `narrowed` of `Shop` is to be written, with its `scope`",
        "    pub one: EmbedsOne<Tag>,",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
    assert!(!text.contains("EmbedsMany<"), "{text}");
    Ok(())
}

/// A model that the program has is kept within those of the definitions. Its rules are more than these could say.
async fn a_described_model_within_defined_ones(database: &str) -> TestResult {
    use loopwright_tests::embedded::EmailAddress;

    let app = app(database).models::<(EmailAddress,)>();
    let served = serve(app.definitions(definitions("clients"))).await?;
    case::run_all("embeds_many.json", &served).await
}

/// A model of the definitions that one of the program has within it already is that one, too.
#[tokio::test]
async fn a_model_within_a_described_one_is_not_read() -> TestResult {
    use loopwright_tests::embedded::Client;

    let app = app("memory:").models::<(Client,)>();
    let served = serve(app.definitions(definitions("clients"))).await?;
    case::run_all("embeds_one.json", &served).await
}

/// The cases that derived models pass, which were written by hand.
#[tokio::test]
async fn relations_through_models_and_to_any() -> TestResult {
    let twins = Twins::new("clinic", clinic::models, "sqlite::memory:").await?;
    for served in [&twins.loaded, &twins.derived] {
        case::run_all("through.json", served).await?;
        case::run_all("polymorphic.json", served).await?;
    }
    let tea = json!({"code": "T", "keeper": "Ann"});
    twins.ask("POST", "Categories", tea).await?;
    let good = json!({"name": "Chai", "seller": "Eve"});
    let (_, good) = twins.ask("POST", "Categories/1/in-stock", good).await?;
    assert_eq!(
        (&good["seller"], &good["categoryCode"]),
        (&json!("Ann"), &json!("T"))
    );
    let (_, category) = twins.ask("GET", "Goods/1/category", Json::Null).await?;
    assert_eq!(category["id"], 1);
    let include = "Categories/1?filter[include]=hidden&filter[include]=goods";
    let (_, category) = twins.ask("GET", include, Json::Null).await?;
    assert_eq!(
        (&category["goods"][0]["id"], category.get("hidden")),
        (&json!(1), None)
    );
    Ok(())
}

#[tokio::test]
async fn everything_that_definitions_can_say() -> TestResult {
    for database in ["memory:", "sqlite::memory:"] {
        let derived = |app| {
            // `ACL` is left in the definitions; nothing but its table differs.
            library::models(app).models::<(loopwright::builtin::Acl,)>()
        };
        let twins = Twins::new("library", derived, database).await?;
        let book = |id: &str, pages: u32| {
            json!({
                "id": id, "title": format!("Book {id}"), "isbn": id, "pages": pages, "price": 4.5, "type": "novel",
                "tags": ["a"], "details": {"x": [1]}, "location": {"lat": 1, "lng": 2}, "secret": "s",
                "lost": true, "made": "2015-01-01T00:00:00.000Z", "unknown": 1
            })
        };
        for (id, pages) in [("a", 600), ("b", 700), ("c", 800)] {
            let (status, stored) = twins.ask("POST", "Books", book(id, pages)).await?;
            assert_eq!((status, &stored["lost"]), (200, &json!(false)), "{stored}");
            assert_eq!(stored["secret"], Json::Null);
        }
        let (_, thick) = twins.ask("GET", "Books/thick", Json::Null).await?;
        assert_eq!([&thick[0]["id"], &thick[1]["id"]], ["c", "b"]);
        assert_eq!(thick.as_array().map(Vec::len), Some(2));
        let (status, taken) = twins
            .ask(
                "POST",
                "Books",
                json!({"id": "d", "title": "", "isbn": "a"}),
            )
            .await?;
        assert_eq!(status, 422, "{taken}");
        let loan = json!({"since": "2016-02-03T00:00:00.000Z"});
        let (status, loan) = twins.ask("POST", "Books/a/loans", loan).await?;
        assert_eq!((status, &loan["bookId"]), (200, &json!("a")));
        for (verb, path, body) in [
            ("GET", "Books", Json::Null),
            ("GET", "Books/cheapOrThin/count", Json::Null),
            ("GET", "Books?filter[where][secret]=s", Json::Null),
            (
                "GET",
                "Books?filter[include]=loans&filter[include]=cover",
                Json::Null,
            ),
            ("GET", "loans/1/book", Json::Null),
            ("GET", "loans?filter[where][bookId]=a", Json::Null),
            ("PATCH", "Books/a", json!({"title": "x".repeat(81)})),
            ("PATCH", "Books/a", json!({"title": "New"})),
            ("POST", "loans", json!({"bookId": "a"})),
            ("POST", "loans", json!({"id": 9, "since": "2016-02-03"})),
            (
                "POST",
                "loans",
                json!({"since": "2016-02-03", "lender": "Ann"}),
            ),
            ("PUT", "loans/1", json!({"since": "2016-02-04"})),
            ("PUT", "loans", json!({"since": "2016-02-04"})),
            ("PATCH", "loans", json!({"since": "2016-02-04"})),
            ("POST", "loans/update?where=%7B%7D", json!({"note": "x"})),
            ("GET", "loans", Json::Null),
            ("DELETE", "loans/99", Json::Null),
            ("DELETE", "Books/a", Json::Null),
            ("POST", "Books/burn", Json::Null),
            ("GET", "Covers", Json::Null),
            ("GET", "Users", Json::Null),
        ] {
            twins.ask(verb, path, body).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn models_without_a_rust_type_are_reached_from_rust() -> TestResult {
    let served = serve(app("sqlite::memory:").definitions(definitions("library"))).await?;
    let books = served.application.records("Book")?;
    let book = json!({"id": "a", "title": "A", "secret": "s"});
    let book = books.create(book).await?;
    assert_eq!(book["secret"], "s");
    let updated = books.update("a", json!({"pages": 7})).await?;
    assert_eq!(
        (&updated["title"], &updated["pages"]),
        (&json!("A"), &json!(7))
    );
    assert_eq!(
        books.find(json!({"where": {"secret": "s"}})).await?,
        [updated]
    );
    assert_eq!(books.count(json!({"pages": {"gt": 7}})).await?, 0);
    assert_eq!(books.find_by_id(json!({})).await?, None);
    let refused = books
        .create(json!({"title": ""}))
        .await
        .err()
        .ok_or("stored")?;
    assert_eq!(refused.status(), 422);
    assert!(books.delete_by_id("a").await?);
    assert_eq!(books.delete_all(json!({})).await?, 0);
    assert!(served.application.records("Bok").is_err());
    Ok(())
}

/// What is random or tells the time is no twin's.
#[tokio::test]
async fn mixins_and_defaults_of_definitions() -> TestResult {
    for database in ["memory:", "sqlite::memory:"] {
        let folder = tempfile::tempdir()?;
        let write =
            |file: &str, json: Json| std::fs::write(folder.path().join(file), json.to_string());
        std::fs::create_dir(folder.path().join("models"))?;
        write("model-config.json", json!({"Note": {"dataSource": "db"}}))?;
        write("datasources.json", json!({"db": {"connector": "memory"}}))?;
        let note = json!({
            "name": "Note", "mixins": {"TimeStamp": true, "SoftDelete": true},
            "properties": {
                "short": {"type": "string", "defaultFn": "shortid"}, "guid": {"type": "string", "defaultFn": "guid"},
                "when": {"type": "date", "default": "$now"}
            }
        });
        write("models/note.json", note)?;
        let loaded = Definitions::folder(folder.path()).open_by_default();
        let served = serve(app(database).definitions(loaded.clone())).await?;
        let notes = format!("{}/api/Notes", served.url);
        let note = served
            .client
            .post(&notes)
            .json(&json!({"more": {"a": 1}}))
            .send()
            .await?;
        let note: Json = note.json().await?;
        assert!(
            note["createdAt"].is_string()
                && note["updatedAt"].is_string()
                && note["when"].is_string()
        );
        assert_eq!(note["short"].as_str().map(str::len), Some(22), "{note}");
        assert_eq!(note["guid"].as_str().map(str::len), Some(36), "{note}");
        // LoopBack's tables have no room either.
        let kept = match database {
            "memory:" => json!({"a": 1}),
            _ => Json::Null,
        };
        assert_eq!(note["more"], kept);
        let path = format!("{notes}/{}", note["id"]);
        let deleted: Json = served.client.delete(&path).send().await?.json().await?;
        assert_eq!(deleted, json!({"count": 1}));
        assert_eq!(served.client.get(&path).send().await?.status(), 404);

        let text = discovery::definitions(&loaded)?;
        for line in [
            "    #[model(default = shortid)]",
            "    #[model(default = guid)]",
            "    #[model(mixin)]",
            "    pub created_at: loopwright::mixins::Timestamps,",
            "    pub deleted_at: loopwright::mixins::SoftDelete,",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
    }
    Ok(())
}

/// By `loopwright.toml` alone.
#[tokio::test]
async fn a_configuration_names_a_folder() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("loopwright.toml");
    let text = "[definitions]\nfolder = \"fixtures/loopback/library\"\n[data_sources.db]\nurl = \"memory:\"\n";
    std::fs::write(&file, text)?;
    let application = App::new().config(Config::load(&file)?).build().await;
    // Its rules are complete, and what it has of JavaScript is no mistake.
    let application = application?;
    assert_eq!(application.records("Cover")?.count(json!({})).await?, 0);
    std::fs::write(&file, text.replace("/library", "/relations"))?;
    let refused = App::new().config(Config::load(&file)?).build().await;
    let message = refused.err().ok_or("it started")?.to_string();
    assert!(
        message.contains("customer.json:1:1: `Customer` says nothing about access"),
        "{message}"
    );
    assert!(
        message.contains("link.json:28:9: `linked`: the option `invertProperties`"),
        "{message}"
    );
    Ok(())
}

#[tokio::test]
async fn a_model_that_has_moved_over_is_not_read() -> TestResult {
    use loopwright::prelude::*;

    /// Written in Rust, where the definitions have one too.
    #[derive(Model)]
    #[model(name = "user")]
    #[acl(open)]
    struct User {
        #[model(id, generated)]
        id: i64,
        email: String,
        member_id: Option<i64>,
    }

    let app = app("memory:").models::<(User,)>();
    let served = serve(app.definitions(definitions("access-control"))).await?;
    let users = served.application.repository::<User>()?;
    let user = User {
        id: 0,
        email: "a@b.example".into(),
        member_id: None,
    };
    let user = users.create(user).await?;
    let url = format!("{}/api/users/{}", served.url, user.id);
    let found: Json = served.client.get(url).send().await?.json().await?;
    assert_eq!(found["email"], user.email.as_str());
    let document = served.application.openapi().to_json()?;
    assert!(document.contains("/projects/{id}/user"));
    Ok(())
}

/// What LoopBack's connectors wrote is found where they wrote it.
async fn tables_have_the_names_of_loopback(database: &str) -> TestResult {
    let app = App::new().config(Config::default());
    let app = app.data_source("db", database);
    let served = serve(app.definitions(definitions("library"))).await?;
    let books = served.application.records("Book")?;
    let loans = served.application.records("loan_entry")?;
    books
        .create(json!({"id": "a", "title": "A", "pages": 3}))
        .await?;
    let loan = json!({"since": "2016-02-03T00:00:00Z", "bookId": "a"});
    let loan = loans.create(loan).await?;
    let id = loan["id"].clone();
    assert_eq!(id.is_string(), database.starts_with("mongodb"), "{id}");
    assert_eq!(
        loans.find(json!({"include": "book"})).await?[0]["book"]["pages"],
        3
    );

    let statement = match database.split(':').next() {
        Some("mysql") => "SELECT CAST(page_count AS SIGNED) FROM BOOKS WHERE id = 'a'",
        Some("postgres") => "SELECT pages FROM book JOIN loan_entry ON bookid = book.id",
        _ => return Ok(()),
    };
    let connection = Database::connect(database).await?;
    let statement = Statement::from_string(connection.get_database_backend(), statement);
    let row = connection.query_one_raw(statement).await?.ok_or("no row")?;
    assert_eq!(row.try_get_by_index::<i64>(0)?, 3);
    Ok(())
}

on_every_database!(
    tables_have_the_names_of_loopback
    lists_of_references
    models_within_others
    a_described_model_within_defined_ones
);
