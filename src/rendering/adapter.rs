//! What there is to draw with: asked before a window is tried, so that its absence is an answer and not a crash.

use super::error::RenderingError;
use super::quality::Quality;

/// The kind of adapter that would draw, as a preset that suits it.
///
/// # Errors
/// [`RenderingError::NoAdapter`] if there is none.
pub fn suitable_quality() -> Result<Quality, RenderingError> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        ..Default::default()
    };
    let adapter = bevy::tasks::block_on(instance.request_adapter(&options)).map_err(|_| RenderingError::NoAdapter)?;
    Ok(match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => Quality::High,
        wgpu::DeviceType::IntegratedGpu | wgpu::DeviceType::VirtualGpu => Quality::Medium,
        wgpu::DeviceType::Cpu | wgpu::DeviceType::Other => Quality::Low,
    })
}
