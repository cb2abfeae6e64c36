"""Indoor and driving worlds: sizes of the real world, movers, splits that share nothing."""

from eventdepth_core.types import Camera
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate.caster import render
from training.simulate.families import EVERY_NAME, FAMILIES, family_named, FAMILY_NAMES, WORLDS
from training.simulate.families.indoor import STYLES
from training.simulate.materials import material_tile, MATERIALS, TILES_A_MATERIAL
from training.simulate.models import MODELS, NUM_VARIANTS, VARIANTS
from training.simulate.parts import Kind
from training.simulate.photos import SPLITS
from training.simulate.recipe import (
    MAX_FOV_DEG,
    MIN_FOV_DEG,
    RECORDED,
    split_fov_deg,
    world_recipe,
)
from training.simulate.sample import find_viewpoint, random_sample
from training.simulate.scene import dress_layout
from training.simulate.solids import Shape
from training.simulate.stage import stage_scene
from training.simulate.trajectory import window_poses
from training.simulate.world_textures import world_pool

INDOOR = tuple(world for world in WORLDS if world.name.startswith('indoor'))
DRIVING = tuple(world for world in WORLDS if world.name.startswith('driving'))
CAMERA = Camera(width=62, height=46, fx=40.0, fy=40.0, cx=30.5, cy=22.5)


@pytest.fixture(scope='module')
def pool():
    return world_pool(np.random.default_rng(0), 'val')


def name_of(world):
    return world.name


def parts_of(world, seeds):
    return [
        part for seed in seeds for part in world.layout(np.random.default_rng(seed)).details.parts
    ]


def sizes_m(parts, kind):
    return np.array([2 * part.solid.half_m for part in parts if part.kind is kind])


def test_old_families_keep_their_numbers():
    assert EVERY_NAME[: len(FAMILIES)] == FAMILY_NAMES
    assert [family_named(name).name for name in EVERY_NAME] == list(EVERY_NAME)
    assert RECORDED.families == FAMILIES


@pytest.mark.parametrize('world', WORLDS, ids=name_of)
def test_a_world_is_a_function_of_its_generator(world):
    first, again = (world.layout(np.random.default_rng(5)) for _ in range(2))

    assert len(first.solids) == len(again.solids) == len(first.details.parts)
    for one, other in zip(first.solids, again.solids, strict=True):
        assert one.shape is other.shape
        assert np.array_equal(one.centre_m, other.centre_m)
        assert np.array_equal(one.half_m, other.half_m)


@pytest.mark.parametrize('world', INDOOR, ids=name_of)
def test_rooms_have_real_sizes_and_cameras_real_heights(world):
    style, rng = STYLES[world.style], np.random.default_rng(1)
    layouts = [world.layout(np.random.default_rng(seed)) for seed in range(30)]

    extents = np.array([layout.extent_m for layout in layouts])
    for sizes, limits in zip(
        extents.T, (style.width_m, style.height_m, style.depth_m), strict=True
    ):
        assert sizes.min() >= limits[0]
        assert sizes.max() <= limits[1]
    # floor y = 0: the camera's height is -y
    heights = np.array([-world.viewpoint(rng, each).position_m[1] for each in layouts * 5])
    assert heights.min() >= 0.25
    assert heights.max() <= 1.75
    assert 0.5 < (heights > 1.15).mean() < 0.8


def test_furniture_and_people_have_real_sizes():
    parts = [part for world in INDOOR for part in parts_of(world, range(25))]

    people, chairs = sizes_m(parts, Kind.PERSON), sizes_m(parts, Kind.CHAIR)
    assert len(people) > 20
    assert len(chairs) > 50
    assert 1.5 < people[:, 1].min() <= people[:, 1].max() < 2.0
    assert 0.75 < chairs[:, 1].min() <= chairs[:, 1].max() < 1.35
    tops = np.array(
        [
            -(part.solid.centre_m[1] - part.solid.half_m[1])
            for part in parts
            if part.kind is Kind.TABLE
            and part.solid.half_m[1] < 0.03
            and part.solid.half_m[0] > 0.34
        ]
    )
    assert ((tops > 0.3) & (tops < 0.8)).mean() > 0.95
    doors = sizes_m(parts, Kind.DOOR)
    assert doors[doors[:, 1] > 1.0][:, 1].min() > 1.9


@pytest.mark.parametrize('world', DRIVING, ids=name_of)
def test_streets_have_real_sizes_and_cameras_real_heights(world):
    rng = np.random.default_rng(2)
    layouts = [world.layout(np.random.default_rng(seed)) for seed in range(20)]
    parts = [part for layout in layouts for part in layout.details.parts]

    heights = np.array([-world.viewpoint(rng, each).position_m[1] for each in layouts * 5])
    assert heights.min() >= 0.7
    assert heights.max() <= 1.9
    assert 0.65 < (heights >= 1.2).mean() < 0.95
    roads, vehicles = sizes_m(parts, Kind.ROAD), sizes_m(parts, Kind.VEHICLE)
    assert 6.0 <= roads[:, 0].min() <= roads[:, 0].max() <= 14.4
    assert 0.9 < vehicles[:, 1].min() <= vehicles[:, 1].max() < 4.2
    assert 1.4 < np.median(vehicles[:, 1]) < 3.0
    pavements = [
        part for part in parts if part.kind is Kind.PAVEMENT and part.solid.half_m[0] > 0.2
    ]
    for part in pavements:
        assert 0.09 < -(part.solid.centre_m[1] - part.solid.half_m[1]) < 0.16


