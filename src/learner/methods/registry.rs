//! Registry of methods: the built-in ones, and those that a program registers.

use std::sync::{PoisonError, RwLock};

use crate::learner::error::LearnerError;
use crate::learner::methods::{METHODS, MethodSpec, low_rank};

/// Methods that adapt a policy and are not meant against forgetting: comparisons of all methods leave them out.
static ADAPTERS: [&MethodSpec; 1] = [&low_rank::SPEC];

static REGISTERED: RwLock<Vec<&'static MethodSpec>> = RwLock::new(Vec::new());

/// Registers a method from outside of this crate, so that it can be named like a built-in one: in run configurations, compositions and
/// comparisons. Its settings are the table [`LearnerSettings::custom`](crate::learner::LearnerSettings)`[name]`.
///
/// # Errors
/// Returns an error for a name that is taken, empty, or contains `+` or white space.
pub fn register(spec: &'static MethodSpec) -> Result<(), LearnerError> {
    let unusable = spec.name.is_empty() || spec.name.contains(|letter: char| letter == '+' || letter.is_whitespace());
    let mut registered = REGISTERED.write().unwrap_or_else(PoisonError::into_inner);
    let is_taken = METHODS
        .iter()
        .chain(ADAPTERS)
        .chain(registered.iter().copied())
        .any(|known| known.name == spec.name);
    if unusable || is_taken {
        return Err(LearnerError::Composition {
            composition: spec.name.to_owned(),
            reason: if is_taken {
                "another method has this name"
            } else {
                "a method's name is a word without `+`"
            },
        });
    }
    registered.push(spec);
    Ok(())
}

/// Returns every method: those against forgetting family by family, then adapters, then the registered ones.
pub fn all_methods() -> Vec<&'static MethodSpec> {
    let registered = REGISTERED.read().unwrap_or_else(PoisonError::into_inner);
    METHODS.iter().chain(ADAPTERS).chain(registered.iter().copied()).collect()
}

/// Returns the method with this name.
pub fn find_method(name: &str) -> Option<&'static MethodSpec> {
    all_methods().into_iter().find(|spec| spec.name == name)
}
