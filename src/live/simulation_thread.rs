//! Runs a simulation on a thread of its own, at the requested pace.
//!
//! The observer allows a number of ticks; the thread plays until it has reached that number and then waits. No clock is needed
//! here, and the states do not depend on when a tick is played. The views of played ticks wait in a short queue; at full speed
//! only the newest are kept.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::{GardenView, SimulationCommand, Status};

/// Ticks between two updates of the status while views arrive quickly.
const STATUS_EVERY_TICKS: u64 = 16;
/// Maximum number of views kept for the observer.
const MOST_VIEWS: usize = 64;

/// Something that can be played tick by tick.
pub trait Simulation: Send {
    /// Plays one tick. Returns `false` if there is nothing to play at present.
    fn tick(&mut self) -> bool;
    /// Carries out a command. Returns `true` if another garden is shown afterwards, so that the next view is a jump.
    fn command(&mut self, command: SimulationCommand) -> bool;
    /// Returns the current tick, in the numbering of the views.
    fn now(&self) -> u64;
    /// Returns the shown garden after the last tick.
    fn view(&self) -> Option<GardenView>;
    /// Returns the garden beside the shown one, if there is one.
    fn beside(&self) -> Option<GardenView> {
        None
    }
    /// Returns the status that is shown beside the garden.
    fn status(&self) -> Status;
}

/// A simulation on a thread of its own. Dropping it ends the simulation.
pub struct SimulationThread {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    commands: Vec<SimulationCommand>,
    /// Commands that were taken up and are not done yet.
    commands_under_way: usize,
    /// Play until so many ticks have been played in all; none: as fast as possible.
    allowed: Option<u64>,
    /// Tick of the simulation at which it stops, whatever is allowed.
    stops_at: Option<u64>,
    /// Total number of ticks played.
    played: u64,
    views: VecDeque<PlayedView>,
    status: Option<Arc<Status>>,
    hashes: Option<Vec<(u64, u64)>>,
    /// `true` if the newest view is wanted although it was skipped.
    view_wanted: bool,
    closing: bool,
    ended: bool,
}

impl State {
    /// Returns `true` if the simulation stops at the tick `now`.
    fn stops(&self, now: u64) -> bool {
        self.stops_at.is_some_and(|stop| now >= stop)
    }
}

/// A view, and when it was played.
#[derive(Clone, Debug)]
pub struct PlayedView {
    /// Total number of ticks played when the view was made. Commands that jump elsewhere do not reset it.
    pub played: u64,
    /// `true` if the view shows another garden than the previous one (a jump).
    pub jumped: bool,
    /// The view.
    pub view: Arc<GardenView>,
    /// View of the garden beside the shown one, if there is one.
    pub beside: Option<Arc<GardenView>>,
}

