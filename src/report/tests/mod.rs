//! Reports on small synthetic runs.

mod families;
mod foreign;
mod inserting;

use std::fs;
use std::path::{Path, PathBuf};

use super::figures::Exhibit;
use super::*;
use crate::evaluation::measures::WateringCount;
use crate::evaluation::sampling;
use crate::evaluation::{Ledger, ScoreBaseline, ScoreMatrix, Timing};
use crate::metrics::{EpisodeRecord, Record};
use crate::scenario::Scenario;
use crate::training::summary::{RunName, Summary};
use crate::training::{RunConfig, RunFolder};

pub(super) fn config(method: &str, seed: u64) -> RunConfig {
    let scenario = Scenario::load("four_seasons").unwrap().scenario;
    RunConfig {
        method: method.to_owned(),
        seed,
        ..RunConfig::new(scenario)
    }
}

/// Writes a finished run whose scores follow from `level`; a negative level makes negative scores.
pub(super) fn finished(folder: &Path, id: &str, config: &RunConfig, level: f64) {
    let baseline = ScoreBaseline {
        random_return: -10.0,
        gardener_return: 10.0,
        planner_return: Some(16.0),
        idle_return: Some(-9.0),
    };
    let names: Vec<String> = config.scenario.seasons.iter().map(|season| season.name.clone()).collect();
    let mut matrix = ScoreMatrix::new(names.clone(), config.years, vec![baseline; names.len()]).unwrap();
    for row in 0..=names.len() * config.years {
        let score = |season: usize| {
            if season < row {
                level - 0.1 * (row - season) as f64
            } else {
                0.0
            }
        };
        let is_evaluated = |season: &usize| sampling::is_evaluated(row, *season, names.len(), config.years);
        let returns = |season: usize| is_evaluated(&season).then(|| 20.0 * score(season) - 10.0);
        matrix.push_returns((0..names.len()).map(returns).collect()).unwrap();
    }
    if config.turns() {
        // Where a season begins to turn, the policy is what it is at its end.
        let rows = 1..matrix.last_row();
        let turning = rows.map(|row| (row - 1, matrix.returns(row).unwrap().to_vec())).collect();
        matrix = matrix.with_turning(turning).unwrap();
    }
    let name = RunName {
        run_id: id.to_owned(),
        scenario: config.scenario.name.clone(),
        method: config.method.clone(),
        algorithm: config.algorithm.clone(),
        seed: config.seed,
        decisions_per_season: config.decisions_per_season,
        settings_hash: config.settings_hash(),
    };
    let ledger = Ledger {
        decisions: config.decisions(),
        updates: 1_000,
        multiply_adds: 1_000_000 + 1_000 * id.len() as u64,
        memory_bytes: 3_000,
        ..Ledger::default()
    };
    let watering = vec![WateringCount::default(); names.len()];
    let summary = Summary::new(name, &matrix, watering, ledger, Timing::default()).unwrap();
    let run = RunFolder::create(folder, id, crate::training::Existing::Refuse, &config.to_toml().unwrap()).unwrap();
    let step = config.gardens as u64 * 300;
    let lines: String = (1..=config.decisions() / step)
        .map(|number| {
            let decisions = number * step;
            let season = ((decisions - 1) / config.decisions_per_season) as usize;
            let (year, season) = (season / names.len(), season % names.len());
            let record = Record::Episode(EpisodeRecord {
                decisions,
                year,
                season: names[season].clone(),
                episode_return: number as f64 % 7.0,
                ..Default::default()
            });
            serde_json::to_string(&record).unwrap() + "\n"
        })
        .collect();
    fs::write(run.path().join("metrics.jsonl"), lines).unwrap();
    run.write_summary(&summary).unwrap();
}

/// Two methods with two seeds each, in folders of different depth.
pub(super) fn four_runs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..2 {
        finished(
            &folder.path().join("deep/er"),
            &format!("a{seed}"),
            &config("replay", seed),
            1.0 + 0.1 * seed as f64,
        );
        finished(folder.path(), &format!("ft{seed}"), &config("finetune", seed), -0.5);
    }
    folder
}

