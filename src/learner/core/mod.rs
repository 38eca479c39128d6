//! The learner: combines replay buffers, an algorithm and a method, and orders their steps.

mod reports;
mod saving;
mod update;

pub use reports::{LearnReport, LearnerLedger};

use garde::Validate;

use crate::learner::algorithms::{self, Algorithm};
use crate::learner::contexts::Contexts;
use crate::learner::error::{LearnerError, StateError};
use crate::learner::heads::{Heads, TaskHeads};
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer, Transition};
use crate::learner::methods::{self, LearnerView, MethodPlan, MethodStack};
use crate::learner::network::NetworkShape;
use crate::learner::policy::PolicySnapshot;
use crate::learner::settings::LearnerSettings;
use crate::learner::spec::LearnerSpec;
use crate::mdp::{Experience, ObservationDecoder, ObservationSpec};
use crate::random::{Stream, stream};

/// Learns from experience with an algorithm, and limits forgetting with a method.
///
/// The learner knows neither gardens nor seasons. It receives observations, actions and rewards, and at most a notification when
/// a task ends. The same seed and the same experience give the same weights, bit for bit on one machine.
pub struct Learner {
    settings: LearnerSettings,
    spec: LearnerSpec,
    names: (String, String),
    decoder: ObservationDecoder,
    plan: MethodPlan,
    algorithm: Box<dyn Algorithm>,
    /// Running average of the policy's parameters, used for evaluation.
    average: Vec<f32>,
    methods: MethodStack,
    /// Output layers of the other tasks, if each has its own.
    heads: Option<TaskHeads>,
    recent: ReplayBuffer,
    recent_rng: Stream,
    task: u16,
    decisions: u64,
    /// Decisions for which no update has been made yet.
    owed_decisions: u64,
    updates: u64,
    exploration_began: u64,
    /// Multiply-adds before the learner was loaded, minus those already counted by its networks.
    multiply_adds: u64,
    batch: Batch,
    rows: Vec<usize>,
    losses: Losses,
    /// Recent transitions that updates leave out. Not part of the saved state.
    left_out: Option<LeftOut>,
}

