//! The environment that an application starts in, as far as LoopBack's files speak of it (contract *boot.md* §2, §4, §5).

use std::collections::BTreeMap;

/// The name of the environment, and its variables.
pub(crate) struct Environment {
    name: String,
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// That of the process. It is called as it is said, or as `LOOPWRIGHT_ENV` or LoopBack's `NODE_ENV` say.
    pub fn of_process(said: Option<&str>) -> Self {
        // What is no text is nothing that a file could name.
        let variables = std::env::vars_os();
        let variables = variables.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Environment::new(said, variables.collect())
    }

    /// One with these variables.
    pub fn new(said: Option<&str>, variables: BTreeMap<String, String>) -> Self {
        let mut environment = Environment {
            name: String::new(),
            variables,
        };
        let name = said.or_else(|| {
            let named = environment.first(&["LOOPWRIGHT_ENV", "NODE_ENV"]);
            named.map(|(_, name)| name)
        });
        environment.name = name.unwrap_or("development").to_owned();
        environment
    }

    /// What it is called: `development`, unless somebody says otherwise.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The variable called `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The first of these variables that is set and not empty, with its name.
    pub fn first<'a>(&self, names: &[&'a str]) -> Option<(&'a str, &str)> {
        let mut set = names
            .iter()
            .filter_map(|name| Some((*name, self.get(name)?)));
        set.find(|(_, value)| !value.is_empty())
    }
}