pub(super) fn document(folders: &[PathBuf]) -> Document {
    Document::new(collect(folders).unwrap(), DEFAULT_BASELINE, false).unwrap()
}

fn tables(document: &Document) -> Vec<&Table> {
    let exhibits = document
        .sections
        .iter()
        .flat_map(|content| &content.figures)
        .flat_map(|figure| &figure.exhibits);
    exhibits.filter_map(Exhibit::table).collect()
}

#[test]
fn runs_are_found_at_any_depth_once_and_put_together_by_method() {
    let folder = four_runs();
    let path = folder.path().to_owned();
    let document = document(&[path.clone(), path.join("deep")]);
    assert!(document.omissions.is_empty(), "{:?}", document.omissions);
    assert_eq!(document.sections.len(), 1);
    let series: Vec<(&str, Vec<u64>)> = document.sections[0]
        .section
        .series
        .iter()
        .map(|series| (series.label.as_str(), series.seeds()))
        .collect();
    assert_eq!(series, [("replay", vec![0, 1]), ("finetune", vec![0, 1])], "the best first");
}

#[test]
fn what_differs_in_more_than_the_seed_is_never_averaged() {
    let folder = four_runs();
    let mut other = config("replay", 5);
    other.learner.discount = 0.9;
    finished(folder.path(), "other-discount", &other, 1.0);
    let mut strength = config("replay", 6);
    strength.learner.replay.cloning_weight = 0.0;
    finished(folder.path(), "no-cloning", &strength, 0.5);
    let mut unlike = config("finetune", 7);
    unlike.scenario = Scenario::load("gradual_year").unwrap().scenario;
    finished(folder.path(), "gradual", &unlike, 0.5);
    let document = document(&[folder.path().to_owned()]);
    let titles: Vec<&str> = document
        .sections
        .iter()
        .map(|content| content.section.title.as_str())
        .collect();
    assert_eq!(titles.len(), 3, "{titles:?}");
    assert!(
        titles.iter().any(|title| title.contains("learner.discount = 0.9")),
        "{titles:?}"
    );
    assert!(titles.iter().any(|title| title.starts_with("gradual year")), "{titles:?}");
    let labels: Vec<&str> = document
        .sections
        .iter()
        .flat_map(|content| &content.section.series)
        .map(|series| series.label.as_str())
        .collect();
    assert!(labels.contains(&"replay (cloning_weight = 0.0)"), "{labels:?}");
}

#[test]
fn a_limited_history_stands_beside_the_usual_one_and_is_no_baseline() {
    let folder = four_runs();
    for (seed, transitions) in [(0, 200), (1, 200), (0, 1_000)] {
        let mut limited = config("replay", seed);
        limited.learner.history = crate::learner::History::Transitions(transitions);
        finished(folder.path(), &format!("history{transitions}-{seed}"), &limited, 2.0);
    }
    let document = document(&[folder.path().to_owned()]);
    assert_eq!(document.sections.len(), 1);
    let section = &document.sections[0].section;
    let labels: Vec<&str> = section.series.iter().map(|series| series.label.as_str()).collect();
    assert_eq!(
        labels,
        ["replay (1000 transitions)", "replay (200 transitions)", "replay", "finetune"]
    );
    assert_eq!(
        section.series_of("replay").unwrap().label,
        "replay",
        "the usual one, though others are better"
    );
    let histories = tables(&document).into_iter().find(|table| table.name == "history").unwrap();
    let rows: Vec<&Cell> = histories.rows.iter().map(|row| &row[1]).collect();
    assert_eq!(rows.len(), 3, "the usual one too: {rows:?}");
    assert!(html(&document).contains("Average performance against bytes of past data"));
}

