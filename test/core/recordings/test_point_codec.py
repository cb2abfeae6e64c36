"""PointCloud2 in any layout."""

from dataclasses import replace

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.messages import Header, PointField, RawPointCloud
from eventdepth_core.recordings.point_codec import points_from_raw, raw_points
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

POINTS = np.random.default_rng(1).normal(size=(11, 3)).astype(np.float32)


@settings(max_examples=40)
@given(
    st.permutations(range(3)),
    st.integers(0, 9),
    st.integers(0, 7),
    st.sampled_from([('f4', 7), ('f8', 8), ('i2', 3)]),
    st.booleans(),
    st.integers(1, 3),
)
def test_any_layout_gives_the_same_points(order, first, row_pad, element, is_big, height):
    name, datatype = element
    dtype = np.dtype(('>' if is_big else '<') + name)
    points = np.arange(height * 4 * 3).reshape(height, 4, 3) - 5
    step = first + 3 * dtype.itemsize + 2
    offsets = [first + dtype.itemsize * place for place in order]
    row_step = 4 * step + row_pad
    raw = np.full((height, row_step), 99, np.uint8)
    cells = np.ndarray(
        (height, 4),
        np.dtype(
            {'names': list('xyz'), 'formats': [dtype] * 3, 'offsets': offsets, 'itemsize': step}
        ),
        buffer=raw,
        strides=(row_step, step),
    )
    for i, axis in enumerate('xyz'):
        cells[axis] = points[:, :, i]
    fields = tuple(
        PointField(axis, offset, datatype) for axis, offset in zip('xyz', offsets, strict=True)
    )
    cloud = RawPointCloud(
        Header(), height, 4, (PointField('ring', 0, 2), *fields), step, row_step, raw.tobytes(),
        is_bigendian=is_big,
    )  # fmt: skip

    points_m = points_from_raw(cloud)

    assert points_m.dtype == np.float32
    np.testing.assert_array_equal(points_m, points.reshape(-1, 3))


def test_points_survive_the_way_there_and_back():
    np.testing.assert_array_equal(points_from_raw(raw_points(POINTS)), POINTS)


def test_points_that_are_not_finite_are_left_out():
    points = POINTS.copy()
    points[3, 1] = np.nan
    points[5, 2] = np.inf

    cloud = raw_points(points)

    assert not cloud.is_dense
    np.testing.assert_array_equal(points_from_raw(cloud), np.delete(POINTS, [3, 5], axis=0))


def test_an_organised_cloud_keeps_its_rows():
    cloud = raw_points(POINTS[:10].reshape(2, 5, 3))

    assert (cloud.height, cloud.width, cloud.row_step) == (2, 5, 60)
    np.testing.assert_array_equal(points_from_raw(cloud), POINTS[:10])


def test_no_points_is_a_normal_value():
    assert points_from_raw(raw_points(np.empty((0, 3), np.float32))).shape == (0, 3)


@pytest.mark.parametrize(('change', 'text'), [
    ({'fields': (PointField('x', 0, 7),)}, 'Expected fields x, y, z'),
    ({'fields': tuple(PointField(name, 0, 9) for name in 'xyz')}, 'datatype of 1 to 8'),
    ({'fields': tuple(PointField(name, 10, 7) for name in 'xyz')}, 'inside a point of 12 bytes'),
    ({'points': bytes(100)}, 'Expected 132 bytes'),
    ({'height': 2, 'row_step': 5}, 'rows of at least 132'),
])  # fmt: skip
def test_a_cloud_that_does_not_fit_says_why(change, text):
    with pytest.raises(DecodeError, match=text):
        points_from_raw(replace(raw_points(POINTS), **change))


def test_points_of_another_shape_are_refused():
    with pytest.raises(DecodeError, match=r'Expected points of shape \(N, 3\)'):
        raw_points(np.zeros((4, 2), np.float32))
