//! What users of the derives meet: every compile error with its exact words, and code that must compile.
//!
//! `README.md` tells where all of it is. Here is what only a library can show: public models, each of whose items has
//! documentation.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]

pub mod everything;
