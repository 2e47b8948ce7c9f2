//! Which keys a definition may have, and which of them ask for what is not there yet (contract *models.md* §1.1).

use super::problem::Problems;
use super::settings::Settings;
use super::source::Member;

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
        if !KEYS.contains(&key.as_str()) {
            problems.unknown(place, "key of a definition", key, &KEYS);
        }
        if let Some((_, usual)) = NOT_YET.iter().find(|(known, _)| known == key)
            && (node.is_truthy() && !node.is_empty()) != *usual
        {
            problems.missing(place, format!("`{key}` is not there yet"));
        }
        match key.as_str() {
            "defaultPermission" if node.as_str() != Some("DENY") => {
                problems.missing(
                    place,
                    "what no rule allows is denied; write a rule for `$everyone`",
                );
            }
            "aclErrorStatus" => problems.missing(place, "`aclErrorStatus` is not there yet"),
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
