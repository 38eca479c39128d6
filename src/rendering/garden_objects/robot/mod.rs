//! The robot: its pose, turning wheels, status lamp and tank.
//!
//! The pose is that of the simulation. Leaning, nodding and shaking are decoration, animated by springs.

mod body;

use bevy::light::NotShadowCaster;
use bevy::prelude::*;

pub(super) use body::Built;

use super::damped_spring::{Spring, decorative_s};
use crate::live::WateringView;
use crate::mdp::Action;
use crate::rendering::FrameSystems;
use crate::rendering::camera::CameraKind;
use crate::rendering::frame_view::{FrameView, GardenReplaced, ShownRobot};
use crate::scenario::RobotSettings;

/// Simulation speed above which decoration stops, since it would only flicker.
pub(super) const CALM_ABOVE_SPEED: f32 = 8.0;

/// The robot that is drawn, with its springs.
#[derive(Component, Debug, Default)]
struct DrawnRobot {
    /// Speed in the last frame, in m/s.
    forward_m_per_s: f32,
    simulated_s: f64,
    /// Last tick whose collision was animated.
    bumped_at: u64,
    pitch: Spring,
    roll: Spring,
    shake: Spring,
    look: Spring,
    nod: Spring,
    /// Decorative time so far, in seconds.
    lived_s: f32,
}

impl DrawnRobot {
    /// The robot of a garden that is shown for the first time, with its springs at rest.
    fn in_garden(shown: &FrameView, lived_s: f32) -> Self {
        Self {
            forward_m_per_s: shown.robot().forward_m_per_s,
            simulated_s: shown.simulated_s(),
            bumped_at: shown.after.tick,
            lived_s,
            ..default()
        }
    }
}

/// Moving parts of the robot.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
enum Moving {
    /// Everything above the wheels, which leans.
    Chassis,
    /// The head, which looks in the direction of movement.
    Head,
    /// A wheel: 1 on the left, -1 on the right.
    Wheel(f32),
    /// The water in the tank, scaled to its level.
    Water,
}

/// The settings for which the current robot was built.
#[derive(Resource, Default)]
struct RobotCache {
    built_for: Option<RobotSettings>,
    lamp: Handle<StandardMaterial>,
    lamp_colour: Option<[f32; 3]>,
}

/// Adds the systems that draw the robot.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<RobotCache>()
        .add_observer(settle)
        .add_systems(Update, (build, drive).chain().in_set(FrameSystems::Draw));
}

/// Builds the robot of a scenario that is shown for the first time.
fn build(
    mut commands: Commands,
    shown: Res<FrameView>,
    mut cache: ResMut<RobotCache>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    old: Query<Entity, With<DrawnRobot>>,
) {
    let robot = &shown.scenario.robot;
    if cache.built_for.as_ref() == Some(robot) {
        return;
    }
    cache.built_for = Some(robot.clone());
    cache.lamp_colour = None;
    for entity in &old {
        commands.entity(entity).despawn();
    }
    let built = Built::new(robot);
    let mut solid = |perceptual_roughness: f32, reflectance: f32| {
        materials.add(StandardMaterial {
            perceptual_roughness,
            reflectance,
            ..default()
        })
    };
    let (enamel, rubber) = (solid(0.38, 0.5), solid(0.8, 0.3));
    let glass = materials.add(StandardMaterial {
        base_color: Color::srgba(0.80, 0.93, 0.96, 0.26),
        alpha_mode: AlphaMode::Blend,
        perceptual_roughness: 0.08,
        reflectance: 0.7,
        ..default()
    });
    let water = materials.add(StandardMaterial {
        base_color: Color::srgb(0.16, 0.52, 0.86),
        perceptual_roughness: 0.15,
        emissive: LinearRgba::rgb(0.01, 0.05, 0.10),
        ..default()
    });
    cache.lamp = materials.add(StandardMaterial::default());
    let lamp = cache.lamp.clone();
    let wheel = meshes.add(body::wheel(&built).into_mesh());
    let body = meshes.add(body::body(&built).into_mesh());
    let head = meshes.add(body::head(&built).into_mesh());
    let ring = meshes.add(body::lamp(&built).into_mesh());
    let tank = built.has_tank.then(|| {
        (
            meshes.add(body::tank_glass(&built).into_mesh()),
            meshes.add(body::tank_water(&built).into_mesh()),
        )
    });
    commands
        .spawn((
            Name::new("robot"),
            DrawnRobot::in_garden(&shown, 0.0),
            Transform::default(),
            Visibility::default(),
        ))
        .with_children(|robot| {
            for side in [1.0, -1.0] {
                robot.spawn((
                    Name::new(if side > 0.0 { "left wheel" } else { "right wheel" }),
                    Moving::Wheel(side),
                    Mesh3d(wheel.clone()),
                    MeshMaterial3d(rubber.clone()),
                    Transform::from_xyz(0.0, built.wheel_radius_m, -side * built.half_track_m),
                ));
            }
            let chassis = (
                Name::new("chassis"),
                Moving::Chassis,
                Transform::default(),
                Visibility::default(),
            );
            robot.spawn(chassis).with_children(|chassis| {
                chassis.spawn((Name::new("body"), Mesh3d(body), MeshMaterial3d(enamel.clone())));
                if let Some((glass_mesh, water_mesh)) = tank {
                    chassis.spawn((
                        Name::new("tank"),
                        Mesh3d(glass_mesh),
                        MeshMaterial3d(glass),
                        Transform::from_translation(built.tank()),
                        NotShadowCaster,
                    ));
                    chassis.spawn((
                        Name::new("water in the tank"),
                        Moving::Water,
                        Mesh3d(water_mesh),
                        MeshMaterial3d(water),
                        Transform::from_translation(built.tank()),
                        NotShadowCaster,
                    ));
                }
                let place = Transform::from_translation(built.neck());
                let shell = (Name::new("head"), Moving::Head, Mesh3d(head), MeshMaterial3d(enamel), place);
                chassis.spawn(shell).with_children(|head| {
                    head.spawn((Name::new("lamp"), Mesh3d(ring), MeshMaterial3d(lamp), NotShadowCaster));
                });
            });
        });
}

