"""The page of scenes: one row a sample, pictures that show what they claim to."""

import cv2
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate.families import FAMILY_NAMES, WORLDS
from training.simulate.recipe import family_recipe
from training.simulate.sample import random_sample
from training.simulate.scene_page import (
    depth_picture,
    event_picture,
    main,
    panels,
    points_picture,
    split_of,
)
from training.simulate.world_textures import world_pool


@pytest.fixture(scope='module')
def sample():
    pool = world_pool(np.random.default_rng(0), 'val')
    recipe = family_recipe('indoor_kitchen', 'val')
    return random_sample(np.random.default_rng(3), pool, size=(46, 62), recipe=recipe)


def test_events_are_red_on_and_blue_off_and_nothing_else_is_coloured(sample):
    picture, events = event_picture(sample).astype(int), sample.events
    on, off = np.zeros((46, 62)), np.zeros((46, 62))
    np.add.at(on, (events['y'], events['x']), events['p'] > 0)
    np.add.at(off, (events['y'], events['x']), events['p'] < 0)

    red, green, blue = np.moveaxis(picture, -1, 0)
    assert (picture[(on == 0) & (off == 0)] == 255).all()
    assert (red > blue)[on > off].all()
    assert (blue > red)[off > on].all()
    assert (green[on + off > 0] < 255).all()


def test_near_is_brighter_than_far_and_sky_is_black():
    picture = depth_picture(np.array([[0.6, 5.0, 70.0, np.inf]], np.float32)).astype(int)

    brightness = picture[0].sum(axis=-1)
    assert brightness[0] > brightness[1] > brightness[2]
    assert brightness[3] == 0


def test_points_have_the_colours_of_the_depth_picture(sample):
    points, depth = points_picture(sample), depth_picture(sample.depth_m)
    dim = sample.image // 3

    drawn = (points != dim).any(axis=-1)
    difference = np.abs(points[drawn].astype(int) - depth[drawn]).max(axis=-1)
    assert drawn.sum() > 100
    assert np.median(difference) <= 8


def test_a_world_has_six_panels_of_its_size(sample):
    pictures = panels(sample)

    assert len(pictures) == 6
    assert all(picture.shape == (46, 62, 3) for picture in pictures)


def test_the_command_writes_one_row_a_family_and_seed(tmp_path):
    path = tmp_path / 'page.png'

    main(['--out', str(path), '--families', 'room', '--seeds', '1', '2', '--size', '40x32'])

    # images, events, depth and points of a recorded family: it has no labels
    assert cv2.imread(str(path)).shape == (2 * (32 + 14), 4 * 40, 3)


def test_each_world_belongs_to_one_split_and_recorded_families_to_training():
    assert {split_of(name) for name in FAMILY_NAMES} == {'train'}
    assert [split_of(world.name) for world in WORLDS] == [world.split for world in WORLDS]
