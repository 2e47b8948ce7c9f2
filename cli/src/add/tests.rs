//! What each command makes of sources, to the letter.

mod boot_script;
mod middleware;
mod relation;
mod swagger;

use std::fs;

use clap::Parser;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{Add, Ask};
use crate::change::ChangeSet;
use crate::error::{Error, Result};
use crate::project::Project;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    add: Add,
}

const MANIFEST: (&str, &str) = (
    "Cargo.toml",
    "[package]\nname = \"my-api\"\n\n[dependencies]\nloopwright = \"0.1\" # the framework\n",
);

/// What `arguments` make of a project with these files.
fn added(files: &[(&str, &str)], arguments: &[&str]) -> Result<ChangeSet> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [MANIFEST].iter().chain(files) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let project = Project::open(folder.path())?;
    let arguments = [&["add"], arguments].concat();
    let arguments = Arguments::try_parse_from(arguments).unwrap();
    let done = arguments.add.changes(&project, Ask::new(true))?;
    done.changes.assert_only_inserted();
    Ok(done.changes)
}

/// Shows every file that changes.
fn check(files: &[(&str, &str)], arguments: &[&str], expected: &Expect) {
    let changes = added(files, arguments).unwrap();
    expected.assert_eq(&changes.listing());
}

/// The message of an error.
fn refused(files: &[(&str, &str)], arguments: &[&str]) -> String {
    added(files, arguments).unwrap_err().to_string()
}

const MAIN: (&str, &str) = (
    "src/main.rs",
    r#"// Shops, and what people think of them.
mod models;

use loopwright::prelude::*;

#[loopwright::main]
async fn main() -> Result<()> {
    App::new()
        .title("Shops")
        .models::<(models::Shop, models::Review)>() // all of them
        .run()
        .await
}
"#,
);

const INDEX: (&str, &str) = (
    "src/models/mod.rs",
    "//! The models.\n\nmod review;\nmod shop;\n\npub use review::Review;\npub use shop::Shop;\n",
);

const SHOP: (&str, &str) = (
    "src/models/shop.rs",
    r#"use loopwright::prelude::*;

use super::Review;

/// A shop,   oddly formatted.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(read), to = everyone)] // for now
pub struct Shop {
    #[model(id, generated)]
    pub id:   i64, // counted
    /// On the sign.
    pub name: String, // not unique

    #[relation(has_many)]
    pub reviews: HasMany<Review>,
}
"#,
);

const REVIEW: (&str, &str) = (
    "src/models/review.rs",
    r#"use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
pub struct Review {
    #[model(id, generated)]
    pub id: Uuid,
    pub rating: u8,
    pub shop_id: i64
}
"#,
);

const SHOPS: [(&str, &str); 4] = [MAIN, INDEX, SHOP, REVIEW];

/// One file, as the README has it.
const SINGLE: (&str, &str) = (
    "src/main.rs",
    r#"use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Note { #[model(id, generated)] id: i64, title: String }

#[loopwright::main]
async fn main() -> Result<()> {
    App::new().models::<(Note,)>().run().await
}
"#,
);

