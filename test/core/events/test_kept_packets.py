"""What is kept of a stream: age, bytes, completeness."""

from eventdepth_core.events.kept_packets import KeptEvents, KeptPackets
from eventdepth_core.types import EVENT_DTYPE
import numpy as np


def packet(first_us, last_us, num=10):
    return KeptEvents(np.zeros(num, EVENT_DTYPE), first_us, last_us)


def test_packets_too_old_go_and_completeness_follows():
    kept = KeptPackets(100)
    for first_us in range(0, 300, 50):
        kept.append(packet(first_us, first_us + 40))

    assert [p.first_us for p in kept.overlapping(0, 1_000)] == [150, 200, 250]
    assert kept.complete_from_us == 141


def test_packets_beyond_the_bytes_go_but_never_the_last():
    kept = KeptPackets(1_000, max_bytes=400)

    for first_us in (0, 10, 20):
        kept.append(packet(first_us, first_us + 9))
    assert [p.first_us for p in kept.overlapping(0, 1_000)] == [10, 20]

    kept.append(packet(30, 39, num=1_000))
    assert [p.first_us for p in kept.overlapping(0, 1_000)] == [30]
    assert kept.complete_from_us == 30


def test_only_packets_that_may_hold_events_of_a_window_are_given():
    kept = KeptPackets(1_000)
    for first_us in (0, 10, 20):
        kept.append(packet(first_us, first_us + 9))

    assert [p.first_us for p in kept.overlapping(19, 20)] == [10]
    assert list(kept.overlapping(30, 40)) == []


def test_forgetting_leaves_nothing():
    kept = KeptPackets(1_000)
    kept.append(packet(0, 9))

    kept.forget()

    assert kept.complete_from_us is None
    assert list(kept.overlapping(-1_000, 1_000)) == []
