"""Texts and type hashes against an independent implementation."""

from eventdepth_core.errors import InputError
from eventdepth_core.recordings.definitions import (
    EVENT_PACKET,
    message_definition,
    type_hash,
    TYPE_HASHES,
)
import pytest


@pytest.fixture(scope='module')
def typestore():
    from rosbags.typesys import get_types_from_msg, get_typestore, Stores

    store = get_typestore(Stores.ROS2_JAZZY)
    text = message_definition(EVENT_PACKET).partition('=')[0]
    store.register(get_types_from_msg(text, EVENT_PACKET))
    return store


@pytest.mark.parametrize('type_name', sorted(TYPE_HASHES))
def test_type_hash_equals_the_independent_one(typestore, type_name):
    assert type_hash(type_name) == typestore.hash_rihs01(type_name)


@pytest.mark.parametrize('type_name', sorted(TYPE_HASHES))
def test_definition_equals_the_independent_one(typestore, type_name):
    theirs, _ = typestore.generate_msgdef(type_name, ros_version=2)

    assert message_definition(type_name).split() == theirs.split()


@pytest.mark.parametrize('type_name', sorted(TYPE_HASHES))
def test_definition_parsed_anew_hashes_the_same(type_name):
    from rosbags.typesys import get_types_from_msg, get_typestore, Stores

    store = get_typestore(Stores.EMPTY)
    store.register(get_types_from_msg(message_definition(type_name), type_name))

    assert store.hash_rihs01(type_name) == type_hash(type_name)


def test_event_packet_has_the_hash_that_real_drivers_announce():
    assert type_hash(EVENT_PACKET) == (
        'RIHS01_d6fa176260b1f37e5a40845305315e150a0f18191241eb64f407442aa29844aa'
    )


def test_an_unknown_type_is_named():
    with pytest.raises(InputError, match="got 'std_msgs/msg/Bool'"):
        message_definition('std_msgs/msg/Bool')