#[test]
fn new_networks_are_a_reference_only_for_who_explores_as_much() {
    let folder = four_runs();
    let gaps = || {
        let document = document(&[folder.path().to_owned()]);
        let table = tables(&document).into_iter().find(|table| table.name == "overall").unwrap();
        let column = |name: &str| table.columns.iter().position(|column| column.name == name).unwrap();
        let (gap, transfer) = (column("plasticity gap by area"), column("forward transfer"));
        let row = table
            .rows
            .iter()
            .find(|row| row[0] == Cell::Code("finetune".to_owned()))
            .unwrap();
        (row[gap].clone(), row[transfer].clone())
    };
    let why = |cell: Cell| match cell {
        Cell::Missing(why) => why,
        other => panic!("{other:?}"),
    };
    assert!(why(gaps().0).contains("there is no run of `scratch`"));
    for seed in 0..2 {
        finished(folder.path(), &format!("scratch{seed}"), &config("scratch", seed), 0.5);
    }
    let told = why(gaps().0);
    assert!(
        told.contains("`finetune` does not restart exploration") && told.contains("learner.scratch.restart_exploration=false"),
        "{told}"
    );
    for seed in 0..2 {
        let mut like = config("scratch", seed);
        like.learner.scratch.restart_exploration = false;
        finished(folder.path(), &format!("like{seed}"), &like, 0.5);
    }
    let (gap, transfer) = gaps();
    // All curves of these runs are the same, between 0.5 and 0.8: there is no gap, and half of the room is left.
    assert!(
        !matches!(gap, Cell::Missing(_)) && !matches!(transfer, Cell::Missing(_)),
        "{gap:?} {transfer:?}"
    );
}

#[test]
fn forward_transfer_is_not_defined_where_new_networks_leave_no_room() {
    let folder = four_runs();
    for seed in 0..2 {
        let mut like = config("scratch", seed);
        like.learner.scratch.restart_exploration = false;
        finished(folder.path(), &format!("like{seed}"), &like, 0.5);
        // Every episode as good as the gardener's.
        let path = folder.path().join(format!("like{seed}/metrics.jsonl"));
        let text = fs::read_to_string(&path).unwrap();
        let better: String = text
            .lines()
            .map(|line| {
                let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
                record["episode_return"] = 9.0.into();
                record.to_string() + "\n"
            })
            .collect();
        fs::write(&path, better).unwrap();
    }
    let document = document(&[folder.path().to_owned()]);
    let table = tables(&document).into_iter().find(|table| table.name == "overall").unwrap();
    let column = |name: &str| table.columns.iter().position(|column| column.name == name).unwrap();
    for method in ["replay", "finetune"] {
        let row = table.rows.iter().find(|row| row[0] == Cell::Code(method.to_owned())).unwrap();
        let Cell::Missing(why) = &row[column("forward transfer")] else {
            panic!("{row:?}");
        };
        assert!(why.contains("not defined here") && why.contains("0.95"), "{why}");
        assert!(!matches!(row[column("plasticity gap by area")], Cell::Missing(_)), "{row:?}");
    }
    assert!(markdown(&document).contains("not defined here: the curve of new networks"));
}

/// Three methods with so many seeds: `finetune` is always worse than `replay`, `ewc` now better and now worse.
fn three_methods(seeds: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..seeds {
        let by_seed = 0.1 * seed as f64;
        let either = if seed % 2 == 0 { 0.05 } else { -0.05 };
        for (method, level) in [("replay", 1.0), ("finetune", -0.5), ("ewc", 1.0 + either)] {
            let id = format!("{method}{seed}");
            finished(folder.path(), &id, &config(method, seed), level + by_seed);
        }
    }
    folder
}

fn paired_words(folder: &Path) -> (Table, String) {
    let document = document(&[folder.to_owned()]);
    let figure = document.sections[0]
        .figures
        .iter()
        .find(|figure| figure.name == "paired")
        .unwrap();
    let [Exhibit::Table(table), Exhibit::Text(words)] = &figure.exhibits[..] else {
        panic!("{:?}", figure.exhibits);
    };
    (table.clone(), words.clone())
}

