//! What a success is written as, decided before the method runs: a refused request has no effect (contract *rest.md* §6,
//! ruling).

use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value as Json};

use super::failure::PROBLEM;

/// What the application offers besides JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Formats {
    /// Is XML written for who accepts it? Who asks for it by `?_format=xml` gets it anyway.
    pub xml: bool,
    /// Is a script written for who accepts one and names its `callback`?
    pub jsonp: bool,
}

/// What one success is written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    /// JSON as the argument of the caller's function.
    Script {
        callback: String,
    },
    /// XML of this media type.
    Xml(&'static str),
    /// Server-sent events.
    Events,
    /// One line of JSON for each change.
    Lines,
}

/// A media type that can be answered with, in LoopBack's order.
type Offer = (&'static str, fn(Option<&str>) -> Format);

const JSON: Offer = ("application/json", |_| Format::Json);
const SCRIPTS: [Offer; 2] = [
    ("application/javascript", script),
    ("text/javascript", script),
];
const XML: [Offer; 2] = [
    ("application/xml", |_| Format::Xml("application/xml")),
    ("text/xml", |_| Format::Xml("text/xml")),
];
const STREAMS: [Offer; 2] = [
    ("text/event-stream", |_| Format::Events),
    ("application/json", |_| Format::Lines),
];

/// Who names only the format of failures gets a success as JSON.
const OF_FAILURES: Offer = (PROBLEM, |_| Format::Json);

/// Without a callback there is nothing to call.
fn script(callback: Option<&str>) -> Format {
    match callback {
        Some(callback) => Format::Script {
            callback: callback.to_owned(),
        },
        None => Format::Json,
    }
}

impl Formats {
    /// What the caller takes of what a method can answer, which is a stream of changes or not. None if that is nothing.
    pub(super) fn negotiate(
        self,
        headers: &HeaderMap,
        query: &Map<String, Json>,
        stream: bool,
    ) -> Option<Format> {
        let callback = query.get("callback").and_then(|callback| match callback {
            Json::Array(all) => all.first().and_then(Json::as_str),
            one => one.as_str(),
        });
        let callback = callback.filter(|callback| self.jsonp && !callback.is_empty());
        if let Some(named) = query.get("_format") {
            return named_format(named.as_str()?, callback, stream);
        }
        let ranges = ranges(headers);
        if ranges.is_none() && !stream {
            return Some(Format::Json);
        }
        let mut offers = Vec::new();
        if stream {
            offers.extend(STREAMS);
        } else {
            offers.push(JSON);
            offers.extend(SCRIPTS);
            offers.extend(XML.into_iter().filter(|_| self.xml));
            offers.push(OF_FAILURES);
        }
        let Some(ranges) = ranges else {
            return offers.first().map(|(_, format)| format(None));
        };
        let best = offers
            .iter()
            .enumerate()
            .filter_map(|(place, (media_type, format))| {
                let preference = preference(&ranges, media_type)?;
                Some((preference, std::cmp::Reverse(place), format))
            });
        let best = best.max_by_key(|(preference, place, _)| (*preference, *place));
        best.map(|(_, _, format)| format(callback))
    }
}

/// The format that `?_format=` names, whatever `Accept` says.
fn named_format(name: &str, callback: Option<&str>, stream: bool) -> Option<Format> {
    match (name.to_ascii_lowercase().as_str(), stream) {
        ("event-stream" | "text/event-stream", true) => Some(Format::Events),
        ("json" | "application/json", true) => Some(Format::Lines),
        ("json" | "application/json" | "*/*", false) => Some(Format::Json),
        ("application/javascript" | "text/javascript", false) => Some(script(callback)),
        ("xml" | "text/xml", false) => Some(Format::Xml("text/xml")),
        ("application/xml", false) => Some(Format::Xml("application/xml")),
        _ => None,
    }
}

/// Does the caller name this media type among those that it takes?
pub(super) fn names(accepts: &[HeaderValue], media_type: &str) -> bool {
    let texts = accepts.iter().filter_map(|accept| accept.to_str().ok());
    let mut ranges = texts.flat_map(|text| text.split(',')).filter_map(range);
    let named = |range: &Range| media_type.split_once('/') == Some((&range.ty, &range.subtype));
    ranges.any(|range| named(&range) && range.quality > 0)
}

/// The place of the media type that the caller prefers, of those that can be answered with; nothing, if it takes none of
/// them, or does not say.
pub(super) fn preferred(accepts: &[HeaderValue], offers: &[&str]) -> Option<usize> {
    let texts = accepts.iter().filter_map(|accept| accept.to_str().ok());
    let ranges: Vec<_> = texts
        .flat_map(|text| text.split(','))
        .filter_map(range)
        .collect();
    let wanted = offers.iter().enumerate().filter_map(|(place, offer)| {
        let preference = preference(&ranges, offer)?;
        Some((preference, std::cmp::Reverse(place)))
    });
    wanted.max().map(|(_, std::cmp::Reverse(place))| place)
}

/// One part of the header `Accept`.
struct Range {
    ty: String,
    subtype: String,
    /// In thousandths.
    quality: u16,
}

/// What the caller accepts; none if it doesn't say.
fn ranges(headers: &HeaderMap) -> Option<Vec<Range>> {
    let mut accepts = headers.get_all(header::ACCEPT).iter().peekable();
    accepts.peek()?;
    let accepts = accepts.filter_map(|accept| accept.to_str().ok());
    Some(
        accepts
            .flat_map(|accept| accept.split(','))
            .filter_map(range)
            .collect(),
    )
}

fn range(text: &str) -> Option<Range> {
    let mut parts = text.split(';').map(str::trim);
    let (ty, subtype) = parts.next()?.split_once('/')?;
    let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
    Some(Range {
        ty: ty.to_ascii_lowercase(),
        subtype: subtype.to_ascii_lowercase(),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 1000"
        )]
        quality: (quality.unwrap_or(1.0).clamp(0.0, 1.0) * 1000.0) as u16,
    })
}

