"""
Message definitions that we write: own text, type hashes and the concatenation rosbag2 stores.

A schema is the text of the type, then, for each type it needs in order of first use, a line of
80 equal signs, a line `MSG: package/Name` and the text of that type. Comments do not enter a
type hash; names, types and order of the fields do.

Laws: text and hash agree (checked against an independent implementation in the tests); the same
type name always gives the same text.

"""

from functools import cache

from eventdepth_core.errors import InputError

EVENT_PACKET = 'event_camera_msgs/msg/EventPacket'
EVENT_ARRAY = 'event_array_msgs/msg/EventArray'
IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
POINT_CLOUD = 'sensor_msgs/msg/PointCloud2'
POSE_STAMPED = 'geometry_msgs/msg/PoseStamped'
ODOMETRY = 'nav_msgs/msg/Odometry'
TF_MESSAGE = 'tf2_msgs/msg/TFMessage'
IMU = 'sensor_msgs/msg/Imu'
CLOCK = 'rosgraph_msgs/msg/Clock'
STRING = 'std_msgs/msg/String'
NUMBERS = 'std_msgs/msg/Float64MultiArray'
DIAGNOSTICS = 'diagnostic_msgs/msg/DiagnosticArray'

TYPE_HASHES = {
    EVENT_PACKET: 'RIHS01_d6fa176260b1f37e5a40845305315e150a0f18191241eb64f407442aa29844aa',
    IMAGE: 'RIHS01_d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47',
    COMPRESSED_IMAGE: 'RIHS01_15640771531571185e2efc8a100baf923961a4d15d5569652e6cb6691e8e371a',
    CAMERA_INFO: 'RIHS01_b3dfd68ff46c9d56c80fd3bd4ed22c7a4ddce8c8348f2f59c299e73118e7e275',
    POINT_CLOUD: 'RIHS01_9198cabf7da3796ae6fe19c4cb3bdd3525492988c70522628af5daa124bae2b5',
    POSE_STAMPED: 'RIHS01_10f3786d7d40fd2b54367835614bff85d4ad3b5dab62bf8bca0cc232d73b4cd8',
    ODOMETRY: 'RIHS01_3cc97dc7fb7502f8714462c526d369e35b603cfc34d946e3f2eda2766dfec6e0',
    TF_MESSAGE: 'RIHS01_e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087',
    IMU: 'RIHS01_7d9a00ff131080897a5ec7e26e315954b8eae3353c3f995c55faf71574000b5b',
    CLOCK: 'RIHS01_692f7a66e93a3c83e71765d033b60349ba68023a8c689a79e48078bcb5c58564',
    STRING: 'RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18',
    NUMBERS: 'RIHS01_1025ddc6b9552d191f89ef1a8d2f60f3d373e28b283d8891ddcc974e8c55397f',
    DIAGNOSTICS: 'RIHS01_5a8a36efb05fb25070fa0fb3810290c0e6cd4862b54a8fb975a1ee8dc55a333e',
}

