//! One open socket: calls come in, answers and changes go out.
//!
//! What waits to be written is bounded: answers count among the calls under way until they are on their way, and nothing is
//! read meanwhile, so that who does not read is not heard either.

use std::collections::{HashMap, VecDeque};
use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket as Socket, close_code};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use futures_util::future::BoxFuture;
use futures_util::stream::{
    AbortHandle, BoxStream, FuturesUnordered, SelectAll, SplitSink, SplitStream, abortable,
};
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde_json::Value as Json;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::Limits;
use super::message::{Invoke, Message, Misunderstood, change, end, result, subscription_id};
use crate::remoting::carrier::Carrier;
use crate::remoting::{CallArguments, ChangeEvent, MethodAnswer, RemoteMethod, Remotes};
use crate::{Error, Result};

/// How long one message may take to leave.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long the other side may take to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What the client listens to, by its id.
type Subscription = BoxStream<'static, (Json, ChangeEvent)>;

/// How a connection ends.
enum End {
    /// The client has closed it, or does not read.
    Gone,
    Closed(u16, &'static str),
    /// What has come is too large, no text in UTF-8, or no WebSocket's at all.
    Unreadable,
}

/// What a call leaves behind.
struct Called {
    result: Json,
    listens: Listens,
}

enum Listens {
    Never,
    /// It was refused.
    NoMore,
    To(Subscription),
}

pub(super) struct Connection {
    caller: Arc<Calls>,
    limits: Limits,
    under_way: FuturesUnordered<BoxFuture<'static, Called>>,
    /// What waits to be written.
    waiting: VecDeque<Frame>,
    listened: SelectAll<Subscription>,
    /// What ends the streams that are listened to, by their ids; those that are asked for have none yet.
    subscriptions: HashMap<String, Option<AbortHandle>>,
}

impl Connection {
    pub fn new(remotes: Remotes, carrier: Carrier, limits: Limits) -> Self {
        Connection {
            caller: Arc::new(Calls { remotes, carrier }),
            limits,
            under_way: FuturesUnordered::new(),
            waiting: VecDeque::new(),
            listened: SelectAll::new(),
            subscriptions: HashMap::new(),
        }
    }

    /// Serves the client until it leaves, is silent for too long, or the application comes to an end.
    pub async fn run(mut self, socket: Socket, mut shutdown: watch::Receiver<bool>) {
        let (sink, mut frames) = socket.split();
        let (sender, written) = mpsc::channel(1);
        let writer = tokio::spawn(write(sink, written));
        let end = self.serve(&mut frames, &sender, &mut shutdown).await;
        // Calls that nobody waits for are given up, as those of a request are.
        drop(self);
        let unreadable = matches!(end, End::Unreadable);
        let frame = match end {
            End::Gone => None,
            End::Closed(code, reason) => Some(frame(code, reason)),
            End::Unreadable => Some(frame(close_code::SIZE, "a message is too large, or none")),
        };
        if let Some(frame) = frame {
            let _ = sender.send(Frame::Close(Some(frame))).await;
        }
        drop(sender);
        let _ = writer.await;
        // Were the connection cut while something is on its way here, what has just been written might be lost.
        let rest = async {
            while let Some(Ok(_)) = frames.next().await {}
            if unreadable {
                pending().await
            }
        };
        let _ = timeout(CLOSE_TIMEOUT, rest).await;
    }

