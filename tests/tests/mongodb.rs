//! What only MongoDB has, or could do wrong.

use loopwright::connectors::mongodb::MongoConnector;
use loopwright::testing::conformance;
use loopwright_tests::mongodb_url;

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

#[tokio::test]
async fn it_does_what_every_connector_does() -> TestResult {
    let Some(url) = mongodb_url() else {
        return Ok(());
    };
    conformance(&MongoConnector::connect(&url, None).await?).await;
    Ok(())
}
