//! Places on earth, and how far they are from each other.

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
    #[serde(serialize_with = "super::value::serialize_number")]
    pub lat: f64,
    /// Longitude in degrees, −180 to 180.
    #[serde(serialize_with = "super::value::serialize_number")]
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

    /// How far it is to `other` on the surface of the earth, taken for a ball.
    ///
    /// ```
    /// use loopwright::GeoPoint;
    /// use loopwright::model::DistanceUnit;
    ///
    /// let bern = GeoPoint::new(46.948, 7.4474).unwrap();
    /// let zurich = GeoPoint::new(47.3769, 8.5417).unwrap();
    /// assert_eq!(bern.distance_to(zurich, DistanceUnit::Kilometers).round(), 95.0);
    /// ```
    pub fn distance_to(self, other: GeoPoint, unit: DistanceUnit) -> f64 {
        let haversine = |angle: f64| (angle / 2.0).sin().powi(2);
        let [lat, lng, other_lat, other_lng] =
            [self.lat, self.lng, other.lat, other.lng].map(|degrees| degrees * RADIANS_PER_DEGREE);
        let half_chord =
            haversine(other_lat - lat) + other_lat.cos() * lat.cos() * haversine(other_lng - lng);
        // Rounding may take the other side of the earth a little too far.
        2.0 * half_chord.sqrt().min(1.0).asin() * unit.earth_radius()
    }
}

/// LoopBack's constant: with more digits, distances would be others than its own.
const RADIANS_PER_DEGREE: f64 = 0.017_453_292_52;

/// In what distances are measured. The names are LoopBack's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DistanceUnit {
    /// Miles, unless something else is said.
    #[default]
    Miles,
    /// Kilometres.
    Kilometers,
    /// Metres.
    Meters,
    /// Feet.
    Feet,
    /// The angle at the centre of the earth, in radians.
    Radians,
    /// The angle at the centre of the earth, in degrees.
    Degrees,
}

impl DistanceUnit {
    /// Every unit.
    pub const ALL: [DistanceUnit; 6] = [
        DistanceUnit::Miles,
        DistanceUnit::Kilometers,
        DistanceUnit::Meters,
        DistanceUnit::Feet,
        DistanceUnit::Radians,
        DistanceUnit::Degrees,
    ];

    /// The unit's name in a filter: `miles`, `kilometers`, …
    pub const fn name(self) -> &'static str {
        match self {
            DistanceUnit::Miles => "miles",
            DistanceUnit::Kilometers => "kilometers",
            DistanceUnit::Meters => "meters",
            DistanceUnit::Feet => "feet",
            DistanceUnit::Radians => "radians",
            DistanceUnit::Degrees => "degrees",
        }
    }

    /// The radius of the earth in this unit, as LoopBack has it (contract *querying.md* §3).
    pub const fn earth_radius(self) -> f64 {
        match self {
            DistanceUnit::Miles => 3958.75,
            DistanceUnit::Kilometers => 6_370.990_56,
            DistanceUnit::Meters => 6_370_990.56,
            DistanceUnit::Feet => 20_902_200.0,
            DistanceUnit::Radians => 1.0,
            DistanceUnit::Degrees => 57.295_779_513_08,
        }
    }
}

impl std::fmt::Display for GeoPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{},{}", self.lat, self.lng)
    }
}
