//! Explanations of small crafted runs.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::metrics::{
    AgreementRecord, ChangeRecord, EpisodeRecord, EvaluationRecord, InsideRecord, LayerRecord, LearningRecord, Record,
};
use crate::rollout::AlbumLine;
use crate::scenario::{DEFAULT_SCENARIO, Scenario};
use crate::training::RunConfig;

/// Number of views of each season, the first half of thirsty plants.
const VIEWS: usize = 20;
/// Looks of each season, a thousand decisions apart.
const LOOKS: usize = 6;

/// A run of spring and summer, in which spring is forgotten or not.
struct Crafted {
    /// Number of spring's thirsty views that are no longer watered from the third look of summer on.
    lost: usize,
    /// Spring's score after summer.
    spring_score: f64,
    /// Spring's score at its end.
    learned_score: f64,
    /// Cosine of summer's gradient with spring's.
    cosine: f64,
    /// Training episodes of spring.
    episodes: usize,
}

impl Default for Crafted {
    fn default() -> Self {
        Self {
            lost: 0,
            spring_score: 1.0,
            learned_score: 1.0,
            cosine: 0.3,
            episodes: 12,
        }
    }
}

fn config() -> RunConfig {
    let mut scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
    scenario.seasons.truncate(2);
    RunConfig {
        method: "finetune".to_owned(),
        program: None,
        ..RunConfig::new(scenario)
    }
}

fn album() -> Vec<AlbumLine> {
    let line = |(season, view): (&str, usize)| AlbumLine {
        season: season.to_owned(),
        species: "tulip".to_owned(),
        water: view < VIEWS / 2,
        thirst: if view < VIEWS / 2 { 0.9 } else { 0.0 },
        column: 12,
        colour: if view < VIEWS / 2 { [240, 230, 140] } else { [0, 160, 0] },
        observation: vec![100; 107],
    };
    let seasons = ["spring", "summer"].into_iter();
    seasons
        .flat_map(|season| (0..VIEWS).map(move |view| (season, view)))
        .map(line)
        .collect()
}

impl Crafted {
    fn look(&self, number: usize) -> Record {
        let in_summer = number >= LOOKS;
        let is_lost = |season: usize, view: usize| season == 0 && number > LOOKS + 1 && view < self.lost;
        let answers = (0..2).flat_map(|season| (0..VIEWS).map(move |view| (season, view)));
        let agreement = AgreementRecord {
            cosine: self.cosine,
            by_layer: vec![0.0, self.cosine / 4.0, self.cosine * 0.75],
        };
        let change = ChangeRecord {
            since_decisions: 6_000,
            divergence: 0.5,
            similarity: vec![Some(0.9), Some(0.75)],
        };
        Record::Inside(Box::new(InsideRecord {
            decisions: 1_000 * (number as u64 + 1),
            updates: 100 * (number as u64 + 1),
            season: Some(if in_summer { "summer" } else { "spring" }.to_owned()),
            ended: match number + 1 {
                LOOKS => Some("spring".to_owned()),
                last if last == 2 * LOOKS => Some("summer".to_owned()),
                _ => None,
            },
            agreement: if in_summer {
                BTreeMap::from([("spring".to_owned(), agreement)])
            } else {
                BTreeMap::new()
            },
            steadiness: BTreeMap::from([("spring".to_owned(), 0.8), ("summer".to_owned(), 0.7)]),
            layers: vec![LayerRecord::default(); 3],
            change: if in_summer {
                BTreeMap::from([("spring".to_owned(), change)])
            } else {
                BTreeMap::new()
            },
            answers: answers
                .map(|(season, view)| {
                    if view < VIEWS / 2 && !is_lost(season, view) {
                        '4'
                    } else {
                        '0'
                    }
                })
                .collect(),
            ..InsideRecord::default()
        }))
    }

    fn metrics(&self) -> String {
        let episode = |number: usize| {
            Record::Episode(EpisodeRecord {
                decisions: 4_500 + number as u64,
                season: "spring".to_owned(),
                // Returns of 9 and 11: a standard deviation of about 1, which is a score of 0.05.
                episode_return: 9.0 + 2.0 * (number % 2) as f64,
                ..EpisodeRecord::default()
            })
        };
        let evaluation = |decisions, row, season: &str, score: f64| {
            Record::Evaluation(EvaluationRecord {
                decisions,
                row: Some(row),
                season: season.to_owned(),
                episodes: 32,
                mean_return: 20.0 * score - 10.0,
                score: Some(score),
            })
        };
        let mut records: Vec<Record> = (0..self.episodes).map(episode).collect();
        records.push(Record::Learning(LearningRecord::default()));
        records.extend((0..2 * LOOKS).map(|number| self.look(number)));
        records.extend([
            evaluation(0, 0, "spring", 0.0),
            evaluation(6_000, 1, "spring", self.learned_score),
            evaluation(12_000, 2, "spring", self.spring_score),
            evaluation(12_000, 2, "summer", 1.0),
        ]);
        records
            .iter()
            .map(|record| serde_json::to_string(record).unwrap() + "\n")
            .collect()
    }

