//! Documents of the application's own routes, beside the models'.

use utoipa::openapi::OpenApi;

/// Adds `other` to `document`.
pub(crate) fn merge(document: &mut OpenApi, other: OpenApi) {
    document.merge(other);
}
