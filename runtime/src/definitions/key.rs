//! Which keys a definition may have, and which of them ask for what is not there yet (contract *models.md* §1.1).

use super::built_in;
use super::problem::Problems;
use super::settings::Settings;
use super::source::Member;
use super::users;

/// The keys that a definition may have.
const KEYS: [&str; 49] = [
    "name",
    "base",
    "plural",
    "http",
    "description",
    "properties",
    "options",
    "relations",
    "acls",
    "strict",
    "idInjection",
    "forceId",
    "hidden",
    "protected",
    "scope",
    "scopes",
    "indexes",
    "mixins",
    "methods",
    "validations",
    "validateUpsert",
    "automaticValidation",
    "replaceOnPUT",
    "strictDelete",
    "updateOnLoad",
    "persistUndefinedAsNull",
    "applyDefaultsOnReads",
    "normalizeUndefinedInQuery",
    "trackChanges",
    "enableRemoteReplication",
    "changeCleanupInterval",
    "injectOptionsFromRemoteContext",
    "remoting",
    "aclErrorStatus",
    "defaultPermission",
    "tableName",
    "memory",
    "mysql",
    "postgresql",
    "oracle",
    "mssql",
    "mongodb",
    "sqlite3",
    "allowExtendedOperators",
    "disableDefaultSort",
    "attributes",
    "models",
    "public",
    "strictObjectIDCoercion",
];

/// What loopwright does as LoopBack does unless the definition says so; it can't be told to do otherwise yet.
const NOT_YET: [(&str, bool); 9] = [
    ("updateOnLoad", false),
    ("persistUndefinedAsNull", false),
    ("applyDefaultsOnReads", true),
    ("trackChanges", false),
    ("enableRemoteReplication", false),
    ("injectOptionsFromRemoteContext", false),
    ("allowExtendedOperators", false),
    ("attributes", false),
    ("models", false),
];

/// Reports keys that nobody knows, and those that ask for what is not there yet.
pub(super) fn check(settings: &Settings, problems: &mut Problems) {
    for Member { key, place, node } in &settings.members {
        let known = KEYS.into_iter().chain(users::keys(settings));
        let known: Vec<_> = known.collect();
        if !known.contains(&key.as_str()) {
            problems.unknown(place, "key of a definition", key, &known);
        }
        // Users' own sessions go on as if it were said.
        let of_users = settings.base().is_some_and(built_in::is_user);
        let said = of_users && key == "injectOptionsFromRemoteContext";
        if let Some((_, usual)) = NOT_YET.iter().find(|(known, _)| known == key)
            && !said
            && (node.is_truthy() && !node.is_empty()) != *usual
        {
            problems.missing(place, format!("`{key}` is not there yet"));
        }
        match key.as_str() {
            "defaultPermission" if !matches!(node.as_str(), Some("ALLOW" | "DENY")) => {
                problems.mistake(place, "`defaultPermission` is `ALLOW` or `DENY`");
            }
            "normalizeUndefinedInQuery" if node.as_str() != Some("ignore") => {
                problems.missing(place, "`normalizeUndefinedInQuery` is not there yet");
            }
            "validations" if !node.is_empty() => {
                problems.note(
                    place,
                    "LoopBack ignores `validations`, and so does loopwright",
                );
            }
            "public" => problems.note(place, "`public` has a meaning in `model-config.json` alone"),
            _ => {}
        }
    }
}
