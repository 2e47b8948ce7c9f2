//! Records as JSON text, past serde: what a list answers is mostly names and text in which nothing needs an escape, and
//! each byte of which serde would look at by itself.

use serde_json::{Result, Value as Json};

use super::record::{Members, members};
use super::value::short_iso;
use super::{AnyModel, ModelDef, Record, Value};

/// Writes a record: the same that [`RecordJson`](super::RecordJson) is by serde.
pub(crate) fn write_record(
    def: &'static ModelDef,
    record: &Record,
    out: &mut Vec<u8>,
) -> Result<()> {
    object(def, record, false, out)
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
    out.push(b'[');
    for (index, record) in records.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        object(def, record, nested, out)?;
    }
    out.push(b']');
    Ok(())
}

fn object(def: &'static ModelDef, record: &Record, nested: bool, out: &mut Vec<u8>) -> Result<()> {
    out.push(b'{');
    let mut object = Object { out, empty: true };
    members(def, record, nested, &mut object)?;
    out.push(b'}');
    Ok(())
}

/// The members of an object, as they are written.
struct Object<'o> {
    out: &'o mut Vec<u8>,
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

    fn value(&mut self, name: &str, value: &Value) -> Result<()> {
        self.name(name)?;
        match value {
            Value::Null => self.out.extend_from_slice(b"null"),
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
        object(def, record, true, self.out)
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
    let escaped = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    // Without a way out within a block, the compiler looks at all of it at once.
    let mut blocks = text.chunks(32);
    blocks.all(|block| {
        !block
            .iter()
            .fold(false, |found, byte| found | escaped(byte))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
