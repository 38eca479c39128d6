//! Tools for those who write scenarios.
//!
//! | part | content |
//! |---|---|
//! | [`template`] | a new scenario file that already runs |
//! | [`explain`] | every setting of a file, with the place where it is written |
//! | [`family`] | many scenarios made from few parameters: a question asked at many places |
//! | [`format`](mod@format) | the layout of files, and their migration to the current format |
//! | [`draft`] | a file that is changed by a program, with its comments and order |
//! | [`editor`] | the JSON schema for editors |
//! | [`contrast`] | distance of thirsty and fine plants for a robot, and the conflict of seasons |
//! | [`preview`](mod@preview) | a contact sheet of a scenario |
//! | [`probe`] | difficulty of a scenario, measured before anything is trained |
//! | [`random`] | years drawn at random, at a wanted degree of conflict |

pub mod contrast;
pub mod draft;
pub mod editor;
pub mod explain;
pub mod family;
pub mod format;
pub mod preview;
pub mod probe;
pub mod random;
pub mod template;
