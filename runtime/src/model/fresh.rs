//! Values that no other instance has.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use uuid::{Builder, Uuid};

/// A UUID of the current time, version 1. Clock sequence and node are random: they need no state, and tell nothing about
/// the machine.
pub(super) fn guid() -> Uuid {
    /// From the beginning of the Gregorian calendar to that of Unix time, in steps of 100 nanoseconds.
    const GREGORIAN: u64 = 0x01b2_1dd2_1381_4000;
    /// Marks a node that is no network card.
    const MULTICAST: u8 = 1;

    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.unwrap_or_default();
    let ticks = since.as_secs() * 10_000_000 + u64::from(since.subsec_nanos() / 100);
    // The first six bytes and the last ones of a random UUID are random.
    let [a, b, c, d, e, f, .., y, z] = Uuid::new_v4().into_bytes();
    let node = [a | MULTICAST, b, c, d, e, f];
    Builder::from_gregorian_timestamp(GREGORIAN + ticks, u16::from_be_bytes([y, z]), &node)
        .into_uuid()
}

/// The bits of a random UUID as 22 characters.
pub(super) fn short_id() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Uuid::new_v4())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_of_the_current_time() {
        let (one, other) = (guid(), guid());
        assert_ne!(one, other);
        assert_eq!(one.get_version_num(), 1);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let (seconds, _) = one.get_timestamp().unwrap().to_unix();
        assert!(now.as_secs().abs_diff(seconds) < 60);
    }

    #[test]
    fn a_short_id_fits_into_a_url() {
        let id = short_id();
        assert_eq!(id.len(), 22);
        assert!(
            id.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        );
    }
}
