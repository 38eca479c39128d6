//! Methods of continual learning: what is done so that the past is not forgotten and the new can still be learned.
//!
//! A method is one file and one line in [`METHODS`]. Its hooks stand between the steps of an update (see
//! [`algorithms`](crate::learner::algorithms)) and at the boundaries between tasks, where those are declared. Methods compose:
//! `replay+ewc` runs the hooks of both, in the order of [`METHODS`].

mod agem;
mod anchor;
mod bases;
mod continual_backprop;
mod eigen;
mod ewc;
mod finetune;
mod frozen;
pub(crate) mod gradient_projection;
pub(crate) mod importance;
mod joint;
mod l2;
mod l2_init;
mod mas;
mod packnet;
mod presence;
mod redo;
mod replay;
mod replay_boundary_free;
mod reservoir_replay;
mod reset_distil;
mod scratch;
mod self_supervised;
mod shrink_perturb;
pub(crate) mod si;
mod stack;
mod units;

pub use stack::{MethodPlan, Methods, canonical_method, plan};

use std::fmt;

use crate::learner::algorithms::Algorithm;
use crate::learner::core::LearnerSpec;
use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer};
use crate::learner::settings::LearnerSettings;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::mdp::{Experience, ObservationDecoder};

/// What a method's hooks can see of the learner, and change.
pub struct LearnerView<'a> {
    /// All networks, with gradients and optimisers; forward and backward passes can be run on them.
    pub algorithm: &'a mut dyn Algorithm,
    /// What was experienced lately.
    pub recent: &'a ReplayBuffer,
    /// Turns observations into numbers.
    pub decoder: &'a ObservationDecoder,
    /// The number of the current task: how many have ended before it.
    pub task: u16,
    /// Decisions so far, counted over all gardens.
    pub decisions: u64,
    /// Updates so far.
    pub updates: u64,
}

/// The hooks; each does nothing unless a method says otherwise.
pub trait Method: Send {
    /// Whether updates are made at all.
    fn learns(&self, _task: u16) -> bool {
        true
    }

    /// Whether the memory of what was experienced lately keeps everything instead.
    fn keeps_everything(&self) -> bool {
        false
    }

    /// Whether a declared boundary is kept from it and changes nothing at all: then what was experienced lately is not forgotten either,
    /// and neither optimiser, networks nor exploration begin anew.
    fn ignores_boundaries(&self) -> bool {
        false
    }

    /// Whether the policy explores as in the first task once task `task` has ended, whatever the settings say.
    fn restarts_exploration(&self, _task: u16) -> bool {
        false
    }

    /// Which task it is that begins next, by a number that it has whenever it comes back; told only to who
    /// [needs](Needs::task_at_test_time) it.
    fn task_identified(&mut self, _identity: u16) {}

    /// How many transitions the memory of what was experienced lately holds at most, where the settings say `capacity`.
    fn recent_capacity(&self, capacity: usize) -> usize {
        capacity
    }

