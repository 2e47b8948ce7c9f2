//! Whom tokens stand for.

use async_trait::async_trait;

use super::Caller;
use crate::Result;

/// What knows whom a token stands for.
#[async_trait]
pub(crate) trait Authenticator: Send + Sync {
    /// The caller for whom a token stands that may be meant in several ways; a token that nobody knows stands for nobody.
    ///
    /// # Errors
    /// 401 for a token that is known and not valid any more; what keeps the tokens failed.
    async fn caller(&self, meanings: &[String]) -> Result<Caller>;

    /// Who calls without a token.
    fn anonymous(&self) -> Caller;

    /// The application that has this id and this key, if there is one.
    ///
    /// # Errors
    /// 429 when it calls too often; what keeps the applications failed.
    async fn application(&self, id: &str, key: &str) -> Result<Option<Caller>>;
}
