//! The program as a person uses it, from the first run to the last question: train, stop, resume, evaluate, record, replay.

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

/// A year of some seconds.
const SHORT: &str = "train --gardens 4 --decisions-per-season 800 --quiet --set evaluation.episodes=2 --set learner.hidden=[16,16] \
                     --set learner.batch_size=16 --set learner.fresh_memory.minimum_transitions=100";

fn perennial(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

fn json(text: &[u8]) -> serde_json::Value {
    serde_json::from_slice(text).unwrap()
}

#[test]
fn a_run_leaves_everything_behind_and_can_be_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let table = contains("| winter")
        .and(contains("average performance"))
        .and(contains("forgetting"));
    perennial(path, SHORT).assert().code(0).stdout(table);

    let run = path.join("runs/four_seasons-replay_boundary_free+l2_init-seed0");
    for file in [
        "config.toml",
        "metrics.jsonl",
        "summary.json",
        "events.out.tfevents.perennial",
        "checkpoints",
    ] {
        assert!(run.join(file).exists(), "{file}");
    }
    let summary = json(&fs::read(run.join("summary.json")).unwrap());
    for key in [
        "scenario",
        "method",
        "algorithm",
        "seed",
        "decisions",
        "updates",
        "score_matrix",
        "seasons",
        "average_performance",
        "forgetting",
        "forgetting_from_best",
        "random_return",
        "gardener_return",
        "planner_return",
        "timing",
        "ledger",
        "peak_rss_bytes",
    ] {
        assert!(!summary[key].is_null(), "{key}");
    }
    for key in ["environment_s", "learning_s", "evaluation_s", "total_s"] {
        assert!(summary["timing"][key].is_number(), "timing.{key}");
    }
    for key in ["multiply_adds", "evaluation_decisions", "memory_bytes", "method_state_bytes"] {
        assert!(summary["ledger"][key].is_number(), "ledger.{key}");
    }
    assert_eq!(summary["decisions"], 3_200);
    assert_eq!(summary["score_matrix"].as_array().unwrap().len(), 4);

    let evaluated = perennial(path, "evaluate four_seasons-replay_boundary_free+l2_init-seed0 --json")
        .assert()
        .code(0);
    let report = json(&evaluated.get_output().stdout);
    assert_eq!(report["decisions"], 3_200);
    // The last row of the matrix is the same policy in the same gardens.
    assert_eq!(report["score"], summary["score_matrix"][3]);

    perennial(
        path,
        "rollout --driver four_seasons-replay_boundary_free+l2_init-seed0 --season winter --record winter.rec",
    )
    .assert()
    .code(0);
    perennial(path, "replay winter.rec --verify")
        .assert()
        .code(0)
        .stdout(contains("every state is the same"));

    perennial(
        path,
        &format!("{SHORT} --run-id four_seasons-replay_boundary_free+l2_init-seed0"),
    )
    .assert()
    .code(2)
    .stderr(contains("--resume").and(contains("--force")));
    perennial(
        path,
        &format!("{SHORT} --method finetune --run-id other --initialize-from four_seasons-replay_boundary_free+l2_init-seed0"),
    )
    .assert()
    .code(0);
    assert_ne!(
        summary["untrained_scores"],
        json(&fs::read(path.join("runs/other/summary.json")).unwrap())["untrained_scores"]
    );
}

#[test]
fn the_same_seed_gives_the_same_file_and_a_killed_run_that_is_resumed_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let year = SHORT.replace("=800", "=2000").replace("800", "6000");
    perennial(path, &format!("{year} --run-id whole --set checkpoints.every_decisions=1000"))
        .assert()
        .code(0);
    // Killed without any warning, somewhere in the middle.
    let mut child = Process::new(env!("CARGO_BIN_EXE_perennial"))
        .current_dir(path)
        .args(format!("{year} --run-id killed --set checkpoints.every_decisions=1000").split_whitespace())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let checkpoints = path.join("runs/killed/checkpoints");
    while fs::read_dir(&checkpoints).map_or(0, |entries| entries.count()) < 3 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !path.join("runs/killed/summary.json").exists(),
        "it must have been killed before its end"
    );
    perennial(path, "train --resume --run-id killed --quiet").assert().code(0);
    let metrics = |run: &str| fs::read(path.join("runs").join(run).join("metrics.jsonl")).unwrap();
    assert!(metrics("whole") == metrics("killed"));
    perennial(path, "train --resume --run-id killed")
        .assert()
        .code(0)
        .stderr(contains("has already finished"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_it_did_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mut child = Process::new(env!("CARGO_BIN_EXE_perennial"))
        .current_dir(path)
        .args(SHORT.replace("800", "200000").split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Any checkpoint: the first one goes when newer ones have come.
    let checkpoints = path.join("runs/four_seasons-replay_boundary_free+l2_init-seed0/checkpoints");
    while !fs::read_dir(&checkpoints).is_ok_and(|mut files| files.next().is_some()) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(300));
    assert!(
        Process::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("perennial train --resume --run-id four_seasons-replay_boundary_free+l2_init-seed0"),
        "{said}"
    );
}

#[test]
fn wrong_settings_and_scenarios_are_told_with_their_place_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(
        path.join("my_garden.toml"),
        "name = \"mine\"\nseasons = [\"seasons/spring.toml\"]\n\n[plot]\nsid_m = 9.0\n",
    )
    .unwrap();
    for (arguments, says) in [
        ("train --scenario four_saisons", "did you mean `four_seasons`"),
        ("train --scenario my_garden.toml", "did you mean `side_m`"),
        ("train --set learner.discont=0.9", "learner.discount"),
        ("train --set learner.discount=9", "learner.discount=9"),
        ("train --set plots.side_m=9", "plot.side_m"),
        ("train --method joint --gardens 2", "needs a garden for each"),
        ("rollout --driver gardener --season wintr --record x", "did you mean `winter`"),
        ("replay my_garden.toml --verify", "cannot be played as a recording"),
    ] {
        let quiet = contains("panicked").not();
        perennial(path, arguments)
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(says).and(quiet));
        assert_eq!(fs::read_dir(path).unwrap().count(), 1, "`{arguments}` wrote something");
    }
}

