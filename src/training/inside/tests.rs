//! Looks inside the learners of short runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::metrics::{InsideRecord, Record};
use crate::scenario::{Scenario, SeasonTransition};
use crate::training::{
    ALBUM_FILE_NAME, Execution, Existing, NoObserver, Observer, Outcome, RunConfig, RunFolder, Training, TrainingEvent,
};

/// A year of a few seconds: four gardens, seasons of 400 decisions, a look every 100.
fn short_year(method: &str, algorithm: &str) -> RunConfig {
    let mut config = RunConfig::new(Scenario::load("four_seasons").unwrap().scenario);
    config.method = method.to_owned();
    config.algorithm = algorithm.to_owned();
    config.gardens = 4;
    config.decisions_per_season = 400;
    config.record_every_decisions = 100;
    config.scenario.episode.decisions = 40;
    config.evaluation.episodes = 1;
    config.evaluation.gardens = 1;
    config.checkpoints.every_decisions = 300;
    config.inside.every_decisions = 100;
    config.inside.views_per_season = 8;
    config.learner.batch_size = 8;
    config.learner.hidden = vec![8, 8];
    config.learner.fresh_memory.capacity = 400;
    config.learner.fresh_memory.minimum_transitions = 50;
    config
}

fn finish(config: &RunConfig, results: &Path, overlapped: bool) -> Vec<String> {
    let folder = RunFolder::create(results, "run", Existing::Refuse, &config.to_toml().unwrap()).unwrap();
    let mut training = Training::start(config.clone(), folder, None, Execution { overlapped }).unwrap();
    let outcome = training.run(&mut NoObserver, &AtomicBool::new(false)).unwrap();
    assert!(matches!(outcome, Outcome::Finished(_)));
    lines(results)
}

fn lines(results: &Path) -> Vec<String> {
    let text = fs::read_to_string(results.join("run/metrics.jsonl")).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn looks(lines: &[String]) -> Vec<InsideRecord> {
    let records = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    records
        .filter_map(|record| match record {
            Record::Inside(look) => Some(*look),
            _ => None,
        })
        .collect()
}

fn run(config: &RunConfig) -> Vec<String> {
    finish(config, tempfile::tempdir().unwrap().path(), true)
}

#[test]
fn a_run_without_looks_has_the_same_other_records() {
    for (method, algorithm) in [
        ("finetune", "dqn"),
        ("replay+ewc", "sac"),
        ("packnet", "dqn"),
        ("joint", "dqn"),
    ] {
        let config = short_year(method, algorithm);
        let with = run(&config);
        let mut off = config.clone();
        off.inside.every_decisions = 0;
        let results = tempfile::tempdir().unwrap();
        let without = finish(&off, results.path(), true);
        assert!(!results.path().join("run").join(ALBUM_FILE_NAME).exists());
        let is_look = |line: &&String| line.starts_with("{\"kind\":\"inside\"");
        assert_eq!(without.iter().filter(is_look).count(), 0);
        assert_eq!(with.iter().filter(is_look).count(), 16, "{method}");
        let others: Vec<&String> = with.iter().filter(|line| !is_look(line)).collect();
        assert_eq!(others, without.iter().collect::<Vec<_>>(), "{method} {algorithm}");
    }
}

#[test]
fn looks_are_the_same_on_one_thread_and_on_several() {
    let config = short_year("replay", "dqn");
    let results = tempfile::tempdir().unwrap();
    assert_eq!(finish(&config, results.path(), false), run(&config));
    let album = fs::read_to_string(results.path().join("run").join(ALBUM_FILE_NAME)).unwrap();
    assert_eq!(album.lines().count(), 32);
}

/// Stops once so many decisions are done.
struct StopAt<'a>(u64, &'a AtomicBool);

