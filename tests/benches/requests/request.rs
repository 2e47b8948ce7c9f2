//! What is asked: of loopwright in its own words, and of the others as they have it.

use serde_json::{Value as Json, json};

pub const CATEGORIES: i64 = 500;
pub const PRODUCTS: i64 = 5000;
/// The token of an editor.
pub const TOKEN: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZab";

/// One kind of request.
pub struct Kind {
    pub name: &'static str,
    pub method: &'static str,
    pub guarded: bool,
    /// How many of it one round has.
    pub requests: usize,
    loopwright: fn(i64) -> String,
    by_hand: fn(i64) -> String,
    body: Option<fn(i64) -> Json>,
}

/// A request as it is sent.
pub struct Request {
    pub path: String,
    pub body: Option<String>,
}

impl Kind {
    const fn get(
        name: &'static str,
        requests: usize,
        loopwright: fn(i64) -> String,
        by_hand: fn(i64) -> String,
    ) -> Self {
        Kind {
            name,
            method: "GET",
            guarded: false,
            requests,
            loopwright,
            by_hand,
            body: None,
        }
    }

    /// The request of this number.
    pub fn request(&self, of_loopwright: bool, number: usize) -> Request {
        let number = i64::try_from(number).unwrap_or_default();
        // Not in the order in which the rows lie.
        let number = number * 7919 % PRODUCTS;
        let path = if of_loopwright {
            (self.loopwright)(number)
        } else {
            (self.by_hand)(number)
        };
        Request {
            path,
            body: self.body.map(|body| body(number).to_string()),
        }
    }
}

pub const KINDS: [Kind; 8] = [
    Kind::get(
        "get by id",
        4000,
        |n| format!("/api/Products/{}", n + 1),
        |n| format!("/products/{}", n + 1),
    ),
    Kind::get(
        "list of 100",
        600,
        |n| filter("Products", &json!({"limit": 100, "skip": n / 2})),
        |n| format!("/products?limit=100&skip={}", n / 2),
    ),
    Kind::get(
        "find: 20 of a condition, ordered",
        1200,
        |n| {
            let condition = json!({"price": {"gt": n % 50}, "active": true});
            let page = json!({"where": condition, "order": "amount DESC", "limit": 20, "skip": 20});
            filter("Products", &page)
        },
        |n| {
            format!(
                "/products/find?above={}&active=true&limit=20&skip=20",
                n % 50
            )
        },
    ),
    Kind::get(
        "include: 20 parents, 200 children",
        300,
        |n| {
            let page = json!({"limit": 20, "skip": n % 400, "include": "products"});
            filter("Categories", &page)
        },
        |n| format!("/categories?limit=20&skip={}", n % 400),
    ),
    Kind {
        name: "create",
        method: "POST",
        guarded: false,
        requests: 2000,
        loopwright: |_| "/api/Products".to_owned(),
        by_hand: |_| "/products".to_owned(),
        body: Some(|n| {
            json!({
                "name": format!("New, number {n}"),
                "description": "Made while others look on.",
                "price": 12.5,
                "amount": n % 10,
                "active": true,
                "created": "2026-11-30T10:11:12.345Z",
                // None of those that are included.
                "categoryId": CATEGORIES + 1,
            })
        }),
    },
    Kind {
        name: "patch",
        method: "PATCH",
        guarded: false,
        requests: 2000,
        loopwright: |n| format!("/api/Products/{}", n + 1),
        by_hand: |n| format!("/products/{}", n + 1),
        body: Some(|n| json!({"amount": n % 7, "active": n % 5 > 0})),
    },
    Kind::get(
        "count",
        3000,
        |n| {
            let condition = json!({"categoryId": n % CATEGORIES + 1});
            format!("/api/Products/count?where={}", encoded(&condition))
        },
        |n| format!("/products/count?category={}", n % CATEGORIES + 1),
    ),
    Kind {
        guarded: true,
        ..Kind::get(
            "get by id, with token and role",
            3000,
            |n| format!("/api/Notes/{}", n + 1),
            |n| format!("/notes/{}", n + 1),
        )
    },
];

fn filter(path: &str, filter: &Json) -> String {
    format!("/api/{path}?filter={}", encoded(filter))
}

/// As JavaScript's `encodeURIComponent` has it.
fn encoded(json: &Json) -> String {
    let json = json.to_string();
    form_urlencoded::byte_serialize(json.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}
