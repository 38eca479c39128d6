//! A show on a thread of its own, at the pace that is asked for.
//!
//! Whoever watches allows ticks: the thread plays until the number of allowed ticks is reached and then waits. So a clock is
//! nowhere needed here, and what is played does not depend on when. Views of the ticks that were played wait in a short queue; when
//! it plays as fast as it can, only the newest are kept.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::{GardenView, SimulationCommand, Status};
use crate::learner::pool_of_one;

/// Ticks after which the status is told anew while views come thick and fast.
const STATUS_EVERY_TICKS: u64 = 16;
/// Views that are kept at most for whoever watches.
const MOST_VIEWS: usize = 64;

/// Something that can be played tick by tick.
pub trait Simulation: Send {
    /// Plays one tick; false if there is nothing more to play for now.
    fn tick(&mut self) -> bool;
    /// Does what is asked. Whether what is shown is another garden now: a jump, not a next tick.
    fn order(&mut self, order: SimulationCommand) -> bool;
    /// The tick under way, as its views count.
    fn now(&self) -> u64;
    /// The garden after the last tick.
    fn view(&self) -> Option<GardenView>;
    /// What is told beside it.
    fn status(&self) -> Status;
}

/// A show on a thread of its own. Dropping it ends the show.
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
    orders: Vec<SimulationCommand>,
    /// Orders that were taken up and are not done yet.
    orders_under_way: usize,
    /// Play until so many ticks have been played in all; none: as fast as possible.
    allowed: Option<u64>,
    /// Play until the show has come to this tick, whatever is allowed.
    stops_at: Option<u64>,
    /// Ticks played in all.
    played: u64,
    views: VecDeque<PlayedView>,
    status: Option<Arc<Status>>,
    hashes: Option<Vec<(u64, u64)>>,
    /// Whether the newest view is asked for, although it was passed over.
    view_wanted: bool,
    closing: bool,
    ended: bool,
}

impl State {
    /// Whether a show that has come to this tick stops there.
    fn stops(&self, now: u64) -> bool {
        self.stops_at.is_some_and(|stop| now >= stop)
    }
}

/// A view, and when it was played.
#[derive(Clone, Debug)]
pub struct PlayedView {
    /// How many ticks had been played in all; orders that lead elsewhere do not set it back.
    pub played: u64,
    /// Whether it is another garden than the view before: a jump.
    pub jumped: bool,
    /// The view.
    pub view: Arc<GardenView>,
}

