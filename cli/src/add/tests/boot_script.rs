//! Boot scripts.

use super::*;

#[test]
fn a_boot_script_has_a_file_and_is_called() {
    check(
        &SHOPS,
        &["boot-script", "sampleData"],
        &expect![[r#"
        --- src/boot/mod.rs
        //! What happens once at the start, one script to a file.

        pub mod sample_data;
        --- src/boot/sample_data.rs
        use loopwright::prelude::*;

        /// Runs once, when the data sources are connected and before the first request. An error ends the start.
        pub async fn run(app: Application) -> Result<()> {
            // What the script does: `app.repository::<Note>()?` reads and writes notes.
            let _ = app;
            Ok(())
        }
        --- src/main.rs
        // Shops, and what people think of them.
        mod boot;
        mod models;

        use loopwright::prelude::*;

        #[loopwright::main]
        async fn main() -> Result<()> {
            App::new()
                .title("Shops")
                .models::<(models::Shop, models::Review)>() // all of them
                .boot(boot::sample_data::run)
                .run()
                .await
        }
    "#]],
    );
}

/// Behind the others, in a line that becomes too long.
#[test]
fn scripts_run_in_the_order_in_which_they_are_added() {
    let files = [
        LIBRARY,
        ("src/boot/mod.rs", "//! Mine.\n\npub mod first; // of all\n"),
        ("src/boot/first.rs", "pub async fn run() {}\n"),
    ];
    check(
        &files,
        &["boot-script", "type", "--sync", "--description", "Says so."],
        &expect![[r#"
            --- src/boot/mod.rs
            //! Mine.

            pub mod first; // of all
            pub mod r#type;
            --- src/boot/type.rs
            use loopwright::prelude::*;

            /// Says so.
            pub fn run(app: &Application) -> Result<()> {
                // What the script does: `app.repository::<Note>()?` reads and writes notes.
                let _ = app;
                Ok(())
            }
            --- src/lib.rs
            use loopwright::prelude::*;

            pub mod boot;

            pub fn app() -> App {
                App::new()
                    .models::<()>()
                    .boot(boot::first::run)
                    .boot(|app| std::future::ready(boot::r#type::run(&app)))
            }
        "#]],
    );
}

const LIBRARY: (&str, &str) = (
    "src/lib.rs",
    "use loopwright::prelude::*;\n\npub mod boot;\n\npub fn app() -> App {\n    App::new().models::<()>().boot(boot::first::run)\n}\n",
);

/// A program beside a library has its scripts for itself, and its models.
#[test]
fn a_program_beside_a_library() {
    let files = [("src/lib.rs", "pub fn nothing() {}\n"), EMPTY];
    let changes = added(&files, &["boot-script", "greeting"]).unwrap();
    let main = changes.text("src/main.rs").unwrap();
    assert!(
        main.contains("mod boot;") && main.contains(".boot(boot::greeting::run)"),
        "{main}"
    );
    assert_eq!(changes.text("src/lib.rs"), None);
    let changes = added(&files, &["model", "Note"]).unwrap();
    let main = changes.text("src/main.rs").unwrap();
    assert!(
        main.contains("mod models;") && main.contains("(models::Note,)"),
        "{main}"
    );
    assert_eq!(changes.text("src/lib.rs"), None);
}

const EMPTY: (&str, &str) = (
    "src/main.rs",
    "use loopwright::prelude::*;\n\n#[loopwright::main]\nasync fn main() -> Result<()> {\n    App::new().run().await\n}\n",
);

#[test]
fn what_can_be_no_file_is_refused() {
    for name in ["mod", "a/b", "../x", "", "a b", "self"] {
        assert!(
            matches!(added(&SHOPS, &["boot-script", name]), Err(Error::Usage(_))),
            "{name}"
        );
    }
    let message = refused(&[("src/main.rs", "fn main() {}\n")], &["boot-script", "x"]);
    assert!(message.contains("`App::new()`"), "{message}");
}
