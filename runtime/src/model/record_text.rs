//! Records as JSON text, past serde: what a list answers is mostly names and text in which nothing needs an escape, and
//! each byte of which serde would look at by itself.

use serde_json::{Result, Value as Json};

use super::record::{Members, members};
use super::value::{short_iso, whole};
use super::{AnyModel, ModelDef, Record, Value};

/// How many bytes of text are made room for at once.
const MOST_RESERVED: usize = 256 * 1024;

/// Writes a record: the same that [`RecordJson`](super::RecordJson) is by serde.
pub(crate) fn write_record(
    def: &'static ModelDef,
    record: &Record,
    out: &mut Vec<u8>,
) -> Result<()> {
    object(def, record, false, None, out)
}

/// Writes a list of records.
pub(crate) fn write_records(
    def: &'static ModelDef,
    records: &[Record],
    out: &mut Vec<u8>,
) -> Result<()> {
    list(def, records, false, out)
}

fn list(def: &'static ModelDef, records: &[Record], nested: bool, out: &mut Vec<u8>) -> Result<()> {
    let names = match records.len() {
        0 | 1 => None,
        _ => Some(Names::of(def)?),
    };
    out.push(b'[');
    for (index, record) in records.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let begin = out.len();
        object(def, record, nested, names.as_ref(), out)?;
        if index == 0 {
            // The others will be as long, more or less; else the text would be moved again and again as it grows. But the first
            // may be far longer than the rest.
            let length = out.len() - begin;
            let others = (length + length / 8).saturating_mul(records.len() - 1);
            out.reserve(others.min(MOST_RESERVED));
        }
    }
    out.push(b']');
    Ok(())
}

fn object(
    def: &'static ModelDef,
    record: &Record,
    nested: bool,
    names: Option<&Names>,
    out: &mut Vec<u8>,
) -> Result<()> {
    out.push(b'{');
    let mut object = Object {
        out,
        names,
        empty: true,
    };
    members(def, record, nested, &mut object)?;
    out.push(b'}');
    Ok(())
}

/// The names of a model's properties as they stand in text, for many records: `,"name":`.
struct Names {
    text: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Names {
    fn of(def: &ModelDef) -> Result<Self> {
        let mut names = Names {
            text: Vec::new(),
            ends: Vec::with_capacity(def.properties.len()),
        };
        for property in def.properties {
            names.text.push(b',');
            text(property.name, &mut names.text)?;
            names.text.push(b':');
            names.ends.push(names.text.len());
        }
        Ok(names)
    }

    fn get(&self, index: usize) -> &[u8] {
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[begin..self.ends[index]]
    }
}

/// The members of an object, as they are written.
struct Object<'o> {
    out: &'o mut Vec<u8>,
    names: Option<&'o Names>,
    empty: bool,
}

impl Object<'_> {
    fn name(&mut self, name: &str) -> Result<()> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        text(name, self.out)?;
        self.out.push(b':');
        Ok(())
    }
}

impl Members for Object<'_> {
    type Error = serde_json::Error;

    fn value(&mut self, index: usize, name: &str, value: &Value) -> Result<()> {
        match self.names {
            Some(names) => {
                let after_another = names.get(index);
                let name = if self.empty {
                    &after_another[1..]
                } else {
                    after_another
                };
                self.out.extend_from_slice(name);
                self.empty = false;
            }
            None => self.name(name)?,
        }
        match value {
            Value::Null => self.out.extend_from_slice(b"null"),
            Value::Boolean(true) => self.out.extend_from_slice(b"true"),
            Value::Boolean(false) => self.out.extend_from_slice(b"false"),
            Value::Integer(number) => integer(*number, self.out),
            Value::Float(number) if let Some(whole) = whole(*number) => integer(whole, self.out),
            Value::String(value) => text(value, self.out)?,
            Value::DateTime(instant) => match short_iso(instant) {
                Some(instant) => {
                    self.out.push(b'"');
                    self.out.extend_from_slice(&instant);
                    self.out.push(b'"');
                }
                None => serde_json::to_writer(&mut *self.out, value)?,
            },
            other => serde_json::to_writer(&mut *self.out, other)?,
        }
        Ok(())
    }

    fn json(&mut self, name: &str, json: &Json) -> Result<()> {
        self.name(name)?;
        serde_json::to_writer(&mut *self.out, json)
    }

    fn one(&mut self, name: &str, def: &'static ModelDef, record: &Record) -> Result<()> {
        self.name(name)?;
        object(def, record, true, None, self.out)
    }

    fn many(&mut self, name: &str, def: &'static ModelDef, records: &[Record]) -> Result<()> {
        self.name(name)?;
        list(def, records, true, self.out)
    }

    fn any(&mut self, name: &str, instance: &AnyModel) -> Result<()> {
        self.name(name)?;
        serde_json::to_writer(&mut *self.out, instance)
    }
}