_SEPARATOR = '=' * 80
_XYZ = 'float64 x\nfloat64 y\nfloat64 z\n'
_TEXTS = {
    'builtin_interfaces/Time': 'int32 sec\nuint32 nanosec\n',
    'std_msgs/Header': 'builtin_interfaces/Time stamp\nstring frame_id\n',
    'event_camera_msgs/EventPacket': (
        'std_msgs/Header header\nuint32 height\nuint32 width\nuint64 seq\nuint64 time_base\n'
        'string encoding\nbool is_bigendian\nuint8[] events\n'
    ),
    'sensor_msgs/Image': (
        'std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\n'
        'uint8 is_bigendian\nuint32 step\nuint8[] data\n'
    ),
    'sensor_msgs/CompressedImage': 'std_msgs/Header header\nstring format\nuint8[] data\n',
    'sensor_msgs/RegionOfInterest': (
        'uint32 x_offset\nuint32 y_offset\nuint32 height\nuint32 width\nbool do_rectify\n'
    ),
    'sensor_msgs/CameraInfo': (
        'std_msgs/Header header\nuint32 height\nuint32 width\nstring distortion_model\n'
        'float64[] d\nfloat64[9] k\nfloat64[9] r\nfloat64[12] p\nuint32 binning_x\n'
        'uint32 binning_y\nsensor_msgs/RegionOfInterest roi\n'
    ),
    'sensor_msgs/PointField': (
        'uint8 INT8=1\nuint8 UINT8=2\nuint8 INT16=3\nuint8 UINT16=4\nuint8 INT32=5\n'
        'uint8 UINT32=6\nuint8 FLOAT32=7\nuint8 FLOAT64=8\n'
        'string name\nuint32 offset\nuint8 datatype\nuint32 count\n'
    ),
    'sensor_msgs/PointCloud2': (
        'std_msgs/Header header\nuint32 height\nuint32 width\nsensor_msgs/PointField[] fields\n'
        'bool is_bigendian\nuint32 point_step\nuint32 row_step\nuint8[] data\nbool is_dense\n'
    ),
    'geometry_msgs/Point': _XYZ,
    'geometry_msgs/Vector3': _XYZ,
    'geometry_msgs/Quaternion': f'{_XYZ}float64 w\n',
    'geometry_msgs/Pose': 'geometry_msgs/Point position\ngeometry_msgs/Quaternion orientation\n',
    'geometry_msgs/PoseStamped': 'std_msgs/Header header\ngeometry_msgs/Pose pose\n',
    'geometry_msgs/PoseWithCovariance': 'geometry_msgs/Pose pose\nfloat64[36] covariance\n',
    'geometry_msgs/Twist': 'geometry_msgs/Vector3 linear\ngeometry_msgs/Vector3 angular\n',
    'geometry_msgs/TwistWithCovariance': 'geometry_msgs/Twist twist\nfloat64[36] covariance\n',
    'nav_msgs/Odometry': (
        'std_msgs/Header header\nstring child_frame_id\n'
        'geometry_msgs/PoseWithCovariance pose\ngeometry_msgs/TwistWithCovariance twist\n'
    ),
    'geometry_msgs/Transform': (
        'geometry_msgs/Vector3 translation\ngeometry_msgs/Quaternion rotation\n'
    ),
    'geometry_msgs/TransformStamped': (
        'std_msgs/Header header\nstring child_frame_id\ngeometry_msgs/Transform transform\n'
    ),
    'tf2_msgs/TFMessage': 'geometry_msgs/TransformStamped[] transforms\n',
    'sensor_msgs/Imu': (
        'std_msgs/Header header\n'
        'geometry_msgs/Quaternion orientation\nfloat64[9] orientation_covariance\n'
        'geometry_msgs/Vector3 angular_velocity\nfloat64[9] angular_velocity_covariance\n'
        'geometry_msgs/Vector3 linear_acceleration\nfloat64[9] linear_acceleration_covariance\n'
    ),
    'rosgraph_msgs/Clock': 'builtin_interfaces/Time clock\n',
    'std_msgs/String': 'string data\n',
    'std_msgs/MultiArrayDimension': 'string label\nuint32 size\nuint32 stride\n',
    'std_msgs/MultiArrayLayout': 'std_msgs/MultiArrayDimension[] dim\nuint32 data_offset\n',
    'std_msgs/Float64MultiArray': 'std_msgs/MultiArrayLayout layout\nfloat64[] data\n',
    'diagnostic_msgs/KeyValue': 'string key\nstring value\n',
    'diagnostic_msgs/DiagnosticStatus': (
        'byte OK=0\nbyte WARN=1\nbyte ERROR=2\nbyte STALE=3\nbyte level\nstring name\n'
        'string message\nstring hardware_id\ndiagnostic_msgs/KeyValue[] values\n'
    ),
    'diagnostic_msgs/DiagnosticArray': (
        'std_msgs/Header header\ndiagnostic_msgs/DiagnosticStatus[] status\n'
    ),
}


@cache
def message_definition(type_name: str) -> str:
    """
    Return the full `ros2msg` text of a type as rosbag2 writes it into a schema.

    Raises
    ------
    InputError
        For a type that is none of ours.

    """
    if type_name not in TYPE_HASHES:
        raise InputError(
            f'Expected a message type out of {", ".join(sorted(TYPE_HASHES))}, got {type_name!r}.'
        )
    root = type_name.replace('/msg/', '/')
    parts = [f'{_SEPARATOR}\nMSG: {name}\n{_TEXTS[name]}' for name in _needed_types(root)]
    return _TEXTS[root] + ''.join(parts)


def own_text(type_name: str) -> str:
    """
    Return the text of a type alone, as it stands in its `.msg` file.

    Raises
    ------
    InputError
        For a type that is none of ours.

    """
    return message_definition(type_name).partition(_SEPARATOR)[0]


def type_hash(type_name: str) -> str:
    """
    Return the RIHS01 hash of a type.

    Raises
    ------
    InputError
        For a type that is none of ours.

    """
    message_definition(type_name)
    return TYPE_HASHES[type_name]


def _needed_types(root: str) -> list[str]:
    """Return the types that `root` needs, depth first, each once, in order of first use."""
    needed: list[str] = []
    for line in _TEXTS[root].splitlines():
        name = line.split()[0].removesuffix('[]')
        if name in _TEXTS:
            needed.extend(each for each in [name, *_needed_types(name)] if each not in needed)
    return needed
