//! Pages that begin at a cursor, and totals, on every database.

use std::collections::HashMap;

use loopwright::prelude::*;
use loopwright::query::Window;
use loopwright::{App, Config};
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Somebody whose books are read.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Writer {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[relation(has_many)]
    books: HasMany<Book>,
}

/// A book, of which little need be known.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Book {
    #[model(id, generated)]
    id: i64,
    title: Option<String>,
    year: Option<i32>,
    printed: Option<DateTime<Utc>>,
    price: Option<Decimal>,
    tags: Vec<String>,
    place: Option<GeoPoint>,
    writer_id: Option<i64>,
}

/// Books with every kind of gap and of equals.
fn books() -> Vec<Json> {
    let books = (0..23_i64).map(|number| {
        let title = (number % 4 > 0).then(|| ["ä", "B", "a", "zoë"][(number % 3) as usize]);
        let year = (number % 5 > 0).then_some(1990 + number % 3);
        let printed = (number % 3 > 0)
            .then(|| format!("2020-01-0{}T10:00:00.{:03}Z", number % 7 + 1, number));
        let price = (number % 6 > 0).then(|| format!("{}.{}", number % 4, number % 10));
        json!({"title": title, "year": year, "printed": printed, "price": price, "writerId": number % 2 + 1, "tags": []})
    });
    books.collect()
}

async fn library(database: &str) -> std::result::Result<Served, Box<dyn std::error::Error>> {
    let app = App::new().config(Config::default());
    let app = app.data_source("db", database).models::<(Writer, Book)>();
    let served = serve(app).await?;
    for (path, body) in [
        ("Writers", json!([{"name": "Ann"}, {"name": "Bob"}])),
        ("Books", books().into()),
    ] {
        let sent = served.client.post(format!("{}/api/{path}", served.url));
        assert_eq!(sent.json(&body).send().await?.status(), 200, "{path}");
    }
    Ok(served)
}

/// What one request for a list has answered.
struct Answer {
    items: Vec<Json>,
    /// The query strings of the pages around, by their relations.
    links: HashMap<String, String>,
    total: Option<String>,
}

