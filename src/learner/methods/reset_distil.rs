//! Reset and distil: new networks learn each task, and a student network keeps the knowledge of all of them.
//!
//! Ahn, Hyeon, Oh, Hwang and Moon 2024, "Prevalence of negative transfer in continual reinforcement learning: analyses and a
//! simple baseline", algorithm 1: learning a task from the weights of another is often worse than from new ones, so the acting
//! networks are reset for each task. At its end, they are distilled into one student, which also keeps its previous outputs:
//! `L(phi) = mean over views of this task of d(student, teacher) + mean over kept views of past tasks of d(student, kept outputs)`,
//! with `d` the squared difference of values, or `KL(teacher || student)` where outputs are logits. The student is evaluated; it
//! never acts in training. It lags behind: it learns the current task only at the task's end.
//!
//! Deviations. The paper's learners are actor-critics and `d` is always the divergence. Both means have equal weight. The total
//! number of kept views is bounded, with equal parts for all tasks, so that a long run does not grow without bound.
//! `restart_exploration` lets new networks explore as the first ones did; for the paper's learners the entropy of new policies
//! does that. A season that returns is a further task: its teacher and that of the year before are both kept.
//!
//! Cost: `distillation_updates` passes forward and backward of the student and forward of the teacher for each task; the student
//! with its optimiser; the views with outputs.
//!
//! Always holds: with `distillation_updates = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::losses::{divergence, squared_difference};
use crate::learner::memory::{Batch, below, count_task};
use crate::learner::methods::{Axis, Curriculum, Keeps, Kept, LearnerView, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::settings::{Footprint, History, LearnerSettings};
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role, TrainedNetwork};
use crate::mdp::ObservationDecoder;
use crate::random::{Stream, stream};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "reset_distil",
    summary: "trains new networks for each task and distils them into one student",
    family: MethodFamily::Architecture,
    paper: "Ahn et al. 2024, Prevalence of negative transfer in continual reinforcement learning: analyses and a simple baseline",
    equation: "L(phi) = mean d(student, teacher) on this task + mean d(student, kept outputs) on past ones; theta reinitialised",
    cost: "distillation at each task's end; a student with its optimiser, and views of past tasks with outputs",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[],
    tuning: Some(Tuning(&[
        Axis {
            path: "learner.reset_distil.distillation_updates",
            first: "4000",
            values: &["0", "1000", "4000", "16000", "32000"],
        },
        Axis {
            path: "learner.reset_distil.restart_exploration",
            first: "true",
            values: &["true", "false"],
        },
    ])),
    remove_strength: |settings| settings.reset_distil.distillation_updates = 0,
    act_soon: |settings| settings.reset_distil.distillation_updates = 5,
    memory: |settings, scale| {
        let views = settings.history.transitions(
            settings.reset_distil.views,
            Footprint {
                fixed_bytes: 0,
                group_bytes: scale.observation + 4 * scale.actions,
                group_transitions: 1,
            },
        );
        (views as u64)
            .saturating_mul(scale.observation + 4 * scale.actions)
            .saturating_add(scale.another_network())
    },
    keeps: Keeps::Other(|settings, scale| Kept {
        past_bytes: match settings.history {
            History::Bytes(bytes) => bytes,
            _ => u64::MAX,
        },
        weights_bytes: scale.weights(3),
        ..Kept::default()
    }),
    heads: false,
    build: |settings, spec| Box::new(ResetDistil::new(settings, spec)),
};

/// Settings of reset and distil (Ahn et al. 2024).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ResetDistilSettings {
    /// Updates of the student at the end of each task; with 0 there is no student and no reset, which equals `finetune`.
    #[garde(range(min = 0, max = 10_000_000))]
    pub distillation_updates: u64,
    /// Views in the batch of one such update; half of them are of past tasks, once there are any.
    #[garde(range(min = 1, max = 65_536))]
    pub batch_size: usize,
    /// Maximum number of views of past tasks, which are kept with their teachers' outputs; all tasks have equal parts.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub views: usize,
    /// Explore at the start of each task as in the first one, since the networks are new again.
    #[garde(skip)]
    pub restart_exploration: bool,
}

