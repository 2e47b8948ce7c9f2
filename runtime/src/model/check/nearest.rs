//! The known name that a misspelt one was probably meant to be.

use super::message::Message;

/// The known name that is nearest to a given one. A name is up to four parts, since `const fn` can't join text.
pub(super) struct Nearest<'a> {
    wanted: &'a str,
    parts: [&'static str; 4],
    len: usize,
    distance: usize,
}

/// Is `name` that of a method which is served below `relation`, as `__get__pages__notes` is below `pages`?
pub(super) const fn is_below(name: &str, relation: &str) -> bool {
    let (name, relation) = (name.as_bytes(), relation.as_bytes());
    // Behind `__get`.
    let mut start = 2;
    while start + 1 < name.len() && !(name[start] == b'_' && name[start + 1] == b'_') {
        start += 1;
    }
    start += 2;
    let end = start + relation.len();
    if end + 2 >= name.len() || name[end] != b'_' || name[end + 1] != b'_' {
        return false;
    }
    let mut index = 0;
    while index < relation.len() {
        if name[start + index] != relation[index] {
            return false;
        }
        index += 1;
    }
    true
}

impl<'a> Nearest<'a> {
    pub(super) const fn to(wanted: &'a str) -> Self {
        Nearest {
            wanted,
            parts: [""; 4],
            len: 0,
            distance: usize::MAX,
        }
    }

    /// One more known name.
    pub(super) const fn or(self, parts: [&'static str; 4]) -> Self {
        let [a, b, c, d] = parts;
        let candidate = Message::new().push(a).push(b).push(c).push(d);
        let candidate = candidate.as_str().as_bytes();
        let distance = edit_distance(self.wanted.as_bytes(), candidate);
        if distance < self.distance {
            Nearest {
                parts,
                len: candidate.len(),
                distance,
                ..self
            }
        } else {
            self
        }
    }

    /// Is the given name a known one?
    pub(super) const fn is_known(&self) -> bool {
        self.distance == 0
    }

    /// The nearest name, if it is so near that suggesting it helps.
    pub(super) const fn suggestion(&self) -> Option<[&'static str; 4]> {
        let longer = if self.len > self.wanted.len() {
            self.len
        } else {
            self.wanted.len()
        };
        if self.distance <= 1 + longer / 4 {
            Some(self.parts)
        } else {
            None
        }
    }
}

pub(in crate::model) const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Levenshtein's distance over bytes, one row at a time.
const fn edit_distance(left: &[u8], right: &[u8]) -> usize {
    const WIDTH: usize = 128;
    if right.len() >= WIDTH {
        return usize::MAX;
    }
    let mut row = [0; WIDTH];
    let mut j = 0;
    while j <= right.len() {
        row[j] = j;
        j += 1;
    }
    let mut i = 0;
    while i < left.len() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut j = 0;
        while j < right.len() {
            let replace = diagonal + if left[i] == right[j] { 0 } else { 1 };
            diagonal = row[j + 1];
            let insert = row[j] + 1;
            let delete = row[j + 1] + 1;
            let mut least = if insert < delete { insert } else { delete };
            if replace < least {
                least = replace;
            }
            row[j + 1] = least;
            j += 1;
        }
        i += 1;
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_if_it_is_near() {
        for (wanted, known, suggestion) in [
            ("raed", "read", Some("read")),
            ("shop", "shopId", Some("shopId")),
            ("shop", "coffeeShopId", None),
            ("findByIds", "findById", Some("findById")),
            ("brewCoffee", "create", None),
        ] {
            let nearest = Nearest::to(wanted)
                .or(["count", "", "", ""])
                .or([known, "", "", ""]);
            assert_eq!(
                nearest.suggestion().map(|parts| parts.concat()).as_deref(),
                suggestion
            );
        }
    }

    #[test]
    fn distances() {
        for (left, right, distance) in [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3)] {
            assert_eq!(edit_distance(left.as_bytes(), right.as_bytes()), distance);
        }
    }
}