async fn get(
    served: &Served,
    url: &str,
) -> std::result::Result<Answer, Box<dyn std::error::Error>> {
    let response = served.client.get(url).send().await?;
    let header = |name: &str| {
        let value = response.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let (link, total) = (header("link").unwrap_or_default(), header("x-total-count"));
    assert_eq!(response.status(), 200, "{url}: {}", response.text().await?);
    let links = link.split(", ").filter_map(|link| {
        let (target, relation) = link.split_once("; rel=")?;
        let target = target.strip_prefix('<')?.strip_suffix('>')?;
        Some((relation.trim_matches('"').to_owned(), target.to_owned()))
    });
    let links = links.collect();
    let items = response.json().await?;
    Ok(Answer {
        items,
        links,
        total,
    })
}

const ORDERS: [&str; 9] = [
    "[]",
    r#"["id DESC"]"#,
    r#"["title"]"#,
    r#"["title DESC"]"#,
    r#"["year", "title DESC"]"#,
    r#"["year DESC", "price", "id DESC"]"#,
    r#"["printed"]"#,
    r#"["printed DESC", "year"]"#,
    r#"["price DESC"]"#,
];

/// All pages one after the other are the whole list, from either end, whatever the order.
async fn pages_make_the_whole_list(database: &str) -> TestResult {
    let served = library(database).await?;
    for path in ["Books", "Writers/2/books"] {
        let list = format!("{}/api/{path}", served.url);
        for order in ORDERS {
            let whole = format!("{list}?filter={{\"order\":{order}}}");
            let whole = get(&served, &whole).await?.items;
            let page = format!("{list}?filter={{\"order\":{order},\"limit\":4}}");
            let (mut url, mut seen) = (format!("{page}&after="), Vec::new());
            loop {
                let answer = get(&served, &url).await?;
                assert!(answer.items.len() <= 4, "{url}");
                assert_eq!(answer.links.contains_key("prev"), !seen.is_empty(), "{url}");
                seen.extend(answer.items);
                match answer.links.get("next") {
                    Some(next) => url = format!("{list}{next}"),
                    None => break,
                }
            }
            assert_eq!(seen, whole, "{path} {order}");
            let (mut url, mut seen) = (format!("{page}&before="), Vec::new());
            loop {
                let answer = get(&served, &url).await?;
                seen.splice(0..0, answer.items);
                match answer.links.get("prev") {
                    Some(previous) => url = format!("{list}{previous}"),
                    None => break,
                }
            }
            assert_eq!(seen, whole, "{path} {order} from its end");
        }
    }
    Ok(())
}

/// Who reads on misses nothing and sees nothing twice, whatever has come and gone.
async fn a_page_stays_where_it_is(database: &str) -> TestResult {
    let served = library(database).await?;
    let list = format!("{}/api/Books", served.url);
    let first =
        format!("{list}?filter[order]=year%20DESC&filter[limit]=10&filter[fields]=title&after=");
    let first = get(&served, &first).await?;
    assert_eq!(first.items[0].as_object().map(|book| book.len()), Some(1));
    let expected = format!("{list}{}", first.links["next"]);
    let expected = get(&served, &expected).await?.items;
    let new = json!([{"title": "new", "year": 3000, "tags": []}, {"title": "newer", "year": 3001, "tags": []}]);
    served.client.post(&list).json(&new).send().await?;
    // Of the year 1992, so of the first page.
    served.client.delete(format!("{list}/3")).send().await?;
    let second = get(&served, &format!("{list}{}", first.links["next"])).await?;
    assert_eq!(second.items, expected);
    Ok(())
}

async fn the_total_is_told_on_request(database: &str) -> TestResult {
    let served = library(database).await?;
    let list = format!(
        "{}/api/Books?filter[limit]=2&filter[where][year]=1990",
        served.url
    );
    assert_eq!(get(&served, &list).await?.total, None);
    assert_eq!(
        get(&served, &format!("{list}&count=false")).await?.total,
        None
    );
    let counted = get(&served, &format!("{list}&count=true")).await?;
    assert_eq!(
        (counted.items.len(), counted.total.as_deref()),
        (2, Some("6"))
    );
    let related = format!(
        "{}/api/Writers/1/books?filter[limit]=1&count=true",
        served.url
    );
    assert_eq!(get(&served, &related).await?.total.as_deref(), Some("12"));
    let near = format!(
        "{}/api/Books?filter[where][place][near]=1,2&count=true",
        served.url
    );
    assert_eq!(get(&served, &near).await?.total.as_deref(), Some("0"));
    let placed = json!({"title": "here", "tags": [], "place": {"lat": 1, "lng": 2}});
    for _ in 0..2 {
        let sent = served
            .client
            .post(format!("{}/api/Books", served.url))
            .json(&placed);
        assert_eq!(sent.send().await?.status(), 200);
    }
    let near = get(&served, &format!("{near}&filter[limit]=1")).await?;
    assert_eq!((near.items.len(), near.total.as_deref()), (1, Some("2")));
    Ok(())
}

async fn what_is_no_page_is_refused(database: &str) -> TestResult {
    let served = library(database).await?;
    let list = format!("{}/api/Books", served.url);
    let first = get(&served, &format!("{list}?filter[limit]=1&after=")).await?;
    let next = &first.links["next"];
    for query in [
        "?after=nonsense".to_owned(),
        "?after=bm9uc2Vuc2U".to_owned(),
        "?after=&before=".to_owned(),
        "?after=&after=".to_owned(),
        "?after[a]=".to_owned(),
        "?filter[skip]=1&after=".to_owned(),
        "?filter[order]=tags&after=".to_owned(),
        "?filter[order]=tags.0&after=".to_owned(),
        "?filter[where][place][near]=1,2&after=".to_owned(),
        "?count=maybe".to_owned(),
        // A cursor of another order.
        format!("{next}&filter[order]=year"),
    ] {
        let url = format!("{list}{query}");
        let response = served.client.get(&url).send().await?;
        let status = response.status();
        let body: Json = response.json().await?;
        assert_eq!(status, 400, "{url} {body}");
        assert!(body["error"]["message"].is_string(), "{body}");
    }
    Ok(())
}

on_every_database!(
    pages_make_the_whole_list a_page_stays_where_it_is the_total_is_told_on_request what_is_no_page_is_refused
);

/// No list is without end: who asks for too much is told what to do.
#[tokio::test]
async fn a_list_has_its_limits() -> TestResult {
    let mut config = Config::default();
    config.rest.max_limit = 10;
    let app = App::new().config(config).data_source("db", "memory:");
    let served = serve(app.models::<(Writer, Book)>()).await?;
    let list = format!("{}/api/Books", served.url);
    served.client.post(&list).json(&books()).send().await?;
    for query in [
        "",
        "?filter[limit]=11",
        "?filter[limit]=1000&filter[skip]=5",
    ] {
        let response = served.client.get(format!("{list}{query}")).send().await?;
        assert_eq!(response.status(), 400, "{query}");
        let body: Json = response.json().await?;
        assert_eq!(body["error"]["code"], "TOO_MANY_INSTANCES");
    }
    // What is there fits, whatever was asked for.
    for query in [
        "?filter[limit]=10",
        "?filter[skip]=20",
        "?filter[where][id][lt]=8",
        "?filter[limit]=1000&filter[where][id][lt]=8",
    ] {
        assert!(get(&served, &format!("{list}{query}")).await?.items.len() <= 10);
    }
    let page = get(&served, &format!("{list}?after=")).await?;
    assert_eq!(page.items.len(), 10);
    assert!(page.links.contains_key("next"));
    Ok(())
}

#[tokio::test]
async fn who_says_no_limit_gets_the_applications() -> TestResult {
    let mut config = Config::default();
    config.rest.default_limit = 5;
    let app = App::new().config(config).data_source("db", "memory:");
    let served = serve(app.models::<(Writer, Book)>()).await?;
    let list = format!("{}/api/Books", served.url);
    served.client.post(&list).json(&books()).send().await?;
    assert_eq!(get(&served, &list).await?.items.len(), 5);
    assert_eq!(
        get(&served, &format!("{list}?filter[limit]=7"))
            .await?
            .items
            .len(),
        7
    );
    Ok(())
}

/// The same in Rust, where a cursor may travel as text.
#[tokio::test]
async fn a_query_has_pages() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:")
        .models::<(Writer, Book)>()
        .build()
        .await?;
    let writers = app.repository::<Writer>()?;
    for name in ["Ann", "Bob", "Cy"] {
        let books = HasMany::default();
        let name = name.to_owned();
        writers.create(Writer { id: 0, name, books }).await?;
    }
    let query = || writers.find().order(Writer::NAME.desc()).limit(2);
    let last = query().page(Window::Before(None)).await?;
    let names = |writers: &[Writer]| {
        writers
            .iter()
            .map(|one| one.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&last.items), ["Bob", "Ann"]);
    let text = last.previous.ok_or("there is one before")?.to_text();
    let first = query()
        .page(Window::Before(Some(query().cursor(&text)?)))
        .await?;
    assert_eq!(names(&first.items), ["Cy"]);
    assert_eq!(first.previous, None);
    Ok(())
}