/// Names transitions that updates leave out.
pub type LeftOut = Box<dyn Fn(&Transition<'_>) -> bool + Send>;

impl Learner {
    /// Creates an untrained learner with the named algorithm and method (or composition `a+b`).
    ///
    /// # Errors
    /// Returns an error for an unknown name, a setting out of range, or a spec without observations, actions or gardens.
    pub fn new(algorithm: &str, method: &str, settings: &LearnerSettings, spec: LearnerSpec) -> Result<Self, LearnerError> {
        let algorithm_spec = algorithms::find(algorithm)?;
        let plan = methods::plan_with(method, settings)?;
        settings.validate()?;
        if spec.observation.is_empty() {
            return Err(LearnerError::Spec("its observations are empty"));
        }
        if !(1..=256).contains(&spec.actions) {
            return Err(LearnerError::Spec("there must be 1 to 256 actions"));
        }
        if spec.gardens == 0 {
            return Err(LearnerError::Spec("there are no gardens to learn in"));
        }
        let methods = MethodStack::new(&plan, settings, &spec);
        let networks = (algorithm_spec.build)(settings, &spec);
        let heads = match settings.heads {
            Heads::Shared => None,
            Heads::PerSeason => TaskHeads::new(networks.as_ref(), spec.seed),
        };
        let width = spec.observation.len();
        let capacity = (!methods.keep_everything()).then(|| methods.recent_capacity(settings.fresh_memory.capacity));
        Ok(Self {
            names: (algorithm.to_owned(), plan.name()),
            decoder: spec.observation.decoder(),
            average: networks.networks()[0].parameters().to_vec(),
            algorithm: networks,
            methods,
            heads,
            recent: ReplayBuffer::new(spec.gardens, width, capacity),
            recent_rng: stream(spec.seed, "learner.fresh_memory.draw", 0),
            task: 0,
            decisions: 0,
            owed_decisions: 0,
            updates: 0,
            exploration_began: 0,
            multiply_adds: 0,
            batch: Batch::new(width),
            rows: Vec::new(),
            losses: Losses::default(),
            left_out: None,
            plan,
            settings: settings.clone(),
            spec,
        })
    }

    /// Returns the parts of its method and their requirements.
    pub fn plan(&self) -> &MethodPlan {
        &self.plan
    }

    /// Announces which task starts next, by a number that stays the same when the task returns. Call it before
    /// [`task_started`](Self::task_started), and only if the plan [needs](methods::Needs::task_at_test_time) it; without it, a
    /// method takes each task for a new one.
    pub fn task_identified(&mut self, identity: u16) {
        if let Some(heads) = &mut self.heads {
            heads.identify(identity);
        }
        self.methods.task_identified(identity);
    }

    /// Announces the start of a task. Call it only if boundaries are declared.
    pub fn task_started(&mut self) {
        if !self.methods.ignore_boundaries() {
            if let Some(heads) = &mut self.heads {
                heads.begin(self.task, self.algorithm.as_mut(), &mut self.average);
            }
            self.keeping_average(|learner| learner.with_view(|methods, view| methods.task_started(view)));
        }
    }

    /// Announces the end of a task. Call it only if boundaries are declared, before anything of the next task is observed.
    pub fn task_ended(&mut self) {
        if self.methods.ignore_boundaries() {
            // Used only for the statistics of the buffers' contents.
            self.task = self.task.saturating_add(1);
            return;
        }
        self.showing_average(|learner| learner.with_view(|methods, view| methods.task_ended(view)));
        let boundary = self.settings.boundary.clone();
        if boundary.clear_fresh_memory && !self.methods.keep_everything() {
            self.recent.clear();
        }
        if boundary.reset_networks {
            self.algorithm.reinitialise();
            if let Some(heads) = &mut self.heads {
                heads.clear();
            }
            self.average.copy_from_slice(self.algorithm.networks()[0].parameters());
        } else if boundary.reset_optimiser || self.methods.reset_optimiser() {
            let networks = self.algorithm.networks_mut();
            networks.iter_mut().for_each(|network| network.optimiser.reset());
        }
        if boundary.restart_exploration || self.methods.restart_exploration(self.task) {
            self.exploration_began = self.decisions;
        }
        self.task = self.task.saturating_add(1);
    }

    /// Lets a method do its work at a boundary. Weights that it changes there (by pruning, retraining or resetting) are copied to
    /// the running average, which would otherwise need thousands of updates to follow.
    fn keeping_average(&mut self, act: impl FnOnce(&mut Self)) {
        let before = self.algorithm.networks()[0].parameters().to_vec();
        act(self);
        let after = self.algorithm.networks()[0].parameters();
        for ((average, before), &after) in self.average.iter_mut().zip(before).zip(after) {
            if before != after {
                *average = after;
            }
        }
    }

    /// Lets a method consolidate what is evaluated: while it works, the policy network has the running average of its weights. Weights
    /// that the method leaves as they are go on from where learning had left them; those that it changes are changed in both.
    fn showing_average(&mut self, act: impl FnOnce(&mut Self)) {
        if self.settings.evaluation_averaging == 0.0 {
            return self.keeping_average(act);
        }
        let policy = &mut self.algorithm.networks_mut()[0];
        let left = policy.parameters().to_vec();
        policy.parameters_mut().copy_from_slice(&self.average);
        act(self);
        let weights = self.algorithm.networks_mut()[0].parameters_mut();
        for ((weight, average), left) in weights.iter_mut().zip(&mut self.average).zip(left) {
            if *weight == *average {
                *weight = left;
            } else {
                *average = *weight;
            }
        }
    }

    /// Observes one decision of every garden. The numbers of gardens and bytes must be those the learner was built for.
    pub fn observe(&mut self, experience: &Experience) {
        self.recent.observe(experience, self.task);
        self.decisions += self.spec.gardens as u64;
        self.owed_decisions += self.spec.gardens as u64;
        self.with_view(|methods, view| methods.observe(experience, view));
    }

    /// Leaves recent transitions out of all updates from now on, to test what they cause; `None` ends that. It is for trials: checkpoints do not hold it.
    pub fn leave_out(&mut self, left_out: Option<LeftOut>) {
        self.left_out = left_out;
    }

    /// Performs the updates that are due; returns `None` if there were none.
    ///
    /// # Errors
    /// Returns [`LearnerError::NonFiniteLoss`] if a loss is not finite: the weights are then those before the failed update.
    pub fn learn(&mut self) -> Result<Option<LearnReport>, LearnerError> {
        let due = self.owed_decisions / self.settings.decisions_per_update;
        self.owed_decisions %= self.settings.decisions_per_update;
        let ready = self.recent.transitions() >= self.settings.fresh_memory.minimum_transitions.min(self.recent_room());
        if due == 0 || !ready || !self.methods.learn(self.task) {
            return Ok(None);
        }
        self.make_updates(due).map(Some)
    }

    /// Returns the policy with its exploration in training.
    pub fn policy(&self) -> PolicySnapshot {
        let network = &self.algorithm.networks()[0];
        PolicySnapshot {
            shape: network.shape().clone(),
            parameters: network.parameters().to_vec(),
            exploration: self.algorithm.exploration(self.decisions - self.exploration_began),
            contexts: Contexts::default(),
        }
    }

    /// Copies the [`policy`](Self::policy) into an existing snapshot of this learner.
    pub fn copy_policy_into(&self, snapshot: &mut PolicySnapshot) {
        let network = &self.algorithm.networks()[0];
        snapshot.shape.clone_from(network.shape());
        snapshot.parameters.clear();
        snapshot.parameters.extend_from_slice(network.parameters());
        snapshot.contexts = Contexts::default();
        snapshot.exploration = self.algorithm.exploration(self.decisions - self.exploration_began);
    }

    /// Returns the policy for evaluation: the running average of the acting policy (Polyak and Juditsky 1992), unless the method
    /// provides another. `task` matters only to methods that [need](methods::Needs::task_at_test_time) it.
    pub fn evaluated_policy(&self, task: Option<u16>) -> PolicySnapshot {
        let mut snapshot = self.policy();
        let averaged = self.settings.evaluation_averaging > 0.0;
        if averaged {
            snapshot.parameters.copy_from_slice(&self.average);
        }
        if let Some(heads) = &self.heads {
            heads.evaluated_policy(task, averaged, &mut snapshot.parameters);
        }
        self.methods.evaluated_policy(task, &mut snapshot.parameters);
        snapshot.contexts = self.methods.contexts(&snapshot.parameters);
        snapshot
    }

    /// Starts from the policy of another run instead of a random one.
    ///
    /// # Errors
    /// Returns [`StateError::Mismatch`] if its shape differs.
    pub fn initialise_policy(&mut self, snapshot: &PolicySnapshot) -> Result<(), LearnerError> {
        let shape = self.algorithm.networks()[0].shape();
        if *shape != snapshot.shape || shape.parameters() != snapshot.parameters.len() {
            let (expected, found) = (format!("{shape:?}"), format!("{:?}", snapshot.shape));
            return Err(StateError::Mismatch {
                entry: "policy.shape".into(),
                expected,
                found,
            }
            .into());
        }
        self.algorithm.set_policy(&snapshot.parameters);
        self.average.copy_from_slice(&snapshot.parameters);
        Ok(())
    }

    /// Networks of the algorithm; the first one is the policy.
    pub fn networks(&self) -> &[algorithms::TrainedNetwork] {
        self.algorithm.networks()
    }

    fn shape(&self) -> NetworkShape {
        self.algorithm.networks()[0].shape().clone()
    }

    /// The replay buffer of recent transitions, for measurements.
    pub(in crate::learner) fn recent(&self) -> &ReplayBuffer {
        &self.recent
    }

    /// The meaning of the observations' bytes, for measurements.
    pub(in crate::learner) fn observation(&self) -> &ObservationSpec {
        &self.spec.observation
    }

    /// The algorithm, for measurements.
    pub(in crate::learner) fn algorithm_mut(&mut self) -> &mut dyn Algorithm {
        self.algorithm.as_mut()
    }

    /// The method, for measurements.
    pub(in crate::learner) fn methods(&self) -> &MethodStack {
        &self.methods
    }

    /// `true` if each task has an output layer of its own.
    pub(in crate::learner) fn has_own_outputs(&self) -> bool {
        self.heads.is_some()
    }

    /// Forgets the multiply-adds that were counted since `counted`: those of a measurement are not learning.
    pub(in crate::learner) fn uncount_multiply_adds(&mut self, counted: u64) {
        let measured = self.counted_multiply_adds().wrapping_sub(counted);
        self.multiply_adds = self.multiply_adds.wrapping_sub(measured);
    }

    /// Number of transitions that a full replay buffer certainly holds: the minimum for updates must not exceed it, or a small
    /// buffer would wait for ever.
    fn recent_room(&self) -> usize {
        if self.methods.keep_everything() {
            usize::MAX
        } else {
            self.methods.recent_capacity(self.settings.fresh_memory.capacity) / 4
        }
    }

    fn with_view<T>(&mut self, hook: impl FnOnce(&mut MethodStack, &mut LearnerView<'_>) -> T) -> T {
        let mut view = LearnerView {
            algorithm: self.algorithm.as_mut(),
            recent: &self.recent,
            decoder: &self.decoder,
            task: self.task,
            decisions: self.decisions,
            updates: self.updates,
            task_has_own_outputs: self.heads.is_some(),
        };
        hook(&mut self.methods, &mut view)
    }
}
