//! The memory that is needed, estimated before anything is begun or written.
//!
//! A process that asks for more memory than there is gets killed, or aborts, hours into a run. The sizes of everything large follow
//! from a configuration, so they are added up first and compared with the [limits](memory_limits) of the machine. The estimate is
//! that of full memories while a checkpoint is written: a run that is let through can still be short of memory where other programs
//! need it.

mod limits;
#[cfg(test)]
mod tests;

use std::fmt;

pub use limits::{LimitSource, MemoryLimit, memory_limits};

use super::RunConfig;
use super::config::ConfigError;
use crate::learner::{LearnerNeed, LearnerSpec};
use crate::mdp::Action;
use crate::rollout::ProbeSettings;
use crate::scenario::Scenario;
use crate::sensors::observation_spec;

/// Bytes of the program before it has done anything.
const PROGRAM_BYTES: u64 = 40 << 20;
/// Address space that is reserved and hardly used: code, libraries, and what an allocator takes to find room for another thread.
const RESERVED_BYTES: u64 = 192 << 20;
/// Address space that a thread reserves: its stack, and 64 MiB that the C library's allocator sets apart for it. Where that cannot
/// be had, allocations fail although hardly anything is in use.
const THREAD_BYTES: u64 = 66 << 20;
/// Threads of a core for which the C library's allocator sets something apart at most.
const MOST_THREADS_OF_CORE: u64 = 8;
/// Threads of a run: gardens, learner and evaluations with a pool each, and the one that waits for them.
const THREADS_OF_RUN: u64 = 8;
/// Threads of one of several runs at once, which learn and evaluate in turns.
const THREADS_OF_JOB: u64 = 4;
/// Threads of anything else.
const THREADS_OF_OTHERS: u64 = 6;
/// Bytes of a garden: plants, props, robot, and the world in which Rapier moves them.
const GARDEN_BYTES: u64 = 128 << 10;
/// Copies of an observation of each garden: seen, seen next, seen last, on the way to the learner, and decoded in a pass.
const OBSERVATION_COPIES: u64 = 24;
/// Copies of everything that is saved, while a checkpoint is written: as a state, and as the bytes of a file.
const CHECKPOINT_COPIES: u64 = 2;
/// Bytes of a tick in a recording that is not written yet.
const RECORDED_TICK_BYTES: u64 = 160;
/// Bytes of what is known of an episode.
const EPISODE_BYTES: u64 = 128;

/// Bytes that something needs, part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryNeed {
    parts: Vec<(&'static str, u64)>,
    threads: u64,
}

impl MemoryNeed {
    /// The need of a run, from its first decision to its last checkpoint.
    ///
    /// # Errors
    /// An unknown algorithm or method.
    pub fn of_run(config: &RunConfig) -> Result<Self, ConfigError> {
        let spec = LearnerSpec {
            observation: observation_spec(&config.scenario),
            actions: Action::ALL.len(),
            gardens: config.gardens,
            decisions_per_task: config.decisions_per_season,
            seed: config.seed,
        };
        let width = spec.observation.len() as u64;
        let learner = LearnerNeed::of(&config.algorithm, &config.method, &config.learner, &spec, config.decisions())?;
        let row = config.gardens as u64 + 48;
        let saved = learner.memories.saturating_add(learner.networks / 2);
        Ok(Self {
            parts: vec![
                ("memories of experience", learner.memories),
                ("networks", learner.networks),
                ("batches", learner.batches),
                ("gardens", gardens(config.gardens as u64, width)),
                ("gardens of evaluations", evaluation(config.probes(), width)),
                (
                    "actions of an episode",
                    row.saturating_mul(config.scenario.episode.decisions.into()),
                ),
                ("writing checkpoints", saved.saturating_mul(CHECKPOINT_COPIES)),
            ],
            threads: THREADS_OF_RUN,
        })
    }

    /// The need of an evaluation in every season.
    pub fn of_evaluation(scenario: &Scenario, probes: ProbeSettings) -> Self {
        let width = observation_spec(scenario).len() as u64;
        let episodes = (probes.episodes as u64).saturating_mul(EPISODE_BYTES);
        Self {
            parts: vec![("gardens", evaluation(probes, width)), ("results of episodes", episodes)],
            threads: THREADS_OF_OTHERS,
        }
    }

    /// The need of a recording of so many ticks in one garden.
    pub fn of_recording(scenario: &Scenario, ticks: u64) -> Self {
        let width = observation_spec(scenario).len() as u64;
        let text = ticks.saturating_mul(RECORDED_TICK_BYTES);
        Self {
            parts: vec![("gardens", gardens(1, width)), ("the recording", text)],
            threads: THREADS_OF_OTHERS,
        }
    }

