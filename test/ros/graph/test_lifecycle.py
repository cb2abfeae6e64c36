"""Configure, activate, deactivate and clean up a hundred times: nothing grows."""

from harness.depth_node import NODE, start_depth
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
import pytest

NUM_TURNS, NUM_WARM_TURNS = 100, 20
MAX_GROWTH_KB = 8_000
TURN = (
    Transition.TRANSITION_CONFIGURE,
    Transition.TRANSITION_ACTIVATE,
    Transition.TRANSITION_DEACTIVATE,
    Transition.TRANSITION_CLEANUP,
)


def call(ros, client, request):
    future = client.call_async(request)
    ros.spin_until(future.done, what=f'an answer of {client.srv_name}')
    return future.result()


@pytest.mark.slow
def test_a_hundred_turns_leave_memory_threads_and_files_as_they_were(ros, tiny_bundle_folder):
    node = ros.node('manager')
    change = node.create_client(ChangeState, f'/{NODE}/change_state')
    state = node.create_client(GetState, f'/{NODE}/get_state')
    child = start_depth(ros, tiny_bundle_folder, autostart=False)
    ros.spin_until(lambda: change.service_is_ready() and state.service_is_ready())
    after = {}

    for turn in range(NUM_TURNS):
        for number in TURN:
            request = ChangeState.Request(transition=Transition(id=number))
            assert call(ros, change, request).success, child.tail()
        after[turn] = (child.memory_kb(), child.num_threads(), child.num_files())

    warm_kb, warm_threads, warm_files = after[NUM_WARM_TURNS - 1]
    last_kb, last_threads, _ = after[NUM_TURNS - 1]
    # one may be open just for a moment: what leaks stays, a file more in each turn
    last_files = min(files for _, _, files in list(after.values())[-NUM_WARM_TURNS:])
    assert call(ros, state, GetState.Request()).current_state.id == (
        State.PRIMARY_STATE_UNCONFIGURED
    )
    assert last_threads <= warm_threads, after
    assert last_files <= warm_files, after
    assert last_kb - warm_kb < MAX_GROWTH_KB, after
