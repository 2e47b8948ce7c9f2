//! Messages between programs by Redis' `PUBLISH` and `SUBSCRIBE`.

use std::sync::Arc;

use ::redis::cmd;
use async_trait::async_trait;
use futures_util::stream::{self, BoxStream, StreamExt};

use super::connection::{Connection, failure, lost};
use crate::Result;
use crate::connectors::Exchange;

pub(super) struct RedisExchange {
    pub connection: Arc<Connection>,
}

#[async_trait]
impl Exchange for RedisExchange {
    async fn publish(&self, channel: &str, message: &str) -> Result<()> {
        let mut publish = cmd("PUBLISH");
        publish.arg(channel).arg(message);
        self.connection.ask(&publish).await
    }

    async fn subscribe(&self, channel: &str) -> Result<BoxStream<'static, Result<String>>> {
        let mut messages = self.connection.pubsub().await?;
        messages.subscribe(channel).await.map_err(failure)?;
        let texts = messages
            .into_on_message()
            .map(|message| message.get_payload().map_err(failure));
        let end = stream::once(async { Err(lost()) });
        Ok(texts.chain(end).boxed())
    }
}
