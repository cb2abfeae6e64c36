"""Pictures with depth: shared crops, exact depth, FastDepth's recipes, six views, splits."""

import cv2
from eventdepth_core.errors import InputError, RecordingError
import numpy as np
import pytest
from training.data.kitti import KittiSplit, normalised_camera, read_split, SplitLine
from training.data.pictures import (
    bottom_cropped,
    Box,
    centre_cropped,
    cropped,
    DepthPicture,
    eval_picture,
    jittered,
    mirrored,
    of_height,
    random_box,
    resized,
    scaled,
    six_views,
    train_picture,
    turned,
)


def ramp(height=480, width=640):
    """Return a picture whose red says the row, green the column, and depth both."""
    rows, columns = np.indices((height, width))
    image = np.stack([rows * 255 // height, columns * 255 // width, 0 * rows], axis=-1)
    return DepthPicture(image.astype(np.uint8), (1 + rows + columns / 1000).astype(np.float32))


def row_of_image(view, height=480):
    return view.image[..., 0].astype(float) * height / 255


def row_of_depth(view):
    return np.floor(view.depth_m) - 1


def test_picture_and_depth_of_every_view_show_the_same_place():
    views = six_views(np.random.default_rng(1), ramp())

    assert [view.size for view in views] == [(224, 224)] * 2 + [(96, 96)] * 4
    for view in views:
        assert np.abs(row_of_image(view) - row_of_depth(view)).max() < 4.5  # a step of red is 1.9


@pytest.mark.parametrize(
    ('area', 'low', 'high'), [((0.4, 1.0), 0.39, 1.0), ((0.05, 0.4), 0.04, 0.41)]
)
def test_views_cover_their_share_of_the_area_in_proportion(area, low, high):
    rng = np.random.default_rng(2)

    boxes = [random_box(rng, (480, 640), area) for _ in range(300)]

    shares = np.array([box.height * box.width for box in boxes]) / (480 * 640)
    ratios = np.array([box.width / box.height for box in boxes])
    assert low <= shares.min() < low + 0.1
    assert high - 0.15 < shares.max() <= high
    assert ratios.min() > 0.74
    assert ratios.max() < 1.35
    assert all(0 <= box.top <= 480 - box.height for box in boxes)


def test_a_box_that_never_fits_becomes_the_middle_of_an_allowed_proportion():
    box = random_box(np.random.default_rng(0), (100, 2000), (0.99, 1.0))

    assert box == Box(0, 933, 100, 133)


def test_depth_is_taken_and_never_mixed():
    depth_m = np.where(np.arange(640) < 333, 1.0, 9.0).astype(np.float32) * np.ones((480, 1))
    picture = DepthPicture(np.zeros((480, 640, 3), np.uint8), depth_m.astype(np.float32))

    for view in (resized(picture, (123, 457)), *six_views(np.random.default_rng(3), picture)):
        assert set(np.unique(view.depth_m)) <= {1.0, 9.0}


def test_magnified_depth_is_nearer():
    large = scaled(ramp(), 1.25)

    assert large.size == (600, 800)
    assert large.depth_m[300, 400] == pytest.approx(ramp().depth_m[240, 320] / 1.25, abs=1e-3)


def test_fastdepth_evaluates_the_middle_of_height_250():
    view = eval_picture(ramp())

    assert view.size == (224, 224)
    assert of_height(ramp(), 250).size == (250, 333)
    # rows 11 to 238 of 250, then 228 -> 224: the first row lies at (11.5 + 0.0) * 480 / 250
    assert row_of_depth(view)[0, 0] == pytest.approx(22, abs=1)
    assert row_of_depth(view)[-1, 0] == pytest.approx(457, abs=2)


def test_sparse_to_dense_evaluates_the_middle_of_height_240_as_it_is():
    view = eval_picture(ramp(), 'sparse_to_dense')

    assert view.size == (228, 304)
    assert row_of_depth(view)[0, 0] == pytest.approx(2 * 6 + 1, abs=1)


@pytest.mark.parametrize(
    ('recipe', 'size'), [('fastdepth', (224, 224)), ('sparse_to_dense', (228, 304))]
)
def test_training_pictures_are_of_the_size_of_evaluation_and_repeat_with_the_seed(recipe, size):
    views = [train_picture(np.random.default_rng(seed), ramp(), recipe) for seed in (5, 5, 6)]

    assert views[0].size == size
    np.testing.assert_array_equal(views[0].depth_m, views[1].depth_m)
    np.testing.assert_array_equal(views[0].image, views[1].image)
    assert (views[0].depth_m != views[2].depth_m).any()


def test_a_turned_picture_has_no_depth_in_its_corners():
    view = turned(ramp(), 5.0)

    assert np.isnan(view.depth_m[0, 0])
    # counter-clockwise: the right side of the middle row came from further below
    assert row_of_depth(view)[240, 600] > 240 + 20
    apart = row_of_image(view) - row_of_depth(view)
    assert np.abs(apart[100:380, 100:540]).max() < 5


def test_mirroring_twice_is_nothing():
    twice = mirrored(mirrored(ramp()))

    np.testing.assert_array_equal(twice.depth_m, ramp().depth_m)


def test_jitter_changes_colour_and_stays_in_range():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)

    changed = jittered(np.random.default_rng(1), image)

    assert changed.dtype == np.uint8
    assert (changed != image).mean() > 0.5
    np.testing.assert_array_equal(jittered(np.random.default_rng(1), image, 0.0), image)


def test_crops_lie_where_they_should():
    assert row_of_depth(centre_cropped(ramp(), (228, 304)))[0, 0] == 126
    kitti = bottom_cropped(ramp(375, 1242))
    assert kitti.size == (352, 1216)
    assert row_of_depth(kitti)[-1, 0] == 374
    with pytest.raises(InputError, match='Expected a box inside'):
        cropped(ramp(), Box(400, 0, 100, 10))


def test_a_picture_and_depth_of_two_sizes_are_refused():
    with pytest.raises(InputError, match='of one size'):
        DepthPicture(np.zeros((4, 5, 3), np.uint8), np.zeros((5, 4), np.float32))


@pytest.fixture
def split(tmp_path):
    drive = '2011_09_26/2011_09_26_drive_0002_sync'
    for name in ('image_02/data', 'image_03/data', 'proj_depth/groundtruth/image_02'):
        (tmp_path / drive / name).mkdir(parents=True)
    raw = np.zeros((370, 1226), np.uint16)
    raw[5, 6] = 5120
    cv2.imwrite(str(tmp_path / drive / 'proj_depth/groundtruth/image_02/0000000069.png'), raw)
    picture = np.full((370, 1226, 3), (1, 2, 3), np.uint8)
    cv2.imwrite(str(tmp_path / drive / 'image_02/data/0000000069.png'), picture)
    cv2.imwrite(str(tmp_path / drive / 'image_03/data/0000000054.jpg'), picture)
    (tmp_path / 'test_files.txt').write_text(f'{drive} 69 l\n{drive} 0000000054 r\n')
    return tmp_path


def test_a_split_gives_pictures_with_the_depth_that_is_there(split):
    lines = read_split(split / 'test_files.txt')

    with_depth, everything = KittiSplit(split, lines), KittiSplit(split, lines, needs_depth=False)

    assert lines[1] == SplitLine('2011_09_26/2011_09_26_drive_0002_sync', 54, 'r')
    assert (len(with_depth), with_depth.num_without_depth, len(everything)) == (1, 1, 2)
    np.testing.assert_array_equal(with_depth[0].image[0, 0], [3, 2, 1])
    assert with_depth[0].depth_m[5, 6] == 20.0  # 5120 / 256
    assert np.isnan(everything[1].depth_m).all()


def test_a_line_that_is_none_is_named(split):
    (split / 'test_files.txt').write_text('2011_09_26/drive 69 l\n2011_09_26/drive left 69\n')

    with pytest.raises(RecordingError, match=r'line 2 of .*test_files.txt'):
        read_split(split / 'test_files.txt')


def test_the_normalised_camera_is_that_of_640_by_192():
    camera = normalised_camera(640, 192)

    assert (camera.fx, camera.fy) == pytest.approx((371.2, 368.64))