/// Brings the springs to rest when another garden is shown.
fn settle(_: On<GardenReplaced>, shown: Res<FrameView>, mut robots: Query<&mut DrawnRobot>) {
    for mut drawn in &mut robots {
        *drawn = DrawnRobot::in_garden(&shown, drawn.lived_s);
    }
}

/// Returns the colour of the lamp: linear red, green, blue.
fn lamp_colour(shown: &FrameView, lived_s: f32) -> [f32; 3] {
    let now = &shown.after;
    match (now.watering, now.action) {
        // The lamp blinks when the tank is dry.
        (WateringView::Dry, _) if (lived_s * 12.0).sin() > 0.0 => [0.15, 0.02, 0.01],
        (WateringView::Dry, _) => [1.0, 0.10, 0.05],
        _ if now.robot.bumped => [1.0, 0.14, 0.06],
        (WateringView::Plant { .. } | WateringView::Ground, _) | (_, Action::Water) => [0.10, 0.50, 1.0],
        (_, Action::Forward) => [0.18, 1.0, 0.30],
        (_, Action::TurnLeft | Action::TurnRight) => [1.0, 0.62, 0.12],
        (_, Action::Back) => [1.0, 0.85, 0.75],
    }
}

/// Updates the robot.
fn drive(
    time: Res<Time>,
    shown: Res<FrameView>,
    camera: Res<CameraKind>,
    mut cache: ResMut<RobotCache>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    mut robots: Query<(&mut DrawnRobot, &mut Transform, &mut Visibility), Without<Moving>>,
    mut parts: Query<(&Moving, &mut Transform)>,
) {
    let Ok((mut drawn, mut transform, mut visibility)) = robots.single_mut() else {
        return;
    };
    let drawn = &mut *drawn;
    let frame_s = decorative_s(&time, &shown);
    let robot = shown.robot();
    let built = Built::new(&shown.scenario.robot);
    let wanted = Transform::from_translation(robot.translation_m).with_rotation(robot.rotation);
    if *transform != wanted {
        *transform = wanted;
    }
    // The robot is hidden from its own eye.
    visibility.set_if_neq(if *camera == CameraKind::Eye {
        Visibility::Hidden
    } else {
        Visibility::Inherited
    });

    let simulated_s = shown.simulated_s();
    let passed_s = (simulated_s - drawn.simulated_s).clamp(0.0, 1.0) as f32;
    drawn.simulated_s = simulated_s;
    drawn.lived_s = (drawn.lived_s + frame_s) % 3600.0;
    let watering = shown.after.robot.pump_on;
    drawn.swing(&shown, &robot, frame_s);

    // When standing, it glances to the sides now and then.
    let idle = (1.0 - 2.0 * robot.forward_m_per_s.abs()).clamp(0.0, 1.0);
    let glance = idle * 0.25 * (drawn.lived_s * 0.9).sin() * (drawn.lived_s * 0.37).sin();
    for (moving, mut part) in &mut parts {
        match *moving {
            Moving::Chassis => {
                let shake = drawn.shake.value.clamp(-1.0, 1.0);
                part.rotation = Quat::from_rotation_z(drawn.pitch.value.clamp(-0.2, 0.2) + 0.06 * shake)
                    * Quat::from_rotation_x(drawn.roll.value.clamp(-0.15, 0.15));
                part.translation.x = -0.03 * shake.abs();
                part.translation.y = 0.0035 * (drawn.lived_s * 2.2).sin();
            }
            Moving::Head => {
                let turn = drawn.look.value + if watering { 0.0 } else { glance };
                part.rotation = Quat::from_rotation_y(turn) * Quat::from_rotation_z(drawn.nod.value + 0.5 * drawn.pitch.value);
            }
            Moving::Wheel(side) => {
                let rolled_m = rim_speed_m_per_s(&shown, &robot, &built, side) * passed_s;
                if rolled_m.abs() > 1e-6 {
                    let turn = Quat::from_rotation_z(-rolled_m / built.wheel_radius_m);
                    part.rotation = (part.rotation * turn).normalize();
                }
            }
            Moving::Water => {
                // A level of zero would give a mesh without thickness.
                let level = shown.mix(|view| view.robot.tank_fraction.unwrap_or(1.0)).max(0.004);
                if (part.scale.y - level).abs() > 1e-3 {
                    part.scale.y = level;
                }
            }
        }
    }
    let colour = lamp_colour(&shown, drawn.lived_s);
    let calm = shown.speed > CALM_ABOVE_SPEED && cache.lamp_colour.is_some();
    if cache.lamp_colour != Some(colour)
        && !calm
        && let Some(mut lamp) = materials.get_mut(&cache.lamp)
    {
        let [red, green, blue] = colour;
        lamp.base_color = Color::linear_rgb(red * 0.8, green * 0.8, blue * 0.8);
        lamp.emissive = LinearRgba::rgb(red * 1.6, green * 1.6, blue * 1.6);
        cache.lamp_colour = Some(colour);
    }
}

