//! Who may call a method, for programs and in words.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};

use super::Settings;
use crate::access::{CallerKind, Subject, refusal_status};
use crate::model::ModelDef;
use crate::remoting::{self, Route};

const HEADER: &str = "accessToken";
const QUERY: &str = "accessTokenInQuery";
const KEY: &str = "apiKey";

/// The places where a token may stand, or the key of a program.
pub(super) fn schemes(settings: Settings) -> Vec<(&'static str, SecurityScheme)> {
    let header = ApiKeyValue::with_description("Authorization", "The access token, as it is.");
    let query = ApiKeyValue::with_description("access_token", "The access token.");
    let mut schemes = vec![
        (HEADER, SecurityScheme::ApiKey(ApiKey::Header(header))),
        (QUERY, SecurityScheme::ApiKey(ApiKey::Query(query))),
    ];
    if settings.api_keys {
        let key = "The id of a program and one of its keys, with a colon between.";
        let key = ApiKeyValue::with_description("X-Api-Key", key);
        schemes.push((KEY, SecurityScheme::ApiKey(ApiKey::Header(key))));
    }
    schemes
}

/// Whom the access decision lets through, found by asking it.
pub(super) struct Allowed {
    anonymous: bool,
    user: bool,
    /// Those who are more than logged in.
    special: Vec<(CallerKind, bool)>,
    /// The models whose rules are asked.
    models: Vec<&'static ModelDef>,
}

impl Allowed {
    /// Whom `route` lets through. The models that a relation leads to, and through, have a say too.
    pub fn new(route: &Route) -> Self {
        let allows = |kind| route.judge(&Subject::new(&[kind])).decision.allowed;
        let general = [CallerKind::Anonymous, CallerKind::Authenticated];
        let special = remoting::callers([route]).into_iter();
        let special = special.filter(|kind| !general.contains(kind));
        Allowed {
            anonymous: allows(CallerKind::Anonymous),
            user: allows(CallerKind::Authenticated),
            special: special.map(|kind| (kind.clone(), allows(kind))).collect(),
            models: route.checks().map(|(access, _)| access.model()).collect(),
        }
    }

    /// May a caller without a token call the method?
    pub fn anonymous(&self) -> bool {
        self.anonymous
    }

    /// Which tokens a call needs, or which key. Where none is needed one may still be sent: what a filter includes may ask
    /// for it.
    pub fn requirements(&self, settings: Settings) -> Vec<SecurityRequirement> {
        let none = self.anonymous.then(SecurityRequirement::default);
        let key = settings.api_keys.then_some(KEY);
        let scopes: [&str; 0] = [];
        let one_of = [HEADER, QUERY].into_iter().chain(key);
        let one_of = one_of.map(|name| SecurityRequirement::new(name, scopes));
        none.into_iter().chain(one_of).collect()
    }

    /// The rule in one sentence.
    pub fn sentence(&self) -> String {
        let everyone = match (self.anonymous, self.user) {
            (true, true) => "Everyone",
            (false, true) => "Everyone with an access token",
            (anonymous, false) => {
                let anonymous = anonymous.then(|| in_words(&CallerKind::Anonymous));
                let some: Vec<_> = anonymous.into_iter().chain(self.special(true)).collect();
                return match some.is_empty() {
                    true => "Nobody may call this.".into(),
                    false => format!("Only {} may call this.", join(&some)),
                };
            }
        };
        // Those whom a stronger rule keeps out.
        let but: Vec<_> = self.special(false).collect();
        match but.is_empty() {
            true => format!("{everyone} may call this."),
            false => format!("{everyone} may call this, but not {}.", join(&but)),
        }
    }

    /// Is there anybody who is logged in and all the same refused?
    pub fn refuses_who_is_logged_in(&self) -> bool {
        !self.user || self.special.iter().any(|(_, may)| !may)
    }

    /// What is answered to who is logged in and refused; `status` is that of the application.
    pub fn refusals(&self, status: u16) -> Vec<u16> {
        let models = self.models.iter();
        models.map(|def| refusal_status(def, status)).collect()
    }

    /// Those of whom the decision is `allowed` that the words for all others do not name.
    fn special(&self, allowed: bool) -> impl Iterator<Item = String> {
        let special = self.special.iter().filter(move |(_, may)| *may == allowed);
        special.map(|(kind, _)| in_words(kind))
    }
}

fn in_words(kind: &CallerKind) -> String {
    match kind {
        CallerKind::Anonymous => "callers without an access token".into(),
        CallerKind::Authenticated => "callers with an access token".into(),
        CallerKind::Owner => "the owner".into(),
        CallerKind::Related => "users to whom a relation leads".into(),
        CallerKind::Role(name) => format!("members of the role `{name}`"),
        CallerKind::User(id) => format!("the user `{id}`"),
        CallerKind::App(id) => format!("the application `{id}`"),
    }
}

/// These callers in words.
pub(super) fn callers(kinds: &[CallerKind]) -> String {
    join(&kinds.iter().map(in_words).collect::<Vec<_>>())
}

fn join(parts: &[String]) -> String {
    match parts {
        [head @ .., last] if !head.is_empty() => format!("{} or {last}", head.join(", ")),
        parts => parts.concat(),
    }
}
