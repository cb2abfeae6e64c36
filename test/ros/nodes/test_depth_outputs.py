"""What the depth node publishes, and when it does not."""

import json
import shutil

from eventdepth_ros import conversions
from harness.depth_node import pixels
from harness.drivers import latched_qos
from nodes.depth_world import DepthWorld
import numpy as np
import pytest
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_msgs.msg import Float64MultiArray, String
from std_srvs.srv import Trigger
import yaml

FOLDER = '/eventdepth'


@pytest.fixture
def world(ros, tiny_bundle_folder, tmp_path):
    return DepthWorld(ros, tiny_bundle_folder, trace__folder=str(tmp_path / 'traces'))


def set_parameter(world, name, value):
    return world.node.set_parameters([Parameter(name, value=value)])[0]


def test_depth_in_millimetres_is_that_in_metres(world):
    world.begin()
    metres = pixels(world.next_depth())

    assert set_parameter(world, 'depth.encoding', '16UC1').successful
    world.feed_until(lambda: world.watch.images[-1].encoding == '16UC1', 'depth in mm')
    millimetres = pixels(world.watch.images[-1])

    assert millimetres.dtype == np.uint16
    median_m = np.median(millimetres[millimetres > 0]) / 1000
    assert median_m == pytest.approx(np.nanmedian(metres), rel=0.2)


def test_mask_and_nan_agree(world):
    world.begin()
    world.feed_until(lambda: world.watch.masks, 'a mask')

    mask = world.watch.masks[-1]
    depth = next(each for each in world.watch.images if each.header == mask.header)

    np.testing.assert_array_equal(pixels(mask) == 255, np.isfinite(pixels(depth)))


def test_a_limit_on_the_deviation_invalidates_pixels_at_once(world):
    world.begin()
    assert np.isfinite(pixels(world.next_depth())).any()

    assert set_parameter(world, 'depth.max_std_m', 1e-6).successful

    world.feed_until(
        lambda: np.isnan(pixels(world.watch.images[-1])).all(), 'depth without a valid pixel'
    )


def test_pictures_and_points_are_made_for_subscribers_only(world, monkeypatch):
    made = []

    def counted(name, function):
        def wrapper(*arguments):
            made.append(name)
            return function(*arguments)

        return wrapper

    for name in ('preview_message', 'points_of_depth_message'):
        monkeypatch.setattr(conversions, name, counted(name, getattr(conversions, name)))
    world.begin()
    world.next_depth()
    assert made == []

    previews = world.ros.collect(Image, f'{FOLDER}/depth/image_color')
    clouds = world.ros.collect(PointCloud2, f'{FOLDER}/points')
    world.feed_until(lambda: previews and clouds, 'a preview and a cloud')

    height, width = world.drivers.head.spec.size
    assert previews[0].encoding == 'rgb8'
    assert (clouds[0].height, clouds[0].width) == (height, width)
    assert set(made) == {'preview_message', 'points_of_depth_message'}


def test_the_cloud_can_be_switched_off(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder, cloud__enabled=False)

    world.begin()

    assert world.node.count_publishers(f'{FOLDER}/points') == 0


def test_a_chosen_range_colours_the_preview_alike(world):
    world.begin()
    previews = world.ros.collect(Image, f'{FOLDER}/depth/image_color')
    changes = [
        Parameter('preview.min_depth_m', value=1000.0 - 1e-3),
        Parameter('preview.max_depth_m', value=1000.0),
    ]
    assert world.node.set_parameters_atomically(changes).successful
    world.next_depth()

    world.feed_until(lambda: previews, 'a preview')
    world.next_depth()
    picture = pixels(previews[-1])

    colours = {tuple(colour) for colour in picture.reshape(-1, 3)}
    assert len(colours) <= 2  # everything is nearer than the range, or not valid


def test_a_range_upside_down_is_refused_with_the_reason(world):
    result = set_parameter(world, 'preview.min_depth_m', 5.0)

    assert not result.successful
    assert 'preview.max_depth_m' in result.reason


def test_what_cannot_change_is_refused(world):
    result = set_parameter(world, 'rate_hz', 5.0)

    assert not result.successful


def test_the_mode_waits_for_late_subscribers(world):
    world.begin()
    world.next_depth()

    late = world.ros.collect(String, f'{FOLDER}/mode', latched_qos())
    world.ros.spin_until(lambda: late, what='the mode')

    mode = json.loads(late[0].data)
    keys = {'modalities', 'scale', 'incomplete', 'motion_delay_ms', 'stamp_us'}
    assert set(mode) == keys
    assert 'events' in mode['modalities']


def test_latencies_name_their_stages_and_add_up(world):
    latencies = world.ros.collect(Float64MultiArray, f'{FOLDER}/debug/latency')
    world.begin()
    world.feed_until(lambda: latencies, 'latencies')

    message = latencies[-1]
    stages = {each.label: ms for each, ms in zip(message.layout.dim, message.data, strict=True)}
    parts = ('accumulate', 'wait', 'infer', 'publish')
    assert stages['total'] == pytest.approx(sum(stages[name] for name in parts))
    assert stages['overhead'] == pytest.approx(stages['total'] - stages['infer'])


def test_a_saved_trace_holds_the_stages_of_frames(world, tmp_path):
    world.begin()
    client = world.ros.node('client').create_client(Trigger, f'{FOLDER}/save_trace')
    world.ros.spin_until(client.service_is_ready, what='the service')

    future = client.call_async(Trigger.Request())
    world.ros.spin_until(future.done, what='an answer')

    answer = future.result()
    assert answer.success, answer.message
    (path,) = (tmp_path / 'traces').glob('*.json')
    assert answer.message == str(path)
    names = {event['name'] for event in json.loads(path.read_text())['traceEvents']}
    assert {'receive', 'capture', 'infer', 'publish'} <= names


def test_relative_depth_has_names_of_its_own(ros, tiny_bundle_folder, tmp_path):
    folder = shutil.copytree(tiny_bundle_folder, tmp_path / 'relative')
    manifest = yaml.safe_load((folder / 'model.yaml').read_text())
    manifest['task'] = 'relative_depth'
    (folder / 'model.yaml').write_text(yaml.safe_dump(manifest, sort_keys=False))
    world = DepthWorld(ros, folder)
    relative = ros.collect(Image, f'{FOLDER}/depth_relative/image')
    infos = ros.collect(CameraInfo, f'{FOLDER}/depth_relative/camera_info')

    world.activate()
    world.drivers.announce()
    world.drivers.send_points()
    world.feed_until(lambda: relative and infos, 'relative depth')

    assert world.watch.images == []
    assert world.node.count_publishers(f'{FOLDER}/depth/image') == 0


def test_the_frame_may_be_given(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder, frame_id='eye')

    world.begin()

    assert world.watch.images[-1].header.frame_id == 'eye'
    assert world.watch.infos[-1].header.frame_id == 'eye'
