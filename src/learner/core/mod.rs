//! The learner: memories, an algorithm and a method, and the order of what they do.

mod reports;
mod saving;
mod update;

pub use reports::{LearnReport, LearnerLedger, LearnerSpec};

use garde::Validate;
use rayon::ThreadPool;

use crate::learner::algorithms::{self, Algorithm};
use crate::learner::error::{LearnerError, StateError};
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer};
use crate::learner::methods::{self, LearnerView, MethodPlan, Methods};
use crate::learner::network::NetworkShape;
use crate::learner::parallel::{is_single_threaded, pool_of_one};
use crate::learner::policy::PolicySnapshot;
use crate::learner::settings::LearnerSettings;
use crate::mdp::{Experience, ObservationDecoder};
use crate::random::{Stream, stream};

/// Learns from experience, and keeps what it learned as well as its method can.
///
/// It knows neither gardens nor seasons: it is shown observations, actions and rewards, and told at most that a task ended. The same
/// seed and the same experience make the same weights, bit for bit on one machine.
pub struct Learner {
    settings: LearnerSettings,
    spec: LearnerSpec,
    names: (String, String),
    decoder: ObservationDecoder,
    plan: MethodPlan,
    algorithm: Box<dyn Algorithm>,
    /// Running average of the policy's parameters: what is evaluated.
    average: Vec<f32>,
    methods: Methods,
    recent: ReplayBuffer,
    recent_rng: Stream,
    task: u16,
    decisions: u64,
    /// Decisions for which no update was made yet.
    owed_decisions: u64,
    updates: u64,
    exploration_began: u64,
    /// Multiply-adds from before the learner was loaded, less those that its networks count already.
    multiply_adds: u64,
    batch: Batch,
    rows: Vec<usize>,
    losses: Losses,
    pool: Option<ThreadPool>,
}

impl Learner {
    /// A learner that has seen nothing yet, of the algorithm and the method (or composition `a+b`) of these names.
    ///
    /// # Errors
    /// An unknown name, a setting out of range, or a world without observations, actions or gardens.
    pub fn new(algorithm: &str, method: &str, settings: &LearnerSettings, spec: LearnerSpec) -> Result<Self, LearnerError> {
        let algorithm_spec = algorithms::find(algorithm)?;
        let plan = methods::plan(method)?;
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
        let methods = Methods::new(&plan, settings, &spec);
        let networks = (algorithm_spec.build)(settings, &spec);
        let width = spec.observation.len();
        let capacity = (!methods.keep_everything()).then(|| methods.recent_capacity(settings.fresh_memory.capacity));
        Ok(Self {
            names: (algorithm.to_owned(), plan.name()),
            decoder: spec.observation.decoder(),
            average: networks.networks()[0].parameters().to_vec(),
            algorithm: networks,
            methods,
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
            pool: None,
            plan,
            settings: settings.clone(),
            spec,
        })
    }

    /// What its method consists of, and what it asks of the one who runs it.
    pub fn plan(&self) -> &MethodPlan {
        &self.plan
    }

    /// Tells which task begins next, by a number that it has whenever it comes back. To be called before
    /// [`task_started`](Self::task_started), and only where the plan [needs](methods::Needs::task_at_test_time) it; a method that is not
    /// told takes each task for a new one.
    pub fn task_identified(&mut self, identity: u16) {
        self.methods.task_identified(identity);
    }

    /// Tells that a task begins. To be called only where boundaries are declared.
    pub fn task_started(&mut self) {
        if !self.methods.ignore_boundaries() {
            self.on_one_thread(|learner| {
                learner.keeping_average(|learner| learner.with_view(|methods, view| methods.task_started(view)));
            });
        }
    }

    /// Tells that a task ends. To be called only where boundaries are declared, before anything of the next task is observed.
    pub fn task_ended(&mut self) {
        if self.methods.ignore_boundaries() {
            // Only for who counts what the memories hold.
            self.task = self.task.saturating_add(1);
            return;
        }
        self.on_one_thread(|learner| {
            learner.keeping_average(|learner| learner.with_view(|methods, view| methods.task_ended(view)));
            let boundary = learner.settings.boundary.clone();
            if boundary.clear_fresh_memory && !learner.methods.keep_everything() {
                learner.recent.clear();
            }
            if boundary.reset_networks {
                learner.algorithm.reinitialise();
                learner.average.copy_from_slice(learner.algorithm.networks()[0].parameters());
            } else if boundary.reset_optimiser {
                learner
                    .algorithm
                    .networks_mut()
                    .iter_mut()
                    .for_each(|network| network.optimiser.reset());
            }
            if boundary.restart_exploration || learner.methods.restart_exploration(learner.task) {
                learner.exploration_began = learner.decisions;
            }
            learner.task = learner.task.saturating_add(1);
        });
    }