    async fn serve(
        &mut self,
        frames: &mut SplitStream<Socket>,
        sender: &mpsc::Sender<Frame>,
        shutdown: &mut watch::Receiver<bool>,
    ) -> End {
        let mut heard = Instant::now();
        let mut pings = interval_at(heard + self.limits.ping, self.limits.ping);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ending = false;
        loop {
            if ending && self.under_way.is_empty() && self.waiting.is_empty() {
                return End::Closed(close_code::AWAY, "the application ends");
            }
            let room = self.under_way.len() + self.waiting.len() < self.limits.calls;
            tokio::select! {
                permit = sender.reserve(), if !self.waiting.is_empty() => {
                    let Ok(permit) = permit else { return End::Gone };
                    if let Some(frame) = self.waiting.pop_front() {
                        permit.send(frame);
                    }
                }
                () = sender.closed(), if self.waiting.is_empty() => return End::Gone,
                received = frames.next(), if room && !ending => {
                    heard = Instant::now();
                    match received {
                        Some(Ok(Frame::Text(text))) => self.read(&text),
                        Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => {}
                        Some(Ok(Frame::Binary(_))) => {
                            return End::Closed(close_code::UNSUPPORTED, "messages are texts");
                        }
                        Some(Ok(Frame::Close(_))) | None => return End::Gone,
                        Some(Err(_)) => return End::Unreadable,
                    }
                }
                Some(called) = self.under_way.next(), if !self.under_way.is_empty() => {
                    self.finish(called);
                }
                Some((id, event)) = self.listened.next(), if !self.listened.is_empty() && room => {
                    self.tell(&id, event);
                }
                _ = pings.tick() => {
                    // Whom nobody listens to is not silent.
                    if !room || ending {
                        heard = Instant::now();
                    } else if heard.elapsed() > self.limits.ping * 2 {
                        return End::Closed(close_code::POLICY, "no sign of life");
                    }
                    if self.waiting.is_empty() {
                        self.waiting.push_back(Frame::Ping(Vec::new().into()));
                    }
                }
                _ = shutdown.wait_for(|down| *down), if !ending => {
                    ending = true;
                    self.end_streams();
                }
            }
        }
    }

    fn read(&mut self, text: &str) {
        match Message::parse(text) {
            Ok(Message::Invoke(invoke)) => self.invoke(*invoke),
            Ok(Message::Unsubscribe { id }) => {
                match self.subscriptions.remove(&id.to_string()) {
                    Some(Some(handle)) => {
                        handle.abort();
                        self.say(&end(&id));
                    }
                    // It is being opened: when it is, it ends.
                    Some(None) => {}
                    None => {
                        let error = Error::new(404, "There is no such subscription");
                        self.refuse(id, None, error.with_code("UNKNOWN_SUBSCRIPTION"));
                    }
                }
            }
            Err(Misunderstood { error, id }) => self.refuse(id, None, error),
        }
    }

    fn invoke(&mut self, invoke: Invoke) {
        let name = invoke.method_string.clone();
        let stream = RemoteMethod::find(&self.caller.remotes, &name);
        let stream = stream.is_some_and(|method| method.is_stream());
        if stream && let Err(error) = self.subscribe(&invoke.id) {
            return self.refuse(invoke.id, Some(name), error);
        }
        let caller = self.caller.clone();
        self.under_way
            .push(async move { caller.call(invoke).await }.boxed());
    }

    /// Takes a place among the streams that are listened to.
    fn subscribe(&mut self, id: &Json) -> Result<()> {
        let id = subscription_id(id)?;
        if self.subscriptions.contains_key(&id) {
            let message = format!("The id {id} is that of another subscription; end it first");
            return Err(Error::new(409, message).with_code("ID_IN_USE"));
        }
        if self.subscriptions.len() >= self.limits.calls {
            let message = format!(
                "A connection listens to {} streams of changes at most; end one first",
                self.limits.calls
            );
            return Err(Error::new(429, message).with_code("TOO_MANY_SUBSCRIPTIONS"));
        }
        self.subscriptions.insert(id, None);
        Ok(())
    }

    fn finish(&mut self, called: Called) {
        let id = &called.result["id"];
        match called.listens {
            Listens::To(subscription) => match self.subscriptions.get_mut(&id.to_string()) {
                Some(place) => {
                    let (subscription, handle) = abortable(subscription);
                    *place = Some(handle);
                    self.listened.push(subscription.boxed());
                }
                None => {
                    self.say(&called.result);
                    return self.say(&end(id));
                }
            },
            Listens::NoMore => drop(self.subscriptions.remove(&id.to_string())),
            Listens::Never => {}
        }
        self.say(&called.result);
    }

    /// Nobody hears of changes any more.
    fn end_streams(&mut self) {
        for (id, handle) in std::mem::take(&mut self.subscriptions) {
            if let Some(handle) = handle {
                handle.abort();
                let id = serde_json::from_str(&id).unwrap_or(Json::Null);
                self.say(&end(&id));
            }
        }
    }

