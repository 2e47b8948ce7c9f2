//! How much is measured.

use std::time::Duration;

pub struct Pace {
    /// How often each point is measured; the least counts.
    pub repetitions: usize,
    /// For how long a repetition keeps the server's process busy.
    pub busy: Duration,
    quick: bool,
}

impl Pace {
    pub const FULL: Pace = Pace {
        repetitions: 3,
        busy: Duration::from_millis(300),
        quick: false,
    };

    pub const QUICK: Pace = Pace {
        repetitions: 1,
        busy: Duration::from_millis(10),
        quick: true,
    };

    /// These sizes; who is in a hurry goes no further than `quick`.
    pub fn sizes<'a>(&self, sizes: &'a [usize], quick: usize) -> impl Iterator<Item = usize> + 'a {
        let most = if self.quick { quick } else { usize::MAX };
        sizes.iter().copied().filter(move |size| *size <= most)
    }
}
