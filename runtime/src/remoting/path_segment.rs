//! A part of a request's path.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::{Error, Result};

/// What stands between two slashes, as it was sent and decoded.
#[derive(Debug, Clone)]
pub(super) struct PathSegment {
    /// As it was sent, where that is something else than the text.
    sent: Option<String>,
    pub text: String,
}

impl PathSegment {
    /// Decodes the segment.
    ///
    /// # Errors
    /// 400 when a `%` is not followed by two digits, or what comes out is no text.
    pub fn new(sent: &str) -> Result<Self> {
        if !sent.contains('%') {
            return Ok(PathSegment::plain(sent));
        }
        Ok(PathSegment {
            text: decode(sent)?,
            sent: Some(sent.to_owned()),
        })
    }

    /// A text that was not encoded, as it stands in code.
    pub fn plain(text: &str) -> Self {
        PathSegment {
            text: text.to_owned(),
            sent: None,
        }
    }

    /// Is it this text, which has no upper case?
    pub fn is_in_lower_case(&self, lower: &str) -> bool {
        lower.eq_ignore_ascii_case(&self.text)
            || !self.text.is_ascii() && lower == self.text.to_lowercase()
    }

    /// The list of these texts.
    pub fn of_list(texts: &[String]) -> Self {
        let sent = texts
            .iter()
            .map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
        PathSegment {
            text: texts.join(","),
            sent: Some(sent.collect::<Vec<_>>().join(",")),
        }
    }

    /// The texts between the commas. A comma that is encoded belongs to its text, as in the lists of RFC 6570.
    pub fn list(&self) -> Vec<String> {
        let sent = self.sent.as_ref().unwrap_or(&self.text);
        let texts = sent.split(',');
        // The whole has been decoded, so every part can be.
        texts
            .map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned())
            .collect()
    }
}

/// The texts with slashes between, for messages.
pub(super) fn joined(segments: &[PathSegment]) -> String {
    let texts: Vec<_> = segments
        .iter()
        .map(|segment| segment.text.as_str())
        .collect();
    texts.join("/")
}

fn decode(segment: &str) -> Result<String> {
    // The library takes a `%` without two digits for itself.
    let broken = segment.split('%').skip(1).any(|rest| {
        let digits = rest.bytes().take(2);
        digits.filter(u8::is_ascii_hexdigit).count() < 2
    });
    let decoded = percent_decode_str(segment).decode_utf8();
    match decoded {
        Ok(text) if !broken => Ok(text.into()),
        _ => {
            let message = format!("Failed to decode param '{segment}'");
            Err(Error::new(400, message).with_name("URIError"))
        }
    }
}
