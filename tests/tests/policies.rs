//! Which rows somebody may see and change, by every way that leads to them.

use loopwright::Config;
use loopwright::Context;
use loopwright::access::Caller;
use loopwright::builtin::{RoleMapping, User};
use loopwright::hook::Save;
use loopwright::prelude::*;
use loopwright::testing::policies_agree;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Somebody with an account.
#[derive(Model, Clone, Debug)]
struct Holder {
    #[model(base)]
    user: User,
    region: Option<String>,
    #[relation(has_many, key = holder_id)]
    notes: HasMany<Note>,
}

/// Notes of several people.
#[derive(Model, Clone, Debug, Default)]
#[model(acl_error_status = 403)]
#[acl(open)]
#[policy(all, to = owner)]
#[policy(read, to = everyone, rows = Note::PUBLIC.eq(true))]
#[policy(read, update, to = role("editor"), rows = Note::REGION.eq("north"))]
#[policy(all, to = role("chief"))]
struct Note {
    #[model(id, generated)]
    id: i64,
    text: String,
    public: bool,
    region: Option<String>,
    holder_id: Option<i64>,
    #[relation(belongs_to)]
    holder: BelongsTo<Holder>,
    #[relation(has_many)]
    remarks: HasMany<Remark>,
}

/// What is said of a note. To be read with it; to be changed by whoever has said it.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
#[policy(write, to = authenticated, rows = |caller| Remark::AUTHOR.eq(caller.user_id().unwrap_or_default()))]
struct Remark {
    #[model(id, generated)]
    id: i64,
    text: String,
    author: String,
    note_id: i64,
    #[relation(belongs_to)]
    note: BelongsTo<Note>,
}

#[loopwright::methods]
impl Note {
    /// How many notes the caller sees, and how many there are.
    #[remote(get = "/counts")]
    async fn counts(cx: &Context) -> Result<Json> {
        let seen = cx.repository::<Note>()?.find().count().await?;
        let all = cx.as_system().repository::<Note>()?.find().count().await?;
        Ok(json!([seen, all]))
    }

    /// Publishes the note.
    #[remote(post = "/publish")]
    async fn publish(&mut self) -> Result<()> {
        self.public = true;
        Ok(())
    }

    /// Every note knows how many its author sees.
    #[hook(before_save)]
    async fn see(cx: &mut Save<'_, Self>) -> Result<()> {
        let seen = cx.repository::<Note>()?.find().count().await?;
        if let Some(text) = cx.get(Note::TEXT) {
            cx.set(Note::TEXT, text.replace("{seen}", &seen.to_string()));
        }
        Ok(())
    }
}

async fn desk(url: &str) -> Result<Served, Box<dyn std::error::Error>> {
    let app = App::new()
        .config(Config::default())
        .data_source("db", url)
        .models::<(Holder, Note, Remark)>();
    let served = serve(app).await?;
    let holders = served.application.repository::<Holder>()?;
    for name in ["ann", "bob", "eve", "max"] {
        let holder = Holder {
            user: User::new(format!("{name}@desk.example"), "secret"),
            region: None,
            notes: HasMany::default(),
        };
        holders.create(holder).await?;
    }
    for (role, user) in [("editor", 3), ("chief", 4)] {
        served.grant(role, RoleMapping::OF_USER, user).await?;
    }
    let notes = served.application.repository::<Note>()?;
    // 1: Ann's, 2: Ann's and public, 3: Bob's in the north, 4: Bob's in the south, 5: nobody's.
    for (holder, public, region) in [
        (Some(1), false, "south"),
        (Some(1), true, "south"),
        (Some(2), false, "north"),
        (Some(2), false, "south"),
        (None, false, "south"),
    ] {
        let note = Note {
            text: "a note".into(),
            public,
            region: Some(region.into()),
            holder_id: holder,
            ..Note::default()
        };
        notes.create(note).await?;
    }
    Ok(served)
}

fn ids(list: &Json) -> Vec<i64> {
    let mut ids: Vec<_> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["id"].as_i64())
        .collect();
    ids.sort_unstable();
    ids
}

on_every_database! {
    reading_is_narrowed_by_every_way
    changes_are_refused_or_miss
    new_rows_and_changed_ones_are_judged
    code_carries_its_caller
}