    fn tell(&mut self, id: &Json, event: ChangeEvent) {
        if event == ChangeEvent::End {
            self.subscriptions.remove(&id.to_string());
        }
        if let Some(json) = change(id, event) {
            self.say(&json);
        }
    }

    /// Says why something is not done, which is a call all the same.
    fn refuse(&mut self, id: Json, method: Option<String>, error: Error) {
        let caller = self.caller.clone();
        self.under_way
            .push(async move { caller.refuse(&id, method.as_deref(), error).await }.boxed());
    }

    fn say(&mut self, json: &Json) {
        self.waiting.push_back(Frame::text(json.to_string()));
    }
}

/// What calls on behalf of a connection.
struct Calls {
    remotes: Remotes,
    carrier: Carrier,
}

impl Calls {
    async fn call(&self, invoke: Invoke) -> Called {
        let call = self.carrier.begin();
        let id = invoke.id.clone();
        let name = invoke.method_string.clone();
        let method = RemoteMethod::find(&self.remotes, &name);
        let types = method.map(|method| method.returns());
        let stream = method.is_some_and(|method| method.is_stream());
        let outcome = call.run(self.outcome(method, invoke, call.headers())).await;
        let (status, outcome, listens) = match outcome.flatten() {
            Ok((answer, Some(changes))) => {
                let of = id.clone();
                let changes = changes.map(move |event| (of.clone(), event));
                (200, Ok(answer), Listens::To(changes.boxed()))
            }
            Ok((answer, None)) => (200, Ok(answer), Listens::Never),
            Err(error) => {
                let told = self.remotes.error(&error, call.headers());
                let listens = if stream {
                    Listens::NoMore
                } else {
                    Listens::Never
                };
                (error.status(), Err(told), listens)
            }
        };
        call.end(status);
        Called {
            result: result(&id, Some(&name), outcome, types),
            listens,
        }
    }

    async fn refuse(&self, id: &Json, method: Option<&str>, error: Error) -> Called {
        let call = self.carrier.begin();
        let error = call
            .run(ready(error))
            .await
            .unwrap_or_else(|limited| limited);
        let told = self.remotes.error(&error, call.headers());
        call.end(error.status());
        Called {
            result: result(id, method, Err(told), None),
            listens: Listens::Never,
        }
    }

    async fn outcome(
        &self,
        method: Option<RemoteMethod<'_>>,
        invoke: Invoke,
        headers: &HeaderMap,
    ) -> Result<(MethodAnswer, Option<BoxStream<'static, ChangeEvent>>)> {
        let method = method.ok_or_else(|| {
            Error::new(404, "method does not exist").with_code("METHOD_NOT_FOUND")
        })?;
        method.note();
        let caller = match &invoke.access_token {
            Some(token) => self.remotes.caller_by_token(token).await?,
            None => self.remotes.caller(headers, self.carrier.query()).await?,
        };
        let mut arguments = CallArguments::named(invoke.args.unwrap_or_default())
            .on_instance(invoke.ctor_args.unwrap_or_default())
            .with_headers(headers.clone());
        for (name, text) in [
            (header::IF_MATCH, invoke.if_match),
            (
                HeaderName::from_static("last-event-id"),
                invoke.last_event_id,
            ),
        ] {
            if let Some(text) = text {
                let value = HeaderValue::try_from(text).map_err(|_| {
                    Error::new(
                        400,
                        format!("What is sent as {name} holds letters that no header has"),
                    )
                })?;
                arguments = arguments.with_header(name, value);
            }
        }
        match method.is_stream() {
            true => {
                let changes = method.changes(caller, arguments).await?;
                Ok((MethodAnswer::default(), Some(changes)))
            }
            false => Ok((method.call(caller, arguments).await?, None)),
        }
    }
}

/// Writes what comes, until nothing does, or until the other side does not read for too long.
async fn write(mut sink: SplitSink<Socket, Frame>, mut frames: mpsc::Receiver<Frame>) {
    while let Some(frame) = frames.recv().await {
        match timeout(WRITE_TIMEOUT, sink.send(frame)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
}

fn frame(code: u16, reason: &'static str) -> CloseFrame {
    CloseFrame {
        code,
        reason: reason.into(),
    }
}
