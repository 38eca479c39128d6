//! One thread for one learner.
//!
//! dfdx's matrix products split themselves over all threads of the rayon pool they run in. At the sizes of a robot's policy that
//! costs more than it gains: two threads take nearly twice as long as one. So a learner works in a pool of one thread, and the other
//! cores are for gardens or for other learners.

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::learner::error::LearnerError;

/// A pool of one thread.
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

/// Runs `work` on a thread of its own, on which matrix products stay on one thread, and returns what it returns.
///
/// A [`Learner`](crate::learner::Learner) that is called outside of such a place goes to one by itself for each call of `learn`,
/// which takes some microseconds; one that is called inside does not.
pub fn single_threaded<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, LearnerError> {
    Ok(pool_of_one()?.install(work))
}
