//! What models take in, and models that extend others (contract *models.md* §1.3 and §12), over HTTP and from Rust.

use loopwright::Config;
use loopwright::hook::{Access, Save, Validation};
use loopwright::mixins::{SoftDelete, Timestamps};
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use reqwest::Method;
use serde_json::{Value as Json, json};

type TestResult<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Words of a client's own.
#[derive(Mixin, Clone, Debug, Default, PartialEq)]
#[model(unique(code, lane))]
struct Labelled {
    /// The label's code.
    #[model(name = "label", column = "label_code")]
    #[validate(length(min = 2), unless = Self::is_free, uniqueness(scoped_to(lane)))]
    code: Option<String>,
    /// Where it lies.
    #[model(default = "a")]
    lane: String,
    /// No rule holds.
    #[model(default = false)]
    free: bool,
}

#[loopwright::methods]
impl Labelled {
    fn is_free(&self) -> bool {
        self.free
    }

    /// The label in capitals.
    #[remote(get = "/shout")]
    fn shout(&self) -> Result<String> {
        Ok(self.code.clone().unwrap_or_default().to_uppercase())
    }

    /// Moves it to another lane.
    #[remote(post = "/move")]
    fn move_to(&mut self, lane: String) -> Result<String> {
        self.lane = lane;
        Ok(self.lane.clone())
    }

    /// Those in lane `a`.
    #[scope]
    fn near() -> Filter {
        Filter {
            order: vec![Labelled::CODE.desc()],
            ..Filter::matching(Labelled::LANE.eq("a"))
        }
    }

    #[hook(before_save)]
    async fn trim(cx: &mut Save<'_, Self>) -> Result<()> {
        if let Some(Some(code)) = cx.get(Labelled::CODE) {
            cx.set(Labelled::CODE, Some(code.trim().to_owned()));
        }
        Ok(())
    }

    #[hook(validate)]
    async fn no_lane_of_that_name(cx: &mut Validation<'_, Self>) -> Result<()> {
        if cx.instance()?.lane == "none" {
            cx.fail(Labelled::LANE, "is no lane");
        }
        Ok(())
    }
}

/// What takes in two, around nothing of its own but a name.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Parcel {
    #[model(id, generated)]
    id: i64,
    #[model(mixin)]
    label: Labelled,
    name: String,
    #[model(mixin)]
    times: Timestamps,
}

/// What stays when it is deleted.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Note {
    #[model(id, generated)]
    id: i64,
    text: String,
    #[model(mixin)]
    deletion: SoftDelete,
    #[relation(belongs_to)]
    person: BelongsTo<Person>,
    person_id: Option<i64>,
}

#[loopwright::methods]
impl Note {
    /// A default scope holds besides that of the mixin.
    #[scope(default)]
    fn open() -> Filter {
        Filter::matching(Note::TEXT.ne("secret"))
    }
}

/// Somebody.
#[derive(Model, Clone, Debug, Default)]
#[model(strict_delete)]
#[acl(allow(read, create, write), to = everyone)]
#[acl(deny(count), to = everyone)]
struct Person {
    #[model(id, generated)]
    id: i64,
    #[model(unique)]
    #[validate(length(min = 3))]
    name: String,
    #[model(hidden)]
    secret: Option<String>,
    #[relation(has_many)]
    notes: HasMany<Note>,
}

#[loopwright::methods]
impl Person {
    #[remote(get = "/greeting")]
    fn greeting(&self) -> Result<String> {
        Ok(format!("Hello, {}!", self.name))
    }

    #[remote(get = "/kind")]
    fn kind() -> Result<String> {
        Ok("person".into())
    }

    #[hook(before_save)]
    async fn first(cx: &mut Save<'_, Self>) -> Result<()> {
        if let Some(name) = cx.get(Person::NAME) {
            cx.set(Person::NAME, format!("{name}1"));
        }
        Ok(())
    }

    #[hook(access)]
    async fn no_ghosts(cx: &mut Access<'_, Self>) -> Result<()> {
        cx.narrow(Person::NAME.ne("ghost1"));
        Ok(())
    }
}

/// Somebody who reads.
#[derive(Model, Clone, Debug, Default)]
#[acl(deny(create), to = everyone)]
#[acl(allow(upsert), to = everyone)]
struct Reader {
    #[model(base)]
    person: Person,
    favourite: Option<String>,
}

#[loopwright::methods]
impl Reader {
    #[remote(get = "/kind")]
    fn kind() -> Result<String> {
        Ok("reader".into())
    }

    #[hook(before_save)]
    async fn second(cx: &mut Save<'_, Self>) -> Result<()> {
        let name = Reader::PERSON.column(Person::NAME);
        if let Some(written) = cx.get(name) {
            cx.set(name, format!("{written}2"));
        }
        Ok(())
    }
}

async fn served(database: &str) -> TestResult<Served> {
    let app = App::new().config(Config::default());
    let app = app.data_source("db", database);
    serve(app.models::<(Parcel, Note, Person, Reader)>()).await
}

