//! What nobody can guess.

use rand::Rng;
use rand::distr::{Alphanumeric, SampleString};

/// 64 letters and digits, 381 bits: a token.
pub(super) fn token() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 64)
}

/// So many bytes, as hexadecimal digits.
pub(super) fn hexadecimal<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Any number.
pub(super) fn number() -> u32 {
    rand::rng().next_u32()
}
