//! The nearest first: LoopBack's `near` (contract *querying.md* §3).

use crate::model::{DistanceUnit, GeoPoint, Record, Value};

/// Which records lie around a point. It finds those that have a point, the nearest first.
///
/// ```
/// use loopwright::model::DistanceUnit;
/// use loopwright::prelude::*;
/// use loopwright::query::Near;
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Shop {
///     #[model(id, generated)]
///     id: i64,
///     location: Option<GeoPoint>,
/// }
///
/// let here = GeoPoint::new(49.2827, -123.1207).unwrap();
/// let near: Near = Shop::LOCATION.near(here).within(5.0).unit(DistanceUnit::Kilometers);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The position of the property that holds the point.
    pub property: usize,
    /// From where distances are measured.
    pub point: GeoPoint,
    /// The least distance, included.
    pub min_distance: Option<f64>,
    /// The greatest distance, included.
    pub max_distance: Option<f64>,
    /// The unit of the distances.
    pub unit: DistanceUnit,
}

impl Near {
    /// Everything that has a point in the property at `property`, the nearest to `point` first.
    pub const fn new(property: usize, point: GeoPoint) -> Self {
        Near {
            property,
            point,
            min_distance: None,
            max_distance: None,
            unit: DistanceUnit::Miles,
        }
    }

    /// Nothing beyond this distance.
    #[must_use]
    pub const fn within(mut self, distance: f64) -> Self {
        self.max_distance = Some(distance);
        self
    }

    /// Nothing nearer than this distance.
    #[must_use]
    pub const fn beyond(mut self, distance: f64) -> Self {
        self.min_distance = Some(distance);
        self
    }

    /// The unit of the distances; miles unless given.
    #[must_use]
    pub const fn unit(mut self, unit: DistanceUnit) -> Self {
        self.unit = unit;
        self
    }

    /// How far `record` is away; nothing when it has no point, or is not within the bounds.
    pub fn distance(&self, record: &Record) -> Option<f64> {
        let Value::GeoPoint(point) = record.value(self.property) else {
            return None;
        };
        let distance = self.point.distance_to(*point, self.unit);
        let within = self.max_distance.is_none_or(|most| distance <= most)
            && self.min_distance.is_none_or(|least| distance >= least);
        within.then_some(distance)
    }
}
