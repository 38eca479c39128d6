//! How a run is written down so that it can go on, bit for bit, and how it goes on.

use std::path::PathBuf;

use super::{Execution, Training, evaluated_policies, new_learner, origin};
use crate::learner::{LearnerError, PolicySnapshot, StateDict};
use crate::mdp::Action;
use crate::metrics::Recorder;
use crate::training::event::TrainingEvent;
use crate::training::progress::Progress;
use crate::training::run_folder::{Checkpoint, RunFolder};
use crate::training::{RunConfig, TrainingError};

impl Training {
    /// Goes on with a run from its newest checkpoint that is whole.
    ///
    /// # Errors
    /// Another program began it, its configuration was changed, no checkpoint can be used, or the folder cannot be written.
    pub fn resume(folder: RunFolder, execution: Execution) -> Result<Self, TrainingError> {
        let text = folder.config_toml()?;
        origin::check_program(&text)?;
        let config: RunConfig = toml::from_str(&text)?;
        config.check()?;
        let (checkpoint, used, damaged) = folder.checkpoints().newest()?;
        let state = StateDict::from_bytes(&checkpoint.body)?;
        origin::check_unedited(&state, &config)?;
        let mut progress: Progress = state.get("training.progress")?;
        let recorder = Recorder::resume(folder.path(), progress.records)?;
        let mut learner = new_learner(&config)?;
        learner.load(&state)?;
        let acting = PolicySnapshot::load(&state, "training.acting")?;
        if let Some(evaluation) = &mut progress.evaluation {
            evaluation.policies = (0..config.scenario.seasons.len())
                .map(|season| PolicySnapshot::load(&state, &format!("training.exam.{season}")))
                .collect::<Result<_, _>>()?;
        }
        let next_acting = (progress.tick > 0).then(|| learner.policy());
        let mut training = Self::assemble(config, folder, recorder, learner, execution)?;
        training.play.act_from(acting);
        training.play.next_acting = next_acting;
        training.play.acting_stream = state.get("training.acting_stream")?;
        training.progress = progress;
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
        let starts: Vec<_> = state.get("training.episode_starts")?;
        training
            .play
            .gardens
            .restore(training.progress.tick, &starts, &training.actions);
        state
            .expect("training.state_hash", &training.play.gardens.state_hash())
            .or_else(|error| {
                // Before the first tick there is nothing to hash.
                if training.progress.tick == 0 { Ok(()) } else { Err(error) }
            })?;
        training.launch_exam();
        training.skipped = damaged
            .into_iter()
            .map(|damaged| TrainingEvent::SkippedDamaged {
                path: damaged.path,
                reason: damaged.error.to_string(),
                used: used.clone(),
            })
            .collect();
        Ok(training)
    }

    /// Keeps what was done as far back as the oldest episode under way.
    pub(super) fn remember_actions(&mut self) {
        let now = self.play.gardens.clock();
        let oldest = self
            .play
            .gardens
            .episode_starts()
            .iter()
            .map(|start| start.tick)
            .min()
            .unwrap_or(now);
        self.actions.push(self.play.row.clone());
        let kept = (now - oldest) as usize;
        if self.actions.len() > kept {
            self.actions.drain(..self.actions.len() - kept);
        }
    }

    /// Writes everything down that the run needs to go on, bit for bit.
    pub(super) fn write_checkpoint(&mut self, season_end: bool) -> Result<PathBuf, TrainingError> {
        self.receive()?;
        self.progress.timing.total_s = self.earlier_s + self.sitting.seconds();
        self.progress.records = self.recorder.sync()?;
        let config = self.config.clone();
        let mut state = self.play.link.ask(move |learner| -> Result<_, LearnerError> {
            let mut state = StateDict::new();
            learner.save(&mut state)?;
            // What `evaluate` and rollouts take from here: one policy, or one a season for methods that are told it.
            let mut evaluated = evaluated_policies(learner, &config);
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
        state.set("training.progress", &self.progress)?;
        state.set("training.acting_stream", &self.play.acting_stream)?;
        state.set("training.episode_starts", &self.play.gardens.episode_starts())?;
        state.set("training.state_hash", &self.play.gardens.state_hash())?;
        self.play.acting.save(&mut state, "training.acting")?;
        let numbers: Vec<u8> = self.actions.iter().flatten().map(|action| action.index() as u8).collect();
        state.put("training.actions", &numbers);
        if let Some(evaluation) = &self.progress.evaluation {
            for (season, policy) in evaluation.policies.iter().enumerate() {
                policy.save(&mut state, &format!("training.exam.{season}"))?;
            }
        }
        let checkpoint = Checkpoint {
            decisions: self.decisions(),
            season_end,
            body: state.to_bytes()?,
        };
        Ok(self
            .folder
            .checkpoints()
            .write(&checkpoint, self.config.checkpoints.keep_last)?)
    }
}
