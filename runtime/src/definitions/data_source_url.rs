//! The URL of a server, from the parts that LoopBack's files have.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What has no meaning of its own anywhere in a URL.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The same, and what divides a path.
const PATH: &AsciiSet = &PLAIN.remove(b'/');

/// A server, and somebody whom it knows.
pub(super) struct Address {
    pub scheme: &'static str,
    pub user: Option<String>,
    pub password: Option<String>,
    /// A name, an address, or the folder of a socket.
    pub host: String,
    pub port: u16,
    pub database: Option<String>,
}

impl Address {
    /// Can the host be one?
    pub fn has_host(&self) -> bool {
        let host = self.host.as_str();
        let is_socket = host.starts_with('/') && self.scheme == "postgres";
        is_socket || url::Host::parse(&bracketed(host)).is_ok()
    }
}

/// A URL that options are added to.
pub(super) struct Url {
    text: String,
    options: Vec<(String, String)>,
}

impl Url {
    /// The URL as it is written.
    pub fn given(text: &str) -> Self {
        Url {
            text: text.to_owned(),
            options: Vec::new(),
        }
    }

    /// The URL of a server.
    pub fn of(address: &Address) -> Self {
        let encoded = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
        let user = address.user.as_deref().map(encoded).unwrap_or_default();
        let password = address.password.as_deref();
        let password = password.map(|password| format!(":{}", encoded(password)));
        let credentials = match (user, password.unwrap_or_default()) {
            (user, password) if user.is_empty() && password.is_empty() => String::new(),
            (user, password) => format!("{user}{password}@"),
        };
        let host = match address.host.starts_with('/') {
            true => encoded(&address.host),
            false => bracketed(&address.host),
        };
        let database = address.database.as_deref().map(encoded).unwrap_or_default();
        let Address { scheme, port, .. } = address;
        Url::given(&format!("{scheme}://{credentials}{host}:{port}/{database}"))
    }

    /// Adds an option, unless the URL has it.
    pub fn option(&mut self, name: &str, value: &str) {
        let query = self.text.split_once('?').map(|(_, query)| query);
        let mut said = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        if !said.any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            self.options.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Has another scheme from now on.
    pub fn scheme(&mut self, scheme: &str) {
        if let Some((_, rest)) = self.text.split_once("://") {
            self.text = format!("{scheme}://{rest}");
        }
    }

    pub fn into_text(self) -> String {
        let mut text = self.text;
        // Options stand behind a path, also where there is no database in it.
        let has_path = text
            .split_once("://")
            .is_some_and(|(_, rest)| rest.contains('/'));
        if !self.options.is_empty() && !has_path && !text.contains('?') {
            text.push('/');
        }
        for (name, value) in self.options {
            text.push(if text.contains('?') { '&' } else { '?' });
            // The drivers split the name at its brackets, which they want as they are.
            text += &name;
            text.push('=');
            text.extend(utf8_percent_encode(&value, PLAIN));
        }
        text
    }
}

/// The path of a file, within a URL.
pub(super) fn path(file: &str) -> String {
    utf8_percent_encode(file, PATH).to_string()
}

/// An address of IPv6 stands in brackets.
fn bracketed(host: &str) -> String {
    match host.contains(':') && !host.starts_with('[') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_part_holds_comes_back_out_of_the_url() {
        let hard = "a:b/c@d?e#f%g&h=i ä[";
        let url = Url::of(&Address {
            scheme: "mysql",
            user: Some(hard.to_owned()),
            password: Some(hard.to_owned()),
            host: "::1".to_owned(),
            port: 3306,
            database: Some(hard.to_owned()),
        });
        let url = url::Url::parse(&url.into_text()).unwrap();
        let decoded = |text: &str| {
            let text = percent_encoding::percent_decode_str(text);
            text.decode_utf8().unwrap().into_owned()
        };
        assert_eq!(decoded(url.username()), hard);
        assert_eq!(url.password().map(decoded).as_deref(), Some(hard));
        assert_eq!(decoded(&url.path()[1..]), hard);
        assert_eq!((url.host_str(), url.port()), (Some("[::1]"), Some(3306)));
    }

    #[test]
    fn options_are_added_once() {
        let mut url = Url::given("mongodb://host?authSource=other");
        url.option("authsource", "admin");
        url.option("replicaSet", "a b");
        assert_eq!(
            url.into_text(),
            "mongodb://host?authSource=other&replicaSet=a%20b"
        );
        let mut url = Url::given("mongodb://host");
        url.option("w", "1");
        assert_eq!(url.into_text(), "mongodb://host/?w=1");
    }

    #[test]
    fn a_host_is_one() {
        for (host, known) in [
            ("db.example", true),
            ("10.0.0.1", true),
            ("fe80::1", true),
            ("/var/run/postgresql", true),
            ("db.example/shop", false),
            ("me@db", false),
            ("a b", false),
        ] {
            let address = Address {
                scheme: "postgres",
                user: None,
                password: None,
                host: host.to_owned(),
                port: 1,
                database: None,
            };
            assert_eq!(address.has_host(), known, "{host}");
        }
    }
}
