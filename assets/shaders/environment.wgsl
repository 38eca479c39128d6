// Everything that surrounds the plants and the robot: one shader, cut to measure for each kind of thing.
//
// Light is reckoned at the vertices: all faces are flat and have their own, so the picture is the same as if it were done for each
// pixel, and a software renderer has little more to do than to fill in. Only shadows, sky and wet places need the pixel.
//
// A vertex has: a place, a normal, a colour by which its paint is multiplied (in a: how much snow it holds), traits
// (which paint; how far it sways; a phase in 0..1, at which share of its kind it appears; a size), and an anchor: the middle or the
// root of what it belongs to.

#import bevy_pbr::{
    mesh_view_bindings::{view, globals, lights},
    mesh_view_types::DIRECTIONAL_LIGHT_FLAGS_SHADOWS_ENABLED_BIT,
    shadows::fetch_directional_shadow,
    view_transformations::position_world_to_clip,
}
#ifdef TONEMAP_IN_SHADER
#import bevy_core_pipeline::tonemapping::tone_mapping
#endif

struct Air {
    // Towards the sun; w: how many clouds there are.
    sun_direction: vec4<f32>,
    // Light of the sun; w: size of the sun's disc.
    sun_colour: vec4<f32>,
    // Light from above and from below.
    sky_light: vec4<f32>,
    ground_light: vec4<f32>,
    // Colour of far things; w: how thick the air is, in 1/m.
    fog: vec4<f32>,
    horizon: vec4<f32>,
    zenith: vec4<f32>,
    // Snow, leaves, blossom, fog.
    season: vec4<f32>,
    // Rain, wetness, ice, wind.
    weather: vec4<f32>,
    // Half a side of the plot, height of its walls, how much snow falls, how many flowers stand.
    plot: vec4<f32>,
    paints: array<vec4<f32>, 32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> air: Air;

const PAINT_LAWN: u32 = 0u;
const PAINT_SNOW: u32 = 1u;

struct Vertex {
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) colour: vec4<f32>,
    @location(3) traits: vec4<f32>,
    @location(4) anchor: vec3<f32>,
}

struct Corner {
    @builtin(position) position: vec4<f32>,
    // Colour in the shade, and how much of it the air hides.
    @location(0) shade: vec4<f32>,
    // What the sun adds, and how opaque it is.
    @location(1) sunlit: vec4<f32>,
#ifdef NEEDS_PLACE
    @location(2) place: vec4<f32>,
    @location(3) normal: vec3<f32>,
#endif
}

fn gust(place: vec2<f32>, phase: f32) -> f32 {
    let t = globals.time;
    let along = dot(place, vec2(0.8, 0.6));
    let broad = sin(along * 0.55 - t * 1.3) * 0.6 + sin(along * 1.7 + place.y * 0.6 - t * 2.3) * 0.25;
    let flutter = sin(t * 5.0 + phase * 6.283 + along * 3.0) * 0.15;
    return (broad + flutter + 0.35) * air.weather.w;
}

// Shadows of drifting clouds: 0 in the shadow, 1 in the sun.
fn cloud_shade(place: vec2<f32>) -> f32 {
    let p = place * 0.09 + vec2(globals.time * 0.045, globals.time * 0.02);
    let n = sin(p.x + sin(p.y * 1.3)) + sin(p.y * 0.8 + 1.7 + sin(p.x * 0.7)) * 0.8;
    return 1.0 - 0.42 * air.sun_direction.w * smoothstep(0.3, 1.2, n);
}

// Light past the walls of the plot, where no shadow map tells: 0 in their shadow, 1 in the sun.
fn past_walls(place: vec3<f32>) -> f32 {
    let sun = air.sun_direction.xyz;
    let inner = air.plot.x;
    let toward = vec2(select(-1.0, 1.0, sun.x > 0.0), select(-1.0, 1.0, sun.z > 0.0));
    let slope = max(abs(sun.xz), vec2(1e-3));
    let leave = (vec2(inner + 0.02) - toward * place.xz) / slope;
    let out = min(leave.x, leave.y);
    if max(abs(place.x), abs(place.z)) < inner + 0.01 {
        let over = place.y + sun.y * out - air.plot.y;
        return smoothstep(-0.015, 0.03, over);
    }
    // From outside, the way to the sun may enter the plot over a wall.
    let border = vec2(inner + 0.32);
    let enter = (-border - toward * place.xz) / slope;
    let into = max(enter.x, enter.y);
    let away = (border - toward * place.xz) / slope;
    if into < 0.0 || into > min(away.x, away.y) {
        return 1.0;
    }
    return smoothstep(-0.015, 0.03, place.y + sun.y * into - air.plot.y);
}

