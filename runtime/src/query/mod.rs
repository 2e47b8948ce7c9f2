//! What to look for: the filter tree, its reading from JSON and query strings, and the typed columns.
//!
//! **Architecture Invariant:** a filter names properties by their position in the description. Whatever reads it from
//! outside has looked every name up, so nothing that a caller wrote can reach a statement except as a bound value.

mod column;
mod condition;
mod cursor;
mod evaluate;
mod filter;
mod near;
mod operator;
mod parse;
mod path;
pub(crate) mod pattern;
mod rank;
mod regexp;
mod subject;

pub use column::{Column, Comparable, Member, Mixed, Relation};
pub use condition::{Comparison, Condition};
pub use cursor::{Cursor, Page, Window};
pub use filter::{Direction, Fields, Filter, Include, Order};
pub use near::Near;
pub use operator::{Operator, OperatorChange};
pub use path::{Path, Step};
pub use regexp::Regexp;
