//! What SQL can't decide is decided here.
//!
//! The statement finds every row that can be meant, and each row is looked at as it arrives: no more of them is kept than
//! is answered, and reading ends as soon as a page is full.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, StreamTrait, TransactionTrait};

use super::condition::{Where, column_of, expression, find};
use super::error::explain;
use super::near::around;
use super::session::Session;
use crate::Result;
use crate::connectors::Operations;
use crate::connectors::page::Page;
use crate::model::{ModelDef, Record, Value};
use crate::query::{Comparison, Condition, Filter};

/// How many ids one statement names.
const CHUNK: usize = 10_000;

impl<C: ConnectionTrait + StreamTrait + TransactionTrait> Session<C> {
    /// The records that `filter` finds, with the properties at `columns` and perhaps more.
    pub(super) async fn sift(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
        columns: &[usize],
    ) -> Result<Vec<Record>> {
        let mut page = Page::new(model, filter, filter.near.is_none());
        let mut columns = columns.to_vec();
        columns.extend(filter.near.map(|near| near.property));
        self.each(model, filter, columns, false, |record| page.take_in(record))
            .await?;
        Ok(page.records())
    }

    /// How many records `condition` finds.
    pub(super) async fn sift_count(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
    ) -> Result<u64> {
        let mut count = 0;
        let filter = Filter::matching(condition.clone());
        self.each(model, &filter, Vec::new(), false, |_| {
            count += 1;
            true
        })
        .await?;
        Ok(count)
    }

    /// Shows every record that the condition of `filter` finds, in its order, until `go_on` says no.
    async fn each(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
        mut columns: Vec<usize>,
        for_update: bool,
        mut go_on: impl FnMut(Record) -> bool + Send,
    ) -> Result<()> {
        columns.push(model.id_index());
        filter
            .condition
            .for_each_comparison(&mut |property, _| columns.push(property));
        columns.sort_unstable();
        columns.dedup();
        let Where { mut expr, .. } = expression(self.backend, model, &filter.condition)?;
        if let Some(near) = &filter.near {
            let property = find(model, near.property)?;
            let point = column_of(self.backend, model, property);
            expr = around(&point, near).and(expr);
        }
        let mut select = self.select(model, filter, &columns, Some(expr))?;
        // The page is that of the rows that stay.
        select.reset_limit().reset_offset();
        if filter.near.is_some() {
            // They are put into order as they arrive, and an index finds them in an order of its own.
            select.clear_order_by();
        }
        if for_update && self.backend != DbBackend::Sqlite {
            select.lock_exclusive();
        }
        let statement = self.statement(&select)?;
        let shown = self.each_row(statement, |row| {
            let record = super::session::record(&row, model, &columns)?;
            Ok(!filter.condition.matches(&record) || go_on(record))
        });
        shown.await.map_err(|failure| explain(failure, model, None))
    }
}

impl<C: ConnectionTrait + StreamTrait + TransactionTrait<Transaction = DatabaseTransaction>>
    Session<C>
{
    /// Does `change` with conditions that name the ids of the records that `condition` finds, and which nobody else can
    /// change meanwhile.
    pub(super) async fn change_sifted(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        change: Change<'_>,
    ) -> Result<u64> {
        let session = self.open(None).await?;
        let id = model.id_index();
        let mut ids: Vec<Value> = Vec::new();
        let filter = Filter::matching(condition.clone());
        session
            .each(model, &filter, Vec::new(), true, |record| {
                ids.push(record.value(id).clone());
                true
            })
            .await?;
        let mut count = 0;
        for ids in ids.chunks(CHUNK) {
            let these = Condition::compare(id, Comparison::In(ids.to_vec()));
            count += match change {
                Change::Update(changes) => session.update(model, &these, changes).await?,
                Change::Delete => session.delete(model, &these).await?,
            };
        }
        // Dropped on the way here, the transaction has been rolled back.
        session.end().await?;
        Ok(count)
    }
}

/// What is to be done with the records that are found.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    Update(&'a Record),
    Delete,
}
