//! Models of users among definitions: who they are, what they need, and what they say of the whole application (contract
//! *users.md* §1.1, §1.2).

use std::collections::BTreeMap;

use serde_json::json;

use super::built_in;
use super::definition::Definition;
use super::layer::Setting;
use super::problem::Problems;
use super::property::Type;
use super::settings::Settings;
use super::source::{Member, Node};
use crate::model::ModelDef;

/// What definitions say of their users, with the words of the configuration for it.
const SETTINGS: [(&str, &str, Kind); 9] = [
    ("ttl", "users.ttl", Kind::Seconds),
    ("maxTTL", "users.max_ttl", Kind::Seconds),
    (
        "resetPasswordTokenTTL",
        "users.reset_password_ttl",
        Kind::Seconds,
    ),
    (
        "restrictResetPasswordTokenScope",
        "users.restrict_reset_password",
        Kind::Flag,
    ),
    (
        "emailVerificationRequired",
        "users.email_verification_required",
        Kind::Flag,
    ),
    (
        "caseSensitiveEmail",
        "users.case_sensitive_email",
        Kind::Flag,
    ),
    (
        "allowEternalTokens",
        "users.allow_eternal_tokens",
        Kind::Flag,
    ),
    ("realmRequired", "users.realm_required", Kind::Flag),
    ("realmDelimiter", "users.realm_delimiter", Kind::Text),
];

/// What a setting holds.
#[derive(Clone, Copy)]
enum Kind {
    Seconds,
    Flag,
    Text,
}

/// What definitions say of the users of the application.
#[derive(Debug, Default)]
pub(crate) struct UserSettings(BTreeMap<&'static str, Setting>);

/// The keys that a definition may have beside those of all models.
pub(super) fn keys(settings: &Settings) -> Vec<&'static str> {
    let mut keys = Vec::new();
    let Some(base) = settings.base() else {
        return keys;
    };
    if built_in::is_user(base) {
        keys.extend(SETTINGS.iter().map(|(key, ..)| *key));
        keys.push("saltWorkFactor");
    }
    if built_in::is_token(base) {
        keys.push("accessTokenIdLength");
    }
    keys
}

/// What a definition says of its users.
pub(super) fn settings(settings: &Settings, problems: &mut Problems) -> Vec<Setting> {
    let mut said = Vec::new();
    for Member { key, place, node } in &settings.members {
        if !keys(settings).contains(&key.as_str()) {
            continue;
        }
        let Some((_, word, kind)) = SETTINGS.iter().find(|(known, ..)| known == key) else {
            problems.note(
                place,
                format!("`{key}` is left out: how passwords are hashed, and how long tokens are, is no setting"),
            );
            continue;
        };
        // LoopBack takes what is null for unsaid.
        if node.is_null() {
            continue;
        }
        let json = node.to_json();
        let value = match kind {
            Kind::Flag => Some(node.is_truthy().into()),
            Kind::Text => json.is_string().then_some(json),
            Kind::Seconds => match json.as_u64() {
                Some(0) => continue,
                seconds => seconds.map(|seconds| format!("{seconds}s").into()),
            },
        };
        match value {
            Some(value) => said.push(Setting {
                place: place.clone(),
                key: word,
                value,
            }),
            None => problems.mistake(
                &node.place,
                match kind {
                    Kind::Seconds => format!("`{key}` is a whole number of seconds"),
                    _ => format!("`{key}` is a text"),
                },
            ),
        }
    }
    said
}

/// What models of users can't do without and `read` lacks, as if it were listed: in the data source of the first of them.
pub(super) fn needed(
    read: &[(Member, Settings)],
    described: &[&'static ModelDef],
) -> Vec<(Member, Settings)> {
    let is_user =
        |(_, settings): &&(Member, Settings)| settings.base().is_some_and(built_in::is_user);
    let Some((user, _)) = read.iter().find(is_user) else {
        return Vec::new();
    };
    let lacks = |def: &&'static ModelDef| {
        let mut bases = read.iter().filter_map(|(_, settings)| settings.base());
        !bases.any(|base| base.is_a(def)) && !described.iter().any(|known| known.is_a(def))
    };
    let lacking = built_in::NEEDED_BY_USERS.into_iter().filter(lacks);
    let needed = lacking.map(|def| {
        let data_source = user.node.get("dataSource").map(Node::to_json);
        let config = json!({"dataSource": data_source, "public": false});
        let member = Member {
            key: def.name.to_owned(),
            place: user.place.clone(),
            node: Node::of(config, &user.place),
        };
        (member, Settings::built_in(def, &user.place))
    });
    needed.collect()
}

/// Is it LoopBack's own `User`, and not a model that extends it?
fn is_plain(one: &Definition) -> bool {
    one.base
        .is_some_and(|base| built_in::is_user(base) && base.name == one.name)
}

