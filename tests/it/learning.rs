//! Runs: the same however they are carried out, stopped, killed and resumed.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use perennial::learner::METHODS;
use perennial::scenario::Scenario;
use perennial::training::{
    Execution, Existing, NoObserver, Observer, Outcome, RunConfig, RunFolder, Summary, Training, TrainingError, TrainingEvent,
    policy_of_run,
};

/// Configuration of a year of a few seconds: four gardens, small networks, seasons of 600 decisions.
fn short_year(method: &str) -> RunConfig {
    let mut config = RunConfig::new(Scenario::load("four_seasons").unwrap().scenario);
    config.method = method.to_owned();
    config.seed = 9;
    config.gardens = 4;
    config.decisions_per_season = 600;
    config.record_every_decisions = 100;
    config.scenario.episode.decisions = 40;
    config.evaluation.episodes = 2;
    config.evaluation.gardens = 2;
    config.checkpoints.every_decisions = 500;
    config.learner.batch_size = 16;
    config.learner.hidden = vec![16, 16];
    config.learner.fresh_memory.capacity = 400;
    config.learner.fresh_memory.minimum_transitions = 50;
    config.learner.reservoir.capacity = 200;
    config
}

/// Sets the flag once so many decisions are done.
struct StopAt<'a> {
    decisions: u64,
    flag: &'a AtomicBool,
}

impl Observer for StopAt<'_> {
    fn event(&mut self, event: &TrainingEvent) {
        if let TrainingEvent::Tick { decisions, .. } = event
            && *decisions >= self.decisions
        {
            self.flag.store(true, Ordering::Relaxed);
        }
    }
}

fn start(config: &RunConfig, results: &Path, overlapped: bool) -> Training {
    let folder = RunFolder::create(results, "run", Existing::Refuse, &config.to_toml().unwrap()).unwrap();
    Training::start(config.clone(), folder, None, Execution { overlapped }).unwrap()
}

fn finish(mut training: Training) -> Summary {
    match training.run(&mut NoObserver, &AtomicBool::new(false)).unwrap() {
        Outcome::Finished(summary) => *summary,
        stopped => panic!("{stopped:?}"),
    }
}

fn stop_at(mut training: Training, decisions: u64) {
    let flag = AtomicBool::new(false);
    let mut observer = StopAt { decisions, flag: &flag };
    match training.run(&mut observer, &flag).unwrap() {
        Outcome::Stopped {
            checkpoint,
            decisions: done,
        } => {
            assert!(checkpoint.is_file());
            assert!(
                done >= decisions && done < decisions + 8,
                "the tick ends, and no more: {done}"
            );
        }
        finished => panic!("{finished:?}"),
    }
}

fn resume(results: &Path) -> Training {
    Training::resume(RunFolder::resume(results, "run").unwrap(), Execution::default()).unwrap()
}

fn metrics(results: &Path) -> String {
    fs::read_to_string(results.join("run/metrics.jsonl")).unwrap()
}

/// The state of learner, gardens and trainer at the end, less the clock's part.
fn last_checkpoint(results: &Path) -> u64 {
    let folder = RunFolder::resume(results, "run").unwrap();
    let (checkpoint, _, damaged) = folder.checkpoints().newest().unwrap();
    assert!(damaged.is_empty());
    let mut state = perennial::learner::StateDict::from_bytes(&checkpoint.body).unwrap();
    state.set("training.progress", &()).unwrap();
    state.checksum()
}

#[test]
fn a_run_that_was_stopped_and_resumed_equals_one_that_never_was() {
    for spec in METHODS {
        let config = short_year(spec.name);
        let whole = tempfile::tempdir().unwrap();
        let summary = finish(start(&config, whole.path(), true));
        for stopped in [4, 236, 600, 1_444] {
            let cut = tempfile::tempdir().unwrap();
            stop_at(start(&config, cut.path(), true), stopped);
            let resumed = finish(resume(cut.path()));
            let place = format!("{}, stopped after {stopped} decisions", spec.name);
            assert_eq!(metrics(cut.path()), metrics(whole.path()), "{place}");
            assert_eq!(last_checkpoint(cut.path()), last_checkpoint(whole.path()), "{place}");
            assert_eq!(resumed.score_matrix, summary.score_matrix, "{place}");
            assert_eq!(resumed.ledger, summary.ledger, "{place}");
        }
    }
}

