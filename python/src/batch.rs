//! Gardens side by side, as vector environments have them: with three kinds of autoreset, and with resets of some of them.
//!
//! `Gardens` start the next episode in the tick in which one ends, which is Gymnasium's `SAME_STEP`. `NEXT_STEP` is made from that: a
//! garden that ended sits out the next tick (it is simulated with any action, and its episode is then started again, so nothing of that
//! tick remains), and `DISABLED` refuses to step until it was reset. A garden whose episode was started at a tick has the same state
//! however it got there, so all three see the same episodes.
//!
//! Always holds: a garden with its own seed does what the first garden of a world of that seed does, whatever goes on beside it.

use std::sync::Arc;

use bevy::prelude::*;
use perennial::app::{Gardens, TickSystems};
use perennial::garden::{self, EpisodeStart};
use perennial::mdp::Action;
use perennial::scenario::{Scenario, Year};
use serde::{Deserialize, Serialize};

use crate::motors::{Motors, NUMBERS, drive_motors};
use crate::scene::{LastScenes, Scene, take_last_scenes};
use crate::sums::{EpisodeSums, Sums, take_sums, take_sums_now};

/// Treatment of a garden whose episode ends, as Gymnasium defines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Autoreset {
    /// The next step starts the next episode, whatever its action.
    NextStep,
    /// The step itself starts the next episode.
    SameStep,
    /// Nothing: the caller has to reset.
    Disabled,
}

/// Seasons that the gardens go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Schedule {
    /// One season, always.
    Season(usize),
    /// The calendar of some years; decisions are counted over all gardens.
    Year {
        /// Number of years.
        years: usize,
        /// Decisions of a usual season.
        decisions_per_season: u64,
    },
    /// Garden `i` stays in season `i` modulo their number.
    AllAtOnce,
}

/// Everything that a batch is made from, beside its seeds.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    /// Scenario of the gardens.
    pub(crate) scenario: Arc<Scenario>,
    /// Seasons that they go through.
    pub(crate) schedule: Schedule,
    /// Treatment of a garden whose episode ends.
    pub(crate) autoreset: Autoreset,
    /// `true` if actions are commands to wheels and pump.
    pub(crate) continuous: bool,
    /// `true` if each garden has a seed of its own; otherwise gardens are numbered under the first one, as in a training run.
    pub(crate) own_seeds: bool,
    /// `true` if pictures are drawn: the last scene of each episode is kept until the next one is shown.
    pub(crate) pictures: bool,
}

/// Actions of all gardens for a step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Actions<'a> {
    /// Indices of discrete actions.
    Discrete(&'a [Action]),
    /// Commands to wheels and pump.
    Continuous(&'a [[f32; NUMBERS]]),
}

/// Error: a batch does not step.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StepError {
    /// The number of actions is not that of the gardens.
    #[error("a step takes one action for each of the {expected} gardens, and was given {found}")]
    WrongNumber {
        /// Number of gardens.
        expected: usize,
        /// Number of actions.
        found: usize,
    },
    /// Discrete actions were given where commands are taken, or the other way round.
    #[error("this environment takes {0} actions")]
    WrongKind(&'static str),
    /// Episodes ended, and nobody reset their gardens.
    #[error(
        "the episodes of gardens {0:?} have ended, and autoreset is disabled: call reset(options={{\"reset_mask\": mask}}) first"
    )]
    Ended(Vec<usize>),
}

/// Gardens side by side.
pub(crate) struct Batch {
    pub(super) recipe: Recipe,
    pub(super) seeds: Vec<u64>,
    pub(super) gardens: Gardens,
    /// Gardens whose episode has ended and whose next one has not been shown yet.
    pub(super) waiting: Vec<bool>,
    /// Actions since the start of each garden's episode: all that its state depends on beside that start.
    pub(super) actions: Vec<Vec<u8>>,
    /// Commands likewise, where actions are continuous.
    pub(super) commands: Vec<Vec<[f32; NUMBERS]>>,
    /// Last scenes of the gardens that wait, where pictures are drawn.
    pub(super) last_scenes: Vec<Option<Scene>>,
    /// Observations that the caller sees: `gardens * observation_len` bytes.
    pub(crate) observations: Vec<u8>,
    /// Last observations of the episodes that ended in this step; valid only where one did.
    pub(crate) final_observations: Vec<u8>,
    /// Reward of each garden's last decision.
    pub(crate) rewards: Vec<f64>,
    /// `true` where the last decision led to a terminal state.
    pub(crate) terminated: Vec<bool>,
    /// `true` where the last decision was the last one that the episode or the season allows.
    pub(crate) truncated: Vec<bool>,
    /// Sums over the episode of which the caller sees the observation.
    pub(crate) sums: Vec<EpisodeSums>,
    /// Sums over the episodes that ended in this step; valid only where one did.
    pub(crate) final_sums: Vec<EpisodeSums>,
}

