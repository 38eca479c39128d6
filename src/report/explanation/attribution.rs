//! Attribution of flipped answers to the transitions of a later season, and the test of it: the flips without them.
//!
//! Kinds of transitions are told apart by what the robot did and by what was before it. Their influence is added up over the looks of the window in
//! which the answers flipped ([`GroupInfluence`]). Kinds with the largest influence are named, as long as they
//! are at most [`MOST`] of the season's transitions. The test makes the run again without them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::colours::hue_name;
use super::findings::{Departure, Findings};
use super::watched::WatchedRun;
use crate::learner::inside::GroupInfluence;
use crate::mdp::Action;
use crate::scenario::Scenario;

/// Largest part of the season's transitions that is named.
const MOST: f64 = 0.2;
/// Hues of things before the robot; the last one is nothing near.
const AHEAD: [&str; 13] = [
    "black",
    "grey",
    "white",
    "pink",
    "red",
    "orange",
    "yellow",
    "green",
    "turquoise",
    "blue",
    "purple",
    "brown",
    "nothing near",
];

/// A kind of transitions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransitionKind {
    /// Action of the robot, and what was before it.
    pub name: String,
    /// Part of the season's transitions, in 0..1.
    pub share: f64,
    /// Influence of all of them on the mean margin of the flipped answers: positive pushes towards what is wrong.
    pub influence: f64,
    /// `true` if it was left out in the test.
    pub left_out: bool,
}

/// Transitions that made answers flip, and the test of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// Name of the season that was forgotten.
    pub season: String,
    /// Name of the season under way.
    pub during: String,
    /// Decisions from which on transitions were left out: the beginning of the season under way.
    pub from_decisions: u64,
    /// Decisions at which the answers are compared: the end of the window.
    pub until_decisions: u64,
    /// Kinds, the most harmful first.
    pub kinds: Vec<TransitionKind>,
    /// Part of the transitions that were left out.
    pub share: f64,
    /// Number of answers that had flipped by then.
    pub flips: usize,
    /// Number of them that are right without those transitions.
    pub undone: usize,
    /// Number of them that are right if as many transitions are left out at random.
    pub undone_at_random: usize,
}

/// Questions to a run that is made again, for the first season that was forgotten while one other was under way.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributionPlan {
    /// Name of the season that was forgotten.
    pub season: String,
    /// Name of the season under way.
    pub during: String,
    /// Decisions at the beginning of the season under way.
    pub from_decisions: u64,
    /// Decisions at the looks of the window.
    pub looks: Vec<u64>,
    /// Decisions at the end of the window.
    pub until_decisions: u64,
    /// Views whose answers flipped, by their place in the album.
    pub flipped: Vec<usize>,
    /// Their observations, and whether watering is right.
    pub questions: Vec<(Vec<u8>, bool)>,
}

impl AttributionPlan {
    /// Returns what is to be asked; `None` if nothing was forgotten, or several seasons were under way.
    pub fn of(run: &WatchedRun, findings: &Findings) -> Option<Self> {
        findings.forgotten().find_map(|departure| Self::of_departure(run, departure))
    }

    fn of_departure(run: &WatchedRun, departure: &Departure) -> Option<Self> {
        let window = departure.answers.window.as_ref()?;
        let [during] = &window.during[..] else { return None };
        let is_during = |look: &usize| run.looks[*look].season.as_ref() == Some(during);
        let begin = (0..=window.last_look).rev().take_while(is_during).last()?.checked_sub(1)?;
        let looks = (begin + 1..=window.last_look).map(|look| run.looks[look].decisions);
        let flipped: Vec<usize> = window
            .flipped
            .iter()
            .copied()
            .filter(|view| !run.is_right(window.last_look, *view))
            .collect();
        let question = |view: &usize| (run.views[*view].observation.clone(), run.views[*view].water);
        Some(Self {
            season: departure.season.clone(),
            during: during.clone(),
            from_decisions: run.looks[begin].decisions,
            looks: looks.collect(),
            until_decisions: window.until_decisions,
            questions: flipped.iter().map(question).collect(),
            flipped,
        })
    }

    /// Chooses what to leave out, from the influences at each look.
    pub fn choose(&self, looks: &[BTreeMap<usize, GroupInfluence>]) -> Vec<(usize, TransitionKind)> {
        let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
        for look in looks {
            let total: usize = look.values().map(|group| group.transitions).sum();
            for (kind, group) in look {
                *sums.entry(*kind).or_default() += group.mean * group.transitions as f64 / total.max(1) as f64;
            }
        }
        let last = looks.last();
        let total: usize = last.map_or(0, |last| last.values().map(|group| group.transitions).sum());
        let share = |kind: usize| {
            let transitions = last.and_then(|last| last.get(&kind)).map_or(0, |group| group.transitions);
            transitions as f64 / total.max(1) as f64
        };
        let mut kinds: Vec<(usize, TransitionKind)> = sums
            .into_iter()
            .map(|(kind, influence)| {
                let named = TransitionKind {
                    name: kind_name(kind),
                    share: share(kind),
                    influence,
                    left_out: false,
                };
                (kind, named)
            })
            .collect();
        kinds.sort_by(|one, other| other.1.influence.total_cmp(&one.1.influence));
        let mut room = MOST;
        for (_, kind) in &mut kinds {
            if kind.influence > 0.0 && kind.share > 0.0 && kind.share <= room {
                room -= kind.share;
                kind.left_out = true;
            }
        }
        kinds
    }

