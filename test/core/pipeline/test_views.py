"""How images and points come into the reference view."""

from eventdepth_core import Camera, EVENT_DTYPE, PipelineOptions, Rectification, Rig
from eventdepth_core.errors import InputError, UnsupportedInputError
from eventdepth_core.pipeline.views import ImageView, reference_view, sparse_depth
import numpy as np
import pytest

LIMITS_M = (0.1, 200.0)


def shifted(x_m=0.0, yaw_deg=0.0):
    transform = np.eye(4)
    cos, sin = np.cos(np.radians(yaw_deg)), np.sin(np.radians(yaw_deg))
    transform[:3, :3] = [[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]
    transform[0, 3] = x_m
    return transform


@pytest.fixture
def smooth_image():
    rows, columns = np.mgrid[:50, :70]
    return (100 + columns + rows / 2).astype(np.uint8)


def image_view(bundle, rig, **options):
    return ImageView(reference_view(rig, bundle), PipelineOptions(**options))


def test_an_image_in_the_reference_view_is_left_alone(tiny_bundle, camera, image):
    view = image_view(tiny_bundle, Rig(event=camera))

    assert (view.rectified(image) == image).all()
    assert not view.needs_depth


def test_a_camera_in_the_same_place_is_brought_to_the_size_of_the_reference(
    tiny_bundle, camera, smooth_image
):
    doubled = Camera(140, 100, 2 * camera.fx, 2 * camera.fy, 2 * camera.cx + 0.5, 49.5)
    view = image_view(tiny_bundle, Rig(event=camera, image=doubled))
    large = smooth_image.repeat(2, axis=0).repeat(2, axis=1)

    small = view.rectified(large).astype(int)

    assert small.shape == (50, 70)
    assert np.abs(small - smooth_image)[1:-1, 1:-1].max() <= 1


def test_a_turned_camera_is_turned_back(tiny_bundle, camera, smooth_image):
    view = image_view(
        tiny_bundle, Rig(event=camera, image=camera, event_from_image=shifted(yaw_deg=5.0))
    )

    turned = view.rectified(smooth_image)

    # A yaw of +5 degrees looks to the right: the middle column shows what stood to its left.
    shift_px = camera.fx * np.tan(np.radians(5.0))
    assert abs(int(turned[25, 34]) - (100 + 34 - shift_px + 12.5)) <= 1.5


def test_a_small_shift_is_accepted_and_a_large_one_needs_points(tiny_bundle, camera, image):
    rig = Rig(event=camera, image=camera, event_from_image=shifted(x_m=1.0))

    near = image_view(tiny_bundle, rig, image_min_depth_m=7.0)
    far = image_view(tiny_bundle, rig, image_min_depth_m=8.0)

    assert (near.needs_depth, far.needs_depth) == (True, False)
    assert far.rectified(image).shape == image.shape
    with pytest.raises(
        UnsupportedInputError, match=r'at most 8 px, .*shift of 8\.7 px and no rec'
    ):
        near.rectified(image)


def test_points_warp_an_image_by_their_parallax(tiny_bundle, camera, smooth_image):
    rig = Rig(event=camera, image=camera, event_from_image=shifted(x_m=1.0))
    view = image_view(tiny_bundle, rig, image_min_depth_m=1.0)

    warped = view.rectified(smooth_image, np.full(camera.size, 6.1, np.float32))

    expected = smooth_image.astype(int)[:, :-10]  # fx t / z = 10 px
    assert np.abs(warped[:, 10:].astype(int) - expected).max() <= 1


def test_pixels_that_no_image_reaches_take_the_mean_colour(tiny_bundle, camera):
    small = Camera(20, 20, camera.fx, camera.fy, 9.5, 9.5)
    view = image_view(tiny_bundle, Rig(event=camera, image=small))
    colours = np.full((20, 20, 3), (10, 200, 60), np.uint8)

    filled = view.rectified(colours)

    assert (filled == (10, 200, 60)).all()


def test_pipeline_refuses_and_counts_an_image_until_there_are_points(
    make_pipeline, camera, image, sparse_m
):
    rig = Rig(event=camera, image=camera, event_from_image=shifted(x_m=1.0))
    pipeline = make_pipeline(rig)

    with pytest.raises(UnsupportedInputError):
        pipeline.push_image(image, 0)
    pipeline.push_sparse_depth(sparse_m, 0)
    pipeline.push_image(image, 0)

    assert dict(pipeline.counts.drops) == {'unsupported_input': 1}
    assert pipeline.estimate(0).modalities == ('image', 'points')


def test_points_are_turned_into_the_rectified_frame(tiny_bundle, camera):
    turn = shifted(yaw_deg=10.0)[:3, :3]
    rig = Rig(
        event=camera,
        event_from_points=shifted(x_m=0.5),
        rectification=Rectification(turn, camera),
    )
    point = turn.T @ np.array([0.0, 0.0, 7.0]) - (0.5, 0.0, 0.0)

    sparse_m = sparse_depth(reference_view(rig, tiny_bundle), point[None], LIMITS_M)

    rows, columns = np.nonzero(np.isfinite(sparse_m))
    assert (rows.tolist(), columns.tolist()) == ([25], [34])
    assert sparse_m[25, 34] == pytest.approx(7.0)


def test_frames_are_in_the_undistorted_camera(make_pipeline, camera, image):
    distorted = Camera(70, 50, 61.0, 60.0, 34.0, 24.5, (-0.2, 0.05, 0.001, 0.0))
    pipeline = make_pipeline(Rig(event=distorted))
    pipeline.push_image(image, 0)

    assert pipeline.camera == camera
    assert pipeline.estimate(0).camera == camera


def test_frames_are_in_the_camera_of_the_rectification(make_pipeline, camera, events, image):
    target = Camera(80, 44, 55.0, 55.0, 40.0, 22.0)
    pipeline = make_pipeline(Rig(event=camera, rectification=Rectification(np.eye(3), target)))
    pipeline.push_events(events)
    pipeline.push_image(image, 100_000)

    frame = pipeline.estimate(100_000)

    assert frame.camera == target
    assert frame.depth_m.shape == (44, 80)


def test_without_an_event_camera_the_image_camera_is_the_reference(
    make_pipeline, camera, image, sparse_m
):
    pipeline = make_pipeline(Rig(image=camera))
    pipeline.push_image(image, 0)
    pipeline.push_sparse_depth(sparse_m, 0)

    assert pipeline.estimate(0).modalities == ('image', 'points')
    assert pipeline.camera == camera
    with pytest.raises(UnsupportedInputError, match='Expected a rig with an event camera'):
        pipeline.push_events(np.zeros(1, EVENT_DTYPE))


def test_a_bundle_may_name_the_image_as_its_reference(edit_manifest, camera):
    from eventdepth_core import load_bundle

    bundle = load_bundle(edit_manifest(lambda manifest: manifest.update(reference='image')))
    wide = Camera(90, 40, 50.0, 50.0, 45.0, 20.0)
    rig = Rig(
        event=camera,
        image=wide,
        event_from_image=shifted(x_m=0.2),
        event_from_points=shifted(x_m=0.7),
    )

    view = reference_view(rig, bundle)

    assert view.camera == wide
    assert view.event_camera is None
    np.testing.assert_allclose(view.from_points, shifted(x_m=0.5))
    assert reference_view(Rig(event=camera), bundle).camera == camera


def test_an_image_that_never_reaches_the_reference_view_is_refused(make_pipeline, camera, image):
    behind = Rig(event=camera, image=camera, event_from_image=shifted(yaw_deg=180.0))
    pipeline = make_pipeline(behind)

    with pytest.raises(UnsupportedInputError, match='overlaps the reference view, got none'):
        pipeline.push_image(image, 0)

    assert pipeline.counts.drops == {'unsupported_input': 1}


def test_events_that_never_reach_the_reference_view_are_refused(make_pipeline, camera):
    behind = Rectification(shifted(yaw_deg=180.0)[:3, :3], camera)

    with pytest.raises(InputError, match='overlaps the event camera, got none'):
        make_pipeline(Rig(event=camera, rectification=behind))
