//! Places and conditions at random: few different values, so that they meet.

use serde_json::{Value as Json, json};

/// The same places and conditions every time.
pub(super) struct Random(u64);

/// A property, or what is within one, and how a value for it is made.
type Choice = (&'static str, fn(&mut Random) -> Json);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        // Knuth's multiplier; the high bits are the random ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one_of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    fn several<T>(&mut self, most: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| one(self)).collect()
    }

    fn scalar(&mut self) -> Json {
        self.one_of(&[
            json!(null),
            json!(0),
            json!(1),
            json!(1.5),
            json!(-2),
            json!(""),
            json!("a"),
            json!("b"),
            json!("B%"),
            json!("1"),
            json!(true),
            json!(false),
        ])
    }

    /// JSON with the members `a` and `b`, as deep as that.
    fn json(&mut self, depth: usize) -> Json {
        match self.below(if depth == 0 { 1 } else { 4 }) {
            0 | 1 => self.scalar(),
            2 => Json::from(self.several(3, |random| random.json(depth - 1))),
            _ => {
                let mut members = serde_json::Map::new();
                for name in ["a", "b", "0"] {
                    if self.below(2) == 0 {
                        members.insert(name.into(), self.json(depth - 1));
                    }
                }
                Json::Object(members)
            }
        }
    }

    fn word(&mut self) -> Json {
        self.one_of(&["", "a", "b", "B%", "ab"]).into()
    }

    fn address(&mut self) -> Json {
        let zip = self.one_of(&[json!(null), json!(1), json!(10)]);
        json!({"city": self.word(), "zip": zip})
    }

    fn price(&mut self) -> Json {
        self.one_of(&["1", "1.50", "9", "10.0", "-2"]).into()
    }

    pub fn place(&mut self) -> Json {
        let mut place = json!({});
        let members: [Choice; 6] = [
            ("name", Self::word),
            ("tags", |random| random.several(3, Self::word).into()),
            ("prices", |random| random.several(2, Self::price).into()),
            ("meta", |random| random.json(3)),
            ("address", Self::address),
            ("branches", |random| random.several(2, Self::address).into()),
        ];
        for (name, value) in members {
            if self.below(4) > 0 {
                place[name] = value(self);
            }
        }
        place
    }

    pub fn condition(&mut self, depth: usize) -> Json {
        if depth < 3 && self.below(3) == 0 {
            let operator = self.one_of(&["and", "or", "nor"]);
            let clauses = self.several(3, |random| random.condition(depth + 1));
            return json!({ operator: clauses });
        }
        let places: [Choice; 16] = [
            ("name", Self::word),
            ("tags", Self::word),
            ("tags.0", Self::word),
            ("prices", Self::price),
            ("prices.1", Self::price),
            ("address", Self::address),
            ("address.city", Self::word),
            ("address.zip", |random| {
                random.one_of(&[json!(1), json!("10")])
            }),
            ("branches", Self::address),
            ("branches.city", Self::word),
            ("branches.0.zip", |random| {
                random.one_of(&[json!(null), json!(1)])
            }),
            ("meta", |random| random.json(2)),
            ("meta.a", |random| random.json(1)),
            ("meta.a.b", Self::scalar),
            ("meta.0", Self::scalar),
            ("meta.b.0.a", Self::scalar),
        ];
        let (name, value) = self.one_of(&places);
        let clause = match self.below(12) {
            0..3 => value(self),
            3 => json!({"neq": value(self)}),
            4 => json!({"inq": self.several(3, value)}),
            5 => json!({"nin": self.several(3, value)}),
            6 => json!({"between": [value(self), value(self)]}),
            7 => {
                let operator = self.one_of(&["like", "nlike", "ilike", "nilike"]);
                json!({ operator: self.one_of(&["a", "%b", "B\\%", "_", "%"]) })
            }
            8 => json!({"neq": null}),
            _ => {
                let operator = self.one_of(&["gt", "gte", "lt", "lte"]);
                json!({ operator: value(self) })
            }
        };
        json!({ name: clause })
    }
}
