//! What is found out about a call on its way: which method it is, who calls, how long data sources take.
//!
//! What stands around all requests begins a trail where somebody wants to know (metrics, traces, the access log), and
//! whoever finds something out leaves it there. Without a trail nothing is measured and nothing is copied. A request, or a
//! connection, that carries several calls has a [`Witness`], by which each of them gets a trail of its own.
//!
//! **Architecture Invariant:** nothing here knows HTTP, or what becomes of a trail.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::http::{HeaderName, HeaderValue};
use tracing::{Instrument, Span};

/// What a request is called by, in the log and in its answer.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static TRAIL: Arc<Trail>;
}

/// What has been found out about one call so far.
pub(crate) struct Trail {
    method: OnceLock<Called>,
    route: OnceLock<Called>,
    /// Is it that of a request whose calls have trails of their own?
    carries_calls: AtomicBool,
    /// That of the request by which the call has come.
    carrier: Option<Arc<Trail>>,
    user: OnceLock<String>,
    /// Nanoseconds.
    asking: AtomicU64,
    answered: Option<Arc<Answered>>,
    spans: bool,
}

/// Hears how long data sources take.
pub(crate) type Answered = dyn Fn(&Question, Duration) + Send + Sync;

/// What is called: words of the program's own, of which there are only so many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Called {
    /// A method of a model, by the name that rules know.
    Method { model: &'static str, method: String },
    /// Another route, by its path as it was written.
    Route(String),
}

/// What a data source is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// Whose records; nothing for a transaction's begin and end.
    pub model: &'static str,
    pub operation: &'static str,
}

/// What watches calls that have no request of their own. What watches a request leaves it there, for who finds calls in it.
pub(crate) trait Witness: Send + Sync {
    /// Begins to watch a call, by its id.
    fn watch(&self, id: Option<&HeaderValue>) -> Box<dyn Watched>;
}

/// A call that is watched until this is dropped.
pub(crate) trait Watched: Send + Sync {
    /// Where it leaves what it finds out.
    fn trail(&self) -> Arc<Trail>;

    /// What traces show of it.
    fn span(&self) -> Span;

    /// It has been answered as REST would answer with this status.
    fn ended(&mut self, status: u16);
}

impl Trail {
    /// A trail that tells `answered` of data sources, and makes spans of what they do if `spans` says so. The time of data sources
    /// is that of the present trail, too, if there is one.
    pub fn new(answered: Option<Arc<Answered>>, spans: bool) -> Arc<Self> {
        Arc::new(Trail {
            method: OnceLock::new(),
            route: OnceLock::new(),
            carries_calls: AtomicBool::new(false),
            carrier: TRAIL.try_with(Arc::clone).ok(),
            user: OnceLock::new(),
            asking: AtomicU64::new(0),
            answered,
            spans,
        })
    }

    /// Does `work`, which leaves here what it finds out.
    pub async fn follow<T>(self: Arc<Self>, work: impl Future<Output = T>) -> T {
        TRAIL.scope(self, work).await
    }

    /// What is called, if that is known. Where a route leads to a method, that is what counts.
    pub fn called(&self) -> Option<&Called> {
        self.method.get().or_else(|| self.route.get())
    }

    /// Have the calls that this request holds been told by themselves?
    pub fn carries_calls(&self) -> bool {
        self.carries_calls.load(Ordering::Relaxed)
    }

    /// Is it that of a call within a request?
    pub fn is_carried(&self) -> bool {
        self.carrier.is_some()
    }

    /// The id of the user who calls, if somebody is logged in.
    pub fn user(&self) -> Option<&str> {
        self.user.get().map(String::as_str)
    }

    /// How long data sources have taken, those that were asked side by side added up.
    pub fn asking(&self) -> Duration {
        Duration::from_nanos(self.asking.load(Ordering::Relaxed))
    }

    fn has_asked(&self, nanoseconds: u64) {
        self.asking.fetch_add(nanoseconds, Ordering::Relaxed);
        if let Some(carrier) = &self.carrier {
            carrier.has_asked(nanoseconds);
        }
    }

    fn span(&self, question: &Question) -> Span {
        if !self.spans {
            return Span::none();
        }
        let Question { model, operation } = question;
        tracing::info_span!(
            target: "loopwright",
            "data source",
            otel.name = format!("{model} {operation}").trim_start(),
            otel.kind = "client",
            loopwright.model = model,
            loopwright.operation = operation,
        )
    }
}