/// A life of 24 tiny seasons, which is evaluated in a sample.
fn long_life(method: &str) -> RunConfig {
    let mut config = short_year(method);
    let four = config.scenario.seasons.clone();
    config.scenario.seasons = (0..24)
        .map(|number| perennial::scenario::Season {
            name: format!("season {}", number + 1),
            ..four[number % 4].clone()
        })
        .collect();
    config.decisions_per_season = 80;
    config.evaluation.episodes = 1;
    config.evaluation.gardens = 1;
    config.checkpoints.every_decisions = 100;
    config.checkpoints.keep_season_ends = false;
    config
}

#[test]
fn a_long_life_is_evaluated_in_a_sample_resumes_bit_for_bit_and_keeps_few_checkpoints() {
    // One network for all seasons, and one that is told the season.
    for method in ["replay", "packnet"] {
        let config = long_life(method);
        let whole = tempfile::tempdir().unwrap();
        let summary = finish(start(&config, whole.path(), true));
        let evaluated: Vec<usize> = summary.return_matrix.iter().map(|row| row.iter().flatten().count()).collect();
        assert_eq!(
            evaluated[..3],
            [2, 3, 4],
            "{method}: the season just learned, the next one, and some before"
        );
        assert_eq!((evaluated[22], evaluated[23]), (7, 24), "{method}: all of them at the end");
        assert!(summary.untrained_returns.iter().all(Option::is_some));
        assert!(summary.average_performance.is_some() && summary.forgetting.is_some() && summary.forgetting_from_best.is_none());
        assert_eq!(summary.zero_shot.len(), 23);
        assert!(
            summary
                .undefined
                .iter()
                .any(|why| why.contains("not every season is evaluated"))
        );
        let read: Summary = serde_json::from_str(&serde_json::to_string(&summary).unwrap()).unwrap();
        assert_eq!(read, summary);
        let records = metrics(whole.path());
        let evaluations = records
            .lines()
            .filter(|line| line.contains("\"kind\":\"evaluation\""))
            .count();
        assert_eq!(evaluations, 24 + evaluated.iter().sum::<usize>(), "{method}");
        for stopped in [80, 180, 1_444] {
            let cut = tempfile::tempdir().unwrap();
            stop_at(start(&config, cut.path(), true), stopped);
            let resumed = finish(resume(cut.path()));
            assert_eq!(metrics(cut.path()), records, "{method}, stopped after {stopped} decisions");
            assert_eq!(last_checkpoint(cut.path()), last_checkpoint(whole.path()));
            assert_eq!(resumed.return_matrix, summary.return_matrix);
        }
        let kept = fs::read_dir(whole.path().join("run/checkpoints")).unwrap().count();
        assert_eq!(kept, config.checkpoints.keep_last, "{method}");
    }
}

#[test]
fn a_robot_that_senses_its_last_rewards_resumes_bit_for_bit() {
    let mut config = short_year("replay");
    let without = observation_length(&config);
    config.scenario.robot.senses_rewards = true;
    assert_eq!(observation_length(&config), without + 2);
    let whole = tempfile::tempdir().unwrap();
    finish(start(&config, whole.path(), true));
    // In the middle of episodes, in which something is remembered.
    for stopped in [236, 1_444] {
        let cut = tempfile::tempdir().unwrap();
        stop_at(start(&config, cut.path(), true), stopped);
        finish(resume(cut.path()));
        assert_eq!(
            metrics(cut.path()),
            metrics(whole.path()),
            "stopped after {stopped} decisions"
        );
        assert_eq!(last_checkpoint(cut.path()), last_checkpoint(whole.path()));
    }
    config.scenario.robot.senses_rewards = false;
    let other = tempfile::tempdir().unwrap();
    finish(start(&config, other.path(), true));
    assert_ne!(metrics(other.path()), metrics(whole.path()), "the sense is learned from");
}

fn observation_length(config: &RunConfig) -> usize {
    perennial::sensors::observation_spec(&config.scenario).len()
}

