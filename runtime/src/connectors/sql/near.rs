//! A box around what is near: the database leaves out what can't be, and distances are measured row by row.
//!
//! The point is stored as JSON. An index over its coordinates finds what is in the box, where the database has indexes
//! over expressions; MariaDB has none, and MySQL's would be of other words: they read every row that the other conditions
//! find, and answer those in the box.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, ExprTrait};

use super::condition::always;
use super::json::JsonExpr;
use crate::model::PropertyType;
use crate::query::{Near, Step};

/// In degrees, some decimetres: rounding must leave nothing out.
const MARGIN: f64 = 1e-6;

const COORDINATES: [&str; 2] = ["lat", "lng"];

/// What an index over the points in `column`, a quoted name, is made of; nothing where the database has no such index.
pub(super) fn indexed(backend: DbBackend, column: &str) -> Option<String> {
    let expressions = COORDINATES.map(|name| Some(words(backend, name)?.replace('?', column)));
    let [lat, lng] = expressions;
    Some(format!("({}), ({})", lat?, lng?))
}

/// The words for a coordinate of the point `?`, which an index has too: it serves conditions in the very same words,
/// without parameters.
fn words(backend: DbBackend, name: &str) -> Option<&'static str> {
    match (backend, name) {
        (DbBackend::Postgres, "lat") => Some(
            "CASE WHEN jsonb_typeof(? -> 'lat') = 'number' THEN (? ->> 'lat')::double precision END",
        ),
        (DbBackend::Postgres, _) => Some(
            "CASE WHEN jsonb_typeof(? -> 'lng') = 'number' THEN (? ->> 'lng')::double precision END",
        ),
        (DbBackend::Sqlite, "lat") => Some("? ->> '$.lat'"),
        (DbBackend::Sqlite, _) => Some("? ->> '$.lng'"),
        _ => None,
    }
}

/// Holds for every point within the greatest distance, and for some beyond.
pub(super) fn around(point: &JsonExpr, near: &Near) -> Expr {
    let coordinate = |name: &str| match words(point.backend(), name) {
        Some(words) => Some(point.words(words)),
        None => point.at(&Step::from(name))?.scalar(PropertyType::Float),
    };
    match COORDINATES.map(coordinate) {
        [Some(lat), Some(lng)] => within(lat, lng, near),
        _ => always(),
    }
}

fn within(lat: Expr, lng: Expr, near: &Near) -> Expr {
    let there = lat.clone().is_not_null();
    let Some(distance) = near.max_distance else {
        return there;
    };
    let angle = (distance / near.unit.earth_radius()).to_degrees() + MARGIN;
    let (south, north) = (near.point.lat - angle, near.point.lat + angle);
    if angle >= 180.0 || angle.is_nan() {
        return there;
    }
    let band = between(lat, south, north);
    if south <= -90.0 || north >= 90.0 {
        // Around a pole is every longitude.
        return band;
    }
    // The meridians that touch the circle, not those through its east and west.
    let width = angle.to_radians().sin() / near.point.lat.to_radians().cos();
    let width = width.min(1.0).asin().to_degrees() + MARGIN;
    let (west, east) = (near.point.lng - width, near.point.lng + width);
    let across = |west: f64, east: f64| lng.clone().gte(west).or(lng.clone().lte(east));
    band.and(if west < -180.0 {
        across(west + 360.0, east)
    } else if east > 180.0 {
        across(west, east - 360.0)
    } else {
        between(lng.clone(), west, east)
    })
}

fn between(coordinate: Expr, least: f64, most: f64) -> Expr {
    coordinate.clone().gte(least).and(coordinate.lte(most))
}
