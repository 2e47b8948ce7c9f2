//! A request that is sent twice is done once, where the configuration names a store for the answers.

use std::sync::atomic::{AtomicI64, Ordering};

use loopwright::boot::{IdempotencyConfig, JsonRpcConfig};
use loopwright::prelude::*;
use loopwright::{App, Config};
use loopwright_tests::redis_url;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};
use tokio::sync::Notify;

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Money that is sent once.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Payment {
    #[model(id, generated)]
    id: i64,
    #[validate(range(min = 1))]
    amount: i64,
}

/// How often the slow method was called, when it has begun, and when it may end.
static CALLS: AtomicI64 = AtomicI64::new(0);
static BEGUN: Notify = Notify::const_new();
static MAY_END: Notify = Notify::const_new();

#[loopwright::methods]
impl Payment {
    /// Takes its time.
    #[remote(post = "/slow")]
    async fn slow() -> Result<i64> {
        let call = CALLS.fetch_add(1, Ordering::SeqCst) + 1;
        BEGUN.notify_one();
        MAY_END.notified().await;
        Ok(call)
    }

    /// Panics the first time.
    #[remote(post = "/clumsy")]
    async fn clumsy() -> Result<i64> {
        static TRIES: AtomicI64 = AtomicI64::new(0);
        let tries = TRIES.fetch_add(1, Ordering::SeqCst);
        assert_ne!(tries, 0, "clumsy");
        Ok(tries)
    }

    /// Fails the first time.
    #[remote]
    async fn unlucky_call() -> Result<i64> {
        static TRIES: AtomicI64 = AtomicI64::new(0);
        match TRIES.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Error::new(503, "not now")),
            more => Ok(more),
        }
    }

    /// Fails the first time.
    #[remote(post = "/unlucky")]
    async fn unlucky() -> Result<i64> {
        static TRIES: AtomicI64 = AtomicI64::new(0);
        match TRIES.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Error::new(503, "not now")),
            more => Ok(more),
        }
    }
}

async fn served(store: &str) -> std::result::Result<Served, Box<dyn std::error::Error>> {
    let mut config = Config::default();
    config.idempotency = Some(IdempotencyConfig::new("answers"));
    config.json_rpc = Some(JsonRpcConfig::new("/rpc"));
    let app = App::new().config(config).data_source("db", "memory:");
    serve(app.data_source("answers", store).models::<(Payment,)>()).await
}

struct Answer {
    status: u16,
    replayed: bool,
    body: Json,
}

