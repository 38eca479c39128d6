//! A dfdx device that gives back its memory.
//!
//! dfdx's cache keeps the buffer of every tensor that was dropped, so that a tensor of the same size need not be allocated. It holds
//! them as raw pointers and frees none of them when the device is dropped: a policy that is built for one evaluation would lose all
//! its matrices. [`CachingDevice`] empties the cache when the last network or pass that uses it is gone.

use dfdx::tensor::{Cache, Cpu};

/// A device with an enabled cache. Tensors of it must be dropped before it, or on the thread that drops it.
pub(super) struct CachingDevice(Cpu);

impl CachingDevice {
    pub(super) fn new() -> Self {
        let cpu = Cpu::default();
        cpu.enable_cache();
        Self(cpu)
    }

    /// The device, to make tensors with.
    pub(super) fn cpu(&self) -> &Cpu {
        &self.0
    }

    /// Frees the buffers that no tensor uses now.
    pub(super) fn empty_cache(&self) {
        // It fails on no processor: the error type is that of graphics cards.
        let _ = self.0.try_empty_cache();
    }
}

impl Drop for CachingDevice {
    fn drop(&mut self) {
        // Disabled, not only emptied: what is dropped later is freed at once.
        let _ = self.0.try_disable_cache();
    }
}
