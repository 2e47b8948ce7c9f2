//! What every connector must do, as one suite, and every key-value store as another.
//!
//! The suite is driven by what the connector [declares](crate::connectors::Capabilities): an ability that is declared
//! and does not work fails, and so does a gap that is declared and works. It **empties and refills** tables of its own
//! (`lw_thing`, `lw_tag`, `lw_cell`, `lw_shop`, `lw_seat`, `lw_branch`, `lw_place` and `order`), one check after the other, so give it a data source that holds
//! nothing dear.
//!
//! ```
//! use loopwright::connectors::memory::MemoryConnector;
//! use loopwright::testing::conformance;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> loopwright::Result<()> {
//! // In a `#[tokio::test]` of your own, with your own connector:
//! let connector = MemoryConnector::connect("memory:").await?;
//! conformance(&connector).await;
//! # Ok(())
//! # }
//! ```
//!
//! It needs the cargo feature `testing`; turn it on among the `dev-dependencies` only.
//!
//! For an application's own tests there is [`policies_agree`].
//!
//! **Architecture Invariant:** a check knows the [`Connector`] trait and nothing below it. What only one kind of data
//! source can do wrong is tested beside that connector.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a check fails by panicking"
)]

mod changes;
mod composite_ids;
mod conditions;
pub(crate) mod models;
mod near;
mod policies;
mod random;
mod regexps;
mod rows;
mod store;
mod structured;
mod tables;
#[cfg(test)]
mod tests;
mod transactions;
mod values;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

pub use self::policies::policies_agree;
#[cfg(test)]
pub(crate) use self::store::SHELF;
#[cfg(test)]
pub(crate) use self::values::thing;
use crate::connectors::Connector;
use crate::connectors::key_value::KeyValueStore;

/// The checks with their names. A future does nothing until it is its turn.
macro_rules! checks {
    ($connector:ident: $($topic:ident { $($check:ident)* })*) => {
        [$($((
            concat!(stringify!($topic), "::", stringify!($check)),
            $topic::$check($connector).boxed(),
        ),)*)*]
    };
}

/// Holds `connector` to everything that a connector promises, one check after the other.
///
/// A failing check does not stop the others.
///
/// # Panics
/// When at least one check failed, with the list of those that did.
pub async fn conformance(connector: &dyn Connector) {
    let checks = checks! { connector:
        tables {
            ping
            automigrate_empties_what_it_is_given
            tables_grow_with_the_model
            what_is_applied_is_actual
            a_new_rule_does_not_pass_over_old_rows
            indexes_over_several_properties_are_made
            foreign_keys_are_kept_as_declared
        }
        values {
            round_trip
            instants_are_as_precise_as_declared
            decimals_keep_every_digit
            unfit_values_are_refused_with_their_property
        }
        rows {
            ids_are_given_or_taken
            rows_are_found_by_their_ids
            rows_lead_to_others
            duplicates_name_the_property
            one_of_many_gets_a_unique_value
            values_may_be_unique_together
            an_update_that_breaks_a_rule_changes_nothing
            order_limit_and_fields
            updates_count_what_they_found
            updates_raise_the_version
            injections_are_values
        }
        conditions {
            null_semantics
            comparisons
            lists
            likes
            likes_on_other_types
            negations
            many_conditions
        }
        composite_ids {
            several_keys_are_one_id
            a_key_alone_is_like_any_property
        }
        regexps {
            expressions_find_text
            within_json
            they_are_refused_without_the_ability
        }
        structured {
            whole_values
            items_and_members
            what_sql_could_take_amiss
            conditions_at_random
            orders_go_by_what_is_within
            they_are_refused_without_the_ability
        }
        near {
            the_nearest_first
            around_the_poles_and_the_date_line
            it_is_refused_without_the_ability
        }
        transactions {
            begin_without_transactions_is_refused
            what_is_committed_appears_at_once
            what_is_found_to_change_is_nobody_elses_to_change
            what_is_rolled_back_or_dropped_leaves_nothing
            one_failed_operation_is_not_the_end
            one_within_another_is_undone_by_itself
            without_savepoints_a_failed_operation_undoes_the_whole
            an_isolation_is_given_or_refused
        }
        changes {
            what_changes_is_told
        }
    };
    hold(checks).await;
}

/// Holds `store` to everything that a [`KeyValueStore`] promises, one check after the other.
///
/// It **empties and refills** models of its own (`LwShelf` and `Lw*`). A failing check does not stop the others.
///
/// ```
/// use loopwright::connectors::key_value::MemoryStore;
/// use loopwright::testing::store_conformance;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// store_conformance(&MemoryStore::new()).await;
/// # }
/// ```
///
/// # Panics
/// When at least one check failed, with the list of those that did.
pub async fn store_conformance(store: &dyn KeyValueStore) {
    let checks = checks! { store:
        store {
            ping
            values_come_back_as_they_went
            keys_may_be_anything
            each_model_has_its_own_keys
            patterns_find_what_they_say
            many_keys_come_each_once
            what_is_created_replaces_nothing
            values_expire_for_every_method
            the_time_that_is_left
        }
    };
    hold(checks).await;
}

/// Runs the checks, each with its name, and panics when one fails.
async fn hold<const TOTAL: usize>(checks: [(&str, BoxFuture<'_, ()>); TOTAL]) {
    let mut failed = Vec::new();
    for (name, check) in checks {
        if let Err(panic) = AssertUnwindSafe(check).catch_unwind().await {
            let said = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            failed.push(format!("- {name}: {}", said.unwrap_or("panicked")));
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {TOTAL} checks failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
}