#[test]
fn a_difference_is_claimed_only_where_ten_seeds_bear_it() {
    let folder = three_methods(10);
    let (table, words) = paired_words(folder.path());
    assert!(
        words.starts_with("In average performance, of 2 compared: better none; worse `finetune`; cannot be told apart `ewc`."),
        "{words}"
    );
    assert!(
        words.contains("In forgetting, of 2 compared: better none; worse none; cannot be told apart"),
        "{words}"
    );
    assert!(!words.contains("seeds in common"), "{words}");
    let place = |name: &str| table.columns.iter().position(|column| column.name == name).unwrap();
    let row = table
        .rows
        .iter()
        .find(|row| row[0] == Cell::Code("finetune".to_owned()))
        .unwrap();
    // All ten agree: 2 of 1,024, twice for two comparisons.
    let Cell::Number { value, .. } = row[place("p, average performance")] else {
        panic!("{row:?}");
    };
    assert_eq!(value, 4.0 / 1_024.0);
    let Cell::Estimate { estimate, spread } = &row[place("difference of average performance")] else {
        panic!("{row:?}");
    };
    assert!((estimate.value + 1.5).abs() < 1e-9 && *spread == Spread::Interval, "{row:?}");
}

#[test]
fn five_seeds_that_all_agree_are_no_claim_and_stand_there_themselves() {
    let folder = three_methods(5);
    let (table, words) = paired_words(folder.path());
    assert!(
        words.contains("worse none; cannot be told apart `ewc`, `finetune`."),
        "{words}"
    );
    assert!(
        words.contains("only 5 seeds in common") && words.contains("that takes 7"),
        "{words}"
    );
    let values = |cell: &Cell| matches!(cell, Cell::Estimate { spread: Spread::Values(values), .. } if values.len() == 5);
    assert!(table.rows.iter().all(|row| values(&row[3])), "{:?}", table.rows);
    let document = document(&[folder.path().to_owned()]);
    let text = markdown(&document);
    let overall = &text[text.find("All methods").unwrap()..text.find("Learning curves").unwrap()];
    assert!(
        overall.contains("0.95 (0.75; 0.85; 0.95; 1.05; 1.15)") && !overall.contains('['),
        "{overall}"
    );
}

#[test]
fn other_settings_of_a_method_are_compared_with_its_own_default_ones() {
    let folder = three_methods(10);
    for seed in 0..10 {
        let mut loose = config("ewc", seed);
        loose.learner.ewc.strength = 0.001;
        finished(folder.path(), &format!("loose{seed}"), &loose, -2.0);
    }
    let document = document(&[folder.path().to_owned()]);
    let all = tables(&document);
    let [methods, settings] = ["paired", "paired_settings"].map(|name| *all.iter().find(|table| table.name == name).unwrap());
    assert_eq!((methods.rows.len(), settings.rows.len()), (2, 1));
    assert_eq!(settings.rows[0][1], Cell::Code("ewc".to_owned()));
    assert!(
        settings.rows[0].contains(&Cell::Text("worse".to_owned())),
        "{:?}",
        settings.rows
    );
}

#[test]
fn reports_say_that_one_is_no_ceiling_and_which_line_is_to_be_reached() {
    let folder = four_runs();
    let measured = |planner: serde_json::Value, idle: serde_json::Value| {
        for run in ["deep/er/a0", "deep/er/a1", "ft0", "ft1"] {
            let path = folder.path().join(run).join("summary.json");
            let mut summary: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            summary["planner_return"] = planner.clone();
            summary["idle_return"] = idle.clone();
            fs::write(&path, summary.to_string()).unwrap();
        }
        document(&[folder.path().to_owned()])
    };
    let older = measured(serde_json::json!([null, null, null, null]), serde_json::json!([]));
    assert!(!markdown(&older).contains("the score to beat is that of the planning gardener"));
    assert!(markdown(&older).contains("of a version that did not measure this driver"));
    let document = measured(
        serde_json::json!([14.0, 16.0, 18.0, 20.0]),
        serde_json::json!([-10.0, -10.0, -10.0, -8.0]),
    );
    let text = markdown(&document);
    let words = "the planning gardener, which scores 1.35 on average over the seasons, a driver that does nothing scores 0.03.";
    assert!(text.contains(words), "{text}");
    let table = tables(&document)
        .into_iter()
        .find(|table| table.name == "references")
        .unwrap();
    let expected = [("planner", 1.35), ("gardener", 1.0), ("idle", 0.025), ("random", 0.0)];
    for (row, (name, value)) in table.rows.iter().zip(expected) {
        assert_eq!(row[0], Cell::Code(name.to_owned()));
        assert!(
            matches!(row[2], Cell::Number { value: found, .. } if (found - value).abs() < 1e-12),
            "{row:?}"
        );
    }
    assert!(html(&document).contains(">planner<"), "the line to reach is drawn");
}

