//! What is to be written.
//!
//! **Architecture Invariant:** a change of a Rust source is a list of insertions. Nothing else of a file can change, whatever
//! goes wrong.

mod change_set;
mod insertion;
mod write;

pub(crate) use change_set::ChangeSet;
pub(crate) use insertion::{Insertion, insert};
