//! What becomes of properties that a model does not declare (contract *models.md* §4).

use loopwright::connectors::mongodb::MongoConnector;
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use mongodb::bson::{Bson, Document, doc};
use serde_json::{Map, Value as Json, json};

type Failure = Box<dyn std::error::Error>;
type TestResult = std::result::Result<(), Failure>;

#[derive(Model, Debug, Clone, PartialEq)]
#[model(path = "Loose")]
#[acl(open)]
struct Loose {
    #[model(id, generated)]
    id: i64,
    name: Option<String>,
    #[model(column = "how_many")]
    size: Option<i64>,
    extra: Extra,
}

#[derive(Model)]
#[acl(open)]
struct Dropping {
    #[model(id, generated)]
    id: i64,
    name: Option<String>,
}

#[derive(Model)]
#[model(strict = "throw")]
#[acl(open)]
struct Throwing {
    #[model(id, generated)]
    id: i64,
    name: Option<String>,
}

#[derive(Model)]
#[model(strict = "validate")]
#[acl(open)]
struct Validating {
    #[model(id, generated)]
    id: i64,
    #[validate(length(max = 5))]
    name: Option<String>,
}

async fn served(database: &str) -> std::result::Result<Served, Failure> {
    let app = App::new().config(loopwright::Config::default());
    let app = app.data_source("db", database);
    serve(app.models::<(Loose, Dropping, Throwing, Validating)>()).await
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

/// What happens to `x`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Kept,
    Dropped,
    /// 400 `Unknown property: x`, where LoopBack says 500.
    Thrown,
    /// 422 with LoopBack's code.
    Invalid,
}

use Fate::{Dropped, Invalid, Kept, Thrown};

/// The table: for each call what `false`, `true`, `"throw"` and `"validate"` do.
const FATES: [(&str, [Fate; 4]); 7] = [
    ("POST {models}", [Kept, Dropped, Thrown, Invalid]),
    ("PATCH {models}", [Kept, Dropped, Thrown, Dropped]),
    ("PATCH {models}/{id}", [Kept, Dropped, Thrown, Invalid]),
    (
        "POST {models}/update?where={\"id\":{id}}",
        [Kept, Dropped, Dropped, Dropped],
    ),
    (
        "POST {models}/{id}/replace",
        [Kept, Dropped, Thrown, Invalid],
    ),
    (
        "POST {models}/replaceOrCreate",
        [Kept, Dropped, Thrown, Invalid],
    ),
    (
        "POST {models}/upsertWithWhere?where={\"id\":{id}}",
        [Kept, Dropped, Thrown, Invalid],
    ),
];

async fn every_call_and_mode_has_its_fate(database: &str) -> TestResult {
    let served = served(database).await?;
    let models = ["Loose", "Droppings", "Throwings", "Validatings"];
    for (request, fates) in FATES {
        for (models, expected) in models.into_iter().zip(fates) {
            let (_, old) = call(&served, &format!("POST {models}"), json!({"name": "old"})).await?;
            let id = old["id"].as_i64().ok_or(format!("{models}: {old}"))?;
            let mut body = json!({"name": "new", "x": [1, {"y": null}]});
            if request.starts_with("PATCH {models}") || request.ends_with("OrCreate") {
                body["id"] = id.into();
            }
            let asked = request
                .replace("{models}", models)
                .replace("{id}", &id.to_string());
            let (status, answer) = call(&served, &asked, body).await?;
            let new = answer["id"].as_i64().unwrap_or(id);
            let (_, stored) = call(&served, &format!("GET {models}/{new}"), Json::Null).await?;
            let fate = match status {
                400 => {
                    assert_eq!(answer["error"]["message"], "Unknown property: x", "{asked}");
                    Thrown
                }
                422 => {
                    let details = &answer["error"]["details"];
                    assert_eq!(details["codes"], json!({"x": ["unknown-property"]}));
                    let messages = json!({"x": ["is not defined in the model"]});
                    assert_eq!(details["messages"], messages, "{asked}");
                    Invalid
                }
                200 if stored.get("x").is_some() => {
                    assert_eq!(stored["x"], json!([1, {"y": null}]), "{asked}");
                    Kept
                }
                200 => Dropped,
                _ => return Err(format!("{asked}: {status} {answer}").into()),
            };
            assert_eq!(fate, expected, "{asked}: {answer}");
            let name = match fate {
                Kept | Dropped => "new",
                Thrown | Invalid => "old",
            };
            assert_eq!(stored["name"], name, "{asked}");
        }
    }
    Ok(())
}