async fn post(
    served: &Served,
    path: &str,
    headers: &[(&str, &str)],
    body: &Json,
) -> std::result::Result<Answer, Box<dyn std::error::Error>> {
    let mut request = served
        .client
        .post(format!("{}/api/Payments{path}", served.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.json(body).send().await?;
    Ok(Answer {
        status: response.status().as_u16(),
        replayed: response.headers().contains_key("idempotency-replayed"),
        body: response.json().await?,
    })
}

async fn count(served: &Served) -> std::result::Result<u64, Box<dyn std::error::Error>> {
    let payments = served.application.repository::<Payment>()?;
    Ok(payments.count(Condition::ALL).await?)
}

#[tokio::test]
async fn what_is_sent_twice_is_done_once() -> TestResult {
    let served = served("kv-memory:").await?;
    let key = [("idempotency-key", "one")];
    let first = post(&served, "", &key, &json!({"amount": 5})).await?;
    assert_eq!((first.status, first.replayed), (200, false));
    for _ in 0..3 {
        let again = post(&served, "", &key, &json!({"amount": 5})).await?;
        assert_eq!((again.status, again.replayed), (200, true));
        assert_eq!(again.body, first.body);
    }
    assert_eq!(count(&served).await?, 1);
    // The caller's mistakes are answered again, too.
    let wrong = [("idempotency-key", "wrong")];
    for replayed in [false, true] {
        let refused = post(&served, "", &wrong, &json!({"amount": 0})).await?;
        assert_eq!((refused.status, refused.replayed), (422, replayed));
    }
    // Another request is none of the same.
    let other = post(&served, "", &key, &json!({"amount": 6})).await?;
    assert_eq!(
        (other.status, &other.body["error"]["code"]),
        (422, &json!("IDEMPOTENCY_KEY_REUSED"))
    );
    let elsewhere = post(&served, "/replaceOrCreate", &key, &json!({"amount": 5})).await?;
    assert_eq!((elsewhere.status, elsewhere.replayed), (200, false));
    let somebody = [key[0], ("authorization", "somebody-else")];
    let somebody = post(&served, "", &somebody, &json!({"amount": 5})).await?;
    assert_eq!((somebody.status, somebody.replayed), (200, false));
    for token in ["?access_token=a", "?access_token=b"] {
        let theirs = post(&served, token, &key, &json!({"amount": 7})).await?;
        assert_eq!((theirs.status, theirs.replayed), (200, false));
    }
    assert_eq!(count(&served).await?, 5);
    let long = "x".repeat(256);
    for key in ["", &long] {
        let refused = post(
            &served,
            "",
            &[("idempotency-key", key)],
            &json!({"amount": 5}),
        )
        .await?;
        assert_eq!(refused.status, 400);
    }
    let huge = json!({"amount": 5, "text": "x".repeat(200_000)});
    assert_eq!(
        post(&served, "", &[("idempotency-key", "huge")], &huge)
            .await?
            .status,
        413
    );
    Ok(())
}

#[tokio::test]
async fn of_many_at_once_one_is_done() -> TestResult {
    let served = served("kv-memory:").await?;
    let key = [("idempotency-key", "many")];
    let body = json!({"amount": 5});
    let answers = (0..8).map(|_| post(&served, "", &key, &body));
    for answer in futures_util::future::join_all(answers).await {
        let answer = answer?;
        assert!(matches!(answer.status, 200 | 409), "{}", answer.body);
    }
    assert_eq!(count(&served).await?, 1);
    Ok(())
}

#[tokio::test]
async fn who_has_left_is_told_how_it_went() -> TestResult {
    let served = served("kv-memory:").await?;
    let key = [("idempotency-key", "slow")];
    let url = format!("{}/api/Payments/slow", served.url);
    let request = served
        .client
        .post(url)
        .header("idempotency-key", "slow")
        .json(&json!({}));
    let left = tokio::spawn(request.send());
    BEGUN.notified().await;
    left.abort();
    let early = post(&served, "/slow", &key, &json!({})).await?;
    assert_eq!(
        (early.status, &early.body["error"]["code"]),
        (409, &json!("IDEMPOTENCY_KEY_IN_USE"))
    );
    MAY_END.notify_one();
    let answer = loop {
        let answer = post(&served, "/slow", &key, &json!({})).await?;
        if answer.status != 409 {
            break answer;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(
        (answer.status, answer.replayed, answer.body),
        (200, true, json!(1))
    );
    Ok(())
}

#[tokio::test]
async fn a_failure_of_the_server_is_tried_again() -> TestResult {
    let served = served("kv-memory:").await?;
    let key = [("idempotency-key", "clumsy")];
    assert_eq!(
        post(&served, "/clumsy", &key, &json!({})).await?.status,
        500
    );
    let again = post(&served, "/clumsy", &key, &json!({})).await?;
    assert_eq!((again.status, again.replayed), (200, false));
    let key = [("idempotency-key", "unlucky")];
    assert_eq!(
        post(&served, "/unlucky", &key, &json!({})).await?.status,
        503
    );
    let again = post(&served, "/unlucky", &key, &json!({})).await?;
    assert_eq!((again.status, again.replayed), (200, false));
    Ok(())
}

#[tokio::test]
async fn instances_share_their_answers() -> TestResult {
    let Some(redis) = redis_url() else {
        return Ok(());
    };
    let (one, two) = (served(&redis).await?, served(&redis).await?);
    let key = [("idempotency-key", "shared")];
    let first = post(&one, "", &key, &json!({"amount": 5})).await?;
    let again = post(&two, "", &key, &json!({"amount": 5})).await?;
    assert_eq!((again.replayed, again.body), (true, first.body));
    assert_eq!(count(&two).await?, 0);
    Ok(())
}

#[tokio::test]
async fn without_a_store_each_request_is_done() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:");
    let served = serve(app.models::<(Payment,)>()).await?;
    for _ in 0..2 {
        let sent = post(
            &served,
            "",
            &[("idempotency-key", "one")],
            &json!({"amount": 5}),
        )
        .await?;
        assert_eq!((sent.status, sent.replayed), (200, false));
    }
    assert_eq!(count(&served).await?, 2);
    let refused = async {
        let mut config = Config::default();
        config.idempotency = Some(IdempotencyConfig::new("db"));
        let app = App::new().config(config).data_source("db", "transient:");
        app.models::<(Payment,)>().build().await
    };
    let message = refused.await.err().map(|error| error.to_string());
    assert!(message.is_some_and(|message| message.contains("keeps no values under keys")));
    Ok(())
}

/// Sends `body` to the JSON-RPC address of payments, with a key.
async fn call(
    served: &Served,
    key: &str,
    body: &Json,
) -> std::result::Result<Answer, Box<dyn std::error::Error>> {
    let request = served
        .client
        .post(format!("{}/rpc/Payment/jsonrpc", served.url));
    let request = request.header("idempotency-key", key).json(body);
    let response = request.send().await?;
    Ok(Answer {
        status: response.status().as_u16(),
        replayed: response.headers().contains_key("idempotency-replayed"),
        body: serde_json::from_slice(&response.bytes().await?).unwrap_or_default(),
    })
}

#[tokio::test]
async fn a_call_of_json_rpc_is_done_once_too() -> TestResult {
    let served = served("kv-memory:").await?;
    let create = |amount: i64| {
        let params = json!({ "data": { "amount": amount } });
        json!({ "jsonrpc": "2.0", "id": 1, "method": "create", "params": params })
    };
    for replayed in [false, true, true] {
        let answer = call(&served, "one", &create(5)).await?;
        assert_eq!((answer.status, answer.replayed), (200, replayed));
        assert_eq!(answer.body["result"]["amount"], 5);
    }
    // The caller's mistakes are answered again, too, and a notification has no answer.
    for replayed in [false, true] {
        let refused = call(&served, "wrong", &create(0)).await?;
        assert_eq!((refused.status, refused.replayed), (200, replayed));
        assert_eq!(refused.body["error"]["data"]["status"], 422);
        let mut silent = create(7);
        silent.as_object_mut().ok_or("no object")?.remove("id");
        let silent = call(&served, "silent", &silent).await?;
        assert_eq!((silent.status, silent.replayed), (204, replayed));
        assert_eq!(silent.body, Json::Null);
    }
    assert_eq!(count(&served).await?, 2);
    let other = call(&served, "one", &create(6)).await?;
    assert_eq!(other.status, 200);
    assert_eq!(other.body["error"]["code"], -32000);
    assert_eq!(
        other.body["error"]["data"]["code"],
        "IDEMPOTENCY_KEY_REUSED"
    );
    // What another attempt may not meet is done again.
    let unlucky = json!({ "jsonrpc": "2.0", "id": 1, "method": "unluckyCall" });
    let failed = call(&served, "unlucky", &unlucky).await?;
    assert_eq!(failed.body["error"]["data"]["status"], 503);
    let done = call(&served, "unlucky", &unlucky).await?;
    assert_eq!((&done.body["result"], done.replayed), (&json!(1), false));
    // The same key over REST is another one's.
    let rest = post(
        &served,
        "",
        &[("idempotency-key", "one")],
        &json!({"amount": 5}),
    )
    .await?;
    assert_eq!((rest.status, rest.replayed), (200, false));
    // Of a batch a part might have been done.
    let batch = call(&served, "batch", &json!([create(8), create(9)])).await?;
    assert_eq!(batch.body["error"]["code"], -32600);
    assert_eq!(
        batch.body["error"]["data"]["code"],
        "IDEMPOTENCY_KEY_OF_BATCH"
    );
    assert_eq!(count(&served).await?, 3);
    Ok(())
}