#[test]
fn tuning_runs_never_count() {
    let folder = four_runs();
    let trial = RunConfig {
        tuning: true,
        ..config("replay", 3)
    };
    finished(&folder.path().join("tuning"), "trial", &trial, 9.0);
    let older = RunConfig {
        program: None,
        ..config("replay", 10_000)
    };
    finished(folder.path(), "older-trial", &older, 9.0);
    // Any seed may be used for a result.
    finished(folder.path(), "result", &config("replay", 12_345), 1.2);
    let document = document(&[folder.path().to_owned()]);
    let reasons: Vec<&str> = document.omissions.iter().map(|omission| omission.reason.as_str()).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(
        reasons[0].contains("its seed is 10000") && reasons[0].contains("never counts"),
        "{reasons:?}"
    );
    assert_eq!(reasons[1], "a trial of a tuning never counts as a result");
    let replay = document.sections[0].section.series_of("replay").unwrap();
    assert_eq!(replay.seeds(), [0, 1, 12_345]);
}

#[test]
fn runs_of_another_beginning_program_or_build_are_never_averaged() {
    let folder = four_runs();
    let changed = |change: fn(&mut RunConfig)| {
        let mut config = config("finetune", 7);
        change(&mut config);
        config
    };
    for (id, config) in [
        (
            "begun",
            changed(|config| config.initial_policy = Some("0123456789abcdef".to_owned())),
        ),
        (
            "version",
            changed(|config| config.program.as_mut().unwrap().version = "0.0.1".to_owned()),
        ),
        (
            "build",
            changed(|config| config.program.as_mut().unwrap().target_features = vec!["fma9".to_owned()]),
        ),
        ("older", changed(|config| config.program = None)),
    ] {
        finished(folder.path(), id, &config, -0.5);
    }
    let document = document(&[folder.path().to_owned()]);
    assert_eq!(document.omissions, []);
    let sections: Vec<(&str, usize)> = document
        .sections
        .iter()
        .map(|content| (content.section.title.as_str(), content.section.runs().count()))
        .collect();
    let counts: Vec<usize> = sections.iter().map(|(_, runs)| *runs).collect();
    assert_eq!(counts, [4, 1, 1, 1, 1], "{sections:?}");
    for says in [
        "initial_policy = 0123456789abcdef",
        "version 0.0.1",
        "fma9",
        "build not recorded",
    ] {
        assert!(
            sections[1..].iter().any(|(title, _)| title.contains(says)),
            "{says}: {sections:?}"
        );
    }
    let page = markdown(&document);
    assert!(page.contains("--initialize-from RUN") && page.contains("its build was not recorded"));
}

#[test]
fn one_method_is_one_row_however_its_runs_were_named() {
    let folder = tempfile::tempdir().unwrap();
    for (seed, method) in ["replay+ewc", "ewc + replay", "ewc+replay"].into_iter().enumerate() {
        finished(folder.path(), &format!("run{seed}"), &config(method, seed as u64), 1.0);
    }
    let mut stronger = config("ewc+replay", 3);
    stronger.learner.ewc.strength = 3.0;
    finished(folder.path(), "stronger", &stronger, 1.0);
    let document = document(&[folder.path().to_owned()]);
    let series: Vec<(&str, Vec<u64>)> = document.sections[0]
        .section
        .series
        .iter()
        .map(|series| (series.label.as_str(), series.seeds()))
        .collect();
    assert_eq!(
        series,
        [("replay+ewc", vec![0, 1, 2]), ("replay+ewc (ewc.strength = 3.0)", vec![3])],
        "two strengths are two rows"
    );
}