/// The answer to a request, which has this status.
async fn ask(
    served: &Served,
    status: u16,
    method: Method,
    path: &str,
    body: Json,
) -> TestResult<Json> {
    let url = format!("{}/api{path}", served.url);
    let request = served.client.request(method, url).json(&body);
    let answer = request.send().await?;
    let (actual, text) = (answer.status(), answer.text().await?);
    assert_eq!(actual, status, "{path}: {text}");
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

async fn a_mixin_brings_all_of_its_own(database: &str) -> TestResult {
    let served = served(database).await?;
    let parcel = json!({"name": "one", "label": " ab "});
    let created = ask(&served, 200, Method::POST, "/Parcels", parcel).await?;
    let names: Vec<_> = created.as_object().ok_or("no object")?.keys().collect();
    let order = [
        "id",
        "name",
        "label",
        "lane",
        "free",
        "createdAt",
        "updatedAt",
    ];
    assert_eq!(
        names, order,
        "own properties first, then those of the mixins"
    );
    assert_eq!(created["label"], "ab", "its hook");
    assert_eq!(created["lane"], "a", "its default");

    let short = json!({"name": "two", "label": "x"});
    let refused = ask(&served, 422, Method::POST, "/Parcels", short.clone()).await?;
    assert_eq!(
        refused["error"]["details"]["codes"],
        json!({"label": ["length.min"]})
    );
    let mut free = short;
    free["free"] = true.into();
    ask(&served, 200, Method::POST, "/Parcels", free).await?;
    let taken = json!({"name": "three", "label": "ab"});
    let refused = ask(&served, 422, Method::POST, "/Parcels", taken.clone()).await?;
    assert_eq!(
        refused["error"]["details"]["codes"],
        json!({"label": ["uniqueness"]})
    );
    let mut elsewhere = taken;
    elsewhere["lane"] = "b".into();
    ask(&served, 200, Method::POST, "/Parcels", elsewhere).await?;
    let nowhere = json!({"name": "four", "lane": "none"});
    let refused = ask(&served, 422, Method::POST, "/Parcels", nowhere).await?;
    assert_eq!(
        refused["error"]["details"]["messages"],
        json!({"lane": ["is no lane"]})
    );

    let near = ask(&served, 200, Method::GET, "/Parcels/near", json!(null)).await?;
    assert_eq!(
        (near[0]["label"].as_str(), near[1]["label"].as_str()),
        (Some("x"), Some("ab"))
    );
    let path = format!("/Parcels/{}", created["id"]);
    let shout = ask(
        &served,
        200,
        Method::GET,
        &format!("{path}/shout"),
        json!(null),
    )
    .await?;
    assert_eq!(shout, "AB");
    let moved = json!({"lane": "c"});
    ask(&served, 200, Method::POST, &format!("{path}/move"), moved).await?;
    let moved = ask(&served, 200, Method::GET, &path, json!(null)).await?;
    assert_eq!(
        (&moved["lane"], &moved["name"]),
        (&json!("c"), &json!("one"))
    );
    let filter = "/Parcels?filter[where][lane]=c&filter[fields][label]=true";
    let found = ask(&served, 200, Method::GET, filter, json!(null)).await?;
    assert_eq!(found, json!([{"label": "ab"}]));

    let parcels = served.application.repository::<Parcel>()?;
    let in_b = Parcel::LABEL.column(Labelled::LANE).eq("b");
    let found = parcels.find().filter(in_b).all().await?;
    assert_eq!(found[0].label.code.as_deref(), Some("ab"));
    Ok(())
}

async fn times_are_kept(database: &str) -> TestResult {
    let served = served(database).await?;
    let parcels = served.application.repository::<Parcel>()?;
    let before = Utc::now() - chrono::TimeDelta::seconds(1);
    let forged = json!({"name": "one", "createdAt": "2001-01-01", "updatedAt": "2001-01-01"});
    let created = ask(&served, 200, Method::POST, "/Parcels", forged.clone()).await?;
    let id = created["id"].as_i64().ok_or("no id")?;
    let first = parcels.find_by_id(id).await?.ok_or("not found")?.times;
    assert!(first.created_at > before && first.updated_at > before);
    let path = format!("/Parcels/{id}");
    for change in ["/Parcels/1", "/Parcels", "/Parcels/1/replace"] {
        let (method, path) = match change {
            "/Parcels/1" => (Method::PATCH, path.clone()),
            "/Parcels" => (Method::PUT, change.to_owned()),
            _ => (Method::POST, format!("{path}/replace")),
        };
        let earlier = parcels.find_by_id(id).await?.ok_or("not found")?.times;
        let mut forged = forged.clone();
        forged["id"] = id.into();
        ask(&served, 200, method, &path, forged).await?;
        let later = parcels.find_by_id(id).await?.ok_or("not found")?.times;
        assert_eq!(later.created_at, first.created_at, "{change}");
        assert!(later.updated_at >= earlier.updated_at, "{change}");
    }
    Ok(())
}

async fn what_is_deleted_softly_stays_out_of_sight(database: &str) -> TestResult {
    let served = served(database).await?;
    let notes = served.application.repository::<Note>()?;
    for text in ["one", "two", "secret"] {
        let forged = json!({"text": text, "deletedAt": "2001-01-01"});
        ask(&served, 200, Method::POST, "/Notes", forged).await?;
    }
    let all = ask(&served, 200, Method::GET, "/Notes", json!(null)).await?;
    assert_eq!(
        all.as_array().map(Vec::len),
        Some(2),
        "both scopes hold: {all}"
    );
    let path = format!("/Notes/{}", all[0]["id"]);
    let deleted = ask(&served, 200, Method::DELETE, &path, json!(null)).await?;
    assert_eq!(deleted, json!({"count": 1}));
    let again = ask(&served, 200, Method::DELETE, &path, json!(null)).await?;
    assert_eq!(again, json!({"count": 0}));
    ask(&served, 404, Method::GET, &path, json!(null)).await?;
    ask(&served, 404, Method::PATCH, &path, json!({"text": "back"})).await?;
    let count = ask(&served, 200, Method::GET, "/Notes/count", json!(null)).await?;
    assert_eq!(count, json!({"count": 1}));

    let kept = notes.unscoped().find().order(Note::ID.asc()).all().await?;
    let kept: Vec<_> = kept
        .iter()
        .map(|note| (note.text.as_str(), note.deletion.deleted_at.is_some()))
        .collect();
    assert_eq!(kept, [("one", true), ("two", false), ("secret", false)]);
    Ok(())
}

async fn a_model_extends_another(database: &str) -> TestResult {
    let served = served(database).await?;
    // Of the base: the id, the rules for access, hooks, validation. Of its own: the one who may not create.
    let reader = json!({"name": "Ann", "favourite": "Faust", "secret": "x"});
    ask(&served, 401, Method::POST, "/Readers", reader.clone()).await?;
    let created = ask(&served, 200, Method::PUT, "/Readers", reader).await?;
    assert_eq!(created["name"], "Ann12", "the hooks of the base run first");
    assert_eq!(created["secret"], Json::Null);
    let names: Vec<_> = created.as_object().ok_or("no object")?.keys().collect();
    assert_eq!(names, ["favourite", "id", "name"]);
    let short = json!({"name": ""});
    ask(&served, 422, Method::PUT, "/Readers", short).await?;
    ask(&served, 401, Method::GET, "/Readers/count", json!(null)).await?;

    let readers = served.application.repository::<Reader>()?;
    let ann = Reader::PERSON.column(Person::NAME).eq("Ann12");
    let reader = readers.find().filter(ann).one().await?;
    let reader = reader.ok_or("not found")?;
    assert_eq!(reader.person.secret.as_deref(), Some("x"));
    assert_eq!(reader.id(), reader.person.id);

    // A table of its own, and methods of both; of one name the own one.
    let people = ask(&served, 200, Method::GET, "/People", json!(null)).await?;
    assert_eq!(people, json!([]));
    let path = format!("/Readers/{}", reader.id());
    let kinds = [("/People/kind", "person"), ("/Readers/kind", "reader")];
    for (path, kind) in kinds {
        assert_eq!(
            ask(&served, 200, Method::GET, path, json!(null)).await?,
            kind
        );
    }
    let greeting = ask(
        &served,
        200,
        Method::GET,
        &format!("{path}/greeting"),
        json!(null),
    )
    .await?;
    assert_eq!(greeting, "Hello, Ann12!");

    // The access hook, the relation and the settings of the base.
    let ghost = json!({"name": "ghost"});
    ask(&served, 200, Method::POST, "/People", ghost).await?;
    let people = ask(&served, 200, Method::GET, "/People", json!(null)).await?;
    assert_eq!(people, json!([]));
    let note = json!({"text": "hers"});
    ask(&served, 200, Method::POST, &format!("{path}/notes"), note).await?;
    let filter = "/Readers/findOne?filter[include]=notes";
    let found = ask(&served, 200, Method::GET, filter, json!(null)).await?;
    assert_eq!(found["notes"][0]["text"], "hers");
    let found = readers
        .find()
        .include(Reader::PERSON.relation(Person::NOTES))
        .all()
        .await?;
    assert_eq!(found[0].person.notes.get().len(), 1);
    ask(&served, 404, Method::DELETE, "/Readers/99", json!(null)).await?;
    Ok(())
}

on_every_database!(a_mixin_brings_all_of_its_own times_are_kept what_is_deleted_softly_stays_out_of_sight a_model_extends_another);

#[tokio::test]
async fn the_document_knows_what_is_taken_in() -> TestResult {
    let served = served("memory:").await?;
    let document = served.client.get(format!("{}/openapi.json", served.url));
    let document: Json = document.send().await?.json().await?;
    let schemas = &document["components"]["schemas"];
    let properties = schemas["Parcel"]["properties"]
        .as_object()
        .ok_or("no properties")?;
    for name in ["name", "label", "lane", "createdAt"] {
        assert!(properties.contains_key(name), "{name}: {properties:?}");
    }
    for path in [
        "/api/Parcels/{id}/shout",
        "/api/Parcels/near",
        "/api/Readers/{id}/greeting",
        "/api/Readers/{id}/notes",
    ] {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
    Ok(())
}
