//! Trains a short year with replay, in a folder of its own, and prints the score of every season.
//!
//! `cargo run --release --no-default-features --example train_and_evaluate`

#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use perennial::scenario::Scenario;
use perennial::training::{Execution, Existing, NoObserver, Outcome, RunConfig, RunFolder, Training};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut config = RunConfig::new(Scenario::load("four_seasons")?.scenario);
    config.method = "replay".to_owned();
    config.seed = 7;
    config.decisions_per_season = 8_000;
    config.evaluation.episodes = 8;

    let folder = RunFolder::create(Path::new("runs"), "example", Existing::Replace, &config.to_toml()?)?;
    let mut training = Training::start(config, folder, None, Execution::default())?;
    // Set from another thread or a signal handler, the flag ends the run with a checkpoint.
    let stop = AtomicBool::new(false);
    if let Outcome::Finished(summary) = training.run(&mut NoObserver, &stop)? {
        let last = summary.score_matrix.last().map(Vec::as_slice).unwrap_or_default();
        for (season, score) in summary.seasons.iter().zip(last) {
            println!(
                "{season:>8}: {}",
                score.map_or("not defined".to_owned(), |score| format!("{score:.2}"))
            );
        }
    }
    println!("see runs/example, or `perennial report runs --out report.html`");
    Ok(())
}
