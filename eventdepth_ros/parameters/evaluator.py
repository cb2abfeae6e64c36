"""Parameters of the evaluator node."""

from dataclasses import dataclass

from eventdepth_ros.parameters.row import parameter

# those of eventdepth_core.evaluation, which a launch file need not load
PROFILES = (
    'plain',
    'aligned_median',
    'mvsec_e2depth',
    'mvsec_e2depth_legacy',
    'mvsec_ramnet',
    'mvsec_ereformer',
    'mvsec_hmnet',
    'mvsec_hmnet_rpg',
    'fuse',
    'fuse_dense',
    'aled',
    'aled_sled',
    'kitti_eigen',
    'kitti_eigen_metric',
    'kitti_eigen_stereo',
    'kitti_eigen_benchmark',
    'kitti_marigold',
    'aligned',
    'aligned_inverse',
    'nyu',
    'nyu_fastdepth',
    'completion',
    'dsec_disparity',
)


@dataclass(frozen=True, slots=True)
class EvaluatorParameters:
    """What is compared with what, by which rules, and where the result goes."""

    predicted_topic: str = parameter(
        'predicted.topic', '/eventdepth/depth/image', 'Predicted depth.', read_only=True
    )
    std_topic: str = parameter(
        'std.topic',
        '/eventdepth/depth/std',
        "Its standard deviation; '' = not judged.",
        read_only=True,
    )
    target_topic: str = parameter(
        'target.topic',
        '/ground_truth/depth',
        "Reference depth; '' = none, the report is about speed and pictures alone.",
        read_only=True,
    )
    target_transport: str = parameter(
        'target.transport',
        'auto',
        'Whether the reference comes as Image or as CompressedImage (16-bit PNG in mm); '
        'auto looks at its publisher.',
        choices=('auto', 'raw', 'compressed'),
        read_only=True,
    )
    mode_topic: str = parameter(
        'mode.topic',
        '',
        "Which sensors entered, as JSON; '' = mode of the node that publishes the depth.",
        read_only=True,
    )
    diagnostics_node: str = parameter(
        'diagnostics.node',
        '',
        "Node whose diagnostics stand in the report; '' = the one that publishes the depth.",
        read_only=True,
    )
    event_image_topic: str = parameter(
        'event_image.topic', '', "Picture of the events for the report; '' = none.", read_only=True
    )
    image_topic: str = parameter(
        'image.topic',
        '',
        "Camera image for the report; '' = none. With transport 'compressed' "
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
    points_topic: str = parameter(
        'points.topic',
        '',
        "LiDAR points, whose plain interpolation is judged beside the depth; '' = none.",
        read_only=True,
    )
    tolerance_ms: float = parameter(
        'tolerance_ms',
        1.0,
        'Depth and reference belong together when their stamps differ by at most this, ms.',
        minimum=0.0,
        maximum=10_000.0,
        read_only=True,
    )
    profile: str = parameter(
        'profile',
        'plain',
        'Rules of the metrics: masking, alignment, averaging.',
        choices=PROFILES,
        read_only=True,
    )
    baselines: bool = parameter(
        'baselines',
        True,
        'Judge trivial predictions on the same frames; costs some ms a frame.',
        read_only=True,
    )
    num_pictures: int = parameter(
        'num_pictures', 6, 'Frames shown in the report.', minimum=1, maximum=24, read_only=True
    )
    niceness: int = parameter(
        'niceness',
        5,
        'How much this process steps back, so that judging does not slow the depth down; it '
        'catches up when the depth pauses.',
        minimum=0,
        maximum=19,
        read_only=True,
    )
    output: str = parameter(
        'output',
        'out/evaluation',
        "Folder for metrics.json, report.html and preview.png; '' = write nothing.",
        read_only=True,
    )
