//! What the files of an application say of it, and how mistakes in them are told.

use serde_json::{Value as Json, json};

use super::super::middleware::{Middleware, middleware};
use super::super::source::Node;
use super::super::substitution::Variables;
use super::*;
use crate::phase::Part;

const SHOP: (&str, &str) = (
    "server/models/shop.json",
    r#"{"name": "Shop", "acls": [{"principalId": "$everyone", "permission": "ALLOW"}]}"#,
);

/// An application with these files beside a `Shop` in the data source `db`.
fn application(files: &[(&str, &str)]) -> tempfile::TempDir {
    let models = ("server/model-config.json", CONFIG);
    folder(&[files, &[models, SHOP]].concat())
}

fn known(addressed: bool) -> Known {
    Known {
        data_sources: BTreeSet::new(),
        attached: BTreeSet::new(),
        moved: BTreeMap::new(),
        ruled: BTreeSet::new(),
        addressed,
    }
}

/// What the files of a folder say, in an environment with these variables.
fn said(folder: &Path, variables: &[(&str, &str)]) -> (Layer, Vec<String>) {
    let variables = variables.iter();
    let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let environment = Environment::new(None, variables.collect());
    let definitions = Definitions::folder(folder);
    let files = read(&definitions, &known(true), &environment);
    let kinds = [Kind::Mistake, Kind::Missing, Kind::Note];
    let problems = kinds.into_iter().flat_map(|kind| files.problems.of(kind));
    let server = format!("{}/server/", folder.display());
    let problems = problems.map(|problem| problem.to_string().replace(&server, ""));
    let problems = problems.collect();
    (files.layer, problems)
}

/// The settings that hold: of two for one key the last.
fn settings(layer: &Layer) -> Json {
    let settings = layer.settings.iter().chain(&layer.address);
    let settings = settings.map(|setting| (setting.key.to_owned(), setting.value.clone()));
    Json::Object(settings.collect())
}

