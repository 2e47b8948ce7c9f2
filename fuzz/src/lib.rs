//! What any bytes may do to loopwright: be understood, or refused with a word on what is wrong.
//!
//! | module | what it has |
//! |---|---|
//! | [`target`] | what bytes are given to: each asserts more than that nothing panics |
//! | [`mutation`], [`words`] | texts that are almost right |
//! | [`mod@served`], [`model`] | an application in this process, for requests to reach |
//! | [`exchange`], [`answer`] | requests as texts, and what holds of every answer |
//!
//! The same targets are run by libFuzzer, which looks for new ways through the code (`fuzz_targets/`), and for some
//! seconds in every test run, with seeds alone (`tests/tests/fuzzed.rs` of this repository). Seeds are texts under `corpus/`; what
//! once failed stays there.
#![deny(missing_docs)]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a target that panics has found something"
)]

pub mod answer;
pub mod exchange;
pub mod model;
pub mod mutation;
pub mod served;
pub mod target;
pub mod words;

/// What bytes are given to, and where its seeds are.
pub type Target = fn(&[u8]);

/// Every target by the name of its program and of its seeds.
pub const TARGETS: [(&str, Target); 10] = [
    ("batch", target::batch),
    ("condition", target::condition),
    ("configuration", target::configuration),
    ("discovery", target::discovery),
    ("failure", target::failure),
    ("filter", target::filter),
    ("loopback", target::loopback),
    ("pattern", target::pattern),
    ("request", target::request),
    ("socket", target::socket),
];

/// The program of a target: under cargo-fuzz libFuzzer's, and otherwise one that gives it the files that are named.
#[macro_export]
macro_rules! program {
    ($target:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::target::$target(data));

        // Half of what is tried is libFuzzer's, half ours.
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            if seed % 2 == 0 {
                return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
            }
            let mutated =
                $crate::mutation::mutate(&data[..size], &data[..size], max_size, seed.into());
            data[..mutated.len()].copy_from_slice(&mutated);
            mutated.len()
        });

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            for path in std::env::args_os().skip(1) {
                $crate::target::$target(&std::fs::read(path)?);
            }
            Ok(())
        }
    };
}