// How much of a thing is hidden by the air.
fn haze(place: vec3<f32>) -> f32 {
    let distance_m = length(place - view.world_position);
    let through = max(distance_m - 9.0, 0.0) * air.fog.w;
    // Fog lies low.
    let low = mix(1.0, clamp(1.25 - place.y * 0.045, 0.35, 1.25), air.season.w);
    return 1.0 - exp(-through * through * low - through * 0.25);
}

fn hidden() -> Corner {
    var out: Corner;
    // Behind every eye: the triangle vanishes.
    out.position = vec4(0.0, 0.0, -2.0, 1.0);
    out.shade = vec4(0.0);
    out.sunlit = vec4(0.0);
#ifdef NEEDS_PLACE
    out.place = vec4(0.0, 0.0, 0.0, 1.0);
    out.normal = vec3(0.0, 1.0, 0.0);
#endif
    return out;
}

fn lit(place: vec3<f32>, normal: vec3<f32>, paint: vec3<f32>, facing: f32, opaque: f32) -> Corner {
    var out: Corner;
    out.position = position_world_to_clip(place);
    let ambient = mix(air.ground_light.rgb, air.sky_light.rgb, normal.y * 0.5 + 0.5);
    out.shade = vec4(paint * ambient, haze(place));
    var shine = facing * cloud_shade(place.xz);
#ifdef WALL_SHADE_AT_CORNERS
    shine *= past_walls(place);
#endif
    out.sunlit = vec4(paint * air.sun_colour.rgb * shine, opaque);
#ifdef NEEDS_PLACE
    out.place = vec4(place, 1.0);
    out.normal = normal;
#endif
    return out;
}

fn turned(v: vec3<f32>, axis: vec3<f32>, angle: f32) -> vec3<f32> {
    let c = cos(angle);
    let s = sin(angle);
    return v * c + cross(axis, v) * s + axis * dot(axis, v) * (1.0 - c);
}

