//! Where data is kept: what a data source needs of a project.

use std::fmt;

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// What a data source speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Connector {
    /// An embedded database in a file
    Sqlite,
    /// PostgreSQL
    #[value(alias = "postgresql")]
    Postgres,
    /// MySQL or MariaDB
    #[value(alias = "mariadb")]
    Mysql,
    /// MongoDB
    Mongodb,
    /// In memory, gone with the program
    Memory,
    /// Values under keys, in Redis
    #[value(alias = "kv-redis")]
    Redis,
    /// Values under keys, in memory
    KvMemory,
    /// Nowhere: what is created is answered and forgotten
    Transient,
}

impl fmt::Display for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Connector::Sqlite => "sqlite",
            Connector::Postgres => "postgres",
            Connector::Mysql => "mysql",
            Connector::Mongodb => "mongodb",
            Connector::Memory => "memory",
            Connector::Redis => "redis",
            Connector::KvMemory => "kv-memory",
            Connector::Transient => "transient",
        })
    }
}

impl Connector {
    /// Where a new project may keep its data: what finds rows by conditions and keeps them.
    pub(crate) const DATABASES: [Connector; 5] = [
        Connector::Sqlite,
        Connector::Postgres,
        Connector::Mysql,
        Connector::Mongodb,
        Connector::Memory,
    ];

    /// Reads one of the [`DATABASES`](Self::DATABASES).
    pub(crate) fn database_parser() -> impl TypedValueParser<Value = Connector> {
        let values = Connector::DATABASES
            .iter()
            .filter_map(ValueEnum::to_possible_value);
        PossibleValuesParser::new(values).try_map(|word| Connector::from_str(&word, false))
    }

    /// The cargo feature of loopwright that it needs, if any.
    pub(crate) fn feature(self) -> Option<&'static str> {
        match self {
            Connector::Sqlite => Some("sqlite"),
            Connector::Postgres => Some("postgres"),
            Connector::Mysql => Some("mysql"),
            Connector::Mongodb => Some("mongodb"),
            Connector::Redis => Some("redis"),
            Connector::Memory | Connector::KvMemory | Connector::Transient => None,
        }
    }

    /// A URL for the database called `name`, where servers usually are.
    pub(crate) fn url(self, name: &str) -> String {
        let database = name.replace('-', "_");
        match self {
            Connector::Sqlite => format!("sqlite://{name}.db"),
            Connector::Postgres => format!("postgres://localhost/{database}"),
            Connector::Mysql => format!("mysql://localhost/{database}"),
            Connector::Mongodb => format!("mongodb://localhost/{database}"),
            Connector::Memory => "memory:".to_owned(),
            Connector::Redis => "redis://localhost/0".to_owned(),
            Connector::KvMemory => "kv-memory:".to_owned(),
            Connector::Transient => "transient:".to_owned(),
        }
    }

    /// Does the URL have a scheme that it speaks?
    pub(crate) fn speaks(self, url: &str) -> bool {
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        match self {
            Connector::Sqlite => scheme == "sqlite",
            Connector::Postgres => matches!(scheme, "postgres" | "postgresql"),
            Connector::Mysql => matches!(scheme, "mysql" | "mariadb"),
            Connector::Mongodb => matches!(scheme, "mongodb" | "mongodb+srv"),
            Connector::Memory => scheme == "memory",
            Connector::Redis => matches!(scheme, "redis" | "rediss"),
            Connector::KvMemory => url == "kv-memory:",
            Connector::Transient => url == "transient:",
        }
    }

    /// Whether it keeps values under keys alone: models are attached by their own trait then.
    pub(crate) fn is_key_value(self) -> bool {
        matches!(self, Connector::Redis | Connector::KvMemory)
    }
}
