//! Operations: what callers ask for.

use serde_json::Value as Json;

use super::read::Reader;
use super::schema::{entries, text};
use super::{Argument, Member, Operation, Type};

const VERBS: [&str; 6] = ["get", "post", "put", "patch", "delete", "head"];

/// Where a parameter stands, in the document's words and in those of `#[arg(...)]`.
const SOURCES: [(&str, &str); 5] = [
    ("path", "path"),
    ("query", "query"),
    ("header", "header"),
    ("body", "body"),
    ("formData", "form"),
];

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

impl<'a> Reader<'a> {
    pub(super) fn operations(&mut self) -> Vec<Operation> {
        let mut operations = Vec::new();
        let root = self.root;
        for (path, item) in entries(root, "paths") {
            let (item, _) = self.resolve(item);
            for (verb, operation) in item.as_object().into_iter().flatten() {
                match VERBS.iter().find(|known| *known == verb) {
                    Some(verb) => operations.extend(self.operation(path, verb, item, operation)),
                    None if operation.get("responses").is_some() => self.unsaid.push(format!(
                        "{} {path} has a verb that no method has; it is left out",
                        verb.to_uppercase()
                    )),
                    None => {}
                }
            }
        }
        operations
    }

    fn operation(
        &mut self,
        path: &str,
        verb: &'static str,
        item: &'a Json,
        operation: &'a Json,
    ) -> Option<Operation> {
        let place = format!("{} {path}", verb.to_uppercase());
        let plain = |step: &str| !step.contains(['{', '}']);
        let whole = |step: &str| {
            step.strip_prefix('{')
                .and_then(|step| step.strip_suffix('}'))
                .is_some_and(plain)
        };
        let path = path.trim_end_matches('/');
        let fits = path.split('/').all(|step| plain(step) || whole(step))
            && !path.contains(['?', '#', '*'])
            && !path
                .chars()
                .any(|letter| letter.is_whitespace() || letter.is_control());
        if !fits {
            self.unsaid.push(format!(
                "{place} has a path whose parts no method can have; it is left out"
            ));
            return None;
        }
        let mut arguments = self.arguments(&place, item, operation);
        for part in path
            .split('/')
            .filter_map(|step| step.strip_prefix('{')?.strip_suffix('}'))
        {
            let known = |argument: &&mut Argument| {
                argument.source == "path" && argument.member.name == part
            };
            match arguments.iter_mut().find(known) {
                Some(argument) => argument.member.required = true,
                None => arguments.push(Argument {
                    source: "path",
                    member: Member {
                        name: part.to_owned(),
                        ty: Type::Plain("String"),
                        required: true,
                        docs: String::new(),
                        default: None,
                        rules: Vec::new(),
                    },
                }),
            }
        }
        let (answer, status) = self.answer(&place, operation);
        let id = text(operation, "operationId");
        let docs = match text(operation, "summary") {
            docs if docs.is_empty() => text(operation, "description"),
            docs => docs,
        };
        Some(Operation {
            name: match id.is_empty() {
                true => format!("{verb}_{}", path.replace(['/', '{', '}'], "_")),
                false => id,
            },
            verb,
            path: match path.is_empty() {
                true => "/".to_owned(),
                false => path.to_owned(),
            },
            docs,
            arguments,
            answer,
            status,
        })
    }

    /// The arguments: those of the operation go over those that all of the path have.
    fn arguments(&mut self, place: &str, item: &'a Json, operation: &'a Json) -> Vec<Argument> {
        let mut arguments: Vec<Argument> = Vec::new();
        for owner in [item, operation] {
            let parameters = owner.get("parameters").and_then(Json::as_array);
            for parameter in parameters.into_iter().flatten() {
                let (parameter, _) = self.resolve(parameter);
                let Some(argument) = self.argument(place, parameter) else {
                    continue;
                };
                let same = |known: &Argument| {
                    known.source == argument.source && known.member.name == argument.member.name
                };
                arguments.retain(|known| !same(known));
                arguments.push(argument);
            }
        }
        if let Some(body) = operation.get("requestBody") {
            let (body, _) = self.resolve(body);
            arguments.extend(self.body(place, body));
        }
        arguments
    }

