//! Checkpoints of a run, from which it resumes bit for bit.

use std::path::PathBuf;

use super::{Execution, Training, new_learner, origin, policies_in};
use crate::garden::EpisodeStart;
use crate::learner::{LearnerError, PolicySnapshot, StateDict, StateError};
use crate::mdp::Action;
use crate::metrics::Recorder;
use crate::training::clock::wall_time_s;
use crate::training::event::TrainingEvent;
use crate::training::progress::RunProgress;
use crate::training::run_folder::{Checkpoint, Checkpoints, DamagedCheckpoint, RunFolder, RunFolderError};
use crate::training::{RunConfig, TrainingError};

/// Data from which a run resumes.
struct Resumable {
    state: StateDict,
    progress: RunProgress,
    recorder: Recorder,
    /// Newer checkpoints that cannot be used.
    skipped: Vec<TrainingEvent<'static>>,
}

impl Resumable {
    /// Finds the newest checkpoint that is undamaged and fits the records; `None` if there is no checkpoint at all.
    fn find(folder: &RunFolder, config: &RunConfig) -> Result<Option<Self>, TrainingError> {
        let mut damaged = Vec::new();
        let mut reasons: Vec<(PathBuf, String)> = Vec::new();
        let mut without_records = None;
        for (_, path) in folder.checkpoints().files().into_iter().rev() {
            let checkpoint = match Checkpoints::read(&path) {
                Ok(checkpoint) => checkpoint,
                Err(error) => {
                    reasons.push((path.clone(), error.to_string()));
                    damaged.push(DamagedCheckpoint { path, error });
                    continue;
                }
            };
            let state = StateDict::from_bytes(&checkpoint.body)?;
            origin::check_unedited(&state, config)?;
            let progress: RunProgress = state.get("training.progress")?;
            match Recorder::resume(folder.path(), progress.records, wall_time_s()) {
                Ok(recorder) => {
                    let skipped = reasons.into_iter().map(|(damaged, reason)| TrainingEvent::SkippedDamaged {
                        path: damaged,
                        reason,
                        used: path.clone(),
                    });
                    return Ok(Some(Self {
                        state,
                        progress,
                        recorder,
                        skipped: skipped.collect(),
                    }));
                }
                // An older checkpoint needs fewer of the records, and these may still be there.
                Err(error) if error.is_about_content() => {
                    reasons.push((path, error.to_string()));
                    without_records.get_or_insert(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        match without_records {
            Some(error) => Err(error.into()),
            None if damaged.is_empty() => Ok(None),
            None => Err(RunFolderError::NoCheckpoint {
                path: folder.path().to_owned(),
                damaged,
            }
            .into()),
        }
    }
}

impl Training {
    /// Resumes a run from its newest checkpoint that is undamaged and whose records still exist; from its beginning if it has no
    /// checkpoint at all.
    ///
    /// # Errors
    /// Another program began the run, its configuration was changed, no checkpoint can be used, or the folder cannot be written.
    pub fn resume(folder: RunFolder, execution: Execution) -> Result<Self, TrainingError> {
        let text = folder.config_toml()?;
        origin::check_program(&text)?;
        let config: RunConfig = toml::from_str(&text)?;
        config.check()?;
        config.check_memory()?;
        let Some(found) = Resumable::find(&folder, &config)? else {
            return Self::start(config, folder, None, execution);
        };
        let Resumable {
            state,
            mut progress,
            recorder,
            skipped,
        } = found;
        let mut learner = new_learner(&config)?;
        learner.load(&state)?;
        let acting = PolicySnapshot::load(&state, "training.acting")?;
        if let Some(evaluation) = &mut progress.evaluation {
            evaluation.policies = (0..evaluation.kept_policies.unwrap_or(config.scenario.seasons.len()))
                .map(|number| PolicySnapshot::load(&state, &format!("training.exam.{number}")))
                .collect::<Result<_, _>>()?;
        }
        let next_acting = (progress.tick > 0).then(|| learner.policy());
        let mut training = Self::assemble(config, folder, recorder, learner, execution)?;
        let mut actor = training.play.actor_mut();
        actor.act_from(acting);
        actor.next = next_acting;
        actor.stream = state.get("training.acting_stream")?;
        training.progress = progress;
        training.open_album()?;
        if let Some(inside) = &mut training.inside {
            inside.load(&state)?;
        }
        training.earlier_s = training.progress.timing.total_s;
        let numbers: Vec<u8> = state.array("training.actions")?;
        training.actions = numbers
            .chunks(training.config.gardens)
            .map(|row| {
                row.iter()
                    .map(|&number| Action::from_index(number.into()).unwrap_or_default())
                    .collect()
            })
            .collect();
        let starts: Vec<EpisodeStart> = state.get("training.episode_starts")?;
        training.check_history(numbers.len(), &starts)?;
        training
            .play
            .gardens_mut()
            .restore(training.progress.tick, &starts, &training.actions)?;
        state
            .expect("training.state_hash", &training.play.gardens().state_hash())
            .or_else(|error| {
                // There is no hash before the first tick.
                if training.progress.tick == 0 { Ok(()) } else { Err(error) }
            })?;
        training.launch_evaluation();
        training.skipped = skipped;
        let keep_last = training.config.checkpoints.keep_last;
        training.folder.checkpoints().prune(training.decisions(), keep_last);
        Ok(training)
    }

    /// Checks that the actions of a checkpoint are those since the oldest of these episodes began.
    fn check_history(&self, actions: usize, starts: &[EpisodeStart]) -> Result<(), StateError> {
        let (tick, gardens) = (self.progress.tick, self.config.gardens);
        let oldest = starts.iter().map(|start| start.tick).min().unwrap_or(tick);
        let is_whole = starts.len() == gardens
            && starts.iter().all(|start| start.tick <= tick)
            && tick <= self.config.ticks()
            && actions as u128 == u128::from(tick - oldest) * gardens as u128;
        if is_whole {
            return Ok(());
        }
        Err(StateError::Mismatch {
            entry: "training.actions".to_owned(),
            expected: format!("the actions of {gardens} gardens up to tick {tick}, since their episodes began"),
            found: format!("{actions} actions, and {} episodes", starts.len()),
        })
    }

    /// Keeps the actions back to the start of the oldest current episode.
    pub(super) fn remember_actions(&mut self) {
        let gardens = self.play.gardens();
        let now = gardens.clock();
        let oldest = gardens.episode_starts().iter().map(|start| start.tick).min().unwrap_or(now);
        let numbers = &gardens.experience().actions;
        let row = numbers
            .iter()
            .map(|&number| Action::from_index(number.into()).unwrap_or_default());
        self.actions.push(row.collect());
        let kept = (now - oldest) as usize;
        if self.actions.len() > kept {
            self.actions.drain(..self.actions.len() - kept);
        }
    }

    /// Writes a checkpoint from which the run resumes bit for bit.
    pub(super) fn write_checkpoint(&mut self, season_end: bool) -> Result<PathBuf, TrainingError> {
        self.receive()?;
        self.progress.timing.total_s = self.earlier_s + self.sitting.seconds();
        self.progress.records = self.recorder.sync()?;
        let config = self.config.clone();
        let mut state = self.play.ask(move |learner| -> Result<_, LearnerError> {
            let mut state = StateDict::new();
            learner.save(&mut state)?;
            // Read by `evaluate` and rollouts: one policy, or one for each season for methods that are told it.
            let every_season: Vec<usize> = (0..config.scenario.seasons.len()).collect();
            let mut evaluated = policies_in(learner, &config, &every_season);
            if evaluated.iter().all(|policy| *policy == evaluated[0]) {
                evaluated.truncate(1);
            }
            state.set("training.evaluated_policies", &evaluated.len())?;
            for (number, policy) in evaluated.iter().enumerate() {
                policy.save(&mut state, &format!("training.evaluated.{number}"))?;
            }
            Ok(state)
        })??;
        origin::save(&mut state, &self.config)?;
        if let Some(inside) = &self.inside {
            inside.save(&mut state)?;
        }
        state.set("training.progress", &self.progress)?;
        state.set("training.acting_stream", &self.play.actor().stream)?;
        state.set("training.episode_starts", &self.play.gardens().episode_starts())?;
        state.set("training.state_hash", &self.play.gardens().state_hash())?;
        self.play.actor().snapshot.save(&mut state, "training.acting")?;
        let numbers: Vec<u8> = self.actions.iter().flatten().map(|action| action.index() as u8).collect();
        state.put("training.actions", &numbers);
        if let Some(evaluation) = &self.progress.evaluation {
            for (number, policy) in evaluation.policies.iter().enumerate() {
                policy.save(&mut state, &format!("training.exam.{number}"))?;
            }
        }
        let checkpoint = Checkpoint {
            decisions: self.decisions(),
            season_end: season_end && self.config.checkpoints.keep_season_ends,
            body: state.to_bytes()?,
        };
        Ok(self
            .folder
            .checkpoints()
            .write(&checkpoint, self.config.checkpoints.keep_last)?)
    }
}
