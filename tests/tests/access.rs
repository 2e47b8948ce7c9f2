//! Access that takes models of its own to show.

use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::serve::serve;

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