    /// Number of the flipped answers that are right at the end of the window in a run that was made again.
    ///
    /// `None` if that run was not looked at then.
    pub fn undone_in(&self, again: &WatchedRun) -> Option<usize> {
        let last = again.looks.iter().position(|look| look.decisions == self.until_decisions)?;
        Some(self.flipped.iter().filter(|view| again.is_right(last, **view)).count())
    }
}

/// Returns the kind of a transition: a number below 65.
pub fn transition_kind(scenario: &Scenario, observation: &[u8], action: u8) -> usize {
    let eye = &scenario.eye;
    let row = eye.rows / 2 * eye.columns;
    let third = eye.columns / 3;
    let pixels = (third..eye.columns - third).filter_map(|column| observation.get(4 * (row + column)..4 * (row + column) + 4));
    let nearest = pixels.max_by_key(|pixel| pixel[3]);
    // Nearness is 1 / (0.3 + distance), in 255 parts of its largest value.
    let is_near = |pixel: &&[u8]| 0.3 * 255.0 / f32::from(pixel[3].max(1)) - 0.3 <= scenario.robot.jet_reach_m;
    let ahead = nearest.filter(is_near).map_or(AHEAD.len() - 1, |pixel| {
        let hue = hue_name([pixel[0], pixel[1], pixel[2]]);
        AHEAD.iter().position(|name| *name == hue).unwrap_or(1)
    });
    usize::from(action) * AHEAD.len() + ahead
}

fn kind_name(kind: usize) -> String {
    let did = match Action::ALL.get(kind / AHEAD.len()) {
        Some(Action::Forward) => "driving on",
        Some(Action::TurnLeft) => "turning left",
        Some(Action::TurnRight) => "turning right",
        Some(Action::Back) => "backing away",
        Some(Action::Water) | None => "watering",
    };
    let ahead = kind % AHEAD.len();
    if ahead == AHEAD.len() - 1 {
        format!("{did} with nothing near")
    } else {
        format!("{did} before something {}", AHEAD[ahead])
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use crate::scenario::DEFAULT_SCENARIO;

    fn plan() -> AttributionPlan {
        AttributionPlan {
            season: "spring".to_owned(),
            during: "summer".to_owned(),
            from_decisions: 0,
            looks: Vec::new(),
            until_decisions: 10,
            flipped: vec![0],
            questions: Vec::new(),
        }
    }

    #[test]
    fn the_most_harmful_kinds_are_left_out_up_to_a_fifth() {
        let group = |transitions: usize, mean: f64| GroupInfluence { transitions, mean };
        let look = || {
            BTreeMap::from([
                (0, group(50, 0.2)),
                (1, group(15, 0.4)),
                (2, group(10, 0.3)),
                (3, group(4, 0.1)),
                (4, group(21, -5.0)),
            ])
        };
        let kinds = plan().choose(&[look(), look()]);
        let order: Vec<usize> = kinds.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(order, [0, 1, 2, 3, 4]);
        // Half of all is too much, then 15 %, then 10 % more is too much, then 4 %.
        let left_out: Vec<bool> = kinds.iter().map(|(_, kind)| kind.left_out).collect();
        assert_eq!(left_out, [false, true, false, true, false]);
        assert!((kinds[1].1.influence - 2.0 * 0.15 * 0.4).abs() < 1e-12);
        assert!(plan().choose(&[]).is_empty());
    }

    #[test]
    fn a_transition_is_told_by_what_is_near_ahead() {
        let scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
        let mut observation = vec![0; 4 * scenario.eye.columns * scenario.eye.rows];
        let nothing = transition_kind(&scenario, &observation, 4);
        assert_eq!(kind_name(nothing), "watering with nothing near");
        let middle = 4 * (scenario.eye.rows / 2 * scenario.eye.columns + scenario.eye.columns / 2);
        observation[middle..middle + 4].copy_from_slice(&[240, 200, 40, 120]);
        assert_eq!(
            kind_name(transition_kind(&scenario, &observation, 4)),
            "watering before something yellow"
        );
        assert_eq!(
            kind_name(transition_kind(&scenario, &observation, 0)),
            "driving on before something yellow"
        );
        // At the edge of the field of view it is not ahead.
        observation.rotate_right(middle);
        assert_eq!(transition_kind(&scenario, &observation, 4), nothing);
    }
}
