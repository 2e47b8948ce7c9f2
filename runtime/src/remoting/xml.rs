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

/// A name begins with no digit, as LoopBack has it, and has no characters that would end it: callers choose the names of
/// undeclared properties.
fn element_name(name: &str) -> String {
    let usual = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let mut clean: String = name
        .chars()
        .map(|letter| if usual(letter) { letter } else { '_' })
        .collect();
    if !clean.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') {
        clean.insert(0, '_');
    }
    clean
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
    }
}
