//! Parsing of the arguments.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Alone {
    #[command(flatten)]
    compare: Compare,
}

fn parse(arguments: &str) -> Result<Compare, clap::Error> {
    let words = std::iter::once("compare").chain(arguments.split_whitespace());
    Alone::try_parse_from(words).map(|alone| alone.compare)
}

#[test]
fn it_must_be_said_what_is_compared_and_where() {
    for wrong in [
        "--results-dir d",
        "--preset quick",
        "--preset slow --results-dir d",
        "--preset quick --methods replay --results-dir d",
        "--methods repaly --results-dir d",
        "--methods replay --seeds 0 --results-dir d",
        "--methods replay --tune --tuned t.toml --results-dir d",
    ] {
        assert_eq!(parse(wrong).map(|_| ()).unwrap_err().exit_code(), 2, "{wrong}");
    }
}

#[test]
fn a_preset_can_be_changed_by_flags() {
    let quick = parse("--preset quick --results-dir d").unwrap();
    let plan = quick.planned().unwrap();
    assert_eq!((plan.runs.len(), plan.runs[0].config.decisions_per_season), (6, 6_000));
    let changed = parse("--preset quick --seeds 3 --decisions-per-season 700 --scenario gradual_year --results-dir d").unwrap();
    let plan = changed.planned().unwrap();
    assert_eq!((plan.runs.len(), plan.scenarios()), (9, vec!["gradual year".to_owned()]));
    assert_eq!(plan.runs[0].config.decisions_per_season, 700);
    let usual = parse("--methods finetune,replay+ewc --results-dir d")
        .unwrap()
        .planned()
        .unwrap();
    assert_eq!(
        (usual.runs.len(), usual.methods()),
        (10, vec!["finetune".to_owned(), "replay+ewc".to_owned()])
    );
}

#[test]
fn tuning_seeds_are_refused_in_results_and_used_in_trials() {
    let refused = parse("--methods replay --seeds 10001 --results-dir d");
    assert!(refused.unwrap_err().to_string().contains("from 1 to 1000"));
    let trials = parse("--methods l2 --tune --results-dir d").unwrap().planned().unwrap();
    assert_eq!(trials.runs.len(), TRIALS * 2);
    let config = &trials.runs[0].config;
    assert_eq!(
        (config.seed, config.tuning, config.decisions_per_season),
        (10_000, true, 60_000)
    );
    assert_eq!(config.learner.l2.strength, 0.0);
    let trials = parse("--preset paper --tune --results-dir d").unwrap().planned().unwrap();
    assert_eq!(
        trials.scenarios(),
        ["four seasons"],
        "only the first question of a preset is tuned for"
    );
    assert_eq!(trials.runs.len(), tuning::tunable().len() * TRIALS * 2);
}

#[test]
fn the_preset_of_the_paper_asks_all_its_questions() {
    let plan = parse("--preset paper --results-dir d").unwrap().planned().unwrap();
    let settings: std::collections::BTreeSet<String> = plan.runs.iter().map(perennial::comparison::PlannedRun::setting).collect();
    for setting in [
        "four seasons, dqn",
        "gradual year, dqn",
        "four seasons, sac",
        "look alone, dqn",
        "four seasons, dqn, 2 years",
    ] {
        assert!(settings.contains(setting), "{setting} is not in {settings:?}");
    }
    let limited = plan.runs.iter().find(|run| run.contender() == "replay (history200)").unwrap();
    assert_eq!(limited.config.learner.history.to_string(), "200 transitions");
}

#[test]
fn one_run_of_a_plan_is_named_by_its_index() {
    assert_eq!(parse("--preset quick --results-dir d --index 3").unwrap().index, Some(3));
    for wrong in ["--index 1 --tune", "--plan --index 1", "--plan --force", "--index -1"] {
        assert!(parse(&format!("--preset quick --results-dir d {wrong}")).is_err(), "{wrong}");
    }
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let whole = words("compare --preset quick --results-dir d");
    for line in [
        "compare --index 3 --preset quick --results-dir d",
        "compare --preset quick --index=3 --results-dir d",
        "compare --preset quick --results-dir d --index 3",
    ] {
        assert_eq!(without_index(words(line).into_iter()), whole, "{line}");
    }
}

#[test]
fn arguments_are_written_down_without_places() {
    let place = if cfg!(windows) { "C:\\a\\b" } else { "/a/b" };
    assert_eq!(without_place(place), "b");
    assert_eq!(without_place(&format!("--results-dir={place}")), "--results-dir=b");
    assert_eq!(without_place("results/b"), "results/b");
    assert_eq!(without_place("learner.hidden=[8]"), "learner.hidden=[8]");
}
