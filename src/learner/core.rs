//! The learner: memories, an algorithm and a method, and the order of what they do.

use garde::Validate;
use rayon::ThreadPool;
use serde::{Deserialize, Serialize};

use crate::learner::algorithms::{self, Algorithm};
use crate::learner::error::{LearnerError, StateError};
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, FreshMemory, MemoryComposition};
use crate::learner::methods::{self, LearnerView, Methods, Plan};
use crate::learner::network::NetworkShape;
use crate::learner::parallel::{is_single_threaded, pool_of_one};
use crate::learner::policy::PolicySnapshot;
use crate::learner::settings::LearnerSettings;
use crate::learner::state::StateDict;
use crate::mdp::{Experience, ObservationDecoder, ObservationSpec};
use crate::random::{Stream, stream};

/// What a learner must know of the world that it learns in.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnerSpec {
    /// What an observation consists of.
    pub observation: ObservationSpec,
    /// How many actions there are, at most 256.
    pub actions: usize,
    /// How many gardens are experienced side by side.
    pub gardens: usize,
    /// Decisions of one task, counted over all gardens: exploration comes down over a share of the first one's.
    pub decisions_per_task: u64,
    /// The run's seed.
    pub seed: u64,
}

/// What a call of [`Learner::learn`] did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnReport {
    /// Updates so far.
    pub updates: u64,
    /// Updates of this call; what follows is their mean.
    pub performed: u64,
    /// Each loss by name.
    pub losses: Losses,
    /// The norm of the gradient over all networks, before it was clipped.
    pub gradient_norm: f32,
    /// What the policy thinks the transitions' actions are worth, in units of reward.
    pub mean_value: f32,
}

/// What learning has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnerLedger {
    /// Decisions, counted over all gardens.
    pub decisions: u64,
    /// Gradient updates.
    pub updates: u64,
    /// Multiply-adds of all forward and backward passes of learning, those of methods included, exactly as their shapes tell.
    pub multiply_adds: u64,
    /// Multiply-adds of taking the decisions: one forward pass each.
    pub acting_multiply_adds: u64,
    /// Bytes of all experience that is held.
    pub memory_bytes: u64,
    /// Of these, bytes of what was experienced lately.
    pub fresh_memory_bytes: u64,
    /// Bytes of what else the method must keep: anchors, importances, masks.
    pub method_state_bytes: u64,
}