    /// The need of so many of these at once, whichever they are: that of the largest ones.
    pub fn side_by_side(needs: impl IntoIterator<Item = Self>, jobs: usize) -> Self {
        let mut needs: Vec<Self> = needs.into_iter().collect();
        needs.sort_by_key(|need| std::cmp::Reverse(need.total_bytes()));
        needs.truncate(jobs);
        let mut sum = Self {
            parts: Vec::new(),
            threads: THREADS_OF_OTHERS + THREADS_OF_JOB * needs.len() as u64,
        };
        for (name, bytes) in needs.into_iter().flat_map(|need| need.parts) {
            match sum.parts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, total)) => *total = total.saturating_add(bytes),
                None => sum.parts.push((name, bytes)),
            }
        }
        sum
    }

    /// Bytes in all, the program itself included.
    pub fn total_bytes(&self) -> u64 {
        let parts = self.parts.iter().map(|&(_, bytes)| bytes);
        parts.fold(PROGRAM_BYTES, u64::saturating_add)
    }

    /// Address space that is reserved beyond what is used.
    fn reserved_bytes(&self) -> u64 {
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
        RESERVED_BYTES + THREAD_BYTES * self.threads.min(MOST_THREADS_OF_CORE * cores)
    }

    /// Compares it with the limits of this machine.
    ///
    /// # Errors
    /// One of them is below it.
    pub fn check(&self) -> Result<(), NotEnoughMemory> {
        self.check_against(&memory_limits())
    }

    /// Compares it with these limits.
    ///
    /// # Errors
    /// One of them is below it; of several, the lowest is told.
    pub fn check_against(&self, limits: &[MemoryLimit]) -> Result<(), NotEnoughMemory> {
        let usable = |limit: &MemoryLimit| match limit.source {
            LimitSource::AddressSpace => limit.bytes.saturating_sub(self.reserved_bytes()),
            LimitSource::Machine | LimitSource::ControlGroup => limit.bytes,
        };
        let needed_bytes = self.total_bytes();
        match limits.iter().min_by_key(|limit| usable(limit)) {
            Some(lowest) if usable(lowest) < needed_bytes => Err(NotEnoughMemory {
                needed_bytes: needed_bytes.saturating_add(lowest.bytes - usable(lowest)),
                limit: *lowest,
                parts: self.largest_parts(),
            }),
            _ => Ok(()),
        }
    }

    /// The largest parts, as text.
    fn largest_parts(&self) -> String {
        let mut parts = self.parts.clone();
        parts.sort_by_key(|&(_, bytes)| std::cmp::Reverse(bytes));
        let parts = parts.iter().take(3).filter(|(_, bytes)| *bytes >= 1 << 20);
        parts
            .map(|&(name, bytes)| format!("{name} {}", Size(bytes)))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Something needs more memory than there is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error(
    "this needs about {} of memory, and {} is {}; most of it is for {parts}",
    Size(*.needed_bytes),
    .limit.source,
    Size(.limit.bytes)
)]
#[diagnostic(help(
    "fewer gardens, a smaller eye, smaller networks or batches, or a smaller `learner.fresh_memory.capacity` and \
     `learner.reservoir.capacity` need less; so do fewer `--jobs` at once"
))]
pub struct NotEnoughMemory {
    /// Bytes that are needed.
    pub needed_bytes: u64,
    /// The limit that is too low.
    pub limit: MemoryLimit,
    /// Largest parts of the estimate, as text.
    pub parts: String,
}

/// A number of bytes, as people read it.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = self.0 as f64 / f64::from(1 << 20);
        if self.0 == u64::MAX {
            formatter.write_str("more than any machine has")
        } else if mebibytes < 1024.0 {
            write!(formatter, "{mebibytes:.0} MiB")
        } else {
            write!(formatter, "{:.1} GiB", mebibytes / 1024.0)
        }
    }
}

/// Bytes of so many gardens whose robots see `width` numbers.
fn gardens(gardens: u64, width: u64) -> u64 {
    gardens.saturating_mul(GARDEN_BYTES + OBSERVATION_COPIES * width)
}

/// Bytes of the gardens of an evaluation. There are twice as many: baselines are measured at the same time.
fn evaluation(probes: ProbeSettings, width: u64) -> u64 {
    gardens(2 * probes.gardens.min(probes.episodes) as u64, width)
}
