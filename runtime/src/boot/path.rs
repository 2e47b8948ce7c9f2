//! Paths that the configuration gives to something of its own.

/// Is it one whose parts need no encoding, and mean nothing else to a router or a client?
pub(super) fn is_plain(path: &str) -> bool {
    let mut parts = path.strip_prefix('/').unwrap_or_default().split('/');
    parts.all(|part| {
        let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        !matches!(part, "" | "." | "..") && part.bytes().all(usual)
    })
}

/// Is one of them the other, or below it?
pub(super) fn overlap(one: &str, other: &str) -> bool {
    one == other || is_below(one, other) || is_below(other, one)
}

pub(super) fn is_below(path: &str, parent: &str) -> bool {
    let rest = path.strip_prefix(parent);
    rest.is_some_and(|rest| rest.starts_with('/'))
}
