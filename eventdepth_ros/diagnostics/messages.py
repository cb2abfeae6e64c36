"""
Everything that diagnostics may complain about: what is wrong and what to do, in one table.

The text of a finding is '{what}: {action}.'; docs/troubleshooting.md is written from the same
rows. Laws: every row has both halves; a field in braces is filled from the facts of the finding;
a reason without a row of its own is named and sent to the log.

"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eventdepth_core.errors import InputError
from eventdepth_ros.diagnostics.hysteresis import Level


@dataclass(frozen=True, slots=True)
class Problem:
    """One row: `key` is 'part.name', `level` the usual one, braces mark facts."""

    key: str
    level: Level
    what: str
    action: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that is there now, as text for a human."""

    key: str
    level: Level
    text: str


PROBLEMS: Final[tuple[Problem, ...]] = (
    Problem(
        'inputs.no_publisher',
        Level.WARN,
        'nobody publishes {topic}',
        'start the driver or the player, or set {modality}.topic to its topic',
    ),
    Problem(
        'inputs.incompatible_qos',
        Level.ERROR,
        'the publisher of {topic} offers another {policy} than this node asks for',
        'set qos_overrides.{topic}.subscription.{policy} to what the publisher offers, or change '
        'the publisher',
    ),
    Problem(
        'inputs.unknown_encoding',
        Level.ERROR,
        '{topic} comes in an encoding that this node cannot read',
        'set the driver to one of evt3, evt21, evt2, libcaer, libcaer_cmp or mono for events, and '
        'to a colour, grey or Bayer encoding for images',
    ),
    Problem(
        'inputs.no_camera_info',
        Level.WARN,
        'there is no camera calibration for {topic}',
        'publish camera_info beside it, set {modality}.camera_info_topic, or give a rig file',
    ),
    Problem(
        'inputs.no_time_base',
        Level.WARN,
        '{topic} has sent packets without any event that carries a time',
        'check that the sensor is awake, its biases, and that the stream was not cut at its start',
    ),
    Problem(
        'inputs.nothing_sent',
        Level.WARN,
        '{topic} has a publisher that has sent nothing yet',
        'check that the driver found its sensor and that a lens cap or a pause is not the cause',
    ),
    Problem(
        'inputs.nothing_at_all',
        Level.ERROR,
        'no input has sent anything for {silent_s} s',
        'start a driver or a player and compare its topics with the parameters of this node',
    ),
    Problem(
        'inputs.silent',
        Level.WARN,
        '{topic} has been silent for {silent_s} s',
        'check the driver and the cable; depth goes on without {modality} where it can',
    ),
    Problem(
        'inputs.sequence_gaps',
        Level.WARN,
        'packets of {topic} are missing ({num} gaps so far)',
        'raise events.queue_depth, use RELIABLE on both sides, or let the driver send every '
        '1 ms or less often',
    ),
    Problem(
        'inputs.refused',
        Level.WARN,
        'messages of {topic} are refused ({num} so far, mostly {reason})',
        '{action}',
    ),
    Problem(
        'clock.no_sim_time',
        Level.WARN,
        'use_sim_time is set and nobody publishes /clock',
        'start the player with its clock, or set use_sim_time to false',
    ),
    Problem(
        'clock.drift',
        Level.WARN,
        'the sensor clock runs {drift_ppm} ppm away from the clock of the host',
        'synchronise both (PTP, trigger line) or restart the driver if this came suddenly',
    ),
    Problem(
        'clock.jitter',
        Level.WARN,
        'event packets arrive unevenly (jitter {jitter_ms} ms)',
        'give the driver a higher priority, and keep other load off its cores and its USB hub',
    ),
    Problem(
        'clock.jumps',
        Level.WARN,
        'time has jumped (in the last {window_s} s: {num})',
        'after a loop of a recording this is normal; otherwise keep the clock of the host from '
        'being stepped (use slewing in chrony or ntpd)',
    ),
    Problem(
        'latency.deadline',
        Level.WARN,
        '{late_percent} % of the depth images are later than {deadline_ms} ms',
        'lower rate_hz, free cores for the node, or choose a faster engine or a smaller bundle',
    ),
    Problem(
        'mode.lost',
        Level.WARN,
        'depth goes on without {lost}',
        'see the status of the inputs for the cause; std is larger until it returns',
    ),
    Problem(
        'mode.incomplete',
        Level.WARN,
        '{share_percent} % of the event windows lack something ({reasons})',
        'see the status of the inputs; right after a start this passes by itself',
    ),
    Problem(
        'engine.failed',
        Level.ERROR,
        'the model does not run ({reason})',
        'run eventdepth doctor, check the bundle with eventdepth bundles, then configure again',
    ),
    Problem(
        'engine.frames_failed',
        Level.ERROR,
        '{num} estimates in a row failed ({reason})',
        'read the log of the node for the first error; configure again, or use '
        'engine: onnxruntime',
    ),
    Problem(
        'outputs.none',
        Level.ERROR,
        'no depth for {silent_s} s although inputs arrive',
        'see the status of engine, inputs and drops for the cause',
    ),
    Problem(
        'outputs.slow',
        Level.WARN,
        'depth comes at {rate_hz} Hz instead of at least {least_hz} Hz',
        'see the status of drops; lower rate_hz or free cores for the node',
    ),
    Problem(
        'outputs.invalid',
        Level.WARN,
        'only {valid_percent} % of the pixels have a depth',
        'check calibration and extrinsics, and that the scene lies in the range of the bundle',
    ),
    Problem(
        'drops.share',
        Level.WARN,
        '{share_percent} % of the triggers give no depth, mostly because of {reason}',
        '{action}',
    ),
    Problem(
        'drops.identity',
        Level.ERROR,
        '{num_triggers} triggers are not the sum of {num_frames} images, {num_dropped} drops and '
        '{num_pending} pending',
        'this is a defect of the node; please report it with the log',
    ),
    Problem(
        'qos.incompatible',
        Level.ERROR,
        '{topic} has a peer with another {policy}',
        'see the log for the parameter (qos_overrides.{topic}...) that makes both sides agree',
    ),
    Problem(
        'qos.lost',
        Level.WARN,
        '{topic} loses messages before they are read ({num} so far)',
        'raise the queue depth, use the shipped Fast DDS profile (dds: auto), or free cores',
    ),
    Problem(
        'resources.files',
        Level.WARN,
        '{num} of {limit} file descriptors are open',
        'restart the node and report this; ulimit -n raises the limit for now',
    ),
    Problem(
        'resources.memory',
        Level.WARN,
        'the node holds {rss_mib} MiB, {share_percent} % of the memory of this machine',
        'use a smaller bundle or sensor size, or stop other programs; if it grows, report this',
    ),
    Problem(
        'evaluation.no_pairs',
        Level.WARN,
        'no depth image has met its reference after {num_predicted} images and {num_targets} '
        'references',
        'raise tolerance_ms, and check target.topic and that both carry stamps of one clock',
    ),
    Problem(
        'evaluation.no_predicted',
        Level.WARN,
        'no depth image has come on {topic}',
        'start the depth node, or set predicted.topic to its depth image',
    ),
    Problem(
        'evaluation.no_target',
        Level.WARN,
        'no reference depth has come on {topic}',
        'play a recording that carries one, or set target.topic to its topic',
    ),
    Problem(
        'evaluation.no_pixels',
        Level.WARN,
        'none of {num} pairs has a pixel with both a depth and a reference',
        'check the range of the profile, and that both are of the same camera',
    ),
    Problem(
        'evaluation.refused',
        Level.WARN,
        '{num} images could not be compared, last because of {reason}',
        '{action}',
    ),
)

