//! How much of its connections a data source uses.

/// The connections that a data source has open, and may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// How many are open.
    pub open: u32,
    /// How many of these nobody uses.
    pub idle: u32,
    /// How many may be open.
    pub most: u32,
}

impl Connections {
    /// These and others.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(super) fn and(self, others: Connections) -> Self {
        Connections {
            open: self.open + others.open,
            idle: self.idle + others.idle,
            most: self.most + others.most,
        }
    }
}
