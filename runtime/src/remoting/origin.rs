//! Which pages of other origins may call, where a browser does not ask beforehand.

use axum::http::{HeaderMap, header};

/// The origins whose pages may call, as the configuration of CORS names them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    /// `https://shop.example`; `*` is every one.
    pub allowed: Vec<String>,
    /// May their requests carry cookies?
    pub credentials: bool,
}

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// No page, or one of the application's own origin.
    Own,
    /// A page that may call, but without the cookies that the browser sends along.
    WithoutCookies,
    /// A page that may not call.
    Refused,
}

impl Origins {
    /// Whose page sends a request with these headers: the browser says it in `Origin`, which no page can change.
    pub fn page(&self, headers: &HeaderMap) -> Page {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Page::Own;
        };
        let Ok(origin) = origin.to_str() else {
            return Page::Refused;
        };
        let host = origin.split_once("://").map(|(_, host)| host);
        let own = host.zip(text(header::HOST));
        // Who is on the wire can write pages that come without encryption.
        let weaker = origin.starts_with("http:")
            && headers
                .get("x-forwarded-proto")
                .is_some_and(|proto| proto == "https");
        if own.is_some_and(|(host, own)| host.eq_ignore_ascii_case(own)) && !weaker {
            return Page::Own;
        }
        let allowed = |one: &String| one == "*" || one.eq_ignore_ascii_case(origin);
        match self.allowed.iter().any(allowed) {
            true if self.credentials => Page::Own,
            true => Page::WithoutCookies,
            false => Page::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_by_its_origin() {
        let none = Origins::default();
        let shop = Origins {
            allowed: vec!["https://shop.example".into()],
            credentials: false,
        };
        let trusted = Origins {
            credentials: true,
            ..shop.clone()
        };
        let every = Origins {
            allowed: vec!["*".into()],
            credentials: false,
        };
        for (origins, origin, expected) in [
            (&none, None, Page::Own),
            (&none, Some("https://api.example:8080"), Page::Own),
            (&none, Some("http://API.example:8080"), Page::Own),
            (&none, Some("https://api.example"), Page::Refused),
            (&none, Some("https://shop.example"), Page::Refused),
            (&none, Some("null"), Page::Refused),
            (&none, Some(""), Page::Refused),
            (&shop, Some("https://shop.example"), Page::WithoutCookies),
            (&shop, Some("http://shop.example"), Page::Refused),
            (&shop, Some("https://shop.example.evil"), Page::Refused),
            (&trusted, Some("https://shop.example"), Page::Own),
            (&every, Some("null"), Page::WithoutCookies),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "api.example:8080".parse().unwrap());
            headers.extend(origin.map(|origin| (header::ORIGIN, origin.parse().unwrap())));
            assert_eq!(origins.page(&headers), expected, "{origin:?}");
        }
    }
}