#[test]
fn a_configuration_that_was_changed_afterwards_is_not_reported_and_another_layout_of_it_is() {
    let folder = four_runs();
    let path = folder.path().join("ft0/config.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("# Mine.\n{}", text.replace(" = ", "  =  "))).unwrap();
    assert_eq!(document(&[folder.path().to_owned()]).omissions, []);
    let edited = text.replace("learning_rate = 0.001", "learning_rate = 0.01");
    assert_ne!(edited, text);
    fs::write(&path, edited).unwrap();
    let document = document(&[folder.path().to_owned()]);
    assert_eq!(document.omissions.len(), 1);
    assert!(document.omissions[0].reason.contains("config.toml was changed"));
    // Older versions wrote fewer settings, so their hash is that of the text.
    let older = text.replace("keep_last = 2\n", "");
    assert_ne!(older, text);
    fs::write(&path, &older).unwrap();
    let summary = fs::read_to_string(folder.path().join("ft0/summary.json")).unwrap();
    let hash = config("finetune", 0).settings_hash();
    fs::write(
        folder.path().join("ft0/summary.json"),
        summary.replace(&hash, &crate::training::summary::settings_hash(&older)),
    )
    .unwrap();
    assert_eq!(collect(&[folder.path().to_owned()]).unwrap().omissions, []);
}

fn settings(document: &Document) -> &Table {
    let mut tables = document.overviews.iter().flat_map(MadeFigure::tables);
    tables.find(|table| table.name == "settings").unwrap()
}

#[test]
fn settings_stand_beside_each_other_and_a_second_year_tells_what_was_left() {
    let folder = four_runs();
    let mut years = config("finetune", 0);
    years.years = 2;
    finished(folder.path(), "two-years", &years, 0.5);
    let document = document(&[folder.path().to_owned()]);
    assert_eq!(
        settings(&document).rows.len(),
        2,
        "fine-tuning twice, replay is in one setting only"
    );
    let years = tables(&document).into_iter().find(|table| table.name == "years").unwrap();
    assert_eq!(years.rows.len(), 4);
    assert!(matches!(years.rows[0][4], Cell::Estimate { .. }), "{:?}", years.rows[0]);
    assert!(html(&document).contains("Settings beside each other") && markdown(&document).contains("Settings beside each other"));
}

#[test]
fn the_method_whose_worst_setting_is_best_comes_first() {
    let folder = four_runs();
    for (method, level) in [("finetune", 3.0), ("replay", 1.0)] {
        let mut years = config(method, 0);
        years.years = 2;
        finished(folder.path(), &format!("{method}-two-years"), &years, level);
    }
    let document = document(&[folder.path().to_owned()]);
    let methods: Vec<&Cell> = settings(&document).rows.iter().map(|row| &row[0]).collect();
    let code = |method: &str| Cell::Code(method.to_owned());
    assert_eq!(
        methods,
        [&code("replay"), &code("replay"), &code("finetune"), &code("finetune")]
    );
}

/// Runs of two methods in four gardens with two seeds, worse in every garden; a third method in one of them.
fn four_gardens() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, garden) in ["four_seasons", "monsoon", "drought", "maple_autumn"].into_iter().enumerate() {
        for (method, level) in [("finetune", 0.0), ("replay", 1.0), ("ewc", 0.5)] {
            for seed in 0..2 {
                let mut config = config(method, seed);
                config.scenario = Scenario::load(garden).unwrap().scenario;
                if method != "ewc" || number == 0 {
                    let id = format!("{garden}-{method}-{seed}");
                    finished(folder.path(), &id, &config, level - number as f64 + 0.1 * seed as f64);
                }
            }
        }
    }
    folder
}

