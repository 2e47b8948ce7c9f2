//! Models and methods of Swagger and OpenAPI documents.

use super::*;

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What the command says of a document that is imported into a project.
fn said(files: &[(&str, &str)], arguments: &[&str]) -> (ChangeSet, String) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [MANIFEST].iter().chain(files) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let project = Project::open(folder.path()).unwrap();
    let arguments = Arguments::try_parse_from([&["add", "swagger"], arguments].concat()).unwrap();
    let done = arguments.add.changes(&project, Ask::new(true)).unwrap();
    (done.changes, done.hints.join("\n") + "\n")
}

const APP: (&str, &str) = (
    "src/lib.rs",
    "use loopwright::prelude::*;\n\npub fn app() -> App {\n    App::new()\n}\n",
);

#[test]
fn swagger_2() {
    let (changes, hints) = said(&[APP], &[&fixture("library.json")]);
    expect![[r#"
        --- Cargo.toml
        [package]
        name = "my-api"

        [dependencies]
        loopwright = "0.1" # the framework
        serde_json = "1"
        --- loopwright.toml
        [data_sources.transient]
        url = "transient:"

        [models.SwaggerV2Books]
        data_source = "transient"
        --- src/lib.rs
        pub mod models;

        use loopwright::prelude::*;

        pub fn app() -> App {
            App::new()
                .models::<(models::Book, models::ModelError, models::Novel, models::SwaggerV2Books)>()
        }
        --- src/models/author.rs
        use loopwright::prelude::*;

        #[derive(Property, Clone, Debug, Default)]
        pub struct Author {
            pub name: String,
            #[property(name = "born_on")]
            pub born_on: Option<NaiveDate>,
            #[property(default = true)]
            pub alive: bool,
            pub teacher: Option<serde_json::Value>,
        }
        --- src/models/book.rs
        use loopwright::prelude::*;

        use super::{Author, BookTag};

        /// A book.
        #[derive(Model, Clone, Debug, Default)]
        #[acl(allow(read), to = authenticated)]
        pub struct Book {
            /// Identifies the instance.
            #[model(id, generated)]
            pub id: i64,
            /// On the cover.
            #[validate(length(min = 1, max = 80))]
            pub title: String,
            pub author: Author,
            pub tags: Option<Vec<BookTag>>,
            #[model(default = "in")]
            #[validate(inclusion("in", "out \"there\""))]
            pub status: String,
            #[validate(range(min = 1))]
            pub pages: Option<i32>,
            #[validate(range(max = 99.5))]
            pub price: Option<f64>,
            pub r#type: Option<String>,
            #[model(name = "published_at")]
            pub published_at: Option<NaiveDate>,
            #[model(name = "2nd")]
            pub field_2nd: Option<bool>,
            pub isbn: Option<String>,
            pub more: Option<serde_json::Value>,
            pub code: Option<String>,
        }
        --- src/models/book_tag.rs
        use loopwright::prelude::*;

        #[derive(Property, Clone, Debug, Default)]
        pub struct BookTag {
            pub id: Option<i64>,
            pub label: Option<String>,
        }
        --- src/models/mod.rs
        //! The models, one to a file.

        mod author;
        mod book;
        mod book_tag;
        mod model_error;
        mod novel;
        mod swagger_v2_books;

        pub use author::Author;
        pub use book::Book;
        pub use book_tag::BookTag;
        pub use model_error::ModelError;
        pub use novel::Novel;
        pub use swagger_v2_books::SwaggerV2Books;
        --- src/models/model_error.rs
        use loopwright::prelude::*;

        #[derive(Model, Clone, Debug, Default)]
        #[model(name = "Error")]
        #[acl(allow(read), to = authenticated)]
        pub struct ModelError {
            /// Identifies the instance.
            #[model(id, generated)]
            pub id: i64,
            pub message: String,
            pub code: Option<i64>,
        }
        --- src/models/novel.rs
        use loopwright::prelude::*;

        use super::{Author, BookTag};

        #[derive(Model, Clone, Debug, Default)]
        #[acl(allow(read), to = authenticated)]
        pub struct Novel {
            /// Identifies the instance.
            #[model(id, generated)]
            pub id: i64,
            /// On the cover.
            #[validate(length(min = 1, max = 80))]
            pub title: String,
            pub author: Author,
            pub tags: Option<Vec<BookTag>>,
            #[model(default = "in")]
            #[validate(inclusion("in", "out \"there\""))]
            pub status: String,
            #[validate(range(min = 1))]
            pub pages: Option<i32>,
            #[validate(range(max = 99.5))]
            pub price: Option<f64>,
            pub r#type: Option<String>,
            #[model(name = "published_at")]
            pub published_at: Option<NaiveDate>,
            #[model(name = "2nd")]
            pub field_2nd: Option<bool>,
            pub isbn: Option<String>,
            pub more: Option<serde_json::Value>,
            pub code: Option<String>,
            pub genre: String,
        }
        --- src/models/swagger_v2_books.rs
        use loopwright::prelude::*;

        use super::Book;

        /// A library.
        #[derive(Model, Clone, Debug, Default)]
        #[model(path = "v2")]
        #[model(disable(
            create,
            upsert,
            replace_or_create,
            upsert_with_where,
            find_one,
            find_by_id,
            exists,
            count,
            update_all,
            update_attributes,
            replace_by_id,
            delete_by_id,
            create_change_stream,
        ))]
        #[acl(allow(all), to = authenticated)]
        pub struct SwaggerV2Books {
            /// Every model has one; this one has no instances.
            #[model(id, generated)]
            pub id: i64,
        }

        #[loopwright::methods]
        impl SwaggerV2Books {
            /// Finds books by their state.
            #[remote(get = "/books/titles")]
            async fn find(
                #[arg(query, default = 20)] limit: i32,
                #[arg(query)] status: Vec<String>,
                #[arg(header, name = "X-Request-ID")] x_request_id: Option<String>,
                #[arg(query)] since: Option<DateTime<Utc>>,
                #[arg(query)] r#type: Option<String>,
            ) -> Result<Vec<Book>> {
                let _ = (limit, status, x_request_id, since, r#type);
                Err(Error::new(
                    501,
                    "`SwaggerV2Books::find` is not written yet; write what it answers",
                ))
            }

            #[remote(post = "/books/titles", status = 201)]
            async fn book_add_one(
                #[arg(query, default = 20)] limit: i32,
                #[arg(body)] book: Book,
            ) -> Result<Book> {
                let _ = (limit, book);
                Err(Error::new(
                    501,
                    "`SwaggerV2Books::book_add_one` is not written yet; write what it answers",
                ))
            }

            #[remote(get = "/books/titles/{bookId}")]
            async fn get_book(#[arg(path)] book_id: i64) -> Result<Book> {
                let _ = book_id;
                Err(Error::new(
                    501,
                    "`SwaggerV2Books::get_book` is not written yet; write what it answers",
                ))
            }

            #[remote(delete = "/books/titles/{bookId}")]
            async fn delete_titles_book_id(#[arg(path)] book_id: i64) -> Result<()> {
                let _ = book_id;
                Err(Error::new(
                    501,
                    "`SwaggerV2Books::delete_titles_book_id` is not written yet; write what it answers",
                ))
            }

            #[remote(post = "/books/titles/{bookId}/cover")]
            async fn upload_cover(
                #[arg(path)] book_id: i64,
                #[arg(form)] note: Option<String>,
            ) -> Result<serde_json::Value> {
                let _ = (book_id, note);
                Err(Error::new(
                    501,
                    "`SwaggerV2Books::upload_cover` is not written yet; write what it answers",
                ))
            }

            #[remote(get = "/books/tally")]
            async fn get_tally() -> Result<i64> {
                Err(Error::new(
                    501,
                    "`SwaggerV2Books::get_tally` is not written yet; write what it answers",
                ))
            }
        }
    "#]]
    .assert_eq(&changes.listing());
    expect![[r#"
        not taken over: `Book.more` is an object without a name; it is any JSON
        not taken over: `Book.code` says `pattern`, which is not checked
        not taken over: `Novel.more` is an object without a name; it is any JSON
        not taken over: `Novel.code` says `pattern`, which is not checked
        not taken over: `Author.teacher` leads back to `Author`, which can't be a part of itself; it is any JSON
        not taken over: GET /titles: what the values of `type` may be is not checked; the method does that
        not taken over: GET /titles: the argument `track` stands in `cookie`, where no method looks; it is left out
        not taken over: POST /titles/{bookId}/cover: the argument `file` is a file, which no method takes; it is left out
        not taken over: GET /titles/{bookId}.pdf has a path whose parts no method can have; it is left out
        not taken over: OPTIONS /tally has a verb that no method has; it is left out
        not taken over: how callers say who they are; rules say who may do what, see `loopwright add acl`
        not taken over: `Error` has no property `id`, which every model has; it is added
        not taken over: GET /titles requires `status`, which is empty, or false, where a caller leaves it out
        6 structs; the methods of `SwaggerV2Books` answer 501 until they are written, and `cargo run -- routes` lists them
    "#]].assert_eq(&hints);
}

/// Beside models that are there, in another data source, and open.
#[test]
fn openapi_3() {
    let config = (
        "loopwright.toml",
        "# mine\n[data_sources.log]\nurl = \"memory:\"\n",
    );
    let files = [MAIN, INDEX, SHOP, REVIEW, config];
    let arguments = [
        &fixture("tasks.yaml"),
        "--access",
        "open",
        "--data-source",
        "log",
        "--path",
        "todo",
        "--name",
        "TaskApi",
    ];
    let (changes, hints) = said(&files, &arguments);
    changes.assert_only_inserted();
    expect![[r#"
        --- Cargo.toml
        [package]
        name = "my-api"

        [dependencies]
        loopwright = "0.1" # the framework
        serde_json = "1"
        --- loopwright.toml
        # mine
        [data_sources.log]
        url = "memory:"

        [data_sources.transient]
        url = "transient:"

        [models.TaskApi]
        data_source = "transient"

        [models.Task]
        data_source = "log"
        --- src/main.rs
        // Shops, and what people think of them.
        mod models;

        use loopwright::prelude::*;

        #[loopwright::main]
        async fn main() -> Result<()> {
            App::new()
                .title("Shops")
                .models::<(models::Shop, models::Review)>() // all of them
                .models::<(models::Task, models::TaskApi)>()
                .run()
                .await
        }
        --- src/models/mod.rs
        //! The models.

        mod person;
        mod review;
        mod shop;
        mod task;
        mod task_api;

        pub use person::Person;
        pub use review::Review;
        pub use shop::Shop;
        pub use task::Task;
        pub use task_api::TaskApi;
        --- src/models/person.rs
        use loopwright::prelude::*;

        #[derive(Property, Clone, Debug, Default)]
        pub struct Person {
            pub email: Option<String>,
            pub friends: Option<serde_json::Value>,
        }
        --- src/models/task.rs
        use loopwright::prelude::*;

        use super::Person;

        #[derive(Model, Clone, Debug, Default)]
        #[acl(open)]
        pub struct Task {
            /// Identifies the instance.
            #[model(id, generated)]
            pub id: Uuid,
            pub title: String,
            pub due: Option<DateTime<Utc>>,
            pub owner: Person,
            pub score: Option<serde_json::Value>,
        }
        --- src/models/task_api.rs
        use loopwright::prelude::*;

        use super::Task;

        /// Tasks.
        #[derive(Model, Clone, Debug, Default)]
        #[model(path = "todo")]
        #[model(disable(
            create,
            upsert,
            replace_or_create,
            upsert_with_where,
            find,
            find_one,
            find_by_id,
            exists,
            count,
            update_all,
            update_attributes,
            replace_by_id,
            delete_by_id,
            create_change_stream,
        ))]
        #[acl(open)]
        pub struct TaskApi {
            /// Every model has one; this one has no instances.
            #[model(id, generated)]
            pub id: i64,
        }

        #[loopwright::methods]
        impl TaskApi {
            /// Changes a task.
            ///
            /// As much of it as is given.
            #[remote(patch = "/tasks/{pathId}")]
            async fn change_task(#[arg(path)] path_id: Uuid, #[arg(body)] body: Task) -> Result<Task> {
                let _ = (path_id, body);
                Err(Error::new(
                    501,
                    "`TaskApi::change_task` is not written yet; write what it answers",
                ))
            }

            #[remote(post = "/tasks")]
            async fn import_tasks() -> Result<()> {
                Err(Error::new(
                    501,
                    "`TaskApi::import_tasks` is not written yet; write what it answers",
                ))
            }

            #[remote(put = "/tasks", status = 200)]
            async fn say(#[arg(form)] text: String, #[arg(form)] loud: bool) -> Result<()> {
                let _ = (text, loud);
                Err(Error::new(
                    501,
                    "`TaskApi::say` is not written yet; write what it answers",
                ))
            }
        }
    "#]]
    .assert_eq(&changes.listing());
    expect![[r#"
        not taken over: `Task.score` is `oneOf` several things; it is any JSON
        not taken over: `Person.friends` leads back to `Person`, which can't be a part of itself; it is any JSON
        not taken over: POST /tasks takes text/csv, which no method does; its body is left out
        not taken over: PUT /tasks answers text/plain; the method answers nothing until it is written to answer a `Response`
        3 structs; the methods of `TaskApi` answer 501 until they are written, and `cargo run -- routes` lists them
    "#]].assert_eq(&hints);
}

/// All in one file, with a model that the document knows, too.
#[test]
fn one_file_and_a_model_that_is_there() {
    let models = SINGLE
        .1
        .split("#[loopwright::main]")
        .next()
        .unwrap()
        .replace("Note", "Author");
    let files = [MAIN, ("src/models.rs", models.as_str())];
    let (changes, hints) = said(&files, &[&fixture("library.json")]);
    let main = changes.text("src/models.rs").unwrap();
    assert_eq!(main.matches("struct Author").count(), 1, "{main}");
    assert!(main.contains("pub author: serde_json::Value,"), "{main}");
    assert!(
        hints.contains("`Author` exists already, and stays as it is"),
        "{hints}"
    );
}

#[test]
fn what_is_no_document() {
    let folder = tempfile::tempdir().unwrap();
    for (text, message) in [
        ("{\"swagger\": \"1.2\"}", "of version 1.2"),
        ("{}", "neither `swagger` nor `openapi`"),
        ("{", "neither JSON nor YAML"),
        ("[1]", "neither `swagger` nor `openapi`"),
    ] {
        let path = folder.path().join("document");
        fs::write(&path, text).unwrap();
        let error = refused(&SHOPS, &["swagger", path.to_str().unwrap()]);
        assert!(error.contains(message), "{error}");
    }
    let error = refused(&SHOPS, &["swagger", "nothing.json"]);
    assert!(error.starts_with("nothing.json can't be read"), "{error}");
    // A port that nobody listens on, and a password that nobody repeats.
    let error = refused(
        &SHOPS,
        &["swagger", "http://me:tiger@127.0.0.1:1/swagger.json"],
    );
    assert!(
        error.contains("can't be fetched") && !error.contains("tiger"),
        "{error}"
    );
    for arguments in [
        ["--name", "a/b"],
        ["--path", "a/b"],
        ["--data-source", "nowhere"],
    ] {
        let document = fixture("tasks.yaml");
        assert!(
            added(&SHOPS, &[&["swagger", &document], &arguments[..]].concat()).is_err(),
            "{arguments:?}"
        );
    }
}

/// Whatever stands in a document: what is written is Rust, or nothing is.
#[test]
fn documents_that_mean_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("swagger.json");
    let evil = r##"")] fn x() {} //*/ "# \n {}"##;
    let document = serde_json::json!({
        "swagger": "2.0",
        "info": { "title": evil },
        "basePath": evil,
        "paths": { format!("/{evil}"): { "get": { "operationId": evil, "summary": format!("*/ {evil}\r\n///x"), "parameters": [
            { "name": evil, "in": "query", "type": "string", "default": evil },
        ], "responses": {} } }, "/a": { "get": { "operationId": evil, "parameters": [{ "name": evil, "in": "header", "type": "string" }], "responses": {} } } },
        "definitions": { evil: { "description": evil, "properties": { evil: { "type": "string", "enum": [evil], "default": evil } } },
            "a": { "$ref": "#/definitions/a" }, "b": { "allOf": [{ "$ref": "#/definitions/b" }], "properties": {} },
            "mod": { "properties": { "self": { "$ref": "#/definitions/self" }, "": {}, "a-b": {}, "aB": {} } }, "self": { "properties": { "x": { "items": { "$ref": "#/definitions/mod" }, "type": "array" } } } },
    });
    fs::write(&path, document.to_string()).unwrap();
    let (changes, _) = said(&[APP], &[path.to_str().unwrap()]);
    changes.check().unwrap();
}
