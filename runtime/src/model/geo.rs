//! A place on earth.

use serde::{Deserialize, Serialize};

/// A place on earth (contract *querying.md* §3): latitude −90 to 90, longitude −180 to 180, in degrees.
///
/// ```
/// use loopwright::GeoPoint;
///
/// let point = GeoPoint::new(49.2827, -123.1207).unwrap();
/// assert_eq!(point.to_string(), "49.2827,-123.1207");
/// assert!(GeoPoint::new(91.0, 0.0).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GeoPoint {
    /// Latitude in degrees, −90 to 90.
    pub lat: f64,
    /// Longitude in degrees, −180 to 180.
    pub lng: f64,
}

impl GeoPoint {
    /// A point, if both coordinates are in range.
    ///
    /// # Errors
    /// LoopBack's own text for the first coordinate that is out of range.
    pub fn new(lat: f64, lng: f64) -> Result<Self, &'static str> {
        if lat.is_nan() {
            Err("lat must be a number when creating a GeoPoint")
        } else if lng.is_nan() {
            Err("lng must be a number when creating a GeoPoint")
        } else if lng > 180.0 {
            Err("lng must be <= 180")
        } else if lng < -180.0 {
            Err("lng must be >= -180")
        } else if lat > 90.0 {
            Err("lat must be <= 90")
        } else if lat < -90.0 {
            Err("lat must be >= -90")
        } else {
            Ok(GeoPoint { lat, lng })
        }
    }
}

impl std::fmt::Display for GeoPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{},{}", self.lat, self.lng)
    }
}
