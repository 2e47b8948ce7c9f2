//! Do the policies of a model mean the same to its data source and to the program?

use std::collections::BTreeSet;

use crate::Application;
use crate::access::{Caller, permitted};
use crate::model::{Model, RowAction, id_text};
use crate::query::Condition;

/// Asserts that the policies of `M` pick the same rows in the data source, by a query, and in the program, row by row: for
/// `caller`, for each action, among all rows that are there. Fill the table as you like, at random for example; what is
/// there is only read.
///
/// ```
/// use loopwright::access::Caller;
/// use loopwright::prelude::*;
/// use loopwright::testing::policies_agree;
///
/// #[derive(Model)]
/// #[acl(open)]
/// #[policy(all, to = owner)]
/// #[policy(read, to = everyone, rows = Note::WORDS.gt(100))]
/// struct Note {
///     #[model(id, generated)]
///     id: i64,
///     words: i64,
///     user_id: Option<i64>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// let app = App::new().data_source("db", "sqlite::memory:").models::<(Note,)>().build().await?;
/// let notes = app.repository::<Note>()?;
/// for words in 0..200 {
///     notes.create(Note { id: 0, words, user_id: Some(words % 3) }).await?;
/// }
/// for caller in [Caller::anonymous(), Caller::user("1", [])] {
///     policies_agree::<Note>(&app, &caller).await;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Panics
/// When they don't, with the ids of the rows about which both differ; when the application does not list `M`, or its data
/// source fails.
pub async fn policies_agree<M: Model>(application: &Application, caller: &Caller) {
    let repository = application.erased(M::DEF.name).unwrap();
    let def = repository.def();
    let all = repository.stored_all(Condition::ALL).await.unwrap();
    for action in RowAction::ALL {
        let rows = permitted(def, *action, caller).await.unwrap();
        let ids = |records: Vec<_>| -> BTreeSet<String> {
            let ids = records.iter().map(|record| id_text(&def.id_of(record)));
            ids.collect()
        };
        let seen = all.iter().filter(|record| rows.matches(record));
        let seen = ids(seen.cloned().collect());
        let found = ids(repository.stored_all(rows.clone()).await.unwrap());
        assert_eq!(
            seen, found,
            "the program (left) and the data source (right) differ about the rows of `{}` to {action}",
            def.name
        );
    }
}
