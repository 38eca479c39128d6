//! Scores, the measures of continual learning, the ledger.