async fn reading_is_narrowed_by_every_way(url: &str) -> TestResult {
    let served = desk(url).await?;
    let holders = served.application.repository::<Holder>()?;
    for (email, seen) in [
        ("", vec![2]),
        ("ann@desk.example", vec![1, 2]),
        ("bob@desk.example", vec![2, 3, 4]),
        ("eve@desk.example", vec![2, 3]),
        ("max@desk.example", vec![1, 2, 3, 4, 5]),
    ] {
        let caller = match email {
            "" => served.anonymous(),
            email => served.log_in("Holders", email).await?,
        };
        let get = async |path: &str| caller.call(&format!("GET {path}"), Json::Null).await;
        assert_eq!(ids(&get("/Notes").await?.1), seen, "{email}");
        assert_eq!(get("/Notes/count").await?.1["count"], seen.len(), "{email}");
        let some = get("/Notes?filter[where][id][gt]=0&filter[order]=id&filter[limit]=1")
            .await?
            .1;
        assert_eq!(ids(&some), seen[..1]);
        assert_eq!(ids(&get("/Notes?after=&filter[limit]=10").await?.1), seen);
        let or = get("/Notes?filter[where][or][0][public]=true&filter[where][or][1][public]=false")
            .await?;
        assert_eq!(ids(&or.1), seen);
        for id in 1..=5 {
            let expected = if seen.contains(&id) { 200 } else { 404 };
            for path in [format!("/Notes/{id}"), format!("/Notes/{id}/remarks")] {
                assert_eq!(get(&path).await?.0, expected, "{email}: {path}");
            }
            let exists = get(&format!("/Notes/{id}/exists")).await?.1;
            assert_eq!(exists["exists"], seen.contains(&id), "{email}: {id}");
            let one = get(&format!("/Notes/findOne?filter[where][id]={id}")).await?;
            assert_eq!(one.0, expected);
        }
        // What comes along is narrowed, too.
        let all = holders.find().all().await?.len();
        assert_eq!(all, 4);
        let [_, count] = serde_json::from_value(get("/Notes/counts").await?.1)?;
        let counts: [usize; 2] = [seen.len(), count];
        assert_eq!(counts[1], 5);
    }
    Ok(())
}

async fn changes_are_refused_or_miss(url: &str) -> TestResult {
    let served = desk(url).await?;
    let ann = served.log_in("Holders", "ann@desk.example").await?;
    let eve = served.log_in("Holders", "eve@desk.example").await?;
    let max = served.log_in("Holders", "max@desk.example").await?;
    let nobody = served.anonymous();
    let text = json!({"text": "changed"});
    let whole = |id: i64| json!({"id": id, "text": "changed", "public": true, "region": "south"});
    for (request, body, expected) in [
        // Seen, and not to be changed.
        ("PATCH /Notes/2", text.clone(), [200, 403, 401]),
        ("PUT /Notes/2", text.clone(), [200, 403, 401]),
        (
            "PATCH /Notes",
            json!({"id": 2, "text": "changed"}),
            [200, 403, 401],
        ),
        // Not seen.
        ("PATCH /Notes/1", text.clone(), [200, 404, 404]),
        ("PATCH /Notes/4", text.clone(), [404, 404, 404]),
        ("POST /Notes/4/replace", whole(4), [404, 404, 404]),
        ("DELETE /Notes/4", Json::Null, [200, 200, 200]),
        // In the north an editor changes.
        ("PATCH /Notes/3", text.clone(), [404, 200, 404]),
        // And does not delete.
        ("DELETE /Notes/3", Json::Null, [200, 403, 200]),
        ("DELETE /Notes/2", Json::Null, [200, 200, 200]),
    ] {
        for (caller, expected) in [&ann, &eve, &nobody].into_iter().zip(expected) {
            let (status, answer) = caller.call(request, body.clone()).await?;
            assert_eq!(status, expected, "{request}: {answer}");
        }
    }
    // A method of the model's own works on what is seen, and stores what may be changed.
    assert_eq!(eve.status("POST /Notes/1/publish").await?, 404);
    assert_eq!(ann.status("POST /Notes/1/publish").await?, 204);
    assert_eq!(eve.call("PATCH /Notes/1", text.clone()).await?.0, 403);
    // What nobody saw has not been deleted; what Ann owned, has.
    let left = max.call("GET /Notes", Json::Null).await?.1;
    assert_eq!(ids(&left), [1, 3, 4, 5]);
    // In bulk, it is as if the others were not there.
    let update = "POST /Notes/update?where={\"id\":{\"gt\":0}}";
    for (caller, count) in [(&ann, 1), (&eve, 1), (&nobody, 0), (&max, 4)] {
        let (status, answer) = caller.call(update, text.clone()).await?;
        assert_eq!((status, &answer["count"]), (200, &json!(count)));
    }
    Ok(())
}

