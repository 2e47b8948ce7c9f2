//! How many requests one address may send.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use governor::clock::Clock as _;
use governor::{DefaultKeyedRateLimiter, RateLimiter};

use super::RateLimitConfig;
use crate::remoting::Quota;
use crate::{Error, Result};

/// After how many calls those addresses are forgotten that may call as often as any other.
const TIDY_AFTER: u32 = 10_000;

/// Everything that comes later, for who does not ask too often.
///
/// # Errors
/// Nobody could ask at all.
pub(super) fn around(config: &RateLimitConfig) -> Result<impl Fn(Router) -> Router + use<>> {
    let limit = Arc::new(Limit::new(config)?);
    let behind_proxy = config.behind_proxy;
    Ok(move |rest: Router| {
        let limit = limit.clone();
        let ask = move |mut request: Request, next: Next| {
            let (limit, address) = (limit.clone(), address_of(&request, behind_proxy));
            let quota = Quota::new(move || limit.take(address));
            async move {
                if let Err(refusal) = quota.take() {
                    return refusal.into_response();
                }
                // For the calls that the request holds beside the first, or that come over a connection that it opens.
                request.extensions_mut().insert(quota);
                next.run(request).await
            }
        };
        rest.layer(from_fn(ask))
    })
}

/// How often each address has called.
struct Limit {
    /// Those of whom nothing is known are one.
    addresses: DefaultKeyedRateLimiter<Option<IpAddr>>,
    asked: AtomicU32,
}

impl Limit {
    fn new(config: &RateLimitConfig) -> Result<Self> {
        let period = Duration::from_secs(1).checked_div(config.per_second);
        let burst = NonZeroU32::new(config.burst.unwrap_or(config.per_second));
        let quota = period.and_then(governor::Quota::with_period).zip(burst);
        let (quota, burst) = quota.ok_or_else(|| {
            Error::internal(
                "middleware.rate_limit: `per_second` and `burst` are whole numbers from 1 on; leave the section out for no limit",
            )
        })?;
        Ok(Limit {
            addresses: RateLimiter::keyed(quota.allow_burst(burst)),
            asked: AtomicU32::new(0),
        })
    }

    /// Counts one call more.
    ///
    /// # Errors
    /// 429 for who calls too often.
    fn take(&self, address: Option<IpAddr>) -> Result<()> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY_AFTER == TIDY_AFTER - 1 {
            self.addresses.retain_recent();
        }
        self.addresses.check_key(&address).map_err(|refused| {
            let wait = refused.wait_time_from(self.addresses.clock().now());
            let seconds = wait.as_secs().max(1);
            let message = format!("Too many requests; try again in {seconds} seconds");
            Error::new(429, message)
                .with_code("TOO_MANY_REQUESTS")
                .with_property("retryAfter", seconds)
        })
    }
}

/// Who asks.
fn address_of(request: &Request, behind_proxy: bool) -> Option<IpAddr> {
    let forwarded = || {
        let said = request.headers().get_all("x-forwarded-for");
        // What stands before the last word was said by who sent it.
        let last = said.iter().next_back()?;
        address(last.to_str().ok()?.rsplit(',').next()?.trim())
    };
    let connected = || {
        let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
        connection.map(|ConnectInfo(address)| address.ip())
    };
    let address = match behind_proxy {
        true => forwarded().or_else(connected),
        false => connected(),
    };
    address.map(network)
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
            let known = address_of(&request, behind_proxy);
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
