//! Instances that are created together with those that belong to them, or not at all, on every database.

use loopwright::connectors::memory::MemoryConnector;
use loopwright::hook::Save;
use loopwright::prelude::*;
use loopwright::{Application, Config};
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{check_document, mongodb_alone_url, on_every_database};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Customer {
    #[model(id, generated)]
    id: i64,
    #[validate(length(min = 2))]
    name: String,
    #[model(hidden)]
    secret: Option<String>,
    #[relation(has_many)]
    orders: HasMany<Order>,
    #[relation(has_one)]
    profile: HasOne<Profile>,
}

#[derive(Model, Clone, Debug, Default)]
#[model(force_id)]
#[acl(open)]
struct Order {
    #[model(id, generated)]
    id: i64,
    #[validate(presence)]
    item: String,
    customer_id: i64,
    #[model(read_only)]
    checked: Option<bool>,
    #[relation(belongs_to)]
    customer: BelongsTo<Customer>,
    #[relation(has_many)]
    lines: HasMany<Line>,
}

#[loopwright::methods]
impl Order {
    #[hook(before_save)]
    async fn check(cx: &mut Save<'_, Self>) -> Result<()> {
        if cx.get(Order::ITEM).as_deref() == Some("poison") {
            return Err(Error::new(403, "we don't sell that"));
        }
        cx.set(Order::CHECKED, Some(true));
        Ok(())
    }
}

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Line {
    #[model(id, generated)]
    id: i64,
    #[model(unique)]
    code: Option<String>,
    order_id: i64,
    #[relation(belongs_to)]
    order: BelongsTo<Order>,
}

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Profile {
    #[model(id, generated)]
    id: i64,
    likes: String,
    customer_id: Option<i64>,
}

type All = (Customer, Order, Line, Profile);

fn order(item: &str, codes: &[&str]) -> Order {
    let line = |code: &&str| Line {
        code: Some((*code).to_owned()),
        ..Line::default()
    };
    Order {
        item: item.into(),
        lines: codes.iter().map(line).collect::<Vec<_>>().into(),
        ..Order::default()
    }
}

fn customer(orders: Vec<Order>) -> Customer {
    let likes = "tea".to_owned();
    Customer {
        name: "Ann".into(),
        orders: orders.into(),
        profile: Some(Profile {
            likes,
            ..Profile::default()
        })
        .into(),
        ..Customer::default()
    }
}

/// How many customers, orders, lines and profiles there are.
async fn counts(app: &Application) -> Result<[u64; 4]> {
    Ok([
        app.repository::<Customer>()?.count(Condition::ALL).await?,
        app.repository::<Order>()?.count(Condition::ALL).await?,
        app.repository::<Line>()?.count(Condition::ALL).await?,
        app.repository::<Profile>()?.count(Condition::ALL).await?,
    ])
}