/// Says who the users are, and gives tokens the type of their ids.
///
/// Applications list LoopBack's `User` beside the model that extends it. Nobody is one of those, unless it is served, and the
/// tokens are the others'.
pub(super) fn choose(definitions: &mut [Definition], described: &[&'static ModelDef]) {
    let is_user = |one: &Definition| one.base.is_some_and(built_in::is_user);
    let extended = definitions.iter().any(|one| is_user(one) && !is_plain(one))
        || described.iter().any(|def| built_in::is_user(def));
    let users = definitions.iter().filter(|one| is_user(one));
    // Those that extend `User` come first: who is one has a token.
    let id = users.max_by_key(|one| !is_plain(one));
    let id = id.and_then(|user| Some(user.id()?.ty.clone()));
    let known = || described.iter().find(|def| built_in::is_user(def));
    let id = match known() {
        Some(user) => Type::of(user.id()),
        None => id,
    };
    let is_token = |one: &&mut Definition| one.base.is_some_and(built_in::is_token);
    for tokens in definitions.iter_mut().filter(is_token) {
        let mut properties = tokens.properties.iter_mut();
        let key = properties.find(|property| property.name == "userId");
        if let (Some(key), Some(id)) = (key, &id) {
            key.ty = id.clone();
        }
    }
    let plain = definitions
        .iter_mut()
        .filter(|one| is_plain(one) && !one.public);
    for user in plain.filter(|_| extended) {
        user.principal = None;
        let to_tokens = |name: &str| built_in::named(name).is_some_and(built_in::is_token);
        user.relations
            .retain(|one| !one.target.as_deref().is_some_and(to_tokens));
    }
}

/// The position of LoopBack's own `User`, which is not served, where another model has its table and is called otherwise only
/// by the case of its letters, as `user` is. Relations find that one by either name.
pub(super) fn doubled(
    definitions: &[Definition],
    described: &[&'static ModelDef],
    problems: &mut Problems,
) -> Option<usize> {
    let mut all = definitions.iter();
    let index = all.position(|one| is_plain(one) && !one.public)?;
    let plain = &definitions[index];
    let defined = definitions.iter();
    let defined = defined.filter(|one| one.data_source == plain.data_source);
    let defined = defined.map(|one| (one.name.as_str(), one.table.as_str()));
    let known = described.iter().map(|def| (def.name, def.table));
    let (same, _) = defined.chain(known).find(|(name, table)| {
        *name != plain.name
            && name.eq_ignore_ascii_case(&plain.name)
            && table.eq_ignore_ascii_case(&plain.table)
    })?;
    problems.note(
        &plain.place,
        format!(
            "`{}` is kept where `{same}` is, and is taken for that model",
            plain.name
        ),
    );
    Some(index)
}

/// Reports users whose ids tokens can't hold.
pub(super) fn check(
    definitions: &[Definition],
    described: &[&'static ModelDef],
    problems: &mut Problems,
) {
    let is_token = |one: &&Definition| one.base.is_some_and(built_in::is_token);
    let key_of = |tokens: &Definition| {
        let mut properties = tokens.properties.iter();
        let key = properties.find(|property| property.name == "userId");
        key.map(|key| key.ty.clone())
    };
    let defined = definitions.iter().filter(|one| one.principal.is_some());
    let defined = defined.filter_map(|one| Some((one.name.as_str(), one.id()?.ty.clone())));
    let known = described.iter().filter(|def| built_in::is_user(def));
    let known = known.filter_map(|def| Some((def.name, Type::of(def.id())?)));
    let users: Vec<_> = defined.chain(known).collect();
    for tokens in definitions.iter().filter(is_token) {
        let Some(key) = key_of(tokens) else {
            continue;
        };
        for (name, _) in users.iter().filter(|(_, id)| *id != key) {
            problems.mistake(
                &tokens.place,
                format!(
                    "`{}.userId` is of another type than the id of `{name}`; users have ids of one type",
                    tokens.name
                ),
            );
        }
    }
}

impl UserSettings {
    /// What `definitions` say together. What they say differently is reported: it is one application.
    pub(super) fn of(definitions: &[Definition], problems: &mut Problems) -> Self {
        let mut all = BTreeMap::new();
        for setting in definitions.iter().flat_map(|one| &one.user_settings) {
            let known: &Setting = all.entry(setting.key).or_insert_with(|| setting.clone());
            if known.value != setting.value {
                problems.mistake(
                    &setting.place,
                    format!(
                        "another model of users says {} here; the users of one application have one setting",
                        known.value
                    ),
                );
            }
        }
        UserSettings(all)
    }

    /// As they stand in the section `users` of `loopwright.toml`.
    #[cfg(feature = "discovery")]
    pub fn lines(&self) -> impl Iterator<Item = String> {
        // Its texts are written as JSON's.
        let settings = self.0.iter();
        settings.map(|(key, setting)| {
            let key = key.strip_prefix("users.").unwrap_or(key);
            format!("{key} = {}", setting.value)
        })
    }

    /// Each of them.
    pub fn into_settings(self) -> impl Iterator<Item = Setting> {
        self.0.into_values()
    }
}
