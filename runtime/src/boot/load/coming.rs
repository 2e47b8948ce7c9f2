//! A request's body that must keep coming.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use super::passage::{Passage, Trouble};

/// So much is progress: a byte now and then is not.
const PROGRESS: u64 = 16 * 1024;

/// A body. It fails when the next [`PROGRESS`] takes longer than it may, and takes the request's place when it ends. Only the
/// time counts in which somebody waits for it.
pub(super) struct Coming {
    body: Body,
    limit: Duration,
    /// What is left of the time for the next bytes.
    left: Duration,
    bytes: u64,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    passage: Arc<Passage>,
    entered: bool,
}

impl Coming {
    pub fn new(body: Body, limit: Duration, passage: Arc<Passage>) -> Self {
        Coming {
            body,
            limit,
            left: limit,
            bytes: 0,
            waiting: None,
            passage,
            entered: false,
        }
    }

    fn arrived(&mut self, frame: &Frame<Bytes>) {
        if let Some((since, _)) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
        if self.bytes >= PROGRESS {
            self.bytes = 0;
            self.left = self.limit;
        }
    }

    /// Nothing has come. Is it too late?
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let left = self.left;
        let (_, alarm) = self
            .waiting
            .get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        alarm.as_mut().poll(cx).is_ready()
    }

    /// All of it is there.
    fn enter(&mut self) -> Result<(), Refused> {
        if self.entered {
            return Ok(());
        }
        self.entered = true;
        self.passage.enter().map_err(Refused)
    }
}

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let refused = match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.arrived(&frame);
                // Who knows that it is the last frame does not ask for another one.
                let entered = match self.body.is_end_stream() {
                    true => self.enter(),
                    false => Ok(()),
                };
                match entered {
                    Ok(()) => return Poll::Ready(Some(Ok(frame))),
                    Err(refused) => refused,
                }
            }
            Poll::Ready(None) => match self.enter() {
                Ok(()) => return Poll::Ready(None),
                Err(refused) => refused,
            },
            Poll::Ready(failed) => return Poll::Ready(failed),
            Poll::Pending if self.is_late(cx) => Refused(self.passage.fails(Trouble::Slow)),
            Poll::Pending => return Poll::Pending,
        };
        Poll::Ready(Some(Err(axum::Error::new(refused))))
    }

    fn is_end_stream(&self) -> bool {
        self.entered && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Why the body is read no further.
#[derive(Debug)]
struct Refused(Trouble);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Trouble::Busy => "the server has too many requests",
            Trouble::Slow => "the body comes too slowly",
        })
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use futures_util::{StreamExt as _, stream};
    use tokio::sync::Semaphore;

    use super::*;

    /// So many pieces of so many bytes, each so many seconds after the one before.
    fn coming(pieces: usize, bytes: usize, seconds: u64, places: &Arc<Semaphore>) -> Coming {
        let pieces = stream::iter(0..pieces).then(move |_| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok::<_, std::io::Error>(vec![0; bytes])
        });
        let passage = Arc::new(Passage::new(places.clone()));
        Coming::new(Body::from_stream(pieces), Duration::from_secs(30), passage)
    }

    #[tokio::test(start_paused = true)]
    async fn a_trickle_ends_and_a_long_upload_goes_on() {
        let places = Arc::new(Semaphore::new(1));
        let trickle = coming(100, 1, 1, &places);
        let begun = Instant::now();
        to_bytes(Body::new(trickle), usize::MAX).await.unwrap_err();
        assert_eq!(begun.elapsed().as_secs(), 30);
        let upload = coming(1000, 8 * 1024, 10, &places);
        let bytes = to_bytes(Body::new(upload), usize::MAX).await.unwrap();
        assert_eq!(bytes.len(), 8_192_000);
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_is_waited_for_counts() {
        let places = Arc::new(Semaphore::new(1));
        let mut body = Body::new(coming(3, 1, 20, &places)).into_data_stream();
        body.next().await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_secs(3600)).await;
        // It has come meanwhile, and ten seconds are left for the next.
        body.next().await.unwrap().unwrap_err();
    }

    #[tokio::test]
    async fn a_place_is_taken_by_what_is_there() {
        let places = Arc::new(Semaphore::new(1));
        let first = Coming::new(
            Body::from("all"),
            Duration::from_secs(30),
            Arc::new(Passage::new(places.clone())),
        );
        let passage = first.passage.clone();
        to_bytes(Body::new(first), usize::MAX).await.unwrap();
        assert_eq!(places.available_permits(), 0);
        let second = coming(0, 1, 0, &places);
        to_bytes(Body::new(second), usize::MAX).await.unwrap_err();
        drop(passage);
        assert_eq!(places.available_permits(), 1);
    }
}