impl Default for ResetDistilSettings {
    fn default() -> Self {
        Self {
            distillation_updates: 4_000,
            batch_size: 256,
            views: 20_000,
            restart_exploration: true,
        }
    }
}

/// Views of one past task, in random order, with their teacher's outputs.
#[derive(Clone, Debug, Default, PartialEq)]
struct Lesson {
    /// Number of the task.
    task: u16,
    observations: Vec<u8>,
    outputs: Vec<f32>,
}

struct ResetDistil {
    settings: ResetDistilSettings,
    student: TrainedNetwork,
    /// One lesson per past task.
    lessons: Vec<Lesson>,
    rng: Stream,
    width: usize,
    actions: usize,
}

impl ResetDistil {
    fn new(settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        let shape = settings.network_shape(spec);
        let mut rng = stream(spec.seed, "learner.reset_distil", 0);
        let parameters = shape.initial_parameters(&mut rng);
        // A view with its outputs; the task numbers are few and not counted.
        let view = Footprint {
            fixed_bytes: 0,
            group_bytes: (shape.inputs + 4 * shape.outputs + size_of::<u16>()) as u64,
            group_transitions: 1,
        };
        let own = &settings.reset_distil;
        Self {
            settings: ResetDistilSettings {
                views: settings.history.transitions(own.views, view),
                ..own.clone()
            },
            student: TrainedNetwork::new(
                "student",
                Role::Policy,
                Outputs::ActionValues,
                &shape,
                parameters,
                &settings.adam,
            ),
            lessons: Vec::new(),
            rng,
            width: shape.inputs,
            actions: shape.outputs,
        }
    }

    /// Trains the student on the acting network's outputs for this task, and on the kept outputs of past tasks.
    fn distil(&mut self, learner: &mut LearnerView<'_>) {
        let meaning = learner.algorithm.networks()[0].outputs_mean();
        let past_rows = if self.lessons.is_empty() || self.settings.views == 0 {
            0
        } else {
            self.settings.batch_size / 2
        };
        let new_rows = self.settings.batch_size - past_rows;
        let mut views = Batch::new(self.width);
        let (mut targets, mut gradient) = (Vec::new(), Vec::new());
        for _ in 0..self.settings.distillation_updates {
            views.clear();
            learner
                .recent
                .sample_views(new_rows, &mut self.rng, learner.decoder, &mut views);
            targets.clear();
            targets.extend_from_slice(learner.algorithm.networks_mut()[0].forward(&views.observations));
            self.revise(past_rows, learner.decoder, &mut views.observations, &mut targets);

            let outputs = self.student.forward(&views.observations);
            gradient.clear();
            gradient.resize(outputs.len(), 0.0);
            let rows = outputs.chunks_exact(self.actions).zip(targets.chunks_exact(self.actions));
            for (row, ((output, target), gradient)) in rows.zip(gradient.chunks_exact_mut(self.actions)).enumerate() {
                let part = if row < new_rows { new_rows } else { past_rows };
                match meaning {
                    Outputs::ActionValues => {
                        squared_difference(output, target, 1.0 / (part * self.actions) as f32, gradient);
                    }
                    Outputs::Logits => {
                        divergence(output, target, 1.0 / part as f32, gradient);
                    }
                }
            }
            self.student.backward(&gradient);
            self.student.step();
        }
    }

    /// Adds `rows` views of past tasks, drawn uniformly, with their kept outputs.
    fn revise(&mut self, rows: usize, decoder: &ObservationDecoder, views: &mut Inputs, targets: &mut Vec<f32>) {
        for _ in 0..rows {
            let lesson = &self.lessons[below(&mut self.rng, self.lessons.len())];
            let view = below(&mut self.rng, lesson.outputs.len() / self.actions);
            views.push(decoder, &lesson.observations[view * self.width..(view + 1) * self.width]);
            targets.extend_from_slice(&lesson.outputs[view * self.actions..(view + 1) * self.actions]);
        }
    }

