//! Swagger UI, built into the program.

use axum::Router;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The explorer at `path`, showing the document at `document_url`. It asks no other host for anything.
pub fn explorer(path: &str, document_url: &str) -> Router {
    let config = Config::new([document_url.to_owned()])
        // The badge would send the document to the makers of Swagger UI.
        .validator_url("none")
        // Who tries one method after the other enters the token once.
        .persist_authorization(true)
        .display_request_duration(true)
        .display_operation_id(true)
        .filter(true);
    SwaggerUi::new(path.to_owned()).config(config).into()
}
