"""What the types of the way through the code refuse, and what they keep."""

from eventdepth_core.errors import InputError
from eventdepth_core.types import Camera, Rectification, Rig, rigid_transform
import numpy as np
import pytest

PINHOLE = Camera(64, 48, 50.0, 51.0, 31.5, 23.5)
TURN = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize(
    'rotation',
    [
        np.eye(4),
        np.eye(3) * 1.1,
        np.diag([1.0, 1.0, -1.0]),
        np.full((3, 3), np.nan),
        np.eye(3) * 1j,
        [['a'] * 3] * 3,
        [[1.0], [0.0, 1.0]],
        None,
    ],
)
def test_what_is_no_rotation_is_refused_by_name(rotation):
    with pytest.raises(InputError, match=r'Rectification\.rotation'):
        Rectification(rotation, PINHOLE)


@pytest.mark.parametrize(
    'camera', [None, 'x', Camera(9, 7, 5, 5, 4, 3, (0.0,) * 4, 'equidistant')]
)
def test_a_rectification_takes_only_a_camera_without_distortion(camera):
    with pytest.raises(InputError, match=r'Rectification\.camera'):
        Rectification(TURN, camera)


def test_a_rectification_keeps_its_rotation_to_the_bit():
    rectification = Rectification(TURN.tolist(), PINHOLE)

    assert rectification.rotation.dtype == np.float64
    np.testing.assert_array_equal(rectification.rotation, TURN)


@pytest.mark.parametrize('side', [64.5, 64.0, 'a', np.nan, None, 0, -3, 16385])
def test_a_side_that_is_no_usable_integer_is_refused(side):
    with pytest.raises(InputError, match=r'Camera\.width'):
        Camera(side, 48, 50, 50, 31, 23)
    with pytest.raises(InputError, match=r'Camera\.height'):
        Camera(64, side, 50, 50, 31, 23)


def test_an_integer_of_numpy_is_a_side():
    camera = Camera(np.int64(16384), np.uint16(48), np.float64(50), 50, 31, 23)

    assert camera.size == (48, 16384)
    assert type(camera.width) is int


@pytest.mark.parametrize('number', ['50', None, np.nan, np.inf, 5j, [50.0]])
def test_an_intrinsic_that_is_no_finite_number_is_refused(number):
    for intrinsics in np.eye(4, dtype=np.bool_):
        arguments = [number if is_wrong else 5.0 for is_wrong in intrinsics]
        with pytest.raises(InputError, match='Expected finite intrinsics'):
            Camera(64, 48, *arguments)


@pytest.mark.parametrize('distortion', ['0000', None, 0.1, ['a'] * 4, [[0.1] * 4] * 4, [1j] * 4])
def test_a_distortion_that_is_no_sequence_of_numbers_is_refused(distortion):
    with pytest.raises(InputError, match='distortion'):
        Camera(64, 48, 50, 50, 31, 23, distortion)


@pytest.mark.parametrize('model', [None, 4, [], 'fov'])
def test_a_distortion_model_that_is_unknown_is_refused(model):
    with pytest.raises(InputError, match='Expected distortion_model out of plumb_bob'):
        Camera(64, 48, 50, 50, 31, 23, (), model)


@pytest.mark.parametrize('name', ['event', 'image', 'rectification'])
def test_a_rig_of_other_types_is_refused(name):
    with pytest.raises(InputError, match=rf'as Rig\.{name}, got str'):
        Rig(**{'event': PINHOLE, name: 'x'})


@pytest.mark.parametrize(
    'matrix', [[['a'] * 4] * 4, [['1'] * 4] * 4, [[1.0], [1.0, 2.0]], np.eye(4) + 0j, None, {}]
)
def test_a_transform_that_is_no_array_of_real_numbers_is_refused(matrix):
    with pytest.raises(InputError, match=r'in a_from_b|as a_from_b'):
        rigid_transform(matrix, name='a_from_b')


def test_a_rigid_transform_is_a_copy():
    given = np.eye(4)

    transform = rigid_transform(given, name='a_from_b')
    given[0, 3] = 5.0

    assert transform[0, 3] == 0.0
