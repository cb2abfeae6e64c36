"""Cameras, poses, rectification, projection, prefills, and the conversions of depth."""

from eventdepth_core.geometry.cameras import distort_points, rectified_camera, undistort_points
from eventdepth_core.geometry.depth import (
    depth_from_disparity,
    depth_from_inverse_depth,
    disparity_from_depth,
    inverse_depth_from_depth,
)
from eventdepth_core.geometry.depth_rectification import DepthRectifier
from eventdepth_core.geometry.poses import PoseBuffer
from eventdepth_core.geometry.prefill import Prefill, prefill, spread_switch
from eventdepth_core.geometry.projection import (
    organised_points,
    project_points,
    transform_points,
)
from eventdepth_core.geometry.rectification import (
    ImageRectifier,
    rectification_lookup,
    rectify_image,
)
from eventdepth_core.geometry.timed_poses import (
    PoseLimits,
    PoseStatus,
    PoseStep,
    TimedPose,
    TimedPoses,
)
from eventdepth_core.geometry.trajectory import Trajectory
from eventdepth_core.geometry.viewpoint import (
    MAX_RESIDUAL_SHIFT_PX,
    residual_shift_px,
    rotation_homography,
    ViewWarper,
    warp_image,
    WarpedImage,
)

__all__ = [
    'MAX_RESIDUAL_SHIFT_PX',
    'DepthRectifier',
    'ImageRectifier',
    'PoseBuffer',
    'PoseLimits',
    'PoseStatus',
    'PoseStep',
    'Prefill',
    'TimedPose',
    'TimedPoses',
    'Trajectory',
    'ViewWarper',
    'WarpedImage',
    'depth_from_disparity',
    'depth_from_inverse_depth',
    'disparity_from_depth',
    'distort_points',
    'inverse_depth_from_depth',
    'organised_points',
    'prefill',
    'project_points',
    'rectification_lookup',
    'rectified_camera',
    'rectify_image',
    'residual_shift_px',
    'rotation_homography',
    'spread_switch',
    'transform_points',
    'undistort_points',
    'warp_image',
]
