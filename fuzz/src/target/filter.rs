use loopwright::prelude::*;
use loopwright::remoting;
use serde_json::Value as Json;

use crate::model::Shop;

/// A filter, as JSON or as a query string: understood, or refused as the caller's mistake, and the same in both forms.
///
/// # Panics
/// It is not.
pub fn filter(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read = match serde_json::from_str::<Json>(&text) {
        Ok(json @ Json::Object(_)) => {
            let read = Filter::from_json(Shop::DEF, json, false);
            let value: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let from_query = remoting::filter(Shop::DEF, &format!("filter={value}"));
            assert_eq!(said(&read), said(&from_query));
            read
        }
        _ => remoting::filter(Shop::DEF, &text),
    };
    match read {
        Ok(filter) => {
            // What is equal to nothing, such as NaN, is no value.
            let same = filter.condition.map_values(&Clone::clone);
            assert_eq!(same, filter.condition);
            let hidden = Shop::DEF.property_index("secret");
            filter
                .condition
                .for_each_comparison(&mut |property, _| assert_ne!(Some(property), hidden));
        }
        Err(error) => {
            assert_eq!(error.status(), 400, "{error}");
            assert!(!error.message().is_empty());
        }
    }
}

fn said(read: &Result<Filter>) -> Result<&Filter, String> {
    read.as_ref().map_err(ToString::to_string)
}
