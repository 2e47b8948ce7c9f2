//! The example `blog` as a user starts it.

use loopwright_tests::{Example, check_document};
use serde_json::json;

type TestResult = Result<(), Box<dyn std::error::Error>>;

#[tokio::test]
async fn the_requests_of_its_document_can_be_pasted() -> TestResult {
    let blog = Example::start("blog", &[]).await?;
    let document = include_str!("../../examples/blog/README.md");
    for (request, answer) in blog.answers(document).await? {
        let refused = request.contains("# refused");
        assert_eq!(
            answer.get("error").is_some(),
            refused,
            "{request}: {answer}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn its_document_passes_redocly_and_the_openapi_validator() -> TestResult {
    let blog = Example::start("blog", &[]).await?;
    check_document(&blog.get("/openapi.json").await?.to_string()).await?;
    assert_eq!(blog.get("/api/Posts/count").await?, json!({ "count": 2 }));
    Ok(())
}
