//! `datasources.json`: where an application keeps its data (contract *boot.md* §6, *connectors.md* §1.1, §2.1, §3–§6).
//!
//! No message repeats a value of the file: it has passwords.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value as Json};

use super::config::{port, seconds};
use super::data_source_url::{Address, Url};
use super::folder::joined;
use super::mail;
use super::problem::{Problems, nearest};
use super::source::{Member, Node, Value};

/// What keeps data here, by LoopBack's names, and `mail`, which sends letters.
const CONNECTORS: [&str; 9] = [
    "memory",
    "kv-memory",
    "transient",
    "mysql",
    "postgresql",
    "mongodb",
    "sqlite3",
    "kv-redis",
    "mail",
];

/// The keys of every data source that change nothing here: a start connects, and the log says what is sent.
const USUAL: [&str; 9] = [
    "name",
    "connector",
    "adapter",
    "debug",
    "lazyConnect",
    "defaultForType",
    "description",
    "connectionTimeout",
    "localStorage",
];

/// The keys of the address of a server.
const SERVER: [&str; 10] = [
    "url", "host", "hostname", "port", "user", "username", "password", "database", "ssl", "tls",
];

/// Which keys of a connector are settings of ours: a number, or a time in milliseconds.
const POOL: [(&str, &str, &str, bool); 19] = [
    ("mysql", "connectionLimit", "max_connections", false),
    ("mysql", "connectTimeout", "connect_timeout", true),
    ("mysql", "connectionTimeout", "connect_timeout", true),
    ("mysql", "acquireTimeout", "acquire_timeout", true),
    ("postgresql", "max", "max_connections", false),
    ("postgresql", "min", "min_connections", false),
    ("postgresql", "connectionTimeout", "connect_timeout", true),
    (
        "postgresql",
        "connectionTimeoutMillis",
        "acquire_timeout",
        true,
    ),
    ("postgresql", "idleTimeoutMillis", "idle_timeout", true),
    ("postgresql", "statement_timeout", "statement_timeout", true),
    ("mongodb", "poolSize", "max_connections", false),
    ("mongodb", "maxPoolSize", "max_connections", false),
    ("mongodb", "minPoolSize", "min_connections", false),
    ("mongodb", "connectionTimeout", "connect_timeout", true),
    ("mongodb", "connectTimeoutMS", "connect_timeout", true),
    (
        "mongodb",
        "serverSelectionTimeoutMS",
        "acquire_timeout",
        true,
    ),
    ("mongodb", "socketTimeoutMS", "statement_timeout", true),
    ("mongodb", "maxIdleTimeMS", "idle_timeout", true),
    ("sqlite3", "connectionTimeout", "connect_timeout", true),
];

/// Which keys of a connector are options of its URL.
const OPTIONS: [(&str, &str, &str); 11] = [
    ("mysql", "socketPath", "socket"),
    ("postgresql", "application_name", "application_name"),
    ("mongodb", "authSource", "authSource"),
    ("mongodb", "authMechanism", "authMechanism"),
    ("mongodb", "replicaSet", "replicaSet"),
    ("mongodb", "readPreference", "readPreference"),
    ("mongodb", "w", "w"),
    ("mongodb", "j", "journal"),
    ("mongodb", "wtimeout", "wtimeoutMS"),
    ("mongodb", "retryWrites", "retryWrites"),
    ("mongodb", "appname", "appName"),
];

/// What a connector does here anyway, or what has no meaning for another driver.
const HARMLESS: [(&str, &[&str]); 4] = [
    (
        "mysql",
        // Texts are sent as UTF-8, and dates in UTC as LoopBack sends them.
        &[
            "charset",
            "collation",
            "supportBigNumbers",
            "bigNumberStrings",
            "waitForConnections",
        ],
    ),
    ("postgresql", &["keepAlive"]),
    (
        "mongodb",
        &[
            "strictObjectIDCoercion",
            "enableOptimizedFindOrCreate",
            "enableOptimisedFindOrCreate",
            "useNewUrlParser",
            "useUnifiedTopology",
            "autoReconnect",
            "reconnectTries",
            "reconnectInterval",
            "keepAlive",
            "noDelay",
        ],
    ),
    // Which of the two a value is, it says itself.
    ("kv-redis", &["packer"]),
];

