from eventdepth_core import Camera, DepthFrame
from eventdepth_core.replay.pictures import Album, MAX_SIDE_PX
import numpy as np


def frame(k, size=(9, 14)):
    camera = Camera(size[1], size[0], 10.0, 10.0, 5.0, 4.0)
    depth_m = np.full(size, 1.0 + k, np.float32)
    valid = np.ones(size, np.bool_)
    valid[0] = False
    return DepthFrame(depth_m, 0.1 * depth_m, valid, 1000 * k, ('events',), 'prior', camera)


def add(album, one, target_m=None):
    if not album.wants(target_m):
        album.skip(target_m)
        return
    inputs = np.zeros((*one.depth_m.shape, 3), np.uint8)
    album.add(one, inputs, target_m, elapsed_s=one.stamp_us / 1e6)


def test_frames_are_chosen_evenly():
    album = Album(3)

    for k in range(17):
        add(album, frame(k))

    assert [picture.stamp_us for picture in album.chosen()] == [0, 8000, 16000]


def test_frames_with_a_reference_are_preferred():
    album = Album(3)

    for k in range(8):
        add(album, frame(k), frame(k).depth_m if k in (2, 5) else None)

    assert [picture.stamp_us for picture in album.chosen()] == [2000, 5000]


def test_pixels_that_are_not_valid_are_hidden():
    album = Album(1)

    add(album, frame(0))

    (picture,) = album.chosen()
    assert np.isnan(picture.depth_m[0]).all()
    assert np.isnan(picture.std_m[0]).all()
    assert np.isfinite(picture.depth_m[1:]).all()


def test_large_frames_are_thinned():
    album = Album(1)

    add(album, frame(0, size=(300, 1300)))

    (picture,) = album.chosen()
    assert picture.depth_m.shape == picture.inputs.shape[:2] == (100, 434)
    assert max(picture.depth_m.shape) <= MAX_SIDE_PX


def test_a_sparse_reference_is_drawn_thicker_and_a_dense_one_as_it_is():
    album, target_m = Album(2), np.full((9, 14), np.nan, np.float32)
    target_m[4, 7] = 3.0

    add(album, frame(0), target_m)
    add(album, frame(1), frame(1).depth_m)

    sparse, dense = album.chosen()
    assert np.isfinite(sparse.target_m).sum() == 9
    np.testing.assert_array_equal(dense.target_m, frame(1).depth_m)