    fn run(&self) -> WatchedRun {
        WatchedRun::of_texts(Path::new("runs/crafted"), config(), &self.metrics(), Some(&album_text())).unwrap()
    }

    fn verdict(&self) -> Verdict {
        let findings = Findings::of(&self.run());
        assert_eq!(findings.departures.len(), 1, "summer was not left");
        findings.departures[0].verdict
    }
}

fn album_text() -> String {
    album()
        .iter()
        .map(|line| serde_json::to_string(line).unwrap() + "\n")
        .collect()
}

fn collapse() -> Crafted {
    Crafted {
        lost: 9,
        spring_score: -0.5,
        cosine: -0.6,
        ..Crafted::default()
    }
}

#[test]
fn a_collapse_is_told_with_its_numbers() {
    let findings = Findings::of(&collapse().run());
    let text = text(&sentences(&findings));
    insta::assert_snapshot!(text);
    let window = findings.departures[0].answers.window.as_ref().unwrap();
    assert_eq!(
        (window.from_decisions, window.until_decisions, window.water_to_leave),
        (8_000, 9_000, 9)
    );
    // As data, it comes back.
    let json = serde_json::to_string(&findings).unwrap();
    assert_eq!(serde_json::from_str::<Findings>(&json).unwrap(), findings);
}

#[test]
fn a_control_in_which_nothing_happened_has_forgotten_nothing() {
    let findings = Findings::of(&Crafted::default().run());
    assert_eq!(findings.forgotten().count(), 0);
    insta::assert_snapshot!(text(&sentences(&findings)));
}

#[test]
fn a_season_is_forgotten_only_if_score_and_answers_both_fell_by_more_than_chance() {
    let verdict = |change: fn(&mut Crafted)| {
        let mut crafted = collapse();
        change(&mut crafted);
        crafted.verdict()
    };
    assert_eq!(verdict(|_| ()), Verdict::Forgotten);
    assert_eq!(
        verdict(|run| run.spring_score = 0.85),
        Verdict::AnswersOnly,
        "a fall of 0.15 may be chance"
    );
    assert_eq!(
        verdict(|run| run.lost = 2),
        Verdict::ScoreOnly,
        "two of twenty views may be chance"
    );
    assert_eq!(verdict(|run| (run.lost, run.spring_score) = (2, 0.85)), Verdict::Kept);
    assert_eq!(verdict(|run| run.learned_score = 0.25), Verdict::NotLearned);
    assert_eq!(
        verdict(|run| run.episodes = 3),
        Verdict::NotKnown,
        "without noise there is no more than chance"
    );
}

#[test]
fn what_the_gradients_do_not_decide_is_not_known() {
    let said = |cosine: f64| {
        let findings = Findings::of(&Crafted { cosine, ..collapse() }.run());
        let found = findings.departures[0].gradients.clone().unwrap();
        (found.verdict, found.foresight.verdict(), text(&sentences(&findings)))
    };
    let (now, before, words) = said(-0.6);
    assert_eq!((now, before), (GradientVerdict::Disagreed, GradientVerdict::Disagreed));
    assert!(words.contains("layer 3 of 3"), "{words}");
    let (now, before, words) = said(-0.05);
    assert_eq!((now, before), (GradientVerdict::NotKnown, GradientVerdict::NotKnown));
    assert!(words.contains("Whether the gradients gave warning is not known"), "{words}");
    let (now, before, words) = said(0.4);
    assert_eq!((now, before), (GradientVerdict::Agreed, GradientVerdict::Agreed));
    assert!(words.contains("gave no warning"), "{words}");
}

#[test]
fn the_page_shows_the_lost_views_and_escapes_names() {
    let mut run = collapse().run();
    run.name = "<b>&".to_owned();
    let findings = Findings::of(&run);
    let page = explanation_html(&run, &findings, &[]).unwrap();
    assert!(page.contains("&lt;b&gt;&amp;") && !page.contains("<b>&"));
    // Nine lost views, and all forty in the album.
    assert_eq!(page.matches("water to leave</figcaption>").count(), 9);
    assert_eq!(page.matches("<figcaption>").count(), 9 + 40);
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
}

