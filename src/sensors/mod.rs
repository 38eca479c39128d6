//! The robot's eye and its gauges.
