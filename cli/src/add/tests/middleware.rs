//! Middleware.

use super::*;

#[test]
fn a_middleware_has_a_file_and_a_phase() {
    check(
        &SHOPS,
        &[
            "middleware",
            "audit",
            "--phase",
            "auth:after",
            "--path",
            "/api",
            "--path",
            "/rpc",
        ],
        &expect![[r#"
            --- Cargo.toml
            [package]
            name = "my-api"

            [dependencies]
            loopwright = "0.1" # the framework
            axum = { version = "0.8", default-features = false }
            --- src/main.rs
            // Shops, and what people think of them.
            mod middleware;
            mod models;

            use loopwright::prelude::*;

            #[loopwright::main]
            async fn main() -> Result<()> {
                App::new()
                    .title("Shops")
                    .models::<(models::Shop, models::Review)>() // all of them
                    .middleware(middleware::audit::middleware())
                    .run()
                    .await
            }
            --- src/middleware/audit.rs
            use axum::extract::Request;
            use axum::middleware::{Next, from_fn};
            use axum::response::Response;
            use loopwright::boot::Middleware;

            /// When requests pass it, and which ones.
            pub fn middleware() -> Middleware {
                Middleware::new("auth:after", from_fn(pass))
                    .named("audit")
                    .paths(["/api", "/rpc"])
            }

            /// What happens to a request before what comes later answers it, and to the answer after that.
            async fn pass(request: Request, next: Next) -> Response {
                next.run(request).await
            }
            --- src/middleware/mod.rs
            //! What requests pass on their way, one middleware to a file.

            pub mod audit;
        "#]],
    );
}

#[test]
fn a_phase_of_ones_own() {
    check(
        &SHOPS,
        &[
            "middleware",
            "tenant",
            "--phase",
            "tenants",
            "--before",
            "routes",
        ],
        &expect![[r#"
            --- Cargo.toml
            [package]
            name = "my-api"

            [dependencies]
            loopwright = "0.1" # the framework
            axum = { version = "0.8", default-features = false }
            --- src/main.rs
            // Shops, and what people think of them.
            mod middleware;
            mod models;

            use loopwright::prelude::*;

            #[loopwright::main]
            async fn main() -> Result<()> {
                App::new()
                    .title("Shops")
                    .models::<(models::Shop, models::Review)>() // all of them
                    .phases(["parse", "tenants", "routes"])
                    .middleware(middleware::tenant::middleware())
                    .run()
                    .await
            }
            --- src/middleware/mod.rs
            //! What requests pass on their way, one middleware to a file.

            pub mod tenant;
            --- src/middleware/tenant.rs
            use axum::extract::Request;
            use axum::middleware::{Next, from_fn};
            use axum::response::Response;
            use loopwright::boot::Middleware;

            /// When requests pass it, and which ones.
            pub fn middleware() -> Middleware {
                Middleware::new("tenants", from_fn(pass)).named("tenant")
            }

            /// What happens to a request before what comes later answers it, and to the answer after that.
            async fn pass(request: Request, next: Next) -> Response {
                next.run(request).await
            }
        "#]],
    );
}

/// A phase that code or configuration has need not be placed.
#[test]
fn phases_that_there_are() {
    let main = MAIN
        .1
        .replace(".run()", ".phases([\"auth\", \"audit\"])\n        .run()");
    let files = [("src/main.rs", main.as_str()), INDEX, SHOP, REVIEW];
    let changes = added(&files, &["middleware", "log", "--phase", "audit"]).unwrap();
    let main = changes.text("src/main.rs").unwrap();
    assert_eq!(main.matches(".phases(").count(), 1, "{main}");
    let config = ("loopwright.toml", "phases = [\"parse\", \"tenants\"]\n");
    let files = [&SHOPS[..], &[config]].concat();
    let changes = added(&files, &["middleware", "log", "--phase", "tenants"]).unwrap();
    let main = changes.text("src/main.rs").unwrap();
    assert!(!main.contains(".phases("), "{main}");

    let message = refused(&SHOPS, &["middleware", "log", "--phase", "audit"]);
    assert!(message.contains("`--before <PHASE>`"), "{message}");
    let message = refused(
        &SHOPS,
        &["middleware", "log", "--phase", "auth", "--before", "parse"],
    );
    assert!(message.contains("leave out `--before`"), "{message}");
    for arguments in [["--phase", "auth:during"], ["--phase", "a b"]] {
        let arguments = [&["middleware", "log"], &arguments[..]].concat();
        assert!(
            matches!(added(&SHOPS, &arguments), Err(Error::Usage(_))),
            "{arguments:?}"
        );
    }
    let message = refused(
        &SHOPS,
        &["middleware", "log", "--phase", "auth", "--path", "api"],
    );
    assert!(message.contains("begin it with `/`"), "{message}");
}