/// What the file says.
#[derive(Default)]
pub(super) struct DataSources {
    /// Sections of the configuration, by their names.
    pub sections: Vec<(String, Map<String, Json>)>,
    /// The names of all, those that are nothing here too.
    pub named: BTreeSet<String>,
    /// The section `mail`, and the value that says it.
    pub mail: Option<(Node, Json)>,
}

/// Reads one data source after the other, but for those whose names are `said` elsewhere. Those that are not `attached` to are left
/// alone. `root` is where paths begin.
pub(super) fn read(
    entries: &[Member],
    root: &Path,
    (said, attached): (&BTreeSet<String>, &BTreeSet<String>),
    substitute: &dyn Fn(&Node, &mut Problems) -> Option<Node>,
    problems: &mut Problems,
) -> DataSources {
    let mut found = DataSources::default();
    for Member {
        key: name,
        place,
        node,
    } in entries
    {
        if name.starts_with('_') {
            continue;
        }
        found.named.insert(name.clone());
        if said.contains(name) {
            continue;
        }
        let connector = connector(node).unwrap_or_default().to_owned();
        if !attached.contains(name) && connector != "mail" {
            problems.note(
                place,
                format!("no model is in the data source `{name}`, which is left alone"),
            );
            continue;
        }
        let Some(node) = substitute(node, problems) else {
            continue;
        };
        if !matches!(node.value, Value::Object(_)) {
            problems.mistake(place, "a data source is an object; write `{…}`");
            continue;
        }
        if !CONNECTORS.contains(&connector.as_str()) {
            unknown(name, &connector, &node, problems);
            continue;
        }
        if connector == "mail" {
            if let Some(mail) = mail::section(&node, problems) {
                found.mail.get_or_insert((node, mail));
            }
            continue;
        }
        let source = Source {
            connector: &connector,
            node: &node,
        };
        if let Some(section) = source.section(root, problems) {
            found.sections.push((name.clone(), section));
        }
    }
    found
}

/// The bare name of the connector of a data source.
pub(super) fn connector(node: &Node) -> Option<&str> {
    let connector = node.get("connector").or_else(|| node.get("adapter"))?;
    let connector = connector.as_str()?;
    Some(
        connector
            .strip_prefix("loopback-connector-")
            .unwrap_or(connector),
    )
}

fn unknown(name: &str, connector: &str, node: &Node, problems: &mut Problems) {
    let said = node.get("connector").or_else(|| node.get("adapter"));
    let Some(said) = said.filter(|said| !said.is_empty()) else {
        problems.mistake(
            &node.place,
            format!("the data source `{name}` has no connector; write one, such as `\"connector\": \"memory\"`"),
        );
        return;
    };
    if let Some(near) = nearest(connector, CONNECTORS.into_iter()) {
        problems.mistake(
            &said.place,
            format!("there is no connector `{connector}`; did you mean `{near}`?"),
        );
        return;
    }
    problems.missing(
        &said.place,
        format!(
            "the connector of the data source `{name}` is not there yet; say in the configuration where its data is, \
             `[data_sources.{name}]` with a `url`, or bring a connector along: `App::connector(\"{name}\", …)`"
        ),
    );
}

/// A data source of a connector that is there.
struct Source<'a> {
    connector: &'a str,
    node: &'a Node,
}

