//! Who decides, and how what was experienced reaches the learner.