async fn undeclared_properties_are_changed_one_by_one(database: &str) -> TestResult {
    let served = served(database).await?;
    let new = json!({"name": "n", "colour": "red", "nested": {"deep": [1, 2.5]}, "zero": null});
    let (_, created) = call(&served, "POST Loose", new).await?;
    let expected = json!({
        "id": 1, "name": "n", "size": null, "colour": "red", "nested": {"deep": [1, 2.5]}, "zero": null
    });
    let (_, found) = call(&served, "GET Loose/1", Json::Null).await?;
    assert_eq!(found, expected);
    assert_eq!(created["nested"], expected["nested"]);

    let changes = json!({"nested": {"other": "ä \"quoted\""}, "mark": true, "size": 3});
    let (status, changed) = call(&served, "PATCH Loose/1", changes).await?;
    assert_eq!(status, 200, "{changed}");
    let expected = json!({
        "id": 1, "name": "n", "size": 3, "colour": "red", "nested": {"other": "ä \"quoted\""}, "zero": null,
        "mark": true,
    });
    assert_eq!(changed, expected);
    let (_, found) = call(&served, "GET Loose/1", Json::Null).await?;
    assert_eq!(found, expected);

    // Several at once, each keeps what it has; one of them has had nothing.
    call(&served, "POST Loose", json!({"name": "n"})).await?;
    let (_, count) = call(
        &served,
        "POST Loose/update?where={\"name\":\"n\"}",
        json!({"mark": null, "spot": "x"}),
    )
    .await?;
    assert_eq!(count, json!({"count": 2}));
    let (_, all) = call(&served, "GET Loose?filter={\"order\":\"id\"}", Json::Null).await?;
    assert_eq!(all[0]["colour"], "red");
    assert_eq!(all[0].get("mark"), Some(&Json::Null));
    assert_eq!(all[0]["spot"], "x");
    assert_eq!(
        all[1],
        json!({"id": 2, "name": "n", "size": null, "mark": null, "spot": "x"})
    );

    // What is replaced has nothing left of it.
    let (_, replaced) = call(&served, "POST Loose/1/replace", json!({"fresh": 1})).await?;
    assert_eq!(replaced.get("colour"), None);
    let (_, found) = call(&served, "GET Loose/1", Json::Null).await?;
    assert_eq!(
        found,
        json!({"id": 1, "name": null, "size": null, "fresh": 1})
    );
    let (status, _) = call(&served, "POST Loose/1/replace", json!({"name": "bare"})).await?;
    assert_eq!(status, 200);
    let (_, found) = call(&served, "GET Loose/1", Json::Null).await?;
    assert_eq!(found, json!({"id": 1, "name": "bare", "size": null}));
    Ok(())
}

