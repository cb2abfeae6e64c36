"""Graph outputs -> metres: variances add, measurements are fused, contradictions are not."""

from eventdepth_core.bundle import CalibrationFactors, GridSize, SensorSize
from eventdepth_core.preparation import (
    completed_log_depth,
    layout_grid,
    layout_log_depth,
    LayoutOutput,
    LogDepth,
    metres,
    reduced_sparse,
    sensor_grid,
    with_measurements,
)
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

SPEC = GridSize(pixels=5120, multiple=16)


def constant(value: float, size: tuple[int, int] = (6, 7)) -> np.ndarray:
    return np.full(size, value, dtype=np.float32)


def test_layout_adds_scale_shift_and_both_variances() -> None:
    grid = layout_grid((128, 160), SPEC)
    layout = LayoutOutput(
        constant(0.5, (64, 80)), constant(np.log(0.09), (64, 80)), 1.0, np.log(0.16)
    )

    result = layout_log_depth(layout, grid, 0.25, CalibrationFactors(pixel=2.0, scale=1.0))

    np.testing.assert_allclose(result.log_depth_m, 1.75, rtol=1e-6)
    np.testing.assert_allclose(result.sigma, np.sqrt(4 * 0.09 + 0.16), rtol=1e-5)


def test_completed_depth_uses_the_pixel_factor() -> None:
    sensor = sensor_grid((30, 40), SensorSize(multiple=16, max_pixels=10_000))

    result = completed_log_depth(
        constant(1.0, (32, 48)),
        constant(np.log(0.04), (32, 48)),
        sensor,
        0.5,
        CalibrationFactors(pixel=3.0),
    )

    assert result.log_depth_m.shape == (30, 40)
    np.testing.assert_allclose(result.log_depth_m, 1.5, rtol=1e-6)
    np.testing.assert_allclose(result.sigma, 0.6, rtol=1e-5)


def test_agreeing_measurement_is_averaged_by_precision() -> None:
    predicted = LogDepth(constant(np.log(4.0)), constant(0.2))
    sparse = constant(np.nan)
    sparse[2, 3] = 4.4

    fused = with_measurements(predicted, sparse, 0.1)

    gain = 0.04 / 0.05
    expected = np.log(4.0) + gain * np.log(1.1)
    assert fused.log_depth_m[2, 3] == pytest.approx(expected, rel=1e-5)
    assert fused.sigma[2, 3] == pytest.approx(np.sqrt(0.04 * 0.2), rel=1e-5)
    assert fused.sigma[0, 0] == pytest.approx(0.2)


def test_contradicting_measurement_is_not_believed() -> None:
    predicted = LogDepth(constant(np.log(4.0)), constant(0.05))
    sparse = constant(np.nan)
    sparse[1, 1] = 40.0

    fused = with_measurements(predicted, sparse, 0.01)

    np.testing.assert_array_equal(fused.log_depth_m, predicted.log_depth_m)


@given(st.floats(0.01, 2.0), st.floats(0.001, 0.5), st.floats(-1.0, 1.0))
def test_fusing_never_widens_sigma(sigma: float, range_sigma: float, error: float) -> None:
    predicted = LogDepth(constant(1.0), constant(sigma))
    sparse = constant(float(np.exp(1.0 + error)))

    fused = with_measurements(predicted, sparse, range_sigma)

    assert (fused.sigma <= predicted.sigma + 1e-6).all()


def test_metres_outside_the_range_are_invalid() -> None:
    log_depth = np.log(np.array([[0.05, 1.0, 500.0]], dtype=np.float32))

    result = metres(LogDepth(log_depth, constant(0.1, (1, 3))), 0.1, 200.0)

    assert result.valid.tolist() == [[False, True, False]]
    assert np.isnan(result.depth_m[0, [0, 2]]).all()
    assert result.std_m[0, 1] == pytest.approx(0.1, rel=1e-5)


def test_reduced_sparse_keeps_the_nearest_point() -> None:
    sensor = sensor_grid((64, 64), SensorSize(multiple=16, max_pixels=1024))
    sparse = constant(np.nan, (64, 64))
    sparse[10, 10], sparse[11, 11] = 7.0, 3.0

    reduced = reduced_sparse(sparse, sensor)

    assert reduced.shape == (32, 32)
    assert np.nanmin(reduced) == 3.0
    assert np.isfinite(reduced).sum() == 1