    fn argument(&mut self, place: &str, parameter: &'a Json) -> Option<Argument> {
        let name = text(parameter, "name");
        let at = text(parameter, "in");
        let Some((_, source)) = SOURCES.iter().find(|(known, _)| *known == at) else {
            self.unsaid.push(format!("{place}: the argument `{name}` stands in `{at}`, where no method looks; it is left out"));
            return None;
        };
        // Swagger 2.0 has the type beside the name, OpenAPI 3 in a schema or as a type of content.
        let content = entries(parameter, "content")
            .next()
            .and_then(|(_, content)| content.get("schema"));
        let schema = parameter.get("schema").or(content).unwrap_or(parameter);
        if schema.get("type").and_then(Json::as_str) == Some("file") {
            self.unsaid.push(format!(
                "{place}: the argument `{name}` is a file, which no method takes; it is left out"
            ));
            return None;
        }
        let required = parameter.get("required") == Some(&Json::Bool(true));
        let mut member = self.member(&name, schema, &format!("{place}: `{name}`"), required);
        member.docs = text(parameter, "description");
        if !member.rules.is_empty() {
            self.unsaid.push(format!(
                "{place}: what the values of `{name}` may be is not checked; the method does that"
            ));
        }
        Some(Argument { source, member })
    }

    /// What OpenAPI 3 has as the body: JSON, or the fields of a form.
    fn body(&mut self, place: &str, body: &'a Json) -> Vec<Argument> {
        let required = body.get("required") == Some(&Json::Bool(true));
        let content =
            |kind: &str| entries(body, "content").find(|(known, _)| known.starts_with(kind));
        if let Some((_, content)) = content(JSON) {
            let schema = content.get("schema").unwrap_or(&Json::Null);
            let member = self.member("body", schema, &format!("{place}: the body"), required);
            return vec![Argument {
                source: "body",
                member,
            }];
        }
        let Some((_, form)) = content(FORM) else {
            let kinds: Vec<_> = entries(body, "content")
                .map(|(kind, _)| kind.as_str())
                .collect();
            self.unsaid.push(format!(
                "{place} takes {}, which no method does; its body is left out",
                kinds.join(" or ")
            ));
            return Vec::new();
        };
        let schema = form.get("schema").unwrap_or(&Json::Null);
        let (schema, _) = self.resolve(schema);
        let required = schema.get("required").and_then(Json::as_array);
        let is_required =
            |name: &str| required.is_some_and(|all| all.iter().any(|known| known == name));
        let fields = entries(schema, "properties").map(|(name, field)| Argument {
            source: "form",
            member: self.member(
                name,
                field,
                &format!("{place}: `{name}`"),
                is_required(name),
            ),
        });
        fields.collect()
    }

    /// What a success answers, and with which status if it isn't the usual one.
    fn answer(&mut self, place: &str, operation: &'a Json) -> (Option<Type>, Option<u16>) {
        let success = entries(operation, "responses")
            .filter(|(status, _)| status.starts_with('2') || *status == "default")
            .min_by_key(|(status, _)| *status);
        let Some((status, response)) = success else {
            return (None, None);
        };
        let (response, _) = self.resolve(response);
        let json = entries(response, "content").find(|(kind, _)| kind.starts_with(JSON));
        let schema = match (response.get("schema"), json) {
            (Some(schema), _) => Some(schema),
            (None, Some((_, json))) => Some(json.get("schema").unwrap_or(&Json::Null)),
            (None, None) => None,
        };
        if let (None, Some((kind, _))) = (&schema, entries(response, "content").next()) {
            self.unsaid.push(format!("{place} answers {kind}; the method answers nothing until it is written to answer a `Response`"));
        }
        let answer = schema.map(|schema| self.ty(schema, &format!("{place}: the answer"), 0));
        let usual = match answer {
            Some(_) => 200,
            None => 204,
        };
        let status = status
            .parse()
            .ok()
            .filter(|status| (200..=299).contains(status) && *status != usual);
        (answer, status)
    }
}
