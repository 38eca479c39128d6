//! Builds the world and states the order of a tick.
