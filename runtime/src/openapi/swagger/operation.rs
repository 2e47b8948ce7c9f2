//! Operations: a body is a parameter in Swagger, and an answer has one schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::{Source, copy, members};

const VERBS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

const JSON: &str = "application/json";

/// The content of forms.
const FORMS: [&str; 2] = ["application/x-www-form-urlencoded", "multipart/form-data"];

impl Source<'_> {
    pub(super) fn path_item(&self, item: &Json) -> Json {
        let shared: Vec<_> = list(item, "parameters").collect();
        let verbs = members(Some(item)).filter(|(verb, _)| VERBS.contains(&verb.as_str()));
        let operations =
            verbs.map(|(verb, operation)| (verb.clone(), self.operation(operation, &shared)));
        Json::Object(operations.collect())
    }

    fn operation(&self, operation: &Json, shared: &[&Json]) -> Json {
        let mut written = Map::new();
        let keys = [
            "tags",
            "summary",
            "description",
            "externalDocs",
            "operationId",
            "deprecated",
        ];
        copy(operation, &mut written, &keys);
        let own: Vec<_> = list(operation, "parameters")
            .map(|own| self.resolve(own))
            .collect();
        let same = |one: &Json, other: &Json| {
            one.get("name") == other.get("name") && one.get("in") == other.get("in")
        };
        let shared = shared.iter().map(|shared| self.resolve(shared));
        let all = shared
            .filter(|shared| !own.iter().any(|own| same(own, shared)))
            .chain(own.iter().copied());
        let mut parameters: Vec<_> = all
            .filter_map(|parameter| self.parameter(parameter))
            .collect();
        if let Some(body) = operation.get("requestBody") {
            self.body(self.resolve(body), &mut parameters, &mut written);
        }
        if !parameters.is_empty() {
            written.insert("parameters".into(), parameters.into());
        }
        let responses = members(operation.get("responses")).filter(|(status, _)| {
            *status == "default" || status.chars().all(|digit| digit.is_ascii_digit())
        });
        let contents = responses
            .clone()
            .flat_map(|(_, response)| members(self.resolve(response).get("content")));
        let produced: BTreeSet<_> = contents.map(|(content, _)| content).collect();
        if produced.iter().any(|content| *content != JSON) {
            written.insert("produces".into(), json!(produced));
        }
        let responses: Map<_, _> = responses
            .map(|(status, response)| (status.clone(), self.response(response)))
            .collect();
        written.insert("responses".into(), Json::Object(responses));
        let security = list(operation, "security");
        // Whoever need not say who they are need not be told how: Swagger has no word for may.
        let needed = security
            .clone()
            .all(|way| way.as_object().is_some_and(|way| !way.is_empty()));
        match (operation.get("security"), needed) {
            (Some(security), true) => drop(written.insert("security".into(), security.clone())),
            (Some(_), false) => drop(written.insert("security".into(), json!([]))),
            (None, _) => {}
        }
        Json::Object(written)
    }

    fn parameter(&self, parameter: &Json) -> Option<Json> {
        let place = parameter.get("in").and_then(Json::as_str)?;
        if !matches!(place, "path" | "query" | "header") {
            return None;
        }
        let mut written = Map::new();
        copy(
            parameter,
            &mut written,
            &["name", "in", "description", "required"],
        );
        let schema = match parameter.get("schema") {
            Some(schema) => self.plain(schema),
            // Whatever it is, it is JSON.
            None => self.plain(&json!({ "type": "object" })),
        };
        let explode = parameter.get("explode") != Some(&Json::Bool(false));
        if schema.get("type") == Some(&Json::from("array")) && place == "query" && explode {
            written.insert("collectionFormat".into(), "multi".into());
        }
        written.extend(schema);
        Some(Json::Object(written))
    }

    fn body(&self, body: &Json, parameters: &mut Vec<Json>, operation: &mut Map<String, Json>) {
        let contents = members(body.get("content"));
        let found = contents
            .clone()
            .find(|(content, _)| *content == JSON)
            .or_else(|| contents.clone().next());
        let Some((content, media)) = found else {
            return;
        };
        if content != JSON {
            operation.insert("consumes".into(), json!([content]));
        }
        let schema = media.get("schema").unwrap_or(&Json::Null);
        if FORMS.contains(&content.as_str()) {
            let form = self.resolve(schema);
            let required: Vec<_> = list(form, "required").collect();
            parameters.extend(members(form.get("properties")).map(|(name, field)| {
                let is_file = self.resolve(field).get("format") == Some(&Json::from("binary"));
                let mut written = match is_file {
                    true => Map::from_iter([("type".into(), "file".into())]),
                    false => self.plain(field),
                };
                written.insert("name".into(), name.as_str().into());
                written.insert("in".into(), "formData".into());
                written.insert(
                    "required".into(),
                    required.iter().any(|known| *known == name).into(),
                );
                Json::Object(written)
            }));
            return;
        }
        let mut written = Map::from_iter([
            // LoopBack's name for it.
            ("name".into(), "data".into()),
            ("in".into(), "body".into()),
        ]);
        copy(body, &mut written, &["description", "required"]);
        written.insert("schema".into(), self.schema(schema));
        parameters.push(Json::Object(written));
    }

    pub(super) fn response(&self, response: &Json) -> Json {
        if response.get("$ref").is_some() {
            return self.schema(response);
        }
        let mut written = Map::new();
        let description = response
            .get("description")
            .cloned()
            .unwrap_or_else(|| "".into());
        written.insert("description".into(), description);
        let contents = members(response.get("content"));
        let found = contents
            .clone()
            .find(|(content, _)| *content == JSON)
            .or_else(|| contents.clone().next());
        if let Some((content, media)) = found {
            let schema = media.get("schema").unwrap_or(&Json::Null);
            let is_file = self.resolve(schema).get("format") == Some(&Json::from("binary"));
            let schema = match is_file {
                true => json!({ "type": "file" }),
                false => self.schema(schema),
            };
            written.insert("schema".into(), schema);
            if let Some(example) = media.get("example") {
                written.insert("examples".into(), json!({ content: example }));
            }
        }
        let headers = members(response.get("headers")).map(|(name, header)| {
            let header = self.resolve(header);
            let mut written = self.plain(header.get("schema").unwrap_or(&Json::Null));
            copy(header, &mut written, &["description"]);
            (name.clone(), Json::Object(written))
        });
        let headers: Map<_, _> = headers.collect();
        if !headers.is_empty() {
            written.insert("headers".into(), Json::Object(headers));
        }
        Json::Object(written)
    }
}

/// The items of a list, or none.
fn list<'a>(of: &'a Json, key: &str) -> impl Iterator<Item = &'a Json> + Clone {
    of.get(key).and_then(Json::as_array).into_iter().flatten()
}
