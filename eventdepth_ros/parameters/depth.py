"""The parameters of the depth node."""

from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_ros.parameters.row import parameter

MAX_AGE_MS = 10_000.0


@dataclass(frozen=True, slots=True)
class DepthParameters:
    """
    What a user may choose about the depth node.

    Raises
    ------
    InputError
        For rules over several fields: no input at all, or a preview range that is upside down.

    """

    bundle: str = parameter(
        'bundle',
        'eventdepth-s',
        'Model bundle: a name that `eventdepth bundles` lists, or a folder.',
        read_only=True,
    )
    engine: str = parameter(
        'engine',
        'auto',
        "Inference engine; 'auto' takes the best that is installed.",
        read_only=True,
    )
    num_threads: int = parameter(
        'num_threads',
        0,
        'Threads of one inference; 0 = one less than there are cores.',
        minimum=0,
        maximum=256,
        read_only=True,
    )
    autostart: bool = parameter(
        'autostart',
        True,
        'Configure and activate at the start, once. If configuring fails the '
        'node stays unconfigured, says why in /diagnostics and waits for a lifecycle command.',
        read_only=True,
    )
    executor: str = parameter(
        'executor',
        'single',
        "'events' costs less per message and is tested at the start; "
        "'single' is used where it does not work.",
        choices=('single', 'events'),
        read_only=True,
    )

    events_topic: str = parameter(
        'events.topic', '~/events', "Event packets; '' = not used.", read_only=True
    )
    events_camera_info_topic: str = parameter(
        'events.camera_info_topic',
        '',
        "Calibration of the event camera; '' = camera_info beside events.topic.",
        read_only=True,
    )
    events_reliability: str = parameter(
        'events.reliability',
        'best_effort',
        "'reliable' gets nothing from a driver that publishes best effort.",
        choices=('best_effort', 'reliable'),
        read_only=True,
    )
    events_queue_depth: int = parameter(
        'events.queue_depth',
        1000,
        'Event packets that may wait for this node.',
        minimum=1,
        maximum=100_000,
        read_only=True,
    )
    events_hot_pixels: bool = parameter(
        'events.hot_pixels',
        False,
        'Leave out pixels that fire on and on, learned from the stream. Filtered packets cost '
        'several times as much.',
        read_only=True,
    )
    events_refractory_ms: float = parameter(
        'events.refractory_ms',
        0.0,
        'Leave out events that come sooner after the last one of their pixel, ms; 0 = none.',
        minimum=0.0,
        maximum=1000.0,
        read_only=True,
    )
    events_background_ms: float = parameter(
        'events.background_ms',
        0.0,
        'Leave out events without one in the neighbourhood within this time, ms; 0 = none.',
        minimum=0.0,
        maximum=1000.0,
        read_only=True,
    )
    image_topic: str = parameter(
        'image.topic',
        '~/image',
        "Images; '' = not used. With transport 'compressed' "
        "'/compressed' is added unless it is there.",
        read_only=True,
    )
    image_transport: str = parameter(
        'image.transport',
        'raw',
        'Whether images come as Image or as CompressedImage.',
        choices=('raw', 'compressed'),
        read_only=True,
    )
    image_camera_info_topic: str = parameter(
        'image.camera_info_topic',
        '',
        "Calibration of the image camera; '' = camera_info beside image.topic.",
        read_only=True,
    )
    points_topic: str = parameter(
        'points.topic', '~/points_in', "LiDAR points; '' = not used.", read_only=True
    )

    rig_file: str = parameter(
        'rig_file',
        '',
        "YAML file with cameras and extrinsics (see config/rigs); '' = from "
        'camera_info and /tf_static.',
        read_only=True,
    )
    frame_id: str = parameter(
        'frame_id',
        '',
        "Frame of the depth; '' = that of the reference camera's messages.",
        read_only=True,
    )
    event_from_image: str = parameter(
        'extrinsics.event_from_image',
        '',
        "Pose of the image camera in the event camera, 'x y z qx qy qz qw' in metres; '' = from "
        'the rig file or /tf_static.',
        read_only=True,
    )
    event_from_points: str = parameter(
        'extrinsics.event_from_points',
        '',
        'Pose of the LiDAR in the event camera, as extrinsics.event_from_image.',
        read_only=True,
    )

    motion_source: str = parameter(
        'motion.source',
        'tf',
        'Where the pose of the camera comes from: TF, Odometry, PoseStamped of the camera, '
        'velocities (twist), or nowhere. By it events are swept for metric depth, where the '
        'bundle takes events and points.',
        choices=('tf', 'odometry', 'pose', 'twist', 'none'),
        read_only=True,
    )
    motion_topic: str = parameter(
        'motion.topic',
        '',
        "Topic of motion.source; '' = /tf, ~/odometry, ~/pose or ~/twist.",
        read_only=True,
    )
    motion_twist_type: str = parameter(
        'motion.twist_type',
        'TwistStamped',
        'Message type of the velocities, for motion.source twist: of Odometry its twist is used.',
        choices=('TwistStamped', 'TwistWithCovarianceStamped', 'Odometry'),
        read_only=True,
    )
    motion_gyro_topic: str = parameter(
        'motion.gyro_topic',
        '',
        "Imu whose rotation rates are used, for motion.source twist; '' = those of the twist.",
        read_only=True,
    )
    motion_drift: float = parameter(
        'motion.drift',
        0.0,
        'Standard deviation of the motion over some tenths of a second, relative to it: how far '
        'the scale of swept depth is trusted; 0 = 0.005, 0.02 for motion.source twist.',
        minimum=0.0,
        maximum=1.0,
        read_only=True,
    )
    motion_fixed_frame: str = parameter(
        'motion.fixed_frame',
        'odom',
        'Frame that stands still, for motion.source tf; map jumps.',
        read_only=True,
    )
    motion_camera_frame: str = parameter(
        'motion.camera_frame',
        '',
        "Frame that is looked up; '' = that of the reference camera's messages.",
        read_only=True,
    )
    motion_frame_from_camera: str = parameter(
        'motion.frame_from_camera',
        '',
        'Pose of the reference camera in motion.camera_frame, or in the child frame of the '
        "odometry, as extrinsics.event_from_image; '' = the frame is the camera's, and odometry "
        'goes through /tf_static.',
        read_only=True,
    )
    motion_max_extrapolation_ms: float = parameter(
        'motion.max_extrapolation_ms',
        50.0,
        'How far beyond the newest pose the camera may be assumed to move on, with a growing '
        'standard deviation, ms.',
        minimum=0.0,
        maximum=1000.0,
        read_only=True,
    )
    motion_max_gap_ms: float = parameter(
        'motion.max_gap_ms',
        200.0,
        'Nothing is known between two poses that are further apart, ms.',
        minimum=1.0,
        maximum=MAX_AGE_MS,
        read_only=True,
    )

    motion_delay_ms: float = parameter(
        'motion.delay_ms',
        0.0,
        'Depth is made of events and poses up to so long after its stamp, where motion is used, '
        'and comes that much later: 20 ms lower its error, ms.',
        minimum=0.0,
        maximum=100.0,
        read_only=True,
    )

    rig_patience_s: float = parameter(
        'rig_patience_s',
        2.0,
        'How long to wait for the calibration of every input before depth begins without those '
        'that lack it, s.',
        minimum=0.0,
        maximum=600.0,
        read_only=True,
    )

    trigger: str = parameter(
        'trigger',
        'auto',
        'What a depth image is made for: every 1/rate_hz of sensor time, each '
        "image or each points message; 'auto' = rate for bundles that use events, else image.",
        choices=('auto', 'rate', 'image', 'points'),
        read_only=True,
    )
    rate_hz: float = parameter(
        'rate_hz',
        10.0,
        'Depth images per second of sensor time, for trigger rate.',
        minimum=0.1,
        maximum=1000.0,
        read_only=True,
    )
    grace_ms: float = parameter(
        'grace_ms',
        50.0,
        'How long to wait for late packets before a window closes without them, ms.',
        minimum=0.0,
        maximum=MAX_AGE_MS,
        read_only=True,
    )
    max_image_age_ms: float = parameter(
        'max_image_age_ms',
        100.0,
        'Older images do not enter an estimate, ms.',
        minimum=1.0,
        maximum=MAX_AGE_MS,
        read_only=True,
    )
    max_points_age_ms: float = parameter(
        'max_points_age_ms',
        150.0,
        'Older points do not enter an estimate, ms.',
        minimum=1.0,
        maximum=MAX_AGE_MS,
        read_only=True,
    )
    max_event_silence_ms: float = parameter(
        'max_event_silence_ms',
        1000.0,
        'Events that are silent for longer leave the estimate while another sensor is fresh, ms.',
        minimum=1.0,
        maximum=600_000.0,
        read_only=True,
    )

    depth_encoding: str = parameter(
        'depth.encoding',
        '32FC1',
        '32FC1 = metres, NaN = none; 16UC1 = millimetres, 0 = none.',
        choices=('32FC1', '16UC1'),
    )
    max_std_m: float = parameter(
        'depth.max_std_m',
        0.0,
        'Depth with a larger standard deviation is not valid, m; 0 = no limit.',
        minimum=0.0,
        maximum=1000.0,
    )
    preview_min_depth_m: float = parameter(
        'preview.min_depth_m',
        0.0,
        'Depth of the warmest colour, m; 0 with preview.max_depth_m 0 = follow the scene.',
        minimum=0.0,
        maximum=1000.0,
    )
    preview_max_depth_m: float = parameter(
        'preview.max_depth_m', 0.0, 'Depth of the coldest colour, m.', minimum=0.0, maximum=1000.0
    )
    cloud_enabled: bool = parameter(
        'cloud.enabled',
        True,
        'Offer ~/points, the depth as an organised point cloud; it is '
        'computed while something subscribes.',
        read_only=True,
    )

    diagnostics_period_s: float = parameter(
        'diagnostics.period_s',
        1.0,
        'Time between two messages on /diagnostics, s.',
        minimum=0.1,
        maximum=60.0,
        read_only=True,
    )
    silent_warn_s: float = parameter(
        'diagnostics.silent_warn_s',
        1.0,
        'An input without a message for longer is a warning, s.',
        minimum=0.01,
        maximum=3600.0,
        read_only=True,
    )
    silent_error_s: float = parameter(
        'diagnostics.silent_error_s',
        5.0,
        'An input without a message for longer is an error, s.',
        minimum=0.01,
        maximum=3600.0,
        read_only=True,
    )
    deadline_ms: float = parameter(
        'diagnostics.deadline_ms',
        0.0,
        'A depth image later than this after its newest packet '
        'missed its deadline, ms; 0 = the time between two.',
        minimum=0.0,
        maximum=MAX_AGE_MS,
        read_only=True,
    )
    trace_folder: str = parameter(
        'trace.folder',
        '',
        "Where ~/save_trace writes; '' = the folder of ROS's logs.",
    )
    trace_capacity: int = parameter(
        'trace.capacity',
        20_000,
        'Spans that are kept for ~/save_trace; 0 = none.',
        minimum=0,
        maximum=1_000_000,
        read_only=True,
    )
    max_clock_jump_s: float = parameter(
        'max_clock_jump_s',
        2.0,
        'With use_sim_time, a larger jump of /clock forward starts anew, s; any jump back does.',
        minimum=0.1,
        maximum=3600.0,
        read_only=True,
    )

    def __post_init__(self) -> None:
        if not (self.events_topic or self.image_topic or self.points_topic):
            raise InputError(
                "Expected a topic in events.topic, image.topic or points.topic, got '' in all."
            )
        if self.silent_error_s < self.silent_warn_s:
            raise InputError(
                'Expected diagnostics.silent_error_s of at least diagnostics.silent_warn_s = '
                f'{self.silent_warn_s}, got {self.silent_error_s}.'
            )
        low_m, high_m = self.preview_min_depth_m, self.preview_max_depth_m
        if (low_m or high_m) and not 0.0 < low_m < high_m:
            raise InputError(
                'Expected 0 < preview.min_depth_m < preview.max_depth_m, or 0 in both, '
                f'got {low_m} and {high_m}.'
            )