#[test]
fn boundaries_are_declared_where_the_schedule_says_so_however_seasons_change() {
    let mut gradual = gradual_year("ewc");
    assert!(matches!(
        gradual.check(),
        Err(perennial::training::ConfigError::NoBoundaries { .. })
    ));
    gradual.scenario.schedule.declares_boundaries = Some(true);
    gradual.check().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let summary = finish(start(&gradual, folder.path(), true));
    assert!(
        summary.turning_return_matrix[0].is_some(),
        "it is still evaluated where it begins to turn"
    );
    assert!(
        summary.ledger.method_state_bytes > 0,
        "the method was told where a season ended"
    );
    // Episodes go on across such a boundary, and a run that stops there resumes.
    for method in ["replay", "packnet"] {
        let mut config = gradual_year(method);
        config.scenario.schedule.declares_boundaries = Some(true);
        let whole = tempfile::tempdir().unwrap();
        finish(start(&config, whole.path(), true));
        for stopped in [600, 636] {
            let cut = tempfile::tempdir().unwrap();
            stop_at(start(&config, cut.path(), true), stopped);
            finish(resume(cut.path()));
            assert_eq!(
                metrics(cut.path()),
                metrics(whole.path()),
                "{method}, stopped after {stopped} decisions"
            );
        }
    }
    // What an abrupt year does not say, `replay` does not know.
    let records = |declares: Option<bool>| {
        let mut abrupt = short_year("replay");
        abrupt.scenario.schedule.declares_boundaries = declares;
        let folder = tempfile::tempdir().unwrap();
        finish(start(&abrupt, folder.path(), true));
        metrics(folder.path())
    };
    let usual = records(None);
    assert_eq!(records(Some(true)), usual);
    assert_ne!(records(Some(false)), usual);
}

/// The same year, whose seasons turn into each other in their second halves.
fn gradual_year(method: &str) -> RunConfig {
    let mut config = short_year(method);
    config.scenario.schedule.transition = perennial::scenario::SeasonTransition::Gradual;
    config
}

#[test]
fn a_gradual_year_is_also_evaluated_where_its_seasons_begin_to_turn() {
    let config = gradual_year("replay");
    let whole = tempfile::tempdir().unwrap();
    let summary = finish(start(&config, whole.path(), true));
    let turning: Vec<bool> = summary.turning_score_matrix.iter().map(Option::is_some).collect();
    assert_eq!(turning, [true, true, true, false], "the last season does not turn");
    let records = metrics(whole.path());
    let in_mid_season: Vec<&str> = records.lines().filter(|line| line.contains("\"row\":null")).collect();
    assert_eq!(in_mid_season.len(), 3 * 4);
    assert!(in_mid_season[0].contains("\"decisions\":300,"), "{}", in_mid_season[0]);
    // Stopped before, between and after an evaluation that is not yet recorded.
    for stopped in [236, 304, 600, 1_000] {
        let cut = tempfile::tempdir().unwrap();
        stop_at(start(&config, cut.path(), true), stopped);
        let resumed = finish(resume(cut.path()));
        assert_eq!(metrics(cut.path()), records, "stopped after {stopped} decisions");
        assert_eq!(resumed.turning_return_matrix, summary.turning_return_matrix);
        assert_eq!(resumed.forgetting, summary.forgetting);
    }
    // Learned all at once, seasons do not turn; and an abrupt year has no such evaluations.
    for config in [gradual_year("joint"), short_year("replay")] {
        let folder = tempfile::tempdir().unwrap();
        let summary = finish(start(&config, folder.path(), true));
        assert!(summary.turning_return_matrix.is_empty());
        assert!(!metrics(folder.path()).contains("\"row\":null"));
    }
}

#[test]
fn a_run_that_was_killed_between_two_checkpoints_equals_one_that_never_was() {
    let config = short_year("replay");
    let whole = tempfile::tempdir().unwrap();
    finish(start(&config, whole.path(), true));
    let killed = tempfile::tempdir().unwrap();
    stop_at(start(&config, killed.path(), true), 1_300);
    // What a kill leaves: the checkpoint of 1,000 decisions is the newest, and records go on beyond it.
    let folder = killed.path().join("run/checkpoints");
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap() > "decision_000001000.ckpt" {
            fs::remove_file(path).unwrap();
        }
    }
    finish(resume(killed.path()));
    assert_eq!(metrics(killed.path()), metrics(whole.path()));
    assert_eq!(last_checkpoint(killed.path()), last_checkpoint(whole.path()));
}

