//! Forms of text that have a name.

use std::cell::Cell;

use email_address::{EmailAddress, Options};
use url::Url;

use super::Format;

impl Format {
    /// Has `text` the form? A regular expression has to be compiled first, and is never known.
    pub(crate) fn is_known_of(self, text: &str) -> bool {
        match self {
            Format::Pattern(_) => false,
            Format::Email => {
                let options = Options::default()
                    .without_display_text()
                    .with_no_minimum_sub_domains();
                EmailAddress::parse_with_options(text, options).is_ok()
            }
            Format::Url => is_url(text),
        }
    }
}

/// The parser repairs what a person types into a browser, and tells what it has repaired.
fn is_url(text: &str) -> bool {
    let repaired = Cell::new(false);
    let repair = |_| repaired.set(true);
    let url = Url::options()
        .syntax_violation_callback(Some(&repair))
        .parse(text);
    url.is_ok_and(|url| url.has_host()) && !repaired.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_mail() {
        for good in [
            "a@b",
            "a@localhost",
            "a+b@c.com",
            "\"a b\"@c.com",
            "a@[127.0.0.1]",
            "a@1.2",
        ] {
            assert!(Format::Email.is_known_of(good), "{good}");
        }
        for bad in [
            "",
            "nope",
            "a@",
            "@b.c",
            ".a@b.c",
            "a.@b.c",
            "a b@c.com",
            "a@b..c",
            "a@-b.com",
            "Ann <a@b.c>",
            "a@b.c\n",
        ] {
            assert!(!Format::Email.is_known_of(bad), "{bad}");
        }
    }

    #[test]
    fn addresses_of_pages() {
        for good in [
            "https://example.org",
            "http://localhost:3000/a?b=c#d",
            "ftp://example.org/a",
            "https://[::1]/",
        ] {
            assert!(Format::Url.is_known_of(good), "{good}");
        }
        for bad in [
            "",
            "example.org",
            "/a/b",
            "http://",
            "http:example.org",
            "https://exa mple.org",
            " https://example.org",
            "mailto:a@b.c",
        ] {
            assert!(!Format::Url.is_known_of(bad), "{bad}");
        }
    }
}
