"""The depth of a recording does not depend on how fast it is played, nor on what was before."""

from harness.depth_node import DepthWatch, stamp_us, start_depth
from harness.packets import SensorHead, StreamSpec
from harness.recordings import EVENTS_TOPIC, IMAGE_TOPIC, POINTS_TOPIC, write_recording

DURATION_US = 1_000_000
RATES = (0.5, 2.0)


def test_the_same_recording_at_two_speeds_gives_the_same_bytes(ros, tiny_bundle_folder, tmp_path):
    recording = write_recording(tmp_path / 'recording', DURATION_US)
    end_us = SensorHead(StreamSpec()).stamp_ns // 1000 + DURATION_US
    watch = DepthWatch(ros)
    # A longer grace than a loaded machine may keep a process waiting: nothing here is silent.
    start_depth(ros, tiny_bundle_folder, grace_ms=1000.0)
    runs = []

    for rate in RATES:
        num_before = len(watch.images)
        player = ros.start(
            'player',
            parameters={
                'recording': str(recording),
                'rate': rate,
                'clock': True,
                'wait_for': [EVENTS_TOPIC, IMAGE_TOPIC, POINTS_TOPIC],
            },
        )
        ros.spin_until(lambda player=player: not player.is_alive, 60.0, 'the end of the player')
        ros.spin_until(
            lambda: watch.count('drops', 'pending') == 0 and watch.sums_agree(), what='sums'
        )
        new = watch.images[num_before:]
        runs.append({stamp_us(each): bytes(each.data) for each in new})

    slow, fast = ({at: depth for at, depth in run.items() if at < end_us} for run in runs)
    common = slow.keys() & fast.keys()
    assert len(common) >= 10  # of 20; a loaded machine drops some
    assert all(slow[at] == fast[at] for at in common)
