//! Lists: whole, in pages that begin at a cursor, and with the number of all that there are.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::argument::Arguments;
use super::invoke::Outcome;
use super::query_string;
use crate::model::ModelDef;
use crate::query::{Cursor, Fields, Filter, Page, Window};
use crate::repository::{ErasedRepository, Narrowed};
use crate::{Error, Result};

/// How many instances there are, whatever the limit: answered to `count=true`.
pub(crate) const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// How many instances a list has: what the application says where the caller does not, and the most that it may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub default: Option<u64>,
    pub max: Option<u64>,
}

/// What the query finds, as the query string asks for it.
pub(super) async fn list(
    repository: &ErasedRepository,
    mut narrowed: Narrowed,
    arguments: &Arguments,
    limits: Limits,
) -> Result<Outcome> {
    let def = repository.def();
    let filter = &mut narrowed.filter;
    let window = window(def, filter, arguments)?;
    let counts = arguments.flag("count")?;
    let Limits { default, max } = limits;
    filter.limit = filter.limit.or(default);
    // The limit that must not be reached, if it is not the caller's own.
    let most = max.filter(|max| filter.limit.is_none_or(|limit| limit > *max));
    let mut headers = HeaderMap::new();
    let records = match window {
        None => {
            filter.limit = most.map(|most| most.saturating_add(1)).or(filter.limit);
            let records = narrowed.find(repository).await?;
            match most {
                Some(most) if records.len() as u64 > most => return Err(too_many(most)),
                _ => records,
            }
        }
        Some(window) => {
            // A page says where the next one begins.
            filter.limit = most.or(filter.limit);
            let page = repository.find_page(filter, window).await?;
            headers.extend(link(&page, arguments).map(|link| (header::LINK, link)));
            page.items
        }
    };
    if counts {
        let count = total(repository, narrowed.filter, max).await?;
        headers.insert(TOTAL_COUNT, count.into());
    }
    Ok(Outcome::List(def, records, headers))
}

fn too_many(most: u64) -> Error {
    let message = format!(
        "There are more than {most} instances; send a limit of at most {most}, narrow the where, or ask for pages by \
         \"after=\""
    );
    Error::new(400, message).with_code("TOO_MANY_INSTANCES")
}

/// `after` or `before`; `after=` alone is the first page, `before=` the last.
fn window(def: &ModelDef, filter: &Filter, arguments: &Arguments) -> Result<Option<Window>> {
    let cursor = |text: &str| match text {
        "" => Ok(None),
        text => Cursor::parse(def, filter, text).map(Some),
    };
    match (arguments.text("after")?, arguments.text("before")?) {
        (None, None) => Ok(None),
        (Some(after), None) => Ok(Some(Window::After(cursor(after)?))),
        (None, Some(before)) => Ok(Some(Window::Before(cursor(before)?))),
        (Some(_), Some(_)) => Err(Error::new(
            400,
            "A page is after a cursor or before one; send \"after\" or \"before\", not both",
        )
        .with_code("INVALID_CURSOR")),
    }
}

/// How many instances there are. What is near to a point no data source counts without finding it.
async fn total(repository: &ErasedRepository, filter: Filter, max: Option<u64>) -> Result<u64> {
    if filter.near.is_none() {
        return repository.count(&filter.condition).await;
    }
    let ids = repository.def().ids().collect();
    let near = Filter {
        limit: max.map(|max| max.saturating_add(1)),
        skip: 0,
        fields: Fields::Only(ids),
        include: Vec::new(),
        ..filter
    };
    let count = repository.find(&near).await?.len() as u64;
    match max {
        Some(max) if count > max => Err(too_many(max)),
        _ => Ok(count),
    }
}

/// The pages before and after, where the caller finds them by the query string that it has sent (RFC 8288). The path is
/// left out: what stands before the application may have changed it.
fn link<T>(page: &Page<T>, arguments: &Arguments) -> Option<HeaderValue> {
    let to = |cursor: &Option<Cursor>, name: &str, relation: &str| {
        let cursor = cursor.as_ref()?.to_text();
        let mut query = form_urlencoded::Serializer::new(String::from("?"));
        let sent = form_urlencoded::parse(arguments.uri.query().unwrap_or_default().as_bytes());
        let is_page = |key: &str| matches!(query_string::name(key), "after" | "before");
        query.extend_pairs(sent.filter(|(key, _)| !is_page(key)));
        query.append_pair(name, &cursor);
        Some(format!("<{}>; rel=\"{relation}\"", query.finish()))
    };
    let links = [
        to(&page.previous, "before", "prev"),
        to(&page.next, "after", "next"),
    ];
    let links: Vec<_> = links.into_iter().flatten().collect();
    (!links.is_empty()).then(|| HeaderValue::from_str(&links.join(", ")).ok())?
}
