//! `bench`: the speed of the program on this machine.

mod peers;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bevy::math::Vec2;
use clap::Args;
use perennial::agent::drivers::RandomDriver;
use perennial::app::Gardens;
use perennial::learner::benchmark::{LookBenchmark, PassBenchmark, ProductBenchmark, UpdateBenchmark};
use perennial::learner::{LearnerError, LearnerSettings, ProductKernel};
use perennial::physics::{Motion, Pose};
use perennial::scenario::{DEFAULT_SCENARIO, SUBSTEPS, Scenario, Year};
use perennial::sensors::{EyeGeometry, SENSES, Scene, Thing};
use perennial::training::RunConfig;
use serde::Serialize;

use self::peers::Peer;
use super::Answer;
use super::output::{note, print, print_json};
use super::table::plain_table;

/// Number of times that each measurement is repeated. The best counts, because other load on a machine only makes it slower.
const REPEATS: usize = 3;

/// Measure the speed of the program on this machine
///
/// Each part is measured separately, on one core, in the default scenario: the environment (physics, eye, reward) with random
/// actions, the eye alone, the learner's updates, the matrix products that limit them, and a look inside the learner.
///
/// The products use AVX-512 where the processor has it; with PERENNIAL_AVX512=off in the environment they do not.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  perennial bench\n  perennial bench --json > bench.json\n  perennial bench --peers .venv/bin/python"
)]
pub(crate) struct Bench {
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
    /// Minimum duration of each measurement, in seconds. Each is repeated three times.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    time: f64,
    /// Measure libraries that are installed for this Python beside it: Stable-Baselines3, MuJoCo and ViZDoom.
    #[arg(long, value_name = "PYTHON")]
    peers: Option<PathBuf>,
}

/// Results. Higher is better, except for the eye.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct BenchReport {
    /// Decisions of the environment with one garden.
    decisions_per_second_1_garden: f64,
    /// Decisions of the environment with 16 gardens, over all of them.
    decisions_per_second_16_gardens: f64,
    /// Rapier steps within the environment with 16 gardens, everything around them included.
    physics_steps_per_second: f64,
    /// Time that one view of the eye takes.
    eye_microseconds: f64,
    /// Double-DQN updates of batch 128, sampling included.
    dqn_updates_per_second: f64,
    /// Updates of the discrete soft actor-critic, likewise.
    sac_updates_per_second: f64,
    /// Speed of a product of two 512 x 512 matrices: what the learner could at most reach.
    matmul_gflops_peak: f64,
    /// Speed of the matrix products within the updates.
    learner_gflops: f64,
    /// The share of the peak that the updates reach with everything that they do besides products.
    learner_share_of_peak: f64,
    /// A forward and a backward pass of 128 rows through the network of that update.
    pass_microseconds: f64,
    /// The same as an operation on dfdx's tape.
    pass_on_tape_microseconds: f64,
    /// A look inside the learner.
    look_milliseconds: f64,
    /// Fraction of a run of double DQN that its looks take, with the default settings.
    looks_share_of_run: f64,
    /// Instruction set of the matrix products.
    matrix_products: String,
    /// Speeds of libraries in Python; empty if none was asked for.
    peers: Vec<Peer>,
}

impl Bench {
    /// Measures, and shows the result.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        if cfg!(debug_assertions) {
            note("note: this is a debug build; measure with `cargo run --release -- bench`");
        }
        let time = Duration::from_secs_f64(self.time);
        // First, because a wrong path shows at once.
        let peers = match &self.peers {
            Some(python) => peers::measure(python, time)?,
            None => Vec::new(),
        };
        let report = BenchReport { peers, ..measure(time)? };
        if self.json {
            print_json(&report)?
        } else {
            print(&text(&report))?
        }
        Ok(Answer::Yes)
    }
}

fn measure(time: Duration) -> miette::Result<BenchReport> {
    let scenario = Scenario::load(DEFAULT_SCENARIO)?.scenario;
    // The largest of what is measured is a learner with full memories, as in a run.
    RunConfig::new(scenario.clone()).check_memory()?;
    let decisions_per_second_1_garden = environment(&scenario, 1, time);
    let decisions_per_second_16_gardens = environment(&scenario, 16, time);
    let learner = |error| miette::miette!("could not measure the learner: {error}");
    let of = |algorithm| measure_updates(algorithm, time).map_err(learner);
    let (dqn, operations) = of("dqn")?;
    let (sac, _) = of("sac")?;
    let peak = measure_product(time);
    let mut passes = PassBenchmark::new();
    let pass = per_second(time, || {
        std::hint::black_box(passes.written_out());
        1
    });
    let mut failed = None;
    let pass_on_tape = per_second(time, || {
        failed = failed.take().or(passes.through_dfdx().err());
        1
    });
    if let Some(error) = failed {
        return Err(miette::miette!("could not measure dfdx's tape: {error:?}"));
    }
    let look_s = 1.0 / measure_looks(time).map_err(learner)?;
    let config = RunConfig::new(scenario.clone());
    let decisions = config.inside.every_decisions as f64;
    let updates = decisions / config.learner.decisions_per_update as f64;
    let between_s = updates / dqn + decisions / decisions_per_second_16_gardens;
    Ok(BenchReport {
        decisions_per_second_1_garden,
        decisions_per_second_16_gardens,
        physics_steps_per_second: decisions_per_second_16_gardens * SUBSTEPS as f64,
        eye_microseconds: 1e6 / eye(&scenario, time),
        dqn_updates_per_second: dqn,
        sac_updates_per_second: sac,
        matmul_gflops_peak: peak / 1e9,
        learner_gflops: dqn * operations / 1e9,
        learner_share_of_peak: dqn * operations / peak,
        pass_microseconds: 1e6 / pass,
        pass_on_tape_microseconds: 1e6 / pass_on_tape,
        look_milliseconds: 1e3 * look_s,
        looks_share_of_run: look_s / (look_s + between_s),
        matrix_products: ProductKernel::current().instructions().to_owned(),
        peers: Vec::new(),
    })
}

