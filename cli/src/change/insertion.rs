//! Text that goes into a source.

/// Text, and the byte before which it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Insertion {
    pub(crate) at: usize,
    pub(crate) text: String,
}

impl Insertion {
    pub(crate) fn new(at: usize, text: impl Into<String>) -> Self {
        Insertion {
            at,
            text: text.into(),
        }
    }
}

/// `text` with the insertions, those at one place in their order. New lines end as the others do.
pub(crate) fn insert(text: &str, insertions: &[Insertion]) -> String {
    let mut sorted: Vec<_> = insertions.iter().collect();
    sorted.sort_by_key(|insertion| insertion.at);
    let windows = text.contains("\r\n");
    let mut changed = String::with_capacity(text.len() + 256);
    let mut done = 0;
    for insertion in sorted {
        // Places come from the syntax tree; a character is never cut.
        let (Some(before), true) = (
            text.get(done..insertion.at),
            text.is_char_boundary(insertion.at),
        ) else {
            continue;
        };
        changed.push_str(before);
        done = insertion.at;
        match windows {
            true => changed.push_str(&insertion.text.replace('\n', "\r\n")),
            false => changed.push_str(&insertion.text),
        }
    }
    changed.push_str(text.get(done..).unwrap_or_default());
    changed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_end_as_the_others_do() {
        let text = "a\r\nb\r\n";
        let changed = insert(text, &[Insertion::new(3, "x\n"), Insertion::new(3, "y\n")]);
        assert_eq!(changed, "a\r\nx\r\ny\r\nb\r\n");
    }

    proptest! {
        /// Everything outside of the insertions is what it was.
        #[test]
        fn what_is_not_inserted_stays(text in "[a-zäß\\n]{0,40}", places in prop::collection::vec((0..60_usize, "[A-Z\\n]{0,5}"), 0..6)) {
            let insertions: Vec<_> = places
                .iter()
                .filter(|(at, _)| text.is_char_boundary(*at))
                .map(|(at, inserted)| Insertion::new(*at, inserted.replace('\n', "N")))
                .collect();
            let changed = insert(&text, &insertions);
            let inserted: usize = insertions.iter().map(|insertion| insertion.text.len()).sum();
            prop_assert_eq!(changed.len(), text.len() + inserted);
            let rest: String = changed.chars().filter(|letter| !letter.is_ascii_uppercase()).collect();
            prop_assert_eq!(rest, text);
        }
    }
}
