//! The one way to the data: every operation, whoever asks for it, passes the same pipeline.
//!
//! `access hooks → policies about rows → defaults → hooks before → validation → connector → hooks after → includes`. The pipeline works on erased records; [`Repository`] and [`HasManyRepository`] are its typed face.
//!
//! **Architecture Invariant:** nothing here knows HTTP, and no other room asks a connector for data.

mod attached_relation;
mod change;
mod dependent;
mod erased;
pub mod hook;
mod include;
mod key;
mod key_value;
mod options;
mod patch;
mod query;
mod registry;
mod related;
pub(crate) mod scope;
mod system;
mod timed;
mod transaction;
mod transaction_event;
mod typed;

use attached_relation::AttachedRelation;
#[cfg(test)]
pub(crate) use change::{Change, ChangeLog};
pub(crate) use change::{Heard, Listener, Outbox, Relay, Since};
pub(crate) use erased::{ErasedRepository, Reading, Versions, fill_defaults, not_found, within};
pub(crate) use key_value::{ErasedKeyValue, no_ttl, unknown as unknown_key};
pub use key_value::{KeyValue, Keys, Set};
pub(crate) use options::Options;
pub use patch::Patch;
pub use query::Query;
pub(crate) use registry::{MOST_INCLUDED, Registry};
pub(crate) use related::{ErasedRelation, Narrowed, Target, no_instance};
#[doc(hidden)]
pub use scope::put_scope;
pub use system::System;
pub use transaction::{NewTransaction, Transaction};
pub use transaction_event::TransactionEvent;
#[doc(hidden)]
pub use typed::OfOne;
pub use typed::{
    AsCaller, AsSystem, BelongsToRepository, HasManyRepository, HasOneRepository, Related,
    Repository,
};
pub(crate) use typed::{instance, part};
