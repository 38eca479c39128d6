//! An edit: a policy is taught the thirst of a new species from labelled views, without any decision in a garden.
//!
//! Labelled views show which colours the new species has when it is fine and when it is thirsty. The policy knows what to do with a plant of any other
//! species that is as thirsty and stands in the same place: so the outputs that it has for a view with known plants become the targets for the view in which
//! these plants are [recoloured](super::colours), and the labelled views themselves get the outputs for the views recoloured back. On the views of the old
//! gardens as they are, the old outputs are held: what is not taught stays. That is distillation of the policy into itself over a change of colours; it is
//! what teaches to go to a thirsty plant of the new species, which no label says.
//!
//! Needs beside the labelled views: views of the gardens that the policy knows, without labels, which the policy sees when it acts there, and
//! labelled views of known plants.

use std::sync::Arc;

use rand::RngExt;

use super::colours::{ThirstColours, recolour};
use crate::agent::Driver;
use crate::agent::drivers::{HalfAtRandom, PolicyDriver};
use crate::app::Gardens;
use crate::learner::PolicySnapshot;
use crate::learner::distilling::{Distilling, ViewTargets, distil, outputs};
use crate::mdp::{Action, ObservationSpec};
use crate::random::{Stream, stream};
use crate::rollout::{Album, AlbumView};
use crate::scenario::{Scenario, Year};
use crate::sensors::observation_spec;
use crate::suggestion::hint;

/// Labelled views of known plants in each season.
const KNOWN_VIEWS: usize = 60;
/// Seed of the gardens in which the old views are taken: of no run and no evaluation.
const SEED: u64 = 8_500_000;
/// Gardens side by side in which they are taken, and ticks between two views of a garden.
const GARDENS: usize = 16;
const TICKS_BETWEEN: usize = 4;
/// Views of each season by each driver.
const OLD_VIEWS: usize = 3_200;
/// Updates of an edit.
const STEPS: u64 = 20_000;

/// Way of teaching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teaching {
    /// Recoloured views with the old outputs, old views held.
    Recoloured,
    /// The labelled views alone: the output of watering is put above or below the best other output. For comparison.
    LabelsAlone,
}

/// Reasons why a policy cannot be edited.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum EditError {
    /// There is no such species.
    #[error("scenario `{scenario}` has no species `{species}`: {hint}")]
    NoSuchSpecies {
        /// Name of the scenario.
        scenario: String,
        /// Name that was given.
        species: String,
        /// Names that were probably meant.
        hint: String,
    },
    /// There is nothing but the new species.
    #[error(
        "`{species}` is the only species that grows in scenario `{scenario}`: an edit starts from species that the policy knows"
    )]
    OnlySpecies {
        /// Name of the scenario.
        scenario: String,
        /// Name of the species.
        species: String,
    },
    /// The policy has several networks.
    #[error("the policy has {networks} networks, and an edit changes one")]
    #[diagnostic(help("`perennial export RUN --season NAME --out FILE` writes the policy of one season"))]
    SeveralNetworks {
        /// Number of networks.
        networks: usize,
    },
    /// Too few views.
    #[error("{views} views are too few for {seasons} seasons: each needs a fine plant and a thirsty one, so there must be at least {}", 2 * .seasons)]
    TooFewViews {
        /// Number of views.
        views: usize,
        /// Number of seasons.
        seasons: usize,
    },
    /// A season has no views of both answers.
    #[error("in season `{season}` the robot met no fine and thirsty plants that differ in colour")]
    NothingSeen {
        /// Name of the season.
        season: String,
    },
    /// The policy does not fit the scenario.
    #[error(transparent)]
    Misfit(#[from] crate::learner::StateError),
}

/// An edited policy and what the edit took.
#[derive(Clone, Debug, PartialEq)]
pub struct Edited {
    /// Policy.
    pub policy: PolicySnapshot,
    /// Labelled views of the new species that were there: fewer than asked for where the robot meets too few plants.
    pub views: usize,
    /// Multiply-adds of the edit.
    pub multiply_adds: u64,
}

/// Returns the gardens without a species, and those in which only this species grows.
///
/// # Errors
/// There is no such species, or no other.
pub fn divided(scenario: &Scenario, species: &str) -> Result<(Arc<Scenario>, Arc<Scenario>), EditError> {
    let all = &scenario.plants.species;
    let names = || all.iter().map(|known| known.name.as_str());
    let Some(number) = names().position(|name| name == species.trim()) else {
        return Err(EditError::NoSuchSpecies {
            scenario: scenario.name.clone(),
            species: species.to_owned(),
            hint: hint(species, "species", names().collect::<Vec<_>>()),
        });
    };
    let grown = |keeps: &dyn Fn(usize) -> bool| {
        let mut part = scenario.clone();
        for (place, known) in part.plants.species.iter_mut().enumerate() {
            known.share = match (keeps(place), known.share) {
                (false, _) => 0.0,
                (true, 0.0) if place == number => 1.0,
                (true, share) => share,
            };
        }
        part
    };
    let (without, only) = (grown(&|place| place != number), grown(&|place| place == number));
    if without.plants.species.iter().all(|species| species.share == 0.0) {
        return Err(EditError::OnlySpecies {
            scenario: scenario.name.clone(),
            species: species.to_owned(),
        });
    }
    Ok((Arc::new(without), Arc::new(only)))
}

