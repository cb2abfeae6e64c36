from eventdepth_core.scheduling.waiting import CAPACITY, WaitingRoom
from eventdepth_core.types import ImageSample, PointsSample, PoseSample
import numpy as np


def image(stamp_us):
    return ImageSample(np.zeros((2, 3), np.uint8), stamp_us)


def points(stamp_us):
    return PointsSample(np.zeros((1, 3), np.float32), stamp_us)


def stamps(samples):
    return [(type(sample).__name__[:5], sample.stamp_us) for sample in samples]


def test_an_estimate_gets_all_poses_and_the_newest_of_the_rest_up_to_its_stamp():
    room = WaitingRoom()
    for stamp_us in (10, 20, 30):
        room.add(image(stamp_us))
        room.add(points(stamp_us + 5))
        room.add(PoseSample(np.eye(4), stamp_us + 1))

    released = stamps(room.released(25))

    assert released == [('PoseS', 11), ('PoseS', 21), ('Image', 20), ('Point', 25)]
    assert room.drops == {'superseded_image': 1, 'superseded_points': 1}


def test_poses_may_be_asked_for_up_to_a_later_time_than_the_rest():
    room = WaitingRoom()
    for stamp_us in (10, 20, 30):
        room.add(image(stamp_us))
        room.add(PoseSample(np.eye(4), stamp_us))

    released = stamps(room.released(10, 25))

    assert released == [('PoseS', 10), ('PoseS', 20), ('Image', 10)]


def test_what_is_stamped_later_waits_on():
    room = WaitingRoom()
    room.add(image(30))

    assert stamps(room.released(29)) == []
    assert stamps(room.released(30)) == [('Image', 30)]
    assert stamps(room.released(99)) == []


def test_the_room_is_bounded_and_counts_who_gave_way():
    room = WaitingRoom()

    for stamp_us in range(CAPACITY + 3):
        room.add(image(stamp_us))

    assert room.is_full
    assert room.drops['superseded_image'] == 3
    assert stamps(room.released(5)) == [('Image', 5)]


def test_what_waits_at_the_end_is_counted_as_unused():
    room = WaitingRoom()
    room.add(image(1))
    room.add(points(1))
    room.add(PoseSample(np.eye(4), 1))

    room.forget()

    assert room.drops == {'unused_image': 1, 'unused_points': 1}
    assert stamps(room.released(9)) == []