#[test]
fn threads_change_nothing() {
    let config = short_year("replay");
    let (beside, alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    finish(start(&config, beside.path(), true));
    finish(start(&config, alone.path(), false));
    assert_eq!(metrics(beside.path()), metrics(alone.path()));
    assert_eq!(last_checkpoint(beside.path()), last_checkpoint(alone.path()));
}

#[test]
fn another_seed_is_another_run() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    finish(start(&short_year("finetune"), one.path(), true));
    let config = RunConfig {
        seed: 10,
        ..short_year("finetune")
    };
    finish(start(&config, other.path(), true));
    assert_ne!(metrics(one.path()), metrics(other.path()));
}

#[test]
fn a_damaged_checkpoint_is_told_and_the_one_before_it_is_used() {
    let config = short_year("replay");
    let whole = tempfile::tempdir().unwrap();
    finish(start(&config, whole.path(), true));
    let cut = tempfile::tempdir().unwrap();
    stop_at(start(&config, cut.path(), true), 1_300);
    let newest = cut.path().join("run/checkpoints/decision_000001300.ckpt");
    let bytes = fs::read(&newest).unwrap();
    fs::write(&newest, &bytes[..bytes.len() - 100]).unwrap();

    struct Told(Vec<String>);
    impl Observer for Told {
        fn event(&mut self, event: &TrainingEvent) {
            if let TrainingEvent::SkippedDamaged { path, used, .. } = event {
                self.0.push(format!("{} -> {}", path.display(), used.display()));
            }
        }
    }
    let mut told = Told(Vec::new());
    let mut training = resume(cut.path());
    training.run(&mut told, &AtomicBool::new(false)).unwrap();
    drop(training);
    assert_eq!(told.0.len(), 1);
    assert!(told.0[0].contains("decision_000001300.ckpt -> "), "{}", told.0[0]);
    assert!(told.0[0].ends_with("decision_000001200.ckpt"), "{}", told.0[0]);
    assert_eq!(metrics(cut.path()), metrics(whole.path()));
}

#[test]
fn a_loss_that_is_not_finite_stops_the_run_and_leaves_a_good_checkpoint() {
    let mut config = short_year("finetune");
    // Normalised layers would take any weights.
    config.learner.layer_norm = false;
    let good = tempfile::tempdir().unwrap();
    finish(start(&config, good.path(), true));
    let mut policy = policy_of_run(&good.path().join("run")).unwrap().networks()[0].clone();
    // Weights that have run away: their products overflow.
    policy.parameters.iter_mut().for_each(|parameter| *parameter *= 1e30);
    let results = tempfile::tempdir().unwrap();
    config.initial_policy = Some(policy.hash());
    let folder = RunFolder::create(results.path(), "run", Existing::Refuse, &config.to_toml().unwrap()).unwrap();
    let mut training = Training::start(config, folder, Some(&policy), Execution::default()).unwrap();
    match training.run(&mut NoObserver, &AtomicBool::new(false)) {
        Err(TrainingError::Learner(error)) => assert!(error.to_string().contains("not finite at update"), "{error}"),
        other => panic!("the loss must run away: {other:?}"),
    }
    drop(training);
    assert!(!results.path().join("run/summary.json").exists());
    let folder = RunFolder::resume(results.path(), "run").unwrap();
    assert!(folder.checkpoints().newest().is_ok());
}

#[test]
fn two_years_make_a_row_for_each_of_their_seasons() {
    let config = RunConfig {
        years: 2,
        decisions_per_season: 200,
        ..short_year("replay")
    };
    let results = tempfile::tempdir().unwrap();
    let summary = finish(start(&config, results.path(), true));
    assert_eq!(summary.score_matrix.len(), 8);
    assert_eq!(summary.year_retention.len(), 1);
    assert_eq!(summary.decisions, 1_600);
}

/// The main result, in full: minutes, so only when asked for (`cargo test --release -- --ignored`).
#[test]
#[ignore = "trains for minutes: run it in release"]
fn replay_keeps_what_finetuning_forgets() {
    let run = |method: &str| {
        let mut config = RunConfig::new(Scenario::load("four_seasons").unwrap().scenario);
        config.method = method.to_owned();
        finish(start(&config, tempfile::tempdir().unwrap().path(), true))
    };
    let (replay, finetune) = (run("replay"), run("finetune"));
    assert!(replay.average_performance.unwrap() >= 0.9, "{:?}", replay.score_matrix);
    assert!(replay.forgetting.unwrap() <= 0.1, "{:?}", replay.score_matrix);
    assert!(finetune.average_performance.unwrap() <= 0.45, "{:?}", finetune.score_matrix);
}
