use loopwright::prelude::*;

/// What somebody says. It is kept nowhere: see loopwright.toml.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(greet), to = everyone)]
pub struct Message {
    /// Identifies the message.
    #[model(id, generated)]
    pub id: i64,
}

#[loopwright::methods]
impl Message {
    /// Says something to the receiver.
    #[remote(get = "/greet", returns = "greeting")]
    async fn greet(#[arg(query, default = "hello")] msg: String) -> Result<String> {
        Ok(format!("Sender says {msg} to receiver"))
    }
}