async fn conditions_and_orders_name_undeclared_properties(database: &str) -> TestResult {
    let served = served(database).await?;
    for (name, rank) in [("a", 3), ("b", 1), ("c", 2)] {
        let body = json!({"name": name, "rank": rank, "at": {"city": name}});
        call(&served, "POST Loose", body).await?;
    }
    call(&served, "POST Loose", json!({"name": "d"})).await?;
    for (filter, expected) in [
        (
            json!({"where": {"rank": {"gt": 1}}, "order": "rank DESC"}),
            "ac",
        ),
        (json!({"where": {"at.city": "b"}}), "b"),
        (
            json!({"where": {"rank": {"inq": [1, 3]}}, "order": "at.city DESC"}),
            "ba",
        ),
        (json!({"where": {"rank": null}}), "d"),
        (json!({"where": {"nowhere": 1}}), ""),
        (
            json!({"where": {"or": [{"rank": 2}, {"name": "d"}]}, "order": "name"}),
            "cd",
        ),
    ] {
        let (status, found) =
            call(&served, &format!("GET Loose?filter={filter}"), Json::Null).await?;
        assert_eq!(status, 200, "{filter}: {found}");
        let found = found.as_array().ok_or("a list")?;
        let names: String = found
            .iter()
            .filter_map(|one| one["name"].as_str())
            .collect();
        assert_eq!(names, expected, "{filter}");
    }
    // The field that keeps them is no property of its own.
    let (_, found) = call(
        &served,
        "GET Loose?filter={\"where\":{\"extra.rank\":1}}",
        Json::Null,
    )
    .await?;
    assert_eq!(found, json!([]));
    // A model that keeps nothing has no such property.
    let (status, _) = call(
        &served,
        "GET Droppings?filter={\"where\":{\"rank\":1}}",
        Json::Null,
    )
    .await?;
    assert_eq!(status, 400);
    let (_, count) = call(&served, "GET Loose/count?where={\"rank\":1}", Json::Null).await?;
    assert_eq!(count, json!({"count": 1}));
    let (_, deleted) = call(
        &served,
        "GET Loose/findOne?filter={\"where\":{\"rank\":2},\"fields\":[\"name\"]}",
        Json::Null,
    )
    .await?;
    assert_eq!(deleted, json!({"name": "c"}));
    Ok(())
}

async fn the_struct_has_them_as_a_map(database: &str) -> TestResult {
    let served = served(database).await?;
    let all = served.application.repository::<Loose>()?;
    let mut extra = Extra(Map::from_iter([("x".to_owned(), json!(1))]));
    let one = Loose {
        id: 0,
        name: None,
        size: None,
        extra: extra.clone(),
    };
    let mut one = all.create(one).await?;
    assert_eq!(all.find_by_id(one.id).await?.as_ref(), Some(&one));

    call(&served, "PATCH Loose/1", json!({"y": 2})).await?;
    extra.insert("y".into(), json!(2));
    let found = all.find_by_id(one.id).await?.ok_or("it is there")?;
    assert_eq!(found.extra, extra);

    // A patch has the whole map.
    let patch = Patch::new().set(Loose::EXTRA, Extra::default());
    one = all.update(one.id, patch).await?;
    assert_eq!(one.extra, Extra::default());
    assert_eq!(all.find_by_id(one.id).await?.as_ref(), Some(&one));
    Ok(())
}

on_every_database! {
    every_call_and_mode_has_its_fate
    undeclared_properties_are_changed_one_by_one
    conditions_and_orders_name_undeclared_properties
    the_struct_has_them_as_a_map
}

