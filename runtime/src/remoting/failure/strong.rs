//! What LoopBack's strong-error-handler makes of errors (contract *middleware.md* §6.1; ruling: all of a page is escaped).

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};

use super::super::format;
use super::super::response::{JSON, with_body};
use super::super::xml::{element, escape};
use super::{Asked, ErrorHandler, causes};
use crate::Error;

/// What it can answer with, in the order of its own preference.
const OFFERS: [(&str, Write); 4] = [
    ("application/json", as_json),
    ("text/html", as_html),
    ("text/xml", as_xml),
    ("application/xml", as_xml),
];

type Write = fn(&Map<String, Json>) -> (HeaderValue, String);

/// The response in the format that the caller prefers.
pub(super) fn response(
    error: &Error,
    status: StatusCode,
    handler: &ErrorHandler,
    asked: &Asked,
) -> Response {
    let members = members(error, status, handler, asked);
    let names = OFFERS.map(|(name, _)| name);
    let best = format::preferred(&asked.accepts, &names).unwrap_or(0);
    let (content_type, body) = OFFERS[best].1(&members);
    let mut response = with_body(status, content_type, Body::from(body));
    let nosniff = HeaderValue::from_static("nosniff");
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

/// What the caller learns.
pub(super) fn members(
    error: &Error,
    status: StatusCode,
    handler: &ErrorHandler,
    asked: &Asked,
) -> Map<String, Json> {
    let mut all = error.to_map();
    for key in ["name", "status", "message", "statusCode"] {
        all.shift_remove(key);
    }
    let mut members = Map::new();
    members.insert("statusCode".into(), status.as_u16().into());
    if handler.debug {
        members.insert("name".into(), error.name().into());
        members.insert("message".into(), error.to_string().into());
        members.extend(all);
        members.insert("stack".into(), causes(error).into());
    } else {
        let shown: &[&str] = if status.is_server_error() {
            let reason = status.canonical_reason().unwrap_or("Unknown Error");
            members.insert("message".into(), reason.into());
            &[]
        } else {
            members.insert("name".into(), error.name().into());
            members.insert("message".into(), error.message().into());
            &["code", "details"]
        };
        let safe = handler.safe_fields.iter().map(String::as_str);
        for key in shown.iter().copied().chain(safe) {
            if let Some(value) = all.shift_remove(key) {
                members.insert(key.to_owned(), value);
            }
        }
    }
    if status.is_server_error()
        && let Some(request_id) = asked.request_id()
    {
        members.insert("requestId".into(), request_id.into());
    }
    members
}

fn as_json(members: &Map<String, Json>) -> (HeaderValue, String) {
    (JSON, json!({ "error": members }).to_string())
}

fn as_html(members: &Map<String, Json>) -> (HeaderValue, String) {
    let text = |key: &str| members.get(key).map(plain);
    let name = text("name").or_else(|| text("message")).unwrap_or_default();
    let (status, message) = (text("statusCode"), text("message"));
    let mut page = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
    );
    escape(&mut page, &name);
    page += "</title>\n<style>body { font: 1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 50rem; padding: 0 1rem; \
        color: #222 } h1 { color: #b7410e; margin-bottom: 0 } h2 { font-weight: normal; margin-top: 0 } pre { overflow: auto; \
        background: #f4f4f4; padding: 1rem }</style>\n</head>\n<body>\n<h1>";
    escape(&mut page, &name);
    page += "</h1>\n<h2><em>";
    escape(&mut page, &status.unwrap_or_default());
    page += "</em> ";
    escape(&mut page, &message.unwrap_or_default());
    page += "</h2>\n";
    for (key, value) in members {
        if matches!(key.as_str(), "name" | "message" | "statusCode" | "stack") {
            continue;
        }
        page += "<div><b>";
        escape(&mut page, key);
        page += "</b>: ";
        escape(&mut page, &plain(value));
        page += "</div>\n";
    }
    if let Some(stack) = text("stack") {
        page += "<pre id=\"stacktrace\">";
        escape(&mut page, &stack);
        page += "</pre>\n";
    }
    page += "</body>\n</html>\n";
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    (html, page)
}

fn as_xml(members: &Map<String, Json>) -> (HeaderValue, String) {
    let mut xml = String::from("<?xml version='1.0'?>\n");
    element(&mut xml, "error", &Json::Object(members.clone()), 0, "    ");
    let content_type = HeaderValue::from_static("text/xml; charset=utf-8");
    (content_type, xml.trim_end().to_owned())
}

fn plain(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}
