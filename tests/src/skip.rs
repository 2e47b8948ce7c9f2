//! What happens to a test whose server or tool is missing: it says so, or in CI fails.

use std::io::Write as _;

/// Prints `skipped: …`.
///
/// # Panics
///
/// When the environment variable `CI` is set (to anything but an empty word, `0` or `false`): there, a test that silently
/// does not run would be taken for one that passes.
#[track_caller]
pub(crate) fn skip(reason: &str) {
    assert!(!in_ci(), "may not be skipped in CI: {reason}");
    // Not `eprintln!`: the test harness keeps what that prints to itself unless the test fails. A standard error that is
    // closed is nothing a test could do anything about.
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}