impl Batch {
    /// Creates one garden for each seed, each at the start of its episode 0.
    pub(crate) fn new(recipe: Recipe, seeds: Vec<u64>) -> Self {
        let count = seeds.len();
        let first_seed = seeds.first().copied().unwrap_or_default();
        let year = match recipe.schedule {
            Schedule::Season(season) => Year::Pure(season),
            Schedule::AllAtOnce => Year::AllAtOnce {
                seasons: recipe.scenario.seasons.len(),
            },
            Schedule::Year {
                years,
                decisions_per_season,
            } => {
                let ticks = decisions_per_season.div_ceil(count.max(1) as u64);
                Year::of(&recipe.scenario, years, ticks, first_seed)
            }
        };
        let (continuous, pictures) = (recipe.continuous, recipe.pictures);
        let mut gardens = Gardens::with_plugins(recipe.scenario.clone(), count, first_seed, year, |app| {
            app.init_resource::<Sums>();
            let after_rewards = take_sums.in_set(TickSystems::Reward).after(garden::reward);
            app.add_systems(perennial::app::Tick, after_rewards);
            if continuous {
                app.init_resource::<Motors>();
                let after_actions = drive_motors.in_set(TickSystems::Act).after(garden::act);
                app.add_systems(perennial::app::Tick, after_actions);
            }
            if pictures {
                app.init_resource::<LastScenes>();
                let before_the_next = take_last_scenes.in_set(TickSystems::Reset);
                let before_the_next = before_the_next.after(garden::hash_ends).before(garden::advance_clock);
                app.add_systems(perennial::app::Tick, before_the_next);
            }
        });
        if recipe.own_seeds {
            let start = EpisodeStart { number: 0, tick: 0 };
            for (garden, &seed) in seeds.iter().enumerate() {
                // There is a garden for each seed.
                let _ = gardens.seed_garden(garden, seed);
            }
            let _ = gardens.begin_some(&(0..count).map(|garden| (garden, start)).collect::<Vec<_>>());
        }
        let mut batch = Self {
            recipe,
            seeds,
            gardens,
            waiting: vec![false; count],
            actions: vec![Vec::new(); count],
            commands: vec![Vec::new(); count],
            last_scenes: vec![None; count],
            observations: Vec::new(),
            final_observations: Vec::new(),
            rewards: vec![0.0; count],
            terminated: vec![false; count],
            truncated: vec![false; count],
            sums: Vec::new(),
            final_sums: vec![EpisodeSums::default(); count],
        };
        batch.observations = batch.gardens.observations().to_vec();
        batch.final_observations = vec![0; batch.observations.len()];
        batch.sums = batch.sums_now();
        batch
    }

    /// Number of gardens.
    pub(crate) fn len(&self) -> usize {
        self.seeds.len()
    }

    /// The gardens.
    pub(crate) fn gardens(&self) -> &Gardens {
        &self.gardens
    }

    /// Seeds of the gardens.
    pub(crate) fn seeds(&self) -> &[u64] {
        &self.seeds
    }

    /// Everything that the batch is made from, beside its seeds.
    pub(crate) fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Starts some gardens anew: their next episode, or episode 0 of a new seed. Gardens that are left out go on as they are.
    pub(crate) fn reset_some(&mut self, chosen: &[bool], seeds: &[Option<u64>]) {
        let tick = self.gardens.clock();
        let starts = self.gardens.episode_starts();
        let mut beginning = Vec::new();
        for garden in (0..self.len()).filter(|&garden| chosen.get(garden) == Some(&true)) {
            let mut number = starts[garden].number;
            if let Some(seed) = seeds.get(garden).copied().flatten() {
                self.seeds[garden] = seed;
                number = 0;
                if self.recipe.own_seeds {
                    let _ = self.gardens.seed_garden(garden, seed);
                }
            } else if !self.waiting[garden] {
                // Where an episode ended, the next one was begun at once, and nobody has seen it.
                number += 1;
            }
            beginning.push((garden, EpisodeStart { number, tick }));
        }
        self.begin(&beginning);
        for &(garden, _) in &beginning {
            self.terminated[garden] = false;
            self.truncated[garden] = false;
        }
    }

