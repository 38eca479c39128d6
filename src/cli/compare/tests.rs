//! Parsing of the arguments.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Alone {
    #[command(flatten)]
    compare: Compare,
}

impl Compare {
    /// The plan, with scenarios of families that are made for it.
    fn planned_alone(&self) -> miette::Result<ComparisonPlan> {
        self.planned(&self.family_scenarios()?)
    }
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
    let plan = quick.planned_alone().unwrap();
    assert_eq!((plan.runs.len(), plan.runs[0].config.decisions_per_season), (6, 6_000));
    let changed = parse("--preset quick --seeds 3 --decisions-per-season 700 --scenario gradual_year --results-dir d").unwrap();
    let plan = changed.planned_alone().unwrap();
    assert_eq!((plan.runs.len(), plan.scenarios()), (9, vec!["gradual year".to_owned()]));
    assert_eq!(plan.runs[0].config.decisions_per_season, 700);
    let usual = parse("--methods finetune,replay+ewc --results-dir d")
        .unwrap()
        .planned_alone()
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
    let trials = parse("--methods l2 --tune --results-dir d").unwrap().planned_alone().unwrap();
    assert_eq!(trials.runs.len(), TRIALS * 2);
    let config = &trials.runs[0].config;
    assert_eq!(
        (config.seed, config.tuning, config.decisions_per_season),
        (10_000, true, 60_000)
    );
    assert_eq!(config.learner.l2.strength, 0.0);
    let trials = parse("--preset paper --tune --results-dir d")
        .unwrap()
        .planned_alone()
        .unwrap();
    assert_eq!(
        trials.scenarios(),
        ["four seasons"],
        "only the first question of a preset is tuned for"
    );
    assert_eq!(trials.runs.len(), tuning::tunable().len() * TRIALS * 2);
}

#[test]
fn the_preset_of_the_paper_asks_all_its_questions() {
    let plan = parse("--preset paper --results-dir d").unwrap().planned_alone().unwrap();
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
fn the_phase_preset_plans_every_cell_with_every_method_and_seed() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("results");
    let phase = parse(&format!("--preset phase --results-dir {}", place.display())).unwrap();
    let plan = phase.planned_alone().unwrap();
    assert!(
        plan.omitted.is_empty(),
        "boundaries are declared wherever a method needs them: {:?}",
        plan.omitted
    );
    // Five methods, one, three and three, each with five seeds.
    assert_eq!(plan.runs.len(), 5 * (40 * 5 + 40 + 4 * 3 + 40 * 3));
    assert_eq!(plan.scenarios().len(), 40 + 40 + 4);
    let short = plan.runs.iter().filter(|run| run.config.decisions_per_season == 15_000);
    assert_eq!(short.count(), 5 * 40 * 3);
    assert!(!place.exists(), "planning writes nothing");

    let made = families::scenarios(&phase.parts().unwrap(), &place.join(families::FOLDER)).unwrap();
    families::write(&made).unwrap();
    assert_eq!(std::fs::read_dir(place.join(families::FOLDER)).unwrap().count(), 84);
    assert_eq!(phase.planned_alone().unwrap(), plan, "from the files it is the same plan");
    // A comparison that goes on has the scenarios that it began with.
    let path = place.join(families::FOLDER).join("phase-90-held-abrupt.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("traction = 0.8", "traction = 0.7")).unwrap();
    let changed = phase.planned_alone().unwrap();
    let traction = |run: &perennial::comparison::PlannedRun| run.config.scenario.seasons[0].dynamics.traction;
    assert_eq!(changed.runs.iter().filter(|run| traction(run) == 0.7).count(), 5 * (5 + 3));
}

#[test]
fn the_century_preset_plans_eleven_contenders_in_both_centuries() {
    let plan = parse("--preset century --results-dir d").unwrap().planned_alone().unwrap();
    assert_eq!(plan.runs.len(), 2 * 11 * 5);
    assert!(plan.runs.iter().all(|run| run.config.scenario.seasons.len() == 100));
    assert!(
        plan.runs
            .iter()
            .all(|run| run.config.evaluation.episodes == 8 && !run.config.checkpoints.keep_season_ends)
    );
    assert!(
        plan.runs
            .iter()
            .any(|run| run.contender() == "finetune (unnormalised)" && !run.config.learner.layer_norm)
    );
    let flags = parse("--preset century --scenario four_seasons --results-dir d").unwrap();
    assert_eq!(
        flags.planned_alone().unwrap().scenarios(),
        ["four seasons"],
        "a named scenario takes the place of families"
    );
}

#[test]
fn arguments_are_written_down_without_places() {
    let place = if cfg!(windows) { "C:\\a\\b" } else { "/a/b" };
    assert_eq!(without_place(place), "b");
    assert_eq!(without_place(&format!("--results-dir={place}")), "--results-dir=b");
    assert_eq!(without_place("results/b"), "results/b");
    assert_eq!(without_place("learner.hidden=[8]"), "learner.hidden=[8]");
}
