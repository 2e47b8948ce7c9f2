//! Where the time of a request has gone (W3C Server Timing), told in debug mode.

use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::serve::serve;
use loopwright_tests::sqlite_url;

use crate::{Note, TestResult};

#[tokio::test]
async fn in_debug_mode_the_caller_learns_where_the_time_goes() -> TestResult {
    for debug in [true, false] {
        let url = sqlite_url();
        let mut config = Config::default();
        config.debug = debug;
        let app = App::new().config(config).data_source("db", &*url);
        let served = serve(app.models::<(Note,)>()).await?;
        let notes = format!("{}/api/Notes", served.url);
        let answer = served.client.get(&notes).send().await?;
        let timing = answer.headers().get("server-timing");
        assert_eq!(timing.is_some(), debug);
        let Some(timing) = timing else { continue };
        let timing = timing.to_str()?;
        let durations: Vec<f64> = timing
            .split(", ")
            .zip(["db;dur=", "total;dur="])
            .filter_map(|(part, name)| part.strip_prefix(name)?.parse().ok())
            .collect();
        let [db, total] = durations[..] else {
            return Err(timing.into());
        };
        assert!(0.0 < db && db < total, "{timing}");
    }
    Ok(())
}