async fn new_rows_and_changed_ones_are_judged(url: &str) -> TestResult {
    let served = desk(url).await?;
    let ann = served.log_in("Holders", "ann@desk.example").await?;
    let eve = served.log_in("Holders", "eve@desk.example").await?;
    let new = |holder: Json| json!({"text": "new", "public": true, "holderId": holder});
    // Nobody writes in another's name.
    assert_eq!(ann.call("POST /Notes", new(json!(1))).await?.0, 200);
    for holder in [json!(2), Json::Null] {
        assert_eq!(ann.call("POST /Notes", new(holder)).await?.0, 403);
    }
    assert_eq!(
        served
            .anonymous()
            .call("POST /Notes", new(json!(1)))
            .await?
            .0,
        401
    );
    let list = json!([new(json!(1)), new(json!(2))]);
    let (status, answer) = ann.call("POST /Notes", list).await?;
    assert_eq!(
        (status, answer["error"]["details"][1]["status"].as_i64()),
        (422, Some(403))
    );
    // Nor gives away, nor takes.
    for (request, body, expected) in [
        ("PATCH /Notes/1", json!({"holderId": 2}), 403),
        ("PATCH /Notes/1", json!({"holderId": null}), 403),
        (
            "PUT /Notes",
            json!({"id": 1, "text": "x", "public": true, "holderId": 2}),
            403,
        ),
        (
            "POST /Notes/1/replace",
            json!({"text": "x", "public": true}),
            403,
        ),
        (
            "POST /Notes/replaceOrCreate",
            json!({"id": 1, "text": "x", "public": true}),
            403,
        ),
        (
            "POST /Notes/upsertWithWhere?where={\"id\":1}",
            json!({"text": "x", "public": true, "holderId": 2}),
            403,
        ),
        (
            "PATCH /Notes/1",
            json!({"holderId": 1, "text": "mine"}),
            200,
        ),
    ] {
        let (status, answer) = ann.call(request, body).await?;
        assert_eq!(status, expected, "{request}: {answer}");
    }
    let give = ann
        .call(
            "POST /Notes/update?where={\"id\":1}",
            json!({"holderId": 2}),
        )
        .await?;
    assert_eq!(give, (200, json!({"count": 0})));
    // Out of the north nothing comes back.
    assert_eq!(
        eve.call("PATCH /Notes/3", json!({"region": "south"}))
            .await?
            .0,
        403
    );
    assert_eq!(
        eve.call("PATCH /Notes/3", json!({"region": "north", "text": "x"}))
            .await?
            .0,
        200
    );
    // An id that is taken, and out of sight, is no way to learn of it: there is a new one.
    let (status, twin) = ann
        .call(
            "PUT /Notes",
            json!({"id": 4, "text": "x", "public": true, "holderId": 1}),
        )
        .await?;
    assert_eq!(status, 200);
    assert_ne!(twin["id"], 4);

    // By a relation it is the same.
    let notes = served.application.repository::<Note>()?;
    assert_eq!(notes.find_by_id(4).await?.ok_or("gone")?.holder_id, Some(2));
    let remark = |author: &str| json!({"text": "well", "author": author});
    assert_eq!(ann.call("POST /Notes/2/remarks", remark("1")).await?.0, 200);
    assert_eq!(ann.call("POST /Notes/2/remarks", remark("2")).await?.0, 401);
    assert_eq!(ann.call("POST /Notes/4/remarks", remark("1")).await?.0, 404);
    assert_eq!(
        eve.call("PUT /Notes/2/remarks/1", json!({"text": "x"}))
            .await?
            .0,
        401
    );
    assert_eq!(
        ann.call("PUT /Notes/2/remarks/1", json!({"author": "2"}))
            .await?
            .0,
        401
    );
    assert_eq!(
        ann.call("PUT /Notes/2/remarks/1", json!({"text": "x"}))
            .await?
            .0,
        200
    );
    let with = eve
        .call("GET /Remarks?filter[include]=note", Json::Null)
        .await?
        .1;
    assert_eq!(with[0]["note"]["id"], 2);
    Ok(())
}

async fn code_carries_its_caller(url: &str) -> TestResult {
    let served = desk(url).await?;
    let ann = served.log_in("Holders", "ann@desk.example").await?;
    assert_eq!(
        ann.call("GET /Notes/counts", Json::Null).await?.1,
        json!([2, 5])
    );
    assert_eq!(
        served
            .anonymous()
            .call("GET /Notes/counts", Json::Null)
            .await?
            .1,
        json!([1, 5])
    );
    let new = json!({"text": "{seen}", "public": false, "holderId": 1});
    assert_eq!(ann.call("POST /Notes", new).await?.1["text"], "2");
    // The application's own code sees everything.
    let notes = served.application.repository::<Note>()?;
    let note = Note {
        text: "{seen}".into(),
        ..Note::default()
    };
    assert_eq!(notes.create(note).await?.text, "6");
    assert_eq!(notes.find().count().await?, 7);
    Ok(())
}

on_every_database! {
    data_source_and_program_pick_the_same_rows
}

async fn data_source_and_program_pick_the_same_rows(url: &str) -> TestResult {
    let served = desk(url).await?;
    let notes = served.application.repository::<Note>()?;
    for number in 0..200_i64 {
        let note = Note {
            text: format!("{number}"),
            public: number % 7 == 0,
            region: [None, Some("north"), Some("South"), Some("")][usize::try_from(number % 4)?]
                .map(str::to_owned),
            holder_id: (number % 5 > 0).then_some(number % 5),
            ..Note::default()
        };
        notes.create(note).await?;
    }
    let remarks = served.application.repository::<Remark>()?;
    for number in 0..20_i64 {
        let remark = Remark {
            author: ["", "1", "01", "x"][usize::try_from(number % 4)?].into(),
            note_id: number,
            ..Remark::default()
        };
        remarks.create(remark).await?;
    }
    for caller in [
        Caller::anonymous(),
        Caller::user("1", []),
        Caller::user("x", []),
        Caller::user("3", ["editor".to_owned()]),
        Caller::user("4", ["chief".to_owned()]),
        Caller::app("1"),
    ] {
        policies_agree::<Note>(&served.application, &caller).await;
        policies_agree::<Remark>(&served.application, &caller).await;
    }
    Ok(())
}
