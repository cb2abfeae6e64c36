"""Meshes, height fields, shadows, motion and labels against what is known of them."""

import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate.caster import labels_of, render
from training.simulate.event_camera import EventCamera
from training.simulate.focus import Focus
from training.simulate.meshes import LEAF_TRIANGLES, mesh_trees
from training.simulate.models import model_id, model_library, model_mesh, MODELS, NUM_VARIANTS
from training.simulate.parts import Drift, Kind
from training.simulate.sensor_model import SensorModel
from training.simulate.solids import rotation_about, Shape
from world_scenes import CAMERA, HERE, part, pixel_rays, staged, SUN, world_of

FLOOR = part(Shape.BOX, (0.0, 2.0, 6.0), (50.0, 0.5, 50.0), kind=Kind.FLOOR)


@pytest.mark.parametrize('category', MODELS)
def test_a_mesh_is_hit_where_its_nearest_triangle_is(category):
    mesh = model_mesh(category, 1)
    turned = rotation_about((0.2, 0.7, -0.1))
    half = mesh.half_m / mesh.half_m.max()
    thing = part(Shape.MESH, (0.1, 0.0, 3.5), half, rotation=turned.T, model=model_id(category, 1))

    depth_m = render(staged(world_of(thing)), CAMERA).depth_m

    corners = (mesh.triangles * np.maximum(half, 0.02)) @ turned.T + [0.1, 0.0, 3.5]
    expected = _nearest_triangles(corners, pixel_rays().reshape(-1, 3)).reshape(depth_m.shape)
    np.testing.assert_allclose(depth_m, expected, rtol=1e-5)
    assert np.isfinite(depth_m).sum() > 20


def _nearest_triangles(corners, rays):
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    with np.errstate(divide='ignore', invalid='ignore'):
        t = (normal * corners[:, 0]).sum(-1) / (rays @ normal.T)  # (rays, triangles)
        t[~np.isfinite(t)] = np.inf
        point = np.where(np.isfinite(t), t, 0.0)[..., None] * rays[:, None]
    inside = np.isfinite(t) & (t > 1e-3)
    for k in range(3):
        along = corners[:, (k + 1) % 3] - corners[:, k]
        inward = np.cross(along, point - corners[:, k])
        inside &= (inward * normal).sum(-1) >= -1e-12
    return np.where(inside, t, np.inf).min(axis=1)


