//! Filters over records in memory: what a data source does by itself, for those that can't, and for lists that come from
//! nowhere.

use std::borrow::Borrow;
use std::cmp::Ordering;

use super::rank::Rank;
use super::subject::Subject;
use super::{Comparison, Condition, Direction, Fields, Filter, pattern};
use crate::model::{ModelDef, Record, Value};

impl Condition {
    /// Does `record` fulfil the condition?
    ///
    /// ```
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Model)]
    /// #[acl(open)]
    /// struct Shop {
    ///     #[model(id)]
    ///     id: i64,
    ///     city: Option<String>,
    /// }
    ///
    /// let record = Shop { id: 1, city: None }.into_record();
    /// assert!(Shop::CITY.ne("Vancouver").matches(&record));
    /// assert!(!Shop::CITY.like("V%").matches(&record));
    /// ```
    pub fn matches(&self, record: &Record) -> bool {
        match self {
            Condition::And(list) => list.iter().all(|condition| condition.matches(record)),
            Condition::Or(list) => list.iter().any(|condition| condition.matches(record)),
            Condition::Not(condition) => !condition.matches(record),
            Condition::Compare {
                property,
                comparison,
            } => comparison.holds(record.value(*property)),
            Condition::Member {
                property,
                path,
                comparison,
            } => {
                let json = Subject::of(record.value(*property)).into_json();
                comparison.holds_for_one(path.values(&json).into_iter().map(Subject::from))
            }
        }
    }
}

impl Comparison {
    /// Does the comparison hold for `value`?
    pub fn holds(&self, value: &Value) -> bool {
        self.holds_for(&Subject::of(value))
    }

    /// The rule for lists that [`Condition`] promises.
    fn holds_for(&self, subject: &Subject<'_>) -> bool {
        let whole = self.compares(subject);
        match subject.items() {
            None => whole,
            Some(items) if self.is_negative() => whole && self.holds_for_one(items),
            Some(mut items) => whole || items.any(|item| self.compares(&item)),
        }
    }

    /// Does it hold for one of several, or for their absence?
    fn holds_for_one<'a>(&self, subjects: impl Iterator<Item = Subject<'a>>) -> bool {
        let mut subjects = subjects.peekable();
        match subjects.peek() {
            None => self.is_negative(),
            Some(_) => subjects.any(|subject| self.holds_for(&subject)),
        }
    }

    fn compares(&self, subject: &Subject<'_>) -> bool {
        let order = |operand: &Value| subject.order(operand);
        match self {
            Comparison::Equal(operand) => subject.equals(operand),
            Comparison::NotEqual(operand) => !subject.equals(operand),
            Comparison::Greater(operand) => order(operand).is_some_and(Ordering::is_gt),
            Comparison::GreaterOrEqual(operand) => order(operand).is_some_and(Ordering::is_ge),
            Comparison::Less(operand) => order(operand).is_some_and(Ordering::is_lt),
            Comparison::LessOrEqual(operand) => order(operand).is_some_and(Ordering::is_le),
            Comparison::Between(low, high) => {
                order(low).is_some_and(Ordering::is_ge) && order(high).is_some_and(Ordering::is_le)
            }
            Comparison::In(operands) => operands.iter().any(|operand| subject.equals(operand)),
            Comparison::NotIn(operands) => !operands.iter().any(|operand| subject.equals(operand)),
            Comparison::Like {
                pattern,
                ignore_case,
                negated,
            } => {
                let text = subject.text();
                let fits = text.is_some_and(|text| pattern::fits(pattern, &text, *ignore_case));
                fits != *negated
            }
            Comparison::Regexp(regexp) => subject.text().is_some_and(|text| regexp.fits(&text)),
        }
    }
}

