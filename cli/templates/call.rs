/// The application with its data in memory.
async fn application() -> loopwright::Result<Router> {
    let app = {{library}}::app().data_source("db", "memory:");
    app.into_router().await
}

/// The status and the JSON of the answer to a request.
async fn call(application: &Router, request: Request<String>) -> TestResult<(StatusCode, Value)> {
    let answer = application.clone().oneshot(request.map(Body::from)).await?;
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await?;
    Ok((status, serde_json::from_slice(&body)?))
}
