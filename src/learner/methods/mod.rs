//! Methods of continual learning: they reduce the forgetting of past tasks, or preserve the ability to learn new ones.
//!
//! A method is one file, its `mod` line and its entry in `for_each_method`. The file holds everything about it: settings, search
//! grid, explanations, hooks. The hooks run between the steps of an update (see [`algorithms`](crate::learner::algorithms)) and at
//! the boundaries between tasks, where those are declared. Methods compose: `replay+ewc` runs the hooks of both, in the order of [`METHODS`].
//! [`register`] adds methods from outside of this crate.

pub(crate) mod agem;
mod anchor;
mod bases;
pub(crate) mod c_chain;
pub(crate) mod clear;
pub(crate) mod continual_backprop;
pub(crate) mod der_plus_plus;
mod eigen;
pub(crate) mod ewc;
pub(crate) mod ewc_kronecker;
pub(crate) mod finetune;
pub(crate) mod frozen;
pub(crate) mod generative_replay;
pub(crate) mod gradient_projection;
pub(crate) mod importance;
pub(crate) mod inferred_context;
pub(crate) mod joint;
pub(crate) mod l2;
pub(crate) mod l2_init;
pub mod low_rank;
pub(crate) mod mas;
pub(crate) mod medqn;
pub(crate) mod packnet;
pub(crate) mod parseval;
mod presence;
pub(crate) mod qreg_nwlu;
mod recorded_replay;
pub(crate) mod redo;
mod registry;
pub(crate) mod replay;
pub(crate) mod replay_boundary_free;
mod reservoir_replay;
pub(crate) mod reset_distil;
pub(crate) mod scratch;
pub(crate) mod self_supervised;
pub(crate) mod shrink_perturb;
pub(crate) mod si;
mod stack;
mod trial;
mod units;
pub(crate) mod upgd;

pub use registry::{all_methods, find_method, register};
pub use stack::{MethodPlan, MethodStack, canonical_method, plan, plan_with};
pub use trial::{Axis, TRIALS, Tuning};

pub use crate::learner::view::LearnerView;

use std::fmt;

use crate::learner::contexts::Contexts;
use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer};
use crate::learner::need::LearnerScale;
use crate::learner::settings::LearnerSettings;
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::mdp::{Experience, ObservationDecoder};

/// Hooks of a method; each does nothing by default.
pub trait Method: Send {
    /// `true` if updates are made in task number `_task`.
    fn learns(&self, _task: u16) -> bool {
        true
    }

    /// `true` if the replay buffer of recent transitions keeps everything.
    fn keeps_everything(&self) -> bool {
        false
    }

    /// `true` if declared boundaries are hidden from the method and have no effect at all: the replay buffer is then not cleared,
    /// and optimiser, networks and exploration are not reset.
    fn ignores_boundaries(&self) -> bool {
        false
    }

    /// `true` if the policy explores as in the first task again once task `_task` has ended, regardless of the settings.
    fn restarts_exploration(&self, _task: u16) -> bool {
        false
    }

    /// Announces which task starts next, by a number that stays the same when the task returns. Called only for methods that
    /// [need](Needs::task_at_test_time) it.
    fn task_identified(&mut self, _identity: u16) {}

    /// Maximum number of transitions in the replay buffer of recent transitions, given the `capacity` of the settings.
    fn recent_capacity(&self, capacity: usize) -> usize {
        capacity
    }

    /// `true` if the optimisers' state is reset once a declared task has ended, regardless of the settings.
    fn resets_optimiser(&self) -> bool {
        false
    }

