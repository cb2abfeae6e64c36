import threading

from eventdepth_core.events.held_events import HeldEvents
from eventdepth_core.events.kept_packets import KeptWords
from eventdepth_core.pipeline.captured import Captured
from eventdepth_core.pipeline.motion import TakenStream
from eventdepth_core.realtime.request import Mailbox, MAX_PASSED, MAX_PASSED_BYTES, Request
from eventdepth_core.types import ImageSample, PointsSample, PoseSample
import numpy as np

IMAGE = np.zeros((2, 3), np.uint8)
POINTS = np.zeros((1, 3), np.float32)


def request(stamp_us, *samples, generation=0):
    return Request(Captured(stamp_us), samples, generation, received_ns=1, captured_ns=2)


def test_a_newer_request_replaces_the_one_that_waits():
    mailbox = Mailbox()
    first, second = request(1), request(2)

    assert mailbox.put(first) is None
    assert mailbox.put(second) is first
    taken = mailbox.take()

    assert taken is not None
    assert taken.captured.stamp_us == 2


def test_what_only_the_replaced_request_held_goes_on():
    points, old_image = PointsSample(POINTS, 1), ImageSample(IMAGE, 1)
    new_image = ImageSample(IMAGE, 2)
    pose, later_pose = PoseSample(np.eye(4), 1), PoseSample(np.eye(4), 2)
    mailbox = Mailbox()

    mailbox.put(request(1, pose, old_image, points))
    mailbox.put(request(2, later_pose, new_image))

    taken = mailbox.take()
    assert taken.samples == (points, later_pose, new_image)
    assert [(each.captured.stamp_us, each.poses) for each in taken.passed] == [(1, (pose,))]


def test_events_and_poses_of_many_replaced_requests_stay_in_order_up_to_a_limit():
    mailbox = Mailbox()

    for stamp_us in range(2 * MAX_PASSED):
        mailbox.put(request(stamp_us, PoseSample(np.eye(4), stamp_us)))

    passed = mailbox.take().passed
    newest = list(range(2 * MAX_PASSED - 1))[-MAX_PASSED:]
    assert [each.captured.stamp_us for each in passed] == newest
    assert [each.poses[0].stamp_us for each in passed] == newest


def test_nothing_goes_on_over_a_reset():
    mailbox = Mailbox()
    mailbox.put(request(1, PointsSample(POINTS, 1), generation=0))

    mailbox.put(request(2, generation=1))

    assert mailbox.take().samples == ()


def test_a_closed_mailbox_wakes_the_worker_and_gives_nothing():
    mailbox = Mailbox()
    taken = []
    worker = threading.Thread(target=lambda: taken.append(mailbox.take()))
    worker.start()

    mailbox.close()
    worker.join(10.0)

    assert taken == [None]


def test_a_cleared_mailbox_is_empty():
    mailbox = Mailbox()
    waiting = request(1)
    mailbox.put(waiting)

    assert mailbox.clear() is waiting
    assert mailbox.clear() is None


def test_passed_packets_are_bounded_by_their_bytes():
    words = np.zeros(MAX_PASSED_BYTES // 6, np.uint16)  # a third of the limit
    held = HeldEvents((KeptWords(words, np.zeros(1, np.int64), 0, 1),), 0, 1, (2, 3))
    mailbox = Mailbox()

    for stamp_us in range(6):
        captured = Captured(stamp_us, events=TakenStream(held, 0))
        mailbox.put(Request(captured, (), 0, received_ns=1, captured_ns=2))

    assert [each.captured.stamp_us for each in mailbox.take().passed] == [2, 3, 4]
