//! # perennial
//!
//! A garden in which a watering robot keeps learning while the seasons change its look.
//!
//! | room | what stands there |
//! |---|---|
//! | [`mdp`] | the vocabulary: observation, action, step, experience |
//! | [`random`] | one seed, many independent streams |
//! | [`files`] | all reading and writing of files that a person names |
//! | [`escape`] | foreign text, made harmless for the place where it is written |
//! | [`suggestion`] | the name that was probably meant |
//! | [`scenario`] | what a garden year is, as text and as types |
//! | [`physics`] | the only set-up of Rapier: worlds, bodies, traction |
//! | [`garden`] | plants, soil, weather, season, robot, watering, reward, episode |
//! | [`sensors`] | the robot's eye and its gauges |
//! | [`agent`] | who decides, and how what was experienced reaches the learner |
//! | [`learner`] | networks, optimiser, replay memory, algorithms, methods |
//! | [`evaluation`] | scores, the measures of continual learning, the ledger |
//! | [`metrics`] | what is written down while a run goes on |
//! | [`rollout`] | whole episodes: probes, recordings and their replay |
//! | [`training`] | a run from its first decision to its last, and how it resumes |
//! | [`comparison`] | many runs, side by side and paired: methods x seeds x scenarios |
//! | [`report`] | finished runs as one page for people, as Markdown and as CSV |
//! | [`app`] | builds the world and states the order of a tick |
//! | [`live`] | a garden that somebody watches: on a thread of its own, steered by orders |
//! | `rendering` | the window that shows it (feature `window`) |

pub mod agent;
pub mod app;
pub mod comparison;
pub mod escape;
pub mod evaluation;
pub mod files;
pub mod garden;
pub mod learner;
pub mod live;
pub mod mdp;
pub mod metrics;
pub mod physics;
pub mod random;
#[cfg(feature = "window")]
pub mod rendering;
pub mod report;
pub mod rollout;
pub mod scenario;
pub mod sensors;
pub mod suggestion;
pub mod training;