    /// A task begins whose boundary is declared.
    fn task_started(&mut self, _learner: &mut LearnerView<'_>) {}

    /// A task ends whose boundary is declared; the fresh memory still holds it.
    fn task_ended(&mut self, _learner: &mut LearnerView<'_>) {}

    /// Every garden took a decision; the fresh memory holds it already.
    fn observe(&mut self, _experience: &Experience, _learner: &mut LearnerView<'_>) {}

    /// How many of the next batch's `batch_size` transitions this method wants to provide.
    fn wanted_rows(&self, _batch_size: usize, _recent: &ReplayBuffer) -> usize {
        0
    }

    /// Adds `rows` transitions to the batch: as many as it wanted, or fewer where another method wanted some too.
    fn add_transitions(&mut self, _rows: usize, _decoder: &ObservationDecoder, _batch: &mut Batch) {}

    /// Adds views to the batch, once all its transitions are there.
    fn add_views(&mut self, _learner: &mut LearnerView<'_>, _batch: &mut Batch) {}

    /// Adds a loss at the outputs of a network: see [`OutputLoss`](crate::learner::algorithms::OutputLoss).
    fn output_loss(
        &mut self,
        _role: Role,
        _meaning: Outputs,
        _batch: &Batch,
        _outputs: &[f32],
        _gradient: &mut [f32],
        _losses: &mut Losses,
    ) {
    }

    /// Changes the gradients of the networks, before they are clipped.
    fn adjust_gradients(&mut self, _batch: &Batch, _learner: &mut LearnerView<'_>, _losses: &mut Losses) {}

    /// Changes the weights, after the optimiser's step and before target networks follow.
    fn adjust_weights(&mut self, _batch: &Batch, _learner: &mut LearnerView<'_>) {}

    /// Adds to `resets` what this method set anew in [`adjust_weights`](Self::adjust_weights).
    fn take_resets(&mut self, _resets: &mut Vec<WeightsReset>) {}

    /// Some method set weights anew: whatever is held about their past, such as an importance, holds no more.
    fn weights_reset(&mut self, _reset: &WeightsReset) {}

    /// Has the last word on the weights, after all methods changed them.
    fn settle_weights(&mut self, _learner: &mut LearnerView<'_>) {}

    /// Changes the policy that is *evaluated*, which starts as the one that acts; `task` is told only to methods that need it.
    fn evaluated_policy(&self, _task: Option<u16>, _parameters: &mut [f32]) {}

    /// Multiply-adds of all passes so far through networks of its own; those of the learner's networks are counted there.
    fn multiply_adds(&self) -> u64 {
        0
    }

    /// Bytes of past data that it holds.
    fn memory_bytes(&self) -> u64 {
        0
    }

    /// Bytes of what else it must keep: anchors, importances, masks.
    fn state_bytes(&self) -> u64 {
        0
    }

    /// Adds how many transitions it holds of each task to `counts`.
    fn count_tasks(&self, _counts: &mut Vec<usize>) {}

    /// Writes everything that it must not forget under `prefix`.
    fn save(&self, _state: &mut StateDict, _prefix: &str) -> Result<(), StateError> {
        Ok(())
    }

    /// Takes everything from under `prefix`.
    fn load(&mut self, _state: &StateDict, _prefix: &str) -> Result<(), StateError> {
        Ok(())
    }
}

/// Weights of a network that a method set anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsReset {
    /// Which of the algorithm's networks.
    pub network: usize,
    /// Where in its flat slice of parameters.
    pub parameters: Vec<usize>,
}

/// The families of the survey that this project follows, and what stands beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// What a method has to beat.
    LowerBound,
    /// What a method can hardly beat.
    UpperBound,
    /// Past experience is learned from again.
    Replay,
    /// Weights that the past needs are held.
    Regularisation,
    /// Gradients that harm the past are turned.
    Optimisation,
    /// Tasks have weights of their own.
    Architecture,
    /// Features that serve more than one task are learned.
    Representation,
    /// The ability to learn is kept.
    Plasticity,
}

/// What declared boundaries between tasks are to a method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Boundaries {
    /// It makes no difference whether they are declared.
    #[default]
    Unused,
    /// It does more where they are declared, and works where they are not.
    Helpful,
    /// It does nothing, or harm, where they are not declared.
    Required,
}

/// What a method must be told to work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Whether it must be told where one task ends and the next begins.
    pub boundaries: Boundaries,
    /// Whether it must be told which task it is in when it is evaluated.
    pub task_at_test_time: bool,
}

impl Needs {
    /// It works without being told anything.
    pub const NOTHING: Self = Self {
        boundaries: Boundaries::Unused,
        task_at_test_time: false,
    };
    /// It does more when it is told where a task ends.
    pub const HELPED_BY_BOUNDARIES: Self = Self {
        boundaries: Boundaries::Helpful,
        task_at_test_time: false,
    };
    /// It must be told where a task ends.
    pub const TASK_BOUNDARIES: Self = Self {
        boundaries: Boundaries::Required,
        task_at_test_time: false,
    };
}

/// `nothing`, `boundaries help`, `boundaries`, `season`, `boundaries, season`.
impl fmt::Display for Needs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let boundaries = match self.boundaries {
            Boundaries::Unused => None,
            Boundaries::Helpful => Some("boundaries help"),
            Boundaries::Required => Some("boundaries"),
        };
        let told: Vec<&str> = boundaries
            .into_iter()
            .chain(self.task_at_test_time.then_some("season"))
            .collect();
        formatter.write_str(&if told.is_empty() {
            "nothing".to_owned()
        } else {
            told.join(", ")
        })
    }
}

/// In which order the tasks are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curriculum {
    /// One after the other.
    Sequential,
    /// All side by side, the same total of decisions.
    AllTasksAtOnce,
}

/// A method, as the command line and reports know it.
pub struct MethodSpec {
    /// What it is called.
    pub name: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Which family it belongs to.
    pub family: Family,
    /// Where it comes from.
    pub paper: &'static str,
    /// What it adds or changes.
    pub equation: &'static str,
    /// What it costs beyond fine-tuning, in compute and in storage.
    pub cost: &'static str,
    /// What it must be told.
    pub needs: Needs,
    /// In which order it meets the tasks.
    pub curriculum: Curriculum,
    /// Makes one.
    pub build: fn(&LearnerSettings, &LearnerSpec) -> Box<dyn Method>,
}

/// Every method, family by family. Compositions run in this order.
pub static METHODS: &[MethodSpec] = &[
    finetune::SPEC,
    scratch::SPEC,
    frozen::SPEC,
    joint::SPEC,
    replay::SPEC,
    replay_boundary_free::SPEC,
    l2::SPEC,
    ewc::SPEC,
    si::SPEC,
    mas::SPEC,
    agem::SPEC,
    gradient_projection::SPEC,
    packnet::SPEC,
    reset_distil::SPEC,
    self_supervised::SPEC,
    continual_backprop::SPEC,
    redo::SPEC,
    shrink_perturb::SPEC,
    l2_init::SPEC,
];
