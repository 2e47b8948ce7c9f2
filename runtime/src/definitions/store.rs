//! What depends on the connector of a model's data source (contract *connectors.md* §2.1).

use super::property::Type;

/// A kind of data source, as far as definitions mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    MongoDb,
    MySql,
    Postgres,
    Sqlite,
    /// It keeps nothing.
    Transient,
    /// In memory, or with a connector of somebody's own.
    Other,
}

impl Store {
    /// That of a LoopBack connector.
    #[cfg(feature = "discovery")]
    pub fn of_connector(name: &str) -> Self {
        match name {
            "mongodb" => Store::MongoDb,
            "mysql" => Store::MySql,
            "postgresql" => Store::Postgres,
            "sqlite3" => Store::Sqlite,
            "transient" => Store::Transient,
            _ => Store::Other,
        }
    }

    /// That of a data source's URL.
    pub fn of_url(url: &str) -> Self {
        match url.split(':').next().unwrap_or_default() {
            "mongodb" | "mongodb+srv" => Store::MongoDb,
            "mysql" | "mariadb" => Store::MySql,
            "postgres" | "postgresql" => Store::Postgres,
            "sqlite" => Store::Sqlite,
            "transient" => Store::Transient,
            _ => Store::Other,
        }
    }

    /// Has it a column for each property, and no room for others?
    pub fn has_tables(self) -> bool {
        matches!(self, Store::MySql | Store::Postgres | Store::Sqlite)
    }

    /// The keys under which definitions speak of it.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Store::MongoDb => &["mongodb"],
            Store::MySql => &["mysql"],
            Store::Postgres => &["postgresql"],
            Store::Sqlite => &["sqlite3", "sqlite"],
            Store::Transient => &["transient"],
            Store::Other => &["memory"],
        }
    }

    /// The table or column that LoopBack makes of a name.
    pub fn name(self, name: &str) -> String {
        match self {
            Store::Postgres | Store::Sqlite => name.to_lowercase(),
            Store::MongoDb | Store::MySql | Store::Transient | Store::Other => name.to_owned(),
        }
    }

    /// Has a connector of LoopBack's named tables and columns?
    #[cfg(feature = "discovery")]
    pub fn has_names(self) -> bool {
        !matches!(self, Store::Transient | Store::Other)
    }

    /// The type of an id that the store gives.
    pub fn id_type(self) -> Type {
        match self {
            Store::MongoDb => Type::ObjectId,
            Store::Transient => Type::String,
            _ => Type::Integer,
        }
    }
}
