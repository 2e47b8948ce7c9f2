//! The example `clinic` as a user starts it.

use loopwright_tests::{Example, check_document};
use serde_json::json;

type TestResult = Result<(), Box<dyn std::error::Error>>;

#[tokio::test]
async fn the_requests_of_its_document_can_be_pasted() -> TestResult {
    let clinic = Example::start("clinic", &[]).await?;
    let document = include_str!("../../examples/clinic/README.md");
    for (request, answer) in clinic.answers(document).await? {
        let refused = request.contains("# refused");
        assert_eq!(
            answer.get("error").is_some(),
            refused,
            "{request}: {answer}"
        );
    }
    // The invoice has outlived what it is for.
    let invoice = clinic.get("/api/Invoices/1").await?;
    assert_eq!(invoice["appointmentId"], json!(null));
    Ok(())
}

#[tokio::test]
async fn its_document_passes_redocly_and_the_openapi_validator() -> TestResult {
    let clinic = Example::start("clinic", &[]).await?;
    check_document(&clinic.get("/openapi.json").await?.to_string()).await?;
    let on_duty = clinic.get("/api/Wards/1/onDuty").await?;
    let names: Vec<_> = on_duty.as_array().into_iter().flatten().collect();
    assert_eq!(
        (&names[0]["name"], &names[1]["name"]),
        (&json!("Ute"), &json!("Eve"))
    );
    Ok(())
}