#[test]
fn an_average_over_gardens_says_so_and_leaves_out_what_was_not_run_in_all() {
    let folder = four_gardens();
    let document = document(&[folder.path().to_owned()]);
    let gardens = document.overviews.iter().find(|overview| overview.name == "gardens").unwrap();
    let table = gardens.tables().next().unwrap();
    assert_eq!(table.caption, "Averages over 4 gardens and the seeds of each");
    let methods: Vec<&Cell> = table.rows.iter().map(|row| &row[0]).collect();
    let code = |method: &str| Cell::Code(method.to_owned());
    assert_eq!(methods, [&code("replay"), &code("finetune"), &code("ewc")]);
    assert_eq!((&table.rows[0][1], &table.rows[0][2]), (&Cell::count(4), &Cell::count(8)));
    let Cell::Missing(why) = &table.rows[2][3] else {
        panic!("{:?}", table.rows[2]);
    };
    assert_eq!(why, "`ewc` was run in 1 of 4 gardens");
    // Gardens of other settings are another group, and too few for an average.
    let mut longer = config("finetune", 7);
    longer.decisions_per_season += 1;
    finished(folder.path(), "longer", &longer, 9.0);
    let again = self::document(&[folder.path().to_owned()]);
    let again = again.overviews.iter().find(|overview| overview.name == "gardens").unwrap();
    assert_eq!(again.tables().next().unwrap().rows, table.rows);
}

#[test]
fn a_forecast_stands_beside_what_came_true() {
    let folder = four_gardens();
    let document = document(&[folder.path().to_owned()]);
    let overview = document
        .overviews
        .iter()
        .find(|overview| overview.name == "forecast")
        .unwrap();
    let [Exhibit::Text(words), Exhibit::Panels(panels)] = &overview.exhibits[..] else {
        panic!("{:?}", overview.exhibits);
    };
    assert!(words.contains("over 4 gardens") || words.contains("not defined"), "{words}");
    assert_eq!((panels.table.rows.len(), panels.pictures.len()), (4, 1));
    for content in &document.sections {
        let figure = content.figures.iter().find(|figure| figure.name == "forecast").unwrap();
        let table = figure.tables().next().unwrap();
        assert_eq!(table.rows.len(), content.section.example().summary.seasons.len());
        // The last season has had no time to be forgotten.
        let Cell::Number { value, .. } = table.rows.last().unwrap()[1] else {
            panic!("{:?}", table.rows.last());
        };
        assert_eq!(value, 0.0);
    }
}

#[test]
fn what_cannot_be_used_is_named_with_its_reason() {
    let folder = four_runs();
    let unfinished = RunFolder::create(
        folder.path(),
        "unfinished",
        crate::training::Existing::Refuse,
        &config("ewc", 0).to_toml().unwrap(),
    )
    .unwrap();
    drop(unfinished);
    fs::create_dir(folder.path().join("headless")).unwrap();
    fs::write(folder.path().join("headless/summary.json"), "{}").unwrap();
    finished(folder.path(), "twice", &config("finetune", 1), 0.9);
    finished(folder.path(), "torn", &config("finetune", 9), 0.9);
    fs::write(folder.path().join("torn/metrics.jsonl"), "{\"kind\":\"epi").unwrap();
    let document = document(&[folder.path().to_owned()]);
    let (page, text) = (html(&document), markdown(&document));
    for (name, reason) in [
        ("unfinished", "there is no summary.json"),
        ("headless", "there is no config.toml"),
        ("twice", "the same method, settings and seed (1)"),
        ("torn", "damaged in line 1"),
    ] {
        let omission = document.omissions.iter().find(|omission| omission.path.ends_with(name));
        assert!(
            omission.is_some_and(|omission| omission.reason.contains(reason)),
            "{name}: {omission:?}"
        );
        assert!(page.contains(reason) && text.contains(reason), "{name}");
    }
    assert_eq!(document.omissions.len(), 4);
}