#[tokio::test]
async fn undeclared_properties_come_last_in_the_order_in_which_they_were_sent() -> TestResult {
    let served = served("memory:").await?;
    let url = format!("{}/api/Loose", served.url);
    let body = r#"{"z": 1, "name": "n", "a": 2}"#;
    let request = served.client.post(url).body(body);
    let response = request
        .header("content-type", "application/json")
        .send()
        .await?;
    assert_eq!(response.text().await?, r#"{"id":1,"name":"n","z":1,"a":2}"#);
    Ok(())
}

/// They stand beside the declared ones there, which must not be reached by another name.
#[tokio::test]
async fn a_name_that_a_column_has_is_refused_where_they_are_kept_beside_it() -> TestResult {
    let served = served("memory:").await?;
    for name in ["how_many", "$set", "a.b", "_id"] {
        let (status, answer) = call(&served, "POST Loose", json!({name: 1})).await?;
        assert_eq!(status, 422, "{name}: {answer}");
        assert_eq!(
            answer["error"]["details"]["codes"],
            json!({name: ["unknown-property"]})
        );
    }
    Ok(())
}

#[tokio::test]
async fn rules_are_broken_together() -> TestResult {
    let served = served("memory:").await?;
    let (status, answer) = call(
        &served,
        "POST Validatings",
        json!({"name": "too long", "x": 1}),
    )
    .await?;
    assert_eq!(status, 422);
    let codes = json!({"name": ["length.max"], "x": ["unknown-property"]});
    assert_eq!(answer["error"]["details"]["codes"], codes);
    let (status, answer) =
        call(&served, "POST Throwings", json!([{"name": "a"}, {"x": 1}])).await?;
    assert_eq!(status, 422);
    assert_eq!(answer["error"]["details"][0], Json::Null);
    assert_eq!(
        answer["error"]["details"][1]["message"],
        "Unknown property: x"
    );
    Ok(())
}

#[tokio::test]
async fn the_document_says_what_a_model_takes() -> TestResult {
    let served = served("memory:").await?;
    let response = served
        .client
        .get(format!("{}/openapi.json", served.url))
        .send()
        .await?;
    let document: Json = response.json().await?;
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Loose"]["additionalProperties"], true);
    assert_eq!(schemas["Loose"]["properties"].get("extra"), None);
    assert_eq!(schemas["NewLoose"]["properties"].get("extra"), None);
    assert_eq!(schemas["NewLoose"].get("additionalProperties"), None);
    assert_eq!(schemas["NewThrowing"]["additionalProperties"], false);
    assert_eq!(schemas["ValidatingPatch"]["additionalProperties"], false);
    assert_eq!(schemas["Dropping"].get("additionalProperties"), None);
    assert_eq!(schemas["NewDropping"].get("additionalProperties"), None);
    Ok(())
}

/// Members beside the others, as LoopBack has them.
#[tokio::test]
async fn loopbacks_file_has_them_beside_the_declared_ones() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("data.json");
    let row = r#"{"id":1,"name":"old","colour":"red"}"#;
    let document = json!({"ids": {"Loose": 2}, "models": {"Loose": {"1": row}}});
    std::fs::write(&file, document.to_string())?;
    let url = format!("memory://{}", file.display());
    {
        let served = served(&url).await?;
        let (_, found) = call(&served, "GET Loose/1", Json::Null).await?;
        assert_eq!(found["colour"], "red");
        call(&served, "PATCH Loose/1", json!({"mark": [1]})).await?;
    }
    let document: Json = serde_json::from_slice(&std::fs::read(&file)?)?;
    let row = document["models"]["Loose"]["1"].as_str().ok_or("a row")?;
    let row: Json = serde_json::from_str(row)?;
    let expected = json!({"id": 1, "name": "old", "size": null, "colour": "red", "mark": [1]});
    assert_eq!(row, expected);
    Ok(())
}

#[tokio::test]
async fn mongodb_has_them_beside_the_declared_ones() -> TestResult {
    let Some(url) = loopwright_tests::mongodb_url() else {
        return Ok(());
    };
    let served = served(&url).await?;
    let mongo = served.application.connector::<MongoConnector>("db")?;
    let documents = mongo.database().collection::<Document>("loose");
    let written = doc! { "_id": 7_i64, "name": "old", "colour": "red", "how_many": 2_i64 };
    documents.insert_one(written.clone()).await?;
    let (_, found) = call(&served, "GET Loose/7", Json::Null).await?;
    assert_eq!(
        found,
        json!({"id": 7, "name": "old", "size": 2, "colour": "red"})
    );
    call(
        &served,
        "PATCH Loose/7",
        json!({"mark": true, "colour": "blue"}),
    )
    .await?;
    let stored = documents
        .find_one(doc! { "_id": 7_i64 })
        .await?
        .ok_or("the document is gone")?;
    let changed =
        doc! { "_id": 7_i64, "name": "old", "colour": "blue", "how_many": 2_i64, "mark": true };
    assert_eq!(stored, changed);
    call(&served, "POST Loose/7/replace", json!({"name": "new"})).await?;
    let stored = documents
        .find_one(doc! { "_id": 7_i64 })
        .await?
        .ok_or("the document is gone")?;
    assert_eq!(
        stored,
        doc! { "_id": 7_i64, "name": "new", "how_many": Bson::Null }
    );
    Ok(())
}