    /// Called at the declared start of a task.
    fn task_started(&mut self, _learner: &mut LearnerView<'_>) {}

    /// Called at the declared end of a task; the replay buffer still holds its transitions. The policy network has the weights of the
    /// *evaluated* policy, their running average: what is consolidated is what is evaluated. Weights that stay as they are shown go on
    /// from where learning had left them; changed weights stay changed.
    fn task_ended(&mut self, _learner: &mut LearnerView<'_>) {}

    /// Called after every garden has taken a decision; the replay buffer already holds it.
    fn observe(&mut self, _experience: &Experience, _learner: &mut LearnerView<'_>) {}

    /// Number of the next batch's `_batch_size` transitions that this method wants to provide.
    fn wanted_rows(&self, _batch_size: usize, _recent: &ReplayBuffer) -> usize {
        0
    }

    /// Adds `_rows` transitions to the batch: as many as requested, or fewer if another method requested some too.
    fn add_transitions(&mut self, _rows: usize, _decoder: &ObservationDecoder, _batch: &mut Batch) {}

    /// Adds views to the batch, after all its transitions.
    fn add_views(&mut self, _learner: &mut LearnerView<'_>, _batch: &mut Batch) {}

    /// Adds a loss on the outputs of a network: see [`OutputLoss`](crate::learner::algorithms::OutputLoss).
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

    /// Changes the weights, after the optimiser's step and before the update of target networks.
    fn adjust_weights(&mut self, _batch: &Batch, _learner: &mut LearnerView<'_>) {}

    /// Adds to `_resets` the weights that this method reset in [`adjust_weights`](Self::adjust_weights).
    fn take_resets(&mut self, _resets: &mut Vec<WeightsReset>) {}

    /// Called when a method reset weights: any stored property of their past, such as an importance, is no longer valid.
    fn weights_reset(&mut self, _reset: &WeightsReset) {}

    /// Makes final changes of the weights, after all methods have changed them.
    fn settle_weights(&mut self, _learner: &mut LearnerView<'_>) {}

    /// Changes the policy that is *evaluated*, which starts as the acting one; `_task` is given only to methods that need it.
    fn evaluated_policy(&self, _task: Option<u16>, _parameters: &mut [f32]) {}

    /// Policies of several contexts, among which the view chooses in evaluation; none if there is one policy. `_current` are the parameters that
    /// [`evaluated_policy`](Self::evaluated_policy) left.
    fn contexts(&self, _current: &[f32]) -> Contexts {
        Contexts::default()
    }

    /// Multiply-adds of all passes so far through networks of its own; those of the learner's networks are counted separately.
    fn multiply_adds(&self) -> u64 {
        0
    }

    /// Size of the past data that it stores, in bytes.
    fn memory_bytes(&self) -> u64 {
        0
    }

    /// Size of its other state, in bytes: anchors, importances, masks.
    fn state_bytes(&self) -> u64 {
        0
    }

    /// Importance of each weight of network `_network`, if the method holds weights by one and has measured it. Weights that only the task under
    /// way uses may be left out at the end.
    fn importance(&self, _network: usize) -> Option<&[f32]> {
        None
    }

    /// Adds the number of stored transitions of each task to `_counts`.
    fn count_tasks(&self, _counts: &mut Vec<usize>) {}

    /// Saves the complete state under `_prefix`.
    fn save(&self, _state: &mut StateDict, _prefix: &str) -> Result<(), StateError> {
        Ok(())
    }

    /// Loads the complete state from under `_prefix`.
    fn load(&mut self, _state: &StateDict, _prefix: &str) -> Result<(), StateError> {
        Ok(())
    }
}

/// Weights of a network that a method reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsReset {
    /// Index of the network among the algorithm's networks.
    pub network: usize,
    /// Indices of the weights in its flat slice of parameters.
    pub parameters: Vec<usize>,
}

/// Family of methods, as in the survey that this project follows, with bounds and controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodFamily {
    /// Lower bound: a baseline that a method has to beat.
    LowerBound,
    /// Upper bound: a result that a method can hardly beat.
    UpperBound,
    /// Learns from past experience again.
    Replay,
    /// Holds weights that past tasks need.
    Regularisation,
    /// Changes gradients that conflict with past tasks.
    Optimisation,
    /// Gives tasks weights of their own.
    Architecture,
    /// Learns features that serve more than one task.
    Representation,
    /// Preserves the ability to learn.
    Plasticity,
}

impl MethodFamily {
    /// Returns the name of the family.
    pub fn name(self) -> &'static str {
        match self {
            Self::LowerBound => "lower bound",
            Self::UpperBound => "upper bound",
            Self::Replay => "replay",
            Self::Regularisation => "regularisation",
            Self::Optimisation => "optimisation",
            Self::Architecture => "architecture",
            Self::Representation => "representation",
            Self::Plasticity => "plasticity",
        }
    }
}

/// Role of declared boundaries between tasks for a method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Boundaries {
    /// Has the same result with and without declared boundaries.
    #[default]
    Unused,
    /// Benefits from declared boundaries, but works without them.
    Helpful,
    /// Has no effect, or a harmful one, without declared boundaries.
    Required,
}

/// Information that a method needs to be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Need for declared task boundaries.
    pub boundaries: Boundaries,
    /// `true` if it needs to know the current task in evaluation.
    pub task_at_test_time: bool,
}

impl Needs {
    /// Needs no information.
    pub const NOTHING: Self = Self {
        boundaries: Boundaries::Unused,
        task_at_test_time: false,
    };
    /// Benefits from declared task boundaries.
    pub const HELPED_BY_BOUNDARIES: Self = Self {
        boundaries: Boundaries::Helpful,
        task_at_test_time: false,
    };
    /// Needs declared task boundaries.
    pub const TASK_BOUNDARIES: Self = Self {
        boundaries: Boundaries::Required,
        task_at_test_time: false,
    };
}

/// Formats as `nothing`, `boundaries help`, `boundaries`, `season`, or `boundaries, season`.
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

/// Order of the tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curriculum {
    /// One after the other.
    Sequential,
    /// All side by side, with the same total number of decisions.
    AllTasksAtOnce,
    /// Either: one after the other by itself, and in a composition as the other methods want it.
    Any,
}

