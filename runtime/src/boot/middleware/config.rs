//! How the middleware that comes along is configured: the section `middleware` of the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Method;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What requests pass, by name. Nothing of it is on unless its section is there.
///
/// ```toml
/// phases = ["parse", "audit", "routes"]
///
/// [middleware.compression]
///
/// [middleware.security_headers]
///
/// [middleware.static_files.client]
/// folder = "client"
///
/// [middleware.rate_limit]
/// per_second = 20
/// burst = 40
/// at = { paths = ["/api/Customers/login"], methods = ["POST"] }
///
/// # What the program has registered by this name.
/// [middleware.own.sunday]
/// enabled = false
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct MiddlewareConfig {
    /// The icon of the application, at `/favicon.ico`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favicon: Option<FaviconConfig>,
    /// Answers by gzip for who takes it; what stands before the application may do it better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression: Option<CompressionConfig>,
    /// Which pages of other origins may call; none, unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cors: Option<CorsConfig>,
    /// Headers by which browsers are more careful.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_headers: Option<SecurityHeadersConfig>,
    /// How long a request may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<TimeoutConfig>,
    /// How many requests one address may send (cargo feature `rate-limit`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimitConfig>,
    /// Folders with files that are served, by a name of your own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub static_files: BTreeMap<String, StaticFilesConfig>,
    /// Where what the program has registered by name is to be, if not where the program says.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<String, At>,
}

/// Which requests pass something, and when.
///
/// ```toml
/// at = { phase = "auth:after", paths = ["/api"], methods = ["POST"] }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct At {
    /// Is it there at all? It is, unless `false` is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The phase, with `:before` or `:after` behind it, or without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Below which paths; everywhere, unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<Vec<String>>,
    /// For which methods; for each, unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<String>>,
}

impl At {
    pub(super) fn phase(phase: impl Into<String>) -> Self {
        At {
            phase: Some(phase.into()),
            ..At::default()
        }
    }

    /// What is said here, and otherwise there.
    pub(super) fn or(self, otherwise: At) -> Self {
        At {
            enabled: self.enabled.or(otherwise.enabled),
            phase: self.phase.or(otherwise.phase),
            paths: self.paths.or(otherwise.paths),
            methods: self.methods.or(otherwise.methods),
        }
    }

    pub(super) fn is_everywhere(&self) -> bool {
        let all_paths = self.paths.as_ref().is_none_or(|paths| {
            paths
                .iter()
                .any(|path| path.trim_end_matches('/').is_empty())
        });
        all_paths && self.all_methods()
    }

    fn all_methods(&self) -> bool {
        self.methods.as_ref().is_none_or(|methods| {
            methods
                .iter()
                .any(|method| method.eq_ignore_ascii_case("all"))
        })
    }

    /// Refuses what no request could be.
    ///
    /// # Errors
    /// A path without its slash, a method that is none, or a list of nothing.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |what: String| Err(Error::internal(format!("`at` of a middleware: {what}")));
        match &self.paths {
            Some(paths) if paths.is_empty() => {
                return wrong("`paths` is blank; leave it out for all of them".to_owned());
            }
            Some(paths) => {
                if let Some(path) = paths.iter().find(|path| !path.starts_with('/')) {
                    return wrong(format!("{path:?} is no path; write \"/{path}\""));
                }
            }
            None => {}
        }
        const KNOWN: [&str; 10] = [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "ALL",
        ];
        let known =
            |method: &&String| !KNOWN.iter().any(|known| known.eq_ignore_ascii_case(method));
        match &self.methods {
            Some(methods) if methods.is_empty() => {
                wrong("`methods` is blank; leave it out for all of them".to_owned())
            }
            Some(methods) => match methods.iter().find(known) {
                Some(method) => wrong(format!(
                    "{method:?} is no method; there are {}",
                    KNOWN.join(", ")
                )),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Is it about such a request?
    pub(in crate::boot) fn concerns(&self, method: &Method, path: &str) -> bool {
        let by_path = |paths: &Vec<String>| paths.iter().any(|prefix| is_below(path, prefix));
        let mut methods = self.methods.iter().flatten();
        self.paths.as_ref().is_none_or(by_path)
            && (self.all_methods()
                || methods.any(|known| known.eq_ignore_ascii_case(method.as_str())))
    }
}

/// Does `path` begin with the parts of `prefix`, however these are written: methods are found so, too.
pub(super) fn is_below(path: &str, prefix: &str) -> bool {
    let mut path = parts(path);
    parts(prefix).all(|part| path.next() == Some(part))
}

fn parts(path: &str) -> impl Iterator<Item = String> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.map(|part| {
        let decoded = percent_decode_str(part).decode_utf8_lossy();
        decoded.to_ascii_lowercase()
    })
}

/// The icon of the application (contract *middleware.md* §5.1).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct FaviconConfig {
    /// The file; an icon of loopwright's, unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Which requests it is for; those in `initial:before`, unless said.
    pub at: At,
}

/// Answers by gzip.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CompressionConfig {
    /// Which requests it is for; those in `initial`, unless said.
    pub at: At,
}

/// What pages of other origins may do (contract *rest.md* §7).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CorsConfig {
    /// The origins, such as `https://shop.example`; `*` is every one.
    pub origins: Vec<String>,
    /// May their requests carry cookies and other credentials of the browser's?
    pub credentials: bool,
    /// How long a browser remembers what it may do; a day unless said.
    #[serde(with = "humantime_serde")]
    pub max_age: Duration,
    /// Which requests it is for; those in `initial`, unless said.
    pub at: At,
}