/// How much a media type is wanted, the most first: by its quality, by how closely it is named, and by where. None if it is
/// not wanted.
fn preference(ranges: &[Range], media_type: &str) -> Option<(u16, u8, std::cmp::Reverse<usize>)> {
    let (ty, subtype) = media_type.split_once('/')?;
    let matching = ranges.iter().enumerate().filter_map(|(place, range)| {
        let closeness = match (range.ty.as_str(), range.subtype.as_str()) {
            (one, other) if one == ty && other == subtype => 2,
            (one, "*") if one == ty => 1,
            ("*", "*") => 0,
            _ => return None,
        };
        Some((closeness, std::cmp::Reverse(place), range.quality))
    });
    // What is said of the type by name holds against what is said of all.
    let (closeness, place, quality) =
        matching.max_by_key(|(closeness, place, _)| (*closeness, *place))?;
    (quality > 0).then_some((quality, closeness, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Formats = Formats {
        xml: true,
        jsonp: true,
    };
    const USUAL: Formats = Formats { xml: false, ..ALL };

    fn negotiate(formats: Formats, accept: &str, stream: bool) -> Option<Format> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        let query = Map::from_iter([("callback".to_owned(), Json::from("cb"))]);
        formats.negotiate(&headers, &query, stream)
    }

    #[test]
    fn json_is_answered_to_whoever_takes_it() {
        for accept in [
            "*/*",
            "application/*",
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "Application/JSON",
            "text/javascript;q=0.5, application/json",
        ] {
            assert_eq!(
                negotiate(USUAL, accept, false),
                Some(Format::Json),
                "{accept}"
            );
        }
        for accept in ["text/html", "application/json;q=0", "text/xml", "nonsense"] {
            assert_eq!(negotiate(USUAL, accept, false), None, "{accept}");
        }
    }

    #[test]
    fn a_script_and_xml_are_for_those_who_ask() {
        let callback = "cb".to_owned();
        let script = Some(Format::Script { callback });
        assert_eq!(negotiate(USUAL, "text/javascript", false), script);
        let plain = Formats {
            jsonp: false,
            ..USUAL
        };
        assert_eq!(
            negotiate(plain, "text/javascript", false),
            Some(Format::Json)
        );
        let xml = Some(Format::Xml("application/xml"));
        assert_eq!(
            negotiate(ALL, "application/xml,*/*;q=0.8", false),
            xml.clone()
        );
        assert_eq!(
            negotiate(ALL, "application/json;q=0.2,application/xml", false),
            xml
        );
        assert_eq!(
            negotiate(ALL, "text/html,application/xml;q=0.9,*/*;q=0.8", false),
            Some(Format::Xml("application/xml"))
        );
    }

    #[test]
    fn changes_are_events_unless_the_caller_takes_lines_alone() {
        assert_eq!(negotiate(USUAL, "*/*", true), Some(Format::Events));
        assert_eq!(
            negotiate(USUAL, "text/event-stream", true),
            Some(Format::Events)
        );
        assert_eq!(
            negotiate(USUAL, "application/json", true),
            Some(Format::Lines)
        );
        assert_eq!(negotiate(USUAL, "text/html", true), None);
    }
}
