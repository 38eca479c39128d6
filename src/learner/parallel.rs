//! Restricts a learner to one thread.
//!
//! dfdx's matrix products use all threads of the current rayon pool. For networks as small as a robot's policy this is
//! counterproductive: two threads take nearly twice as long as one. A learner therefore works in a pool of one thread, and the
//! other cores are free for gardens or for other learners.

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::learner::error::LearnerError;

/// Creates a pool of one thread.
pub(crate) fn pool_of_one() -> Result<ThreadPool, LearnerError> {
    Ok(ThreadPoolBuilder::new()
        .num_threads(1)
        .thread_name(|_| "learner".to_owned())
        .build()?)
}

/// Returns `true` if matrix products that are computed here stay on one thread.
pub(crate) fn is_single_threaded() -> bool {
    // Outside of any pool, the number of threads is not asked for: that would start a pool of all cores, or panic if it cannot.
    rayon::current_thread_index().is_some() && rayon::current_num_threads() == 1
}

/// Runs `work` on a thread on which matrix products are not split, and returns its result.
///
/// If this is such a thread, it is used; otherwise, `work` runs on a separate one.
///
/// A [`Learner`](crate::learner::Learner) that is called outside of `single_threaded` switches to such a thread in each call of
/// `learn`, which takes some microseconds; inside, it does not.
pub fn single_threaded<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, LearnerError> {
    if is_single_threaded() {
        return Ok(work());
    }
    Ok(pool_of_one()?.install(work))
}