    /// Keeps views of this task with its teacher's outputs, and drops views of each earlier task.
    fn keep_lesson(&mut self, learner: &mut LearnerView<'_>) {
        let least = usize::from(self.settings.views > 0);
        let part = (self.settings.views / (self.lessons.len() + 1)).max(least);
        for lesson in &mut self.lessons {
            // Views are in random order, so the remaining ones are an unbiased sample.
            lesson.observations.truncate(part * self.width);
            lesson.observations.shrink_to_fit();
            lesson.outputs.truncate(part * self.actions);
            lesson.outputs.shrink_to_fit();
        }
        let mut lesson = Lesson {
            task: learner.task,
            ..Lesson::default()
        };
        let mut inputs = Inputs::new(self.width);
        for _ in 0..part {
            let view = learner.recent.draw_view(&mut self.rng).unwrap_or_default();
            lesson.observations.extend_from_slice(view);
        }
        for views in lesson.observations.chunks(ROWS_OF_A_PASS * self.width) {
            inputs.clear();
            views
                .chunks_exact(self.width)
                .for_each(|view| inputs.push(learner.decoder, view));
            let outputs = learner.algorithm.networks_mut()[0].forward(&inputs);
            lesson.outputs.extend_from_slice(outputs);
        }
        self.lessons.push(lesson);
        // With more tasks than views, the oldest lessons are dropped.
        let surplus = self.lessons.len().saturating_sub(self.settings.views.max(1));
        self.lessons.drain(..surplus);
    }
}

/// Rows per pass when outputs are kept.
const ROWS_OF_A_PASS: usize = 256;

impl Method for ResetDistil {
    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        if self.settings.distillation_updates == 0 || learner.recent.transitions() == 0 {
            return;
        }
        self.distil(learner);
        self.keep_lesson(learner);
        learner.algorithm.reinitialise();
    }

    fn restarts_exploration(&self, _task: u16) -> bool {
        self.settings.distillation_updates > 0 && self.settings.restart_exploration
    }

    fn evaluated_policy(&self, _task: Option<u16>, parameters: &mut [f32]) {
        // Before the first lesson the student is untrained.
        if !self.lessons.is_empty() {
            parameters.copy_from_slice(self.student.parameters());
        }
    }

    fn multiply_adds(&self) -> u64 {
        self.student.multiply_adds()
    }

    fn memory_bytes(&self) -> u64 {
        let of_a_lesson = |lesson: &Lesson| size_of_val(&lesson.task) + lesson.observations.len() + size_of_val(&*lesson.outputs);
        self.lessons.iter().map(|lesson| of_a_lesson(lesson) as u64).sum()
    }

    fn state_bytes(&self) -> u64 {
        let optimiser = &self.student.optimiser;
        let student =
            size_of_val(self.student.parameters()) + size_of_val(&*optimiser.mean) + size_of_val(&*optimiser.mean_square);
        if self.settings.distillation_updates == 0 {
            0
        } else {
            student as u64
        }
    }

    fn count_tasks(&self, counts: &mut Vec<usize>) {
        for lesson in &self.lessons {
            count_task(counts, lesson.task, lesson.outputs.len() / self.actions);
        }
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.student.save(state, prefix)?;
        state.set(format!("{prefix}.rng"), &self.rng)?;
        let tasks: Vec<u16> = self.lessons.iter().map(|lesson| lesson.task).collect();
        state.put(format!("{prefix}.tasks"), &tasks);
        for (index, lesson) in self.lessons.iter().enumerate() {
            state.put(format!("{prefix}.{index}.observations"), &lesson.observations);
            state.put(format!("{prefix}.{index}.outputs"), &lesson.outputs);
        }
        Ok(())
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.student.load(state, prefix)?;
        self.rng = state.get(&format!("{prefix}.rng"))?;
        let tasks: Vec<u16> = state.array(&format!("{prefix}.tasks"))?;
        self.lessons = tasks
            .into_iter()
            .enumerate()
            .map(|(index, task)| self.load_lesson(state, prefix, index, task))
            .collect::<Result<_, _>>()?;
        Ok(())
    }
}

