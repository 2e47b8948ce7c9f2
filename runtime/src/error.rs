//! One error type for everything that can go wrong, and LoopBack's envelope for it.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use serde_json::{Map, Value as Json};

/// The result of every fallible operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as a client may see it (contract *rest.md* §5.1).
///
/// An error has a `name`, an HTTP status, a message that says what to do, often a stable `code`, and sometimes
/// `details`. What the client must not see (a driver's message, a path) is the [source](StdError::source): it is
/// logged, never sent outside debug mode.
///
/// ```
/// use loopwright::Error;
///
/// let error = Error::new(409, "the shop is closed").with_code("SHOP_CLOSED");
/// assert_eq!(error.status(), 409);
/// assert_eq!(error.to_json()["error"]["code"], "SHOP_CLOSED");
/// ```
pub struct Error {
    // Boxed: the error path is cold, and a small `Result` keeps the warm path in registers.
    inner: Box<Inner>,
}

struct Inner {
    name: Cow<'static, str>,
    status: u16,
    // LoopBack prints `statusCode` only when the thrown error carried one; a bare failure is a 500 without it.
    explicit_status: bool,
    message: String,
    properties: Map<String, Json>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error that answers with `status` (an HTTP status, 400 to 599; anything else answers 500).
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        let status = if (400..600).contains(&status) {
            status
        } else {
            500
        };
        Error {
            inner: Box::new(Inner {
                explicit_status: true,
                ..Inner::bare(status, message.into())
            }),
        }
    }

    /// A failure of the server itself: 500, with the cause kept for the log.
    pub fn internal(message: impl Into<String>) -> Self {
        Error {
            inner: Box::new(Inner::bare(500, message.into())),
        }
    }

    /// The error of a call that LoopBack answers without `statusCode`.
    pub(crate) fn without_status_code(mut self) -> Self {
        self.inner.explicit_status = false;
        self
    }

    /// The error with another `name` (`Error` unless said).
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.inner.name = name.into();
        self
    }

    /// The error with a stable machine-readable `code`.
    #[must_use]
    pub fn with_code(self, code: impl Into<String>) -> Self {
        self.with_property("code", code.into())
    }

    /// The error with `details`, any JSON that helps the caller to find the mistake.
    #[must_use]
    pub fn with_details(self, details: impl Into<Json>) -> Self {
        self.with_property("details", details)
    }

    /// The error with one more key in its envelope.
    #[must_use]
    pub fn with_property(mut self, key: impl Into<String>, value: impl Into<Json>) -> Self {
        self.inner.properties.insert(key.into(), value.into());
        self
    }

    /// The error with its cause, which is logged and not sent.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.inner.status
    }

    /// The error's name, `Error` unless said.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// What the caller reads.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The stable code, if the error has one.
    pub fn code(&self) -> Option<&str> {
        self.property("code").and_then(Json::as_str)
    }

    /// The details, if the error has some.
    pub fn details(&self) -> Option<&Json> {
        self.property("details")
    }

    /// One of the envelope's further keys.
    pub fn property(&self, key: &str) -> Option<&Json> {
        self.inner.properties.get(key)
    }

    /// LoopBack's envelope: `{"error": {"name", "status", "message", "statusCode", …}}`.
    pub fn to_json(&self) -> Json {
        let mut envelope = Map::new();
        envelope.insert("error".into(), Json::Object(self.to_map()));
        Json::Object(envelope)
    }

    /// The envelope's inner object.
    pub(crate) fn to_map(&self) -> Map<String, Json> {
        let mut error = Map::new();
        error.insert("name".into(), self.name().into());
        error.insert("status".into(), self.status().into());
        error.insert("message".into(), self.message().into());
        if self.inner.explicit_status {
            error.insert("statusCode".into(), self.status().into());
        }
        error.extend(
            self.inner
                .properties
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
        error
    }
}

impl Inner {
    fn bare(status: u16, message: String) -> Self {
        Inner {
            name: Cow::Borrowed("Error"),
            status,
            explicit_status: false,
            message,
            properties: Map::new(),
            source: None,
        }
    }
}

impl fmt::Debug for Error {
    /// The message and its causes, since this is what Rust prints when `main` returns an error. `{:#?}` shows the parts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
        f.debug_struct("Error")
            .field("name", &self.inner.name)
            .field("status", &self.inner.status)
            .field("message", &self.inner.message)
            .field("properties", &self.inner.properties)
            .field("source", &self.inner.source)
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)?;
        let mut source = self.source();
        let mut said = self.inner.message.clone();
        while let Some(cause) = source {
            let words = cause.to_string();
            // Many drivers' errors end with the words of their own causes.
            if !said.ends_with(&words) {
                write!(f, ": {words}")?;
                said = words;
            }
            source = cause.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let refused = Error::internal("the server can't be reached").with_source(
            Error::new(503, "no route").with_source(std::io::Error::other("cable cut")),
        );
        assert_eq!(
            refused.to_string(),
            "the server can't be reached: no route: cable cut"
        );
    }

    #[test]
    fn a_bare_failure_has_no_status_code() {
        let json = Error::internal("boom").to_json();
        assert_eq!(
            json.to_string(),
            r#"{"error":{"name":"Error","status":500,"message":"boom"}}"#
        );
    }

    #[test]
    fn keys_come_in_loopbacks_order() {
        let json = Error::new(404, "gone")
            .with_code("MODEL_NOT_FOUND")
            .to_json();
        assert_eq!(
            json.to_string(),
            r#"{"error":{"name":"Error","status":404,"message":"gone","statusCode":404,"code":"MODEL_NOT_FOUND"}}"#
        );
    }

    #[test]
    fn a_status_outside_the_error_range_answers_500() {
        assert_eq!(Error::new(200, "not an error").status(), 500);
    }
}
