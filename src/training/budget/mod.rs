//! Budgets: what a run may keep of the past, keep in weights, and compute for a decision, as on a small device.
//!
//! A budget is part of a run's configuration, and enforced twice. What a configuration needs at most follows from it, so a run over budget cannot begin;
//! and what a run really keeps is compared with its budget wherever a season ends ([`Budget::check_ledger`]).
//!
//! | limit | counted |
//! |---|---|
//! | `past` | bytes of past data that the method keeps: the ledger's `past_bytes`. Recent experience is no past data, and is limited by `learner.fresh_memory.capacity` |
//! | `weights` | bytes of the networks that decide, and of everything else that the method keeps in weights: the ledger's `method_state_bytes` |
//! | `multiply-adds` | multiply-adds of the networks for one decision of one robot. Learning costs more, and the ledger says how much |

mod choice;
mod need;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::evaluation::Ledger;
use crate::suggestion::hint;

pub use choice::{Candidate, candidates};
pub use need::DeviceNeed;

/// Limits of a device; what is not limited is `None`.
///
/// Written as text: `past=64KB,weights=200KB,multiply-adds=50000`, in any order. Sizes are in B, KB (1,000 B), KiB (1,024 B), MB or MiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Budget {
    /// Most bytes of past data.
    pub past_bytes: Option<u64>,
    /// Most bytes of weights.
    pub weights_bytes: Option<u64>,
    /// Most multiply-adds of a decision.
    pub multiply_adds: Option<u64>,
}

/// A text is no budget.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum BudgetTextError {
    /// A limit has no value.
    #[error("`{0}` is not a valid limit: write a budget like past=64KB,weights=200KB,multiply-adds=50000")]
    NoValue(String),
    /// There is no such limit.
    #[error("there is no limit `{name}`{hint}")]
    Unknown {
        /// Name that was given.
        name: String,
        /// Names that were probably meant.
        hint: String,
    },
    /// A limit is given twice.
    #[error("the limit `{0}` is given twice")]
    Twice(&'static str),
    /// A size cannot be read.
    #[error("`{0}` is not a valid size: use a whole number with B, KB, KiB, MB or MiB, such as 64KB")]
    Size(String),
    /// A count cannot be read.
    #[error("`{0}` is not a valid number of multiply-adds: use a whole number, such as 50000")]
    Count(String),
}

/// A run needs more than its budget.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum OverBudget {
    /// A configuration needs more.
    #[error("method `{method}` with layers of {} units needs {needs}, and the budget is {budget}", listed(.hidden))]
    #[diagnostic(help("{help}"))]
    Configured {
        /// Method.
        method: String,
        /// Units of the hidden layers.
        hidden: Vec<usize>,
        /// Amounts that are needed beyond the budget.
        needs: String,
        /// The budget.
        budget: Box<Budget>,
        /// Advice on what could be done.
        help: String,
    },
    /// Nothing fits.
    #[error("nothing that the program knows fits into {budget}")]
    #[diagnostic(help("the smallest budget that a policy can have here is {smallest}"))]
    Impossible {
        /// The budget.
        budget: Box<Budget>,
        /// The smallest one that could be.
        smallest: Box<Budget>,
    },
    /// A run kept more than its configuration promised.
    #[error("the run keeps {kept}, and its budget is {budget}: the run ends here")]
    Kept {
        /// Amounts that it keeps.
        kept: String,
        /// The budget.
        budget: Box<Budget>,
    },
}

fn listed(units: &[usize]) -> String {
    units.iter().map(usize::to_string).collect::<Vec<_>>().join(" and ")
}

impl Budget {
    /// Compares what a run keeps with the budget. `network_bytes` are those of the networks that decide.
    ///
    /// # Errors
    /// The run keeps more.
    pub fn check_ledger(&self, ledger: &Ledger, network_bytes: u64) -> Result<(), OverBudget> {
        let weights = network_bytes + ledger.method_state_bytes;
        let kept = if self.past_bytes.is_some_and(|most| ledger.past_bytes > most) {
            format!("{} B of past data", ledger.past_bytes)
        } else if self.weights_bytes.is_some_and(|most| weights > most) {
            format!("{weights} B of weights")
        } else {
            return Ok(());
        };
        Err(OverBudget::Kept {
            kept,
            budget: Box::new(*self),
        })
    }

    /// Returns `true` if a need is within the budget.
    pub fn holds(&self, need: &DeviceNeed) -> bool {
        self.exceeded(need).is_empty()
    }

    /// Lists what a need has beyond the budget.
    pub(super) fn exceeded(&self, need: &DeviceNeed) -> Vec<String> {
        let over = |most: Option<u64>, needed: u64| most.is_some_and(|most| needed > most);
        let mut parts = Vec::new();
        if over(self.past_bytes, need.past_bytes) {
            parts.push(match need.past_bytes {
                u64::MAX => "past data without a limit".to_owned(),
                bytes => format!("{bytes} B of past data"),
            });
        }
        if over(self.weights_bytes, need.weights_bytes) {
            parts.push(format!("{} B of weights", need.weights_bytes));
        }
        if over(self.multiply_adds, need.multiply_adds) {
            parts.push(format!("{} multiply-adds a decision", need.multiply_adds));
        }
        parts
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.past_bytes.map(|bytes| format!("past={bytes}B")),
            self.weights_bytes.map(|bytes| format!("weights={bytes}B")),
            self.multiply_adds.map(|count| format!("multiply-adds={count}")),
        ];
        formatter.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(","))
    }
}

impl From<Budget> for String {
    fn from(budget: Budget) -> Self {
        budget.to_string()
    }
}

impl TryFrom<String> for Budget {
    type Error = BudgetTextError;

    fn try_from(text: String) -> Result<Self, BudgetTextError> {
        text.parse()
    }
}

impl FromStr for Budget {
    type Err = BudgetTextError;

    fn from_str(text: &str) -> Result<Self, BudgetTextError> {
        let mut budget = Self::default();
        for part in text.split(',') {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| BudgetTextError::NoValue(part.trim().to_owned()))?;
            let (name, value) = (name.trim(), value.trim());
            let (place, known, number) = match name {
                "past" => (&mut budget.past_bytes, "past", size(value)?),
                "weights" => (&mut budget.weights_bytes, "weights", size(value)?),
                "multiply-adds" => (&mut budget.multiply_adds, "multiply-adds", count(value)?),
                _ => {
                    return Err(BudgetTextError::Unknown {
                        name: name.to_owned(),
                        hint: hint(name, "limits", ["past", "weights", "multiply-adds"]),
                    });
                }
            };
            if place.replace(number).is_some() {
                return Err(BudgetTextError::Twice(known));
            }
        }
        Ok(budget)
    }
}

fn size(text: &str) -> Result<u64, BudgetTextError> {
    let wrong = || BudgetTextError::Size(text.to_owned());
    let split = text.find(|letter: char| letter.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let unit: u64 = match unit {
        "B" => 1,
        "KB" | "kB" => 1_000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        _ => return Err(wrong()),
    };
    whole(number).and_then(|number| number.checked_mul(unit)).ok_or_else(wrong)
}

fn count(text: &str) -> Result<u64, BudgetTextError> {
    whole(text).ok_or_else(|| BudgetTextError::Count(text.to_owned()))
}

fn whole(text: &str) -> Option<u64> {
    text.trim().replace('_', "").parse().ok()
}