@vertex
fn vertex(in: Vertex) -> Corner {
    let slot = u32(in.traits.x + 0.5);
    let sway = in.traits.y;
    let phase = in.traits.z;
    let size = in.traits.w;
    var paint = air.paints[slot].rgb * in.colour.rgb;
    let sun = air.sun_direction.xyz;
    let snow = air.season.x;
    let t = globals.time;

#ifdef SOLID
    var place = in.position;
    if sway > 0.0 {
        let wind = gust(in.anchor.xz, phase) * sway;
        place += vec3(0.8, 0.0, 0.6) * wind + vec3(0.0, sin(t * 1.7 + phase * 6.283 + place.x) * 0.25 * wind, 0.0);
    }
    // Snow lies on what looks up, and frost clings to the rest.
    let lies = in.colour.a * snow * smoothstep(0.25, 0.6, in.normal.y + (phase - 0.5) * 0.3);
    paint = mix(paint, air.paints[PAINT_SNOW].rgb * (0.94 + 0.06 * phase), lies);
    // Rain darkens.
    paint *= 1.0 - 0.22 * air.weather.y * max(in.normal.y, 0.0) * (1.0 - snow);
    // Leaves let some light through: size tells how soft the light falls.
    let facing = clamp((dot(in.normal, sun) + size) / (1.0 + size), 0.0, 1.0);
    return lit(place, in.normal, paint, facing, 1.0);
#endif

#ifdef BLADES
    // A blade stands at its anchor; its tip sways. It is lit as the ground is on which it stands.
    var kept = 1.0 - size * snow;
    // Of the tall grass only some tufts look out of the snow.
    if phase > 0.16 {
        kept -= snow;
    }
    if kept < 0.05 {
        return hidden();
    }
    var reach = in.position - in.anchor;
    reach.y *= kept;
    let wind = gust(in.anchor.xz, phase) * sway;
    let place = in.anchor + reach + vec3(0.8, -0.25 * abs(wind) / max(sway, 0.001), 0.6) * vec3(wind, sway * 0.3, wind);
    paint *= 1.0 - 0.15 * air.weather.y;
    return lit(place, in.normal, paint, clamp(dot(in.normal, sun), 0.0, 1.0), 1.0);
#endif

#ifdef LITTER
    // Petals, leaves and flowers: they come one after the other as their season does. Which season, in a of the colour.
    let which = u32(in.colour.a + 0.5);
    var share = air.season.y;
    if which == 1u {
        share = air.season.z;
    } else if which == 2u {
        share = air.plot.w;
    }
    var grown = clamp((share - phase * 0.95) * 8.0, 0.0, 1.0) * (1.0 - snow);
    if which == 3u {
        // Snow that the wind has heaped.
        grown = snow;
    }
    if grown <= 0.01 {
        return hidden();
    }
    let wind = gust(in.anchor.xz, phase) * sway;
    let place = in.anchor + (in.position - in.anchor) * grown + vec3(0.8, 0.0, 0.6) * wind;
    return lit(place, in.normal, paint, clamp((dot(in.normal, sun) + size) / (1.0 + size), 0.0, 1.0), 1.0);
#endif

#ifdef FALLING
    // What falls: each kind has its share, its speed and its way of falling.
    let kind = u32(in.colour.a + 0.5);
    var share = air.season.z * 0.7;
    var speed = 0.55;
    if kind == 1u {
        share = air.season.y * 0.8;
        speed = 0.7;
    } else if kind == 2u {
        share = air.plot.z;
        speed = 0.85;
    } else if kind == 3u {
        share = air.weather.x;
        speed = 9.0;
    }
    if phase >= share {
        return hidden();
    }
    // From how high things fall.
    let height_m = 7.0;
    let spread = in.anchor.xz;
    let fallen = fract(in.anchor.y + t * speed * (0.8 + 0.4 * size) / height_m);
    var centre = vec3(spread.x, height_m * (1.0 - fallen) - 0.05, spread.y);
    var local = in.position;
    let push = air.weather.w;
    if kind == 3u {
        // A streak of rain turns about the vertical, towards the eye.
        let to_eye = normalize(view.world_position.xz - centre.xz + vec2(1e-4));
        centre += vec3(0.8, 0.0, 0.6) * (centre.y - 2.0) * -0.12 * push;
        local = vec3(-to_eye.y * in.position.x, in.position.y, to_eye.x * in.position.x) + vec3(0.8, 0.0, 0.6) * in.position.y * -0.12 * push;
        // Right before the eye a streak would be a bar.
        if distance(centre, view.world_position) < 3.2 {
            return hidden();
        }
        return lit(centre + local, vec3(0.0, 1.0, 0.0), paint, 0.4, in.normal.x);
    }
    // Right before the eye a petal would be a sheet.
    if distance(centre, view.world_position) < 2.2 {
        return hidden();
    }
    let swing = select(0.28, 0.14, kind == 2u);
    let turn = t * (0.9 + size * 1.1) + in.anchor.y * 40.0;
    centre.x += sin(turn * 0.9) * swing + (centre.y - 3.0) * -0.22 * push;
    centre.z += cos(turn * 0.7 + size * 9.0) * swing + (centre.y - 3.0) * -0.16 * push;
    // Near the ground it becomes small, for it must not vanish at once.
    local *= smoothstep(0.0, 0.02, fallen) * smoothstep(1.0, 0.985, fallen);
    let axis = normalize(vec3(sin(size * 17.0), 0.6, cos(size * 23.0)));
    var normal = vec3(0.0, 1.0, 0.0);
    if kind != 2u {
        local = turned(local, axis, turn * 1.6);
        normal = turned(normal, axis, turn * 1.6);
    } else {
        // Flakes look at the eye.
        let right = view.world_from_view[0].xyz;
        let up = view.world_from_view[1].xyz;
        local = right * local.x + up * local.z;
    }
    return lit(centre + local, vec3(0.0, 1.0, 0.0), paint, 0.45 + 0.4 * abs(dot(normal, sun)), 1.0);
#endif

#ifdef SPLASH
    // Rings where drops meet the ground, each in its own moment.
    let age = fract(t * 1.7 + phase);
    if size >= air.weather.x {
        return hidden();
    }
    // At each drop in another place.
    let drop = floor(t * 1.7 + phase);
    let jump = fract(vec2(drop * 0.37 + phase * 7.0, drop * 0.61 + phase * 3.0)) - 0.5;
    let centre = vec3(in.anchor.x + jump.x * 1.2, 0.015, in.anchor.z + jump.y * 1.2);
    let ring = in.position * (0.25 + age) ;
    return lit(centre + ring, vec3(0.0, 1.0, 0.0), paint, 0.3, (1.0 - age) * 0.55);
#endif

#ifdef SHEEN
    // Puddles grow with the wet, ice with the cold.
    var share = air.weather.y;
    if slot > 0u {
        share = air.weather.z;
    }
    let grown = smoothstep(phase * 0.6, phase * 0.6 + 0.4, share);
    if grown <= 0.01 {
        return hidden();
    }
    var place = in.anchor + (in.position - in.anchor) * vec3(grown, 1.0, grown);
    var out = lit(place, vec3(0.0, 1.0, 0.0), vec3(1.0), 0.0, in.colour.a * min(grown * 2.0, 1.0));
    out.shade = vec4(in.colour.rgb, out.shade.a);
    return out;
#endif

#ifdef CLOUD
    let grown = smoothstep(0.0, 0.25, air.sun_direction.w - phase * 0.8);
    if grown <= 0.0 {
        return hidden();
    }
    let angle = t * 0.004 * (0.6 + sway);
    let c = cos(angle);
    let s = sin(angle);
    let swollen = in.anchor + (in.position - in.anchor) * grown;
    let place = vec3(c * swollen.x + s * swollen.z, swollen.y, c * swollen.z - s * swollen.x);
    let normal = vec3(c * in.normal.x + s * in.normal.z, in.normal.y, c * in.normal.z - s * in.normal.x);
    var out: Corner;
    out.position = position_world_to_clip(place);
    let soft = clamp(dot(normal, sun) * 0.5 + 0.5, 0.0, 1.0);
    out.shade = vec4(paint * mix(air.ground_light.rgb * 0.7 + air.sky_light.rgb * 0.8, air.sky_light.rgb * 1.7, normal.y * 0.5 + 0.5), 0.22 + 0.4 * air.season.w);
    out.sunlit = vec4(paint * air.sun_colour.rgb * soft * 0.6, 1.0);
#ifdef NEEDS_PLACE
    out.place = vec4(place, 1.0);
    out.normal = normal;
#endif
    return out;
#endif

#ifdef SKY
    var out = hidden();
    let place = view.world_position + in.position;
    out.position = position_world_to_clip(place);
    out.place = vec4(in.position, 1.0);
    return out;
#endif
}