#[test]
fn a_recording_that_differs_is_a_no() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, "rollout --driver planner --season autumn --record a.rec")
        .assert()
        .code(0);
    let text = fs::read_to_string(path.join("a.rec")).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let other = if lines[100].contains("[1]") { "[2]" } else { "[1]" };
    let end = lines[100].find("],").unwrap();
    let start = lines[100].find('[').unwrap();
    lines[100].replace_range(start..=end, other);
    fs::write(path.join("a.rec"), lines.join("\n")).unwrap();
    perennial(path, "replay a.rec --verify")
        .assert()
        .code(1)
        .stdout(contains("the state differs after decision 99"));

    fs::write(path.join("cut.rec"), text.split_inclusive('\n').take(200).collect::<String>()).unwrap();
    perennial(path, "replay cut.rec --verify")
        .assert()
        .code(1)
        .stdout(contains("it was cut: it has 199 of its 300 ticks").and(contains("every state").not()));
    // The last decision of an episode, after which the state is that of the next one.
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let other = if lines[300].starts_with("{\"actions\":[1]") {
        "[2]"
    } else {
        "[1]"
    };
    let end = lines[300].find("],").unwrap();
    lines[300].replace_range(11..=end, other);
    fs::write(path.join("last.rec"), lines.join("\n") + "\n").unwrap();
    perennial(path, "replay last.rec --verify")
        .assert()
        .code(1)
        .stdout(contains("not what was recorded: it was changed after it was written"));
    fs::write(path.join("forged.rec"), text.replacen("\"season\":2,", "\"season\":99,", 1)).unwrap();
    perennial(path, "replay forged.rec --verify")
        .assert()
        .code(2)
        .stderr(contains("season is 99, and the scenario has 4 seasons"));
}

/// One policy for each season: rollouts, evaluations, exports and other runs take the right one, or none.
#[test]
fn a_policy_for_each_season_is_used_by_its_season() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let year = SHORT.replace("800", "400");
    perennial(
        path,
        &format!("{year} --method packnet --scenario water_tank --run-id pack --set eye.columns=12"),
    )
    .assert()
    .code(0);
    // A year is as long as its own scenario has it, and each season is decided by its own policy.
    perennial(path, "rollout --driver pack --record year.rec")
        .assert()
        .code(0)
        .stdout(contains("1200 decisions in water tank"));
    perennial(path, "replay year.rec --verify").assert().code(0);
    // An evaluation of one episode plays the first garden of the probes' seed, and so does this rollout.
    let evaluated = perennial(path, "evaluate pack --episodes 1 --json").assert().code(0);
    let evaluated = json(&evaluated.get_output().stdout);
    for (season, name) in ["spring", "summer", "autumn", "winter"].into_iter().enumerate() {
        let expected = evaluated["mean_return"][season].as_f64().unwrap();
        perennial(
            path,
            &format!("rollout --driver pack --season {name} --seed 7000000 --record {name}.rec"),
        )
        .assert()
        .code(0)
        .stdout(contains(format!("return of each episode: {expected:.2}\n")));
    }

    perennial(path, "export pack --season winter --out winter.policy")
        .assert()
        .code(0)
        .stdout(contains("the policy for winter of water tank by packnet"));
    perennial(path, "export pack --out all.policy")
        .assert()
        .code(0)
        .stdout(contains("a policy for each season of water tank"));
    perennial(path, "export pack --season wintr --out x.policy")
        .assert()
        .code(2)
        .stderr(contains("did you mean `winter`"));

    let tank = format!("{year} --scenario water_tank --set eye.columns=12 --method finetune");
    for (arguments, says) in [
        (
            format!("{tank} --run-id one --initialize-from pack"),
            "a policy for each of 4 seasons",
        ),
        (
            format!("{tank} --run-id two --initialize-from all.policy"),
            "perennial export RUN",
        ),
        (
            format!("{tank} --run-id three --algorithm sac --initialize-from winter.policy"),
            "algorithm is sac here and dqn in the run",
        ),
        (
            format!("{year} --run-id four --initialize-from winter.policy"),
            "eye.columns is 24 here and 12 in the run",
        ),
        (
            "rollout --driver pack --scenario four_seasons --record x.rec".to_owned(),
            "eye.columns is 24 here and 12 in the run",
        ),
        (
            "evaluate pack --scenario four_seasons --episodes 1".to_owned(),
            "eye.columns is 24 here and 12 in the run",
        ),
    ] {
        perennial(path, &arguments)
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(says).and(contains("panicked").not()));
    }
    assert_eq!(fs::read_dir(path.join("runs")).unwrap().count(), 1, "nothing was begun");
    perennial(path, &format!("{tank} --run-id five --initialize-from winter.policy"))
        .assert()
        .code(0);
}