#[test]
fn settings_have_our_words() {
    let folder = application(&[(
        "server/config.json",
        r#"{
  "restApiRoot": "/v2", "host": "0.0.0.0", "port": "8080", "aclErrorStatus": "403", "legacyExplorer": false,
  "logoutSessionsOnSensitiveChanges": false, "apiInfo": {"title": "Shop", "version": "7"},
  "remoting": {
    "context": false, "cors": {"origin": ["https://shop.example"], "credentials": true, "maxAge": 60},
    "rest": {"handleErrors": false, "normalizeHttpPath": false, "xml": true},
    "json": {"strict": false, "limit": "1mb"}, "urlencoded": {"extended": true, "limit": "100kb"},
    "errorHandler": {"disableStackTrace": true}
  },
  "stripe": {"key": "not-to-be-shown"}, "empty": null
}"#,
    )]);
    let (layer, problems) = said(folder.path(), &[]);
    assert_eq!(
        settings(&layer),
        json!({
            "rest_api_root": "/v2", "host": "0.0.0.0", "port": 8080, "auth.acl_error_status": 403,
            "users.logout_on_sensitive_changes": false, "title": "Shop", "version": "7",
            "middleware.cors": {"origins": ["https://shop.example"], "credentials": true, "max_age": "60s"},
            "rest.xml": true, "debug": false, "body_limit": 1_048_576,
        })
    );
    assert_eq!(
        Json::Object(layer.own),
        json!({"stripe": {"key": "not-to-be-shown"}})
    );
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn mistaken_settings_are_told_in_loopbacks_words() {
    let folder = application(&[(
        "server/config.json",
        r#"{
  "restApiRoot": "api",
  "host": 5,
  "port": [],
  "aclErrorStatus": 418,
  "legacyExplorer": true,
  "remoting": {
    "corz": false,
    "cors": {"origin": {}, "methods": "GET"},
    "rest": {"supportedTypes": ["json"]},
    "json": {"limit": "much"},
    "sharedMethods": {"find": "yes", "count": 1}
  }
}"#,
    )]);
    let (_, problems) = said(folder.path(), &[]);
    expect![[r#"
        config.json:2:18: app.restApiRoot must start with "/"
        config.json:3:11: app.host must be a string
        config.json:4:11: app.port must be a string or number; write one from 0 to 65535
        config.json:5:21: this is no status of a refusal; write 401, 403 or 404
        config.json:9:24: an origin is a text such as "https://shop.example", a list of them, or `true` for every one
        config.json:11:23: this is no size; write a number of bytes, or a text such as "100kb"
        config.json:12:31: Expected boolean, got string
        config.json:12:47: Expected boolean, got number
        config.json:6:3: the routes `/routes` and `/models` of LoopBack's old explorer are not there yet; write `false`
        config.json:8:5: the key `corz` of `remoting` means nothing here; did you mean `cors`?
        config.json:9:28: the option `methods` of `cors` is not there yet; remove it
        config.json:10:14: `remoting.rest.supportedTypes` is not there yet; remove it
    "#]]
    .assert_eq(&(problems.join("\n") + "\n"));
}

#[test]
fn the_address_is_found_in_loopbacks_order() {
    let folder = application(&[("server/config.json", r#"{"host": "a", "port": 1}"#)]);
    let mut variables = vec![
        ("npm_package_config_port", "9"),
        ("VCAP_APP_PORT", "8"),
        ("PORT", "7"),
        ("OPENSHIFT_NODEJS_PORT", "6"),
        ("OPENSHIFT_SLS_PORT", "5"),
        ("npm_config_port", "4"),
    ];
    // What is in `PORT`, the configuration has read; empty variables are none.
    for expected in [Some(4), Some(5), Some(6), None, Some(8), None] {
        let (layer, _) = said(folder.path(), &variables);
        let over = layer.address.iter().find(|setting| setting.key == "port");
        let over = over.map(|setting| setting.value.clone());
        assert_eq!(over, expected.map(Json::from), "{variables:?}");
        assert_eq!(layer.settings[1].value, json!(1));
        if let Some(last) = variables.last_mut() {
            last.1 = "";
        }
        let (emptied, _) = said(folder.path(), &variables);
        variables.pop();
        let (gone, _) = said(folder.path(), &variables);
        assert_eq!(settings(&emptied), settings(&gone), "{variables:?}");
    }
    let folder = application(&[("server/config.json", r#"{"host": "a"}"#)]);
    let (layer, _) = said(folder.path(), &[("npm_package_config_port", "9")]);
    assert_eq!(settings(&layer), json!({"host": "a", "port": 9}));
    let (_, problems) = said(folder.path(), &[("VCAP_APP_PORT", "none")]);
    assert!(
        problems[0].contains("`VCAP_APP_PORT` of the environment is no port"),
        "{problems:?}"
    );
}

/// The section of the configuration that a data source `db` becomes, and what is wrong with it.
fn section(source: &Json, variables: &[(&str, &str)]) -> (Json, Vec<String>) {
    let text = json!({"db": source}).to_string();
    let folder = application(&[("server/datasources.json", &text)]);
    let (mut layer, problems) = said(folder.path(), variables);
    let root = format!("{}/", folder.path().display());
    let section = layer.data_sources.remove("db");
    let section = section.map_or(Json::Null, Json::Object);
    let section = section.to_string().replace(&root, "");
    (serde_json::from_str(&section).unwrap(), problems)
}

#[test]
fn data_sources_have_urls() {
    let hard = "p@ss:w/o?r#d%";
    for (source, expected) in [
        (json!({"connector": "memory"}), json!({"url": "memory:"})),
        (
            json!({"connector": "memory", "file": "data/db.json", "name": "db", "localStorage": ""}),
            json!({"url": "memory://data/db.json"}),
        ),
        (
            json!({"connector": "kv-memory"}),
            json!({"url": "kv-memory:"}),
        ),
        (
            json!({"connector": "transient"}),
            json!({"url": "transient:"}),
        ),
        (
            json!({"connector": "sqlite3"}),
            json!({"url": "sqlite::memory:"}),
        ),
        (
            json!({"connector": "loopback-connector-sqlite3", "file": "./my data?.db", "debug": true}),
            json!({"url": "sqlite://my%20data%3F.db"}),
        ),
        (
            json!({"connector": "mysql", "host": "db", "port": 3307, "user": "me", "password": hard, "database": "a/b",
                "connectionLimit": 5, "connectTimeout": 1500, "charset": "utf8", "lazyConnect": true}),
            json!({"url": "mysql://me:p%40ss%3Aw%2Fo%3Fr%23d%25@db:3307/a%2Fb", "max_connections": 5,
                "connect_timeout": "1500ms"}),
        ),
        (
            json!({"connector": "mysql", "url": "mysql://me:tiger@db/shop", "host": "other", "ssl": true}),
            json!({"url": "mysql://me:tiger@db/shop?ssl-mode=VERIFY_IDENTITY"}),
        ),
        (
            json!({"adapter": "postgresql", "hostname": "::1", "username": "me", "password": 5, "database": "shop",
                "schema": "a b", "max": "7", "min": 1, "idleTimeoutMillis": 10, "ssl": {"rejectUnauthorized": false}}),
            json!({"url": "postgres://me:5@[::1]:5432/shop?options[search_path]=a%20b&sslmode=require",
                "max_connections": 7, "min_connections": 1, "idle_timeout": "10ms"}),
        ),
        (
            json!({"connector": "postgresql", "host": "/var/run/postgresql", "database": "shop", "schema": "public"}),
            json!({"url": "postgres://%2Fvar%2Frun%2Fpostgresql:5432/shop"}),
        ),
        (
            json!({"connector": "mongodb"}),
            json!({"url": "mongodb://127.0.0.1:27017/test"}),
        ),
        (
            json!({"connector": "mongodb", "host": "db", "user": "me", "database": "shop", "replicaSet": "rs0", "ssl": true,
                "poolSize": 3, "allowExtendedOperators": true, "w": 1, "useNewUrlParser": true}),
            json!({"url": "mongodb://db:27017/shop?replicaSet=rs0&w=1&tls=true", "max_connections": 3,
                "allow_extended_operators": true}),
        ),
        (
            json!({"connector": "mongodb", "url": "mongodb://a,b/shop?replicaSet=one", "replicaSet": "two"}),
            json!({"url": "mongodb://a,b/shop?replicaSet=one"}),
        ),
        (
            json!({"connector": "kv-redis", "host": "cache", "password": hard, "db": 2, "packer": "json"}),
            json!({"url": "redis://:p%40ss%3Aw%2Fo%3Fr%23d%25@cache:6379/2"}),
        ),
        (
            json!({"connector": "kv-redis", "url": "redis://cache", "tls": true}),
            json!({"url": "rediss://cache"}),
        ),
    ] {
        let (section, problems) = section(&source, &[]);
        assert_eq!(problems, Vec::<String>::new(), "{source}");
        assert_eq!(section, expected, "{source}");
    }
}

#[test]
fn data_sources_are_where_the_environment_says() {
    let source =
        json!({"connector": "mysql", "url": "${URL}", "host": "${DB_HOST}", "port": "${DB_PORT}"});
    let (section, problems) = section(&source, &[("DB_HOST", "db"), ("DB_PORT", "77")]);
    assert_eq!(section["url"], "mysql://db:77/");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].contains("${URL} does not resolve"),
        "{problems:?}"
    );
}

#[test]
fn what_a_data_source_can_not_be_is_told_without_its_values() {
    for (source, expected) in [
        (
            json!({"connector": "oracle"}),
            "the connector of the data source `db` is not there yet",
        ),
        (
            json!({"connector": "mysq1"}),
            "there is no connector `mysq1`; did you mean `mysql`?",
        ),
        (json!({}), "the data source `db` has no connector"),
        (
            json!({"connector": 5}),
            "the connector of the data source `db` is not there yet",
        ),
        (
            json!("mysql://me:tiger@db/shop"),
            "a data source is an object",
        ),
        (
            json!({"connector": "mysql", "url": "postgres://me:tiger@db"}),
            "begins with `mysql://`",
        ),
        (
            json!({"connector": "mysql", "url": 5, "password": "tiger"}),
            "begins with `mysql://`",
        ),
        (
            json!({"connector": "mysql", "host": "me:tiger@db"}),
            "this is no host",
        ),
        (
            json!({"connector": "mysql", "port": "tiger"}),
            "`port` is a number",
        ),
        (
            json!({"connector": "mysql", "password": {"a": "tiger"}}),
            "`password` is a text",
        ),
        (
            json!({"connector": "mysql", "connectionLimit": "tiger"}),
            "`connectionLimit` is a whole number",
        ),
        (
            json!({"connector": "mysql", "conectionLimit": "tiger"}),
            "did you mean `connectionLimit`?",
        ),
        (
            json!({"connector": "mysql", "createDatabase": true}),
            "`createDatabase` means nothing",
        ),
        (
            json!({"connector": "mysql", "ssl": {"ca": "tiger"}}),
            "`ca` of an encrypted connection",
        ),
        (
            json!({"connector": "mysql", "ssl": "tiger"}),
            "`ssl` is `true` or `false`",
        ),
        (
            json!({"connector": "mongodb", "sslCA": ["tiger"]}),
            "`sslCA` means nothing",
        ),
        (
            json!({"connector": "kv-redis", "tls": {"rejectUnauthorized": false}}),
            "nobody verifies",
        ),
    ] {
        let (_, problems) = section(&source, &[]);
        assert!(
            problems.iter().any(|problem| problem.contains(expected)),
            "{source}: {problems:?}"
        );
        for problem in problems {
            assert!(problem.starts_with("datasources.json:1:"), "{problem}");
            assert!(!problem.contains("tiger"), "{problem}");
        }
    }
}

#[test]
fn data_sources_without_models_are_left_alone() {
    let folder = application(&[(
        "server/datasources.json",
        r#"{"db": {"connector": "memory"}, "old": {"connector": "oracle", "password": "tiger"}}"#,
    )]);
    let (layer, problems) = said(folder.path(), &[]);
    assert_eq!(layer.data_sources.keys().collect::<Vec<_>>(), ["db"]);
    assert_eq!(
        problems,
        ["datasources.json:1:33: no model is in the data source `old`, which is left alone"]
    );
}

#[test]
fn a_data_source_has_its_names_in_other_cases() {
    let folder = folder(&[
        (
            "model-config.json",
            r#"{"Shop": {"dataSource": "myDb"}, "Bar": {"dataSource": "MyDb"}}"#,
        ),
        ("models/shop.json", "{}"),
        ("models/bar.json", "{}"),
    ]);
    let urls = BTreeMap::from([("my-db".to_owned(), "memory:".to_owned())]);
    let definitions = Definitions::folder(folder.path()).open_by_default();
    let models = load(&definitions, &[], &urls).unwrap().models;
    let sources: Vec<_> = models.iter().map(|(_, source)| source.as_str()).collect();
    assert_eq!(sources, ["my-db", "my-db"]);
}

#[test]
fn letters_are_sent_as_the_first_transport_says() {
    let mail = |transport: Json| {
        let text = json!({"mail": {"connector": "mail", "transports": [transport]}}).to_string();
        let folder = application(&[("server/datasources.json", &text)]);
        let (layer, problems) = said(folder.path(), &[]);
        (settings(&layer)["mail"].clone(), problems)
    };
    for (transport, expected) in [
        (
            json!({"type": "SMTP", "host": "mail.example", "auth": {"user": "a@b.example", "pass": "t/ger"}}),
            json!({"url": "smtp://a%40b.example:t%2Fger@mail.example:587/?tls=opportunistic", "from": "a@b.example"}),
        ),
        (
            json!({"type": "smtp", "secure": true, "host": "mail.example", "from": "Shop <shop@b.example>"}),
            json!({"url": "smtps://mail.example:465/", "from": "Shop <shop@b.example>"}),
        ),
        (
            json!({"type": "smtp", "port": 25, "ignoreTLS": true, "from": "a@b.example"}),
            json!({"url": "smtp://localhost:25/", "from": "a@b.example"}),
        ),
        (
            json!({"type": "stub"}),
            json!({"url": "memory:", "from": ""}),
        ),
    ] {
        let (section, problems) = mail(transport);
        assert_eq!((section, problems), (expected, Vec::new()));
    }
    for (transport, expected) in [
        (json!({"type": "direct"}), "this type of transport"),
        (
            json!({"type": "smtp", "auth": {"pass": "tiger"}}),
            "nothing says who sends",
        ),
        (
            json!({"type": "smtp", "service": "tiger"}),
            "`service` of a transport",
        ),
        (
            json!({"type": "smtp", "tls": {"rejectUnauthorized": false}}),
            "`rejectUnauthorized`",
        ),
        (
            json!({"type": "smtp", "host": "tiger/x"}),
            "this is no host",
        ),
    ] {
        let (_, problems) = mail(transport);
        let all = problems.join("\n");
        assert!(all.contains(expected) && !all.contains("tiger"), "{all}");
    }
}

#[test]
fn the_explorer_is_where_the_components_say() {
    let explorer = |components: &str| {
        let folder = application(&[("server/component-config.json", components)]);
        let (layer, problems) = said(folder.path(), &[("WHERE", "/docs")]);
        (settings(&layer)["explorer"].clone(), problems)
    };
    for (components, expected) in [
        (
            r#"{"loopback-component-explorer": {"mountPath": "/explorer"}}"#,
            json!("/explorer"),
        ),
        (
            r#"{"loopback-component-explorer": {"mountPath": "${WHERE}"}}"#,
            json!("/docs"),
        ),
        (
            r#"{"loopback-component-explorer": {"mountPath": "docs/"}}"#,
            json!("/docs"),
        ),
        (
            r#"{"loopback-component-explorer": {"generateOperationScopedModels": true}}"#,
            json!("/explorer"),
        ),
        (
            r#"{"loopback-component-explorer": true}"#,
            json!("/explorer"),
        ),
        (
            r#"{"loopback-component-explorer": {"swaggerUI": false}}"#,
            json!(false),
        ),
        (
            r#"{"loopback-component-explorer": null, "./components/x": 0}"#,
            json!(false),
        ),
        (r#"{"loopback-component-explorer": ""}"#, json!(false)),
        ("{}", json!(false)),
    ] {
        assert_eq!(explorer(components), (expected, Vec::new()), "{components}");
    }
    let (_, problems) = explorer(
        r#"{"loopback-component-explorer": {"uiDirs": "x", "mountPath": 5}, "loopback-component-passport": true}"#,
    );
    expect![[r#"
        component-config.json:1:62: `mountPath` is a path, such as "/explorer"
        component-config.json:1:34: the option `uiDirs` of the explorer is not there yet; remove it
        component-config.json:1:66: the component `loopback-component-passport` is JavaScript; write what it does in Rust, or `null` in its place
    "#]]
    .assert_eq(&(problems.join("\n") + "\n"));
}

/// The entries of a `middleware.json`, with what is wrong.
fn entries(text: &str) -> (Vec<Middleware>, String) {
    let mut problems = Problems::default();
    let root = Node::parse(&"middleware.json".into(), text, &mut problems).unwrap();
    let environment = Environment::new(None, BTreeMap::new());
    let settings = json!({"restApiRoot": "/api"});
    let variables = Variables {
        environment: &environment,
        settings: settings.as_object().unwrap(),
    };
    let entries = middleware(&root, Path::new("/app/server"), &variables, &mut problems);
    let problems = problems.of(Kind::Mistake).map(ToString::to_string);
    let problems: Vec<_> = problems.collect();
    (entries, problems.join("\n"))
}

#[test]
fn middleware_is_in_the_order_of_its_phases() {
    let (entries, problems) = entries(
        r#"{
  "first": {"a": {}},
  "initial:after": {"b": {}},
  "initial": {"c": [{"name": "one"}, {"name": "two", "enabled": false}]},
  "initial:before": {"d": {}},
  "parse": {"e": {"methods": ["get", "Post"], "paths": ["${restApiRoot}", "/x"], "optional": true}},
  "log": {"f": {"methods": "POST", "paths": "/y"}},
  "routes:before": {"g": {"verbs": ["all", "GET"]}},
  "final": {"./h": {"params": ["$!./views", {"root": "$!../client", "text": "x$!./y"}]}}
}"#,
    );
    assert_eq!(problems, "");
    let order: Vec<_> = entries
        .iter()
        .map(|entry| (entry.phase.as_str(), entry.part, entry.id.as_str()))
        .collect();
    assert_eq!(
        order,
        [
            ("first", Part::On, "a"),
            ("initial", Part::Before, "d"),
            ("initial", Part::On, "c"),
            ("initial", Part::On, "c"),
            ("initial", Part::After, "b"),
            ("parse", Part::On, "e"),
            ("log", Part::On, "f"),
            ("routes", Part::Before, "g"),
            ("final", Part::On, "./h"),
        ]
    );
    assert_eq!(entries[3].name.as_deref(), Some("two"));
    assert!(entries[2].enabled && !entries[3].enabled);
    assert_eq!(entries[5].methods, ["GET", "POST"]);
    assert_eq!(entries[5].paths, ["/api", "/x"]);
    assert!(entries[5].optional && !entries[6].optional);
    // A single text is no filter, and `all` is none either.
    assert!(entries[6].methods.is_empty() && entries[7].methods.is_empty());
    assert_eq!(entries[6].paths, ["/y"]);
    let params = entries[8].params.as_ref().map(Node::to_json);
    let expected = json!(["/app/server/views", {"root": "/app/client", "text": "x$!./y"}]);
    assert_eq!(params, Some(expected));
    assert_eq!(entries[8].place.to_string(), "middleware.json:9:13");
}

#[test]
fn phases_have_one_order() {
    let (_, problems) = entries(r#"{"routes": {}, "initial": {}, "parse:during": {}}"#);
    expect![[r#"
        middleware.json:1:1: Ordering conflict: cannot add "initial" after "routes", because the opposite order was  already specified
        middleware.json:1:31: Unknown middleware phase parse:during; a phase ends in `:before`, in `:after` or in neither
    "#]]
    .assert_eq(&(problems + "\n"));
}

#[test]
fn middleware_that_is_there_is_configured() {
    let passed = |text: &str| {
        let folder = application(&[("server/middleware.json", text)]);
        let (layer, problems) = said(folder.path(), &[("SECRET", "tiger")]);
        (settings(&layer), problems.join("\n"))
    };
    let (settings, problems) = passed(
        r#"{
  "initial": {
    "compression": {},
    "cors": {"params": {"origin": true, "credentials": true, "maxAge": 86400}},
    "cookie-parser": {"params": "${SECRET}"},
    "body-parser#json": {"params": {"limit": "2mb"}}
  },
  "auth": {"loopback#token": {"params": {"model": "accessToken"}}},
  "routes": {"loopback#rest": {"paths": ["${restApiRoot}"]}},
  "files": {"./x": {"enabled": false}, "y": {"optional": true}},
  "final": {"loopback/server/middleware/url-not-found": {}},
  "final:after": {"strong-error-handler": {}}
}"#,
    );
    assert_eq!(problems, "");
    assert_eq!(
        settings,
        json!({
            "middleware.compression": {"at": {"phase": "initial"}},
            "middleware.cors": {
                "origins": ["*"], "credentials": true, "max_age": "86400s", "at": {"phase": "initial"},
            },
            "auth.cookie_secret": "tiger", "body_limit": 2_097_152, "debug": false,
        })
    );
    let (settings, problems) = passed(
        r#"{
  "initial:before": {"loopback#favicon": {}},
  "initial": {
    "helmet#noSniff": {}, "helmet#frameguard": {"params": ["deny"]}, "helmet#hsts": {"params": {"maxAge": 60, "includeSubDomains": false}},
    "cors": {"paths": ["/x"], "methods": ["get"]}, "./log": {"name": "all"}
  },
  "audit": {"compression": {}},
  "auth": {"loopback#token": {"params": {"currentUserLiteral": "me"}}},
  "routes": {"loopback#rest": {"paths": ["/v2"]}},
  "files": {
    "loopback#static": [
      {"params": "$!../client"}, {"name": "docs", "paths": "/docs", "params": ["docs", {"maxAge": 60000, "dotfiles": "allow"}]}
    ]
  },
  "final:after": {"strong-error-handler": {"params": {"debug": true, "safeFields": ["tiger"]}}}
}"#,
    );
    let at = |phase: &str| json!({ "phase": phase });
    let files = settings["middleware.static_files"].clone();
    assert_eq!(files["02 docs"]["path"], "/docs");
    assert_eq!(files["02 docs"]["max_age"], "60s");
    assert_eq!(files["02 docs"]["at"], at("files"));
    assert!(
        files["01"]["folder"]
            .as_str()
            .is_some_and(|folder| folder.ends_with("client"))
    );
    assert_eq!(
        settings,
        json!({
            "rest_api_root": "/v2",
            "phases": ["initial", "audit", "auth", "routes", "files", "final"],
            "middleware.favicon": {"file": null, "at": at("initial:before")},
            "middleware.security_headers": {"frame_options": "DENY", "at": at("initial"), "hsts": "60s", "hsts_subdomains": false},
            "middleware.cors": {
                "origins": ["*"], "at": {"phase": "initial", "paths": ["/x"], "methods": ["GET"]},
            },
            "middleware.compression": {"at": at("audit")},
            "auth.current_user_literal": "me",
            "middleware.static_files": files,
            "errors.safe_fields": ["tiger"],
        })
    );
    expect![[r#"
        middleware.json:5:52: the middleware `./log` of the phase "initial", called "all" is JavaScript; write what it does as a layer of the router, and `"enabled": false` here
        middleware.json:12:106: the option `dotfiles` of files is not there yet; remove it
    "#]]
    .assert_eq(&(problems + "\n"));
}

#[test]
fn errors_that_are_passed_on_are_answered_by_who_is_listed() {
    for (handles, expected) in [("true", None), ("false", Some("strong"))] {
        let config = format!(r#"{{"remoting": {{"rest": {{"handleErrors": {handles}}}}}}}"#);
        let folder = application(&[
            ("server/config.json", &config),
            (
                "server/middleware.json",
                r#"{"final:after": {"strong-error-handler": {}}}"#,
            ),
        ]);
        let (layer, _) = said(folder.path(), &[]);
        let envelope = settings(&layer).get("errors.envelope").cloned();
        assert_eq!(envelope.as_ref().and_then(Json::as_str), expected);
    }
}

#[test]
fn rules_of_the_list_of_models_go_over_the_models_own() {
    let folder = folder(&[
        (
            "model-config.json",
            r#"{"Shop": {"dataSource": "db", "acls": [
                {"principalType": "ROLE", "principalId": "$everyone", "permission": "ALLOW"},
                {"principalType": "ROLE", "principalId": "admin", "permission": "ALLOW"}
            ], "options": {"acls": []}}}"#,
        ),
        (
            "models/shop.json",
            r#"{"base": "Place", "acls": [{"principalType": "ROLE", "principalId": "$everyone", "permission": "DENY"}]}"#,
        ),
        (
            "models/place.json",
            r#"{"name": "Place", "acls": [{"principalType": "ROLE", "principalId": "$everyone", "permission": "DENY"}]}"#,
        ),
    ]);
    let models = load_from(&Definitions::folder(folder.path())).unwrap();
    let rules: Vec<_> = models[0].0.acls.iter().map(ToString::to_string).collect();
    // The first of two is replaced; the other one still denies.
    assert_eq!(
        rules,
        [
            "allow(all), to = everyone",
            "deny(all), to = everyone",
            "allow(all), to = role(\"admin\")"
        ]
    );
    refused(
        &[
            (
                "model-config.json",
                r#"{"Shop": {"dataSource": "db", "acls": {}, "plural": "x", "options": {"base": "User"}}}"#,
            ),
            ("models/shop.json", "{}"),
        ],
        &expect![[r#"
            the definitions can't be used:
            model-config.json:1:39: the access rules of a model are a list; write `[…]`
            model-config.json:1:43: The data in model-config.json is in the unsupported 1.x format. Write this into the model's own file.
            model-config.json:1:70: The data in model-config.json is in the unsupported 1.x format. Write this into the model's own file.
            models/shop.json:1:1: `Shop` says nothing about access, which opens it in LoopBack and closes it here; add a rule such as {"principalType": "ROLE", "principalId": "$everyone", "permission": "ALLOW"} to its `acls`, write `"public": false` in `model-config.json`, or load the definitions `open_by_default`
        "#]],
    );
}

#[test]
fn methods_are_shared_by_the_application_and_the_model() {
    let folder = folder(&[
        (
            "config.json",
            r#"{"remoting": {"sharedMethods": {"*": false, "find": true, "count": true, "charge": true}}}"#,
        ),
        (
            "model-config.json",
            r#"{"Shop": {"dataSource": "db", "options": {"remoting": {"sharedMethods": {"count": false, "findById": true}}}},
                "Open": {"dataSource": "db", "options": {"remoting": {"sharedMethods": {"*": true}}}}}"#,
        ),
        ("models/shop.json", "{}"),
        ("models/open.json", "{}"),
    ]);
    let definitions = Definitions::folder(folder.path()).open_by_default();
    let models = load_from(&definitions).unwrap();
    let served = |index: usize| {
        let methods = models[index].0.served_methods();
        methods.map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(served(0), ["find", "findById"]);
    assert!(served(1).len() > 5);
}

#[test]
fn hostile_files_are_told_with_their_places() {
    let deep = "[".repeat(100_000);
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(2_000_000));
    for name in ["config", "datasources", "component-config", "middleware"] {
        for text in [
            "",
            "[",
            "{\"a\": 1, \"a\": 2}",
            "5",
            "{\"port\": }",
            "nul",
            &deep,
            &long,
        ] {
            let file = format!("server/{name}.json");
            let folder = application(&[(&file, text)]);
            let (_, problems) = said(folder.path(), &[]);
            let expected = format!("{name}.json:1:");
            assert!(
                problems
                    .iter()
                    .any(|problem| problem.starts_with(&expected)),
                "{name}: {problems:?}"
            );
            assert!(problems.iter().all(|problem| problem.len() < 500));
        }
        // A folder is no file.
        let folder = application(&[(&format!("server/{name}.json/x"), "")]);
        let (_, problems) = said(folder.path(), &[]);
        assert!(
            problems
                .iter()
                .any(|one| one.contains("the file can't be read")),
            "{problems:?}"
        );
        let file = format!("server/{name}.json");
        let folder = application(&[(&file, "\u{feff}{}")]);
        let (_, problems) = said(folder.path(), &[]);
        assert!(
            !problems.iter().any(|one| one.contains("JSON")),
            "{problems:?}"
        );
    }
}
