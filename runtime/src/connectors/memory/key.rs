//! Values that a map can be sorted by.

use std::cmp::Ordering;

use crate::model::Value;

/// A value as the key of a map: its order is that of filters, so the rows of a map come in the order of their ids.
#[derive(Debug, Clone)]
pub(super) struct Key(pub Value);

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        // Only values of different types, JSON and points have no order, and none of them is an id or unique. A map needs
        // some answer all the same.
        self.0
            .partial_cmp(&other.0)
            .unwrap_or_else(|| self.0.to_text().cmp(&other.0.to_text()))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

// By the order, not by the value: two scales of one decimal are one key.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}
