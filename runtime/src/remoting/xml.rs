//! JSON as XML, in the shape that LoopBack gives it (contract *rest.md* §6).

use serde_json::Value as Json;

/// The document whose root is called `response`.
pub(super) fn document(json: &Json) -> String {
    match json {
        Json::Null => "<null/>".to_owned(),
        json => {
            let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
            match json {
                Json::Array(_) => {
                    xml += "<response>\n";
                    element(&mut xml, "result", json, 1, INDENT);
                    xml += "</response>";
                }
                json => element(&mut xml, "response", json, 0, INDENT),
            }
            xml.truncate(xml.trim_end().len());
            xml
        }
    }
}

/// How far a level stands behind the one above.
const INDENT: &str = "  ";

/// One element, or one for each item of a list.
pub(super) fn element(xml: &mut String, name: &str, json: &Json, level: usize, step: &str) {
    if let Json::Array(items) = json {
        for item in items {
            element(xml, name, item, level, step);
        }
        return;
    }
    let name = element_name(name);
    let indent = step.repeat(level);
    xml.extend([&indent, "<", &name]);
    match json {
        Json::Object(members) if members.is_empty() => {
            *xml += "/>\n";
            return;
        }
        Json::Object(members) => {
            *xml += ">\n";
            for (name, member) in members {
                element(xml, name, member, level + 1, step);
            }
            *xml += &indent;
        }
        scalar => {
            *xml += ">";
            match scalar {
                Json::Null => {}
                Json::String(text) => escape(xml, text),
                other => *xml += &other.to_string(),
            }
        }
    }
    xml.extend(["</", &name, ">\n"]);
}

/// A name begins with no digit, as LoopBack has it, and has no characters that XML has no place for in a name: callers choose
/// the names of undeclared properties.
fn element_name(name: &str) -> String {
    let clean = |letter| if is_in_names(letter) { letter } else { '_' };
    let mut clean: String = name.chars().map(clean).collect();
    if !clean.starts_with(begins_names) {
        clean.insert(0, '_');
    }
    clean
}

/// What XML calls NameStartChar, but for the colon, which is for namespaces. Unicode has more letters.
fn begins_names(letter: char) -> bool {
    matches!(letter,
        'A'..='Z' | '_' | 'a'..='z'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}' | '\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// NameChar, but for the colon.
fn is_in_names(letter: char) -> bool {
    begins_names(letter)
        || matches!(letter,
            '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}

/// What stands for a text between tags, in HTML too.
pub(super) fn escape(xml: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => *xml += "&amp;",
            '<' => *xml += "&lt;",
            '>' => *xml += "&gt;",
            '"' => *xml += "&quot;",
            '\'' => *xml += "&apos;",
            // XML has no way to write the others.
            '\u{0}'..='\u{8}'
            | '\u{b}'
            | '\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                xml.push('\u{fffd}');
            }
            other => xml.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_has_the_shape_of_loopback() {
        let list = json!([{"id": 1, "tags": ["a", "b"], "at": null, "in": {"city": "A&B"}, "no": {}}, {"id": 2}]);
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<response>
  <result>
    <id>1</id>
    <tags>a</tags>
    <tags>b</tags>
    <at></at>
    <in>
      <city>A&amp;B</city>
    </in>
    <no/>
  </result>
  <result>
    <id>2</id>
  </result>
</response>"#;
        assert_eq!(document(&list), expected);
        assert_eq!(document(&Json::Null), "<null/>");
        let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
        assert_eq!(
            document(&json!("a")),
            format!("{declaration}<response>a</response>")
        );
        assert_eq!(
            document(&json!([])),
            format!("{declaration}<response>\n</response>")
        );
    }

    #[test]
    fn names_of_the_caller_end_no_element() {
        let xml = document(&json!({"a><b": 1, "2nd": "\u{1}</response>"}));
        assert!(xml.contains("<a__b>1</a__b>"), "{xml}");
        assert!(
            xml.contains("<_2nd>\u{fffd}&lt;/response&gt;</_2nd>"),
            "{xml}"
        );
        // Letters and digits to Unicode, and not to XML.
        let xml = document(&json!({"\u{aa}": 1, "m\u{b2}": 2, "\u{301}": 3, "\u{e9}": 4}));
        for element in ["<_>1<", "<m_>2<", "<_\u{301}>3<", "<\u{e9}>4<"] {
            assert!(xml.contains(element), "{xml}");
        }
    }
}
