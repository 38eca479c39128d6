//! Methods one after the other: how a composition such as `replay+ewc` is read and run.
//!
//! Always holds: a composition is a set. Its methods run in the order of [`all_methods`], in whichever order they were written, so that it has
//! one name and one result.

use crate::learner::algorithms::OutputLoss;
use crate::learner::contexts::Contexts;
use crate::learner::error::{LearnerError, StateError};
use crate::learner::heads::Heads;
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer};
use crate::learner::methods::{Boundaries, Curriculum, LearnerView, Method, MethodSpec, Needs, all_methods, find_method};
use crate::learner::settings::LearnerSettings;
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::mdp::{Experience, ObservationDecoder};
use crate::suggestion::hint;

/// Parts of a composition and its combined requirements.
pub struct MethodPlan {
    /// Methods, in order.
    pub methods: Vec<&'static MethodSpec>,
    /// Order in which it meets the tasks; never [`Curriculum::Any`].
    pub curriculum: Curriculum,
    /// Information that it needs: everything that any of its methods needs.
    pub needs: Needs,
}

impl MethodPlan {
    /// Canonical name: the methods in the order of [`all_methods`] with `+` between them, without spaces.
    pub fn name(&self) -> String {
        let names: Vec<&str> = self.methods.iter().map(|spec| spec.name).collect();
        names.join("+")
    }
}

/// Returns the canonical form of a method's name or of a composition: `ewc + replay` becomes `replay+ewc`.
///
/// A name that cannot be read, such as one of another version, loses its spaces only.
pub fn canonical_method(composition: &str) -> String {
    plan(composition).map_or_else(
        |_| composition.split('+').map(str::trim).collect::<Vec<_>>().join("+"),
        |plan| plan.name(),
    )
}

/// Reads a method's name, or several with `+` between them, in any order. `finetune` adds nothing to other methods and is left out
/// beside them.
///
/// # Errors
/// Returns an error for an unknown name (with the most similar known one), for a method that is named twice, and for methods that
/// need the tasks in different orders.
pub fn plan(composition: &str) -> Result<MethodPlan, LearnerError> {
    let refuse = |reason| LearnerError::Composition {
        composition: composition.to_owned(),
        reason,
    };
    let mut methods: Vec<&'static MethodSpec> = Vec::new();
    let mut needs = Needs::NOTHING;
    for name in composition.split('+').map(str::trim) {
        let spec = find_method(name).ok_or_else(|| LearnerError::UnknownMethod {
            name: name.to_owned(),
            hint: hint(name, "methods", all_methods().into_iter().map(|spec| spec.name)),
        })?;
        if methods.iter().any(|known| known.name == spec.name) {
            return Err(refuse("a method is named twice"));
        }
        needs.boundaries = needs.boundaries.max(spec.needs.boundaries);
        needs.task_at_test_time |= spec.needs.task_at_test_time;
        methods.push(spec);
    }
    let named = |name| methods.iter().any(|spec| spec.name == name);
    if named("packnet") && named("reset_distil") {
        return Err(refuse(
            "one keeps weights for ever, the other begins with new ones in each task",
        ));
    }
    let wants = |curriculum| methods.iter().any(|spec| spec.curriculum == curriculum);
    let curriculum = match (wants(Curriculum::AllTasksAtOnce), wants(Curriculum::Sequential)) {
        (true, true) => return Err(refuse("one method wants the tasks one after the other, another all at once")),
        (true, false) => Curriculum::AllTasksAtOnce,
        // Without a wish, as the environment brings them.
        (false, _) => Curriculum::Sequential,
    };
    if methods.len() > 1 {
        methods.retain(|spec| spec.name != "finetune");
    }
    let order = all_methods();
    methods.sort_by_key(|spec| order.iter().position(|known| known.name == spec.name));
    Ok(MethodPlan {
        methods,
        curriculum,
        needs,
    })
}

/// Reads a composition as [`plan`] does, with what it needs under these settings: whoever has an output layer for each season is told the season.
///
/// # Errors
/// As [`plan`], and if the settings ask for output layers that a method cannot be run with.
pub fn plan_with(composition: &str, settings: &LearnerSettings) -> Result<MethodPlan, LearnerError> {
    let mut plan = plan(composition)?;
    if settings.heads == Heads::PerSeason {
        if let Some(method) = plan.methods.iter().find(|spec| !spec.heads) {
            let possible: Vec<&str> = all_methods().iter().filter(|spec| spec.heads).map(|spec| spec.name).collect();
            return Err(LearnerError::Heads {
                method: method.name,
                possible: possible.join(", "),
            });
        }
        plan.needs = Needs {
            boundaries: Boundaries::Required,
            task_at_test_time: true,
        };
    }
    Ok(plan)
}