impl Source<'_> {
    /// The section of the configuration that says the same.
    fn section(&self, root: &Path, problems: &mut Problems) -> Option<Map<String, Json>> {
        let mut section = Map::new();
        self.check_keys(problems);
        let url = match self.connector {
            "memory" => match self.text("file", problems) {
                Some(file) => format!("memory://{}", path(root, &file)),
                None => "memory:".to_owned(),
            },
            "kv-memory" => "kv-memory:".to_owned(),
            "transient" => "transient:".to_owned(),
            "sqlite3" => match self.text("file", problems) {
                Some(file) if file != ":memory:" => {
                    format!(
                        "sqlite://{}",
                        super::data_source_url::path(&path(root, &file))
                    )
                }
                _ => "sqlite::memory:".to_owned(),
            },
            _ => self.url(problems)?,
        };
        section.insert("url".to_owned(), url.into());
        self.pool(&mut section, problems);
        if self.connector == "mongodb"
            && let Some(allowed) = self.node.get("allowExtendedOperators")
        {
            let allowed = self.flag(allowed, "allowExtendedOperators", problems);
            section.insert("allow_extended_operators".to_owned(), allowed.into());
        }
        Some(section)
    }

    /// Reports the keys that mean something to LoopBack and nothing here.
    fn check_keys(&self, problems: &mut Problems) {
        let own: &[&str] = match self.connector {
            "memory" | "sqlite3" => &["file"],
            "kv-redis" => &["db"],
            "postgresql" => &["schema"],
            "mongodb" => &["allowExtendedOperators", "db"],
            _ => &[],
        };
        let is_server = !matches!(
            self.connector,
            "memory" | "kv-memory" | "transient" | "sqlite3"
        );
        let server = SERVER.iter().filter(|_| is_server);
        let pool = POOL.iter().filter(|(of, ..)| *of == self.connector);
        let options = OPTIONS.iter().filter(|(of, ..)| *of == self.connector);
        let harmless = HARMLESS.iter().filter(|(of, _)| *of == self.connector);
        let known: Vec<&str> = (USUAL.iter().chain(own).chain(server).copied())
            .chain(pool.map(|(_, key, ..)| *key))
            .chain(options.map(|(_, key, _)| *key))
            .chain(harmless.flat_map(|(_, keys)| keys.iter().copied()))
            .collect();
        let Value::Object(members) = &self.node.value else {
            return;
        };
        for Member { key, place, node } in members {
            if known.contains(&key.as_str()) || !node.is_truthy() || node.is_empty() {
                continue;
            }
            let hint = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "remove it".to_owned(),
            };
            problems.missing(
                place,
                format!(
                    "`{key}` means nothing to a data source of the connector `{}` here; {hint}",
                    self.connector
                ),
            );
        }
    }

    fn pool(&self, section: &mut Map<String, Json>, problems: &mut Problems) {
        for (_, key, word, is_time) in POOL.iter().filter(|(of, ..)| *of == self.connector) {
            let Some(node) = self.node.get(key).filter(|node| !node.is_empty()) else {
                continue;
            };
            let value: Option<Json> = match seconds(node) {
                Some(number) if *is_time => Some(format!("{number}ms").into()),
                Some(number) => u32::try_from(number).ok().map(Json::from),
                None => None,
            };
            match value {
                Some(value) => drop(section.insert((*word).to_owned(), value)),
                None => problems.mistake(&node.place, format!("`{key}` is a whole number")),
            }
        }
    }

    /// The URL of a server.
    fn url(&self, problems: &mut Problems) -> Option<String> {
        let (schemes, default_port): (&[&str], u16) = match self.connector {
            "mysql" => (&["mysql", "mariadb"], 3306),
            "postgresql" => (&["postgres", "postgresql"], 5432),
            "mongodb" => (&["mongodb", "mongodb+srv"], 27017),
            _ => (&["redis", "rediss"], 6379),
        };
        let mut url = match self.node.get("url").filter(|url| !url.is_empty()) {
            Some(node) => {
                let text = node.as_str().unwrap_or_default();
                let scheme = text.split_once("://").map(|(scheme, _)| scheme);
                if !scheme.is_some_and(|scheme| schemes.contains(&scheme)) {
                    problems.mistake(
                        &node.place,
                        format!(
                            "the URL of a data source of the connector `{}` begins with `{}://`",
                            self.connector, schemes[0]
                        ),
                    );
                    return None;
                }
                Url::given(text)
            }
            None => Url::of(&self.address(schemes[0], default_port, problems)?),
        };
        for (_, key, option) in OPTIONS.iter().filter(|(of, ..)| *of == self.connector) {
            let Some(node) = self.node.get(key).filter(|node| !node.is_empty()) else {
                continue;
            };
            match node.to_json() {
                Json::String(text) => url.option(option, &text),
                json @ (Json::Number(_) | Json::Bool(_)) => url.option(option, &json.to_string()),
                _ => problems.mistake(&node.place, format!("`{key}` is a text")),
            }
        }
        if let Some(schema) = self.text("schema", problems)
            && self.connector == "postgresql"
            && schema != "public"
        {
            url.option("options[search_path]", &schema);
        }
        self.encrypt(&mut url, problems);
        Some(url.into_text())
    }

    fn address(&self, scheme: &'static str, port: u16, problems: &mut Problems) -> Option<Address> {
        let first = |keys: &[&str], problems: &mut Problems| {
            keys.iter().find_map(|key| self.text(key, problems))
        };
        let mongodb = self.connector == "mongodb";
        let address = Address {
            scheme,
            user: first(&["user", "username"], problems),
            password: self.text("password", problems),
            host: first(&["host", "hostname"], problems).unwrap_or_else(|| {
                // As LoopBack has it.
                let host = if mongodb { "127.0.0.1" } else { "localhost" };
                host.to_owned()
            }),
            port: match self.node.get("port").filter(|port| !port.is_empty()) {
                Some(node) => match self::port(node) {
                    Some(port) => port,
                    None => {
                        problems.mistake(&node.place, "`port` is a number from 1 to 65535");
                        return None;
                    }
                },
                None => port,
            },
            database: match self.connector {
                "mongodb" => {
                    let database = first(&["database", "db"], problems);
                    database.or_else(|| Some("test".to_owned()))
                }
                "kv-redis" => first(&["db", "database"], problems),
                _ => self.text("database", problems),
            },
        };
        // MongoDB's user counts with a password alone.
        let whole = !mongodb || address.user.is_some() == address.password.is_some();
        let address = match whole {
            true => address,
            false => Address {
                user: None,
                password: None,
                ..address
            },
        };
        if !address.has_host() {
            let node = self.node.get("host").or_else(|| self.node.get("hostname"));
            let place = node.map_or(&self.node.place, |node| &node.place);
            problems.mistake(
                place,
                "this is no host; write a name or an address, and the port as `port`",
            );
            return None;
        }
        Some(address)
    }

    /// Says in the URL how the connection is encrypted.
    fn encrypt(&self, url: &mut Url, problems: &mut Problems) {
        let said = self.node.get("ssl").or_else(|| self.node.get("tls"));
        let Some(node) = said.filter(|node| node.is_truthy()) else {
            return;
        };
        let verified = match &node.value {
            Value::Object(members) => {
                let mut verified = true;
                for Member { key, place, node } in members {
                    match key.as_str() {
                        "rejectUnauthorized" => verified = node.is_truthy(),
                        other => problems.missing(
                            place,
                            format!(
                                "`{other}` of an encrypted connection is not there yet; write the data source as a `url` \
                                 with the path of the file in it"
                            ),
                        ),
                    }
                }
                verified
            }
            _ if self.flag(node, "ssl", problems) => true,
            _ => return,
        };
        match (self.connector, verified) {
            ("mysql", true) => url.option("ssl-mode", "VERIFY_IDENTITY"),
            ("mysql", false) => url.option("ssl-mode", "REQUIRED"),
            ("postgresql", true) => url.option("sslmode", "verify-full"),
            ("postgresql", false) => url.option("sslmode", "require"),
            ("mongodb", verified) => {
                url.option("tls", "true");
                if !verified {
                    url.option("tlsAllowInvalidCertificates", "true");
                }
            }
            (_, true) => url.scheme("rediss"),
            (_, false) => problems.missing(
                &node.place,
                "an encrypted connection to Redis whose certificate nobody verifies is not there; remove \
                 `rejectUnauthorized`",
            ),
        }
    }

    /// A flag, which may come from a variable of the environment as a text.
    fn flag(&self, node: &Node, key: &str, problems: &mut Problems) -> bool {
        let flag = node.as_bool().or_else(|| match node.as_str()? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        });
        flag.unwrap_or_else(|| {
            problems.mistake(&node.place, format!("`{key}` is `true` or `false`"));
            false
        })
    }

    /// A text, or a number in its place: passwords and names of databases may look like one.
    fn text(&self, key: &str, problems: &mut Problems) -> Option<String> {
        let node = self.node.get(key).filter(|node| !node.is_empty())?;
        match &node.value {
            Value::Scalar(Json::String(text)) => Some(text.clone()),
            Value::Scalar(Json::Number(number)) => Some(number.to_string()),
            _ => {
                problems.mistake(&node.place, format!("`{key}` is a text"));
                None
            }
        }
    }
}

/// A file that LoopBack looks for where the application was started: in its folder.
fn path(root: &Path, file: &str) -> String {
    joined(root, file).display().to_string()
}
