//! Explanations of a run: what was forgotten, when, during what, and whether it could have been foreseen.
//!
//! | part | responsibility |
//! |---|---|
//! | [`WatchedRun`] | records that a run made of the looks inside its learner |
//! | [`Findings`] | conclusions from them, as data; thresholds are in [`findings`] |
//! | [`EarlyForecast`] | forecast from the first tenth of a later season |
//! | [`sentences`] | the same in words, each sentence with its numbers |
//! | [`explanation_html`] | a page with the words, a figure, and the views whose answers were lost |
//! | [`Attribution`] | transitions that made answers flip, and whether the flips go away without them |
//! | [`WhatIf`] | the same seasons in a run by another method |
//! | [`InsideDigest`] | the little that reports and archives keep |
//!
//! Always holds: a season counts as forgotten only if its score *and* the answers to its views fell, each by more than chance; a sentence that the
//! numbers do not decide says that it is not known; what happened together is never called a cause.

mod answers;
mod attribution;
mod colours;
mod digest;
mod early_forecast;
mod error;
mod findings;
mod gradients;
mod page;
mod scores;
mod view_picture;
mod watched;
mod what_if;
mod words;

pub use answers::{AnswerChange, FlipWindow};
pub use attribution::{Attribution, AttributionPlan, TransitionKind, transition_kind};
pub use digest::{DepartureDigest, InsideDigest};
pub use early_forecast::{EarlyForecast, Fall};
pub use error::ExplainError;
pub use findings::{Departure, Findings, Verdict};
pub use gradients::{Foresight, GradientFinding, GradientVerdict};
pub use page::explanation_html;
pub use scores::ScoreChange;
pub use watched::WatchedRun;
pub use what_if::{OtherSeason, WhatIf};
pub use words::{Passage, attribution_passage, sentences, text, what_if_passage};

#[cfg(test)]
mod tests;
