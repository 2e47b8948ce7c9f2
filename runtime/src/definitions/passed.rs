//! What the entries of `middleware.json` are here (contract *middleware.md* §5).

use serde_json::Value as Json;

use super::config::{cors, limit};
use super::layer::Layer;
use super::middleware::Middleware;
use super::phase::Stage;
use super::problem::Problems;
use super::source::{Member, Node, Value};

/// Reads what requests pass, in order.
pub(super) fn read(entries: &[Middleware], layer: &mut Layer, problems: &mut Problems) {
    let mut helmet = false;
    for entry in entries.iter().filter(|entry| entry.enabled) {
        match entry.module().as_str() {
            "loopback#rest" => rest(entry, layer, problems),
            // What nobody knows is 404, and bodies are parsed, whatever is listed.
            "loopback#urlNotFound" => {}
            "body-parser#json" | "body-parser#urlencoded" | "loopback#json"
            | "loopback#urlencoded" => {
                if let Some((place, bytes)) = entry
                    .options()
                    .and_then(|options| limit(options, problems))
                {
                    layer.set(&place, "body_limit", bytes);
                }
            }
            "cors" | "loopback#cors" if entry.is_narrowed() => narrowed(entry, problems),
            "cors" | "loopback#cors" => match entry.options() {
                Some(options) => cors(options, layer, problems),
                // The package lets every origin in, unless it is told otherwise.
                None => cors(
                    &Node::of(serde_json::json!({}), &entry.place),
                    layer,
                    problems,
                ),
            },
            "compression" | "loopback#compress" if entry.is_narrowed() => {
                narrowed(entry, problems);
            }
            "compression" | "loopback#compress" => layer.set(&entry.place, "compression", true),
            "strong-error-handler" => strong_errors(entry, layer, problems),
            "loopback#errorHandler" | "errorhandler" => {
                let stack = entry.options().and_then(|one| one.get("includeStack"));
                if let Some(stack) = stack.filter(|stack| !stack.is_truthy()) {
                    layer.set(&stack.place, "debug", false);
                }
            }
            "loopback#token" => token(entry, problems),
            "cookie-parser" | "loopback#cookieParser" => {
                let secret = entry.options();
                if let Some(secret) = secret.filter(|secret| secret.as_str().is_some()) {
                    layer.set(&secret.place, "auth.cookie_secret", secret.to_json());
                }
            }
            "loopback#favicon" | "serve-favicon" => problems.note(
                &entry.place,
                "there is no icon: who asks for `/favicon.ico` gets 404, unless a route of the program's own answers",
            ),
            "loopback#context" | "loopback-context#per-request" => problems.note(
                &entry.place,
                "there is no current context; methods get the context of their call as an argument",
            ),
            // Once is enough: it is listed in eight parts.
            module if is_helmet(module) && helmet => {}
            module if is_helmet(module) => {
                helmet = true;
                problems.note(
                    &entry.place,
                    "what `helmet` adds to answers is left out; let the proxy before the program add it",
                );
            }
            _ if entry.optional => {}
            other => {
                let at = entry.at();
                problems.missing(
                    &entry.place,
                    match other.starts_with("loopback#") {
                        true => format!("the middleware `{other}`{at} is not there yet; write `\"enabled\": false`"),
                        false => format!(
                            "the middleware `{other}`{at} is JavaScript; write what it does as a layer of the router, and \
                             `\"enabled\": false` here"
                        ),
                    },
                );
            }
        }
    }
}

impl Middleware {
    /// The module by the shorter of LoopBack's names for it.
    fn module(&self) -> String {
        let id = self.id.trim_end_matches(".js");
        match id.strip_prefix("loopback/server/middleware/") {
            Some(fragment) => format!("loopback#{}", camel_case(fragment)),
            None => id.to_owned(),
        }
    }

    /// The first argument.
    fn options(&self) -> Option<&Node> {
        let params = self.params.as_ref()?;
        match &params.value {
            Value::List(arguments) => arguments.first(),
            Value::Scalar(Json::Null) => None,
            _ => Some(params),
        }
    }

