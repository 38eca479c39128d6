//! The memory that this program may use: of the machine, of its control group, and of its own limits.

use std::fmt;

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// A limit to the memory of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimit {
    /// Bytes that it allows.
    pub bytes: u64,
    /// Origin of the limit.
    pub source: LimitSource,
}

/// Origin of a memory limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitSource {
    /// The machine's memory, swap space included.
    Machine,
    /// The control group in which the program runs, as in a container.
    ControlGroup,
    /// The limit to the address space of a process.
    AddressSpace,
}

impl fmt::Display for LimitSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Machine => "the memory of this machine",
            Self::ControlGroup => "the limit of this container or control group",
            Self::AddressSpace => "the limit that `ulimit -v` shows",
        })
    }
}

/// Returns all limits that can be found out; none where the system tells nothing.
pub fn memory_limits() -> Vec<MemoryLimit> {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything());
    // On a system that sysinfo does not know, only the program's own limits are known.
    let system = System::new_with_specifics(memory).ok();
    let physical = system.as_ref().map_or(0, System::total_memory);
    let swap = system.as_ref().map_or(0, System::total_swap);
    let group = system
        .as_ref()
        .and_then(System::cgroup_limits)
        .map(|limits| limits.total_memory);
    let limit = |source, bytes: Option<u64>| bytes.filter(|&bytes| bytes > 0).map(|bytes| MemoryLimit { bytes, source });
    [
        limit(LimitSource::Machine, Some(physical.saturating_add(swap))),
        // Without a limit of its own, a group reports the machine's memory.
        limit(LimitSource::ControlGroup, group.filter(|&bytes| bytes < physical)),
        limit(LimitSource::AddressSpace, address_space()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(unix)]
fn address_space() -> Option<u64> {
    let (soft, _) = rlimit::Resource::AS.get().ok()?;
    (soft != rlimit::INFINITY).then_some(soft)
}

#[cfg(not(unix))]
fn address_space() -> Option<u64> {
    None
}