#[test]
fn nothing_to_report_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        collect(&[folder.path().to_owned()]),
        Err(ReportError::Nothing { .. })
    ));
    assert!(matches!(
        collect(&[folder.path().join("none")]),
        Err(ReportError::Folder { .. })
    ));
    let folder = four_runs();
    let runs = collect(&[folder.path().to_owned()]).unwrap();
    assert!(matches!(
        Document::new(runs, "ewc", true),
        Err(ReportError::NoBaseline { .. })
    ));
}

#[test]
fn csv_says_what_the_table_says() {
    let folder = four_runs();
    let document = document(&[folder.path().to_owned()]);
    let files = csv_files(&document);
    assert_eq!(files.len(), tables(&document).len());
    assert!(document.overviews.is_empty());
    let (_, overall) = files.iter().find(|(name, _)| name.ends_with("-overall.csv")).unwrap();
    let lines: Vec<Vec<&str>> = overall.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(
        lines[0][..7],
        [
            "method",
            "needs",
            "seeds",
            "average performance",
            "average performance low",
            "average performance high",
            "average performance runs"
        ]
    );
    let table = tables(&document).into_iter().find(|table| table.name == "overall").unwrap();
    for (row, line) in table.rows.iter().zip(&lines[1..]) {
        let Cell::Estimate { estimate, .. } = &row[3] else {
            panic!("{row:?}")
        };
        assert_eq!(line[3].parse::<f64>().unwrap(), estimate.value);
        // Two seeds have no interval, but themselves.
        assert_eq!((line[4], line[5]), ("", ""));
        let runs = line[6].trim_matches(['[', ']']);
        let runs: Vec<f64> = runs.split(' ').map(|field| field.parse().unwrap()).collect();
        assert_eq!((runs.len(), (runs[0] + runs[1]) / 2.0), (2, estimate.value));
    }
    assert!(lines[2][3].starts_with('-'), "a negative score is data: {:?}", lines[2]);
}

#[test]
fn the_page_stands_alone() {
    let folder = four_runs();
    let document = document(&[folder.path().to_owned()]);
    let page = html(&document);
    for foreign in [
        "http:", "https:", "src=", "url(", "@import", "<link", "<script", "NaN", ">inf", ">-inf",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("there is no run of `joint`"), "a dash has its reason");
    assert!(!markdown(&document).contains("NaN"));
}

#[test]
fn pictures_are_well_formed_and_have_no_colour_that_is_lost_in_the_dark() {
    let folder = four_runs();
    let document = document(&[folder.path().to_owned()]);
    let mut count = 0;
    for exhibit in document.sections[0].figures.iter().flat_map(|figure| &figure.exhibits) {
        let Exhibit::Panels(panels) = exhibit else { continue };
        for picture in &panels.pictures {
            count += 1;
            well_formed(picture);
            assert!(!picture.contains("#0102"), "{picture}");
            assert!(picture.contains("<title>"), "{picture}");
        }
    }
    assert_eq!(count, 8, "curves, matrices and retention of two methods, and two of cost");
    let files = svg_files(&document);
    assert_eq!(files.len(), count);
    for (name, picture) in &files {
        well_formed(picture);
        assert!(
            picture.contains("xmlns=") && picture.contains("prefers-color-scheme"),
            "{name}"
        );
    }
    assert!(files.iter().any(|(name, _)| name == "1-four_seasons-pareto-2.svg"));
}

/// Asserts that every element is closed in order and every attribute is quoted.
fn well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, _) = part.split_once('>').unwrap();
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_command_names_what_is_not_usual() {
    let mut config = config("replay", 3);
    config.decisions_per_season = 800;
    config.learner.replay.batch_share = 0.5;
    config.scenario.seasons[3].dynamics.traction = 0.1;
    assert_eq!(
        command(&config, "3"),
        (
            "perennial train --scenario four_seasons --method replay --algorithm dqn --seed 3 --decisions-per-season 800 \
             --set learner.replay.batch_share=0.5 --set scenario.seasons.winter.dynamics.traction=0.1"
                .to_owned(),
            false
        )
    );
    config.scenario.name = "my garden".to_owned();
    assert!(command(&config, "3").1, "it is not a shipped scenario");
}
