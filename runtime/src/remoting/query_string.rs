//! Query strings and form bodies as JSON trees, the way LoopBack's clients write them (contract *querying.md* §7):
//! `filter[where][n][inq][]=1&filter[where][n][inq][]=2`.
//!
//! The rules are those of the JavaScript package `qs`; no Rust library has the same.

use serde_json::{Map, Value as Json};

/// How many levels of brackets are read; what is deeper stays part of the last key.
const MAX_DEPTH: usize = 5;

/// How many pairs are read.
const MAX_PAIRS: usize = 1000;

/// The tree that `text` stands for: texts, objects and lists.
pub(crate) fn parse(text: &[u8]) -> Map<String, Json> {
    if text.is_empty() {
        return Map::new();
    }
    let mut root = Json::Object(Map::new());
    for (key, value) in form_urlencoded::parse(text).take(MAX_PAIRS) {
        insert(&mut root, &path(&key), value.into_owned());
    }
    match lists(root) {
        Json::Object(members) => members,
        // Keys 0, 1, 2 … at the top make no list of the whole.
        other => Map::from_iter([(String::new(), other)]),
    }
}

/// What is before the brackets: `a` of `a[b][c]`, and of `a[b`.
pub(super) fn name(key: &str) -> &str {
    let open = key.find('[').filter(|open| *open > 0);
    open.map_or(key, |open| &key[..open])
}

/// `a[b][c]` as `a`, `b`, `c`. An empty pair of brackets is an empty key.
fn path(key: &str) -> Vec<&str> {
    let name = name(key);
    let mut rest = &key[name.len()..];
    let mut path = vec![name];
    while let Some(inner) = rest.strip_prefix('[') {
        if path.len() > MAX_DEPTH {
            path.push(rest);
            break;
        }
        let Some(close) = inner.find(']') else { break };
        path.push(&inner[..close]);
        rest = &inner[close + 1..];
    }
    path
}

fn insert(node: &mut Json, path: &[&str], value: String) {
    let Some((key, rest)) = path.split_first() else {
        // A repeated key collects its values.
        match node {
            Json::Null => *node = value.into(),
            Json::Array(items) => items.push(value.into()),
            Json::Object(members) => {
                members.insert(value, true.into());
            }
            _ => *node = Json::Array(vec![node.take(), value.into()]),
        }
        return;
    };
    if !node.is_object() {
        let mut members = Map::new();
        if !node.is_null() {
            members.insert("0".into(), node.take());
        }
        *node = Json::Object(members);
    }
    let Json::Object(members) = node else { return };
    let key = if key.is_empty() {
        members.len().to_string()
    } else {
        (*key).to_owned()
    };
    insert(members.entry(key).or_insert(Json::Null), rest, value);
}

/// Objects whose keys are positions as lists.
fn lists(node: Json) -> Json {
    match node {
        Json::Object(members) => {
            let positions: Option<Vec<usize>> = members.keys().map(|key| position(key)).collect();
            let members = members
                .into_iter()
                .map(|(key, member)| (key, lists(member)));
            match positions.filter(|positions| !positions.is_empty()) {
                // As `qs` does: in the order of the positions, without the gaps.
                Some(positions) => {
                    let mut items: Vec<_> = positions.into_iter().zip(members).collect();
                    items.sort_by_key(|(position, _)| *position);
                    items.into_iter().map(|(_, (_, member))| member).collect()
                }
                None => Json::Object(members.collect()),
            }
        }
        leaf => leaf,
    }
}

/// The position in a list that a key stands for, written as numbers are.
fn position(key: &str) -> Option<usize> {
    let position = key.parse::<usize>().ok()?;
    (position.to_string() == key).then_some(position)
}

/// Texts that look like null, true, false or a number as what they look like, at every depth: a query string has no
/// other way to say them. Negative numbers stay text, as in LoopBack.
pub(crate) fn sniff(json: Json) -> Json {
    match json {
        Json::String(text) => sniff_text(text),
        Json::Array(items) => items.into_iter().map(sniff).collect(),
        Json::Object(members) => members
            .into_iter()
            .map(|(key, member)| (key, sniff(member)))
            .collect(),
        other => other,
    }
}

fn sniff_text(text: String) -> Json {
    match text.as_str() {
        "null" => Json::Null,
        "true" => true.into(),
        "false" => false.into(),
        digits if looks_numeric(digits) => {
            let integer = digits.parse::<i64>().ok().map(Json::from);
            let number = || digits.parse::<f64>().ok().map(Json::from);
            integer.or_else(number).unwrap_or(Json::String(text))
        }
        _ => text.into(),
    }
}

/// Integers without a leading zero, and decimals.
fn looks_numeric(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text) && !text.starts_with('0'),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree(text: &str) -> Json {
        Json::Object(parse(text.as_bytes()))
    }

    #[test]
    fn brackets_make_objects_and_lists() {
        let cases = [
            ("a=1&b=x+y%20z", json!({"a": "1", "b": "x y z"})),
            (
                "f[where][n][gt]=2&f[order]=n%20DESC",
                json!({"f": {"where": {"n": {"gt": "2"}}, "order": "n DESC"}}),
            ),
            ("f[i]=a&f[i]=b", json!({"f": {"i": ["a", "b"]}})),
            ("f[i][]=a&f[i][]=b", json!({"f": {"i": ["a", "b"]}})),
            ("f[i][0]=a&f[i][1]=b", json!({"f": {"i": ["a", "b"]}})),
            ("f[i][]=a", json!({"f": {"i": ["a"]}})),
            ("f[i][1]=a", json!({"f": {"i": ["a"]}})),
            ("f[i][1]=a&f[i][0]=b", json!({"f": {"i": ["b", "a"]}})),
            ("f[01]=a", json!({"f": {"01": "a"}})),
            (
                "f[or][0][a]=1&f[or][1][b]=2",
                json!({"f": {"or": [{"a": "1"}, {"b": "2"}]}}),
            ),
            (
                "a[b][c][d][e][f][g][h]=1",
                json!({"a": {"b": {"c": {"d": {"e": {"f": {"[g][h]": "1"}}}}}}}),
            ),
            ("filter=a&filter=b", json!({"filter": ["a", "b"]})),
            ("a[b=1", json!({"a": "1"})),
            ("", json!({})),
        ];
        for (text, expected) in cases {
            assert_eq!(tree(text), expected, "{text}");
        }
    }

    #[test]
    fn long_lists_stay_lists() {
        let text: Vec<_> = (0..25).map(|i| format!("f[inq][{i}]={i}")).collect();
        assert_eq!(
            tree(&text.join("&"))["f"]["inq"].as_array().unwrap().len(),
            25
        );
    }

    #[test]
    fn only_so_many_pairs_are_read() {
        let text = "a[]=1&".repeat(5000);
        assert_eq!(tree(&text)["a"].as_array().unwrap().len(), MAX_PAIRS);
    }

    #[test]
    fn values_that_look_typed_are_typed() {
        let sniffed = sniff(json!([
            "null", "true", "false", "12", "1.50", "007", "-1", "0", "x", ""
        ]));
        assert_eq!(
            sniffed,
            json!([null, true, false, 12, 1.5, "007", "-1", "0", "x", ""])
        );
    }
}
