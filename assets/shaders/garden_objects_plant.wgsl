// Plants: one mesh has three postures (fresh, wilted, gone); each plant says how far it is in each, and what colour it has.
//
// One shader serves the picture and the shadow maps, so that a wilted plant casts a wilted shadow.

#import bevy_pbr::mesh_functions
#import bevy_pbr::view_transformations::position_world_to_clip
#import bevy_render::globals::Globals

#ifdef PREPASS_PIPELINE
#import bevy_pbr::prepass_io::VertexOutput
@group(0) @binding(1) var<uniform> globals: Globals;
#else
#import bevy_pbr::forward_io::VertexOutput
#import bevy_pbr::mesh_view_bindings::globals
#endif

struct Plants {
    // Snow, blossom, wind, unused.
    air: vec4<f32>,
    // The colour that tells thirst (linear), and the soil's moisture.
    colour: array<vec4<f32>, 64>,
    // Wilted, gone, wellbeing, unused; each in 0..1.
    body: array<vec4<f32>, 64>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(100) var<uniform> plants: Plants;

struct Vertex {
    @builtin(instance_index) instance_index: u32,
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) colour: vec4<f32>,
    // Sway in metres, part, shade, phase.
    @location(3) traits: vec4<f32>,
    @location(4) wilted: vec3<f32>,
    @location(5) wilted_normal: vec3<f32>,
    @location(6) gone: vec3<f32>,
}

// How far normals are bent upwards.
const LIFT: f32 = 0.5;
// How much lighter leaves are than their colour, for the light that comes through them.
const GLOW: f32 = 1.5;

const BLOSSOM: f32 = 1.0;
const SOIL: f32 = 2.0;
const SNOW: f32 = 3.0;
const FRUIT: f32 = 4.0;

fn is_part(part: f32, wanted: f32) -> bool {
    return abs(part - wanted) < 0.5;
}

@vertex
fn vertex(in: Vertex) -> VertexOutput {
    var out: VertexOutput;
    let number = min(mesh_functions::get_tag(in.instance_index), 63u);
    let body = plants.body[number];
    let snow = plants.air.x;
    let part = in.traits.y;
    let phase = in.traits.w;

    // Leaves fall one after the other.
    var gone = clamp(body.y * 2.0 - phase, 0.0, 1.0);
    if is_part(part, BLOSSOM) {
        gone = max(gone, 1.0 - clamp(plants.air.y * 1.6 - phase * 0.6, 0.0, 1.0));
    } else if is_part(part, SNOW) {
        gone = 1.0 - clamp(snow * 1.4 - phase * 0.4, 0.0, 1.0) * (1.0 - 0.4 * body.x) * (1.0 - 0.8 * body.y);
    } else if is_part(part, FRUIT) {
        gone = max(gone, clamp((plants.air.y + snow) * 2.0 - phase, 0.0, 1.0));
    }
    var position = mix(mix(in.position, in.wilted, body.x), in.gone, gone);
    let normal = normalize(mix(in.normal, in.wilted_normal, body.x) + vec3(0.0, 0.001, 0.0));

    let world_from_local = mesh_functions::get_world_from_local(in.instance_index);
    var world = mesh_functions::mesh_position_local_to_world(world_from_local, vec4(position, 1.0));
    let root = world_from_local[3].xyz;
    // Gusts run over the garden; leaves flutter on top of them. What hangs is heavy.
    let time = globals.time;
    let gust = sin(time * 1.1 - root.x * 0.7 - root.z * 0.4) + 0.5 * sin(time * 2.3 - root.x * 1.3 + root.z);
    let flutter = sin(time * 4.3 + phase * 40.0 + root.z * 3.0);
    let sway = in.traits.x * plants.air.z * (1.0 - 0.5 * body.x) * (1.0 - gone);
    world.x += sway * (gust + 0.35 * flutter);
    world.z += sway * (0.6 * gust - 0.35 * flutter);
    world.y -= sway * 0.25 * abs(gust);

    out.world_position = world;
    out.position = position_world_to_clip(world.xyz);

    var world_normal = mesh_functions::mesh_normal_local_to_world(normal, in.instance_index);
    let looks_up = world_normal.y;
    if !is_part(part, SOIL) {
        // Leaves let light through: they are lit as if they all looked up a little.
        world_normal = normalize(world_normal + vec3(0.0, LIFT, 0.0));
    }
#ifdef PREPASS_PIPELINE
#ifdef UNCLIPPED_DEPTH_ORTHO_EMULATION
    out.unclipped_depth = out.position.z;
    out.position.z = min(out.position.z, 1.0);
#endif
#ifdef NORMAL_PREPASS_OR_DEFERRED_PREPASS
    out.world_normal = world_normal;
#endif
#ifdef MOTION_VECTOR_PREPASS
    out.previous_world_position = world;
#endif
#else
    out.world_normal = world_normal;
#endif

#ifdef VERTEX_COLORS
    let plant = plants.colour[number];
    var colour = mix(in.colour.rgb, plant.rgb, in.colour.a);
    if is_part(part, SOIL) {
        colour = mix(colour, colour * vec3(0.36, 0.33, 0.33), plant.w);
        colour = mix(colour, vec3(0.80, 0.84, 0.92), snow * (0.75 - 0.35 * phase));
    } else if !is_part(part, SNOW) {
        // What is unwell turns brown, and last of all what tells thirst.
        let ill = (1.0 - body.z) * (1.0 - 0.85 * in.colour.a) * 0.8 + body.y * 0.45;
        colour = mix(colour, vec3(0.16, 0.095, 0.05), clamp(ill, 0.0, 0.85));
        // Rime on what looks up.
        let rime = snow * (1.0 - 0.6 * body.x) * smoothstep(0.55, 1.0, looks_up) * 0.55;
        colour = mix(colour * GLOW, vec3(0.86, 0.91, 0.97), rime);
    }
    out.color = vec4(min(colour * in.traits.z, vec3(1.0)), 1.0);
#endif
#ifdef VERTEX_OUTPUT_INSTANCE_INDEX
    out.instance_index = in.instance_index;
#endif
#ifdef VISIBILITY_RANGE_DITHER
    out.visibility_range_dither = mesh_functions::get_visibility_range_dither_level(in.instance_index, world_from_local[3]);
#endif
    return out;
}
