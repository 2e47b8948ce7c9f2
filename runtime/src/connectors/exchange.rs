//! What carries messages between the instances of an application.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use crate::Result;

/// Carries messages between programs that use the same data source: to whoever listens at the moment, and to nobody else.
#[async_trait]
pub trait Exchange: Send + Sync {
    /// How many bytes a message may have; any number, unless said.
    fn longest(&self) -> Option<usize> {
        None
    }

    /// Sends a message to everybody who listens to `channel`: a word of letters, digits and `_`.
    ///
    /// # Errors
    /// 503 when the data source can't be reached.
    async fn publish(&self, channel: &str, message: &str) -> Result<()>;

    /// The messages on `channel` from now on. The stream ends with an error when some may be missed.
    ///
    /// # Errors
    /// 503 when the data source can't be reached.
    async fn subscribe(&self, channel: &str) -> Result<BoxStream<'static, Result<String>>>;
}
