//! Search for a graphics adapter before a window is opened, so that a missing one is an error and not a crash.

use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::renderer::initialize_renderer;
use bevy::render::settings::{Backends, WgpuSettings};

use super::error::RenderingError;
use super::quality::Quality;
use super::stderr_filter::quietly;

/// A graphics adapter.
#[derive(Resource, Clone, Copy, Debug)]
pub(super) struct GraphicsAdapter {
    /// Quality preset that suits the adapter.
    pub(super) quality: Quality,
    /// `true` if the adapter is a software renderer.
    pub(super) is_software: bool,
    backends: Backends,
}

impl GraphicsAdapter {
    /// Finds the best adapter: through Vulkan, Metal or DirectX, otherwise through OpenGL.
    ///
    /// # Errors
    /// Returns [`RenderingError::NoAdapter`] if there is none.
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