impl DrawnRobot {
    /// Advances the springs.
    fn swing(&mut self, shown: &FrameView, robot: &ShownRobot, frame_s: f32) {
        let calm = shown.speed > CALM_ABOVE_SPEED;
        let acceleration = if frame_s > 1e-4 && !calm {
            ((robot.forward_m_per_s - self.forward_m_per_s) / frame_s).clamp(-8.0, 8.0)
        } else {
            0.0
        };
        self.forward_m_per_s = robot.forward_m_per_s;
        if shown.after.robot.bumped && shown.after.tick > self.bumped_at + 2 && !calm {
            self.bumped_at = shown.after.tick;
            self.shake.push(9.0);
            self.pitch.push(-1.2);
        }
        let turning = if calm { 0.0 } else { robot.yaw_rate_rad_per_s };
        let nod = if shown.after.robot.pump_on { -0.2 } else { 0.0 };
        self.pitch.follow(0.022 * acceleration, 120.0, 0.28, frame_s);
        self.roll.follow(0.035 * turning, 90.0, 0.35, frame_s);
        self.shake.follow(0.0, 520.0, 0.14, frame_s);
        self.look.follow((0.28 * turning).clamp(-0.6, 0.6), 60.0, 0.6, frame_s);
        self.nod.follow(nod, 70.0, 0.5, frame_s);
    }
}

/// Returns the speed of a wheel's rim: that of the ground where the wheel grips, the commanded one where it slides.
fn rim_speed_m_per_s(shown: &FrameView, robot: &ShownRobot, built: &Built, side: f32) -> f32 {
    let (told, slid) = (shown.after.robot.wheels, robot.skid.clamp(0.0, 1.0));
    let between = |held: f32, told: f32| held + (told - held) * slid;
    let forward = between(robot.forward_m_per_s, told.forward_m_per_s);
    forward - side * built.half_track_m * between(robot.yaw_rate_rad_per_s, told.yaw_rate_rad_per_s)
}