/// Learns from experience, and keeps what it learned as well as its method can.
///
/// It knows neither gardens nor seasons: it is shown observations, actions and rewards, and told at most that a task ended. The same
/// seed and the same experience make the same weights, bit for bit on one machine.
pub struct Learner {
    settings: LearnerSettings,
    spec: LearnerSpec,
    names: (String, String),
    decoder: ObservationDecoder,
    plan: Plan,
    algorithm: Box<dyn Algorithm>,
    methods: Methods,
    fresh: FreshMemory,
    fresh_rng: Stream,
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
        let width = spec.observation.len();
        let capacity = (!methods.keep_everything()).then_some(settings.fresh_memory.capacity);
        Ok(Self {
            names: (algorithm.to_owned(), method.to_owned()),
            decoder: spec.observation.decoder(),
            algorithm: (algorithm_spec.build)(settings, &spec),
            methods,
            fresh: FreshMemory::new(spec.gardens, width, capacity),
            fresh_rng: stream(spec.seed, "learner.fresh_memory.draw", 0),
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
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Tells that a task begins. To be called only where boundaries are declared.
    pub fn task_started(&mut self) {
        self.on_one_thread(|learner| learner.with_view(|methods, view| methods.task_started(view)));
    }

    /// Tells that a task ends. To be called only where boundaries are declared, before anything of the next task is observed.
    pub fn task_ended(&mut self) {
        self.on_one_thread(|learner| {
            learner.with_view(|methods, view| methods.task_ended(view));
            let boundary = learner.settings.boundary.clone();
            if boundary.clear_fresh_memory && !learner.methods.keep_everything() {
                learner.fresh.clear();
            }
            if boundary.reset_networks {
                learner.algorithm.reinitialise();
            } else if boundary.reset_optimiser {
                learner
                    .algorithm
                    .networks_mut()
                    .iter_mut()
                    .for_each(|network| network.optimiser.reset());
            }
            if boundary.restart_exploration {
                learner.exploration_began = learner.decisions;
            }
            learner.task = learner.task.saturating_add(1);
        });
    }

    /// Takes in one decision of every garden. It must be of as many gardens and bytes as the learner was built for.
    pub fn observe(&mut self, experience: &Experience) {
        self.fresh.observe(experience, self.task);
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
        let ready = self.fresh.transitions() >= self.settings.fresh_memory.minimum_transitions.min(self.fresh_room());
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

    /// The policy to be evaluated: that which acts, unless the method has another. `task` matters only to methods that
    /// [need](methods::Needs::task_at_test_time) it.
    pub fn evaluated_policy(&self, task: Option<u16>) -> PolicySnapshot {
        let mut snapshot = self.policy();
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
        Ok(())
    }

    /// Its networks, for who wants to look: the first one is the policy.
    pub fn networks(&self) -> &[algorithms::TrainedNetwork] {
        self.algorithm.networks()
    }

    /// What learning has cost so far.
    pub fn ledger(&self) -> LearnerLedger {
        let fresh_memory_bytes = self.fresh.bytes();
        LearnerLedger {
            decisions: self.decisions,
            updates: self.updates,
            multiply_adds: self.multiply_adds.wrapping_add(self.algorithm.multiply_adds()),
            acting_multiply_adds: self.decisions * self.algorithm.networks()[0].shape().forward_multiply_adds(),
            memory_bytes: fresh_memory_bytes + self.methods.memory_bytes(),
            fresh_memory_bytes,
            method_state_bytes: self.methods.state_bytes(),
        }
    }

    /// How many transitions are held of each task.
    pub fn memory_composition(&self) -> MemoryComposition {
        let mut composition = MemoryComposition::default();
        self.fresh.count_tasks(&mut composition.fresh);
        self.methods.count_tasks(&mut composition.past);
        composition
    }

    /// Writes everything that it needs to go on as if nothing had happened, under names that begin with `learner`.
    pub fn save(&self, state: &mut StateDict) -> Result<(), LearnerError> {
        state.set("learner.algorithm_name", &self.names.0)?;
        state.set("learner.method_name", &self.names.1)?;
        state.set("learner.shape", &self.shape())?;
        state.set("learner.gardens", &self.spec.gardens)?;
        state.set("learner.task", &self.task)?;
        state.set("learner.decisions", &self.decisions)?;
        state.set("learner.owed_decisions", &self.owed_decisions)?;
        state.set("learner.updates", &self.updates)?;
        state.set("learner.exploration_began", &self.exploration_began)?;
        state.set("learner.multiply_adds", &self.ledger().multiply_adds)?;
        state.set("learner.fresh_rng", &self.fresh_rng)?;
        self.fresh.save(state, "learner.fresh")?;
        self.algorithm.save(state, "learner.algorithm")?;
        self.methods.save(state, "learner.method")?;
        Ok(())
    }

    /// Takes everything from there: what follows is then bit for bit what would have followed.
    ///
    /// The learner must have been built with the same names, settings and world.
    ///
    /// # Errors
    /// An entry that is missing or does not fit, by its name. The learner is then partly loaded and must not be used.
    pub fn load(&mut self, state: &StateDict) -> Result<(), LearnerError> {
        state.expect("learner.algorithm_name", &self.names.0)?;
        state.expect("learner.method_name", &self.names.1)?;
        state.expect("learner.shape", &self.shape())?;
        state.expect("learner.gardens", &self.spec.gardens)?;
        self.task = state.get("learner.task")?;
        self.decisions = state.get("learner.decisions")?;
        self.owed_decisions = state.get("learner.owed_decisions")?;
        self.updates = state.get("learner.updates")?;
        self.exploration_began = state.get("learner.exploration_began")?;
        self.fresh_rng = state.get("learner.fresh_rng")?;
        self.fresh.load(state, "learner.fresh")?;
        self.algorithm.load(state, "learner.algorithm")?;
        self.methods.load(state, "learner.method")?;
        let multiply_adds: u64 = state.get("learner.multiply_adds")?;
        self.multiply_adds = multiply_adds.wrapping_sub(self.algorithm.multiply_adds());
        Ok(())
    }

    /// Makes `updates` updates, due or not: for benchmarks.
    pub(crate) fn force_updates(&mut self, updates: u64) -> Result<(), LearnerError> {
        self.on_one_thread(|learner| learner.make_updates(updates)).map(|_| ())
    }

    fn shape(&self) -> NetworkShape {
        self.algorithm.networks()[0].shape().clone()
    }

    /// Transitions that a full fresh memory is sure to hold: a smaller one must not wait for ever for its minimum.
    fn fresh_room(&self) -> usize {
        if self.methods.keep_everything() {
            usize::MAX
        } else {
            self.settings.fresh_memory.capacity / 4
        }
    }

    fn make_updates(&mut self, due: u64) -> Result<LearnReport, LearnerError> {
        let mut report = LearnReport::default();
        for _ in 0..due {
            let (gradient_norm, mean_value) = self.update()?;
            report.losses.absorb(&self.losses);
            report.gradient_norm += gradient_norm;
            report.mean_value += mean_value;
        }
        let share = 1.0 / due as f32;
        report.losses.scale(share);
        report.gradient_norm *= share;
        report.mean_value *= share;
        Ok(LearnReport {
            updates: self.updates,
            performed: due,
            ..report
        })
    }

    /// One update; tells the norm of the gradient and the mean value.
    fn update(&mut self) -> Result<(f32, f32), LearnerError> {
        self.fill_batch();
        let mut batch = std::mem::take(&mut self.batch);
        self.with_view(|methods, view| methods.add_views(view, &mut batch));

        let mut losses = std::mem::take(&mut self.losses);
        losses.clear();
        let mean_value = self.algorithm.compute_gradients(&batch, &mut self.methods, &mut losses);
        self.with_view(|methods, view| methods.adjust_gradients(&batch, view, &mut losses));

        let networks = self.algorithm.networks();
        let gradient_norm = networks
            .iter()
            .map(|network| squared_norm(&network.gradient))
            .sum::<f32>()
            .sqrt();
        let loss = losses.total();
        if !(loss.is_finite() && gradient_norm.is_finite()) {
            return Err(LearnerError::NonFiniteLoss {
                update: self.updates + 1,
                loss,
                gradient_norm,
            });
        }
        let limit = self.settings.maximum_gradient_norm;
        if limit > 0.0 && gradient_norm > limit {
            let scale = limit / gradient_norm;
            for network in self.algorithm.networks_mut() {
                network.gradient.iter_mut().for_each(|gradient| *gradient *= scale);
            }
        }

        self.algorithm.step();
        self.with_view(|methods, view| methods.adjust_weights(&batch, view));
        self.algorithm.follow();
        self.updates += 1;
        (self.batch, self.losses) = (batch, losses);
        Ok((gradient_norm, mean_value))
    }

    /// Draws the transitions of the next update: fresh ones first, then each method's.
    fn fill_batch(&mut self) {
        let size = self.settings.batch_size;
        self.methods.rows(size, &self.fresh, &mut self.rows);
        let fresh_rows = size - self.rows.iter().sum::<usize>();
        self.batch.clear();
        self.fresh
            .sample(fresh_rows, &mut self.fresh_rng, &self.decoder, &mut self.batch);
        self.batch.fresh_rows = self.batch.transitions();
        self.methods.add_transitions(&self.rows, &self.decoder, &mut self.batch);
    }

    fn with_view<T>(&mut self, hook: impl FnOnce(&mut Methods, &mut LearnerView<'_>) -> T) -> T {
        let mut view = LearnerView {
            algorithm: self.algorithm.as_mut(),
            fresh: &self.fresh,
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

/// The sum of squares, in sixteen sums side by side so that it vectorises.
fn squared_norm(numbers: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let chunks = numbers.chunks_exact(16);
    let rest: f32 = chunks.remainder().iter().map(|number| number * number).sum();
    for chunk in chunks {
        for (sum, number) in sums.iter_mut().zip(chunk) {
            *sum += number * number;
        }
    }
    sums.iter().sum::<f32>() + rest
}
