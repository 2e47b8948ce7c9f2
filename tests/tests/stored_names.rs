//! Tables and columns that are called otherwise in some databases, and defaults by their path.

use loopwright::Config;
use loopwright::connectors::mongodb::MongoConnector;
use loopwright::connectors::sql::SqlConnector;
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use serde_json::json;

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Where a page is on its way.
#[derive(Property, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[property(rename_all = "lowercase")]
enum Status {
    #[default]
    Draft,
    Printed,
}

const FIRST: i64 = 7;

/// A page of a book.
#[derive(Model, Clone, Debug, Default)]
#[model(table = "pages", table(mysql = "Seiten", mongodb = "Seiten"))]
#[acl(open)]
struct Page {
    #[model(id, generated)]
    id: i64,
    #[model(
        index,
        column = "page_text",
        column(mysql = "Inhalt", postgres = "inhalt", mongodb = "Inhalt")
    )]
    text: String,
    #[model(default = Status::Printed)]
    status: Status,
    #[model(default = FIRST)]
    number: i64,
    book_id: Option<i64>,
    #[relation(belongs_to, constraint)]
    book: BelongsTo<Book>,
}

/// What has pages.
#[derive(Model, Clone, Debug, Default)]
#[model(table(mysql = "Buecher"))]
#[acl(open)]
struct Book {
    #[model(
        id,
        generated,
        column(postgres = "nummer", sqlite = "nummer", mysql = "nummer")
    )]
    id: i64,
    #[relation(has_many)]
    pages: HasMany<Page>,
}

async fn names_are_those_of_the_database(database: &str) -> TestResult {
    let app = App::new().config(Config::default());
    let app = app.data_source("db", database).models::<(Page, Book)>();
    let app = app.build().await?;
    let (pages, books) = (app.repository::<Page>()?, app.repository::<Book>()?);
    let book = books.create(Book::default()).await?;
    let new = Page {
        text: "one".into(),
        book_id: Some(book.id),
        ..Page::default()
    };
    let page = pages.create(new).await?;
    let found = pages
        .find()
        .filter(Page::TEXT.like("on%"))
        .order(Page::TEXT.desc());
    assert_eq!(
        found.include(Page::BOOK).all().await?[0]
            .book
            .get()
            .map(|book| book.id),
        Some(book.id)
    );
    let found = books.find().include(Book::PAGES).all().await?;
    assert_eq!(found[0].pages.get()[0].text, "one");
    pages
        .update(page.id, Patch::new().set(Page::TEXT, "two"))
        .await?;

    let sql = match database.split(':').next() {
        Some("sqlite") => "SELECT page_text AS t FROM pages JOIN book ON book_id = nummer",
        Some("postgres") => "SELECT inhalt AS t FROM pages JOIN book ON book_id = nummer",
        Some("mysql") => "SELECT Inhalt AS t FROM Seiten JOIN Buecher ON book_id = nummer",
        Some("mongodb") => {
            let connector = app.connector::<MongoConnector>("db")?;
            let pages = connector
                .database()
                .collection::<mongodb::bson::Document>("Seiten");
            let page = pages
                .find_one(mongodb::bson::doc! {})
                .await?
                .ok_or("no page")?;
            assert_eq!(page.get_str("Inhalt")?, "two");
            return Ok(());
        }
        _ => return Ok(()),
    };
    let rows = app.connector::<SqlConnector>("db")?.query(sql, []).await?;
    assert_eq!(json!(rows[0]["t"]), "two");
    Ok(())
}

on_every_database!(names_are_those_of_the_database);

#[tokio::test]
async fn a_default_is_a_variant_or_a_constant() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:");
    let app = app.models::<(Page, Book)>().build().await?;
    let page = app.records("Page")?.create(json!({"text": "one"})).await?;
    assert_eq!(
        (&page["status"], &page["number"]),
        (&json!("printed"), &json!(7))
    );
    Ok(())
}