/// This method of a model is called.
pub(crate) fn calls(model: &'static str, method: &str) {
    note(|trail| {
        trail.method.get_or_init(|| Called::Method {
            model,
            method: method.to_owned(),
        });
    });
}

/// The request calls a route of this path, written as its program has it: `GET /tally/{id}`.
pub(crate) fn calls_route(route: impl FnOnce() -> String) {
    note(|trail| {
        trail.route.get_or_init(|| Called::Route(route()));
    });
}

/// The request holds calls that are told by themselves: it is none.
pub(crate) fn carries_calls() {
    note(|trail| trail.carries_calls.store(true, Ordering::Relaxed));
}

/// It is this user who calls, if it is one.
pub(crate) fn called_by(user: Option<&str>) {
    if let Some(user) = user {
        note(|trail| {
            trail.user.get_or_init(|| user.to_owned());
        });
    }
}

fn note(leave: impl FnOnce(&Trail)) {
    // Nobody wants to know.
    let _ = TRAIL.try_with(|trail| leave(trail));
}

/// The answer of a data source, and how long it took, however it ends.
pub(crate) async fn asked<T>(
    model: &'static str,
    operation: &'static str,
    answer: impl Future<Output = T>,
) -> T {
    let Ok(trail) = TRAIL.try_with(Arc::clone) else {
        return answer.await;
    };
    let question = Question { model, operation };
    let span = trail.span(&question);
    let _watch = Watch {
        trail,
        question,
        begun: Instant::now(),
    };
    answer.instrument(span).await
}

/// Measures until it is dropped: a caller may leave before there is an answer.
struct Watch {
    trail: Arc<Trail>,
    question: Question,
    begun: Instant,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.trail.has_asked(nanoseconds);
        if let Some(answered) = &self.trail.answered {
            answered(&self.question, took);
        }
    }
}

/// The same work for a task of its own, on the trail of this one.
pub(crate) fn carried<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let trail = TRAIL.try_with(Arc::clone).ok();
    let work = work.in_current_span();
    async move {
        match trail {
            Some(trail) => trail.follow(work).await,
            None => work.await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn what_is_found_out_stays_on_the_trail() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hear = heard.clone();
        let answered = move |question: &Question, _| {
            let Question { model, operation } = *question;
            hear.lock().unwrap().push((model, operation));
        };
        let trail = Trail::new(Some(Arc::new(answered)), false);
        let work = async {
            calls_route(|| "GET /tally".into());
            // A method counts before the route that leads to it, and of two the first.
            calls("Shop", "find");
            calls("Shop", "count");
            called_by(None);
            called_by(Some("7"));
            tokio::spawn(carried(asked("Shop", "find", async { 1 })))
                .await
                .unwrap()
        };
        assert_eq!(trail.clone().follow(work).await, 1);
        assert_eq!(*heard.lock().unwrap(), [("Shop", "find")]);
        assert_eq!(trail.user(), Some("7"));
        assert!(trail.asking() > Duration::ZERO);
        let called = Called::Method {
            model: "Shop",
            method: "find".into(),
        };
        assert_eq!(trail.called(), Some(&called));
    }

    #[tokio::test]
    async fn what_a_call_asks_its_request_has_asked() {
        let request = Trail::new(None, false);
        let work = async {
            carries_calls();
            let call = Trail::new(None, false);
            let work = async {
                calls("Shop", "find");
                asked("Shop", "find", tokio::task::yield_now()).await;
            };
            call.clone().follow(work).await;
            call
        };
        let call = request.clone().follow(work).await;
        assert!(request.carries_calls() && !call.carries_calls());
        assert!(call.is_carried() && !request.is_carried());
        assert_eq!(request.asking(), call.asking());
        assert_eq!(request.called(), None);
    }

    #[tokio::test]
    async fn without_a_trail_work_is_done_all_the_same() {
        calls("Shop", "find");
        assert_eq!(asked("Shop", "find", async { 1 }).await, 1);
        assert_eq!(carried(async { 2 }).await, 2);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_waits_for_is_measured_too() {
        let trail = Trail::new(None, false);
        let work = async {
            let never = asked("Shop", "find", std::future::pending::<()>());
            let soon = tokio::task::yield_now();
            tokio::select! { () = never => {}, () = soon => {} }
        };
        trail.clone().follow(work).await;
        assert!(trail.asking() > Duration::ZERO);
    }
}
