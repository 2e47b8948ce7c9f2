//! An application in this process, with everything that requests reach.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use loopwright::boot::{IdempotencyConfig, JsonRpcConfig, ModelConfig, WebSocketConfig};
use loopwright::builtin::{AccessToken, JwtConfig, SecondFactor, TotpConfig, User};
use loopwright::connectors::memory::MemoryConnector;
use loopwright::connectors::{Connector as _, Operations as _};
use loopwright::model::{ModelDef, Record};
use loopwright::prelude::*;
use loopwright::{App, Application, Config};
use serde_json::{Map, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::answer::{Answer, Endless};
use crate::exchange::{COOKIE_SECRET, JWT_SECRET};
use crate::model::{Address, All, Member, Note, Owner, Page, SECRET, Shop, Size, Tagging};

/// The token of the member 1.
pub const TOKEN: &str = "anns-token";

/// What the member's authenticator knows, in base 32.
const TOTP_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// An application, and the thread that it has to itself.
pub struct Served {
    /// What runs it.
    pub runtime: Runtime,
    /// What answers.
    pub router: Router,
    application: Application,
}

/// What is served on this thread, with the rows that it begins with.
pub fn served<T>(use_it: impl FnOnce(&Served) -> T) -> T {
    thread_local! {
        static SERVED: Served = Served::new(config());
    }
    SERVED.with(|served| {
        served.runtime.block_on(served.begin());
        use_it(served)
    })
}

/// A configuration in which everything is on.
pub fn config() -> Config {
    let mut config = Config::default();
    config.debug = true;
    config.rest.xml = true;
    config.rest.nested_writes = true;
    config.idempotency = Some(IdempotencyConfig::new("kv"));
    config.json_rpc = Some(JsonRpcConfig::new("/rpc"));
    config.web_socket = Some(WebSocketConfig::new("/socket"));
    config.auth.cookie_secret = Some(COOKIE_SECRET.into());
    config.auth.current_user_literal = Some("me".into());
    let mut jwt = JwtConfig::new("HS256", JWT_SECRET);
    jwt.roles_claim = Some("roles".into());
    config.auth.jwt = Some(jwt);
    config.users.totp = Some(TotpConfig::new("Shop"));
    config.users.session_methods = true;
    config.users.login_attempts = 0;
    let mut operators = ModelConfig::default();
    operators.allow_extended_operators = Some(true);
    config.models.insert("Shop".into(), operators);
    config
}

impl Served {
    /// The application with this configuration.
    pub fn new(config: Config) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let app = App::new()
            .config(config)
            .data_source("db", "memory:")
            .data_source("kv", "kv-memory:")
            .models::<All>()
            .attach::<crate::model::Cache>("kv");
        let application = runtime.block_on(app.build()).unwrap();
        let router = application.router();
        Served {
            runtime,
            router,
            application,
        }
    }

    /// Begins anew, with a few rows.
    async fn begin(&self) {
        let connector = self.application.connector::<MemoryConnector>("db").unwrap();
        let models = [
            Owner::DEF,
            Shop::DEF,
            Tagging::DEF,
            Page::DEF,
            Member::DEF,
            Note::DEF,
            AccessToken::DEF,
            SecondFactor::DEF,
        ];
        connector.automigrate(&models).await.unwrap();
        for (def, record) in rows() {
            connector.create(def, record).await.unwrap();
        }
    }

    /// Answers one request after the other.
    ///
    /// # Panics
    /// An answer is not what answers must be: see [`Answer::read`].
    pub fn answer(&self, asked: &[u8], requests: Vec<Request<Body>>) -> Vec<Answer> {
        self.runtime.block_on(async {
            let mut answers = Vec::new();
            for request in requests {
                let method = request.method().clone();
                let endless = request.uri().path().contains("change-stream");
                let response = self.router.clone().oneshot(request).await;
                let mut response = response.unwrap();
                if endless {
                    response.extensions_mut().insert(Endless);
                }
                answers.push(Answer::read(&method, asked, response).await);
            }
            answers
        })
    }
}

fn rows() -> Vec<(&'static ModelDef, Record)> {
    let mut rows = Vec::new();
    let mut owner = Owner {
        id: 1,
        name: "Ann".into(),
        shops: HasMany::default(),
    };
    rows.push((Owner::DEF, owner.clone().into_record()));
    owner.id = 2;
    rows.push((Owner::DEF, owner.into_record()));
    for (id, name) in [(1, "Bel"), (2, "b%"), (3, "")] {
        rows.push((Shop::DEF, shop(id, name).into_record()));
    }
    for tag in ["rust", "a,b"] {
        let tagging = Tagging {
            shop_id: 1,
            tag: tag.into(),
            weight: Some(3),
        };
        rows.push((Tagging::DEF, tagging.into_record()));
    }
    let page = Page {
        id: Uuid::from_u128(1),
        text: "one".into(),
        version: 1,
        more: Extra(Map::from_iter([("a".to_owned(), json!(1))])),
    };
    rows.push((Page::DEF, page.into_record()));
    for id in [1, 2] {
        let mut user = User::new(format!("member{id}@shop.example"), "");
        // bcrypt's cheapest hash of `secret`.
        user.password = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW".into();
        user.id = id;
        rows.push((Member::DEF, Member { user }.into_record()));
        let note = Note {
            id,
            text: if id == 2 {
                SECRET.into()
            } else {
                "mine".into()
            },
            public: false,
            // That of the other one is nobody's.
            member_id: (id == 1).then_some(id),
            member: BelongsTo::default(),
        };
        rows.push((Note::DEF, note.into_record()));
    }
    let token = AccessToken {
        id: TOKEN.into(),
        user_id: Some(1),
        ..AccessToken::default()
    };
    rows.push((AccessToken::DEF, token.into_record()));
    let factor = SecondFactor {
        id: "Member 2".into(),
        secret: TOTP_SECRET.into(),
        confirmed: Some(DateTime::UNIX_EPOCH),
        ..SecondFactor::default()
    };
    rows.push((SecondFactor::DEF, factor.into_record()));
    rows
}

/// A shop of which everything is known.
pub fn shop(id: i64, name: &str) -> Shop {
    let address = Address {
        city: "Vancouver".into(),
        zip: Some(1),
    };
    Shop {
        id,
        name: Some(name.into()),
        year: Some(1999),
        ratio: Some(0.5),
        price: Some(Decimal::new(15, 1)),
        open: Some(true),
        since: Some(DateTime::UNIX_EPOCH),
        day: NaiveDate::from_ymd_opt(2020, 2, 29),
        code: Some(Uuid::from_u128(id.unsigned_abs().into())),
        tags: Some(vec!["a".into(), "b".into()]),
        numbers: Some(vec![1.0, -2.5]),
        picture: Some(b"abc".to_vec()),
        spot: GeoPoint::new(49.28, -123.12).ok(),
        meta: Some(json!({"a": {"b": [1, "x", null]}})),
        address: Some(address.clone()),
        branches: Some(vec![address]),
        size: Some(Size::Small),
        secret: Some(SECRET.into()),
        owner_id: Some(1),
        owner: BelongsTo::default(),
    }
}