/// Methods that run one after the other in each hook.
pub struct MethodStack {
    parts: Vec<(&'static str, Box<dyn Method>)>,
}

impl MethodStack {
    /// Creates the methods of a plan.
    pub fn new(plan: &MethodPlan, settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        Self {
            parts: plan
                .methods
                .iter()
                .map(|method| (method.name, (method.build)(settings, spec)))
                .collect(),
        }
    }

    fn each(&self) -> impl Iterator<Item = &dyn Method> {
        self.parts.iter().map(|(_, method)| method.as_ref())
    }

    fn each_mut(&mut self) -> impl Iterator<Item = &mut Box<dyn Method>> {
        self.parts.iter_mut().map(|(_, method)| method)
    }

    /// `true` if all methods allow updates.
    pub fn learn(&self, task: u16) -> bool {
        self.each().all(|method| method.learns(task))
    }

    /// `true` if any method requires the replay buffer to keep everything.
    pub fn keep_everything(&self) -> bool {
        self.each().any(Method::keeps_everything)
    }

    /// See [`Method::task_identified`].
    pub fn task_identified(&mut self, identity: u16) {
        self.each_mut().for_each(|method| method.task_identified(identity));
    }

    /// Maximum number of transitions in the replay buffer: the minimum over all methods.
    pub fn recent_capacity(&self, capacity: usize) -> usize {
        self.each()
            .map(|method| method.recent_capacity(capacity))
            .fold(capacity, usize::min)
    }

    /// `true` if any method hides declared boundaries.
    pub fn ignore_boundaries(&self) -> bool {
        self.each().any(Method::ignores_boundaries)
    }

    /// `true` if any method restarts exploration after this task.
    pub fn restart_exploration(&self, task: u16) -> bool {
        self.each().any(|method| method.restarts_exploration(task))
    }

    /// `true` if any method resets the optimisers' state after a declared task.
    pub fn reset_optimiser(&self) -> bool {
        self.each().any(Method::resets_optimiser)
    }

    /// See [`Method::task_started`].
    pub fn task_started(&mut self, learner: &mut LearnerView<'_>) {
        self.each_mut().for_each(|method| method.task_started(learner));
    }

    /// See [`Method::task_ended`].
    pub fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        self.each_mut().for_each(|method| method.task_ended(learner));
    }

    /// See [`Method::observe`].
    pub fn observe(&mut self, experience: &Experience, learner: &mut LearnerView<'_>) {
        self.each_mut().for_each(|method| method.observe(experience, learner));
    }

    /// Computes the number of rows that each method provides for a batch; their sum is at most the batch size.
    pub fn rows(&self, batch_size: usize, recent: &ReplayBuffer, rows: &mut Vec<usize>) {
        rows.clear();
        let mut left = batch_size;
        for method in self.each() {
            let given = method.wanted_rows(batch_size, recent).min(left);
            left -= given;
            rows.push(given);
        }
    }

    /// See [`Method::add_transitions`]; `rows` are those of [`rows`](Self::rows).
    pub fn add_transitions(&mut self, rows: &[usize], decoder: &ObservationDecoder, batch: &mut Batch) {
        self.each_mut()
            .zip(rows)
            .for_each(|(method, &rows)| method.add_transitions(rows, decoder, batch));
    }

    /// See [`Method::add_views`].
    pub fn add_views(&mut self, learner: &mut LearnerView<'_>, batch: &mut Batch) {
        self.each_mut().for_each(|method| method.add_views(learner, batch));
    }

    /// See [`Method::adjust_gradients`].
    pub fn adjust_gradients(&mut self, batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        self.each_mut()
            .for_each(|method| method.adjust_gradients(batch, learner, losses));
    }

    /// See [`Method::adjust_weights`]; afterwards all methods are notified of resets, and then make their final changes.
    pub fn adjust_weights(&mut self, batch: &Batch, learner: &mut LearnerView<'_>) {
        self.each_mut().for_each(|method| method.adjust_weights(batch, learner));
        let mut resets = Vec::new();
        self.each_mut().for_each(|method| method.take_resets(&mut resets));
        for reset in &resets {
            self.each_mut().for_each(|method| method.weights_reset(reset));
        }
        self.each_mut().for_each(|method| method.settle_weights(learner));
    }

    /// See [`Method::evaluated_policy`].
    pub fn evaluated_policy(&self, task: Option<u16>, parameters: &mut [f32]) {
        self.each().for_each(|method| method.evaluated_policy(task, parameters));
    }

    /// See [`Method::importance`]: that of the first method that has one.
    pub fn importance(&self, network: usize) -> Option<&[f32]> {
        self.each().find_map(|method| method.importance(network))
    }

    /// See [`Method::contexts`]: those of the last method that has any.
    pub fn contexts(&self, current: &[f32]) -> Contexts {
        let contexts = self.each().map(|method| method.contexts(current));
        contexts.filter(|contexts| !contexts.0.is_empty()).last().unwrap_or_default()
    }

