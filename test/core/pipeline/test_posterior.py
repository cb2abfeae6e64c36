"""Fusion and completion as arithmetic."""

from dataclasses import replace

from eventdepth_core import DepthPipeline, load_bundle, Rig
from eventdepth_core.pipeline.evidence import encoded_image, encoded_points, grids_for
from eventdepth_core.pipeline.posterior import completed_planes, fused_layout
import numpy as np
import pytest


@pytest.fixture
def grids(tiny_bundle, camera):
    return grids_for(tiny_bundle, camera)


def test_the_canonical_shift_is_the_log_of_the_focal_length_at_grid_scale(tiny_bundle, camera):
    doubled = replace(camera, fx=2 * camera.fx, fy=2 * camera.fy)

    shift = grids_for(tiny_bundle, doubled).log_shift - grids_for(tiny_bundle, camera).log_shift

    assert shift == pytest.approx(np.log(2.0))
    grids = grids_for(tiny_bundle, camera)
    focal_px = np.sqrt(61.0 * 60.0) * grids.layout.scale
    assert grids.log_shift == pytest.approx(np.log(focal_px / 40.0))


def test_the_layout_is_the_product_of_the_experts_and_the_prior(
    tiny_bundle, tiny_engine, grids, image, sparse_m
):
    by_image = encoded_image(tiny_engine, grids, image, 0)
    by_points = encoded_points(tiny_engine, grids, sparse_m, 0)
    experts = [by_image.expert, by_points.expert]
    precision = [np.exp(-expert['logvar_fine'][0]) for expert in experts]
    total = 1.0 + sum(precision)
    mean = sum(t * e['mu_fine'][0] for t, e in zip(precision, experts, strict=True)) / total

    layout = fused_layout(
        tiny_engine, tiny_bundle, grids, {'image': by_image, 'points': by_points}
    )

    coarse = mean.mean(axis=0) - mean.mean()
    np.testing.assert_allclose(layout.log_depth[::4, ::4], coarse, atol=1e-5)
    np.testing.assert_allclose(
        layout.log_variance[::4, ::4], -np.log(total.mean(axis=0)), atol=1e-5
    )


def test_the_completion_sees_zeros_where_a_sensor_is_absent(
    tiny_engine, tiny_bundle, grids, image, sparse_m
):
    seen = {}

    class Recorder:
        def run(self, graph, inputs):
            seen.update({graph: inputs})
            return tiny_engine.run(graph, inputs)

    given = {'points': encoded_points(tiny_engine, grids, sparse_m, 0)}
    layout = fused_layout(Recorder(), tiny_bundle, grids, given)
    without = completed_planes(Recorder(), layout, grids, given)
    inputs = seen['complete']

    assert inputs['present'].tolist() == [0.0, 0.0, 1.0]
    assert not inputs['events'].any()
    assert not inputs['image'].any()
    assert inputs['image'].shape == (1, 3, grids.sensor.height, grids.sensor.width)
    given['image'] = encoded_image(tiny_engine, grids, image, 0)
    assert not np.array_equal(completed_planes(Recorder(), layout, grids, given)[0], without[0])
    assert seen['complete']['image'].any()


def test_calibration_factors_of_the_subset_scale_its_deviation(
    make_pipeline, edit_manifest, camera, events
):
    unfitted = load_bundle(edit_manifest(lambda manifest: manifest.pop('calibration')))
    frames = []
    for pipeline in (make_pipeline(), DepthPipeline(unfitted, Rig(event=camera))):
        pipeline.push_events(events)
        frames.append(pipeline.estimate(100_000))
    fitted, raw = frames

    ratio = fitted.std_m / raw.std_m
    assert (fitted.depth_m == raw.depth_m).all()
    assert (ratio >= 1.5 - 1e-4).all()  # the factor of a pixel
    assert (ratio <= 2.0 + 1e-4).all()  # the factor of the scale