async fn a_struct_is_stored_with_what_it_holds(database: &str) -> TestResult {
    let app = App::new().config(Config::default());
    let app = app
        .data_source("db", database)
        .models::<All>()
        .build()
        .await?;
    let customers = app.repository::<Customer>()?;
    let ann = customer(vec![order("tea", &["a", "b"]), order("milk", &[])]);
    let ann = customers.create_with_related(ann).await?;
    assert_eq!(counts(&app).await?, [1, 2, 2, 1]);
    let items = |orders: &[Order]| {
        orders
            .iter()
            .map(|one| one.item.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(items(ann.orders.get()), ["tea", "milk"]);
    assert_eq!(ann.profile.get().map(|one| one.likes.as_str()), Some("tea"));
    let tea = &ann.orders.get()[0];
    assert_eq!((tea.customer_id, tea.checked), (ann.id, Some(true)));
    let codes: Vec<_> = tea
        .lines
        .get()
        .iter()
        .map(|line| (line.order_id, line.code.as_deref()))
        .collect();
    assert_eq!(codes, [(tea.id, Some("a")), (tea.id, Some("b"))]);
    // It is stored as it is answered.
    let with_lines = Filter {
        include: vec![Order::LINES.into()],
        ..Filter::ALL
    };
    let found = customers
        .find()
        .include(Customer::ORDERS.with(with_lines))
        .one()
        .await?;
    let found = found.ok_or("nobody")?;
    assert_eq!(items(found.orders.get()), ["tea", "milk"]);
    assert_eq!(found.orders.get()[0].lines.get().len(), 2);

    // What a key refers to comes first, with what belongs to it in turn.
    let bob = Customer {
        name: "Bob".into(),
        ..customer(vec![order("jam", &[])])
    };
    let bread = Order {
        customer: Some(bob).into(),
        ..order("bread", &["c"])
    };
    let bread = app
        .repository::<Order>()?
        .create_with_related(bread)
        .await?;
    let bob = bread.customer.get().ok_or("no customer")?;
    assert_eq!(
        (bread.customer_id, bob.orders.get()[0].customer_id),
        (bob.id, bob.id)
    );
    assert_eq!(counts(&app).await?, [2, 4, 3, 2]);

    // Without asking for it, relation fields are left out.
    let alone = customers.create(customer(vec![order("tea", &[])])).await?;
    assert!(alone.orders.is_not_loaded());
    assert_eq!(counts(&app).await?, [3, 4, 3, 2]);
    Ok(())
}

async fn one_that_fails_stores_nothing(database: &str) -> TestResult {
    let app = App::new().config(Config::default());
    let app = app
        .data_source("db", database)
        .models::<All>()
        .build()
        .await?;
    let customers = app.repository::<Customer>()?;
    let create = async |orders| {
        let failed = customers.create_with_related(customer(orders)).await;
        assert_eq!(counts(&app).await?, [0; 4]);
        failed.err().ok_or_else(|| Error::internal("it was stored"))
    };
    // A rule.
    let error = create(vec![order("tea", &[]), order("", &[])]).await?;
    assert_eq!(error.status(), 422);
    let details = error.details().cloned().unwrap_or_default();
    assert_eq!(details["context"], "Customer");
    assert_eq!(details["codes"], json!({"orders.1.item": ["presence"]}));
    // A value that is taken, by the database's word.
    let error = create(vec![order("tea", &["a"]), order("milk", &["b", "a"])]).await?;
    assert_eq!(error.status(), 422, "{error}");
    let details = error.details().cloned().unwrap_or_default();
    assert_eq!(
        details["codes"],
        json!({"orders.1.lines.1.code": ["uniqueness"]})
    );
    // A hook.
    let error = create(vec![order("tea", &["a"]), order("poison", &[])]).await?;
    assert_eq!(error.status(), 403);
    // The one that it is created with.
    let other = Order {
        customer: Some(customer(Vec::new())).into(),
        ..order("tea", &[])
    };
    let error = create(vec![other]).await?;
    assert_eq!(
        (error.status(), error.code()),
        (400, Some("RELATION_DECIDED"))
    );
    // What a clone still holds.
    let ann = customer(vec![order("tea", &[])]);
    let shared = customers.create_with_related(ann.clone()).await.err();
    let shared = shared.ok_or("it was stored")?.to_string();
    assert!(
        shared.contains("a clone of an instance still holds the `Order`"),
        "{shared}"
    );
    customers.create_with_related(ann).await?;
    assert_eq!(counts(&app).await?, [1, 1, 0, 1]);
    Ok(())
}

async fn application(database: &str) -> std::result::Result<Served, Box<dyn std::error::Error>> {
    let mut config = Config::default();
    config.rest.nested_writes = true;
    serve(
        App::new()
            .config(config)
            .data_source("db", database)
            .models::<All>(),
    )
    .await
}

async fn post(
    served: &Served,
    path: &str,
    body: &Json,
) -> std::result::Result<(u16, Json), Box<dyn std::error::Error>> {
    let request = served.client.post(format!("{}/api/{path}", served.url));
    let response = request.json(body).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

async fn a_body_holds_what_belongs_to_it(database: &str) -> TestResult {
    let served = application(database).await?;
    let app = &served.application;
    let ann = json!({
        "name": "Ann",
        "secret": "s",
        "profile": {"likes": "tea"},
        // Coerced, and with what callers can't write and can't decide left out.
        "orders": [{"item": 5, "checked": false, "customerId": 77, "lines": [{"code": "a"}]}, {"item": "milk"}],
    });
    let (status, answer) = post(&served, "Customers", &ann).await?;
    assert_eq!(status, 200, "{answer}");
    let id = &answer["id"];
    assert_eq!(answer["secret"], Json::Null);
    assert_eq!(answer["profile"]["customerId"], *id);
    assert_eq!(answer["orders"][0]["item"], "5");
    assert_eq!(answer["orders"][0]["checked"], true);
    assert_eq!(answer["orders"][0]["customerId"], *id);
    assert_eq!(answer["orders"][0]["lines"][0]["code"], "a");
    assert_eq!(answer["orders"][1]["item"], "milk");
    assert_eq!(counts(app).await?, [1, 2, 1, 1]);

    let bread = json!({"item": "bread", "customer": {"name": "Bob", "orders": null}});
    let (status, answer) = post(&served, "Orders", &bread).await?;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["customer"]["id"], answer["customerId"]);
    assert_eq!(counts(app).await?, [2, 3, 1, 1]);

    // Of a list each one is a whole of its own, or all of it.
    let good = json!({"name": "Eve", "orders": [{"item": "tea"}]});
    let bad = json!({"name": "Joe", "orders": [{"item": "tea"}, {}]});
    let both = json!([good, bad]);
    let (status, answer) = post(&served, "Customers?atomic=true", &both).await?;
    assert_eq!(status, 422, "{answer}");
    assert_eq!(counts(app).await?, [2, 3, 1, 1]);
    let (status, answer) = post(&served, "Customers", &both).await?;
    assert_eq!(status, 422, "{answer}");
    let codes = &answer["error"]["details"][1]["details"]["codes"];
    assert_eq!(*codes, json!({"orders.1.item": ["presence"]}));
    assert_eq!(counts(app).await?, [3, 4, 1, 1]);

    // Where an instance is changed, a relation is nothing that can be set.
    let path = format!("{}/api/Customers/{id}", served.url);
    let change = json!({"name": "Anna", "orders": [{"item": "new"}]});
    let response = served.client.patch(path).json(&change).send().await?;
    assert_eq!(response.status(), 200);
    assert_eq!(counts(app).await?, [3, 4, 1, 1]);
    Ok(())
}

async fn a_hostile_body_stores_nothing(database: &str) -> TestResult {
    let served = application(database).await?;
    let deep = (0..41).fold(json!({"item": "tea"}), |inner, level| match level % 2 {
        0 => json!({"name": "Ann", "orders": [inner]}),
        _ => json!({"item": "tea", "customer": inner}),
    });
    let many: Vec<_> = (0..1001).map(|_| json!({"item": "tea"})).collect();
    let by_chance = json!({"item": "tea", "customer": {"name": "Bob"}});
    let with = |orders: Json| json!({"name": "Ann", "orders": orders});
    for (body, status, words) in [
        (
            with(json!({"item": "tea"})),
            400,
            "\"orders\" must be a list of objects",
        ),
        (
            with(json!("tea")),
            400,
            "\"orders\" must be a list of objects",
        ),
        (with(json!(["tea"])), 400, "\"orders.0\" must be an object"),
        (with(json!([[]])), 400, "\"orders.0\" must be an object"),
        (with(json!([null])), 400, "\"orders.0\" must be an object"),
        (
            with(json!([{"id": 5, "item": "tea"}])),
            422,
            "`id` can't be set",
        ),
        (with(json!([{"item": {"a": 1}}])), 422, "`Order`"),
        (with(json!([{}])), 422, "`item` can't be blank"),
        (with(json!([by_chance])), 400, "leave it out"),
        (with(json!(many)), 400, "more than 1000 instances"),
        (
            json!({"name": "Ann", "profile": [{"likes": "tea"}]}),
            400,
            "\"profile\" must be an object",
        ),
        (
            json!({"name": "x", "profile": {"likes": "tea"}}),
            422,
            "`name` too short",
        ),
        (deep, 400, "more than 8 levels"),
    ] {
        let (answered, answer) = post(&served, "Customers", &body).await?;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(answered, status, "{answer}");
        assert!(message.contains(words), "{answer}");
        assert_eq!(counts(&served.application).await?, [0; 4], "{body}");
    }
    Ok(())
}

on_every_database!(
    a_struct_is_stored_with_what_it_holds
    one_that_fails_stores_nothing
    a_body_holds_what_belongs_to_it
    a_hostile_body_stores_nothing
);

#[tokio::test]
async fn unless_configured_a_relation_in_a_body_is_dropped() -> TestResult {
    let app = App::new().config(Config::default());
    let served = serve(app.data_source("db", "memory:").models::<All>()).await?;
    let body = json!({"name": "Ann", "orders": [{"item": ""}], "profile": 5});
    let (status, answer) = post(&served, "Customers", &body).await?;
    assert_eq!((status, answer), (200, json!({"id": 1, "name": "Ann"})));
    Ok(())
}

#[tokio::test]
async fn what_is_kept_elsewhere_is_refused_beforehand() -> TestResult {
    let elsewhere = MemoryConnector::connect("memory:").await?;
    let mut config = Config::default();
    config.rest.nested_writes = true;
    let app = App::new()
        .config(config)
        .data_source("db", "memory:")
        .connector("elsewhere", elsewhere)
        .models::<All>()
        .attach::<Line>("elsewhere");
    let served = serve(app).await?;
    let body = json!({"name": "Ann", "orders": [{"item": "tea", "lines": [{"code": "a"}]}]});
    let (status, answer) = post(&served, "Customers", &body).await?;
    assert_eq!(status, 400, "{answer}");
    assert_eq!(answer["error"]["code"], "OTHER_DATA_SOURCE");
    assert_eq!(counts(&served.application).await?, [0; 4]);
    Ok(())
}

#[tokio::test]
async fn without_transactions_it_is_refused() -> TestResult {
    let Some(database) = mongodb_alone_url() else {
        return Ok(());
    };
    let served = application(&database).await?;
    let body = json!({"name": "Ann", "orders": [{"item": "tea"}]});
    let (status, answer) = post(&served, "Customers", &body).await?;
    assert_eq!(status, 400, "{answer}");
    assert_eq!(answer["error"]["code"], "NO_TRANSACTIONS");
    assert_eq!(counts(&served.application).await?, [0; 4]);
    Ok(())
}

/// Everyone may open an album, and put pictures into it, but no sounds; nobody may add words to it.
#[derive(Model, Clone, Default)]
#[acl(allow(create, __create__pictures, __create__sounds, __create__notes), to = everyone)]
#[model(disable(__create__notes))]
struct Album {
    #[model(id, generated)]
    id: i64,
    #[relation(has_many)]
    pictures: HasMany<Picture>,
    #[relation(has_many)]
    sounds: HasMany<Sound>,
    #[relation(has_many)]
    words: HasMany<Word>,
    #[relation(has_many)]
    notes: HasMany<Picture>,
}

#[derive(Model, Clone, Default)]
#[acl(allow(create), to = everyone)]
struct Picture {
    #[model(id, generated)]
    id: i64,
    album_id: Option<i64>,
    #[relation(belongs_to)]
    album: BelongsTo<Album>,
}

#[derive(Model, Clone, Default)]
#[acl(allow(create), to = authenticated)]
struct Sound {
    #[model(id, generated)]
    id: i64,
    album_id: Option<i64>,
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Word {
    #[model(id, generated)]
    id: i64,
    album_id: Option<i64>,
    #[relation(belongs_to)]
    album: BelongsTo<Album>,
}

#[tokio::test]
async fn the_rules_of_relation_and_target_hold() -> TestResult {
    let mut config = Config::default();
    config.rest.nested_writes = true;
    let app = App::new().config(config).data_source("db", "memory:");
    let served = serve(app.models::<(Album, Picture, Sound, Word)>()).await?;
    let picture = json!({"album": {"pictures": [{}]}});
    for (path, body, status) in [
        ("Albums", json!({"pictures": [{}]}), 200),
        // The target's own rule, that of the relation, and both of them further down.
        ("Albums", json!({"sounds": [{}]}), 401),
        ("Albums", json!({"sounds": "whatever"}), 401),
        ("Albums", json!({"words": [{}]}), 401),
        (
            "Albums",
            json!({"pictures": [{}, {"album": {"sounds": [{}]}}]}),
            401,
        ),
        // To belong to something new, its own rule is enough.
        ("Pictures", picture.clone(), 200),
        ("Words", json!({"album": {"words": [{}]}}), 401),
    ] {
        let (answered, answer) = post(&served, path, &body).await?;
        assert_eq!(answered, status, "{body}: {answer}");
    }
    let albums = served.application.repository::<Album>()?;
    assert_eq!(albums.count(Condition::ALL).await?, 2);
    // A method that is switched off is not reached in this way either.
    let (status, answer) = post(&served, "Albums", &json!({"notes": [{}]})).await?;
    assert_eq!((status, &answer), (200, &json!({"id": answer["id"]})));
    Ok(())
}

#[tokio::test]
async fn the_document_shows_it_where_it_is_allowed() -> TestResult {
    let served = application("memory:").await?;
    let document: Json = served
        .client
        .get(format!("{}/openapi.json", served.url))
        .send()
        .await?
        .json()
        .await?;
    check_document(&document.to_string()).await?;
    let schemas = &document["components"]["schemas"];
    let of = |path: &str, verb: &str| {
        let content = &document["paths"][path][verb]["requestBody"]["content"];
        content["application/json"]["schema"].to_string()
    };
    assert!(of("/api/Customers", "post").contains("NewCustomerWithRelated\""));
    assert!(!of("/api/Customers", "put").contains("WithRelated"));
    let customer = &schemas["NewCustomerWithRelated"];
    let orders = &customer["properties"]["orders"];
    assert_eq!(orders["type"], "array");
    assert_eq!(
        orders["items"]["$ref"],
        "#/components/schemas/NewOrderInCustomerWithRelated"
    );
    // There the customer is decided; elsewhere it may be new.
    let within = &schemas["NewOrderInCustomerWithRelated"];
    assert_eq!(within["properties"]["customer"], Json::Null);
    assert_eq!(within["required"], json!(["item"]));
    let order = &schemas["NewOrderWithRelated"];
    assert_eq!(
        order["properties"]["customer"]["$ref"],
        "#/components/schemas/NewCustomerWithRelated"
    );
    assert_eq!(order["required"], json!(["item"]));
    Ok(())
}

/// A customer who stays overnight.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Guest {
    #[model(base)]
    customer: Customer,
    room: i32,
    #[relation(has_many)]
    keys: HasMany<Key>,
}

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Key {
    #[model(id, generated)]
    id: i64,
    guest_id: i64,
}

#[tokio::test]
async fn what_an_extended_model_holds_is_stored_too() -> TestResult {
    let app = App::new().config(Config::default());
    let app = app.data_source("db", "memory:");
    let app = app.models::<(Customer, Order, Line, Profile, Guest, Key)>();
    let app = app.build().await?;
    let guest = Guest {
        customer: customer(vec![order("tea", &["a"])]),
        room: 5,
        keys: vec![Key::default(), Key::default()].into(),
    };
    let guests = app.repository::<Guest>()?;
    let guest = guests.create_with_related(guest).await?;
    assert_eq!(guest.customer.orders.get()[0].lines.get().len(), 1);
    assert_eq!(guest.keys.get().len(), 2);
    assert_eq!(counts(&app).await?, [0, 1, 1, 1]);
    assert_eq!(
        app.repository::<Key>()?
            .count(Key::GUEST_ID.eq(guest.customer.id))
            .await?,
        2
    );
    Ok(())
}
