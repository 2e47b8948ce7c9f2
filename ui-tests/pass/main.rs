//! Code that must compile, without a warning, however it is surrounded.
//!
//! One program rather than one for each file: Clippy reads it as well, in its strictest mood.
#![deny(
    warnings,
    dead_code,
    unused_qualifications,
    unused_results,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
#![warn(clippy::unwrap_used, clippy::expect_used)]

mod deprecated;
mod field_names;
mod inside_macros;
mod no_prelude;
mod other_names_for_the_crate;
mod places;
mod type_names;
mod unread_relations;
