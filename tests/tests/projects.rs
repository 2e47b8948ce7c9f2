//! The example `projects` as a user starts it.

use loopwright_tests::{Example, check_document};
use serde_json::json;

type TestResult = Result<(), Box<dyn std::error::Error>>;

#[tokio::test]
async fn the_requests_of_its_document_can_be_pasted() -> TestResult {
    let projects = Example::start("projects", &[]).await?;
    let document = include_str!("../../examples/projects/README.md");
    let mut last = json!(null);
    for (request, answer) in projects.answers(document).await? {
        let refused = request.contains("# refused");
        assert_eq!(
            answer.get("error").is_some(),
            refused,
            "{request}: {answer}"
        );
        last = answer;
    }
    // What Bob sees of the tasks.
    let titles: Vec<_> = last
        .as_array()
        .into_iter()
        .flatten()
        .map(|task| &task["title"])
        .collect();
    assert_eq!(titles, ["Dig", "Water"]);
    check_document(&projects.get("/openapi.json").await?.to_string()).await?;
    Ok(())
}