fn integer(number: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn text(text: &str, out: &mut Vec<u8>) -> Result<()> {
    if !is_plain(text.as_bytes()) {
        return serde_json::to_writer(out, text);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}

/// Is there nothing that JSON escapes?
fn is_plain(text: &[u8]) -> bool {
    let (blocks, rest) = text.as_chunks();
    let escaped = |block: &[u8; 8]| has_escaped(u64::from_ne_bytes(*block));
    // The last block again, as far as it is beyond the one before.
    match text.last_chunk() {
        Some(last) => !blocks.iter().any(escaped) && !escaped(last),
        None => !rest
            .iter()
            .any(|byte| *byte < b' ' || matches!(byte, b'"' | b'\\')),
    }
}

/// Is one of eight bytes a control character, a quotation mark or a backslash? All at once: what is subtracted from a byte
/// sets its highest bit where the byte was less, and not where the bit was set before.
const fn has_escaped(bytes: u64) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x80 * EACH;

    const fn less(bytes: u64, than: u8) -> u64 {
        bytes.wrapping_sub(EACH * than as u64) & !bytes
    }

    let quotes = bytes ^ (EACH * b'"' as u64);
    let slashes = bytes ^ (EACH * b'\\' as u64);
    (less(bytes, b' ') | less(quotes, 1) | less(slashes, 1)) & HIGHEST != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::{PropertyDef, RecordJson};

    static PROPERTIES: [PropertyDef; 4] = [
        PropertyDef::of::<String>("secret", "secret").id().hidden(),
        PropertyDef::of::<Option<i64>>("\"quoted\"", "quoted"),
        PropertyDef::of::<Option<f64>>("price", "price"),
        PropertyDef::of::<Option<bool>>("open", "open"),
    ];
    static DEF: ModelDef = ModelDef::new("Odd", "Odds", "odd", &PROPERTIES);

    #[test]
    fn a_long_first_record_takes_no_room_for_the_others() {
        let record = |length: usize| {
            let text = Some(Value::Json(Box::new("x".repeat(length).into())));
            Record::from_values(vec![None, text])
        };
        let mut records = vec![record(1_000_000)];
        records.resize_with(10_000, || record(0));
        let mut written = Vec::new();
        write_records(&DEF, &records, &mut written).unwrap();
        assert!(written.capacity() < 4_000_000, "{}", written.capacity());
    }

    #[test]
    fn lists_are_written_as_serde_writes_them() {
        let values = [
            Some(Value::String("hush".to_owned())),
            Some(Value::Integer(i64::MIN)),
            Some(Value::Float(0.5)),
            Some(Value::Boolean(false)),
        ];
        // Of each record other properties are there.
        let records: Vec<_> = (0..16_usize)
            .map(|present| {
                let values = values.iter().enumerate();
                let values = values
                    .map(|(index, value)| value.clone().filter(|_| present & 1 << index != 0));
                Record::from_values(values.collect())
            })
            .collect();
        for count in [0, 1, 2, records.len()] {
            let records = &records[records.len() - count..];
            let mut written = Vec::new();
            write_records(&DEF, records, &mut written).unwrap();
            let shown = records
                .iter()
                .map(|record| RecordJson { def: &DEF, record });
            let expected = serde_json::to_string(&shown.collect::<Vec<_>>()).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), expected);
        }
        let shown = json!(RecordJson {
            def: &DEF,
            record: &records[15]
        });
        assert_eq!(
            shown,
            json!({ "\"quoted\"": i64::MIN, "price": 0.5, "open": false })
        );
    }

    proptest! {
        #[test]
        fn text_is_written_as_serde_writes_it(sent in any::<String>(), quoted in "[ -~\"\\\\]{0,80}") {
            for sent in [sent, quoted] {
                let mut written = Vec::new();
                text(&sent, &mut written).unwrap();
                prop_assert_eq!(String::from_utf8(written).unwrap(), serde_json::to_string(&sent).unwrap());
            }
        }
    }
}
