//! What there is to draw with: asked before a window is tried, so that its absence is an answer and not a crash.

use bevy::render::RenderPlugin;
use bevy::render::renderer::initialize_renderer;
use bevy::render::settings::{Backends, WgpuSettings};

use super::error::RenderingError;
use super::quality::Quality;
use super::stderr_filter::quietly;

/// What there is to draw with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adapter {
    /// The preset that suits its kind.
    pub(super) quality: Quality,
    /// Whether the processor draws.
    pub(super) is_software: bool,
    backends: Backends,
}

impl Adapter {
    /// Looks for the best adapter: through Vulkan, Metal or DirectX, or else through OpenGL.
    ///
    /// # Errors
    /// [`RenderingError::NoAdapter`] if there is none.
    pub(super) fn find() -> Result<Self, RenderingError> {
        let asked = Backends::from_env();
        let tries = asked.map_or_else(|| vec![Backends::PRIMARY, Backends::SECONDARY], |asked| vec![asked]);
        quietly(|| tries.into_iter().find_map(Self::through)).ok_or(RenderingError::NoAdapter)
    }

    fn through(backends: Backends) -> Option<Self> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = bevy::tasks::block_on(instance.request_adapter(&options)).ok()?;
        let quality = match adapter.get_info().device_type {
            wgpu::DeviceType::DiscreteGpu => Quality::High,
            wgpu::DeviceType::IntegratedGpu | wgpu::DeviceType::VirtualGpu => Quality::Medium,
            wgpu::DeviceType::Cpu | wgpu::DeviceType::Other => Quality::Low,
        };
        Some(Self {
            quality,
            is_software: quality == Quality::Low,
            backends,
        })
    }

    /// Opens it and lets Bevy draw with it.
    ///
    /// # Panics
    /// The adapter is lost in between, or refuses to be opened.
    pub(super) fn plugin(&self, synchronous: bool) -> RenderPlugin {
        let settings = WgpuSettings {
            backends: Some(self.backends),
            ..Default::default()
        };
        // What Bevy would do by itself a little later, where the noise of its search could not be kept apart.
        let resources = quietly(|| bevy::tasks::block_on(initialize_renderer(self.backends, None, &settings)));
        RenderPlugin {
            render_creation: resources.into(),
            // Off screen every shader is to be there in the first frame.
            synchronous_pipeline_compilation: synchronous,
            ..Default::default()
        }
    }
}