impl Default for CorsConfig {
    fn default() -> Self {
        CorsConfig {
            origins: Vec::new(),
            credentials: false,
            max_age: Duration::from_secs(24 * 60 * 60),
            at: At::default(),
        }
    }
}

/// Headers by which browsers are more careful, as LoopBack's applications send them by helmet.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SecurityHeadersConfig {
    /// Which pages may show the application's in a frame (`X-Frame-Options`): `DENY`, unless said, or `SAMEORIGIN`; nothing
    /// is said if it is blank.
    pub frame_options: String,
    /// How long browsers come by HTTPS alone (`Strict-Transport-Security`); nothing is said of it unless this is. Only for
    /// what is reached by HTTPS.
    #[serde(
        default,
        with = "humantime_serde",
        skip_serializing_if = "Option::is_none"
    )]
    pub hsts: Option<Duration>,
    /// Does that hold below the domain, too (`includeSubDomains`)? It does, unless `false` is said.
    pub hsts_subdomains: bool,
    /// What pages of the application may load (`Content-Security-Policy`); anything, unless said. The explorer needs
    /// `style-src 'self' 'unsafe-inline'; img-src 'self' data:`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_security_policy: Option<String>,
    /// Which requests it is for; those in `initial`, unless said.
    pub at: At,
}

impl Default for SecurityHeadersConfig {
    fn default() -> Self {
        SecurityHeadersConfig {
            frame_options: "DENY".into(),
            hsts: None,
            hsts_subdomains: true,
            content_security_policy: None,
            at: At::default(),
        }
    }
}

/// How long a request may take until it has an answer; what is streamed then may take longer. A call over a WebSocket may take
/// as long, where the request that has opened it is one of those that this is for; a batch of JSON-RPC is one request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TimeoutConfig {
    /// After which time it is given up with 503.
    #[serde(with = "humantime_serde")]
    pub after: Duration,
    /// Which requests it is for; those in `initial`, unless said.
    #[serde(default)]
    pub at: At,
}

impl TimeoutConfig {
    /// Each request is given up after this time.
    pub fn new(after: Duration) -> Self {
        TimeoutConfig {
            after,
            at: At::default(),
        }
    }
}

/// How many requests one address may send. Each call of a JSON-RPC batch, and each over a WebSocket, counts as one, where the
/// request that has brought or opened it is one of those that this is for; what is refused is a call, and not the others.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RateLimitConfig {
    /// How many a second, in the long run.
    pub per_second: u32,
    /// How many at once; as many as `per_second`, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Does a proxy stand before the application that says in `X-Forwarded-For` who sends a request? Unless `true` is said,
    /// that header is anybody's word, and the address of the connection counts.
    #[serde(default)]
    pub behind_proxy: bool,
    /// Which requests it is for; those in `initial`, unless said.
    #[serde(default)]
    pub at: At,
}

impl RateLimitConfig {
    /// So many a second.
    pub fn new(per_second: u32) -> Self {
        RateLimitConfig {
            per_second,
            burst: None,
            behind_proxy: false,
            at: At::default(),
        }
    }
}

/// A folder with files that are served (contract *middleware.md* §5.2).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StaticFilesConfig {
    /// The folder.
    pub folder: PathBuf,
    /// The path that the files are below; `/`, unless said.
    #[serde(default = "root")]
    pub path: String,
    /// How long browsers keep a file without asking; not at all, unless said.
    #[serde(default, with = "humantime_serde")]
    pub max_age: Duration,
    /// The file that is answered where there is none of the wanted name: the page of an application in the browser that has
    /// its own paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<PathBuf>,
    /// Which requests it is for; those in `files`, unless said.
    #[serde(default)]
    pub at: At,
}

impl StaticFilesConfig {
    /// The files of this folder, below `/`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        StaticFilesConfig {
            folder: folder.into(),
            path: root(),
            max_age: Duration::ZERO,
            fallback: None,
            at: At::default(),
        }
    }
}

fn root() -> String {
    "/".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_prefixes_at_slashes() {
        for (path, prefix, expected) in [
            ("/scope/x", "/scope", true),
            ("/SCOPE", "/scope", true),
            ("/scope", "/scope/", true),
            ("/scopes", "/scope", false),
            ("/a/scope", "/scope", false),
            ("/ä", "/", true),
            ("/ä", "/ab", false),
            ("//scope//x", "/scope", true),
            ("/%73cope/x", "/scope", true),
            ("/sco%2fpe", "/sco/pe", false),
        ] {
            assert_eq!(is_below(path, prefix), expected, "{path} {prefix}");
        }
    }

    #[test]
    fn methods_have_no_case_and_get_is_not_head() {
        let at = |methods: &[&str]| At {
            methods: Some(methods.iter().map(ToString::to_string).collect()),
            ..At::default()
        };
        assert!(at(&["post"]).concerns(&Method::POST, "/"));
        assert!(!at(&["GET"]).concerns(&Method::HEAD, "/"));
        assert!(at(&["GET", "ALL"]).is_everywhere());
        for wrong in [at(&[]), at(&["PSOT"])] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
        let path = |path: &str| At {
            paths: Some(vec![path.to_owned()]),
            ..At::default()
        };
        assert!(path("/api").check().is_ok() && path("api").check().is_err());
    }
}
