//! Who may call a method, for programs and in words.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};

use crate::access::Caller;
use crate::model::{ModelDef, PrincipalDef};
use crate::remoting::{Place, Route};

const HEADER: &str = "accessToken";
const QUERY: &str = "accessTokenInQuery";

/// The places where a token may stand.
pub(super) fn schemes() -> [(&'static str, SecurityScheme); 2] {
    let header = ApiKeyValue::with_description("Authorization", "The access token, as it is.");
    let query = ApiKeyValue::with_description("access_token", "The access token.");
    [
        (HEADER, SecurityScheme::ApiKey(ApiKey::Header(header))),
        (QUERY, SecurityScheme::ApiKey(ApiKey::Query(query))),
    ]
}

/// Whom the access decision lets through, found by asking it.
pub(super) struct Allowed {
    anonymous: bool,
    user: bool,
    owner: bool,
    roles: Vec<(&'static str, bool)>,
}

impl Allowed {
    /// Whom `route` of `def` lets through. The models that a relation leads to, and through, have a say too.
    pub fn new(def: &'static ModelDef, route: &Route) -> Self {
        let allows = |caller: &Caller, owner: bool| {
            let mut beyond = route.beyond.iter();
            route.access.allows(caller, owner)
                && beyond.all(|beyond| {
                    let owner = owner && beyond.instance != Place::Collection;
                    beyond.access.allows(caller, owner)
                })
        };
        let (outer, inner) = (route.relation, route.related(def));
        let outer = outer.map(|relation| (def, &def.relations[relation]));
        let others = [outer, inner].into_iter().flatten();
        let others = others.flat_map(|(owner, relation)| [relation.target(), relation.join(owner)]);
        let others = others.flatten();
        let mut roles = Vec::new();
        for acl in def.acls.iter().chain(others.flat_map(|def| def.acls)) {
            if let PrincipalDef::Role(name) = acl.principal
                && !roles.iter().any(|(known, _)| *known == name)
            {
                let member = Caller::user("", [name.to_owned()]);
                roles.push((name, allows(&member, false)));
            }
        }
        let user = Caller::user("", []);
        Allowed {
            anonymous: allows(&Caller::anonymous(), false),
            user: allows(&user, false),
            owner: allows(&user, true),
            roles,
        }
    }

    /// May a caller without a token call the method?
    pub fn anonymous(&self) -> bool {
        self.anonymous
    }

    /// Which tokens a call needs. Where none is needed one may still be sent: what a filter includes may ask for it.
    pub fn requirements(&self) -> Vec<SecurityRequirement> {
        let none = self.anonymous.then(SecurityRequirement::default);
        let scopes: [&str; 0] = [];
        let tokens = [HEADER, QUERY].map(|name| SecurityRequirement::new(name, scopes));
        none.into_iter().chain(tokens).collect()
    }

    /// The rule in one sentence.
    pub fn sentence(&self) -> String {
        let everyone = match (self.anonymous, self.user) {
            (true, true) => "Everyone",
            (false, true) => "Everyone with an access token",
            (anonymous, false) => {
                let anonymous = anonymous.then(|| "callers without an access token".to_owned());
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

    /// The owner and the roles of whom the decision is `allowed`.
    fn special(&self, allowed: bool) -> impl Iterator<Item = String> {
        let owner = (self.owner == allowed).then(|| "the owner".to_owned());
        let roles = self.roles.iter().filter(move |(_, may)| *may == allowed);
        let roles = roles.map(|(name, _)| format!("members of the role `{name}`"));
        owner.into_iter().chain(roles)
    }
}

fn join(parts: &[String]) -> String {
    match parts {
        [head @ .., last] if !head.is_empty() => format!("{} or {last}", head.join(", ")),
        parts => parts.concat(),
    }
}
