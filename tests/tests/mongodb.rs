//! What only MongoDB has, or could do wrong.

use std::time::Duration;

use futures_util::StreamExt as _;
use loopwright::Config;
use loopwright::boot::{DataSourceConfig, ModelConfig};
use loopwright::connectors::mongodb::{MongoConnector, MongoOptions};
use loopwright::connectors::{ChangeKind, Connector as _, Isolation};
use loopwright::model::DistanceUnit;
use loopwright::prelude::*;
use loopwright::query::Condition;
use loopwright::testing::conformance;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{mongodb_alone_url, mongodb_url};
use mongodb::bson::oid::ObjectId as Oid;
use mongodb::bson::{Bson, DateTime as BsonDate, Document, doc};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Where somebody can be reached.
#[derive(Clone, Debug, PartialEq, loopwright::Property)]
struct Address {
    street: String,
    since: Option<DateTime<Utc>>,
}

/// A model over a collection that LoopBack 2 has made.
#[derive(Model, Clone, Debug)]
#[model(table = "CoffeeShop")]
#[acl(open)]
struct CoffeeShop {
    #[model(id, generated)]
    id: ObjectId,
    name: String,
    city: Option<String>,
    #[model(index)]
    location: Option<GeoPoint>,
    visits: Option<i64>,
    opened: Option<DateTime<Utc>>,
    #[model(column = "ownerId")]
    owner_id: Option<ObjectId>,
    address: Option<Address>,
    notes: Option<Json>,
    #[model(unique)]
    email: Option<String>,
}

impl CoffeeShop {
    fn named(name: &str) -> Self {
        CoffeeShop {
            id: ObjectId::default(),
            name: name.into(),
            city: None,
            location: None,
            visits: None,
            opened: None,
            owner_id: None,
            address: None,
            notes: None,
            email: None,
        }
    }
}

async fn application(url: &str) -> Result<Application> {
    let app = App::new().config(Config::default());
    app.data_source("db", url)
        .models::<(CoffeeShop,)>()
        .build()
        .await
}