impl Observer for StopAt<'_> {
    fn event(&mut self, event: &TrainingEvent) {
        if let TrainingEvent::Tick { decisions, .. } = event
            && *decisions >= self.0
        {
            self.1.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_resumed_run_looks_as_one_that_was_never_stopped() {
    for method in ["finetune", "inferred_context"] {
        let config = short_year(method, "dqn");
        let whole = run(&config);
        for stopped in [4, 404, 1_200] {
            let results = tempfile::tempdir().unwrap();
            let folder = RunFolder::create(results.path(), "run", Existing::Refuse, &config.to_toml().unwrap()).unwrap();
            let mut training = Training::start(config.clone(), folder, None, Execution::default()).unwrap();
            let flag = AtomicBool::new(false);
            training.run(&mut StopAt(stopped, &flag), &flag).unwrap();
            drop(training);
            // The album is made again where it was lost.
            fs::remove_file(results.path().join("run").join(ALBUM_FILE_NAME)).unwrap();
            let folder = RunFolder::resume(results.path(), "run").unwrap();
            let mut training = Training::resume(folder, Execution::default()).unwrap();
            training.run(&mut NoObserver, &AtomicBool::new(false)).unwrap();
            assert_eq!(lines(results.path()), whole, "{method}, stopped after {stopped}");
            assert!(results.path().join("run").join(ALBUM_FILE_NAME).exists());
        }
    }
}

#[test]
fn looks_compare_with_the_seasons_before_and_with_their_ends() {
    let looks = looks(&run(&short_year("finetune", "dqn")));
    let names = ["spring", "summer", "autumn", "winter"];
    let (mut ends, mut place) = (BTreeMap::new(), 0);
    for look in &looks {
        assert_eq!(look.decisions, 100 * (place as u64 + 1));
        let season = place / 4;
        assert_eq!(look.season.as_deref(), Some(names[season]));
        let before: Vec<&str> = look.agreement.keys().map(String::as_str).collect();
        let mut expected = names[..season].to_vec();
        expected.sort_unstable();
        assert_eq!(before, expected, "after {} decisions", look.decisions);
        for agreement in look.agreement.values() {
            let sum: f64 = agreement.by_layer.iter().sum();
            assert!((sum - agreement.cosine).abs() < 1e-5 && agreement.cosine.abs() <= 1.0 + 1e-9);
            assert_eq!(agreement.by_layer.len(), 3);
        }
        assert_eq!(look.answers.len(), 32);
        assert!(look.answers.chars().all(|answer| ('0'..='4').contains(&answer)));
        assert_eq!(look.change.keys().collect::<Vec<_>>(), ends.keys().collect::<Vec<_>>());
        for (name, change) in &look.change {
            assert_eq!(Some(&change.since_decisions), ends.get(name));
            assert_eq!(change.similarity.len(), 2);
        }
        place += 1;
        assert_eq!(look.ended.is_some(), place % 4 == 0);
        if let Some(ended) = &look.ended {
            ends.insert(ended.clone(), look.decisions);
        }
        assert_eq!(
            look.memory.recent.keys().collect::<Vec<_>>(),
            [names[season]],
            "the memory is cleared"
        );
        assert!(look.memory.past.is_empty() && look.memory.past_age_seasons.is_none());
    }
    // A policy that has not moved since is the same.
    assert!(looks[4].change["spring"].divergence > 0.0);
}

#[test]
fn memories_of_the_past_are_told_by_season_and_age() {
    let mut config = short_year("replay", "dqn");
    config.learner.reservoir.capacity = 400;
    let looks = looks(&run(&config));
    let last = &looks[14].memory;
    assert!((last.past.values().sum::<f64>() - 1.0).abs() < 1e-4, "{last:?}");
    assert!(last.past.contains_key("spring") && last.past.contains_key("autumn"));
    let age = last.past_age_seasons.unwrap();
    assert!((0.0..=3.0).contains(&age), "{age}");
    let ages: Vec<f64> = looks.iter().map(|look| look.memory.recent_age_decisions.unwrap()).collect();
    // 25 decisions of each of four gardens: ages 0, 4... 96.
    assert!((ages[0] - 48.0).abs() < 1e-9, "{ages:?}");
}

#[test]
fn a_gradual_season_is_kept_where_it_begins_to_turn_and_joint_learning_has_no_season() {
    let mut gradual = short_year("replay", "dqn");
    gradual.scenario.schedule.transition = SeasonTransition::Gradual;
    let ends: Vec<(u64, String)> = looks(&run(&gradual))
        .into_iter()
        .filter_map(|look| Some((look.decisions, look.ended?)))
        .collect();
    let names: Vec<&str> = ends.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["spring", "summer", "autumn", "winter"]);
    assert!(ends[0].0 < 400 && ends[3].0 == 1_600, "{ends:?}");
    let joint = looks(&run(&short_year("joint", "dqn")));
    assert!(joint.iter().all(|look| look.season.is_none() && look.agreement.len() == 4));
}
