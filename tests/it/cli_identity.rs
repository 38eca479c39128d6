//! Identity of a run: its configuration and its program, and that both are kept.

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

/// A year within a second.
const TINY: &str = "--gardens 4 --decisions-per-season 200 --quiet --set evaluation.episodes=1 --set evaluation.gardens=1 \
                    --set learner.hidden=[8] --set learner.batch_size=8 --set learner.fresh_memory.minimum_transitions=100";

fn perennial(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

fn train(folder: &Path, arguments: &str) {
    perennial(folder, &format!("train {TINY} {arguments}")).assert().code(0);
}

fn summary(folder: &Path, run: &str) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("runs").join(run).join("summary.json")).unwrap()).unwrap()
}

/// Begins a run, kills it after its first checkpoint, and returns its configuration.
fn killed(folder: &Path, id: &str) -> String {
    let long = TINY.replace(" 200 ", " 6000 ");
    let mut child = Process::new(env!("CARGO_BIN_EXE_perennial"))
        .current_dir(folder)
        .args(format!("train {long} --method finetune --run-id {id}").split_whitespace())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let checkpoints = folder.join("runs").join(id).join("checkpoints");
    while !fs::read_dir(&checkpoints)
        .is_ok_and(|mut files| files.any(|file| file.unwrap().path().extension().is_some_and(|ending| ending == "ckpt")))
    {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !folder.join("runs").join(id).join("summary.json").exists(),
        "it must have been killed before its end"
    );
    fs::read_to_string(folder.join("runs").join(id).join("config.toml")).unwrap()
}

#[test]
fn a_run_says_what_it_began_with_and_stands_apart_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    train(path, "--method replay --run-id source");
    train(path, "--method finetune --seed 0 --run-id a");
    train(path, "--method finetune --seed 1 --run-id b --initialize-from source");
    train(path, "--method finetune --seed 12345 --run-id c");
    assert_eq!(summary(path, "a")["settings_hash"], summary(path, "c")["settings_hash"]);
    assert_ne!(summary(path, "a")["settings_hash"], summary(path, "b")["settings_hash"]);
    let config: toml::Table = fs::read_to_string(path.join("runs/b/config.toml")).unwrap().parse().unwrap();
    assert_eq!(config["initial_policy"].as_str().unwrap().len(), 16);
    assert_eq!(config["program"]["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));

    perennial(path, "report runs --out report.html --csv tables --baseline finetune")
        .assert()
        .code(0)
        .stderr(contains("left out").not())
        .stdout(contains("4 runs of 2 methods in 2 settings"));
    let mut rows: Vec<String> = fs::read_dir(path.join("tables"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.to_string_lossy().ends_with("-overall.csv"))
        .flat_map(|file| {
            fs::read_to_string(file)
                .unwrap()
                .lines()
                .skip(1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .map(|line| line.split(',').take(3).collect::<Vec<_>>().join(","))
        .collect();
    rows.sort();
    assert_eq!(rows, ["finetune,nothing,1", "finetune,nothing,2", "replay,boundaries help,1"]);

    // Where `compare` would have it, it is another run.
    fs::create_dir_all(path.join("d/four_seasons")).unwrap();
    fs::rename(path.join("runs/b"), path.join("d/four_seasons/finetune-dqn-seed0")).unwrap();
    perennial(path, &format!("compare {TINY} --results-dir d --methods finetune --seeds 1"))
        .assert()
        .code(2)
        .stderr(contains("initial_policy"));
}

#[test]
fn a_run_whose_configuration_was_edited_does_not_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let text = killed(path, "run");
    let config = path.join("runs/run/config.toml");
    let edited = text
        .replace("learning_rate = 0.001", "learning_rate = 0.01")
        .replace("seed = 7000000", "seed = 8000000")
        .replace("years = 1", "years = 2");
    fs::write(&config, &edited).unwrap();
    perennial(path, "train --resume --run-id run").assert().code(2).stderr(
        contains("learner.adam.learning_rate: 0.001 when it began, 0.01 in config.toml now")
            .and(contains("evaluation.seed: 7000000 when it began, 8000000 in config.toml now"))
            .and(contains("years: 1 when it began, 2 in config.toml now"))
            .and(contains("--initialize-from")),
    );
    // Spelling is no setting, and another program is another run.
    let version = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
    let other = text
        .replace(&version, "version = \"0.0.1\"")
        .replace("matrix_products = \"", "matrix_products = \"no ");
    fs::write(&config, &other).unwrap();
    perennial(path, "train --resume --run-id run")
        .assert()
        .code(2)
        .stderr(contains("program.version: \"0.0.1\" when it began").and(contains("program.matrix_products: \"no ")));
    // Configurations of older builds have no such table.
    let mut old: toml::Table = text.parse().unwrap();
    old.remove("program").unwrap();
    fs::write(&config, toml::to_string(&old).unwrap()).unwrap();
    perennial(path, "train --resume --run-id run")
        .assert()
        .code(2)
        .stderr(contains("does not say which program began it"));
    fs::write(
        &config,
        format!("# Mine.\n{}", text.replace("discount = 0.97", "discount = 0.970")),
    )
    .unwrap();
    perennial(path, "train --resume --run-id run --quiet").assert().code(0);
}

#[test]
fn one_scenario_is_one_scenario_wherever_its_file_lies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/four_seasons.toml");
    fs::create_dir(path.join("scenarios")).unwrap();
    fs::write(
        path.join("scenarios/mine.toml"),
        fs::read_to_string(shipped).unwrap() + "\n# Mine.\n",
    )
    .unwrap();
    let mut configs = Vec::new();
    for (number, scenario) in ["four_seasons", "scenarios/mine.toml", "./scenarios/mine.toml"]
        .into_iter()
        .enumerate()
    {
        train(path, &format!("--method finetune --scenario {scenario} --run-id run{number}"));
        configs.push(fs::read_to_string(path.join(format!("runs/run{number}/config.toml"))).unwrap());
    }
    assert!(configs.iter().all(|config| *config == configs[0]));
    train(path, "--method ewc+replay --run-id one");
    perennial(path, &format!("train {TINY} --run-id other --method"))
        .arg(" replay + ewc ")
        .assert()
        .code(0);
    let config = |run: &str| fs::read_to_string(path.join("runs").join(run).join("config.toml")).unwrap();
    assert_eq!(config("one"), config("other"));
}