    /// Do only some requests pass it?
    fn is_narrowed(&self) -> bool {
        !self.methods.is_empty() || self.paths.iter().any(|path| path != "/")
    }

    /// Where it stands, for messages: ` of the phase "initial:before", called "log"`.
    fn at(&self) -> String {
        let stage = match self.stage {
            Stage::Before => ":before",
            Stage::At => "",
            Stage::After => ":after",
        };
        let name = self.name.as_ref();
        let name = name.map(|name| format!(", called \"{name}\""));
        let name = name.unwrap_or_default();
        format!(" of the phase \"{}{stage}\"{name}", self.phase)
    }
}

fn is_helmet(module: &str) -> bool {
    module.split('#').next() == Some("helmet")
}

fn narrowed(entry: &Middleware, problems: &mut Problems) {
    problems.missing(
        &entry.place,
        format!(
            "`{}` for some paths or methods alone is not there yet; remove `paths` and `methods`",
            entry.id
        ),
    );
}

/// Where the models are served, if `config.json` doesn't say the same.
fn rest(entry: &Middleware, layer: &mut Layer, problems: &mut Problems) {
    let mut settings = layer.settings.iter().rev();
    let root = settings.find(|setting| setting.key == "rest_api_root");
    let root = root.and_then(|setting| setting.value.as_str());
    let root = root.unwrap_or("/api").to_owned();
    match entry.paths.as_slice() {
        [path] if *path == root => {}
        [] => layer.set(&entry.place, "rest_api_root", "/"),
        [path] if path.starts_with('/') => {
            layer.set(&entry.place, "rest_api_root", path.clone());
        }
        _ => problems.missing(
            &entry.place,
            "the models are served below one path; write one, such as [\"${restApiRoot}\"]",
        ),
    }
    if !entry.methods.is_empty() {
        narrowed(entry, problems);
    }
}

/// Unless it is told otherwise, it tells callers nothing of errors. Whether they may know more, the build decides.
fn strong_errors(entry: &Middleware, layer: &mut Layer, problems: &mut Problems) {
    let options = entry.options();
    let debug = options.and_then(|options| options.get("debug"));
    if !debug.is_some_and(Node::is_truthy) {
        let place = debug.map_or(&entry.place, |debug| &debug.place);
        layer.set(place, "debug", false);
    }
    let Some(Value::Object(members)) = options.map(|options| &options.value) else {
        return;
    };
    for Member { key, place, node } in members {
        let usual = match key.as_str() {
            "debug" | "log" => true,
            "defaultType" => node.as_str() == Some("json"),
            "rootProperty" => node.as_str() == Some("error"),
            // Who wants JSON gets JSON, and so does everybody else.
            "negotiateContentType" => true,
            _ => !node.is_truthy() || node.is_empty(),
        };
        if !usual {
            problems.missing(
                place,
                format!("`{key}` of the form of errors is not there yet; remove it"),
            );
        }
    }
}

/// A token is looked for wherever LoopBack looks, whether that is listed or not.
fn token(entry: &Middleware, problems: &mut Problems) {
    let Some(Value::Object(members)) = entry.options().map(|options| &options.value) else {
        return;
    };
    for Member { key, place, node } in members {
        let usual = match key.as_str() {
            "searchDefaultTokenKeys" => node.is_truthy(),
            // The one that the application lists.
            "model" => true,
            // It is looked for once.
            "enableDoublecheck" | "overwriteExistingToken" => true,
            _ => !node.is_truthy() || node.is_empty(),
        };
        if !usual {
            problems.missing(
                place,
                format!("`{key}` of how tokens are looked for is not there yet; remove it"),
            );
        }
    }
}

/// `url-not-found` is the file of `urlNotFound`.
fn camel_case(file: &str) -> String {
    let mut words = file.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name + letters.as_str()
    })
}