/// Updates a second and operations an update, both on this thread.
fn measure_updates(algorithm: &str, time: Duration) -> Result<(f64, f64), LearnerError> {
    let mut update = UpdateBenchmark::new(algorithm, "replay", &LearnerSettings::default())?;
    let operations = update.operations_per_update()? as f64;
    let mut failed = None;
    let updates = per_second(time, || {
        failed = failed.take().or(update.update(1).err());
        1
    });
    failed.map_or(Ok((updates, operations)), Err)
}

/// Looks a second inside a learner, on this thread.
fn measure_looks(time: Duration) -> Result<f64, LearnerError> {
    let mut looking = LookBenchmark::new()?;
    let mut failed = None;
    let looks = per_second(time, || {
        failed = failed.take().or(looking.look().err());
        1
    });
    failed.map_or(Ok(looks), |error| Err(error.into()))
}

/// Operations a second of a plain product, on this thread.
fn measure_product(time: Duration) -> f64 {
    let mut product = ProductBenchmark::new(512);
    per_second(time, || {
        product.multiply();
        product.operations()
    })
}

/// Decisions a second of the environment, over all gardens.
fn environment(scenario: &Scenario, gardens: usize, time: Duration) -> f64 {
    let mut world = Gardens::new(scenario, gardens, 0, Year::Pure(0));
    world.drive(Box::new(RandomDriver::new(0)));
    per_second(time, || {
        world.tick();
        gardens as u64
    })
}

/// Views a second of the eye, in a garden as full as the scenario's, the plants on two rings around the robot.
fn eye(scenario: &Scenario, time: Duration) -> f64 {
    let geometry = EyeGeometry::new(&scenario.eye);
    let season = &scenario.seasons[0];
    let thing = |number: usize| {
        let angle_rad = number as f32 * std::f32::consts::TAU / scenario.plants.count as f32;
        let distance_m = if number.is_multiple_of(2) { 1.5 } else { 3.0 };
        let position_m = Pose::new(Vec2::ZERO, angle_rad).forward * distance_m;
        Thing {
            position_m,
            radius_m: 0.3,
            height_m: 0.6,
            colour: season.look.fine.to_array(),
        }
    };
    let things: Vec<Thing> = (0..scenario.plants.count).map(thing).collect();
    let Some(eye) = SENSES.iter().find(|sense| sense.name == "eye") else {
        return 0.0;
    };
    let mut view = vec![0; (eye.channels)(scenario).len()];
    let mut turn = 0_u32;
    per_second(time, || {
        // A hundred views at a time, each to another side: looking at the clock must not count.
        for _ in 0..100 {
            turn += 1;
            let scene = Scene {
                scenario,
                geometry: &geometry,
                look: &season.look,
                faults: &season.faults,
                view: u64::from(turn),
                light: 1.0,
                pose: Pose::new(Vec2::ZERO, turn as f32 * 0.1),
                motion: Motion::default(),
                bumped: false,
                pump_on: false,
                tank_fraction: 1.0,
                recent_rewards: Default::default(),
                things: &things,
            };
            (eye.write)(std::hint::black_box(&scene), &mut view);
            std::hint::black_box(&view);
        }
        100
    })
}

/// Returns the units of work done per second, where each call returns its number of units. The best of several measurements, after
/// one to warm up.
#[allow(
    clippy::disallowed_methods,
    reason = "measuring is what this command looks at the clock for"
)]
fn per_second(time: Duration, mut work: impl FnMut() -> u64) -> f64 {
    let mut once = |time: Duration| {
        let began = Instant::now();
        let mut units = 0;
        while began.elapsed() < time || units == 0 {
            units += work();
        }
        units as f64 / began.elapsed().as_secs_f64()
    };
    once(time / 10);
    (0..REPEATS).map(|_| once(time)).fold(0.0, f64::max)
}

