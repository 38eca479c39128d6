//! The way from the gardens to the learner and back, at a fixed lag of one tick.
//!
//! [`LearnerLink::send`] hands over what a tick experienced, [`LearnerLink::receive`] takes back the policy that followed from the
//! one before. While the gardens play a tick, the learner learns from the last one, on a thread of its own. Without that thread the
//! learner works at once and its answer waits: the same lag, so the same bits.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use bevy::prelude::Resource;

use super::clock::WorkStopwatch;
use crate::learner::{LearnReport, Learner, LearnerError, PolicySnapshot};
use crate::mdp::Experience;

/// Result of learning from an experience.
#[derive(Debug)]
pub(super) struct Learned {
    /// The policy that followed.
    pub(super) policy: PolicySnapshot,
    /// Statistics of the updates, if any were due.
    pub(super) report: Option<LearnReport>,
    /// Seconds that learning took.
    pub(super) seconds: f64,
}

type Errand = Box<dyn FnOnce(&mut Learner) + Send>;

enum LearnerCommand {
    Learn(Box<Experience>),
    Run(Errand),
}

struct Answer {
    learned: Result<Learned, LearnerError>,
    /// The buffers of the order, to be used again.
    experience: Box<Experience>,
}

enum Lane {
    Beside {
        orders: SyncSender<LearnerCommand>,
        answers: Receiver<Answer>,
        thread: Option<JoinHandle<()>>,
    },
    Here {
        learner: Box<Learner>,
        answer: Option<Box<Answer>>,
    },
    /// The link is being dropped.
    Closed,
}

/// Way to the learner, on this thread or on one of its own.
#[derive(Resource)]
pub(super) struct LearnerLink {
    // Neither a receiver nor a learner can be shared between threads; only `&mut self` ever opens this.
    lane: Mutex<Lane>,
    under_way: bool,
    spare: Option<Box<Experience>>,
}

/// The learner's thread is gone: it panicked.
#[derive(Debug, thiserror::Error)]
#[error("the learner's thread ended unexpectedly")]
pub struct LearnerGone;

impl LearnerLink {
    /// A link to this learner; `on_own_thread` puts it on a thread of its own.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub(super) fn new(learner: Learner, on_own_thread: bool) -> Result<Self, LearnerError> {
        let lane = if on_own_thread {
            let (orders, order_queue) = sync_channel(4);
            let (answer_queue, answers) = sync_channel(4);
            let thread = start_thread("the learner", move || work(learner, &order_queue, &answer_queue))?;
            Lane::Beside {
                orders,
                answers,
                thread: Some(thread),
            }
        } else {
            Lane::Here {
                learner: Box::new(learner),
                answer: None,
            }
        };
        Ok(Self {
            lane: Mutex::new(lane),
            under_way: false,
            spare: None,
        })
    }

    /// Hands over what a tick experienced. What came of the last one must have been received.
    ///
    /// # Errors
    /// The learner's thread is gone.
    pub(super) fn send(&mut self, experience: &Experience) -> Result<(), LearnerGone> {
        let mut buffers = self.spare.take().unwrap_or_default();
        (*buffers).clone_from(experience);
        self.under_way = true;
        match self.lane.get_mut().map_err(|_| LearnerGone)? {
            Lane::Beside { orders, .. } => orders.send(LearnerCommand::Learn(buffers)).map_err(|_| LearnerGone),
            Lane::Here { learner, answer } => {
                *answer = Some(Box::new(learn(learner, buffers)));
                Ok(())
            }
            Lane::Closed => Err(LearnerGone),
        }
    }

    /// Returns the result for the experience that was handed over last; `None` if it was received before.
    ///
    /// # Errors
    /// The learner's thread is gone.
    pub(super) fn receive(&mut self) -> Result<Option<Result<Learned, LearnerError>>, LearnerGone> {
        if !std::mem::take(&mut self.under_way) {
            return Ok(None);
        }
        let answer = match self.lane.get_mut().map_err(|_| LearnerGone)? {
            Lane::Beside { answers, .. } => answers.recv().map_err(|_| LearnerGone)?,
            Lane::Here { answer, .. } => *answer.take().ok_or(LearnerGone)?,
            Lane::Closed => return Err(LearnerGone),
        };
        self.spare = Some(answer.experience);
        Ok(Some(answer.learned))
    }

    /// Asks the learner something, after everything that was handed over before.
    ///
    /// # Errors
    /// The learner's thread is gone.
    pub(super) fn ask<T: Send + 'static>(
        &mut self,
        question: impl FnOnce(&mut Learner) -> T + Send + 'static,
    ) -> Result<T, LearnerGone> {
        match self.lane.get_mut().map_err(|_| LearnerGone)? {
            Lane::Beside { orders, .. } => {
                let (reply, replies) = sync_channel(1);
                let errand: Errand = Box::new(move |learner| {
                    // Nobody waits any more only if the asker is gone.
                    let _ = reply.send(question(learner));
                });
                orders.send(LearnerCommand::Run(errand)).map_err(|_| LearnerGone)?;
                replies.recv().map_err(|_| LearnerGone)
            }
            Lane::Here { learner, .. } => Ok(question(learner)),
            Lane::Closed => Err(LearnerGone),
        }
    }
}

impl Drop for LearnerLink {
    fn drop(&mut self) {
        let Ok(lane) = self.lane.get_mut() else { return };
        // Closing the orders lets the thread end.
        if let Lane::Beside { orders, answers, thread } = std::mem::replace(lane, Lane::Closed) {
            drop((orders, answers));
            if let Some(thread) = thread {
                // If it panicked, that was told where it was noticed.
                let _ = thread.join();
            }
        }
    }
}

/// Starts a thread for `work`.
///
/// # Errors
/// The system has no thread to give.
pub(super) fn start_thread<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, LearnerError> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder
        .spawn(work)
        .map_err(|source| LearnerError::NoThread { work: name, source })
}

fn work(mut learner: Learner, orders: &Receiver<LearnerCommand>, answers: &SyncSender<Answer>) {
    while let Ok(order) = orders.recv() {
        match order {
            LearnerCommand::Run(errand) => errand(&mut learner),
            LearnerCommand::Learn(experience) => {
                if answers.send(learn(&mut learner, experience)).is_err() {
                    return;
                }
            }
        }
    }
}

fn learn(learner: &mut Learner, experience: Box<Experience>) -> Answer {
    let stopwatch = WorkStopwatch::start();
    learner.observe(&experience);
    let learned = learner.learn().map(|report| Learned {
        policy: learner.policy(),
        report,
        seconds: stopwatch.seconds(),
    });
    Answer { learned, experience }
}