/// Teaches a policy a species from about so many labelled views, spread over the seasons.
///
/// # Errors
/// There is no such species or no other, the policy does not fit, or too little is seen.
pub fn edit(
    policy: &PolicySnapshot,
    scenario: &Scenario,
    species: &str,
    views: usize,
    teaching: Teaching,
    seed: u64,
) -> Result<Edited, EditError> {
    if !policy.contexts.is_empty() {
        return Err(EditError::SeveralNetworks {
            networks: policy.contexts.0.len(),
        });
    }
    let (without, only) = divided(scenario, species)?;
    let seasons = scenario.seasons.len();
    if views < 2 * seasons {
        return Err(EditError::TooFewViews { views, seasons });
    }
    let observation = observation_spec(scenario);
    let (known, new) = (Album::of(&without, KNOWN_VIEWS), Album::of(&only, views / seasons));
    let mut rng = stream(seed, "edit", 0);
    let lessons = match teaching {
        Teaching::LabelsAlone => vec![labelled(policy, &observation, &new.views)],
        Teaching::Recoloured => {
            let mut lessons = [64, 96, 32].map(|rows| ViewTargets {
                rows,
                ..ViewTargets::default()
            });
            for season in 0..seasons {
                let wall = scenario.seasons[season]
                    .look
                    .wall
                    .to_array()
                    .map(|part| (part * 255.0).round() as u8);
                let seen = |album: &Album| {
                    let views = album.views[album.of_season(season)].iter();
                    ThirstColours::of(views, observation.pixels(), wall).ok_or_else(|| EditError::NothingSeen {
                        season: scenario.seasons[season].name.clone(),
                    })
                };
                let old = old_views(policy, &without, season)?;
                let labelled = &new.views[new.of_season(season)];
                let change = Change {
                    known: seen(&known)?,
                    new: seen(&new)?,
                    wall,
                };
                add_lessons(policy, &observation, &change, &old, labelled, &mut rng, &mut lessons);
            }
            lessons.into_iter().collect()
        }
    };
    let distilling = Distilling {
        steps: if teaching == Teaching::LabelsAlone { 300 } else { STEPS },
        learning_rate: 1e-3,
        seed,
    };
    let (policy, multiply_adds) = distil(policy, &observation, &lessons, distilling);
    Ok(Edited {
        policy,
        views: new.views.len(),
        multiply_adds,
    })
}

/// Colours of a season.
struct Change {
    known: ThirstColours,
    new: ThirstColours,
    wall: [u8; 3],
}

/// Adds the lessons of a season: old views as they are, old views recoloured, labelled views recoloured back.
fn add_lessons(
    policy: &PolicySnapshot,
    observation: &ObservationSpec,
    change: &Change,
    old: &[u8],
    labelled: &[AlbumView],
    rng: &mut Stream,
    lessons: &mut [ViewTargets; 3],
) {
    let (width, pixels) = (observation.len(), observation.pixels());
    let answers = outputs(policy, observation, old);
    let actions = policy.shape.outputs;
    for (number, (view, answer)) in old.chunks_exact(width).zip(answers.chunks_exact(actions)).enumerate() {
        lessons[0].views.extend_from_slice(view);
        lessons[0].targets.extend_from_slice(answer);
        let mut recoloured = view.to_vec();
        // Gardens of the new species alone, and gardens in which it stands among others.
        let mixes = number % 2 == 0;
        if recolour(&mut recoloured, pixels, &change.known, &change.new, change.wall, || {
            !mixes || rng.random_bool(0.5)
        }) > 0
        {
            lessons[1].views.extend_from_slice(&recoloured);
            lessons[1].targets.extend_from_slice(answer);
        }
    }
    for view in labelled {
        let mut back = view.observation.clone();
        if recolour(&mut back, pixels, &change.new, &change.known, change.wall, || true) > 0 {
            lessons[2].targets.extend(outputs(policy, observation, &back));
            lessons[2].views.extend_from_slice(&view.observation);
        }
    }
}

/// Returns the labelled views with targets that water where the label says so, by a margin of the reward of watering, and otherwise do not.
fn labelled(policy: &PolicySnapshot, observation: &ObservationSpec, views: &[AlbumView]) -> ViewTargets {
    const MARGIN: f32 = 0.5;
    let water = Action::Water.index();
    let mut lesson = ViewTargets {
        rows: 64,
        ..ViewTargets::default()
    };
    for view in views {
        let mut answer = outputs(policy, observation, &view.observation);
        let best = answer
            .iter()
            .enumerate()
            .filter(|(action, _)| *action != water)
            .map(|(_, output)| *output);
        let best = best.fold(f32::NEG_INFINITY, f32::max);
        answer[water] = if view.is_thirsty() {
            answer[water].max(best + MARGIN)
        } else {
            answer[water].min(best - MARGIN)
        };
        lesson.views.extend_from_slice(&view.observation);
        lesson.targets.extend(answer);
    }
    lesson
}

/// Returns views of a season of the known gardens, as the policy meets them, and as one who wanders does.
fn old_views(policy: &PolicySnapshot, scenario: &Arc<Scenario>, season: usize) -> Result<Vec<u8>, EditError> {
    let observation = observation_spec(scenario);
    let drivers: [Box<dyn Driver>; 2] = [
        Box::new(PolicyDriver::new(&observation, policy)?),
        Box::new(HalfAtRandom::new(SEED)),
    ];
    let mut views = Vec::new();
    for driver in drivers {
        let mut gardens = Gardens::shared(scenario.clone(), GARDENS, SEED, Year::Pure(season));
        gardens.drive(driver);
        for tick in 0..TICKS_BETWEEN * OLD_VIEWS / GARDENS {
            gardens.tick();
            if tick % TICKS_BETWEEN == 0 {
                views.extend_from_slice(gardens.observations());
            }
        }
    }
    Ok(views)
}
