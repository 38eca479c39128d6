//! Planning of runs, and errors found before anything is written.

use super::*;
use crate::comparison::PRESETS;
use crate::comparison::testing::{config, in_scenario, plan, plan_of, question};

#[test]
fn every_method_has_the_same_seeds_and_a_seed_is_finished_first() {
    let plan = plan_of(&["finetune", "replay+ewc"], 0..2);
    let folders: Vec<String> = plan.runs.iter().map(PlannedRun::name).collect();
    assert_eq!(
        folders,
        [
            "four_seasons/finetune-dqn-seed0",
            "four_seasons/replay+ewc-dqn-seed0",
            "four_seasons/finetune-dqn-seed1",
            "four_seasons/replay+ewc-dqn-seed1",
        ]
    );
    assert_eq!(plan.runs[2].config, config("finetune", 1));
    assert_eq!(plan.methods(), ["finetune", "replay+ewc"]);
    assert_eq!(plan.scenarios(), ["four seasons"]);
}

#[test]
fn a_method_without_its_boundaries_is_refused_by_name_and_left_out_by_a_preset() {
    let mut question = question(&["finetune", "ewc"], 0..2);
    question.scenarios = vec!["four_seasons".to_owned(), "gradual_year".to_owned()];
    let refused = plan(&question).unwrap_err();
    assert!(matches!(refused, ComparisonError::Config(ConfigError::NoBoundaries { .. })));
    question.leaves_out = true;
    let plan = plan(&question).unwrap();
    assert_eq!(plan.runs.len(), 4 + 2);
    assert_eq!(plan.omitted.len(), 1);
    assert_eq!(
        (plan.omitted[0].scenario.as_str(), plan.omitted[0].method.as_str()),
        ("gradual year", "ewc")
    );
    assert!(plan.omitted[0].reason.contains("must be told where a season ends"));
}

#[test]
fn seeds_that_are_set_apart_for_tuning_are_refused_in_results() {
    assert!(matches!(
        plan(&question(&["finetune"], 0..10_001)),
        Err(ComparisonError::TuningSeeds { .. })
    ));
    assert!(matches!(
        plan(&question(&["finetune"], 10_000..10_002)),
        Err(ComparisonError::TuningSeeds { .. })
    ));
    assert_eq!(plan_of(&["finetune"], 9_998..10_000).runs.len(), 2);
}

#[test]
fn what_is_named_twice_or_not_at_all_is_refused() {
    assert!(matches!(
        plan(&question(&["replay", "replay"], 0..1)),
        Err(ComparisonError::Twice { what: "method", .. })
    ));
    let mut twice = question(&["replay"], 0..1);
    twice.scenarios.push("four_seasons".to_owned());
    assert!(matches!(plan(&twice), Err(ComparisonError::Twice { what: "scenario", .. })));
    assert!(matches!(plan(&question(&[], 0..1)), Err(ComparisonError::Nothing { .. })));
    assert!(matches!(
        plan(&question(&["replay"], 0..0)),
        Err(ComparisonError::Nothing { .. })
    ));
}

#[test]
fn what_the_comparison_decides_cannot_be_set() {
    let decided = ComparisonPlan::of_results::<ComparisonError>(&question(&["replay"], 0..2), &mut |_, choice, _| {
        Ok(config(&choice.name, 7))
    });
    assert!(matches!(decided, Err(ComparisonError::Decided { setting: "seed" })));
}

#[test]
fn a_run_of_another_configuration_is_never_mixed_in() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_of(&["finetune", "replay"], 0..1);
    assert!(plan.refuse_different(folder.path()).is_ok());
    let mut other = plan.runs[1].config.clone();
    other.learner.discount = 0.5;
    let text = other.to_toml().unwrap();
    let parent = folder.path().join("four_seasons");
    drop(crate::training::RunFolder::create(&parent, "replay-dqn-seed0", crate::training::Existing::Refuse, &text).unwrap());
    let message = plan.refuse_different(folder.path()).unwrap_err().to_string();
    assert!(
        message.contains("four_seasons/replay-dqn-seed0: learner.discount: 0.5 there"),
        "{message}"
    );
}

#[test]
fn every_preset_can_be_planned() {
    for preset in PRESETS {
        let mut plans = Vec::new();
        // Families are made by the command, and planned in its tests.
        for part in preset.parts.iter().filter(|part| !part.scenarios.is_empty()) {
            let names = part.method_names();
            let label = part.variant.map(|variant| variant.label.to_owned());
            let question = Question {
                scenarios: part.scenarios.iter().map(|&name| name.to_owned()).collect(),
                leaves_out: true,
                algorithm: part.algorithm.to_owned(),
                methods: names
                    .iter()
                    .map(|name| MethodChoice {
                        label: label.clone(),
                        ..MethodChoice::plain(name)
                    })
                    .collect(),
                seeds: 0..part.seeds,
            };
            let plan = ComparisonPlan::of_results::<ComparisonError>(&question, &mut |scenario, choice, seed| {
                let mut config = in_scenario(scenario, &choice.name, seed);
                config.algorithm = part.algorithm.to_owned();
                config.years = part.years as usize;
                Ok(config)
            })
            .unwrap();
            let combinations = part.scenarios.len() * names.len();
            let planned = plan.runs.len() / part.seeds as usize;
            assert_eq!(planned + plan.omitted.len(), combinations, "{}: {}", preset.name, part.asks);
            plans.push(plan);
        }
        let runs: usize = plans.iter().map(|plan| plan.runs.len()).sum();
        assert_eq!(
            ComparisonPlan::join(plans).unwrap().runs.len(),
            runs,
            "{}: parts share runs",
            preset.name
        );
    }
}

#[test]
fn plans_join_and_a_folder_holds_one_run() {
    let (one, more) = (plan_of(&["finetune"], 0..2), plan_of(&["finetune", "replay"], 0..2));
    let joined = ComparisonPlan::join(vec![one.clone(), more]).unwrap();
    assert_eq!((joined.runs.len(), joined.runs[..2].to_vec()), (4, one.runs.clone()));
    let mut other = one.clone();
    other.runs[0].config.learner.discount = 0.5;
    assert!(matches!(
        ComparisonPlan::join(vec![one, other]),
        Err(ComparisonError::Twice { what: "run", .. })
    ));
}

#[test]
fn years_and_variants_have_folders_and_tables_of_their_own() {
    let mut question = question(&["replay"], 0..1);
    question.methods[0].label = Some("history200".to_owned());
    let plan = ComparisonPlan::of_results::<ComparisonError>(&question, &mut |scenario, choice, seed| {
        let mut config = in_scenario(scenario, &choice.name, seed);
        config.years = 2;
        Ok(config)
    })
    .unwrap();
    let run = &plan.runs[0];
    assert_eq!(run.name(), "four_seasons-2-years/replay-dqn-history200-seed0");
    assert_eq!(
        (run.setting().as_str(), run.contender().as_str()),
        ("four seasons, dqn, 2 years", "replay (history200)")
    );
}