/// Description of a loss that a method adds, for panels and reports.
#[derive(Clone, Copy, Debug)]
pub struct LossSpec {
    /// Name, as in records.
    pub name: &'static str,
    /// Title, as shown in panels.
    pub title: &'static str,
    /// Explanation in a sentence or two.
    pub text: &'static str,
}

/// Kind of what a device has to keep for a method, beside the policy.
#[derive(Clone, Copy)]
pub enum Keeps {
    /// Nothing of size.
    Nothing,
    /// Past data, which `learner.history` limits.
    PastData,
    /// Weights, or what is counted like them: anchors, importances, masks, optimisers; as many bytes as [`MethodSpec::memory`].
    Weights,
    /// Something else.
    Other(fn(&LearnerSettings, &LearnerScale) -> Kept),
}

/// Amounts that a device keeps for a method, at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Bytes of past data; the greatest number if there is no limit.
    pub past_bytes: u64,
    /// Bytes of weights.
    pub weights_bytes: u64,
    /// Multiply-adds of a decision.
    pub multiply_adds: u64,
}

/// Static description of a method.
#[derive(Clone, Copy)]
pub struct MethodSpec {
    /// Name, as on the command line.
    pub name: &'static str,
    /// Summary in one line.
    pub summary: &'static str,
    /// Family of methods.
    pub family: MethodFamily,
    /// Source.
    pub paper: &'static str,
    /// Equation of what it adds or changes.
    pub equation: &'static str,
    /// Cost beyond fine-tuning, in compute and in storage.
    pub cost: &'static str,
    /// Information that it needs.
    pub needs: Needs,
    /// Order in which it meets the tasks.
    pub curriculum: Curriculum,
    /// Losses that it adds.
    pub losses: &'static [LossSpec],
    /// Search grid of its strength; none for bounds and controls.
    pub tuning: Option<Tuning>,
    /// Sets its strength to zero: it then equals `finetune`, bit for bit.
    pub remove_strength: fn(&mut LearnerSettings),
    /// Changes settings so that it has an effect within a hundred small updates, for tests and demonstrations.
    pub act_soon: fn(&mut LearnerSettings),
    /// Estimates the bytes that it needs once it is full: past data, and what it keeps of weights.
    pub memory: fn(&LearnerSettings, &LearnerScale) -> u64,
    /// Kind of what a device has to keep for it, which a budget limits.
    pub keeps: Keeps,
    /// `true` if it can be run with an output layer for each season: if what it does to a network is meant for the task under way, or for the
    /// layers below.
    pub heads: bool,
    /// Makes an instance.
    pub build: fn(&LearnerSettings, &LearnerSpec) -> Box<dyn Method>,
}

impl MethodSpec {
    /// Specification of fine-tuning, the default from which others differ; without an output layer for each season, which not every method suits.
    pub const FINETUNE: Self = Self {
        heads: false,
        ..finetune::SPEC
    };
}

/// Calls a macro with every built-in method, family by family: `module(Settings)`, or `module` where it has no settings.
macro_rules! for_each_method {
    ($then:ident) => {
        $then! {
            finetune,
            scratch(ScratchSettings),
            frozen(FrozenSettings),
            joint(JointSettings),
            replay(ReplaySettings),
            replay_boundary_free(ReplayBoundaryFreeSettings),
            der_plus_plus(DerPlusPlusSettings),
            clear(ClearSettings),
            qreg_nwlu(QregNwluSettings),
            generative_replay(GenerativeReplaySettings),
            l2(L2Settings),
            ewc(EwcSettings),
            ewc_kronecker(EwcKroneckerSettings),
            si(SiSettings),
            mas(MasSettings),
            medqn(MedqnSettings),
            agem(AgemSettings),
            gradient_projection(GradientProjectionSettings),
            packnet(PacknetSettings),
            reset_distil(ResetDistilSettings),
            inferred_context(InferredContextSettings),
            self_supervised(SelfSupervisedSettings),
            upgd(UpgdSettings),
            continual_backprop(ContinualBackpropSettings),
            redo(RedoSettings),
            shrink_perturb(ShrinkPerturbSettings),
            l2_init(L2InitSettings),
            parseval(ParsevalSettings),
            c_chain(CChainSettings),
        }
    };
}
pub(crate) use for_each_method;

macro_rules! built_in {
    ($($method:ident $(($settings:ident))?,)*) => {
        /// Every built-in method, family by family. Compositions run in this order.
        pub static METHODS: &[MethodSpec] = &[$($method::SPEC),*];

        /// Settings of the built-in methods.
        pub(crate) mod settings {
            $($( pub use super::$method::$settings; )?)*
            pub use super::importance::ImportanceSettings;
            pub use super::medqn::ConsolidatedStates;
            pub use super::replay_boundary_free::Gate;
        }
    };
}
for_each_method!(built_in);