impl SimulationThread {
    /// Starts a simulation on a new thread. It waits at its beginning until ticks are [allowed](Self::allow).
    ///
    /// # Errors
    /// Returns an error if the thread cannot be started.
    pub fn open(simulation: Box<dyn Simulation>) -> std::io::Result<Self> {
        let mut simulation = simulation;
        let state = State {
            allowed: Some(0),
            views: views_of(&*simulation)
                .map(|views| PlayedView::new(0, true, views))
                .into_iter()
                .collect(),
            status: Some(Arc::new(simulation.status())),
            ..State::default()
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        let beside = shared.clone();
        let thread = std::thread::Builder::new()
            .name("stage".to_owned())
            .spawn(move || play(&mut *simulation, &beside))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Queues a command; it is carried out before the next tick.
    pub fn command(&self, command: SimulationCommand) {
        self.locked().commands.push(command);
        self.shared.changed.notify_all();
    }

    /// Returns `true` if all that was asked for is done: the views and the status that are taken from then on show it.
    /// Whoever asks a thread that is gone waits for nothing.
    pub fn commands_are_done(&self) -> bool {
        let state = self.locked();
        (state.commands.is_empty() && state.commands_under_way == 0) || self.is_broken()
    }

    /// Lets it play until so many ticks have been played in all, or as fast as it can.
    pub fn allow(&self, ticks: Option<u64>) {
        let mut state = self.locked();
        if state.allowed != ticks {
            // At full speed views are skipped: an observer that slows down continues from the newest.
            state.view_wanted |= state.allowed.is_none();
            state.allowed = ticks;
            drop(state);
            self.shared.changed.notify_all();
        }
    }

    /// Sets a tick of the simulation beyond which it does not play, at any pace; `None` removes the limit.
    pub fn stop_at(&self, tick: Option<u64>) {
        let mut state = self.locked();
        if state.stops_at != tick {
            state.stops_at = tick;
            drop(state);
            self.shared.changed.notify_all();
        }
    }

    /// Returns the total number of ticks played.
    pub fn played(&self) -> u64 {
        self.locked().played
    }

    /// Returns `true` if there is nothing left to play, or the thread has ended.
    pub fn ended(&self) -> bool {
        self.locked().ended
    }

    /// Returns `true` if the thread has ended, that is, panicked.
    pub fn is_broken(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Takes the views played since the last call, oldest first.
    pub fn take_views(&self) -> Vec<PlayedView> {
        let views = self.locked().views.drain(..).collect();
        self.shared.changed.notify_all();
        views
    }

    /// Returns the most recent status.
    pub fn status(&self) -> Option<Arc<Status>> {
        self.locked().status.clone()
    }

    /// Keeps the tick number and state hash of every tick from now on, so that runs can be compared.
    pub fn keep_hashes(&self) {
        self.locked().hashes.get_or_insert_default();
    }

    /// Returns the kept pairs of tick and state hash, in the order in which they were played.
    pub fn hashes(&self) -> Vec<(u64, u64)> {
        self.locked().hashes.clone().unwrap_or_default()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        lock(&self.shared)
    }
}

impl Drop for SimulationThread {
    fn drop(&mut self) {
        self.locked().closing = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic has already been reported where it was noticed.
            let _ = thread.join();
        }
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    // The state behind the lock is consistent between any two statements that could panic.
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Views of the shown garden, and of the one beside it.
type Views = (Arc<GardenView>, Option<Arc<GardenView>>);

fn views_of(simulation: &dyn Simulation) -> Option<Views> {
    Some((Arc::new(simulation.view()?), simulation.beside().map(Arc::new)))
}

impl PlayedView {
    fn new(played: u64, jumped: bool, (view, beside): Views) -> Self {
        Self {
            played,
            jumped,
            view,
            beside,
        }
    }
}

fn play(simulation: &mut dyn Simulation, shared: &Shared) {
    loop {
        let commands = {
            let mut state = lock(shared);
            loop {
                if state.closing {
                    return;
                }
                let may_play = !state.stops(simulation.now())
                    && match state.allowed {
                        Some(allowed) => state.played < allowed && state.views.len() < MOST_VIEWS,
                        None => true,
                    };
                if !state.commands.is_empty() || state.view_wanted || (may_play && !state.ended) {
                    break;
                }
                state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if std::mem::take(&mut state.view_wanted) {
                drop(state);
                show_newest(simulation, shared);
                continue;
            }
            let commands = std::mem::take(&mut state.commands);
            state.commands_under_way = commands.len();
            commands
        };
        if commands.is_empty() {
            play_tick(simulation, shared);
        } else {
            let mut jumped = false;
            for command in commands {
                jumped |= simulation.command(command);
            }
            let (views, status) = (views_of(simulation), Arc::new(simulation.status()));
            let mut state = lock(shared);
            state.ended = false;
            state.commands_under_way = 0;
            state.status = Some(status);
            if jumped && let Some(views) = views {
                let view = PlayedView::new(state.played, jumped, views);
                state.views.push_back(view);
            }
        }
    }
}

/// Queues the newest view, if it is not in the queue yet.
fn show_newest(simulation: &mut dyn Simulation, shared: &Shared) {
    let (views, status) = (views_of(simulation), Arc::new(simulation.status()));
    let mut state = lock(shared);
    let played = state.played;
    state.status = Some(status);
    if let Some(views) = views
        && state.views.back().is_none_or(|newest| newest.played < played)
    {
        state.views.push_back(PlayedView::new(played, false, views));
    }
}

fn play_tick(simulation: &mut dyn Simulation, shared: &Shared) {
    let more = simulation.tick();
    let free = {
        let state = lock(shared);
        // Views that nobody would take are skipped: at full speed making them would cost too much.
        state.allowed.is_none() && state.views.len() >= 2 && state.hashes.is_none() && !state.stops(simulation.now())
    };
    let views = if free { None } else { views_of(simulation) };
    let (played, waits_next) = {
        let state = lock(shared);
        let has_all = state.allowed.is_some_and(|allowed| state.played + 1 >= allowed);
        (state.played, has_all || state.stops(simulation.now()))
    };
    let status = (!more || waits_next || played.is_multiple_of(STATUS_EVERY_TICKS)).then(|| Arc::new(simulation.status()));
    let mut state = lock(shared);
    if !more {
        state.ended = true;
        state.status = status.or(state.status.take());
        return;
    }
    state.played += 1;
    if status.is_some() {
        state.status = status;
    }
    if let Some(views) = views {
        let played = state.played;
        if let Some(hashes) = &mut state.hashes {
            hashes.push((views.0.tick, views.0.state_hash));
        }
        if state.allowed.is_none() {
            while state.views.len() > 1 {
                state.views.pop_front();
            }
        }
        state.views.push_back(PlayedView::new(played, false, views));
    }
}
