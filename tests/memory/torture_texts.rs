//! Everything that the program reads, damaged: nothing may panic, hang, or allocate much.
//!
//! `cargo test --test memory -- --ignored` reads a million damaged files of each kind together; `PERENNIAL_TORTURE` says another
//! number, and `PERENNIAL_TORTURE_FROM` the first one, so that several processes can share the work. What fails is written to the folder for temporary files, under a name that the failure tells. Where the program aborts,
//! `PERENNIAL_TORTURE_KEEP=1` writes each file before it is read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cpu_time::ThreadTime;
use perennial::learner::{Learner, LearnerSettings, LearnerSpec, Policy, StateDict, StateError};
use perennial::mdp::Action;
use perennial::rollout::{Recording, RecordingHeader, record};
use perennial::scenario::{Scenario, shipped_names};
use perennial::sensors::observation_spec;
use perennial::training::memory::MemoryNeed;
use perennial::training::run_folder::read_summary;
use perennial::training::{
    Checkpoint, Execution, Existing, NoObserver, RunConfig, RunFolder, RunPolicy, SHIPPED_POLICIES, Training, policy_of_run,
    read_run_config,
};

use crate::ALLOCATOR;
use crate::mutation::mutated;

pub(crate) const TESTS: &[(&str, fn())] = &[(
    "damaged_files_are_refused_and_nothing_else_happens",
    damaged_files_are_refused_and_nothing_else_happens,
)];

/// An hour of them.
pub(crate) const IGNORED_TESTS: &[(&str, fn())] = &[(
    "a_million_damaged_files_are_refused_and_nothing_else_happens",
    a_million_damaged_files_are_refused_and_nothing_else_happens,
)];

/// Damaged files of a run with the other tests.
const QUICK: u64 = 20_000;
/// Damaged files of a long run.
const LONG: u64 = 1_000_000;
/// Maximum time for reading one.
const MOST_TIME: Duration = Duration::from_secs(1);
/// Maximum number of bytes allocated for reading one.
const MOST_BYTES: usize = 200_000_000;

/// A kind of file.
struct Target {
    name: &'static str,
    /// Good files.
    good: Vec<Vec<u8>>,
    /// Reads one, whatever comes of it.
    read: Box<dyn Fn(&[u8])>,
    /// Number of files of this kind among a hundred.
    share: u64,
}

fn short_config() -> RunConfig {
    let mut config = RunConfig::new(Scenario::load("four_seasons").unwrap().scenario);
    config.gardens = 2;
    config.decisions_per_season = 40;
    config.scenario.episode.decisions = 10;
    config.evaluation.episodes = 1;
    config.learner.hidden = vec![4];
    config.learner.batch_size = 4;
    config.learner.fresh_memory.capacity = 32;
    config.learner.fresh_memory.minimum_transitions = 8;
    config.learner.reservoir.capacity = 32;
    config
}

/// A short run, all of its files.
fn run(folder: &Path) -> PathBuf {
    let config = short_config();
    let run = RunFolder::create(folder, "run", Existing::Refuse, &config.to_toml().unwrap()).unwrap();
    let mut training = Training::start(config, run, None, Execution { overlapped: false }).unwrap();
    training.run(&mut NoObserver, &false.into()).unwrap();
    folder.join("run")
}

fn checkpoints(run: &Path) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(run.join("checkpoints")).unwrap();
    files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

fn scenarios() -> Target {
    let read = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        match Scenario::parse("damaged.toml", text) {
            Ok(scenario) => assert!(Scenario::parse("again.toml", &scenario.to_toml().unwrap()).is_ok()),
            Err(mistakes) => assert!(!mistakes.render(100, false).is_empty()),
        }
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let text = |name: &str| std::fs::read(folder.join(format!("{name}.toml"))).ok();
    let season = std::fs::read(folder.join("seasons/winter.toml")).ok();
    Target {
        name: "scenario",
        good: shipped_names().filter_map(text).chain(season).collect(),
        read: Box::new(read),
        share: 30,
    }
}

fn scenario_files(folder: &Path) -> Target {
    let path = folder.join("damaged.toml");
    Target {
        name: "scenario file",
        good: scenarios().good,
        read: Box::new(move |bytes| {
            std::fs::write(&path, bytes).unwrap();
            if let Err(error) = Scenario::load(&path.to_string_lossy()) {
                let _ = error.mistakes().map(|mistakes| mistakes.render(100, true));
            }
        }),
        share: 5,
    }
}