#[test]
fn a_model_in_a_file_of_its_own() {
    check(
        &SHOPS,
        &[
            "model",
            "open-hour",
            "--property",
            "day:string!",
            "--property",
            "opens:integer=8",
            "--property",
            "notes:any",
            "--access",
            "read",
            "--description",
            "When a shop is open.",
        ],
        &expect![[r#"
            --- Cargo.toml
            [package]
            name = "my-api"

            [dependencies]
            loopwright = "0.1" # the framework
            serde_json = "1"
            --- src/main.rs
            // Shops, and what people think of them.
            mod models;

            use loopwright::prelude::*;

            #[loopwright::main]
            async fn main() -> Result<()> {
                App::new()
                    .title("Shops")
                    .models::<(models::Shop, models::Review, models::OpenHour)>() // all of them
                    .run()
                    .await
            }
            --- src/models/mod.rs
            //! The models.

            mod open_hour;
            mod review;
            mod shop;

            pub use open_hour::OpenHour;
            pub use review::Review;
            pub use shop::Shop;
            --- src/models/open_hour.rs
            use loopwright::prelude::*;

            /// When a shop is open.
            #[derive(Model, Clone, Debug, Default)]
            #[acl(allow(read), to = everyone)]
            pub struct OpenHour {
                /// Identifies the instance.
                #[model(id, generated)]
                pub id: i64,
                pub day: String,
                #[model(default = 8)]
                pub opens: i64,
                pub notes: Option<serde_json::Value>,
            }
        "#]],
    );
}

#[test]
fn the_first_model_of_a_project() {
    let main = (
        "src/lib.rs",
        "//! An application.\n\nuse loopwright::prelude::*;\n\npub fn app() -> App {\n    App::new()\n}\n",
    );
    check(
        &[main],
        &["model", "Customer", "--base", "User"],
        &expect![[r#"
        --- src/lib.rs
        //! An application.

        pub mod models;

        use loopwright::prelude::*;

        pub fn app() -> App {
            App::new().models::<(models::Customer,)>()
        }
        --- src/models/customer.rs
        use loopwright::prelude::*;

        #[derive(Model, Clone, Debug, Default)]
        pub struct Customer {
            /// What it has of the model that it extends.
            #[model(base)]
            pub user: loopwright::builtin::User,
        }
        --- src/models/mod.rs
        //! The models, one to a file.

        mod customer;

        pub use customer::Customer;
    "#]],
    );
}

#[test]
fn a_model_beside_those_of_one_file() {
    let main = (
        "src/main.rs",
        "mod model;\n\nfn main() {\n    let app = loopwright::App::new().models::<(\n        model::Note,\n    )>();\n}\n",
    );
    let model = (
        "src/model.rs",
        "//! All of them.\nuse loopwright::Model;\n\n#[derive(Model)]\n#[acl(open)]\nstruct Note {\n    #[model(id)]\n    id: i64,\n}\n",
    );
    check(
        &[main, model],
        &[
            "model", "type", "--id", "uuid", "--access", "private", "--plural", "kinds",
        ],
        &expect![[r#"
        --- src/main.rs
        mod model;

        fn main() {
            let app = loopwright::App::new().models::<(
                model::Note,
                model::Type,
            )>();
        }
        --- src/model.rs
        //! All of them.
        use loopwright::Model;
        use loopwright::prelude::*;

        #[derive(Model)]
        #[acl(open)]
        struct Note {
            #[model(id)]
            id: i64,
        }

        #[derive(Model, Clone, Debug, Default)]
        #[model(path = "kinds")]
        #[model(public = false)]
        pub struct Type {
            /// Identifies the instance.
            #[model(id, generated)]
            pub id: Uuid,
        }
    "#]],
    );
}

#[test]
fn a_model_where_the_others_are_in_the_program() {
    check(
        &[SINGLE],
        &[
            "model",
            "Tag",
            "--access",
            "open",
            "--property",
            "at:geopoint!",
        ],
        &expect![[r#"
        --- src/main.rs
        mod models;

        use loopwright::prelude::*;

        #[derive(Model)]
        #[acl(open)]
        struct Note { #[model(id, generated)] id: i64, title: String }

        #[loopwright::main]
        async fn main() -> Result<()> {
            App::new().models::<(Note, models::Tag)>().run().await
        }
        --- src/models/mod.rs
        //! The models, one to a file.

        mod tag;

        pub use tag::Tag;
        --- src/models/tag.rs
        use loopwright::prelude::*;

        #[derive(Model, Clone, Debug)]
        #[acl(open)]
        pub struct Tag {
            /// Identifies the instance.
            #[model(id, generated)]
            pub id: i64,
            pub at: GeoPoint,
        }
    "#]],
    );
}

#[test]
fn a_seventeenth_model() {
    let models: Vec<_> = (0..16).map(|number| format!("M{number}")).collect();
    let main = format!(
        "fn main() {{\n    App::new()\n        .models::<({})>()\n        .run();\n}}\n",
        models.join(", ")
    );
    let changes = added(&[("src/main.rs", &main)], &["model", "Tag"]).unwrap();
    let text = changes.text("src/main.rs").unwrap();
    assert!(
        text.contains("M15)>()\n        .models::<(models::Tag,)>()\n        .run();"),
        "{text}"
    );
}

#[test]
fn a_model_in_another_data_source() {
    let config = (
        "loopwright.toml",
        "# mine\n[data_sources.log] # here\nurl = \"memory:\"\n",
    );
    let changes = added(
        &[MAIN, INDEX, SHOP, REVIEW, config],
        &["model", "Visit", "--data-source", "log"],
    )
    .unwrap();
    expect![[r##"
        # mine
        [data_sources.log] # here
        url = "memory:"

        [models.Visit]
        data_source = "log"
    "##]]
    .assert_eq(changes.text("loopwright.toml").unwrap());
    let message = refused(
        &[MAIN, INDEX, SHOP, REVIEW, config],
        &["model", "Visit", "--data-source", "logs"],
    );
    assert!(message.contains("did you mean `log`?"), "{message}");
}

#[test]
fn properties() {
    check(
        &SHOPS,
        &[
            "property",
            "Shop",
            "openedAt",
            "date",
            "--default",
            "now",
            "--validate",
            "presence",
            "--index",
            "--description",
            "When it opened.",
        ],
        &expect![[r#"
            --- src/models/shop.rs
            use loopwright::prelude::*;

            use super::Review;

            /// A shop,   oddly formatted.
            #[derive(Model, Clone, Debug, Default)]
            #[acl(allow(read), to = everyone)] // for now
            pub struct Shop {
                #[model(id, generated)]
                pub id:   i64, // counted
                /// On the sign.
                pub name: String, // not unique
                /// When it opened.
                #[model(index, default = now)]
                #[validate(presence)]
                pub opened_at: DateTime<Utc>,

                #[relation(has_many)]
                pub reviews: HasMany<Review>,
            }
        "#]],
    );
}

#[test]
fn a_property_behind_a_field_without_a_comma() {
    check(
        &SHOPS,
        &["property", "Review", "comments", "string"],
        &expect![[r#"
        --- src/models/review.rs
        use loopwright::prelude::*;

        #[derive(Model)]
        #[acl(open)]
        pub struct Review {
            #[model(id, generated)]
            pub id: Uuid,
            pub rating: u8,
            pub shop_id: i64,
            pub comments: Option<String>,
        }
    "#]],
    );
}

#[test]
fn a_property_of_a_struct_on_one_line() {
    check(
        &[SINGLE],
        &["property", "Note", "type", "string", "--required"],
        &expect![[r#"
        --- src/main.rs
        use loopwright::prelude::*;

        #[derive(Model)]
        #[acl(open)]
        struct Note { #[model(id, generated)] id: i64, title: String,
            r#type: String,
         }

        #[loopwright::main]
        async fn main() -> Result<()> {
            App::new().models::<(Note,)>().run().await
        }
    "#]],
    );
}

#[test]
fn a_property_where_the_prelude_is_not_imported() {
    let main = (
        "src/main.rs",
        "#[derive(loopwright::Model)]\nstruct A {\n    #[model(id)]\n    id: i64,\n}\n",
    );
    check(
        &[main],
        &["property", "A", "days", "date[]", "--required"],
        &expect![[r#"
        --- src/main.rs
        #[derive(loopwright::Model)]
        struct A {
            #[model(id)]
            id: i64,
            days: Vec<loopwright::prelude::DateTime<loopwright::prelude::Utc>>,
        }
    "#]],
    );
}

#[test]
fn a_relation_to_one_with_its_key() {
    check(
        &SHOPS,
        &[
            "relation",
            "Shop",
            "belongs-to",
            "Review",
            "--name",
            "best",
            "--optional",
            "--description",
            "The best one.",
        ],
        &expect![[r#"
            --- src/models/shop.rs
            use loopwright::prelude::*;

            use super::Review;

            /// A shop,   oddly formatted.
            #[derive(Model, Clone, Debug, Default)]
            #[acl(allow(read), to = everyone)] // for now
            pub struct Shop {
                #[model(id, generated)]
                pub id:   i64, // counted
                /// On the sign.
                pub name: String, // not unique
                #[model(index)]
                pub best_id: Option<Uuid>,

                #[relation(has_many)]
                pub reviews: HasMany<Review>,
                /// The best one.
                #[relation(belongs_to)]
                pub best: BelongsTo<Review>,
            }
        "#]],
    );
}

#[test]
fn a_relation_whose_key_is_there() {
    check(
        &SHOPS,
        &["relation", "Review", "belongs_to", "Shop"],
        &expect![[r#"
        --- src/models/review.rs
        use loopwright::prelude::*;

        use super::Shop;

        #[derive(Model)]
        #[acl(open)]
        pub struct Review {
            #[model(id, generated)]
            pub id: Uuid,
            pub rating: u8,
            pub shop_id: i64,

            #[relation(belongs_to)]
            pub shop: BelongsTo<Shop>,
        }
    "#]],
    );
}

#[test]
fn a_relation_to_many_puts_the_key_into_the_other() {
    check(
        &SHOPS,
        &[
            "relation",
            "Review",
            "hasMany",
            "Shop",
            "--key",
            "favourite",
            "--name",
            "fans",
        ],
        &expect![[r#"
            --- src/models/review.rs
            use loopwright::prelude::*;

            use super::Shop;

            #[derive(Model)]
            #[acl(open)]
            pub struct Review {
                #[model(id, generated)]
                pub id: Uuid,
                pub rating: u8,
                pub shop_id: i64,

                #[relation(has_many, key = favourite)]
                pub fans: HasMany<Shop>,
            }
            --- src/models/shop.rs
            use loopwright::prelude::*;

            use super::Review;

            /// A shop,   oddly formatted.
            #[derive(Model, Clone, Debug, Default)]
            #[acl(allow(read), to = everyone)] // for now
            pub struct Shop {
                #[model(id, generated)]
                pub id:   i64, // counted
                /// On the sign.
                pub name: String, // not unique
                #[model(index)]
                pub favourite: Uuid,

                #[relation(has_many)]
                pub reviews: HasMany<Review>,
            }
        "#]],
    );
}

#[test]
fn a_relation_within_one_model() {
    check(
        &[SINGLE],
        &[
            "relation",
            "Note",
            "belongs-to",
            "Note",
            "--name",
            "parent",
            "--optional",
        ],
        &expect![[r#"
        --- src/main.rs
        use loopwright::prelude::*;

        #[derive(Model)]
        #[acl(open)]
        struct Note { #[model(id, generated)] id: i64, title: String,
            #[model(index)]
            parent_id: Option<i64>,


            #[relation(belongs_to)]
            parent: BelongsTo<Note>,
         }

        #[loopwright::main]
        async fn main() -> Result<()> {
            App::new().models::<(Note,)>().run().await
        }
    "#]],
    );
}

#[test]
fn a_relation_through_a_model() {
    let main = (
        "src/main.rs",
        "use loopwright::prelude::*;\n\n#[derive(Model)]\nstruct A {\n    #[model(id)]\n    id: String,\n}\n\n\
         #[derive(Model)]\nstruct B {\n    #[model(id)]\n    id: i64,\n}\n\n\
         #[derive(Model)]\nstruct Link {\n    #[model(id)]\n    id: i64,\n}\n",
    );
    check(
        &[main],
        &["relation", "A", "has-many", "B", "--through", "Link"],
        &expect![[r#"
        --- src/main.rs
        use loopwright::prelude::*;

        #[derive(Model)]
        struct A {
            #[model(id)]
            id: String,

            #[relation(has_many, through = Link)]
            bs: HasMany<B>,
        }

        #[derive(Model)]
        struct B {
            #[model(id)]
            id: i64,
        }

        #[derive(Model)]
        struct Link {
            #[model(id)]
            id: i64,
            #[model(index)]
            a_id: String,
            #[model(index)]
            b_id: i64,
        }
    "#]],
    );
}

#[test]
fn a_relation_to_a_user() {
    check(
        &[SINGLE],
        &["relation", "Note", "belongs-to", "User", "--name", "owner"],
        &expect![[r#"
        --- src/main.rs
        use loopwright::builtin::User;
        use loopwright::prelude::*;

        #[derive(Model)]
        #[acl(open)]
        struct Note { #[model(id, generated)] id: i64, title: String,
            #[model(index)]
            owner_id: i64,


            #[relation(belongs_to)]
            owner: BelongsTo<User>,
         }

        #[loopwright::main]
        async fn main() -> Result<()> {
            App::new().models::<(Note,)>().run().await
        }
    "#]],
    );
    let message = refused(&[SINGLE], &["relation", "Note", "has-many", "User"]);
    assert!(message.contains("--base User"), "{message}");
}

#[test]
fn rules() {
    check(
        &SHOPS,
        &[
            "acl",
            "Shop",
            "--allow",
            "write,__create__reviews",
            "--to",
            "role:staff",
        ],
        &expect![[r#"
        --- src/models/shop.rs
        use loopwright::prelude::*;

        use super::Review;

        /// A shop,   oddly formatted.
        #[derive(Model, Clone, Debug, Default)]
        #[acl(allow(read), to = everyone)] // for now
        #[acl(allow(write, __create__reviews), to = role("staff"))]
        pub struct Shop {
            #[model(id, generated)]
            pub id:   i64, // counted
            /// On the sign.
            pub name: String, // not unique

            #[relation(has_many)]
            pub reviews: HasMany<Review>,
        }
    "#]],
    );
    let changes = added(
        &SHOPS,
        &[
            "acl",
            "--all-models",
            "--deny",
            "deleteById",
            "--to",
            "$unauthenticated",
        ],
    )
    .unwrap();
    for path in ["src/models/shop.rs", "src/models/review.rs"] {
        let text = changes.text(path).unwrap();
        assert!(
            text.contains("\n#[acl(deny(delete_by_id), to = unauthenticated)]\npub struct"),
            "{text}"
        );
    }
}

#[test]
fn the_first_method() {
    check(
        &SHOPS,
        &[
            "method",
            "Shop",
            "status",
            "--verb",
            "get",
            "--path",
            "/status",
            "--arg",
            "hour:u8!",
            "--arg",
            "open:boolean",
        ],
        &expect![[r#"
            --- src/models/shop.rs
            use loopwright::prelude::*;

            use super::Review;

            /// A shop,   oddly formatted.
            #[derive(Model, Clone, Debug, Default)]
            #[acl(allow(read), to = everyone)] // for now
            pub struct Shop {
                #[model(id, generated)]
                pub id:   i64, // counted
                /// On the sign.
                pub name: String, // not unique

                #[relation(has_many)]
                pub reviews: HasMany<Review>,
            }

            #[loopwright::methods]
            impl Shop {
                /// Answers what it was called with, until it does something.
                #[remote(get = "/status")]
                async fn status(hour: u8, open: bool) -> Result<String> {
                    Ok(format!(
                        "status was called with hour = {hour:?}, open = {open:?}"
                    ))
                }
            }
        "#]],
    );
}

#[test]
fn another_method() {
    let methods = (
        "src/models/methods.rs",
        "use super::Shop;\n\n#[loopwright::methods]\nimpl Shop {\n    #[remote]\n    fn a() -> loopwright::Result<()> {\n        Ok(())\n    } // done\n}\n",
    );
    check(
        &[MAIN, INDEX, SHOP, REVIEW, methods],
        &[
            "method",
            "Shop",
            "prototype.close",
            "--arg",
            "reason:string",
            "--returns",
            "boolean",
            "--returns-as",
            "closed",
        ],
        &expect![[r#"
            --- src/models/methods.rs
            use super::Shop;

            #[loopwright::methods]
            impl Shop {
                #[remote]
                fn a() -> loopwright::Result<()> {
                    Ok(())
                } // done

                /// Answers what it was called with, until it does something.
                #[remote(returns = "closed")]
                async fn close(&self, reason: Option<String>) -> loopwright::prelude::Result<bool> {
                    let _ = reason;
                    Ok(true)
                }
            }
        "#]],
    );
    let message = refused(
        &[MAIN, INDEX, SHOP, REVIEW, methods],
        &["method", "Shop", "a"],
    );
    assert!(
        message.contains("`a` already exists in `Shop` (src/models/methods.rs)"),
        "{message}"
    );
}

#[test]
fn a_data_source() {
    check(
        &[
            SINGLE,
            (
                "loopwright.toml",
                "port = 1 # mine\n\n[data_sources.db]\nurl = \"memory:\"\n",
            ),
        ],
        &["datasource", "cache", "--connector", "redis"],
        &expect![[r#"
            --- Cargo.toml
            [package]
            name = "my-api"

            [dependencies]
            loopwright = { version = "0.1", features = ["redis"] } # the framework
            --- loopwright.toml
            port = 1 # mine

            [data_sources.db]
            url = "memory:"

            [data_sources.cache]
            url = "redis://localhost/0"
        "#]],
    );
}

#[test]
fn what_is_there_already_is_named() {
    for (arguments, said) in [
        (
            vec!["model", "shop"],
            "the model `Shop` already exists in src/models/shop.rs",
        ),
        (
            vec!["property", "Shop", "name", "string"],
            "`name` already exists in `Shop` (src/models/shop.rs)",
        ),
        (
            vec!["property", "Review", "shopID", "string"],
            "already exists",
        ),
        (
            vec!["relation", "Shop", "has-many", "Review"],
            "`reviews` already exists",
        ),
        (
            vec!["acl", "Review", "--allow", "read", "--to", "everyone"],
            "",
        ),
        (
            vec!["acl", "Shop", "--allow", "read", "--to", "everyone"],
            "already exists on `Shop`",
        ),
    ] {
        match said {
            "" => assert!(added(&SHOPS, &arguments).is_ok()),
            said => {
                let message = refused(&SHOPS, &arguments);
                assert!(message.contains(said), "{message}");
            }
        }
    }
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    for (arguments, said) in [
        (
            vec!["property", "Shpo", "x", "string"],
            "there is no model `Shpo`; did you mean `Shop`?",
        ),
        (
            vec!["relation", "Shop", "has-many", "Revew"],
            "did you mean `Review`?",
        ),
        (
            vec![
                "relation",
                "Shop",
                "has-many",
                "Review",
                "--name",
                "x",
                "--through",
                "Shpo",
            ],
            "did you mean `Shop`?",
        ),
        (
            vec!["property", "Zebra", "x", "string"],
            "there is `Review`, `Shop`",
        ),
        (
            vec!["property", "Shop", "x", "strng"],
            "did you mean `string`?",
        ),
        (
            vec![
                "property",
                "Shop",
                "x",
                "string",
                "--validate",
                "lenght(min = 1)",
            ],
            "did you mean `length`?",
        ),
        (
            vec!["acl", "Shop", "--allow", "read", "--to", "everbody"],
            "did you mean `everyone`?",
        ),
    ] {
        let message = refused(&SHOPS, &arguments);
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn what_would_be_no_rust_is_refused() {
    for arguments in [
        vec!["property", "Shop", "x", "String, y: u8"],
        vec!["property", "Shop", "a b", "string"],
        vec!["property", "Shop", "self", "string"],
        vec!["property", "Shop", "größe", "string"],
        vec![
            "property",
            "Shop",
            "x",
            "string",
            "--validate",
            "presence)] evil",
        ],
        vec![
            "property",
            "Shop",
            "x",
            "string",
            "--validate",
            "length(min = 1) //",
        ],
        vec!["property", "Shop", "x", "integer", "--default", "1)]"],
        vec!["model", "../Evil"],
        vec!["model", "Evil;"],
        vec!["model", "Self"],
        vec!["model", "String"],
        vec!["model", "X", "--plural", "a/b"],
        vec![
            "model",
            "X",
            "--property",
            "a:string",
            "--property",
            "a:string",
        ],
        vec!["model", "X", "--property", "id:string"],
        vec!["model", "X", "--property", "untyped"],
        vec!["acl", "Shop", "--allow", "read)]", "--to", "everyone"],
        vec!["method", "Shop", "x", "--path", "no-slash"],
        vec![
            "method", "Shop", "x", "--arg", "a:string", "--arg", "a:string",
        ],
        vec!["relation", "Shop", "has-one", "Review", "--name", "exists"],
        vec!["datasource", "a/b", "--connector", "memory"],
        vec![
            "datasource",
            "x",
            "--connector",
            "memory",
            "--url",
            "postgres://me:tiger@host/x",
        ],
    ] {
        let error = added(&SHOPS, &arguments).unwrap_err();
        assert!(matches!(error, Error::Usage(_)), "{arguments:?}: {error}");
        assert!(!error.to_string().contains("tiger"), "{error}");
    }
}

#[test]
fn without_a_terminal_what_is_missing_is_named() {
    for (arguments, said) in [
        (vec!["model"], "the model's name is missing"),
        (vec!["property", "Shop"], "the property's name is missing"),
        (vec!["property", "Shop", "x"], "the type is missing"),
        (vec!["relation", "Shop"], "the kind of relation is missing"),
        (
            vec!["acl", "Shop", "--allow", "read"],
            "to whom (`--to`) is missing",
        ),
        (vec!["acl"], "the model is missing"),
    ] {
        let error = added(&SHOPS, &arguments).unwrap_err();
        assert!(
            matches!(&error, Error::Usage(message) if message.starts_with(said)),
            "{error}"
        );
    }
}

#[test]
fn a_project_without_models() {
    let main = ("src/main.rs", "fn main() {}\n");
    for arguments in [
        vec!["property"],
        vec!["acl", "--all-models", "--allow", "read", "--to", "owner"],
        vec!["method", "Note", "x"],
    ] {
        let message = refused(&[main], &arguments);
        assert!(
            message.contains("`loopwright add model` makes one"),
            "{message}"
        );
    }
    let message = refused(&[main], &["model", "Note"]);
    assert!(
        message.contains("neither `.models::<(…)>()` nor `App::new()`"),
        "{message}"
    );
}

#[test]
fn a_source_that_does_not_parse_stops_everything() {
    let message = refused(
        &[SINGLE, ("src/broken.rs", "struct X {\n")],
        &["property", "Note", "x", "string"],
    );
    assert!(message.starts_with("src/broken.rs:"), "{message}");
}

#[test]
fn windows_line_ends_stay() {
    let text = SINGLE.1.replace('\n', "\r\n");
    let changes = added(
        &[("src/main.rs", &text)],
        &["property", "Note", "x", "string"],
    )
    .unwrap();
    let after = changes.text("src/main.rs").unwrap();
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a struct is written, a field goes into it, and everything else is as it was.
    #[test]
    fn fields_go_into_any_struct(
        fields in prop::collection::vec(("[ \n]{0,2}", "( |\n|/\\* \u{e4} \\*/| // x\n){0,2}"), 0..4),
        comma: bool,
        before in "(// ä\n|\n|/// Doc\\.\n){0,3}",
        windows: bool,
    ) {
        let mut text = format!("{before}#[derive(Model)] struct A {{");
        let last = fields.len().saturating_sub(1);
        for (index, (space, comment)) in fields.iter().enumerate() {
            let end = if index < last || comma { "," } else { "" };
            text.push_str(&format!("{space}f{index}: u8{end}{comment}"));
        }
        text.push_str("}\nfn main() {}\n");
        if windows {
            text = text.replace('\n', "\r\n");
        }
        let changes = added(&[("src/main.rs", &text)], &["property", "A", "city", "string"]);
        let changes = changes.map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
        let after = syn::parse_file(changes.text("src/main.rs").unwrap()).unwrap();
        let Some(syn::Item::Struct(item)) = after.items.first() else {
            return Err(TestCaseError::fail("no struct"));
        };
        prop_assert_eq!(item.fields.len(), fields.len() + 1);
        let field = item.fields.iter().next_back().and_then(|field| field.ident.clone());
        prop_assert!(field.is_some_and(|ident| ident == "city"));
    }
}
