//! `export`: ONNX models and model cards of runs.

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

const SHORT: &str = "train --gardens 4 --decisions-per-season 400 --quiet --set evaluation.episodes=2 --set learner.hidden=[16,16] \
    --set episode.decisions=50 --set learner.batch_size=16 --set learner.fresh_memory.minimum_transitions=100 \
    --set checkpoints.keep_season_ends=true";

/// The program in a folder, with arguments separated by spaces.
fn perennial(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .args(arguments.split_whitespace());
    command
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_model_comes_with_a_card_of_its_own_results() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, &format!("{SHORT} --run-id one")).assert().code(0);
    perennial(path, "export one --format onnx --out one.onnx --card one.md")
        .assert()
        .code(0)
        .stdout(contains("one.onnx: the policy of four seasons"));
    let model = std::fs::read(path.join("one.onnx")).unwrap();
    for text in ["LayerNormalization", "observation", "perennial.channels", "eye.00.red"] {
        assert!(
            model.windows(text.len()).any(|part| part == text.as_bytes()),
            "{text} is missing"
        );
    }

    let card = read(path, "one.md");
    let front = card.split("---\n").nth(1).unwrap();
    for line in [
        "license: mit",
        "library_name: onnx",
        "pipeline_tag: reinforcement-learning",
        "- continual-learning",
        "- name: one",
        "    - type: mean_reward",
        "    - type: average_performance",
    ] {
        assert!(front.lines().any(|found| found == line), "{line} is missing in\n{front}");
    }
    // The results are those that the run recorded after its last season.
    let summary: serde_json::Value = serde_json::from_str(&read(path, "runs/one/summary.json")).unwrap();
    for season in 0..4 {
        let value = summary["return_matrix"][3][season].as_f64().unwrap();
        assert!(
            front.contains(&format!("      value: {value}\n")),
            "{value} is missing in\n{front}"
        );
    }

    // After spring, the card is of that policy; and a card belongs to the program's own format too.
    perennial(
        path,
        "export one --at-decision 400 --out spring.policy --card spring.md --license apache-2.0",
    )
    .assert()
    .code(0);
    let card = read(path, "spring.md");
    let value = summary["return_matrix"][0][0].as_f64().unwrap();
    assert!(card.contains(&format!("      value: {value}\n")), "{card}");
    assert!(
        card.contains("license: apache-2.0") && card.contains("library_name: perennial"),
        "{card}"
    );
    assert!(!card.contains("average_performance"), "{card}");
}

#[test]
fn what_cannot_be_exported_is_said_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, &format!("{SHORT} --method packnet --run-id pack"))
        .assert()
        .code(0);
    for (arguments, says) in [
        ("export pack --format onnx --out x.onnx", "--season NAME"),
        ("export pack --format onx --out x.onnx", "'onnx'"),
        ("export pack --observation bytes --out x.policy", "--format onnx"),
        (
            "export pack --season spring --format onnx --out x --card x",
            "cannot both be written to x",
        ),
        (
            "export pack --season spring --format onnx --out - --card -",
            "name another file",
        ),
        ("export pack --license mit --out x.policy", "--card"),
        ("export pac --format onnx --out x.onnx", "did you mean"),
        ("export pack --season spring --out x.policy --card none/x.md", "none"),
    ] {
        perennial(path, arguments)
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(says).and(contains("panicked").not()));
    }
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 1, "nothing but the runs is there");

    perennial(
        path,
        "export pack --season winter --format onnx --observation bytes --out winter.onnx --card winter.md",
    )
    .assert()
    .code(0);
    let card = read(path, "winter.md");
    assert_eq!(card.matches("type: mean_reward").count(), 1, "{card}");
    assert!(
        card.contains("four seasons, winter") && card.contains("A policy for winter"),
        "{card}"
    );
}
