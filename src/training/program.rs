//! The program and build that make a run: what can change the last bits of a result beside its settings.

use serde::{Deserialize, Serialize};

use crate::learner::ProductKernel;

/// Program and build that make a run.
///
/// Part of a run's configuration and its hash: runs of different programs are never averaged, and none goes on with the run of another.
/// Cargo features are not part of it, as the window changes nothing of what is computed, nor is the profile: floating-point arithmetic is
/// the same with and without optimisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Version of the program.
    pub version: String,
    /// Platform that it was built for: architecture, operating system and, where there are several, the C library.
    pub platform: String,
    /// Instruction sets beyond the platform's usual ones that it was built with, as with `-C target-cpu=native`: fused and wider operations
    /// round differently.
    pub target_features: Vec<String>,
    /// Instruction set of the matrix products, which is chosen by the processor that the program runs on.
    pub matrix_products: String,
}

/// Lists those of some instruction sets that the program was built with.
macro_rules! built_with {
    ($($feature:tt),*) => {
        [$(($feature, cfg!(target_feature = $feature))),*]
    };
}

impl Program {
    /// The program that is running, on this processor.
    pub fn current() -> Self {
        let known = built_with!("sse3", "sse4.1", "avx", "avx2", "fma", "avx512f", "sve", "relaxed-simd");
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: platform(),
            target_features: known
                .iter()
                .filter(|(_, is_used)| *is_used)
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            matrix_products: ProductKernel::current().instructions().to_owned(),
        }
    }
}

impl std::fmt::Display for Program {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "perennial {} for {}", self.version, self.platform)?;
        if !self.target_features.is_empty() {
            write!(formatter, " with {}", self.target_features.join(", "))?;
        }
        write!(formatter, ", matrix products by {}", self.matrix_products)
    }
}

fn platform() -> String {
    let library = if cfg!(target_env = "gnu") {
        "gnu"
    } else if cfg!(target_env = "musl") {
        "musl"
    } else if cfg!(target_env = "msvc") {
        "msvc"
    } else {
        ""
    };
    let parts = [std::env::consts::ARCH, std::env::consts::OS, library];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_survives_its_text_and_says_what_it_is() {
        let program = Program::current();
        let text = toml::to_string(&program).unwrap();
        assert_eq!(toml::from_str::<Program>(&text).unwrap(), program);
        let shown = program.to_string();
        assert!(
            shown.starts_with(concat!("perennial ", env!("CARGO_PKG_VERSION"), " for ")),
            "{shown}"
        );
        assert!(
            shown.contains(std::env::consts::ARCH) && shown.contains(&program.matrix_products),
            "{shown}"
        );
    }
}
