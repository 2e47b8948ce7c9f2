//! Bounds of `gt`, `gte`, `lt`, `lte` and `between` that a whole number can't equal, but lies below or above: 1.5, or 1000
//! for a byte. The whole number next to such a bound finds the same.

use serde_json::Value as Json;

use crate::model::{PropertyType, Value};

/// Which whole number takes the bound's place.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Next {
    /// The greatest below it.
    Below,
    /// The least above it.
    Above,
}

/// The value of the type `ty` next to `bound`, which is none itself; nothing when there is none, or `ty` has no numbers.
pub(super) fn next(ty: PropertyType, bound: &Json, next: Next) -> Option<Value> {
    let (min, max) = match ty {
        PropertyType::Integer { min, max } => (min, max),
        PropertyType::Array(item) => return self::next(*item, bound, next),
        _ => return None,
    };
    let Ok(Value::Float(bound)) = PropertyType::Float.from_json(bound.clone()) else {
        return None;
    };
    let whole = match next {
        Next::Below => bound.floor(),
        Next::Above => bound.ceil(),
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is out of range becomes the end of the range on its side"
    )]
    let number = whole as i64;
    let is_beyond = number > max || (number == i64::MAX && bound > 0.0);
    let is_before = number < min || (number == i64::MIN && bound < 0.0);
    match next {
        Next::Below if is_before => None,
        Next::Above if is_beyond => None,
        _ => Some(Value::Integer(number.clamp(min, max))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_neighbours() {
        const BYTE: PropertyType = PropertyType::Integer { min: 0, max: 255 };
        const LONG: PropertyType = PropertyType::Integer {
            min: i64::MIN,
            max: i64::MAX,
        };
        let whole = |number| Some(Value::Integer(number));
        for (ty, bound, below, above) in [
            (BYTE, json!(1.5), whole(1), whole(2)),
            (BYTE, json!("1.5"), whole(1), whole(2)),
            (BYTE, json!(1000), whole(255), None),
            (BYTE, json!(255.5), whole(255), None),
            (BYTE, json!(-0.5), None, whole(0)),
            (BYTE, json!(-1000), None, whole(0)),
            (LONG, json!(-1.5), whole(-2), whole(-1)),
            (LONG, json!(1e30), whole(i64::MAX), None),
            (
                LONG,
                json!(9_223_372_036_854_775_808_u64),
                whole(i64::MAX),
                None,
            ),
            (LONG, json!(-1e30), None, whole(i64::MIN)),
            (PropertyType::Array(&BYTE), json!(1.5), whole(1), whole(2)),
            (BYTE, json!("x"), None, None),
            (PropertyType::String, json!(1.5), None, None),
        ] {
            assert_eq!(next(ty, &bound, Next::Below), below, "below {bound}");
            assert_eq!(next(ty, &bound, Next::Above), above, "above {bound}");
        }
    }
}
