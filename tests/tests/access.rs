//! Access that takes models of its own to show.

use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::serve::{Served, serve};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Its books are shown to nobody.
#[derive(Model, Clone, Default)]
#[acl(open)]
#[acl(deny(__get__books), to = everyone)]
struct Shelf {
    #[model(id)]
    id: i64,
    #[relation(has_many)]
    books: HasMany<Book>,
}

/// Open by itself.
#[derive(Model, Clone, Default)]
#[acl(open)]
struct Book {
    #[model(id)]
    id: i64,
    shelf_id: i64,
    #[relation(belongs_to)]
    shelf: BelongsTo<Shelf>,
}

#[tokio::test]
async fn an_include_does_not_open_what_a_relation_closes() -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", "sqlite::memory:")
            .models::<(Shelf, Book)>(),
    )
    .await?;
    served
        .application
        .repository::<Shelf>()?
        .create(Shelf {
            id: 1,
            ..Shelf::default()
        })
        .await?;
    for (path, expected) in [
        ("/api/Shelves/1/books", 401),
        ("/api/Shelves?filter[include]=books", 401),
        ("/api/Shelves/1?filter[include]=books", 401),
        ("/api/Books?filter[include][shelf]=books", 401),
        ("/api/Books?filter[include]=shelf", 200),
        ("/api/Books", 200),
    ] {
        let answer = served.client.get(format!("{}{path}", served.url));
        assert_eq!(answer.send().await?.status(), expected, "{path}");
    }
    Ok(())
}

/// Open by itself.
#[derive(Model, Clone, Default)]
#[acl(open)]
struct Club {
    #[model(id)]
    id: i64,
    #[relation(has_many, through = Membership)]
    members: HasMany<Member>,
}

/// Open by itself.
#[derive(Model, Clone, Default)]
#[acl(open)]
struct Member {
    #[model(id)]
    id: i64,
}

/// Who is in which club may be counted, and nothing else.
#[derive(Model, Clone, Default)]
#[acl(allow(count), to = everyone)]
struct Membership {
    #[model(id, generated)]
    id: i64,
    club_id: i64,
    member_id: i64,
}

#[tokio::test]
async fn the_model_between_has_its_own_rules() -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", "sqlite::memory:")
            .models::<(Club, Member, Membership)>(),
    )
    .await?;
    let clubs = served.application.repository::<Club>()?;
    let club = clubs
        .create(Club {
            id: 1,
            ..Club::default()
        })
        .await?;
    let members = clubs.related(&club, Club::MEMBERS).await?;
    members.create(Member { id: 1 }).await?;
    for (request, expected) in [
        ("GET /api/Clubs/1/members/count", 200),
        ("GET /api/Clubs/1/members", 401),
        ("GET /api/Clubs/1/members/1", 401),
        ("PUT /api/Clubs/1/members/1", 401),
        ("HEAD /api/Clubs/1/members/rel/1", 401),
        ("PUT /api/Clubs/1/members/rel/1", 401),
        ("DELETE /api/Clubs/1/members/rel/1", 401),
        ("DELETE /api/Clubs/1/members", 401),
        ("DELETE /api/Clubs/1/members/1", 401),
        ("POST /api/Clubs/1/members", 401),
        ("GET /api/Clubs?filter[include]=members", 401),
        ("GET /api/Members", 200),
    ] {
        assert_eq!(status(&served, request).await?, expected, "{request}");
    }
    assert_eq!(members.find().all().await?.len(), 1);
    Ok(())
}

async fn status(
    served: &Served,
    request: &str,
) -> std::result::Result<u16, Box<dyn std::error::Error>> {
    let (verb, path) = request
        .split_once(' ')
        .ok_or("a request is a verb and a path")?;
    let url = format!("{}{path}", served.url);
    Ok(served
        .client
        .request(verb.parse()?, url)
        .send()
        .await?
        .status()
        .as_u16())
}

/// What is said about anything.
#[derive(Model, Clone, Default)]
#[acl(open)]
struct Remark {
    #[model(id)]
    id: i64,
    about_id: Option<i64>,
    about_type: Option<String>,
    topic_id: Option<i64>,
    #[relation(belongs_to, polymorphic)]
    about: BelongsTo<AnyModel>,
}

/// What it is about is shown to nobody by name.
#[derive(Model, Clone, Default)]
#[acl(open)]
#[acl(deny(__get__about), to = everyone)]
struct Whisper {
    #[model(id)]
    id: i64,
    about_id: Option<i64>,
    about_type: Option<String>,
    #[relation(belongs_to, polymorphic)]
    about: BelongsTo<AnyModel>,
}

/// Its remarks come with what they are about.
#[derive(Model, Clone, Default)]
#[acl(open)]
struct Topic {
    #[model(id)]
    id: i64,
    #[relation(has_many, scope = with_about)]
    remarks: HasMany<Remark>,
}

fn with_about() -> Filter {
    Filter {
        include: vec![Remark::ABOUT.into()],
        ..Filter::ALL
    }
}

/// Shown to nobody.
#[derive(Model, Clone, Default)]
#[model(public = false)]
struct Vault {
    #[model(id)]
    id: i64,
}

