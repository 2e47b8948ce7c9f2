//! What all rounds have found out about one server.

use std::time::Duration;

use crate::server::Round;

#[derive(Default)]
pub struct Measured {
    rounds: Vec<Round>,
}

impl Measured {
    pub const HEADING: &str = "\
| request | server | CPU per request | ratio | PostgreSQL's CPU | ratio | requests per second | p50 | p99 |
|---|---|---|---|---|---|---|---|---|";

    pub fn add(&mut self, round: Round) {
        self.rounds.push(round);
    }

    /// A row of the table; `other` is what ratios are to.
    pub fn row(&self, kind: &str, server: &str, other: &Measured) -> String {
        let cpu_of_database = self.median(|round| round.cpu_of_database);
        let (database, database_ratio) = if cpu_of_database > 0.0 {
            let ratio = self.ratio(other, |round| round.cpu_of_database);
            (format!("{cpu_of_database:.0} µs"), format!("{ratio:.2}"))
        } else {
            Default::default()
        };
        format!(
            "| {kind} | {server} | {:.0} µs | {:.2} | {database} | {database_ratio} | {:.0} | {:.2} ms | {:.2} ms |",
            self.median(|round| round.cpu),
            self.ratio(other, |round| round.cpu),
            self.median(|round| round.throughput),
            self.latency(0.5),
            self.latency(0.99),
        )
    }

    fn median(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(figure).collect())
    }

    fn ratio(&self, other: &Measured, figure: impl Fn(&Round) -> f64) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(
            pairs
                .map(|(own, others)| figure(own) / figure(others))
                .collect(),
        )
    }

    /// The time in milliseconds that this part of the requests took at most.
    fn latency(&self, part: f64) -> f64 {
        let mut times: Vec<Duration> = Vec::new();
        self.rounds
            .iter()
            .for_each(|round| times.extend(&round.latencies));
        times.sort_unstable();
        let position = (times.len() as f64 * part) as usize;
        times
            .get(position)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
