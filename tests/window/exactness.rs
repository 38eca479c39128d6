//! The window shows exactly what is simulated, and leaves nothing behind.

use std::fs;

use libtest_mimic::Failed;
use perennial::live::{Programme, Session, SessionSettings, Simulation};
use perennial::scenario::Scenario;
use perennial::training::RunConfig;

use super::screen::Screen;
use super::seeing::{expect, facts};

pub(crate) fn states_are_those_of_a_headless_run(screen: &Screen) -> Result<(), Failed> {
    const TICKS: u64 = 1_200;
    let folder = tempfile::tempdir()?;
    let tour = format!(
        "[[moment]]\nafter_ticks = 8\npace = \"64x\"\n[[moment]]\nafter_ticks = 300\npace = \"free\"\ncamera = \"follow\"\n\
         [[moment]]\nafter_ticks = 300\npace = \"16x\"\n[[moment]]\nafter_ticks = 40\npace = \"free\"\n\
         [[moment]]\nat_tick = {TICKS}\nhashes = \"hashes\"\nquit = true\n"
    );
    let arguments = [
        "--method",
        "replay",
        "--seed",
        "3",
        "--gardens",
        "4",
        "--decisions-per-season",
        "1600",
        "--pace",
        "4x",
    ];
    screen.tour(folder.path(), &arguments, &tour)?;
    let watched = fs::read_to_string(folder.path().join("hashes"))?;
    let watched: Vec<&str> = watched.lines().take(TICKS as usize).collect();
    expect(
        watched.len() == TICKS as usize,
        format!("{} ticks were watched", watched.len()),
    )?;

    let mut config = RunConfig {
        method: "replay".to_owned(),
        seed: 3,
        gardens: 4,
        decisions_per_season: 1600,
        years: 1000,
        ..RunConfig::new(Scenario::load("four_seasons")?.scenario)
    };
    config.evaluation.episodes = 16;
    let mut headless = Session::new(SessionSettings {
        config,
        policy: None,
        learn: true,
        year_turns: true,
        season: 0,
        programme: Programme::Live,
        overlapped: true,
        evaluate: false,
        curve: Vec::new(),
        evaluations: Vec::new(),
        earlier: Vec::new(),
    })?;
    for watched in watched {
        headless.tick();
        let gardens = headless.gardens();
        let simulated = format!("{} {:016x}", gardens.clock(), gardens.state_hash());
        expect(watched == simulated, format!("watched {watched}, headless {simulated}"))?;
    }
    Ok(())
}

pub(crate) fn seasons_leave_nothing_behind(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut tour = String::from("[[moment]]\npace = \"64x\"\n");
    for round in 0..12 {
        for season in ["spring", "summer", "autumn", "winter"] {
            tour += &format!("[[moment]]\nseason = \"{season}\"\n[[moment]]\nafter_ticks = 20\n");
        }
        tour += &format!(
            "[[moment]]\nafter_frames = 20\n{}",
            if round >= 1 { "facts = \"facts.jsonl\"\n" } else { "" }
        );
    }
    tour += "[[moment]]\nquit = true\n";
    screen.tour(folder.path(), &["--gardens", "1", "--no-learning"], &tour)?;
    let facts = facts(folder.path())?;
    let (first, last) = (&facts[0], &facts[facts.len() - 1]);
    for key in ["entities", "meshes", "materials", "images"] {
        let (before, after) = (first[key].as_f64().unwrap_or(0.0), last[key].as_f64().unwrap_or(0.0));
        // Drops and sparks come and go: a round more or less of them is no leak, ten rounds of anything else are.
        expect(
            after <= 1.1 * before + 24.0,
            format!("{key}: {before} before, {after} after ten rounds"),
        )?;
    }
    if let (Some(before), Some(after)) = (first["resident_bytes"].as_f64(), last["resident_bytes"].as_f64()) {
        let grown_mb = (after - before) / 1e6;
        expect(grown_mb < 40.0, format!("memory grew by {grown_mb:.0} MB in ten rounds"))?;
    }
    Ok(())
}
