"""Messages that wait for a live path."""

from eventdepth_ros.depth.backlog import Backlog, Held

MS_NS = 1_000_000


def held(received_ns, num_bytes=10, modality='events'):
    return Held(modality, object(), 0, received_ns, num_bytes)


def test_messages_come_out_in_their_order_and_once():
    dropped = []
    backlog = Backlog(dropped.append, max_age_s=1.0)
    messages = [held(k * MS_NS) for k in range(5)]

    for each in messages:
        backlog.hold(each)

    assert list(backlog.taken()) == messages
    assert list(backlog.taken()) == []
    assert dropped == []


def test_the_oldest_goes_first_by_bytes():
    dropped = []
    backlog = Backlog(dropped.append, max_age_s=1.0, max_bytes=25)
    messages = [held(k, modality=name) for k, name in enumerate(('image', 'events', 'events'))]

    for each in messages:
        backlog.hold(each)

    assert dropped == ['image']
    assert list(backlog.taken()) == messages[1:]


def test_the_oldest_goes_first_by_age():
    dropped = []
    backlog = Backlog(dropped.append, max_age_s=0.01)
    backlog.hold(held(0))
    backlog.hold(held(9 * MS_NS))

    backlog.expire(11 * MS_NS)

    assert dropped == ['events']
    assert len(list(backlog.taken())) == 1


def test_dropping_all_counts_all():
    dropped = []
    backlog = Backlog(dropped.append, max_age_s=1.0)
    backlog.hold(held(0))
    backlog.hold(held(1, modality='points'))

    backlog.drop_all()

    assert dropped == ['events', 'points']
    assert list(backlog.taken()) == []