def test_every_triangle_lies_in_all_boxes_on_the_way_to_its_leaf():
    library = model_library()

    for model in range(len(MODELS) * NUM_VARIANTS):
        start, end = library.start[model : model + 2]
        seen = []
        for node in range(start, end):
            skip, first, count = library.links[node]
            assert node < skip <= end
            assert count <= LEAF_TRIANGLES
            inside = range(node, skip)
            triangles = [
                t
                for n in inside
                for t in range(library.links[n, 1], library.links[n, 1] + library.links[n, 2])
            ]
            corners = library.corners[triangles]
            points = np.concatenate(
                [corners[:, :3], corners[:, :3] + corners[:, 3:6], corners[:, :3] + corners[:, 6:]]
            )
            assert (points >= library.bounds[node, :3] - 1e-7).all()
            assert (points <= library.bounds[node, 3:] + 1e-7).all()
            seen += list(range(first, first + count))
        size = len(model_mesh(list(MODELS)[model // NUM_VARIANTS], model % NUM_VARIANTS).slots)
        assert sorted(seen) == list(range(seen[0], seen[0] + size))


def test_a_mesh_of_one_triangle_is_a_leaf():
    tree = mesh_trees((model_mesh('bush', 0),))

    assert tree.start.tolist() == [0, len(tree.bounds)]
    assert tree.links[0].tolist()[0] == len(tree.bounds)


def test_a_height_field_is_hit_on_its_triangles():
    rng = np.random.default_rng(1)
    grid = 17
    heights = np.clip(0.5 * rng.standard_normal((grid, grid)), -1, 1)
    half, centre = np.array([6.0, 0.4, 6.0]), np.array([0.0, 1.5, 7.0])
    field = part(Shape.FIELD, tuple(centre), tuple(half), kind=Kind.TERRAIN, model=0)

    depth_m = render(staged(world_of(field, fields=heights[None])), CAMERA).depth_m

    axis = np.linspace(-1, 1, grid)
    x, z = np.meshgrid(axis, axis)
    point = np.stack([x, heights, z], axis=-1) * half + centre
    near = np.stack([point[:-1, :-1], point[:-1, 1:], point[1:, :-1]], axis=2).reshape(-1, 3, 3)
    far = np.stack([point[1:, 1:], point[1:, :-1], point[:-1, 1:]], axis=2).reshape(-1, 3, 3)
    corners = np.concatenate([near, far])
    expected = _nearest_triangles(corners, pixel_rays().reshape(-1, 3)).reshape(depth_m.shape)
    seen_from_above = np.isfinite(expected) & np.isfinite(depth_m)
    np.testing.assert_allclose(depth_m[seen_from_above], expected[seen_from_above], rtol=1e-5)
    # only the rim of the field, seen from its side, differs
    assert (np.isfinite(expected) != np.isfinite(depth_m)).mean() < 0.02
    assert seen_from_above.sum() > 300


def test_a_box_casts_its_shadow_on_the_floor_and_nowhere_else():
    # the sun stands above (0, 6): its rays fall almost straight down
    box = part(Shape.BOX, (0.0, 0.0, 6.0), (1.0, 0.2, 1.0))
    with_box, without = (
        render(staged(world_of(*parts)), CAMERA) for parts in ((FLOOR, box), (FLOOR,))
    )

    point = without.depth_m[..., None] * pixel_rays()
    on_floor = (without.depth_m < 15.0) & np.isclose(with_box.depth_m, without.depth_m)
    under = on_floor & (np.abs(point[..., [0, 2]] - [0.0, 6.0]).max(-1) < 0.5)
    beside = on_floor & (np.abs(point[..., [0, 2]] - [0.0, 6.0]).max(-1) > 1.6)
    ratio = with_box.colour[..., 0] / without.colour[..., 0]
    # the two worlds draw other ambient light
    ratio /= np.median(ratio[beside])
    assert under.sum() > 5
    np.testing.assert_allclose(ratio[beside], 1.0, rtol=0.03)
    # ambient against ambient and sun
    assert ratio[under].max() < 0.25
    assert ratio[under].min() > 0.1


def test_a_lamp_fades_with_distance():
    lit = [
        render(
            staged(
                world_of(
                    FLOOR,
                    lamp=type(SUN)(
                        np.array([0.0, -height, 6.0]),
                        SUN.target_m,
                        30.0,
                        (1.0,) * 3,
                        (0.0,) * 3,
                        2.0,
                    ),
                )
            ),
            CAMERA,
        ).colour[-1, 20, 0]
        for height in (1.0, 4.0)
    ]

    assert lit[0] > 1.5 * lit[1] > 0


def test_a_mover_is_where_its_drift_says_at_the_last_pose():
    drift = Drift(velocity_m_s=np.array([0.0, 0.0, -10.0]))
    scene = world_of(part(Shape.BOX, (0.0, 0.0, 6.0), (0.5, 0.5, 0.5), drift=drift))
    stage = staged(scene, poses=(HERE, HERE, HERE), times_s=np.array([0.0, 0.05, 0.1]))

    depth_m = [render(stage, CAMERA, view=k).depth_m[15, 19] for k in range(3)]

    np.testing.assert_allclose(depth_m, [5.5, 5.0, 4.5], rtol=1e-5)


def test_a_mover_before_a_still_camera_gives_events_where_it_passes():
    drift = Drift(velocity_m_s=np.array([4.0, 0.0, 0.0]))
    wall = part(Shape.BOX, (0.0, 0.0, 9.0), (50.0, 50.0, 0.5), kind=Kind.WALL)
    box = part(Shape.BOX, (-0.5, 0.0, 5.0), (0.4, 0.4, 0.4), drift=drift, tint=(0.2, 0.2, 0.2))
    scene = world_of(wall, box)
    stage = staged(scene, poses=(HERE,) * 9, times_s=np.linspace(0.0, 0.05, 9))
    sensor = EventCamera(
        SensorModel(0.1, 0.1, mismatch=0.0, noise_hz=0.0),
        width=CAMERA.width,
        height=CAMERA.height,
        rng=np.random.default_rng(0),
    )

    events = sensor.window(stage, CAMERA, start_us=0, duration_us=50_000, focus=Focus(0.5))

    assert len(events) > 10
    # the near face at 4.6 m spans x in [-0.9, 0.1] m, moves 0.2 m; 2 px for blur and rounding
    low, high = (CAMERA.fx * x / 4.6 + CAMERA.cx for x in (-0.9, 0.1))
    assert events['x'].min() >= low - 2
    assert events['x'].max() <= high + 2


def test_labels_name_kind_and_thing_of_each_pixel():
    person = part(
        Shape.MESH,
        (0.0, 0.5, 4.0),
        (0.3, 0.9, 0.3),
        kind=Kind.PERSON,
        model=model_id('person', 0),
        thing=7,
    )
    scene = world_of(FLOOR, person)
    picture = render(staged(scene), CAMERA)

    labels = labels_of(scene, picture)

    is_person = labels.kind == Kind.PERSON
    assert is_person.sum() > 20
    assert (labels.thing[is_person] == 7).all()
    assert (picture.depth_m[is_person] < 4.5).all()
    assert ((labels.kind == Kind.SKY) == np.isinf(picture.depth_m)).all()
    assert set(np.unique(labels.kind)) == {Kind.SKY, Kind.FLOOR, Kind.PERSON}
