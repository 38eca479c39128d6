//! # perennial
//!
//! A garden in which a watering robot's policy network learns continually while the seasons change.
//!
//! | module | contents |
//! |---|---|
//! | [`mdp`] | the vocabulary: observation, action, step, experience |
//! | [`random`] | one seed, many independent streams |
//! | [`files`] | all reading and writing of files that a person names |
//! | [`escape`] | foreign text, made harmless for the place where it is written |
//! | [`suggestion`] | the name that was probably meant |
//! | [`scenario`] | a garden and its year, as text and as types |
//! | [`authoring`] | tools for those who write scenarios |
//! | [`physics`] | the only set-up of Rapier: worlds, bodies, traction |
//! | [`garden`] | plants, soil, weather, season, robot, watering, reward, episode |
//! | [`sensors`] | the robot's camera and gauges |
//! | [`agent`] | drivers that decide, and the systems in which robots sense and finished episodes are reported |
//! | [`learner`] | networks, optimiser, replay buffers, algorithms, methods |
//! | [`evaluation`] | scores, measures of continual learning, cost ledger |
//! | [`metrics`] | records written during a run |
//! | [`rollout`] | whole episodes: evaluation, recordings and their replay |
//! | [`training`] | runs from the first decision to the last, and resuming them |
//! | [`comparison`] | many runs compared with paired seeds: methods x seeds x scenarios |
//! | [`applications`] | measured applications of continual learning |
//! | [`report`] | reports on finished runs, as HTML, Markdown and CSV |
//! | [`app`] | the Bevy world, and the order of systems in a tick |
//! | [`live`] | a garden simulated on its own thread and controlled by messages |
//! | `rendering` | the window that shows a garden (feature `window`) |

pub mod agent;
pub mod app;
pub mod applications;
pub mod authoring;
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
