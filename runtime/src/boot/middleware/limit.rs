//! How many requests one address may send.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

use super::RateLimitConfig;
use crate::{Error, Result};

/// After how many requests those addresses are forgotten that may send as many as any other.
const TIDY_AFTER: u32 = 10_000;

/// Everything that comes later, for who does not ask too often.
///
/// # Errors
/// Nobody could ask at all.
pub(super) fn around(config: &RateLimitConfig) -> Result<impl Fn(Router) -> Router + use<>> {
    let burst = config.burst.unwrap_or(config.per_second);
    let nobody = || {
        Error::internal(
            "middleware.rate_limit: `per_second` and `burst` are whole numbers from 1 on; leave the section out for no limit",
        )
    };
    let period = Duration::from_secs(1)
        .checked_div(config.per_second)
        .ok_or_else(nobody)?;
    let limits = GovernorConfigBuilder::default()
        .key_extractor(Address {
            behind_proxy: config.behind_proxy,
        })
        .period(period)
        .burst_size(burst)
        .finish()
        .ok_or_else(nobody)?;
    let limits = Arc::new(limits);
    Ok(move |rest: Router| {
        let limiter = limits.limiter().clone();
        let asked = Arc::new(AtomicU32::new(0));
        let tidy = from_fn(move |request: Request, next: Next| {
            if asked.fetch_add(1, Ordering::Relaxed) % TIDY_AFTER == TIDY_AFTER - 1 {
                limiter.retain_recent();
            }
            next.run(request)
        });
        rest.layer(GovernorLayer::new(limits.clone()).error_handler(refusal))
            .layer(tidy)
    })
}

fn refusal(error: GovernorError) -> Response {
    let error = match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            let seconds = wait_time.max(1);
            let message = format!("Too many requests; try again in {seconds} seconds");
            Error::new(429, message)
                .with_code("TOO_MANY_REQUESTS")
                .with_property("retryAfter", seconds)
        }
        // The key is always found.
        other => {
            Error::internal("the rate limit does not know who asks").with_source(other.to_string())
        }
    };
    error.into_response()
}

/// Who asks.
#[derive(Debug, Clone)]
struct Address {
    behind_proxy: bool,
}

impl KeyExtractor for Address {
    /// Those of whom nothing is known are one.
    type Key = Option<IpAddr>;

    fn extract<T>(&self, request: &axum::http::Request<T>) -> Result<Self::Key, GovernorError> {
        let forwarded = || {
            // What stands before the last word was said by who sent it.
            let last = request
                .headers()
                .get_all("x-forwarded-for")
                .iter()
                .next_back()?;
            address(last.to_str().ok()?.rsplit(',').next()?.trim())
        };
        let connected = || {
            let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
            connection.map(|ConnectInfo(address)| address.ip())
        };
        let address = match self.behind_proxy {
            true => forwarded().or_else(connected),
            false => connected(),
        };
        Ok(address.map(network))
    }
}

/// The address, which may have a port or stand in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().ok();
    bare.parse().ok().or_else(|| Some(with_port()?.ip()))
}

/// Whoever has one address of the sixth version has as many as the rest of a /64 holds.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        }
        canonical => canonical,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn who_asks_is_who_is_connected_unless_a_proxy_says_it() {
        let mut request = axum::http::Request::new(Body::empty());
        request
            .headers_mut()
            .insert("x-forwarded-for", "9.9.9.9, 10.0.0.7".parse().unwrap());
        let connection = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 80)));
        request.extensions_mut().insert(connection);
        for (behind_proxy, expected) in [(false, "127.0.0.1"), (true, "10.0.0.7")] {
            let known = Address { behind_proxy }.extract(&request).unwrap();
            assert_eq!(known, Some(expected.parse().unwrap()));
        }
    }

    #[test]
    fn addresses_may_have_a_port() {
        for (text, expected) in [
            ("1.2.3.4", Some("1.2.3.4")),
            ("1.2.3.4:5678", Some("1.2.3.4")),
            ("[::1]:80", Some("::1")),
            ("[::1]", Some("::1")),
            ("unknown", None),
        ] {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(address(text), expected, "{text}");
        }
    }

    #[test]
    fn a_network_of_the_sixth_version_is_one() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:1.2.3.4"), network("1.2.3.4"));
    }
}