/// The result as people read it.
fn text(report: &BenchReport) -> String {
    let mut table = plain_table(&["on one core", "measured", "unit"]);
    for (name, value, unit) in [
        (
            "environment, 1 garden",
            format!("{:.0}", report.decisions_per_second_1_garden),
            "decisions/s",
        ),
        (
            "environment, 16 gardens",
            format!("{:.0}", report.decisions_per_second_16_gardens),
            "decisions/s",
        ),
        ("physics in it", format!("{:.0}", report.physics_steps_per_second), "steps/s"),
        ("eye", format!("{:.2}", report.eye_microseconds), "us a view"),
        (
            "double DQN, batch 128",
            format!("{:.0}", report.dqn_updates_per_second),
            "updates/s",
        ),
        (
            "discrete SAC, batch 128",
            format!("{:.0}", report.sac_updates_per_second),
            "updates/s",
        ),
        ("DQN's matrix products", format!("{:.1}", report.learner_gflops), "GFLOP/s"),
        ("512 x 512 product", format!("{:.1}", report.matmul_gflops_peak), "GFLOP/s"),
        (
            "DQN's share of that",
            format!("{:.0}", 100.0 * report.learner_share_of_peak),
            "%",
        ),
        ("network, both passes", format!("{:.0}", report.pass_microseconds), "us"),
        (
            "the same on dfdx's tape",
            format!("{:.0}", report.pass_on_tape_microseconds),
            "us",
        ),
        ("look inside the learner", format!("{:.2}", report.look_milliseconds), "ms"),
        (
            "looks' share of a run",
            format!("{:.1}", 100.0 * report.looks_share_of_run),
            "%",
        ),
    ] {
        table.add_row([name.to_owned(), value, unit.to_owned()]);
    }
    for peer in &report.peers {
        let name = match &peer.version {
            Some(version) => format!("{}, {} {version}", peer.what, peer.library),
            None => format!("{}, {}", peer.what, peer.library),
        };
        match peer.per_second {
            Some(speed) => table.add_row([name, format!("{speed:.0}"), peer.unit.clone()]),
            None => table.add_row([name, "-".to_owned(), peer.unit.clone()]),
        };
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(comfy_table::CellAlignment::Right);
    }
    let missing = report
        .peers
        .iter()
        .filter_map(|peer| Some((&peer.library, peer.missing.as_ref()?)));
    let missing: String = missing.map(|(library, reason)| format!("\n{library}: {reason}")).collect();
    format!("{table}\nmatrix products by {}{missing}", report.matrix_products)
}

/// A time that a measurement can take.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.0..=3600.0).contains(&seconds) => Ok(seconds),
        Ok(_) => Err("must be between 0 and 3600".to_owned()),
        Err(error) => Err(format!("{error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promised_key_is_measured_and_positive() {
        let report = measure(Duration::from_millis(1)).unwrap();
        let json = serde_json::to_value(&report).unwrap();
        for key in [
            "decisions_per_second_1_garden",
            "decisions_per_second_16_gardens",
            "physics_steps_per_second",
            "eye_microseconds",
            "dqn_updates_per_second",
            "sac_updates_per_second",
            "matmul_gflops_peak",
            "learner_gflops",
            "learner_share_of_peak",
            "pass_microseconds",
            "pass_on_tape_microseconds",
            "look_milliseconds",
            "looks_share_of_run",
        ] {
            assert!(
                json[key].as_f64().is_some_and(|value| value > 0.0 && value.is_finite()),
                "{key}: {json}"
            );
        }
        assert!(text(&report).lines().all(|line| line.chars().count() <= 80));
    }

    /// Any program that answers like Python: no Python is needed here.
    #[cfg(unix)]
    fn answering(folder: &std::path::Path, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.join("python");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[cfg(unix)]
    #[test]
    fn peers_are_shown_with_their_speed_or_the_reason_for_none() {
        let folder = tempfile::tempdir().unwrap();
        let answer = r#"echo '[{"library": "a", "version": "1.2", "what": "DQN", "unit": "updates/s", "per_second": 510.4},
            {"library": "b", "what": "Ant", "unit": "steps/s", "missing": "PackageNotFoundError: b"}]'"#;
        let mut report = measure(Duration::from_millis(1)).unwrap();
        report.peers = peers::measure(&answering(folder.path(), answer), Duration::from_millis(1)).unwrap();
        let text = text(&report);
        assert!(text.contains("DQN, a 1.2") && text.contains("510"), "{text}");
        assert!(text.contains("b: PackageNotFoundError: b"), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn a_python_that_does_not_answer_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let told = |script: &str| {
            let python = answering(folder.path(), script);
            format!("{:?}", peers::measure(&python, Duration::from_millis(1)).unwrap_err())
        };
        assert!(told("echo hello").contains("did not answer"));
        assert!(told("echo SyntaxError: no >&2; exit 3").contains("SyntaxError: no"));
        let missing = peers::measure(&folder.path().join("none"), Duration::from_millis(1)).unwrap_err();
        assert!(format!("{missing:?}").contains("cannot start"));
    }

    #[test]
    fn times_are_sensible() {
        assert_eq!(seconds("0.5"), Ok(0.5));
        assert!(seconds("-1").is_err() && seconds("NaN").is_err() && seconds("soon").is_err());
    }
}
