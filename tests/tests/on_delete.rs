//! What happens to instances whose target is deleted, where their relation says so, on every database.

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use loopwright::connectors::memory::MemoryConnector;
use loopwright::connectors::sql::sea_orm::Statement;
use loopwright::connectors::sql::{Answer, SqlConnector, StatementObserver};
use loopwright::connectors::{Capabilities, Connector, Operations};
use loopwright::hook::Delete;
use loopwright::mixins::SoftDelete;
use loopwright::model::{ModelDef, Record};
use loopwright::prelude::*;
use loopwright::query::Filter;
use loopwright::{Application, Config};
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{on_every_database, sqlite_url};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn StdError>>;

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Author {
    #[model(id)]
    id: i64,
    #[relation(has_many)]
    books: HasMany<Book>,
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Book {
    #[model(id)]
    id: i64,
    author_id: Option<i64>,
    #[relation(belongs_to, on_delete = "cascade")]
    author: BelongsTo<Author>,
}

#[loopwright::methods]
impl Book {
    #[hook(before_delete)]
    async fn log(cx: &mut Delete<'_, Self>) -> Result<()> {
        let text = "books go".to_owned();
        let log = cx.repository::<Entry>()?;
        log.create(Entry { id: 0, text }).await.map(drop)
    }

    #[hook(after_delete)]
    async fn ask(cx: &mut Delete<'_, Self>) -> Result<()> {
        let bans = Entry::TEXT.eq("ban");
        match cx.repository::<Entry>()?.count(bans).await? {
            0 => Ok(()),
            _ => Err(Error::new(403, "not while there is a ban")),
        }
    }
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Entry {
    #[model(id, generated)]
    id: i64,
    text: String,
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Loan {
    #[model(id)]
    id: i64,
    book_id: i64,
    author_id: Option<i64>,
    #[relation(belongs_to, on_delete = "restrict")]
    book: BelongsTo<Book>,
    #[relation(belongs_to, on_delete = "cascade")]
    author: BelongsTo<Author>,
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Note {
    #[model(id)]
    id: i64,
    book_id: Option<i64>,
    #[relation(belongs_to, on_delete = "set null")]
    book: BelongsTo<Book>,
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Draft {
    #[model(id)]
    id: i64,
    author_id: Option<i64>,
    #[model(mixin)]
    soft_delete: SoftDelete,
    #[relation(belongs_to, on_delete = "cascade")]
    author: BelongsTo<Author>,
}

type Library = (Author, Book, Entry, Loan, Note, Draft);

/// Two authors with two books each; a note about each book.
async fn library(app: App) -> std::result::Result<Served, Box<dyn StdError>> {
    let served = serve(app.config(Config::default()).models::<Library>()).await?;
    post(&served, "Authors", json!([{"id": 1}, {"id": 2}])).await?;
    let ids = [11, 12, 21, 22];
    let books = ids.map(|id| json!({"id": id, "authorId": id / 10}));
    post(&served, "Books", json!(books)).await?;
    let notes = ids.map(|id| json!({"id": id, "bookId": id}));
    post(&served, "Notes", json!(notes)).await?;
    Ok(served)
}

async fn post(served: &Served, path: &str, body: Json) -> TestResult {
    let request = served.client.post(format!("{}/api/{path}", served.url));
    let response = request.json(&body).send().await?;
    assert_eq!(response.status(), 200, "{}", response.text().await?);
    Ok(())
}

/// Sends `DELETE`: the status and the answer.
async fn delete(
    served: &Served,
    path: &str,
) -> std::result::Result<(u16, Json), Box<dyn StdError>> {
    let request = served.client.delete(format!("{}/api/{path}", served.url));
    let response = request.send().await?;
    let status = response.status().as_u16();
    Ok((
        status,
        serde_json::from_str(&response.text().await?).unwrap_or_default(),
    ))
}

/// The ids of the instances, sorted.
async fn ids<M: Model<Id = i64>>(app: &Application) -> Result<Vec<i64>> {
    let found = app.repository::<M>()?.find().all().await?;
    let mut ids: Vec<_> = found.iter().map(Model::id).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// The notes that are about a book still.
async fn attached_notes(app: &Application) -> Result<u64> {
    app.repository::<Note>()?
        .count(Note::BOOK_ID.is_not_null())
        .await
}

async fn what_refers_goes_along_or_forgets(database: &str) -> TestResult {
    let served = library(App::new().data_source("db", database)).await?;
    let app = &served.application;
    post(
        &served,
        "Drafts",
        json!([{"id": 1, "authorId": 1}, {"id": 2, "authorId": 2}]),
    )
    .await?;
    // One draft has been put away before: it keeps its time.
    delete(&served, "Drafts/1").await?;
    let time = async |id| {
        let drafts = app.repository::<Draft>()?.unscoped();
        let draft = drafts.find_by_id(id).await?;
        Ok::<_, Error>(draft.and_then(|draft| draft.soft_delete.deleted_at))
    };
    let put_away = time(1).await?;

    assert_eq!(delete(&served, "Authors/1").await?.0, 200);
    assert_eq!(ids::<Author>(app).await?, [2]);
    assert_eq!(ids::<Book>(app).await?, [21, 22]);
    assert_eq!(ids::<Note>(app).await?, [11, 12, 21, 22]);
    assert_eq!(attached_notes(app).await?, 2);
    assert_eq!(time(1).await?, put_away);
    assert!(time(2).await?.is_none());
    // Their hooks have run, once for all of them.
    assert_eq!(app.repository::<Entry>()?.count(Condition::ALL).await?, 1);

    // Every way to delete, and a draft whose own hook lets it stay.
    assert_eq!(delete(&served, "Authors/2/books/21").await?.0, 204);
    assert_eq!(attached_notes(app).await?, 1);
    assert_eq!(
        app.repository::<Author>()?
            .delete_all(Condition::ALL)
            .await?,
        1
    );
    assert!(ids::<Book>(app).await?.is_empty());
    assert_eq!(attached_notes(app).await?, 0);
    assert!(time(2).await?.is_some());
    Ok(())
}

async fn one_who_refuses_behind_others_keeps_them_all(database: &str) -> TestResult {
    let served = library(App::new().data_source("db", database)).await?;
    let app = &served.application;
    post(&served, "Loans", json!({"id": 1, "bookId": 12})).await?;
    for path in ["Books/12", "Authors/1", "Authors/1/books"] {
        let (status, answer) = delete(&served, path).await?;
        assert_eq!(status, 409, "{path}: {answer}");
        assert_eq!(answer["error"]["code"], "FOREIGN_KEY_VIOLATION");
        assert_eq!(
            answer["error"]["message"],
            "other instances refer to this `Book`; delete those first"
        );
    }
    assert_eq!(ids::<Author>(app).await?, [1, 2]);
    assert_eq!(ids::<Book>(app).await?, [11, 12, 21, 22]);
    assert_eq!(attached_notes(app).await?, 4);

    // One who refuses and goes as well is no obstacle.
    let mine = Patch::new().set(Loan::AUTHOR_ID, Some(1));
    app.repository::<Loan>()?.update(1, mine).await?;
    let (status, answer) = delete(&served, "Authors/1").await?;
    assert_eq!(status, 200, "{answer}");
    assert!(ids::<Loan>(app).await?.is_empty());
    assert_eq!(ids::<Book>(app).await?, [21, 22]);
    Ok(())
}

async fn a_hook_that_refuses_undoes_it_all(database: &str) -> TestResult {
    let served = library(App::new().data_source("db", database)).await?;
    let app = &served.application;
    post(&served, "Entries", json!({"text": "ban"})).await?;
    let (status, answer) = delete(&served, "Authors/1").await?;
    assert_eq!(status, 403, "{answer}");
    let nothing_happened = async || -> TestResult {
        assert_eq!(ids::<Author>(app).await?, [1, 2]);
        assert_eq!(ids::<Book>(app).await?, [11, 12, 21, 22]);
        assert_eq!(attached_notes(app).await?, 4);
        assert_eq!(app.repository::<Entry>()?.count(Condition::ALL).await?, 1);
        Ok(())
    };
    nothing_happened().await?;

    // Within a transaction that goes on, too, where a part of it can be undone.
    if !database.starts_with("mongodb") {
        let tx = app.transaction().begin().await?;
        assert!(tx.repository::<Author>()?.delete_by_id(1).await.is_err());
        tx.commit().await?;
        nothing_happened().await?;
    }
    Ok(())
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Node {
    #[model(id)]
    id: i64,
    parent_id: Option<i64>,
    cousin_id: Option<i64>,
    #[model(version)]
    version: i64,
    #[relation(belongs_to, on_delete = "cascade")]
    parent: BelongsTo<Node>,
    #[relation(belongs_to, on_delete = "set null")]
    cousin: BelongsTo<Node>,
}

fn node(id: i64, parent: i64) -> Node {
    Node {
        id,
        parent_id: Some(parent),
        ..Node::default()
    }
}

async fn circles_end(database: &str) -> TestResult {
    let app = App::new().config(Config::default());
    let app = app
        .data_source("db", database)
        .models::<(Node,)>()
        .build()
        .await?;
    let nodes = app.repository::<Node>()?;
    // 1, 2 and 3 belong to each other, 4 to itself; 5 knows 1, and 1 itself.
    for (id, parent) in [(1, 3), (2, 1), (3, 2), (4, 4)] {
        nodes.create(node(id, parent)).await?;
    }
    nodes
        .update(1, Patch::new().set(Node::COUSIN_ID, Some(1)))
        .await?;
    let cousin = Node {
        id: 5,
        cousin_id: Some(1),
        ..Node::default()
    };
    nodes.create(cousin).await?;
    assert!(nodes.delete_by_id(1).await?);
    assert_eq!(ids::<Node>(&app).await?, [4, 5]);
    assert_eq!(nodes.count(Node::COUSIN_ID.is_not_null()).await?, 0);
    assert!(nodes.delete_by_id(4).await?);

    // However long a chain is.
    let chain = (1..=2500).map(|id| node(1000 + id, 999 + id));
    app.transaction()
        .run(|tx| async move { tx.repository::<Node>()?.create_all(chain).await })
        .await?;
    assert_eq!(nodes.delete_all(Node::ID.eq(1001)).await?, 1);
    assert_eq!(ids::<Node>(&app).await?, [5]);
    Ok(())
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Owner {
    #[model(id)]
    id: i64,
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Dog {
    #[model(id)]
    id: i64,
    owner_id: i64,
    mother_id: Option<i64>,
    walker_id: Option<i64>,
    #[relation(belongs_to, constraint, on_delete = "cascade")]
    owner: BelongsTo<Owner>,
    #[relation(belongs_to, constraint, on_delete = "set null")]
    mother: BelongsTo<Dog>,
    #[relation(belongs_to, constraint)]
    walker: BelongsTo<Owner>,
}

/// What a dog has swallowed: no database sees to it.
#[derive(Model, Clone, Default)]
#[acl(open)]
struct Bone {
    #[model(id)]
    id: i64,
    dog_id: i64,
    #[relation(belongs_to, on_delete = "cascade")]
    dog: BelongsTo<Dog>,
}

async fn with_or_without_foreign_keys_it_is_the_same(database: &str) -> TestResult {
    let dogs = || {
        let app = App::new().config(Config::default());
        app.data_source("db", database)
            .data_source("elsewhere", "memory:")
    };
    for app in [
        dogs().models::<(Owner, Dog)>(),
        // What the database deletes by itself has dependents that it doesn't know.
        dogs().models::<(Owner, Dog, Bone)>(),
        dogs()
            .models::<(Owner, Dog, Bone)>()
            .attach::<Bone>("elsewhere"),
        dogs()
            .models::<(Owner, Dog, Bone)>()
            .attach::<Dog>("elsewhere"),
    ] {
        let app = app.build().await?;
        let (owners, dogs) = (app.repository::<Owner>()?, app.repository::<Dog>()?);
        for id in [1, 2] {
            owners.create(Owner { id }).await?;
        }
        let dog = |id, owner_id| Dog {
            id,
            owner_id,
            ..Dog::default()
        };
        dogs.create(Dog {
            walker_id: Some(2),
            ..dog(1, 1)
        })
        .await?;
        dogs.create(Dog {
            mother_id: Some(1),
            ..dog(2, 2)
        })
        .await?;
        let bones = app.repository::<Bone>();
        if let Ok(bones) = &bones {
            let bone = Bone {
                id: 1,
                dog_id: 1,
                ..Bone::default()
            };
            bones.create(bone).await?;
        }
        let refused = owners.delete_by_id(2).await.err().ok_or("deleted")?;
        assert_eq!(refused.code(), Some("FOREIGN_KEY_VIOLATION"), "{refused}");
        assert_eq!(refused.status(), 409);
        assert_eq!(ids::<Dog>(&app).await?, [1, 2]);
        assert!(owners.delete_by_id(1).await?);
        assert_eq!(ids::<Dog>(&app).await?, [2]);
        assert_eq!(dogs.count(Dog::MOTHER_ID.is_null()).await?, 1);
        if bones.is_ok() {
            assert!(ids::<Bone>(&app).await?.is_empty());
        }
        owners.delete_all(Condition::ALL).await?;
    }
    Ok(())
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Shelf {
    #[model(id)]
    id: i64,
}

/// Where a volume has gone.
#[derive(Model, Clone, Default)]
#[acl(open)]
struct Slip {
    #[model(id)]
    id: i64,
    volume_id: i64,
    shelf_id: i64,
    #[relation(belongs_to, constraint)]
    volume: BelongsTo<Volume>,
    #[relation(belongs_to, on_delete = "cascade")]
    shelf: BelongsTo<Shelf>,
}

#[derive(Model, Clone, Default)]
#[acl(open)]
struct Volume {
    #[model(id)]
    id: i64,
    shelf_id: i64,
    #[relation(belongs_to, on_delete = "cascade")]
    shelf: BelongsTo<Shelf>,
}

async fn who_refers_goes_first(database: &str) -> TestResult {
    let app = App::new().config(Config::default());
    // Found in this order: a slip before the volume that it refers to, which its database keeps.
    let app = app
        .data_source("db", database)
        .models::<(Shelf, Slip, Volume)>();
    let app = app.build().await?;
    app.repository::<Shelf>()?.create(Shelf { id: 1 }).await?;
    let volume = Volume {
        id: 1,
        shelf_id: 1,
        ..Volume::default()
    };
    app.repository::<Volume>()?.create(volume).await?;
    let slip = Slip {
        id: 1,
        volume_id: 1,
        shelf_id: 1,
        ..Slip::default()
    };
    app.repository::<Slip>()?.create(slip).await?;
    assert!(app.repository::<Volume>()?.delete_by_id(1).await.is_err());
    assert!(app.repository::<Shelf>()?.delete_by_id(1).await?);
    assert!(ids::<Slip>(&app).await?.is_empty());
    assert!(ids::<Volume>(&app).await?.is_empty());
    Ok(())
}

on_every_database!(
    who_refers_goes_first
    what_refers_goes_along_or_forgets
    one_who_refuses_behind_others_keeps_them_all
    a_hook_that_refuses_undoes_it_all
    circles_end
    with_or_without_foreign_keys_it_is_the_same
);

/// The memory connector without transactions.
struct Plain(MemoryConnector);

#[async_trait]
impl Operations for Plain {
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        self.0.find(model, filter).await
    }

    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        self.0.count(model, condition).await
    }

    async fn create(&self, model: &'static ModelDef, record: Record) -> Result<Record> {
        self.0.create(model, record).await
    }

    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64> {
        self.0.update(model, condition, changes).await
    }

    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        self.0.delete(model, condition).await
    }
}

#[async_trait]
impl Connector for Plain {
    fn capabilities(&self) -> Capabilities {
        let mut capabilities = self.0.capabilities();
        capabilities.transactions = false;
        capabilities.savepoints = false;
        capabilities
    }

    async fn ping(&self) -> Result<()> {
        self.0.ping().await
    }

    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()> {
        self.0.autoupdate(models).await
    }

    async fn automigrate(&self, models: &[&'static ModelDef]) -> Result<()> {
        self.0.automigrate(models).await
    }
}

#[tokio::test]
async fn without_transactions_nothing_is_written_before_all_are_asked() -> TestResult {
    let plain = Plain(MemoryConnector::connect("memory:").await?);
    let served = library(App::new().connector("db", plain)).await?;
    let app = &served.application;
    post(&served, "Loans", json!({"id": 1, "bookId": 12})).await?;
    assert_eq!(delete(&served, "Authors/1").await?.0, 409);
    assert_eq!(ids::<Book>(app).await?, [11, 12, 21, 22]);
    assert_eq!(attached_notes(app).await?, 4);
    assert_eq!(delete(&served, "Loans/1").await?.0, 200);
    assert_eq!(delete(&served, "Authors/1").await?.0, 200);
    assert_eq!(ids::<Book>(app).await?, [21, 22]);
    assert_eq!(attached_notes(app).await?, 2);
    Ok(())
}

/// Counts the statements that the database has answered.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<usize>>);

#[async_trait]
impl StatementObserver for Statements {
    async fn after_execute(&self, _: &Statement, _: &Answer) {
        if let Ok(mut count) = self.0.lock() {
            *count += 1;
        }
    }
}

#[tokio::test]
async fn a_thousand_cost_as_many_statements_as_one() -> TestResult {
    let url = sqlite_url();
    let app = App::new().config(Config::default());
    let app = app
        .data_source("db", &*url)
        .models::<Library>()
        .build()
        .await?;
    let statements = Statements::default();
    app.connector::<SqlConnector>("db")?
        .observe(statements.clone());
    let mut counts = Vec::new();
    for (author, books) in [(1, 1), (2, 900)] {
        app.transaction()
            .run(|tx| async move {
                let new = Author {
                    id: author,
                    ..Author::default()
                };
                tx.repository::<Author>()?.create(new).await?;
                let book = |id| Book {
                    id,
                    author_id: Some(author),
                    ..Book::default()
                };
                let loan = |id| Loan {
                    id,
                    book_id: id,
                    author_id: Some(author),
                    ..Loan::default()
                };
                let ids = || (0..books).map(|id| author * 1000 + id);
                tx.repository::<Book>()?.create_all(ids().map(book)).await?;
                tx.repository::<Loan>()?.create_all(ids().map(loan)).await
            })
            .await?;
        let taken = || {
            statements
                .0
                .lock()
                .map(|mut count| std::mem::take(&mut *count))
        };
        taken().map_err(|_| "poisoned")?;
        assert!(app.repository::<Author>()?.delete_by_id(author).await?);
        counts.push(taken().map_err(|_| "poisoned")?);
    }
    assert!(ids::<Loan>(&app).await?.is_empty());
    assert_eq!(counts[0], counts[1], "{counts:?}");
    Ok(())
}