#[test]
fn what_is_missing_or_strange_is_named() {
    let error = |metrics: &str, album: Option<&str>, change: fn(&mut RunConfig)| {
        let mut config = config();
        change(&mut config);
        let error = WatchedRun::of_texts(Path::new("runs/crafted"), config, metrics, album).unwrap_err();
        format!("{:?}", miette::Report::new(error))
            .replace('│', " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (metrics, album) = (Crafted::default().metrics(), album_text());
    let without_looks: String = metrics
        .lines()
        .filter(|line| !line.contains("inside"))
        .map(|line| format!("{line}\n"))
        .collect();
    let older = error(&without_looks, None, |_| ());
    assert!(older.contains("12 episodes, 4 evaluations, 1 learning"), "{older}");
    assert!(
        older.contains("no looks inside the learner") && older.contains("album.jsonl"),
        "{older}"
    );
    assert!(error(&without_looks, None, |config| config.inside.every_decisions = 0).contains("inside.every_decisions = 0"));
    assert!(error(&metrics, None, |_| ()).contains("no album of views"));
    let other = album.lines().next().unwrap().to_owned();
    assert!(error(&metrics, Some(&other), |_| ()).contains("shows 1 views, but a look after 1000 decisions answers 40"));
    let later = error(&format!("{metrics}{{\"kind\":\"dream\"}}\n"), Some(&album), |_| ());
    assert!(
        later.contains("in line 30") && later.contains("a version that did not record itself"),
        "{later}"
    );
    assert!(error("", None, |_| ()).contains("no records"));
    // A line that is still being written is none yet.
    let written = format!("{metrics}{{\"kind\":");
    assert!(WatchedRun::of_texts(Path::new("runs/crafted"), config(), &written, Some(&album)).is_ok());
}

#[test]
fn a_digest_has_few_points_and_what_became_of_the_seasons() {
    let digest = InsideDigest::of(&collapse().run());
    assert_eq!(digest.decisions.last(), Some(&12_000));
    assert!(digest.decisions.len() <= 12);
    assert_eq!(digest.right["spring"].first(), Some(&1.0));
    assert_eq!(digest.right["spring"].last(), Some(&0.55));
    let [departure] = &digest.departures[..] else {
        panic!("{digest:?}")
    };
    assert_eq!(
        (departure.verdict, departure.after_decisions),
        (Verdict::Forgotten, Some(3_000))
    );
    assert_eq!(
        (departure.cosine, departure.gradients),
        (Some(-0.6), GradientVerdict::Disagreed)
    );
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(serde_json::from_str::<InsideDigest>(&json).unwrap(), digest);
}

#[test]
fn another_method_is_compared_at_the_same_decision() {
    let findings = Findings::of(&collapse().run());
    assert_eq!(WhatIf::needed_decisions(&findings), Some(12_000));
    assert_eq!(WhatIf::needed_decisions(&Findings::of(&Crafted::default().run())), None);
    let compared = |crafted: Crafted| {
        let mut other = crafted.run();
        other.config.method = "replay".to_owned();
        let what_if = WhatIf::of(&findings, &other);
        (
            what_if.seasons[0].is_forgotten_too(),
            text(&[what_if_passage(&findings, &what_if)]),
        )
    };
    let (too, words) = compared(Crafted::default());
    assert_eq!(too, Some(false));
    assert!(words.starts_with("With replay instead of finetune"), "{words}");
    assert!(
        words.contains("its score went from 1.00 to 1.00 with replay, and from 1.00 to -0.50 with finetune"),
        "{words}"
    );
    assert!(
        words.contains("0 of its 20 answers were lost and 0 won, instead of 9 and 0"),
        "{words}"
    );
    assert_eq!(compared(collapse()).0, Some(true));
    let unlearned = Crafted {
        learned_score: 0.1,
        ..collapse()
    };
    assert_eq!(compared(unlearned).0, None);
}

#[test]
fn an_attribution_names_what_was_left_out_and_what_the_test_of_it_said() {
    let kind = |name: &str, share: f64, influence: f64, left_out: bool| TransitionKind {
        name: name.to_owned(),
        share,
        influence,
        left_out,
    };
    let said = |undone: usize, undone_at_random: usize| {
        let found = Attribution {
            season: "spring".to_owned(),
            during: "summer".to_owned(),
            from_decisions: 6_000,
            until_decisions: 9_000,
            kinds: vec![
                kind("watering before something yellow", 0.06, 3.0, true),
                kind("driving on before something brown", 0.002, 1.0, true),
                kind("turning left with nothing near", 0.4, 1.0, false),
                kind("backing away before something green", 0.1, -2.0, false),
            ],
            share: 0.062,
            flips: 20,
            undone,
            undone_at_random,
        };
        text(&[attribution_passage(Some(&found))])
            .replace("\n ", " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let words = said(12, 1);
    assert!(words.contains("watering before something yellow (6 % of them)"), "{words}");
    assert!(
        words.contains("driving on before something brown (below 1 % of them)"),
        "{words}"
    );
    assert!(!words.contains("turning left") && !words.contains("backing away"), "{words}");
    assert!(words.contains("80 % of the total push"), "{words}");
    for (undone, at_random, verdict) in [
        (12, 1, "They caused the flips."),
        (9, 1, "They are not the only cause."),
        (12, 9, "The test is inconclusive."),
    ] {
        assert!(said(undone, at_random).contains(verdict), "{}", said(undone, at_random));
    }
    assert!(text(&[attribution_passage(None)]).contains("nothing to attribute"));
}
