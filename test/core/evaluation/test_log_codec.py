from eventdepth_core.errors import ProfileError
from eventdepth_core.evaluation import LogCodec
import numpy as np
import pytest


def test_codes_of_known_depths_are_the_published_ones():
    codec = LogCodec(80.0, 3.70378)

    codes = codec.encode([5.0, 10.0, 20.0, 30.0, 50.0, 80.0])

    np.testing.assert_allclose(
        codes, [0.25142, 0.43856, 0.62571, 0.73518, 0.87310, 1.0], atol=6e-6
    )


@pytest.mark.parametrize(
    ('full', 'alpha', 'nearest'),
    [(80, 3.70378, 1.9704), (80, 3.7, 1.9779), (1000, 5.70378, 3.3333), (1000, 5.7, 3.3460)],
)
def test_code_zero_is_the_nearest_depth(full, alpha, nearest):
    codec = LogCodec(full, alpha)

    assert codec.min_depth_m == pytest.approx(nearest, abs=6e-5)
    assert codec.decode(0.0) == pytest.approx(codec.min_depth_m)


def test_decoding_inverts_encoding_and_nearer_depths_are_clipped():
    codec = LogCodec(80.0, 3.70378)
    depth_m = np.array([0.5, 2.0, 17.0, 79.0, 200.0, np.nan, 0.0])

    decoded = codec.decode(codec.encode(depth_m))

    expected = [codec.min_depth_m, 2.0, 17.0, 79.0, 80.0, np.nan, np.nan]
    np.testing.assert_allclose(decoded, expected)


@pytest.mark.parametrize('alpha', [0.0, -1.0, np.nan])
def test_a_code_without_slope_is_refused(alpha):
    with pytest.raises(ProfileError, match='Expected alpha of a log code > 0'):
        LogCodec(80.0, alpha)
