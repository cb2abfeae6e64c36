"""Parameters of the player node."""

from dataclasses import dataclass

from eventdepth_ros.parameters.row import parameter


@dataclass(frozen=True, slots=True)
class PlayerParameters:
    """What is played, where, how fast."""

    recording: str = parameter(
        'recording',
        '',
        'File or folder to play: a ROS 2 bag, .raw, .aedat4, event text, a KITTI folder.',
        read_only=True,
    )
    rate: float = parameter(
        'rate',
        1.0,
        'Speed of playing; 0.5 takes twice the time.',
        minimum=0.001,
        maximum=1000.0,
        read_only=True,
    )
    loop: bool = parameter(
        'loop',
        False,
        'Start again at the end; stamps go back then, as they do in a looped bag.',
        read_only=True,
    )
    start_s: float = parameter(
        'start_s',
        0.0,
        'Leave out that many seconds at the beginning.',
        minimum=0.0,
        maximum=1.0e9,
        read_only=True,
    )
    duration_s: float = parameter(
        'duration_s',
        0.0,
        'Play that many seconds of the recording; 0.0 plays to its end.',
        minimum=0.0,
        maximum=1.0e9,
        read_only=True,
    )
    topics: tuple[str, ...] = parameter(
        'topics', (), 'Recorded topics to play, none for all.', read_only=True
    )
    start_paused: bool = parameter(
        'start_paused', False, 'Wait for ~/resume before the first message.', read_only=True
    )
    wait_for: tuple[str, ...] = parameter(
        'wait_for',
        (),
        'Topics that must have a subscriber before the first message; '
        "'/topic /node' asks for a subscription of that node.",
        read_only=True,
    )
    wait_timeout_s: float = parameter(
        'wait_timeout_s',
        60.0,
        'How long to wait for them before giving up with status 1.',
        minimum=0.0,
        maximum=1.0e9,
        read_only=True,
    )
    end_delay_s: float = parameter(
        'end_delay_s',
        0.5,
        'How long to stay after the last message, with /clock going on, for those still at work.',
        minimum=0.0,
        maximum=1.0e9,
        read_only=True,
    )
    clock: bool = parameter(
        'clock', False, 'Publish /clock for nodes with use_sim_time.', read_only=True
    )
    clock_rate_hz: float = parameter(
        'clock_rate_hz',
        100.0,
        'Least rate of /clock in wall time.',
        minimum=1.0,
        maximum=1000.0,
        read_only=True,
    )
    camera_file: str = parameter(
        'camera_file',
        '',
        "Calibration file that replaces the recording's camera.",
        read_only=True,
    )
    fov_deg: float = parameter(
        'fov_deg',
        0.0,
        'Horizontal field of view of an assumed camera, where none is known; 0.0 assumes none.',
        minimum=0.0,
        maximum=179.0,
        read_only=True,
    )
    packet_us: int = parameter(
        'packet_us',
        1000,
        'Least length of event packets of recordings that are no bags, microseconds.',
        minimum=100,
        maximum=1_000_000,
        read_only=True,
    )
    events_topic: str = parameter(
        'events_topic', '/camera/events', 'Events of recordings that are no bags.', read_only=True
    )
    image_topic: str = parameter(
        'image_topic',
        '/camera/image_raw',
        'Images of recordings that are no bags.',
        read_only=True,
    )
    points_topic: str = parameter(
        'points_topic', '/lidar/points', 'Points of recordings that are no bags.', read_only=True
    )
    depth_topic: str = parameter(
        'depth_topic',
        '/ground_truth/depth',
        'Depth images of recordings that are no bags.',
        read_only=True,
    )
    pose_topic: str = parameter(
        'pose_topic',
        '/ground_truth/pose',
        'Poses of recordings that are no bags.',
        read_only=True,
    )
