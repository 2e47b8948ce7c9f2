//! What a server holds on to.
#![cfg(target_os = "linux")]

use loopwright::Config;
use loopwright::builtin::User;
use loopwright::prelude::*;
use loopwright_tests::serve::serve;
use serde_json::json;

type TestResult<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Somebody with an account.
#[derive(Model, Clone, Debug)]
struct Member {
    #[model(base)]
    user: User,
}

/// How many MiB the process has in memory.
fn resident() -> TestResult<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    Ok(kib.ok_or("no VmRSS")?.parse::<u64>()? / 1024)
}

#[tokio::test]
async fn many_logins_take_no_more_memory_than_a_few() -> TestResult {
    let mut config = Config::default();
    config.users.login_attempts = 0;
    let app = App::new()
        .config(config)
        .data_source("db", "memory:")
        .models::<(Member,)>();
    let served = serve(app).await?;
    let members = served.application.repository::<Member>()?;
    let user = User::new("ann@shop.example", "secret");
    members.create(Member { user }).await?;
    let before = resident()?;
    for _ in 0..100 {
        let login = served
            .anonymous()
            .call(
                "POST /Members/login",
                json!({"email": "ann@shop.example", "password": "secret"}),
            )
            .await?;
        assert_eq!(login.0, 200, "{}", login.1);
    }
    // One hash takes 19 MiB, and they were made one after the other.
    let grown = resident()?.saturating_sub(before);
    assert!(grown < 100, "{grown} MiB more than before");
    Ok(())
}
