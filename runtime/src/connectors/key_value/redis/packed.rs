//! What stands under a key: JSON text, or what LoopBack writes unless told to write that.

use rmpv::Value as Packed;
use serde_json::{Map, Number, Value as Json};

use crate::{Error, Result};

/// LoopBack's extension of MessagePack for dates.
const DATE: i8 = 1;

/// How many levels may be nested, as in JSON text.
const DEEPEST: usize = 128;

/// The value that `bytes` stand for.
///
/// MessagePack begins with a byte that JSON text never begins with, but for the numbers 48 to 57, which look like the
/// digits 0 to 9 and are taken for them.
///
/// # Errors
/// 500 when they are neither JSON text nor MessagePack.
pub(super) fn read(mut bytes: &[u8]) -> Result<Json> {
    let not_json = match serde_json::from_slice(bytes) {
        Ok(json) => return Ok(json),
        Err(error) => error,
    };
    let unpacked = rmpv::decode::read_value_with_max_depth(&mut bytes, DEEPEST).ok();
    let json = unpacked.filter(|_| bytes.is_empty()).and_then(json);
    json.ok_or_else(|| {
        Error::internal("the value in Redis is neither JSON text nor MessagePack")
            .with_source(not_json)
    })
}

fn json(packed: Packed) -> Option<Json> {
    Some(match packed {
        Packed::Nil => Json::Null,
        Packed::Boolean(flag) => flag.into(),
        Packed::Integer(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => number.into(),
            (None, number) => number?.into(),
        },
        Packed::F32(number) => number_of(number.into()),
        Packed::F64(number) => number_of(number),
        Packed::String(text) => text.into_str()?.into(),
        Packed::Binary(bytes) => buffer(&bytes),
        Packed::Array(items) => items.into_iter().map(json).collect::<Option<_>>()?,
        Packed::Map(members) => {
            let member = |(name, value)| match json(name)? {
                Json::String(name) => Some((name, json(value)?)),
                _ => None,
            };
            Json::Object(
                members
                    .into_iter()
                    .map(member)
                    .collect::<Option<Map<_, _>>>()?,
            )
        }
        Packed::Ext(DATE, text) => String::from_utf8(text).ok()?.into(),
        Packed::Ext(..) => return None,
    })
}

/// LoopBack packs every number as a double; whole ones are integers again.
fn number_of(number: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is whole and small enough"
        )]
        return (number as i64).into();
    }
    // JSON has no word for the rest.
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}

/// A buffer as JavaScript writes it.
fn buffer(bytes: &[u8]) -> Json {
    serde_json::json!({ "type": "Buffer", "data": bytes })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_text_is_read() {
        for text in ["null", "5", "\"5\"", " {\"a\": [1.5]}", "true"] {
            let expected: Json = serde_json::from_str(text).unwrap();
            assert_eq!(read(text.as_bytes()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_loopback_has_packed_is_read() {
        let date = b"2015-01-01T00:00:00.000Z";
        let mut dated = vec![0x81, 0xa1, b'd', 0xc7, 24, 1];
        dated.extend(date);
        let mut five = vec![0xcb];
        five.extend(5f64.to_be_bytes());
        let mut half = vec![0xcb];
        half.extend(0.5f64.to_be_bytes());
        let cases = [
            (dated, json!({"d": "2015-01-01T00:00:00.000Z"})),
            (five, json!(5)),
            (half, json!(0.5)),
            (vec![0xc0], Json::Null),
            (vec![0xc3], json!(true)),
            (vec![0x93, 1, 0xff, 0xa0], json!([1, -1, ""])),
            (
                vec![0xc4, 2, 0, 255],
                json!({"type": "Buffer", "data": [0, 255]}),
            ),
        ];
        for (bytes, expected) in cases {
            assert_eq!(read(&bytes).unwrap(), expected, "{bytes:?}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        let deep = vec![0x91; 100_000];
        for bytes in [
            &b"hello"[..],
            b"",
            b"\xa5hi",
            b"\xc0\xc0",
            b"\xd4\x02\x00",
            &deep,
        ] {
            assert_eq!(read(bytes).unwrap_err().status(), 500, "{bytes:?}");
        }
    }
}
