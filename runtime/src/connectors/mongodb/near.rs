//! Around a point.

use mongodb::bson::{Document, doc};

use super::value::key;
use crate::model::{DistanceUnit, PropertyDef};
use crate::query::Near;

/// The greatest distance, in radians, for which the server is asked: about a quarter of the way round the earth.
const FARTHEST: f64 = 1.5;

/// What the server may count as nearer than it is, in radians: less than a metre.
const SLACK: f64 = 1e-7;

/// Documents with a point, and none that is farther away than `near` says: a `2dsphere` index finds them. How far each
/// is, [`Near::distance`] measures.
pub(super) fn around(property: &PropertyDef, near: &Near) -> Document {
    let key = key(property);
    let (ty, lat) = (format!("{key}.type"), format!("{key}.lat"));
    let distance = near
        .max_distance
        .map(|most| most / near.unit.earth_radius());
    match distance {
        Some(distance) if distance <= FARTHEST => {
            let distance = distance.max(0.0) + SLACK;
            let degrees = distance * DistanceUnit::Degrees.earth_radius();
            let centre = [near.point.lng, near.point.lat];
            let sphere = doc! { "$geoWithin": { "$centerSphere": [centre.as_slice(), distance] } };
            let latitudes = doc! {
                "$gte": near.point.lat - degrees,
                "$lte": near.point.lat + degrees,
            };
            // LoopBack's points have an index by their latitude.
            doc! { "$or": [{ ty: "Point", key: sphere }, { lat: latitudes }] }
        }
        _ => doc! { "$or": [{ ty: "Point" }, { lat: { "$exists": true } }] },
    }
}