fn finished(bright: vec4<f32>) -> vec4<f32> {
    // What is brighter than white bends back softly: snow keeps its relief.
    let over = max(bright.rgb - 0.8, vec3(0.0));
    let colour = vec4(min(bright.rgb, vec3(0.8)) + 0.2 * (1.0 - exp(-over * 4.0)), bright.a);
#ifdef TONEMAP_IN_SHADER
    return tone_mapping(colour, view.color_grading);
#else
    return colour;
#endif
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
#ifdef SKY
    let direction = normalize(in.place.xyz);
    let up = direction.y;
    var colour = mix(air.horizon.rgb, air.zenith.rgb, smoothstep(0.0, 0.75, sqrt(max(up, 0.0))));
    let near_sun = max(dot(direction, air.sun_direction.xyz), 0.0);
    let clear = 1.0 - 0.75 * air.season.w;
    let glow = pow(near_sun, 10.0) * 0.16 + pow(near_sun, 90.0) * 0.3;
    colour += air.sun_colour.rgb * glow * clear;
    colour += air.sun_colour.rgb * smoothstep(air.sun_colour.w, air.sun_colour.w + 0.0006, near_sun) * clear;
    colour = mix(colour, air.fog.rgb, smoothstep(0.06, -0.02, up));
    return finished(vec4(min(colour, vec3(1.0)), 1.0));
#else

    var sunshine = 1.0;
#ifdef SHADOWS
#ifndef SHEEN
#ifndef CLOUD
    if (lights.n_directional_lights > 0u) && (lights.directional_lights[0].flags & DIRECTIONAL_LIGHT_FLAGS_SHADOWS_ENABLED_BIT) != 0u {
        let view_z = dot(vec4(view.view_from_world[0].z, view.view_from_world[1].z, view.view_from_world[2].z, view.view_from_world[3].z), in.place);
        sunshine = fetch_directional_shadow(0u, in.place, in.normal, view_z, in.position.xy);
    }
#endif
#endif
#endif

#ifdef WALL_SHADE
    // The walls themselves are left to their facing, or they would shade their own stones.
    if in.normal.y > 0.9 && in.place.y < air.plot.y * 0.5 {
        sunshine = past_walls(in.place.xyz);
    }
#endif

    var colour = in.shade.rgb + in.sunlit.rgb * sunshine;
#ifdef SHEEN
    let to_eye = normalize(view.world_position - in.place.xyz);
    let ripple = vec3(sin(in.place.x * 9.0 + globals.time * 2.0), 0.0, cos(in.place.z * 11.0 - globals.time * 1.6)) * 0.012 * air.weather.x;
    let normal = normalize(vec3(0.0, 1.0, 0.0) + ripple);
    let mirrored = reflect(-to_eye, normal);
    let grazing = pow(1.0 - max(dot(to_eye, normal), 0.0), 3.0);
    let sky = mix(air.horizon.rgb, air.zenith.rgb, clamp(mirrored.y, 0.0, 1.0));
    let glint = pow(max(dot(mirrored, air.sun_direction.xyz), 0.0), 120.0);
    colour = mix(in.shade.rgb * air.sky_light.rgb * 1.6, sky, 0.35 + 0.6 * grazing) + air.sun_colour.rgb * glint * 0.8;
    return finished(vec4(colour, clamp(in.sunlit.a * (0.55 + 0.45 * grazing), 0.0, 1.0)));
#else
    colour = mix(colour, air.fog.rgb, in.shade.a);
    return finished(vec4(colour, in.sunlit.a));
#endif
#endif
}
