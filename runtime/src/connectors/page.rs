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

/// How wide the circles around a point are, in radians: from some hundred metres to some hundred kilometres on earth.
const CIRCLES: [f64; 4] = [1e-4, 1e-3, 1e-2, 1e-1];

/// The query for a page of what is nearest as queries for what is within ever wider circles: an index finds that, and
/// none finds an order by distance. What fills a page is the same in every circle; when none does, the query itself must
/// be asked. There are none when the query has bounds of its own, or no page.
pub(crate) fn circles(filter: &Filter) -> impl Iterator<Item = Filter> {
    let near = filter.near.filter(|near| near.max_distance.is_none());
    let near = near.filter(|_| filter.limit.is_some()).into_iter();
    near.flat_map(move |near| {
        let least = near.min_distance.unwrap_or_default();
        let distances = CIRCLES.map(|angle| angle * near.unit.earth_radius());
        let distances = distances.into_iter().filter(move |most| *most > least);
        distances.map(move |most| Filter {
            near: Some(near.within(most)),
            ..filter.clone()
        })
    })
}

/// Is there no room for another record on the page?
pub(crate) fn is_full(filter: &Filter, records: &[Record]) -> bool {
    let found = u64::try_from(records.len()).unwrap_or(u64::MAX);
    filter.limit.is_some_and(|limit| found >= limit)
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