@pytest.mark.parametrize('world', DRIVING, ids=name_of)
def test_a_camera_sees_its_road_at_the_height_it_was_given(pool, world):
    rng = np.random.default_rng(3)
    layout = world.layout(rng)
    still = [part for part in layout.details.parts if part.kind in {Kind.ROAD, Kind.TERRAIN}]
    pose = world.viewpoint(rng, layout)
    details = type(layout.details)(tuple(still), layout.details.lamp, layout.details.fields)
    bare = type(layout)(tuple(p.solid for p in still), layout.extent_m, 1.0, details)
    stage = stage_scene(dress_layout(rng, bare, pool), (pose,), CAMERA)

    depth_m = render(stage, CAMERA).depth_m

    y, x = np.mgrid[: CAMERA.height, : CAMERA.width]
    rays = np.stack(
        [(x - CAMERA.cx) / CAMERA.fx, (y - CAMERA.cy) / CAMERA.fy, np.ones(x.shape)], -1
    )
    down = (rays @ pose.rotation.T)[-8:, :, 1] * depth_m[-8:]
    np.testing.assert_allclose(down, -pose.position_m[1], atol=0.15)


def test_traffic_and_people_move_on_roads_and_floors():
    for worlds, fastest in ((INDOOR, 1.6), (DRIVING, 18.1)):
        drifts = [
            part.drift
            for world in worlds
            for part in parts_of(world, range(10))
            if part.drift is not None
        ]
        speed = [np.linalg.norm(drift.offset_m(1e-3)) * 1e3 for drift in drifts]
        assert len(drifts) > 10
        assert max(speed) <= fastest
        assert all(drift.offset_m(0.03)[1] == 0.0 for drift in drifts)


@pytest.mark.parametrize('world', WORLDS, ids=name_of)
def test_tile_lists_change_nothing_in_a_world(pool, world):
    rng = np.random.default_rng(4)
    scene, start, around = find_viewpoint(rng, world, pool, CAMERA, mode='mixed')
    poses = window_poses(rng, world, start, around, CAMERA)
    times_s = np.linspace(0.0, 0.05, len(poses))

    tiled, brute = (
        render(stage_scene(scene, poses, CAMERA, use_tiles=use_tiles, times_s=times_s), CAMERA)
        for use_tiles in (True, False)
    )

    np.testing.assert_array_equal(tiled.depth_m, brute.depth_m)
    np.testing.assert_array_equal(tiled.solid, brute.solid)


def test_a_sample_of_a_world_has_labels_and_is_repeatable(pool):
    recipe = world_recipe('val')

    one, again = (
        random_sample(np.random.default_rng(9), pool, size=(46, 62), recipe=recipe)
        for _ in range(2)
    )

    assert np.array_equal(one.events, again.events)
    assert np.array_equal(one.image, again.image)
    assert one.labels is not None
    assert ((one.labels.kind == Kind.SKY) <= np.isinf(one.depth_m)).all()
    assert EVERY_NAME[one.family] in {family.name for family in recipe.families}


def test_splits_share_no_family_no_model_and_no_field_of_view():
    names = {split: {family.name for family in world_recipe(split).families} for split in SPLITS}
    variants = {split: set(VARIANTS[split]) for split in SPLITS}
    rng = np.random.default_rng(0)
    bins = {
        split: {int((split_fov_deg(rng, split) - MIN_FOV_DEG) // 2.0) for _ in range(400)}
        for split in SPLITS
    }

    for sets in (names, variants, bins):
        for one, other in (('train', 'val'), ('train', 'test'), ('val', 'test')):
            assert sets[one]
            assert not sets[one] & sets[other]
    assert max(max(each) for each in bins.values()) < (MAX_FOV_DEG - MIN_FOV_DEG) / 2.0
    used = {
        split: {
            part.model % NUM_VARIANTS
            for world in WORLDS
            if world.split == split
            for part in parts_of(world, range(6))
            if part.solid.shape is Shape.MESH
        }
        for split in SPLITS
    }
    for split in SPLITS:
        assert used[split] <= variants[split]


def test_splits_share_no_material_tile():
    tiles = {
        split: {
            material_tile(name, split, number).tobytes()
            for name in MATERIALS
            for number in range(TILES_A_MATERIAL)
        }
        for split in SPLITS
    }

    assert len(tiles['train']) == len(MATERIALS) * TILES_A_MATERIAL
    assert not tiles['train'] & tiles['val']
    assert not tiles['train'] & tiles['test']
    assert not tiles['val'] & tiles['test']


def test_a_recipe_gives_each_half_of_the_worlds_its_share():
    for split in SPLITS:
        recipe = world_recipe(split)
        shares = dict(zip((f.name for f in recipe.families), recipe.shares, strict=True))
        rooms = sum(share for name, share in shares.items() if name.startswith('indoor'))
        streets = sum(share for name, share in shares.items() if name.startswith('driving'))
        assert sum(recipe.shares) == pytest.approx(1.0)
        assert rooms == pytest.approx(streets)
    assert set(MODELS) >= {'car', 'person', 'tree', 'chair'}