ACTIONS: Final[Mapping[str, str]] = {
    # refused inputs, by the reason of their error
    'error': 'read the log of the node',
    'bad_input': 'check the size, the type and the stamps of the messages against the log',
    'late_pose': 'let one node alone publish the pose of the camera, in the order of its stamps',
    'unsupported_input': 'use a bundle that takes this input, or set its topic to empty',
    'undecodable': 'check the encoding and the cable; single damaged packets cost one window',
    'unknown_encoding': 'set the driver to an encoding that the README lists',
    'stream_changed': 'restart or configure the node again after the sensor mode was changed',
    'bad_recording': 'read the log, which names the file and the place; it may be damaged',
    'bad_camera_file': 'check the calibration file',
    'missing_camera': 'publish camera_info or give a rig file',
    'bad_bundle': 'check the bundle with eventdepth bundles',
    'bad_checksum': 'install the bundle again: a file of it was changed',
    'engine_failed': 'read the log; configure again, or use engine: onnxruntime',
    'missing_dependency': 'install the package that the log names',
    'bad_profile': 'choose one of the profiles that the error lists',
    'bad_installation': 'install the package again',
    'big_endian_events': 'let the driver send little-endian events',
    'no_points_in_view': 'check the extrinsics between LiDAR and camera and the field of view',
    'unconnected_pose': 'publish the static transform between the odometry frame and the camera',
    'unconnected_gyroscope': 'publish the static transform between the twist frame and the Imu',
    'late_twist': 'let one sender publish velocities, in the order of time',
    'no_transform': 'publish the static transform on /tf_static or give a rig file',
    'bad_message_type': 'install the version of the message package that the log names',
    'messages_not_built': 'run python -m eventdepth_ros.msgs build and read what it says',
    'no_subscriber': 'start the node that listens, or leave the topic out of wait_for',
    'ended': 'nothing: the node was told to end',
    'size_mismatch': 'compare images of the same camera and size',
    # messages that the live path leaves out
    'no_rig_yet': 'nothing if depth follows; else publish the calibration, or give a rig file',
    'not_calibrated': 'publish camera_info and /tf_static for this input, or give a rig file',
    'from_before_reset': 'nothing: these were left over from before time went back',
    'time_leap': 'check the cable; if it goes on, synchronise the clocks or restart the driver',
    # triggers that gave no depth
    'overload': 'lower rate_hz, free cores, or choose a faster engine',
    'not_increasing': 'nothing once; if it goes on, keep the clock of the host from being stepped',
    'reset': 'nothing, if time jumped or a recording looped; else see the status of the clock',
    'stopped': 'nothing: the node was deactivated',
    'internal_error': 'read the log of the node and report its traceback',
}
"""What to do about the reason of a drop or a refusal."""

UNKNOWN_ACTION: Final = 'read the log of the node, which names the first of them'

_ROWS: Final = {problem.key: problem for problem in PROBLEMS}


def finding(key: str, level: Level | None = None, **facts: object) -> Finding:
    """
    Return the finding of a row with its braces filled.

    Raises
    ------
    InputError
        If there is no such row, or a fact that it names is not given.

    """
    if key not in _ROWS:
        raise InputError(f'Expected a problem out of {", ".join(_ROWS)}, got {key!r}.')
    row = _ROWS[key]
    try:
        text = f'{row.what}: {row.action}.'.format_map(facts)
    except KeyError as error:
        raise InputError(f'Expected the fact {error} for {key}, got {sorted(facts)}.') from error
    return Finding(key, row.level if level is None else level, text)


def action_for(reason: str) -> str:
    """Return what to do about the reason of a drop or a refusal."""
    return ACTIONS.get(reason, UNKNOWN_ACTION)