#[tokio::test]
async fn a_relation_to_any_model_opens_none() -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", "sqlite::memory:")
            .models::<(Remark, Vault, Member, Topic, Whisper)>(),
    )
    .await?;
    let application = &served.application;
    application
        .repository::<Vault>()?
        .create(Vault { id: 1 })
        .await?;
    application
        .repository::<Member>()?
        .create(Member { id: 1 })
        .await?;
    for (id, about) in [(1, "Member"), (2, "Vault"), (3, "vault")] {
        let remark = serde_json::json!({"id": id, "aboutId": 1, "aboutType": about, "topicId": 1});
        let request = served.client.post(format!("{}/api/Remarks", served.url));
        assert_eq!(request.json(&remark).send().await?.status(), 200);
    }
    application
        .repository::<Topic>()?
        .create(Topic {
            id: 1,
            ..Topic::default()
        })
        .await?;
    let of_nothing = serde_json::json!({"id": 4, "aboutId": 9, "aboutType": "Vault"});
    let request = served.client.post(format!("{}/api/Remarks", served.url));
    assert_eq!(request.json(&of_nothing).send().await?.status(), 200);
    for (request, expected) in [
        ("GET /api/Remarks/1/about", 200),
        ("GET /api/Remarks/2/about", 401),
        ("GET /api/Remarks/3/about", 401),
        // Nor is it told whether there is one.
        ("GET /api/Remarks/4/about", 401),
        ("GET /api/Whispers", 200),
        ("GET /api/Whispers/1/about", 401),
        ("GET /api/Whispers?filter[include]=about", 401),
    ] {
        assert_eq!(status(&served, request).await?, expected, "{request}");
    }
    let url = format!(
        "{}/api/Remarks?filter[include]=about&filter[fields]=id",
        served.url
    );
    let found: serde_json::Value = served.client.get(url).send().await?.json().await?;
    assert_eq!(
        found,
        serde_json::json!([{"id": 1, "about": {"id": 1}}, {"id": 2}, {"id": 3}, {"id": 4}])
    );
    // Nor what a relation includes by itself.
    for path in [
        "Topics/1/remarks?filter[fields]=id",
        "Topics/1?filter[include]=remarks",
    ] {
        let url = format!("{}/api/{path}", served.url);
        let found: serde_json::Value = served.client.get(url).send().await?.json().await?;
        let remarks = found.get("remarks").unwrap_or(&found);
        assert_eq!(remarks[0]["about"], serde_json::json!({"id": 1}), "{path}");
        assert!(remarks[1].get("about").is_none(), "{path}: {remarks}");
    }
    Ok(())
}

/// May be written by everybody.
#[derive(Model, Clone, Default)]
#[acl(open)]
struct Choir {
    #[model(id)]
    id: i64,
    #[relation(has_and_belongs_to_many)]
    singers: HasMany<Singer>,
    #[relation(has_many, nest_remoting)]
    concerts: HasMany<Concert>,
}

/// May be counted, and nothing else.
#[derive(Model, Clone, Default)]
#[acl(allow(count), to = everyone)]
struct Singer {
    #[model(id)]
    id: i64,
}

/// Its songs can't be written by way of it.
#[derive(Model, Clone, Default)]
#[model(disable(__create__songs))]
#[acl(open)]
struct Concert {
    #[model(id)]
    id: i64,
    choir_id: i64,
    #[relation(has_many)]
    songs: HasMany<Song>,
}

/// May be written by itself.
#[derive(Model, Clone, Default)]
#[acl(open)]
struct Song {
    #[model(id)]
    id: i64,
    concert_id: i64,
}

#[tokio::test]
async fn what_a_target_forbids_no_made_link_and_no_nested_route_allows() -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", "sqlite::memory:")
            .models::<(Choir, Singer, Concert, Song)>(),
    )
    .await?;
    let choirs = served.application.repository::<Choir>()?;
    let choir = choirs
        .create(Choir {
            id: 1,
            ..Choir::default()
        })
        .await?;
    let singers = choirs.related(&choir, Choir::SINGERS).await?;
    singers.create(Singer { id: 1 }).await?;
    let concerts = choirs.related(&choir, Choir::CONCERTS).await?;
    concerts
        .create(Concert {
            id: 1,
            ..Concert::default()
        })
        .await?;
    for (request, expected) in [
        ("GET /api/Choirs/1/singers/count", 200),
        ("GET /api/Choirs/1/singers", 401),
        ("PUT /api/Choirs/1/singers/rel/1", 401),
        ("HEAD /api/Choirs/1/singers/rel/1", 401),
        ("DELETE /api/Choirs/1/singers/rel/1", 401),
        ("DELETE /api/Choirs/1/singers", 401),
        ("GET /api/Choirs/1/concerts/1/songs", 200),
        ("POST /api/Concerts/1/songs", 404),
        ("POST /api/Choirs/1/concerts/1/songs", 404),
    ] {
        assert_eq!(status(&served, request).await?, expected, "{request}");
    }
    assert_eq!(singers.find().all().await?.len(), 1);
    Ok(())
}
