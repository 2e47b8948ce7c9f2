//! One page of what a query finds, for data sources that leave a part of the query to be decided here.

use crate::model::{ModelDef, Record};
use crate::query::Filter;

/// Takes in what a query finds, and keeps little more of it than is answered.
pub(crate) struct Page<'a> {
    model: &'static ModelDef,
    filter: &'a Filter,
    skip: usize,
    limit: usize,
    /// Do records come in the order of the filter?
    in_order: bool,
    found: Vec<Record>,
}

impl<'a> Page<'a> {
    /// A page of records that come in the order of the filter, or in any order unless `in_order`.
    pub fn new(model: &'static ModelDef, filter: &'a Filter, in_order: bool) -> Self {
        let bound = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Page {
            model,
            filter,
            skip: bound(filter.skip),
            limit: filter.limit.map_or(usize::MAX, bound),
            in_order,
            found: Vec::new(),
        }
    }

    /// Takes in one more record, and says whether the next one is wanted.
    pub fn take_in(&mut self, record: Record) -> bool {
        self.found.push(record);
        let most = self.skip.saturating_add(self.limit);
        if self.in_order {
            return self.found.len() < most;
        }
        // The last ones are dropped from time to time.
        if self.found.len() / 2 > most.max(1_000) {
            self.filter.arrange(self.model, &mut self.found);
            self.found.truncate(most);
        }
        true
    }

    /// The records of the page, with the properties that the filter asks for.
    pub fn records(mut self) -> Vec<Record> {
        if !self.in_order {
            self.filter.arrange(self.model, &mut self.found);
        }
        let page = self.found.into_iter().skip(self.skip).take(self.limit);
        page.map(|mut record| {
            self.filter.select(self.model, &mut record);
            record
        })
        .collect()
    }
}