    /// Lets a method do what it does at a boundary. Weights that it sets there (prunes, retrains, begins anew) are what they are:
    /// the running average takes them as they are, where it would need thousands of updates to follow.
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

    /// Takes in one decision of every garden. It must be of as many gardens and bytes as the learner was built for.
    pub fn observe(&mut self, experience: &Experience) {
        self.recent.observe(experience, self.task);
        self.decisions += self.spec.gardens as u64;
        self.owed_decisions += self.spec.gardens as u64;
        self.with_view(|methods, view| methods.observe(experience, view));
    }

    /// Makes the updates that are due; `None` if there are none yet.
    ///
    /// # Errors
    /// [`LearnerError::NonFiniteLoss`]: the weights are those before the update that failed.
    pub fn learn(&mut self) -> Result<Option<LearnReport>, LearnerError> {
        let due = self.owed_decisions / self.settings.decisions_per_update;
        self.owed_decisions %= self.settings.decisions_per_update;
        let ready = self.recent.transitions() >= self.settings.fresh_memory.minimum_transitions.min(self.recent_room());
        if due == 0 || !ready || !self.methods.learn(self.task) {
            return Ok(None);
        }
        self.on_one_thread(|learner| learner.make_updates(due)).map(Some)
    }

    /// The policy as it acts in training.
    pub fn policy(&self) -> PolicySnapshot {
        let network = &self.algorithm.networks()[0];
        PolicySnapshot {
            shape: network.shape().clone(),
            parameters: network.parameters().to_vec(),
            acting: self.algorithm.acting(self.decisions - self.exploration_began),
        }
    }

    /// The same, into a snapshot of this learner's that is there already.
    pub fn copy_policy_into(&self, snapshot: &mut PolicySnapshot) {
        let network = &self.algorithm.networks()[0];
        snapshot.shape.clone_from(network.shape());
        snapshot.parameters.clear();
        snapshot.parameters.extend_from_slice(network.parameters());
        snapshot.acting = self.algorithm.acting(self.decisions - self.exploration_began);
    }

    /// The policy to be evaluated: the running average of that which acts (Polyak and Juditsky 1992), unless the method has another. `task` matters only to methods that
    /// [need](methods::Needs::task_at_test_time) it.
    pub fn evaluated_policy(&self, task: Option<u16>) -> PolicySnapshot {
        let mut snapshot = self.policy();
        if self.settings.evaluation_averaging > 0.0 {
            snapshot.parameters.copy_from_slice(&self.average);
        }
        self.methods.evaluated_policy(task, &mut snapshot.parameters);
        snapshot
    }

    /// Begins with the policy of another run instead of a random one.
    ///
    /// # Errors
    /// [`StateError::Mismatch`] if it is of another shape.
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

    /// Its networks, for who wants to look: the first one is the policy.
    pub fn networks(&self) -> &[algorithms::TrainedNetwork] {
        self.algorithm.networks()
    }

    fn shape(&self) -> NetworkShape {
        self.algorithm.networks()[0].shape().clone()
    }

    /// Transitions that a full fresh memory is sure to hold: a smaller one must not wait for ever for its minimum.
    fn recent_room(&self) -> usize {
        if self.methods.keep_everything() {
            usize::MAX
        } else {
            self.methods.recent_capacity(self.settings.fresh_memory.capacity) / 4
        }
    }

    fn with_view<T>(&mut self, hook: impl FnOnce(&mut Methods, &mut LearnerView<'_>) -> T) -> T {
        let mut view = LearnerView {
            algorithm: self.algorithm.as_mut(),
            recent: &self.recent,
            decoder: &self.decoder,
            task: self.task,
            decisions: self.decisions,
            updates: self.updates,
        };
        hook(&mut self.methods, &mut view)
    }

    /// Runs `work` where matrix products stay on one thread: here, if here is such a place.
    fn on_one_thread<T: Send>(&mut self, work: impl FnOnce(&mut Self) -> T + Send) -> T {
        if is_single_threaded() {
            return work(self);
        }
        // Where no thread can be had, the products are split: slower, and the same.
        let Some(pool) = self.pool.take().or_else(|| pool_of_one().ok()) else {
            return work(self);
        };
        let result = pool.install(|| work(self));
        self.pool = Some(pool);
        result
    }
}
