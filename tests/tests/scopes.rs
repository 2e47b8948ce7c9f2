//! Default and named scopes (contract *models.md* §7).

use loopwright::prelude::*;
use loopwright::query::Filter;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Something to read.
#[derive(Model, Debug, Clone)]
#[acl(open)]
#[acl(deny(__delete__short), to = everyone)]
struct Post {
    #[model(id, generated)]
    id: i64,
    title: String,
    #[model(default = false)]
    deleted: bool,
    #[model(default = 0)]
    words: i64,
}

#[loopwright::methods]
impl Post {
    /// What is deleted is out of sight.
    #[scope(default)]
    fn present() -> Filter {
        Filter {
            order: vec![Post::TITLE.asc()],
            limit: Some(3),
            ..Filter::matching(Post::DELETED.eq(false))
        }
    }

    /// Those of ten words.
    #[scope]
    fn of_ten_words() -> Filter {
        Filter::matching(Post::WORDS.eq(10))
    }

    #[scope(name = "short")]
    fn below_a_hundred_words() -> Filter {
        Filter {
            order: vec![Post::WORDS.desc()],
            ..Filter::matching(Post::WORDS.lt(100))
        }
    }
}

async fn served(database: &str) -> std::result::Result<Served, Box<dyn std::error::Error>> {
    let app = App::new().config(loopwright::Config::default());
    serve(app.data_source("db", database).models::<(Post,)>()).await
}

async fn call(
    served: &Served,
    verb: &str,
    path: &str,
    body: Json,
) -> std::result::Result<(u16, Json), Box<dyn std::error::Error>> {
    let url = format!("{}/api/Posts{path}", served.url);
    let request = served.client.request(verb.parse()?, url);
    let request = if body.is_null() {
        request
    } else {
        request.json(&body)
    };
    let response = request.send().await?;
    Ok((
        response.status().as_u16(),
        response.json().await.unwrap_or_default(),
    ))
}

fn titles(posts: &Json) -> Vec<&str> {
    let posts = posts.as_array().map(Vec::as_slice).unwrap_or_default();
    posts
        .iter()
        .filter_map(|post| post["title"].as_str())
        .collect()
}

async fn the_default_scope_holds_for_everything(database: &str) -> TestResult {
    let served = served(database).await?;
    for (title, words) in [("e", 1), ("d", 10), ("c", 10), ("b", 1000), ("a", 5)] {
        // What the caller says of it does not count.
        let body = json!({ "title": title, "words": words, "deleted": true });
        let (status, post) = call(&served, "POST", "", body).await?;
        assert_eq!((status, &post["deleted"]), (200, &json!(false)), "{post}");
    }
    let (_, found) = call(&served, "GET", "", Json::Null).await?;
    assert_eq!(titles(&found), ["a", "b", "c"]);
    // The caller's order wins, the scope's limit does.
    let (_, found) = call(
        &served,
        "GET",
        "?filter[order]=title%20desc&filter[limit]=1",
        Json::Null,
    )
    .await?;
    assert_eq!(titles(&found), ["e", "d", "c"]);
    let (_, found) = call(&served, "GET", "?filter[where][words]=10", Json::Null).await?;
    assert_eq!(titles(&found), ["c", "d"]);

    // One that another program has deleted is not there.
    let posts = served.application.repository::<Post>()?;
    let connector = served
        .application
        .connector::<loopwright::connectors::sql::SqlConnector>("db")
        .ok();
    if let Some(sql) = connector {
        use sea_orm::ConnectionTrait as _;
        let backend = sql.sea_orm().get_database_backend();
        let delete = "UPDATE post SET deleted = true WHERE title = 'a'";
        sql.sea_orm()
            .execute_raw(sea_orm::Statement::from_string(backend, delete))
            .await?;
        assert_eq!(call(&served, "GET", "/5", Json::Null).await?.0, 404);
        assert_eq!(
            call(&served, "GET", "/5/exists", Json::Null).await?.1,
            json!({ "exists": false })
        );
        assert_eq!(
            call(&served, "PUT", "/5", json!({ "title": "x" })).await?.0,
            404
        );
        assert_eq!(
            call(&served, "DELETE", "/5", Json::Null).await?.1,
            json!({ "count": 0 })
        );
        assert_eq!(posts.count(Condition::ALL).await?, 4);
        assert_eq!(posts.delete_all(Condition::ALL).await?, 4);
    }
    Ok(())
}

async fn named_scopes_are_served(database: &str) -> TestResult {
    let served = served(database).await?;
    for (title, words) in [("e", 1), ("d", 10), ("c", 10), ("b", 1000), ("a", 5)] {
        let body = json!({ "title": title, "words": words });
        assert_eq!(call(&served, "POST", "", body).await?.0, 200);
    }
    let (status, found) = call(&served, "GET", "/ofTenWords", Json::Null).await?;
    assert_eq!((status, titles(&found)), (200, vec!["c", "d"]));
    let (_, found) = call(&served, "GET", "/short", Json::Null).await?;
    assert_eq!(
        titles(&found).len(),
        3,
        "the default scope's limit holds: {found}"
    );
    let (_, found) = call(
        &served,
        "GET",
        "/short?filter[where][title]=a&filter[fields]=title",
        Json::Null,
    )
    .await?;
    assert_eq!(found, json!([{ "title": "a" }]));
    assert_eq!(
        call(&served, "GET", "/short/count", Json::Null).await?.1,
        json!({ "count": 4 })
    );
    assert_eq!(
        call(
            &served,
            "GET",
            "/short/count?where[words][gt]=5",
            Json::Null
        )
        .await?
        .1,
        json!({ "count": 2 })
    );

    let (status, post) = call(
        &served,
        "POST",
        "/ofTenWords",
        json!({ "title": "f", "words": 7 }),
    )
    .await?;
    assert_eq!((status, &post["words"]), (200, &json!(10)), "{post}");
    assert_eq!(
        call(&served, "DELETE", "/ofTenWords", Json::Null).await?.0,
        204
    );
    assert_eq!(
        call(&served, "GET", "/count", Json::Null).await?.1,
        json!({ "count": 3 })
    );
    assert_eq!(call(&served, "DELETE", "/short", Json::Null).await?.0, 401);
    // The default scope is no place of its own.
    assert_eq!(call(&served, "GET", "/present", Json::Null).await?.0, 404);

    let document = serde_json::to_value(served.application.openapi())?;
    let scope = &document["paths"]["/api/Posts/ofTenWords"]["get"];
    assert_eq!(scope["operationId"], "Post.__get__ofTenWords");
    assert_eq!(
        scope["description"],
        "Those of ten words.\n\nEveryone may call this."
    );
    Ok(())
}

on_every_database!(the_default_scope_holds_for_everything named_scopes_are_served);
