//! Words that mean something to a parser, so that what is mutated gets beyond the first member.

/// Words of filters, bodies, paths, headers, configuration and definitions.
pub const WORDS: &[&str] = &[
    // Filters.
    "filter", "where", "order", "limit", "skip", "offset", "fields", "include", "relation", "scope",
    "and", "or", "nor", "gt", "gte", "lt", "lte", "between", "inq", "nin", "neq", "like", "nlike",
    "ilike", "nilike", "regexp", "near", "maxDistance", "unit", "kilometers", "after", "before",
    "count", "ASC", "DESC", "name DESC", "limitEach",
    // Properties.
    "id", "name", "year", "ratio", "price", "open", "since", "day", "code", "tags", "numbers",
    "picture", "spot", "meta", "meta.a.b", "tags.0", "address", "address.city", "branches.0.zip",
    "size", "secret", "ownerId", "owner", "shops", "shopId", "tag", "weight", "text", "version",
    "public", "memberId", "email", "password", "realm", "ttl", "lat", "lng",
    // Values.
    "null", "true", "false", "0", "-0", "1", "-1", "2", "1.5", "1e308", "1e309", "-1e-320", "127",
    "128", "255", "65536", "2147483648", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "18446744073709551616", "0.1", "1_0", "0x10", "NaN", "Infinity",
    "79228162514264337593543950335", "2020-01-01", "2020-02-30", "2016-12-31T23:59:60Z",
    "2020-01-01T00:00:00.123456789Z", "-262143-01-01T00:00:00Z", "+262142-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999+14:00", "0000-01-01", "1577836800000", "8640000000000001",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "49.28,-123.12", "91,181", "YWJj", "small", "large",
    "{\"$type\":\"base64\",\"$data\":\"YWJj\"}", "{\"lat\":1,\"lng\":2}", "[]", "{}", "\"\"",
    // Text.
    "%", "_", "%a_", "\\", "\\%", "\\u0000", "\\ud800", "\u{0}", "\u{301}", "\u{df}", "\u{130}",
    "\u{2028}", "\u{fffe}", "\u{1f600}", "a ", "''", "\"", "<", "&", "]]>", "%00", "%2F", "%2C",
    "%c0%af", "%", "+", ";", ",", "/^a/i", "^", "$", "(?i)", "(a|b)*", "[^a]", "\\b", "\\pL", "{2,}",
    "{1000}", "*", "?", "[a-z]", "[!a]", "[]]",
    // Operators.
    "$inc", "$set", "$unset", "$push", "$addToSet", "$pullAll", "$pop", "$currentDate", "$mul",
    "$min", "$type", "$data", "$promise",
    // Requests.
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "/api", "Shops", "Owners",
    "Taggings", "Pages", "Caches", "Members", "Notes", "findOne", "upsertWithWhere", "replaceOrCreate",
    "exists", "change-stream", "update", "replace", "echo", "rel", "keys", "expire", "ttl", "login",
    "me", "1,2", "7,rust", "_format", "xml", "callback", "access_token", "application/json",
    "application/xml", "text/html", "text/javascript", "application/x-www-form-urlencoded",
    "application/problem+json", "text/event-stream", "multipart/form-data; boundary=x", "*/*",
    "q=0.5", "q=nan", "q=-1", "charset=utf-16", "gzip", "W/\"1-a\"", "\"1\"", "content-type", "accept",
    "if-match", "if-none-match", "last-event-id", "idempotency-key", "authorization", "cookie", "origin",
    "x-http-method-override", "x-number", "x-api-key", "range", "content-length", "Bearer ", "Basic ",
    // Other transports.
    "jsonrpc", "2.0", "method", "params", "Shop.find", "Shop.prototype.close", "event", "invoke",
    "unsubscribe", "methodString", "args", "ctorArgs", "accessToken", "ifMatch", "lastEventId",
    // Configuration and definitions.
    "url", "memory:", "sqlite::memory:", "kv-memory:", "postgres://me@h/d", "10s", "1ms", "100kb", "1TB",
    "server/config.json", "server/model-config.json", "common/models/shop.json", "dataSource",
    "connector", "memory", "mysql", "postgresql", "properties", "relations", "acls", "mixins", "base",
    "User", "PersistedModel", "type", "string", "number", "date", "object", "any", "geopoint", "required",
    "default", "hasMany", "belongsTo", "hasAndBelongsToMany", "embedsMany", "embedsOne",
    "referencesMany", "hasOne", "through", "foreignKey", "keyThrough", "polymorphic", "options",
    "principalType", "ROLE", "principalId", "$everyone", "$owner", "$authenticated", "permission",
    "ALLOW", "DENY", "accessType", "READ", "property", "index", "unique", "scopes", "hidden",
    "protected", "${HOME}", "${NODE_ENV}", "${", "initial:before", "routes", "final", "paths", "methods",
    "enabled", "loopback#rest", "strong-error-handler",
    // Tables.
    "CREATE TABLE", "INTEGER PRIMARY KEY", "VARCHAR(255)", "DECIMAL(10,2)", "NOT NULL", "REFERENCES",
    "UNIQUE", "tinyint(1)", "self", "crate", "async", "r#type",
];