impl ResetDistil {
    fn load_lesson(&self, state: &StateDict, prefix: &str, index: usize, task: u16) -> Result<Lesson, StateError> {
        let observations: Vec<u8> = state.array(&format!("{prefix}.{index}.observations"))?;
        let views = observations.len() / self.width;
        let outputs = state.array_of_len(&format!("{prefix}.{index}.outputs"), views * self.actions)?;
        Ok(Lesson {
            task,
            observations,
            outputs,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::algorithms::Algorithm;
    use crate::learner::testing::{Bench, Walk};

    fn begun() -> (Bench, ResetDistil) {
        let mut settings = LearnerSettings {
            hidden: vec![32],
            ..Default::default()
        };
        settings.adam.learning_rate = 3e-3;
        settings.reset_distil = ResetDistilSettings {
            distillation_updates: 1_500,
            batch_size: 32,
            views: 90,
            restart_exploration: true,
        };
        (Bench::new(&settings), ResetDistil::new(&settings, &Bench::spec()))
    }

    /// Returns the mean squared difference between the student and these outputs, on these views.
    fn difference(method: &mut ResetDistil, views: &Inputs, outputs: &[f32]) -> f32 {
        let said = method.student.forward(views);
        let squares = said.iter().zip(outputs).map(|(said, output)| (said - output).powi(2));
        squares.sum::<f32>() / outputs.len() as f32
    }

    /// Two tasks whose observations differ in their first number, each with its own teacher.
    #[test]
    fn the_student_agrees_with_all_its_teachers() {
        let (mut bench, mut method) = begun();
        let mut taught: Vec<(Inputs, Vec<f32>)> = Vec::new();
        for task in 0..3u8 {
            bench.task = task.into();
            bench.recent.clear();
            let mut walk = Walk::new(task.into(), 2);
            for _ in 0..150 {
                let mut experience = walk.step().clone();
                for rows in [
                    &mut experience.observations,
                    &mut experience.step.observations,
                    &mut experience.step.final_observations,
                ] {
                    rows.chunks_exact_mut(3)
                        .for_each(|row| (row[0], row[2]) = (100 * task, row[2].wrapping_mul(8)));
                }
                bench.recent.observe(&experience, 0);
            }
            let mut views = Batch::new(3);
            let decoder = crate::learner::testing::decoder(3);
            bench.recent.sample_views(50, &mut stream(5, "test", 0), &decoder, &mut views);
            let teacher: Vec<f32> = bench.dqn.networks()[0]
                .parameters()
                .iter()
                .map(|weight| 1.5 * weight)
                .collect();
            bench.dqn.set_policy(&teacher);
            let outputs = bench.dqn.networks_mut()[0].forward(&views.observations).to_vec();
            bench.with_view(|view| method.task_ended(view));
            assert_ne!(bench.dqn.networks()[0].parameters(), teacher, "the teacher begins anew");
            assert_eq!(bench.dqn.networks()[0].parameters(), bench.dqn.target_parameters());
            taught.push((views.observations, outputs));
        }
        for (task, (views, outputs)) in taught.iter().enumerate() {
            let spread = outputs.iter().map(|output| output * output).sum::<f32>() / outputs.len() as f32;
            let off = difference(&mut method, views, outputs);
            assert!(off < 0.03 * spread, "task {task}: {off} of {spread}");
        }
        let mut evaluated = bench.dqn.networks()[0].parameters().to_vec();
        method.evaluated_policy(None, &mut evaluated);
        assert_eq!(evaluated, method.student.parameters());
    }

    #[test]
    fn kept_views_are_bounded_shared_and_counted() {
        let (mut bench, mut method) = begun();
        method.settings.distillation_updates = 1;
        for task in 0..4 {
            bench.task = task;
            bench.with_view(|view| method.task_ended(view));
            let mut counts = Vec::new();
            method.count_tasks(&mut counts);
            assert_eq!(counts, vec![90 / (usize::from(task) + 1); usize::from(task) + 1]);
        }
        assert_eq!(method.memory_bytes(), 88 * (3 + 5 * 4) + 4 * 2);
        assert_eq!(method.state_bytes(), 3 * 4 * method.student.parameters().len() as u64);
    }
}