fn configs(folder: &Path, run: &Path) -> Target {
    let damaged = folder.join("config");
    std::fs::create_dir_all(&damaged).unwrap();
    Target {
        name: "config",
        good: vec![std::fs::read(run.join("config.toml")).unwrap()],
        read: Box::new(move |bytes| {
            std::fs::write(damaged.join("config.toml"), bytes).unwrap();
            if let Ok(config) = read_run_config(&damaged)
                && config.check().is_ok()
            {
                MemoryNeed::of_run(&config).unwrap();
            }
        }),
        share: 20,
    }
}

fn summaries(folder: &Path, run: &Path) -> Target {
    let damaged = folder.join("summary");
    std::fs::create_dir_all(&damaged).unwrap();
    Target {
        name: "summary",
        good: vec![std::fs::read(run.join("summary.json")).unwrap()],
        read: Box::new(move |bytes| {
            std::fs::write(damaged.join("summary.json"), bytes).unwrap();
            let _ = read_summary(&damaged);
        }),
        share: 5,
    }
}

fn recordings() -> Target {
    let mut scenario = Scenario::load("four_seasons").unwrap().scenario;
    scenario.episode.decisions = 5;
    let recording = |season| {
        let header = RecordingHeader::new(scenario.clone(), season, 1, 0, "gardener");
        let mut text = Vec::new();
        record(&header, Box::new(perennial::agent::drivers::Gardener), &mut text, |_| {}).unwrap();
        text
    };
    Target {
        name: "recording",
        good: vec![recording(None), recording(Some(1))],
        read: Box::new(|bytes| _ = Recording::read(bytes)),
        share: 10,
    }
}

/// The state in which the damage is not caught by the checksum: that of the damaged file.
fn with_its_checksum(bytes: &[u8]) -> Option<Vec<u8>> {
    let StateError::Checksum { expected, found } = StateDict::from_bytes(bytes).err()? else {
        return None;
    };
    let (old, new) = (format!("checksum\\\":{expected}"), format!("checksum\\\":{found}"));
    let header_bytes = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?) as usize;
    let header = std::str::from_utf8(bytes.get(8..8 + header_bytes)?)
        .ok()?
        .replacen(&old, &new, 1);
    Some(
        [
            &(header.len() as u64).to_le_bytes(),
            header.as_bytes(),
            &bytes[8 + header_bytes..],
        ]
        .concat(),
    )
}

fn policies() -> Target {
    let spec = observation_spec(&Scenario::load("four_seasons").unwrap().scenario);
    let read = move |bytes: &[u8]| {
        let Ok(file) = RunPolicy::from_bytes(bytes) else { return };
        for snapshot in file.networks() {
            if let Ok(mut policy) = Policy::new(&spec, snapshot) {
                policy.greedy(&vec![7; spec.len()], &mut [0]);
            }
        }
    };
    Target {
        name: "policy",
        good: vec![small_policy(SHIPPED_POLICIES[0].read().unwrap())],
        read: Box::new(move |bytes| {
            read(bytes);
            with_its_checksum(bytes).iter().for_each(|bytes| read(bytes));
        }),
        share: 10,
    }
}

/// The same with a network of few units, so that a damaged place is seldom a weight.
fn small_policy(file: RunPolicy) -> Vec<u8> {
    let mut policy = file.networks()[0].clone();
    policy.shape.hidden = vec![2];
    policy.parameters.truncate(policy.shape.parameters());
    let small = RunPolicy::new(vec![policy.clone(), policy], file.origin, None).unwrap();
    small.to_bytes().unwrap()
}

fn states(run: &Path) -> Target {
    let config = short_config();
    let good = checkpoints(run)
        .iter()
        .map(|bytes| Checkpoint::decode(bytes).unwrap().body)
        .collect();
    let read = move |bytes: &[u8]| {
        let Ok(state) = StateDict::from_bytes(bytes) else { return };
        let mut learner = learner(&config);
        let _ = learner.load(&state);
    };
    Target {
        name: "state",
        good,
        read: Box::new(move |bytes| {
            read(bytes);
            with_its_checksum(bytes).iter().for_each(|bytes| read(bytes));
        }),
        share: 10,
    }
}