impl SimulationThread {
    /// Puts a show on; it waits at its beginning until ticks are [allowed](Self::allow).
    ///
    /// # Errors
    /// A thread cannot be had.
    pub fn open(show: Box<dyn Simulation>) -> std::io::Result<Self> {
        let mut show = show;
        let state = State {
            allowed: Some(0),
            views: show.view().into_iter().map(first_view).collect(),
            status: Some(Arc::new(show.status())),
            ..State::default()
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        let beside = shared.clone();
        let pool = pool_of_one().map_err(std::io::Error::other)?;
        let thread = std::thread::Builder::new()
            .name("stage".to_owned())
            .spawn(move || pool.install(move || play(&mut *show, &beside)))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Asks for something; it is done before the next tick.
    pub fn order(&self, order: SimulationCommand) {
        self.locked().orders.push(order);
        self.shared.changed.notify_all();
    }

    /// Returns `true` if all that was asked for is done: the views and the status that are taken from then on show it.
    /// Whoever asks a thread that is gone waits for nothing.
    pub fn orders_are_done(&self) -> bool {
        let state = self.locked();
        (state.orders.is_empty() && state.orders_under_way == 0) || self.is_broken()
    }

    /// Lets it play until so many ticks have been played in all, or as fast as it can.
    pub fn allow(&self, ticks: Option<u64>) {
        let mut state = self.locked();
        if state.allowed != ticks {
            // As fast as possible, views were passed over: whoever slows down goes on from the newest.
            state.view_wanted |= state.allowed.is_none();
            state.allowed = ticks;
            drop(state);
            self.shared.changed.notify_all();
        }
    }

    /// Keeps it from playing beyond this tick of the show, at any pace; none lets it go on.
    pub fn stop_at(&self, tick: Option<u64>) {
        let mut state = self.locked();
        if state.stops_at != tick {
            state.stops_at = tick;
            drop(state);
            self.shared.changed.notify_all();
        }
    }

    /// Ticks played in all.
    pub fn played(&self) -> u64 {
        self.locked().played
    }

    /// Whether the show has nothing more to play, or its thread is gone.
    pub fn ended(&self) -> bool {
        self.locked().ended
    }

    /// Whether the thread that plays is gone: it panicked.
    pub fn is_broken(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Takes the views that were played since the last call, oldest first.
    pub fn take_views(&self) -> Vec<PlayedView> {
        let views = self.locked().views.drain(..).collect();
        self.shared.changed.notify_all();
        views
    }

    /// What is told beside the garden, as it was lately.
    pub fn status(&self) -> Option<Arc<Status>> {
        self.locked().status.clone()
    }

    /// Keeps tick and state hash of every tick from now on, for proofs.
    pub fn keep_hashes(&self) {
        self.locked().hashes.get_or_insert_default();
    }

    /// The kept hashes: tick and state hash, in the order in which they were played.
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
            // If it panicked, that was told where it was noticed.
            let _ = thread.join();
        }
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    // What is behind the lock is whole between any two statements that could panic.
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn first_view(view: GardenView) -> PlayedView {
    PlayedView {
        played: 0,
        jumped: true,
        view: Arc::new(view),
    }
}

fn play(show: &mut dyn Simulation, shared: &Shared) {
    loop {
        let orders = {
            let mut state = lock(shared);
            loop {
                if state.closing {
                    return;
                }
                let may_play = !state.stops(show.now())
                    && match state.allowed {
                        Some(allowed) => state.played < allowed && state.views.len() < MOST_VIEWS,
                        None => true,
                    };
                if !state.orders.is_empty() || state.view_wanted || (may_play && !state.ended) {
                    break;
                }
                state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if std::mem::take(&mut state.view_wanted) {
                drop(state);
                show_newest(show, shared);
                continue;
            }
            let orders = std::mem::take(&mut state.orders);
            state.orders_under_way = orders.len();
            orders
        };
        if orders.is_empty() {
            play_tick(show, shared);
        } else {
            let mut jumped = false;
            for order in orders {
                jumped |= show.order(order);
            }
            let (view, status) = (show.view(), Arc::new(show.status()));
            let mut state = lock(shared);
            state.ended = false;
            state.orders_under_way = 0;
            state.status = Some(status);
            if jumped && let Some(view) = view {
                let played = state.played;
                state.views.push_back(PlayedView {
                    played,
                    jumped,
                    view: Arc::new(view),
                });
            }
        }
    }
}

/// Leaves the newest view, where it is not there already.
fn show_newest(show: &mut dyn Simulation, shared: &Shared) {
    let (view, status) = (show.view(), Arc::new(show.status()));
    let mut state = lock(shared);
    let played = state.played;
    state.status = Some(status);
    if let Some(view) = view
        && state.views.back().is_none_or(|newest| newest.played < played)
    {
        state.views.push_back(PlayedView {
            played,
            jumped: false,
            view: Arc::new(view),
        });
    }
}

fn play_tick(show: &mut dyn Simulation, shared: &Shared) {
    let more = show.tick();
    let free = {
        let state = lock(shared);
        // Views that nobody would take are not made: at full speed they would cost more than they show.
        state.allowed.is_none() && state.views.len() >= 2 && state.hashes.is_none() && !state.stops(show.now())
    };
    let view = if free { None } else { show.view() };
    let (played, waits_next) = {
        let state = lock(shared);
        let has_all = state.allowed.is_some_and(|allowed| state.played + 1 >= allowed);
        (state.played, has_all || state.stops(show.now()))
    };
    let status = (!more || waits_next || played.is_multiple_of(STATUS_EVERY_TICKS)).then(|| Arc::new(show.status()));
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
    if let Some(view) = view {
        let played = state.played;
        if let Some(hashes) = &mut state.hashes {
            hashes.push((view.tick, view.state_hash));
        }
        if state.allowed.is_none() {
            while state.views.len() > 1 {
                state.views.pop_front();
            }
        }
        state.views.push_back(PlayedView {
            played,
            jumped: false,
            view: Arc::new(view),
        });
    }
}
