use bevy::mesh::VertexFormat;

use super::*;

/// A surface that is only a brightness.
#[derive(Clone, Copy, Debug)]
struct Grey(f32);

impl Surface for Grey {
    fn numbers(&self) -> VertexNumbers {
        VertexNumbers {
            colour: [self.0, self.0, self.0, 1.0],
            traits: [1.0, 2.0, 3.0, 4.0],
            anchor: Some([5.0, 6.0, 7.0]),
        }
    }

    fn shaded(self, by: f32) -> Self {
        Self(self.0 * by)
    }
}

const WHITE: Grey = Grey(1.0);

/// Counts the triangles of a closed body that face away from `centre`, and all of its triangles.
fn facing_out(builder: &MeshBuilder<Grey>, centre: Vec3) -> (usize, usize) {
    let at = |index: u32| Vec3::from_array(builder.positions[index as usize]);
    let corners: Vec<[Vec3; 3]> = builder
        .indices
        .chunks_exact(3)
        .map(|t| [at(t[0]), at(t[1]), at(t[2])])
        .collect();
    let normal = |[a, b, c]: &[Vec3; 3]| (*b - *a).cross(*c - *a);
    let real: Vec<_> = corners.iter().filter(|corners| normal(corners).length() > 1e-6).collect();
    let out = real
        .iter()
        .filter(|corners| normal(corners).dot(corners[0] - centre) > 0.0)
        .count();
    (out, real.len())
}

#[test]
fn bodies_face_outwards() {
    let mut ball = MeshBuilder::default();
    ball.ball(Vec3::ONE, Vec3::new(0.5, 0.7, 0.5), 8, 6, &WHITE);
    let (out, all) = facing_out(&ball, Vec3::ONE);
    assert_eq!(out, all);
    let mut cuboid = MeshBuilder::default();
    cuboid.cuboid(Transform::from_xyz(1.0, 1.0, 1.0), Vec3::splat(0.2), &WHITE);
    assert_eq!(facing_out(&cuboid, Vec3::ONE), (12, 12));
    let mut tube = MeshBuilder::default();
    tube.tube(&[Vec3::ZERO, Vec3::Y], &[0.1], 6, |_| WHITE);
    let (out, all) = facing_out(&tube, Vec3::Y * 0.5);
    assert_eq!(out, all);
    let mut block = MeshBuilder::default();
    block.block(Vec3::ONE, Vec3::new(0.5, 0.3, 0.4), 0.7, 0.8, 0.05, WHITE);
    // Six sides and twelve worn edges.
    assert_eq!(facing_out(&block, Vec3::ONE), (36, 36));
    let mut column = MeshBuilder::default();
    column.column(Vec3::ZERO, Vec3::Y, 0.2, 0.1, 5, WHITE);
    // Five sides and a lid of three triangles.
    assert_eq!(facing_out(&column, Vec3::Y * 0.5), (13, 13));
}

#[test]
fn normals_of_a_ball_point_away_from_its_centre() {
    let mut ball = MeshBuilder::default();
    ball.ball(Vec3::ONE, Vec3::splat(0.5), 12, 8, &WHITE);
    for (position, normal) in ball.positions.iter().zip(&ball.normals) {
        let outward = (Vec3::from_array(*position) - Vec3::ONE).normalize();
        assert!(outward.dot(Vec3::from_array(*normal)) > 0.9);
    }
}

#[test]
fn a_vertex_is_lit_by_a_unit_normal_and_a_face_by_exactly_the_given_one() {
    let long = Vec3::new(0.0, 0.0, 3.0);
    let mut builder = MeshBuilder::default();
    builder.vertex(Vec3::ZERO, long, &WHITE);
    builder.face_with_normal(&[Vec3::ZERO, Vec3::X, Vec3::Y], long, WHITE);
    assert_eq!(
        builder.normals,
        [[0.0, 0.0, 1.0], [0.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 3.0]]
    );
}

#[test]
fn each_division_of_a_ball_makes_four_triangles_of_one() {
    for (detail, count) in [(0, 20), (1, 80), (2, 320)] {
        let triangles = triangles_of_a_ball(detail);
        assert_eq!(triangles.len(), count);
        assert!(triangles.iter().flatten().all(|corner| (corner.length() - 1.0).abs() < 1e-5));
    }
}

#[test]
fn a_finished_mesh_has_only_the_attributes_that_its_shader_reads() {
    let traits = MeshVertexAttribute::new("Traits", 1_001, VertexFormat::Float32x4);
    let anchors = MeshVertexAttribute::new("Anchors", 1_002, VertexFormat::Float32x3);
    let build = |extra| {
        let mut builder = MeshBuilder::default();
        builder.face(&[Vec3::ZERO, Vec3::X, Vec3::Y], Grey(0.5));
        let mesh = builder.build(extra);
        [Mesh::ATTRIBUTE_COLOR, traits, anchors].map(|attribute| mesh.attribute(attribute).map(|values| values.len()))
    };
    assert_eq!(build(ExtraAttributes::default()), [Some(3), None, None]);
    let with_traits = ExtraAttributes {
        traits: Some(traits),
        ..default()
    };
    assert_eq!(build(with_traits), [Some(3), Some(3), None]);
    let with_both = ExtraAttributes {
        traits: Some(traits),
        anchors: Some(anchors),
    };
    assert_eq!(build(with_both), [Some(3), Some(3), Some(3)]);
}