    /// Multiply-adds of all passes through the methods' own networks.
    pub fn multiply_adds(&self) -> u64 {
        self.each().map(Method::multiply_adds).sum()
    }

    /// Size of the past data of all methods, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.each().map(Method::memory_bytes).sum()
    }

    /// Size of the other state of all methods, in bytes.
    pub fn state_bytes(&self) -> u64 {
        self.each().map(Method::state_bytes).sum()
    }

    /// See [`Method::count_tasks`].
    pub fn count_tasks(&self, counts: &mut Vec<usize>) {
        self.each().for_each(|method| method.count_tasks(counts));
    }

    /// Saves each method under `prefix` and its name.
    pub fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.parts
            .iter()
            .try_for_each(|(name, method)| method.save(state, &format!("{prefix}.{name}")))
    }

    /// Loads each method from under `prefix` and its name.
    pub fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.parts
            .iter_mut()
            .try_for_each(|(name, method)| method.load(state, &format!("{prefix}.{name}")))
    }
}

impl OutputLoss for MethodStack {
    fn output_loss(
        &mut self,
        role: Role,
        meaning: Outputs,
        batch: &Batch,
        outputs: &[f32],
        gradient: &mut [f32],
        losses: &mut Losses,
    ) {
        self.each_mut()
            .for_each(|method| method.output_loss(role, meaning, batch, outputs, gradient, losses));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::METHODS;
    use crate::learner::methods::Boundaries;

    #[test]
    fn a_mistyped_method_is_answered_with_the_nearest_one() {
        let message = |name| plan(name).err().unwrap().to_string();
        assert!(message("repaly").contains("`replay`"));
        assert!(message("replay+finetun").contains("`finetune`"));
        for foreign in ["nope", "", "x"] {
            let message = message(foreign);
            assert!(
                message.contains("the methods are finetune, ") && !message.contains("did you mean"),
                "{message}"
            );
        }
    }

    #[test]
    fn what_cannot_be_composed_is_refused() {
        assert!(matches!(plan("replay+replay"), Err(LearnerError::Composition { .. })));
        assert!(matches!(plan("joint+replay"), Err(LearnerError::Composition { .. })));
        assert!(plan("packnet+reset_distil").err().unwrap().to_string().contains("for ever"));
    }

    /// A bound is allowed the same regulariser as the methods below it: else a comparison with it is not fair.
    #[test]
    fn what_needs_no_order_of_tasks_goes_with_the_bound_that_has_none() {
        let orderless = METHODS.iter().filter(|spec| spec.curriculum == Curriculum::Any);
        for spec in orderless {
            assert_ne!(spec.needs.boundaries, Boundaries::Required, "{}", spec.name);
            assert_eq!(plan(spec.name).unwrap().curriculum, Curriculum::Sequential, "{}", spec.name);
            let composition = format!("{}+joint", spec.name);
            assert_eq!(
                plan(&composition).unwrap().curriculum,
                Curriculum::AllTasksAtOnce,
                "{composition}"
            );
        }
        for name in [
            "l2_init",
            "redo",
            "continual_backprop",
            "shrink_perturb",
            "self_supervised",
            "finetune",
        ] {
            assert!(plan(&format!("joint+{name}")).is_ok(), "{name}");
        }
        let refusal = plan("joint+l2_init+ewc").err().unwrap().to_string();
        assert!(refusal.contains("all at once"), "{refusal}");
    }

    #[test]
    fn a_composition_needs_what_its_parts_need() {
        let plan = plan("finetune+replay").unwrap();
        assert_eq!(
            (plan.curriculum, plan.needs),
            (Curriculum::Sequential, Needs::HELPED_BY_BOUNDARIES)
        );
    }

    #[test]
    fn a_composition_has_one_name_however_it_is_written() {
        for text in ["replay+ewc", "ewc+replay", " replay + ewc ", "ewc+finetune+replay"] {
            let read = plan(text).unwrap();
            let names: Vec<&str> = read.methods.iter().map(|spec| spec.name).collect();
            assert_eq!(names, ["replay", "ewc"], "{text}");
            assert_eq!(
                (read.name().as_str(), canonical_method(text).as_str()),
                ("replay+ewc", "replay+ewc"),
                "{text}"
            );
        }
        assert_eq!(canonical_method(" finetune"), "finetune");
        assert_eq!(canonical_method("replay + of_another_version"), "replay+of_another_version");
    }

    #[test]
    fn names_are_unique() {
        for (index, spec) in METHODS.iter().enumerate() {
            assert!(METHODS[..index].iter().all(|other| other.name != spec.name), "{}", spec.name);
            assert!(!spec.name.contains('+') && !spec.name.is_empty());
        }
    }
}