    /// Takes one decision in every garden.
    ///
    /// # Errors
    /// Returns an error if the actions do not fit, or if an ended episode waits for a reset; nothing has happened then.
    pub(crate) fn step(&mut self, actions: Actions) -> Result<(), StepError> {
        self.check(actions)?;
        let idle: Vec<usize> = (0..self.len()).filter(|&garden| self.waiting[garden]).collect();
        if self.recipe.autoreset == Autoreset::Disabled && !idle.is_empty() {
            return Err(StepError::Ended(idle));
        }
        let starts_of_idle: Vec<u64> = if idle.is_empty() {
            Vec::new()
        } else {
            let starts = self.gardens.episode_starts();
            idle.iter().map(|&garden| starts[garden].number).collect()
        };
        self.tick(actions);
        let taken = &self.gardens.experience().step;
        let length = taken.observations.len() / self.len().max(1);
        self.observations.copy_from_slice(&taken.observations);
        let mut any_ended = false;
        for garden in 0..self.len() {
            self.rewards[garden] = f64::from(taken.rewards[garden]);
            self.terminated[garden] = taken.terminated[garden];
            self.truncated[garden] = taken.truncated[garden];
            any_ended |= taken.ended(garden);
        }
        self.sums.clone_from(&self.gardens.world().resource::<Sums>().0);
        if any_ended {
            self.final_observations.copy_from_slice(&taken.final_observations);
            self.final_sums.clone_from(&self.sums);
        }
        for garden in 0..self.len() {
            if self.waiting[garden] {
                continue;
            }
            if !self.ended(garden) {
                match actions {
                    Actions::Discrete(actions) => self.actions[garden].push(actions[garden].index() as u8),
                    Actions::Continuous(commands) => self.commands[garden].push(commands[garden]),
                }
                continue;
            }
            self.actions[garden].clear();
            self.commands[garden].clear();
            if self.recipe.autoreset != Autoreset::SameStep {
                let place = garden * length..(garden + 1) * length;
                self.observations[place.clone()].copy_from_slice(&self.final_observations[place]);
                self.waiting[garden] = true;
                if self.recipe.pictures {
                    self.last_scenes[garden] = self.gardens.world().resource::<LastScenes>().0[garden].clone();
                }
            }
        }
        if any_ended && self.recipe.autoreset == Autoreset::SameStep {
            let now = self.sums_now();
            for garden in (0..self.len()).filter(|&garden| self.terminated[garden] || self.truncated[garden]) {
                self.sums[garden] = now[garden];
            }
        }
        if !idle.is_empty() {
            let tick = self.gardens.clock();
            let numbered = idle.iter().zip(starts_of_idle);
            let starts: Vec<_> = numbered
                .map(|(&garden, number)| (garden, EpisodeStart { number, tick }))
                .collect();
            self.begin(&starts);
            for garden in idle {
                self.rewards[garden] = 0.0;
                self.terminated[garden] = false;
                self.truncated[garden] = false;
            }
        }
        Ok(())
    }

    /// The garden of which the caller sees the observation; `None` if there is none of this number.
    pub(crate) fn scene(&self, garden: usize) -> Option<Scene> {
        let last = self.last_scenes.get(garden)?;
        last.clone().or_else(|| Scene::of(self.gardens.world(), garden))
    }

    /// `true` if this garden's episode ended in the last step.
    pub(crate) fn ended(&self, garden: usize) -> bool {
        self.terminated[garden] || self.truncated[garden]
    }

    /// Sums over the episodes that are under way.
    pub(super) fn sums_now(&mut self) -> Vec<EpisodeSums> {
        take_sums_now(self.gardens.world_mut());
        self.gardens.world().resource::<Sums>().0.clone()
    }

    /// Starts episodes, and shows their first observations.
    fn begin(&mut self, starts: &[(usize, EpisodeStart)]) {
        // Each garden is one of these gardens.
        let _ = self.gardens.begin_some(starts);
        let now = self.sums_now();
        let seen = self.gardens.observations();
        let length = seen.len() / self.seeds.len().max(1);
        for &(garden, _) in starts {
            let place = garden * length..(garden + 1) * length;
            self.observations[place.clone()].copy_from_slice(&seen[place]);
            self.sums[garden] = now[garden];
            self.waiting[garden] = false;
            self.last_scenes[garden] = None;
            self.actions[garden].clear();
            self.commands[garden].clear();
        }
    }

    fn check(&self, actions: Actions) -> Result<(), StepError> {
        let (found, fits, kind) = match actions {
            Actions::Discrete(actions) => (actions.len(), !self.recipe.continuous, "continuous"),
            Actions::Continuous(commands) => (commands.len(), self.recipe.continuous, "discrete"),
        };
        if !fits {
            return Err(StepError::WrongKind(kind));
        }
        if found != self.len() {
            return Err(StepError::WrongNumber {
                expected: self.len(),
                found,
            });
        }
        Ok(())
    }

    /// One tick of all gardens with actions that fit.
    pub(super) fn tick(&mut self, actions: Actions) {
        // The number of actions was checked, and that is the only error.
        match actions {
            Actions::Discrete(actions) => {
                let _ = self.gardens.step(actions);
            }
            Actions::Continuous(commands) => {
                let world = self.gardens.world_mut();
                world.resource_mut::<Motors>().0.clear();
                world.resource_mut::<Motors>().0.extend_from_slice(commands);
                let _ = self.gardens.step(&vec![Action::default(); commands.len()]);
            }
        }
    }
}