fn learner(config: &RunConfig) -> Learner {
    let spec = LearnerSpec {
        observation: observation_spec(&config.scenario),
        actions: Action::ALL.len(),
        gardens: config.gardens,
        decisions_per_task: config.decisions_per_season,
        seed: config.seed,
    };
    let settings: &LearnerSettings = &config.learner;
    Learner::new(&config.algorithm, &config.method, settings, spec).unwrap()
}

fn damaged_checkpoints(folder: &Path, run: &Path) -> Target {
    let damaged = folder.join("damaged");
    let good = checkpoints(run);
    std::fs::create_dir_all(damaged.join("checkpoints")).unwrap();
    std::fs::copy(run.join("config.toml"), damaged.join("config.toml")).unwrap();
    for file in ["metrics.jsonl", "events.out.tfevents.perennial"] {
        std::fs::copy(run.join(file), damaged.join(file)).unwrap();
    }
    let results = folder.to_owned();
    Target {
        name: "checkpoint",
        good,
        read: Box::new(move |bytes| {
            let file = damaged.join("checkpoints/decision_000000160.ckpt");
            std::fs::write(&file, bytes).unwrap();
            let _ = policy_of_run(&damaged);
            // The container's checksum and that of the state inside are those of the damaged body: so it is gone on with.
            let body = bytes
                .get(37..)
                .and_then(|body| with_its_checksum(body).or_else(|| Some(body.to_vec())));
            let repaired = Checkpoint {
                decisions: 160,
                season_end: true,
                body: body.unwrap_or_default(),
            };
            std::fs::write(&file, repaired.encode()).unwrap();
            let _ = policy_of_run(&damaged);
            if let Ok(folder) = RunFolder::resume(&results, "damaged") {
                let _ = Training::resume(folder, Execution { overlapped: false });
            }
        }),
        share: 10,
    }
}

/// Reads `count` damaged files of all kinds.
fn torture(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let targets = [
        scenarios(),
        scenario_files(folder.path()),
        configs(folder.path(), &run),
        summaries(folder.path(), &run),
        recordings(),
        policies(),
        states(&run),
        damaged_checkpoints(folder.path(), &run),
    ];
    let keeps = std::env::var_os("PERENNIAL_TORTURE_KEEP").is_some();
    let first = number_in("PERENNIAL_TORTURE_FROM").unwrap_or(0);
    let mut failures = Vec::new();
    for target in &targets {
        for number in (first * target.share).div_ceil(100)..(count * target.share).div_ceil(100) {
            let whole = &target.good[(number % target.good.len() as u64) as usize];
            let bytes = mutated(whole, &target.good, target.name, number);
            if keeps {
                keep(target, &bytes);
            }
            if let Err(what) = survives(target, &bytes) {
                let path = keep(target, &bytes);
                failures.push(format!("{} number {number} {what}: {}", target.name, path.display()));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn survives(target: &Target, bytes: &[u8]) -> Result<(), String> {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let began = ThreadTime::now();
    let read = catch_unwind(AssertUnwindSafe(|| (target.read)(bytes)));
    let (time, peak) = (began.elapsed(), ALLOCATOR.peak_usage().saturating_sub(before));
    match read {
        Err(_) => Err("panics".to_owned()),
        Ok(()) if time > MOST_TIME => Err(format!("takes {} ms", time.as_millis())),
        Ok(()) if peak > MOST_BYTES => Err(format!("allocates {peak} bytes")),
        Ok(()) => Ok(()),
    }
}

/// Writes a file down to be looked at.
fn keep(target: &Target, bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("perennial-torture-{}.bin", target.name.replace(' ', "-")));
    std::fs::write(&path, bytes).unwrap();
    path
}

fn number_in(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

pub(crate) fn asked() -> Option<u64> {
    number_in("PERENNIAL_TORTURE")
}

fn damaged_files_are_refused_and_nothing_else_happens() {
    torture(asked().unwrap_or(QUICK));
}

fn a_million_damaged_files_are_refused_and_nothing_else_happens() {
    torture(asked().unwrap_or(LONG));
}
