//! Sun and ambient light for objects with Bevy's own materials, and the camera settings that depend on the air.

use std::f32::consts::PI;

use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::light::{CascadeShadowConfig, CascadeShadowConfigBuilder, DirectionalLightShadowMap, ShadowFilteringMethod};
use bevy::pbr::{DistanceFog, FogFalloff};
use bevy::prelude::*;

use super::ambience::Ambience;
use crate::rendering::camera::GardenCamera;
use crate::rendering::quality::Quality;

/// Divisor of luminance at the default exposure of a camera (9.7 EV at ISO 100).
const EXPOSURE: f32 = 998.0;
/// Range of shadows from the camera, in metres.
const SHADOWS_M: f32 = 48.0;

/// Marker of the sun.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct Sun;

/// Spawns the sun.
pub(super) fn spawn_sun(mut commands: Commands) {
    commands.spawn((Name::new("sun"), Sun, DirectionalLight::default(), Transform::default()));
}

/// Updates the position and strength of the sun.
pub(super) fn shine(
    ambience: Res<Ambience>,
    mut sun: Single<(&mut DirectionalLight, &mut Transform), With<Sun>>,
    mut everywhere: ResMut<GlobalAmbientLight>,
    mut behind: ResMut<ClearColor>,
) {
    let air = &ambience.air;
    let (light, transform) = &mut *sun;
    let towards_sun = air.sun_direction.truncate();
    let turned = Transform::default().looking_to(-towards_sun, Vec3::Y);
    // Shadow maps shimmer while the sun moves, so it moves in small steps.
    if transform.forward().dot(*turned.forward()) < 0.99999 {
        **transform = turned;
    }
    let colour = air.sun_colour.truncate();
    let strength = colour.max_element().max(1e-3);
    let illuminance = strength * EXPOSURE * PI;
    if (light.illuminance - illuminance).abs() > 2.0 {
        let tint = colour / strength;
        light.color = Color::linear_rgb(tint.x, tint.y, tint.z);
        light.illuminance = illuminance;
    }
    let soft = (air.sky_light * 0.6 + air.ground_light * 0.4).truncate();
    let brightness = soft.max_element().max(1e-3);
    let wanted = GlobalAmbientLight {
        color: Color::linear_rgb(soft.x / brightness, soft.y / brightness, soft.z / brightness),
        brightness: brightness * EXPOSURE,
        ..default()
    };
    if (everywhere.brightness - wanted.brightness).abs() > 0.5 {
        *everywhere = wanted;
    }
    let far = air.horizon;
    let far = Color::linear_rgb(far.x, far.y, far.z);
    if behind.0 != far {
        behind.0 = far;
    }
}

/// Sets shadows, fog and anti-aliasing of the camera according to the quality.
pub(super) fn dress_camera(
    mut commands: Commands,
    quality: Res<Quality>,
    cameras: Query<Entity, With<GardenCamera>>,
    arrived: Query<(), Added<GardenCamera>>,
    suns: Query<(Entity, Ref<Sun>), With<Sun>>,
    mut map: ResMut<DirectionalLightShadowMap>,
    mut lights: Query<&mut DirectionalLight, With<Sun>>,
) {
    let new_sun = suns.iter().any(|(_, sun)| sun.is_added());
    if !quality.is_changed() && arrived.is_empty() && !new_sun {
        return;
    }
    let shadows = *quality > Quality::Low;
    let size = if *quality == Quality::High { 2048 } else { 1024 };
    if map.size != size {
        map.size = size;
    }
    for mut light in &mut lights {
        light.shadow_maps_enabled = shadows;
    }
    for (sun, _) in &suns {
        commands.entity(sun).insert(cascades(*quality));
    }
    for camera in &cameras {
        let mut camera = commands.entity(camera);
        // The scenario's colours are shown unchanged.
        camera.insert(Tonemapping::None);
        match *quality {
            Quality::Low => camera
                .insert((Msaa::Off, ShadowFilteringMethod::Hardware2x2))
                .remove::<DistanceFog>(),
            Quality::Medium => camera.insert((Msaa::Sample4, ShadowFilteringMethod::Hardware2x2, DistanceFog::default())),
            Quality::High => camera.insert((Msaa::Sample4, ShadowFilteringMethod::Gaussian, DistanceFog::default())),
        };
    }
}

fn cascades(quality: Quality) -> CascadeShadowConfig {
    CascadeShadowConfigBuilder {
        num_cascades: if quality == Quality::High { 3 } else { 1 },
        minimum_distance: 0.1,
        maximum_distance: if quality == Quality::High {
            SHADOWS_M
        } else {
            0.6 * SHADOWS_M
        },
        first_cascade_far_bound: 11.0,
        overlap_proportion: 0.25,
    }
    .build()
}

/// Fades distant objects with Bevy's own materials like those of the surroundings.
pub(super) fn fade(ambience: Res<Ambience>, mut fogs: Query<&mut DistanceFog, With<GardenCamera>>) {
    let far = ambience.air.fog;
    for mut fog in &mut fogs {
        let colour = Color::linear_rgb(far.x, far.y, far.z);
        let was = match fog.falloff {
            FogFalloff::ExponentialSquared { density } => density,
            _ => 0.0,
        };
        if fog.color != colour || (was - far.w * 0.8).abs() > 1e-4 {
            fog.color = colour;
            fog.falloff = FogFalloff::ExponentialSquared { density: far.w * 0.8 };
        }
    }
}
