//! What the entries of `middleware.json` are here (contract *middleware.md* §5).

use serde_json::{Map, Value as Json, json};

use super::config::{cors, limit, seconds};
use super::layer::Layer;
use super::middleware::Middleware;
use super::problem::Problems;
use super::source::{Member, Node, Value};
use crate::phase::BUILT_IN;

/// Reads what requests pass, in order.
pub(super) fn read(entries: &[Middleware], layer: &mut Layer, problems: &mut Problems) {
    let mut files = Map::new();
    let mut headers = None;
    phases(entries, layer);
    for entry in entries.iter().filter(|entry| entry.enabled) {
        match entry.module().as_str() {
            "loopback#rest" => rest(entry, layer, problems),
            // What nobody knows is 404, and bodies are parsed, whatever is listed.
            "loopback#urlNotFound" => {}
            "body-parser#json"
            | "body-parser#urlencoded"
            | "loopback#json"
            | "loopback#urlencoded" => {
                if let Some((place, bytes)) =
                    entry.options().and_then(|options| limit(options, problems))
                {
                    layer.set(&place, "body_limit", bytes);
                }
            }
            "cors" | "loopback#cors" => {
                // The package lets every origin in, unless it is told otherwise.
                let usual = Node::of(json!({}), &entry.place);
                if let Some(mut said) = cors(entry.options().unwrap_or(&usual), problems) {
                    said["at"] = entry.at();
                    layer.set(&entry.place, "middleware.cors", said);
                }
            }
            "compression" | "loopback#compress" => {
                entry.without_options(problems);
                let said = json!({"at": entry.at()});
                layer.set(&entry.place, "middleware.compression", said);
            }
            "loopback#favicon" | "serve-favicon" => {
                let file = entry.options().and_then(Node::as_str);
                let said = json!({"file": file, "at": entry.at()});
                layer.set(&entry.place, "middleware.favicon", said);
            }
            "loopback#static" | "serve-static" => {
                if let Some(said) = static_files(entry, problems) {
                    // They are asked in the order of their names.
                    let mut name = format!("{:02}", files.len() + 1);
                    if let Some(own) = &entry.name {
                        name += &format!(" {own}");
                    }
                    files.insert(name, said);
                    layer.set(&entry.place, "middleware.static_files", files.clone());
                }
            }
            "strong-error-handler" => strong_errors(entry, layer, problems),
            "loopback#errorHandler" | "errorhandler" => {
                let stack = entry.options().and_then(|one| one.get("includeStack"));
                if let Some(stack) = stack.filter(|stack| !stack.is_truthy()) {
                    layer.set(&stack.place, "debug", false);
                }
            }
            "loopback#token" => token(entry, layer, problems),
            "cookie-parser" | "loopback#cookieParser" => {
                let secret = entry.options();
                if let Some(secret) = secret.filter(|secret| secret.as_str().is_some()) {
                    layer.set(&secret.place, "auth.cookie_secret", secret.to_json());
                }
            }
            "loopback#context" | "loopback-context#per-request" => problems.note(
                &entry.place,
                "there is no current context; methods get the context of their call as an argument",
            ),
            // It is listed in eight parts, of which each says something of one header.
            module if is_helmet(module) => {
                let said =
                    headers.get_or_insert_with(|| json!({"frame_options": "", "at": entry.at()}));
                helmet(module, entry, said, problems);
                layer.set(&entry.place, "middleware.security_headers", said.clone());
            }
            _ if entry.optional => {}
            other => {
                let at = entry.stands();
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

/// The names of phases, where there are more than LoopBack's.
fn phases(entries: &[Middleware], layer: &mut Layer) {
    let mut names: Vec<&str> = entries.iter().map(|entry| entry.phase.as_str()).collect();
    names.dedup();
    let own = entries
        .iter()
        .find(|entry| !BUILT_IN.contains(&entry.phase.as_str()));
    if let Some(own) = own {
        layer.set(&own.place, "phases", names);
    }
}

/// What a part of helmet says of a header.
fn helmet(module: &str, entry: &Middleware, said: &mut Json, problems: &mut Problems) {
    let options = entry.options();
    let missing = |problems: &mut Problems, what: &str| {
        problems.missing(
            &entry.place,
            format!("{what} is not there yet; write `\"enabled\": false`, and let a proxy say it"),
        );
    };
    match module.split_once('#').map_or("helmet", |(_, part)| part) {
        "helmet" => {
            said["frame_options"] = "SAMEORIGIN".into();
            if options.is_some_and(|options| !options.is_empty()) {
                missing(problems, "what the options of `helmet` say");
            }
        }
        "frameguard" => {
            let action = options.and_then(|options| match options.as_str() {
                Some(action) => Some(action),
                None => options.get("action")?.as_str(),
            });
            let action = action.map_or_else(|| "SAMEORIGIN".to_owned(), str::to_uppercase);
            match action.as_str() {
                "DENY" | "SAMEORIGIN" => said["frame_options"] = action.into(),
                _ => missing(problems, "what lets one page show others in a frame"),
            }
        }
        "hsts" => {
            let option = |name: &str| options.and_then(|options| options.get(name));
            let max_age = option("maxAge").and_then(seconds);
            if let Some(seconds) = max_age.filter(|seconds| *seconds > 0) {
                said["hsts"] = format!("{seconds}s").into();
                let narrow = ["includeSubdomains", "includeSubDomains"];
                let mut narrow = narrow.into_iter().filter_map(option);
                if narrow.any(|node| !node.is_truthy()) {
                    said["hsts_subdomains"] = false.into();
                }
            }
        }
        // These are said always, or of no use any more.
        "noSniff" | "xssFilter" | "hidePoweredBy" | "ieNoOpen" | "dnsPrefetchControl" => {}
        other => missing(problems, &format!("`helmet#{other}`")),
    }
}

/// A folder with files, as `express.static` has it.
fn static_files(entry: &Middleware, problems: &mut Problems) -> Option<Json> {
    let Some(folder) = entry.options().and_then(Node::as_str) else {
        problems.mistake(
            &entry.place,
            "which folder is served stands in `params`, such as \"$!../client\"",
        );
        return None;
    };
    let mut said = json!({"folder": folder});
    let options = match entry.params.as_ref().map(|params| &params.value) {
        Some(Value::List(arguments)) => arguments.get(1),
        _ => None,
    };
    if let Some(Value::Object(members)) = options.map(|options| &options.value) {
        for Member { key, place, node } in members {
            match (key.as_str(), seconds(node)) {
                // Express counts in thousandths.
                ("maxAge", Some(thousandths)) => {
                    said["max_age"] = format!("{}s", thousandths / 1000).into();
                }
                ("etag" | "lastModified" | "redirect" | "fallthrough", _) if node.is_truthy() => {}
                _ => problems.missing(
                    place,
                    format!("the option `{key}` of files is not there yet; remove it"),
                ),
            }
        }
    }
    // Below the paths, as Express serves what it is mounted at.
    let mut at = entry.at();
    match entry.paths.as_slice() {
        [] => {}
        [path] => {
            said["path"] = path.as_str().into();
            if let Json::Object(at) = &mut at {
                at.remove("paths");
            }
        }
        _ => problems.missing(
            &entry.place,
            "a folder is served below one path; list it once for each of them",
        ),
    }
    said["at"] = at;
    Some(said)
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

    /// Reports options that are of no use here.
    fn without_options(&self, problems: &mut Problems) {
        if let Some(options) = self.options().filter(|options| !options.is_empty()) {
            problems.missing(
                &options.place,
                format!(
                    "the options of `{}` are not there yet; remove them",
                    self.id
                ),
            );
        }
    }

    /// Which requests pass it, and when, in the words of the configuration.
    fn at(&self) -> Json {
        let mut at = json!({"phase": format!("{}{}", self.phase, self.part.suffix())});
        if !self.paths.is_empty() {
            at["paths"] = self.paths.clone().into();
        }
        if !self.methods.is_empty() {
            at["methods"] = self.methods.clone().into();
        }
        at
    }

    /// Where it stands, for messages: ` of the phase "initial:before", called "log"`.
    fn stands(&self) -> String {
        let stage = self.part.suffix();
        let name = self.name.as_ref();
        let name = name.map(|name| format!(", called \"{name}\""));
        let name = name.unwrap_or_default();
        format!(" of the phase \"{}{stage}\"{name}", self.phase)
    }
}

fn is_helmet(module: &str) -> bool {
    module.split('#').next() == Some("helmet")
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
        problems.missing(
            &entry.place,
            "`loopback#rest` for some methods alone is not there yet; remove `methods`",
        );
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
    if layer.passes_errors_on {
        layer.set(&entry.place, "errors.envelope", "strong");
    }
    let Some(Value::Object(members)) = options.map(|options| &options.value) else {
        return;
    };
    for Member { key, place, node } in members {
        let usual = match key.as_str() {
            "debug" | "log" => true,
            "safeFields" if node.is_empty() => true,
            "safeFields" => {
                if matches!(&node.value, Value::List(items) if items.iter().all(|item| item.as_str().is_some()))
                {
                    layer.set(place, "errors.safe_fields", node.to_json());
                } else {
                    problems.mistake(&node.place, "`safeFields` is a list of texts");
                }
                true
            }
            "defaultType" => node.as_str() == Some("json"),
            "rootProperty" => node.as_str() == Some("error"),
            "negotiateContentType" => node.is_truthy(),
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
fn token(entry: &Middleware, layer: &mut Layer, problems: &mut Problems) {
    let Some(Value::Object(members)) = entry.options().map(|options| &options.value) else {
        return;
    };
    for Member { key, place, node } in members {
        let usual = match key.as_str() {
            "currentUserLiteral" => {
                // What is no text is `me` to LoopBack.
                let literal = node.as_str().filter(|literal| !literal.is_empty());
                if node.is_truthy() {
                    layer.set(place, "auth.current_user_literal", literal.unwrap_or("me"));
                }
                true
            }
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