#[tokio::test]
async fn it_does_what_every_connector_does() -> TestResult {
    let Some(url) = mongodb_url() else {
        return Ok(());
    };
    let db = MongoConnector::connect(&url, MongoOptions::new()).await?;
    assert!(db.capabilities().transactions && db.capabilities().change_streams);
    conformance(&db).await;
    let refused = db.begin(Some(Isolation::Serializable)).await;
    let error = refused
        .map(drop)
        .err()
        .ok_or("snapshots are not serializable")?;
    assert!(error.message().contains("`RepeatableRead`"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_server_that_stands_alone_says_what_it_lacks() -> TestResult {
    let Some(url) = mongodb_alone_url() else {
        return Ok(());
    };
    let db = MongoConnector::connect(&url, MongoOptions::new()).await?;
    assert!(!db.capabilities().transactions && !db.capabilities().change_streams);
    conformance(&db).await;
    let error = db.begin(None).await.map(drop).err().ok_or("it has none")?;
    assert!(error.message().contains("`--replSet`"), "{error}");
    Ok(())
}

/// Documents as LoopBack 2 and its MongoDB connector write them: points as `{lat, lng}`, numbers as JavaScript has them,
/// members that are missing, null or not declared.
async fn documents_of_loopback(
    url: &str,
) -> std::result::Result<Vec<Oid>, Box<dyn std::error::Error>> {
    let client = mongodb::Client::with_uri_str(url).await?;
    let database = client
        .default_database()
        .ok_or("the URL names no database")?;
    let shops = database.collection::<Document>("CoffeeShop");
    let (owner, opened) = (
        Oid::from_bytes([7; 12]),
        BsonDate::from_millis(1_420_070_400_000),
    );
    let documents = [
        doc! {
            "name": "Bel Cafe", "city": "Vancouver", "location": { "lat": 49.28, "lng": -123.12 },
            "visits": 3.0, "opened": opened, "ownerId": owner, "stars": ["*", "**"],
        },
        doc! { "name": "Three Bees", "location": { "lat": 37.42, "lng": -122.14 }, "visits": 7 },
        doc! { "name": "507f1f77bcf86cd799439011", "city": Bson::Null, "ownerId": Bson::Null },
    ];
    let inserted = shops.insert_many(documents).await?.inserted_ids;
    let mut ids: Vec<_> = inserted.into_iter().collect();
    ids.sort_by_key(|(position, _)| *position);
    Ok(ids
        .into_iter()
        .filter_map(|(_, id)| id.as_object_id())
        .collect())
}

#[tokio::test]
async fn a_database_of_loopback_2_can_be_served() -> TestResult {
    let Some(url) = mongodb_url() else {
        return Ok(());
    };
    let ids = documents_of_loopback(&url).await?;
    let app = App::new().config(Config::default());
    let served = serve(app.data_source("db", &*url).models::<(CoffeeShop,)>()).await?;
    let shops = format!("{}/api/CoffeeShops", served.url);
    let get = |path: String| {
        let request = served.client.get(path);
        async move { request.send().await?.json::<Json>().await }
    };
    let first = get(format!("{shops}/{}", ids[0])).await?;
    let expected = json!({
        "id": ids[0].to_hex(), "name": "Bel Cafe", "city": "Vancouver",
        "location": {"lat": 49.28, "lng": -123.12}, "visits": 3,
        "opened": "2015-01-01T00:00:00.000Z", "ownerId": "070707070707070707070707",
        "address": null, "notes": null, "email": null,
    });
    assert_eq!(first, expected);

    let found = |filter: Json| {
        let request = served
            .client
            .get(&shops)
            .query(&[("filter", filter.to_string())]);
        async move {
            let shops: Json = request.send().await?.json().await?;
            let shops = shops.as_array().cloned().unwrap_or_else(|| vec![shops]);
            let names = shops.iter().map(|shop| shop["name"].to_string());
            Ok::<_, reqwest::Error>(names.collect::<Vec<_>>().join(" "))
        }
    };
    let (bel, bees, hex) = (
        r#""Bel Cafe""#,
        r#""Three Bees""#,
        r#""507f1f77bcf86cd799439011""#,
    );
    let cases = [
        // Absent is null, and so is null.
        (json!({"where": {"city": null}}), format!("{bees} {hex}")),
        (
            json!({"where": {"city": {"neq": "Vancouver"}}}),
            format!("{bees} {hex}"),
        ),
        (json!({"where": {"visits": {"gt": 3}}}), bees.into()),
        (json!({"where": {"opened": "2015-01-01"}}), bel.into()),
        (
            json!({"where": {"ownerId": "070707070707070707070707"}}),
            bel.into(),
        ),
        (
            json!({"where": {"id": {"inq": [ids[1].to_hex(), "no id"]}}}),
            bees.into(),
        ),
        (json!({"where": {"id": "no id"}}), String::new()),
        // Text that looks like an object id is text: what LoopBack's connector never finds again.
        (
            json!({"where": {"name": "507f1f77bcf86cd799439011"}}),
            hex.into(),
        ),
        (
            json!({"where": {"location": {"near": "37,-122"}}}),
            format!("{bees} {bel}"),
        ),
        (
            json!({"where": {"location": {"near": "49,-123", "maxDistance": 100}}}),
            bel.into(),
        ),
        (
            json!({"order": "visits DESC"}),
            format!("{bees} {bel} {hex}"),
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(filter.clone()).await?, expected, "{filter}");
    }

    // What is written stays beside what was there; what the model does not know is left alone.
    let patch = served.client.patch(format!("{shops}/{}", ids[0]));
    let patch = patch.json(&json!({"location": {"lat": 1, "lng": 2}, "visits": 4}));
    assert_eq!(patch.send().await?.status(), 200);
    let mongo = served.application.connector::<MongoConnector>("db")?;
    let stored = mongo.database().collection::<Document>("CoffeeShop");
    let stored = stored.find_one(doc! { "_id": ids[0] }).await?;
    let stored = stored.ok_or("the document is gone")?;
    let point = doc! { "type": "Point", "coordinates": [2.0, 1.0] };
    assert_eq!(stored.get_document("location")?, &point);
    assert_eq!(stored.get("visits"), Some(&Bson::Int64(4)));
    assert_eq!(stored.get_array("stars")?.len(), 2);

    let created = served.client.post(&shops).json(&json!({"name": "New"}));
    let created: Json = created.send().await?.json().await?;
    let id = created["id"].as_str().ok_or("no id")?;
    assert!(id.parse::<ObjectId>().is_ok(), "{created}");
    assert_eq!(get(format!("{shops}/{id}")).await?["name"], "New");
    Ok(())
}

#[tokio::test]
async fn what_does_not_fit_is_told_and_never_guessed() -> TestResult {
    let Some(url) = mongodb_url() else {
        return Ok(());
    };
    let app = application(&url).await?;
    let mongo = app.connector::<MongoConnector>("db")?;
    let shops = mongo.database().collection::<Document>("CoffeeShop");
    let repository = app.repository::<CoffeeShop>()?;
    for odd in [
        doc! { "name": 5 },
        doc! { "name": "a", "visits": 1.5 },
        doc! { "name": "a", "location": [1, 2] },
        doc! { "name": "a", "address": { "since": Bson::Null } },
        doc! { "name": "a", "ownerId": "070707070707070707070707" },
        doc! { "city": "Bern" },
    ] {
        shops.insert_one(&odd).await?;
        let error = repository.find().all().await.err();
        let error = error.ok_or_else(|| format!("{odd} was read"))?;
        assert_eq!(error.status(), 500, "{odd}: {error}");
        assert!(error.message().contains("CoffeeShop"), "{odd}: {error}");
        shops.delete_many(doc! {}).await?;
    }
    // What BSON can't hold is the caller's mistake.
    let mut shop = CoffeeShop::named("a");
    shop.notes = Some(json!({"a\0b": 1}));
    let error = repository.create(shop).await.err();
    assert_eq!(error.ok_or("it was stored")?.status(), 422);
    Ok(())
}

#[tokio::test]
async fn queries_use_the_indexes() -> TestResult {
    let Some(url) = mongodb_url() else {
        return Ok(());
    };
    let app = application(&url).await?;
    // Once more, over what is there.
    application(&url).await?;
    let database = app.connector::<MongoConnector>("db")?.database();
    let shops = app.repository::<CoffeeShop>()?;
    // Enough that the order by id, which has an index too, is not the better plan.
    let many = (0..500).map(|number| {
        let place = doc! { "type": "Point", "coordinates": [2.0, f64::from(number) / 10.0] };
        doc! { "name": "a", "location": place }
    });
    let collection = database.collection::<Document>("CoffeeShop");
    // None of them has the unique value.
    collection.insert_many(many).await?;
    let mut shop = CoffeeShop::named("b");
    shop.email = Some("a@b.c".into());
    shops.create(shop.clone()).await?;
    let twice = shops
        .create(shop)
        .await
        .err()
        .ok_or("a unique value was given twice")?;
    assert_eq!(twice.status(), 422, "{twice}");
    database.run_command(doc! { "profile": 2 }).await?;
    let near = CoffeeShop::LOCATION.near(GeoPoint::new(0.0, 2.0)?);
    let nearest = near;
    let near = near.within(15.0).unit(DistanceUnit::Kilometers);
    let found = [
        shops
            .find()
            .filter(CoffeeShop::EMAIL.eq("a@b.c"))
            .all()
            .await?
            .len(),
        shops
            .find()
            .filter(CoffeeShop::EMAIL.like("a@%"))
            .all()
            .await?
            .len(),
        shops.find().near(near).all().await?.len(),
        // What is nearest, without a bound: 0 and 11 kilometres away.
        shops.find().near(nearest).limit(2).all().await?.len(),
    ];
    assert_eq!(found, [1, 1, 2, 2]);
    database.run_command(doc! { "profile": 0 }).await?;
    let profile = database.collection::<Document>("system.profile");
    let finds = profile.find(doc! { "op": "query", "command.find": "CoffeeShop" });
    let mut finds = finds.sort(doc! { "ts": 1 }).await?;
    let sphere = "location: \"2dsphere\"";
    for index in ["email: 1", "email: 1", sphere, sphere] {
        let find = finds.next().await.ok_or("a query was not profiled")??;
        let plan = find.get_str("planSummary")?;
        assert!(plan.contains(index) && !plan.contains("COLLSCAN"), "{find}");
    }
    Ok(())
}

/// What is counted, in bounds.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Tally {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[validate(range(max = 10))]
    visits: Option<i32>,
    price: Option<Decimal>,
    tags: Option<Vec<String>>,
    seen: Option<DateTime<Utc>>,
    #[model(hidden)]
    secret: Option<String>,
}

#[loopwright::methods]
impl Tally {
    /// What is set here is set in place of an operator.
    #[hook(before_save)]
    async fn fix(cx: &mut loopwright::hook::Save<'_, Self>) -> Result<()> {
        if cx.get(Tally::NAME).as_deref() == Some("fixed") {
            cx.set(Tally::VISITS, Some(3));
        }
        Ok(())
    }
}

async fn tallies(
    url: &str,
    source: Option<bool>,
    model: Option<bool>,
) -> std::result::Result<Served, Box<dyn std::error::Error>> {
    let mut config = Config::default();
    let mut db = DataSourceConfig::new(url);
    db.allow_extended_operators = source;
    config.data_sources.insert("db".into(), db);
    let mut tally = ModelConfig::default();
    tally.allow_extended_operators = model;
    config.models.insert("Tally".into(), tally);
    serve(App::new().config(config).models::<(Tally,)>()).await
}

#[tokio::test]
async fn extended_operators_change_what_is_stored_within_its_rules() -> TestResult {
    let Some(url) = mongodb_url() else {
        return Ok(());
    };
    for (source, model, allowed) in [
        (None, None, false),
        (Some(true), None, true),
        (Some(true), Some(false), false),
        (None, Some(true), true),
        (Some(false), Some(true), false),
    ] {
        let served = tallies(&url, source, model).await?;
        let tallies = format!("{}/api/Tallies", served.url);
        let create = served.client.post(&tallies).json(&json!({"name": "a"}));
        let created: Json = create.send().await?.json().await?;
        let one = format!("{tallies}/{}", created["id"]);
        let increase = json!({"$inc": {"visits": 1}, "name": "dropped"});
        let changed = served.client.patch(&one).json(&increase).send().await?;
        let body: Json;
        if allowed {
            assert_eq!(changed.status(), 200, "{source:?} {model:?}");
            body = changed.json().await?;
            assert_eq!(body["visits"], 1, "{body}");
            assert_eq!(
                body["name"], "a",
                "plain values beside operators are dropped"
            );
        } else {
            assert_eq!(changed.status(), 400, "{source:?} {model:?}");
            body = changed.json().await?;
            assert_eq!(body["error"]["code"], "EXTENDED_OPERATORS_NOT_ALLOWED");
            let all = served.client.post(format!("{tallies}/update?where={{}}"));
            assert_eq!(all.json(&increase).send().await?.status(), 400);
        }
        // What a client of AngularJS adds is no operator.
        let plain = served.client.patch(&one);
        let plain = plain.json(&json!({"$promise": {}, "name": "b"})).send();
        assert_eq!(plain.await?.json::<Json>().await?["name"], "b");
    }

    let served = tallies(&url, Some(true), None).await?;
    let repository = served.application.repository::<Tally>()?;
    repository.delete_all(Condition::ALL).await?;
    let tally = Tally {
        id: 1,
        name: "a".into(),
        visits: Some(1),
        price: None,
        tags: None,
        seen: None,
        secret: None,
    };
    repository.create(tally.clone()).await?;
    repository.create(Tally { id: 2, ..tally }).await?;
    let tallies = format!("{}/api/Tallies", served.url);
    let patch = |body: Json| {
        let request = served.client.patch(format!("{tallies}/1")).json(&body);
        async move {
            let answer = request.send().await?;
            Ok::<_, reqwest::Error>((answer.status().as_u16(), answer.json::<Json>().await?))
        }
    };
    let changes = [
        (json!({"$inc": {"visits": "2"}}), json!({"visits": 3})),
        (json!({"$mul": {"visits": 2}}), json!({"visits": 6})),
        (json!({"$min": {"visits": 5}}), json!({"visits": 5})),
        (json!({"$max": {"visits": 4}}), json!({"visits": 5})),
        // What is null is nothing yet.
        (json!({"$inc": {"price": "1.50"}}), json!({"price": "1.50"})),
        (json!({"$push": {"tags": "x"}}), json!({"tags": ["x"]})),
        (
            json!({"$push": {"tags": {"$each": ["y", "z"]}}}),
            json!({"tags": ["x", "y", "z"]}),
        ),
        (
            json!({"$addToSet": {"tags": {"$each": ["y", "w"]}}}),
            json!({"tags": ["x", "y", "z", "w"]}),
        ),
        (
            json!({"$pullAll": {"tags": ["y", "z"]}}),
            json!({"tags": ["x", "w"]}),
        ),
        (json!({"$pop": {"tags": -1}}), json!({"tags": ["w"]})),
        (
            json!({"$unset": {"tags": ""}, "$set": {"name": "b"}}),
            json!({"tags": null, "name": "b"}),
        ),
        (
            json!({"$inc": {"visits": 100}, "$set": {"name": "fixed"}}),
            json!({"visits": 3}),
        ),
    ];
    for (body, expected) in changes {
        let (status, answer) = patch(body.clone()).await?;
        assert_eq!(status, 200, "{body}: {answer}");
        for (name, value) in expected.as_object().into_iter().flatten() {
            assert_eq!(&answer[name], value, "{body}: {answer}");
        }
        assert!(answer.get("secret").is_none(), "{answer}");
    }
    let seen = patch(json!({"$currentDate": {"seen": true}})).await?.1;
    assert!(seen["seen"].is_string(), "{seen}");
    let stored = repository.find_by_id(1).await?.ok_or("it is gone")?;
    for (body, expected) in [
        (json!({"$inc": {"visits": 8}}), 422),
        (json!({"$inc": {"visits": 3_000_000_000_i64}}), 422),
        (json!({"$unset": {"name": ""}}), 422),
        (json!({"$set": {"visits": "many"}}), 422),
        (json!({"$inc": {"name": 1}}), 400),
        (json!({"$inc": {"id": 1}}), 400),
        (json!({"$inc": {"nope": 1}}), 400),
        (json!({"$inc": {"visits": 1}, "$mul": {"visits": 2}}), 400),
        (json!({"$inc": 1}), 400),
        (json!({"$push": {"tags": 5, "visits": 1}}), 400),
        (json!({"$rename": {"name": "secret"}}), 400),
        (json!({"$set": {"secret.$[]": 1}}), 400),
    ] {
        let (status, answer) = patch(body.clone()).await?;
        assert_eq!(status, expected, "{body}: {answer}");
    }
    let same = repository.find_by_id(1).await?.ok_or("it is gone")?;
    assert_eq!(
        format!("{same:?}"),
        format!("{stored:?}"),
        "nothing is half done"
    );

    // Many at once: all or none, and each keeps what no instance can be without.
    let update = |body: Json| {
        let request = served.client.post(format!("{tallies}/update?where={{}}"));
        request.json(&body).send()
    };
    let counted: Json = update(json!({"$inc": {"visits": 1}})).await?.json().await?;
    assert_eq!(counted, json!({"count": 2}));
    assert_eq!(update(json!({"$unset": {"name": 1}})).await?.status(), 422);
    let visits = repository.find().order(Tally::ID.asc()).all().await?;
    let visits: Vec<_> = visits.iter().map(|tally| tally.visits).collect();
    assert_eq!(visits, [Some(4), Some(2)]);
    // None of many at the same time is lost.
    let many = (0..6).map(|_| patch(json!({"$inc": {"visits": 1}})));
    for answer in futures_util::future::join_all(many).await {
        let (status, answer) = answer?;
        assert_eq!(status, 200, "{answer}");
    }
    let grown = repository.find_by_id(1).await?.ok_or("it is gone")?;
    assert_eq!(grown.visits, Some(10));

    let mut sqlite = DataSourceConfig::new("sqlite::memory:");
    sqlite.allow_extended_operators = Some(true);
    let mut config = Config::default();
    config.data_sources.insert("db".into(), sqlite);
    let built = App::new().config(config).build().await;
    let error = built.map(drop).err().ok_or("it has started")?.to_string();
    assert!(error.contains("is for MongoDB alone"), "{error}");
    Ok(())
}

#[tokio::test]
async fn what_one_program_writes_another_one_hears() -> TestResult {
    let Some(url) = mongodb_url() else {
        return Ok(());
    };
    let hears = MongoConnector::connect(&url, MongoOptions::new()).await?;
    let app = application(&url).await?;
    let mut changes = hears.changes(CoffeeShop::DEF).await?;
    let shops = app.repository::<CoffeeShop>()?;
    let written = app.transaction().run(|tx| async move {
        let shops = tx.repository::<CoffeeShop>()?;
        let shop = shops.create(CoffeeShop::named("first")).await?;
        shops.create(CoffeeShop::named("second")).await?;
        Ok(shop)
    });
    let written = written.await?;
    shops.delete_by_id(written.id).await?;
    let mut heard = Vec::new();
    for _ in 0..3 {
        let change = tokio::time::timeout(Duration::from_secs(20), changes.next()).await?;
        let change = change.ok_or("the stream has ended")??;
        let name = change.record.map(|record| record.value(1).to_text());
        heard.push((change.kind, name));
    }
    let expected = [
        (ChangeKind::Create, Some("first".to_owned())),
        (ChangeKind::Create, Some("second".to_owned())),
        (ChangeKind::Remove, None),
    ];
    assert_eq!(heard, expected);
    Ok(())
}

#[tokio::test]
async fn who_is_refused_is_told_apart_from_nobody_being_there() -> TestResult {
    let Some(url) = mongodb_url() else {
        return Ok(());
    };
    let me = "mongodb://me:tiger@";
    let wrong_password = url.replace("mongodb://", me);
    let nobody = format!("{me}127.0.0.1:1/shop?serverSelectionTimeoutMS=300");
    for url in [&wrong_password, &nobody] {
        let error = MongoConnector::connect(url, MongoOptions::new())
            .await
            .err();
        let error = error.ok_or("it was let in")?;
        assert_eq!(error.status(), 503, "{error}");
        assert_eq!(error.code(), Some("DATA_SOURCE_UNAVAILABLE"), "{error}");
    }
    let cases = [
        (wrong_password, "refuses the program"),
        (nobody, "can't be reached"),
        (format!("{me}host:port/shop"), "can't be read"),
        (format!("{me}host/shop?tiger"), "can't be read"),
    ];
    for (url, message) in cases {
        let app = App::new().config(Config::default());
        let built = app.data_source("db", url).build().await;
        let error = built.map(drop).err().ok_or("it was let in")?;
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(shown.contains(message), "{shown}");
        assert!(!shown.contains("tiger"), "{shown}");
    }
    let connector = MongoConnector::connect(&url, MongoOptions::new()).await?;
    assert_eq!(
        format!("{connector:?}"),
        "MongoConnector { replicated: true, .. }"
    );
    Ok(())
}
