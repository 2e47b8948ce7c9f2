//! stub
use crate::model::ModelDef;
/// stub
pub fn document(
    _models: &[&'static ModelDef],
    _api_root: &str,
    _title: &str,
    _version: &str,
) -> utoipa::openapi::OpenApi {
    utoipa::openapi::OpenApi::default()
}
/// stub
pub fn explorer(_path: &str, _document_url: &str) -> axum::Router {
    axum::Router::new()
}
