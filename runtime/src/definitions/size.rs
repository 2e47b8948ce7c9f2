//! Sizes as LoopBack's files have them (contract *remoting.md* §8).

/// The bytes of a text such as `100kb` or `1.5 MB`, as the package `bytes` reads it: each unit is 1024 of the one before.
pub(super) fn size(text: &str) -> Option<u64> {
    // What no unit stands behind are bytes.
    parse_size::Config::new()
        .with_binary()
        .parse_size(text.trim())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("100kb", Some(102_400)),
            ("1.5 MB", Some(1_572_864)),
            ("512", Some(512)),
            ("7b", Some(7)),
            ("much", None),
            ("", None),
            ("-1kb", None),
        ] {
            assert_eq!(size(text), bytes, "{text}");
        }
    }
}