impl Filter {
    /// What the filter finds among `records` of `model`: condition, nearness, order, skip, limit and fields. Includes are
    /// not looked at.
    pub fn apply(
        &self,
        model: &ModelDef,
        records: impl IntoIterator<Item = Record>,
    ) -> Vec<Record> {
        let mut found: Vec<Record> = records
            .into_iter()
            .filter(|record| self.condition.matches(record))
            .collect();
        self.arrange(model, &mut found);
        let skip = usize::try_from(self.skip).unwrap_or(usize::MAX);
        let limit = self.limit.map_or(usize::MAX, |limit| {
            usize::try_from(limit).unwrap_or(usize::MAX)
        });
        let mut found: Vec<Record> = found.into_iter().skip(skip).take(limit).collect();
        found
            .iter_mut()
            .for_each(|record| self.select(model, record));
        found
    }

    /// Leaves only the properties that the filter asks for.
    pub(crate) fn select(&self, model: &ModelDef, record: &mut Record) {
        if matches!(self.fields, Fields::All) {
            return;
        }
        for index in (0..model.properties.len()).filter(|index| !self.fields.contains(*index)) {
            record.remove(index);
        }
    }

    /// Brings what the condition has found into order, and drops what is not near.
    pub(crate) fn arrange<R: Borrow<Record>>(&self, model: &ModelDef, found: &mut Vec<R>) {
        let Some(near) = &self.near else {
            found.sort_by(|left, right| self.compare(model, left.borrow(), right.borrow()));
            return;
        };
        let mut measured: Vec<(f64, R)> = std::mem::take(found)
            .into_iter()
            .filter_map(|record| Some((near.distance(record.borrow())?, record)))
            .collect();
        measured.sort_by(|(near, left), (far, right)| {
            near.total_cmp(far)
                .then_with(|| by_id(model, left.borrow(), right.borrow()))
        });
        found.extend(measured.into_iter().map(|(_, record)| record));
    }

    /// Which of two records comes first. Records that are equal by the order come by id.
    fn compare(&self, model: &ModelDef, left: &Record, right: &Record) -> Ordering {
        for key in &self.order {
            let (one, other) = (left.value(key.property), right.value(key.property));
            let property = model.properties.get(key.property);
            let within = property.and_then(|property| key.within(property));
            let ordering = match (&within, property) {
                (Some(path), Some(property)) => {
                    let ty = path.leads_to(property.ty);
                    let [one, other] = [one, other].map(|value| Subject::of(value).into_json());
                    Rank::of(ty, path.value(&one)).cmp(&Rank::of(ty, path.value(&other)))
                }
                _ => ascending(one, other),
            };
            let ordering = match key.direction {
                Direction::Ascending => ordering,
                Direction::Descending => ordering.reverse(),
            };
            if ordering.is_ne() {
                return ordering;
            }
        }
        by_id(model, left, right)
    }
}

fn by_id(model: &ModelDef, left: &Record, right: &Record) -> Ordering {
    let keys = model.ids();
    keys.map(|id| ascending(left.value(id), right.value(id)))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Null comes first; what can't be compared counts as equal.
fn ascending(left: &Value, right: &Value) -> Ordering {
    match (left.is_null(), right.is_null()) {
        (false, false) => left.partial_cmp(right).unwrap_or(Ordering::Equal),
        (left, right) => right.cmp(&left),
    }
}

#[cfg(test)]
mod tests {
    use super::pattern::fits;

    #[test]
    fn patterns_fit_whole_texts() {
        for (pattern, text) in [
            ("", ""),
            ("%", ""),
            ("%", "anything"),
            ("Bel%", "Belgium"),
            ("%g%u%", "Belgium"),
            ("_elgiu_", "Belgium"),
            ("100\\%", "100%"),
            ("%aab", "aaaaab"),
            ("a\\", "a\\"),
            ("äb", "äb"),
        ] {
            assert!(fits(pattern, text, false), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("el", "Belgium"),
            ("bel%", "Belgium"),
            ("_", ""),
            ("100\\%", "1000"),
            ("%x", "Belgium"),
        ] {
            assert!(!fits(pattern, text, false), "{pattern} {text}");
        }
        assert!(fits("BEL%", "belgium", true) && fits("ÄB", "äb", true));
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let pattern = "%a".repeat(200);
        assert!(!fits(&format!("{pattern}b"), &"a".repeat(2_000), false));
    }
}
