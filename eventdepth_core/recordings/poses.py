"""
Poses as 4x4 matrices, quaternions (x, y, z, w), and the tree of static transforms.

`a_from_b` maps points of frame b into frame a. A transform message gives parent_from_child.

Laws: `transform(a, a)` is the identity; `transform(a, b) @ transform(b, a)` is the identity;
frames that are not connected give None.

"""

from collections import deque
from collections.abc import Iterable

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.messages import RawTransform
from eventdepth_core.types import Float64
import numpy as np


def matrix_from_pose(pose: Float64) -> Float64:
    """
    Return (4, 4) float64 of x y z, qx qy qz qw; the quaternion is normalised.

    Raises
    ------
    DecodeError
        For numbers that are not finite or a quaternion of length 0.

    """
    numbers = np.asarray(pose, np.float64)
    norm = float(np.linalg.norm(numbers[3:7]))
    if not np.isfinite(numbers).all() or norm < 1e-6:
        raise DecodeError(f'Expected a finite pose with a quaternion, got {numbers.tolist()}.')
    x, y, z, w = numbers[3:7] / norm
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    matrix[:3, 3] = numbers[:3]
    return matrix


def pose_from_matrix(matrix: Float64) -> Float64:
    """Return x y z, qx qy qz qw (qw >= 0) of a rigid (4, 4) matrix."""
    r = matrix[:3, :3]
    # The largest eigenvector of Bar-Itzhack's symmetric matrix is the quaternion.
    symmetric = np.array(
        [
            [r[0, 0] - r[1, 1] - r[2, 2], r[1, 0] + r[0, 1], r[2, 0] + r[0, 2], r[2, 1] - r[1, 2]],
            [r[1, 0] + r[0, 1], r[1, 1] - r[0, 0] - r[2, 2], r[2, 1] + r[1, 2], r[0, 2] - r[2, 0]],
            [r[2, 0] + r[0, 2], r[2, 1] + r[1, 2], r[2, 2] - r[0, 0] - r[1, 1], r[1, 0] - r[0, 1]],
            [r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1], r[0, 0] + r[1, 1] + r[2, 2]],
        ]
    )
    quaternion = np.linalg.eigh(symmetric)[1][:, -1]
    if quaternion[3] < 0:
        quaternion = -quaternion
    return np.concatenate([matrix[:3, 3], quaternion])


def inverse(transform: Float64) -> Float64:
    """Return b_from_a of a_from_b, both rigid (4, 4)."""
    inverted = np.eye(4)
    inverted[:3, :3] = transform[:3, :3].T
    inverted[:3, 3] = -transform[:3, :3].T @ transform[:3, 3]
    return inverted


class StaticTransforms:
    """The frames of a robot as a graph of rigid transforms."""

    def __init__(self, transforms: Iterable[RawTransform] = ()) -> None:
        self._neighbours: dict[str, dict[str, Float64]] = {}
        for transform in transforms:
            self.add(transform)

    def add(self, transform: RawTransform) -> None:
        """Add parent_from_child; a later one for the same frames replaces the earlier."""
        parent, child = transform.header.frame_id, transform.child_frame_id
        parent_from_child = matrix_from_pose(transform.pose)
        parent, child = parent.lstrip('/'), child.lstrip('/')
        self._neighbours.setdefault(parent, {})[child] = parent_from_child
        self._neighbours.setdefault(child, {})[parent] = inverse(parent_from_child)

    def transform(self, a: str, b: str) -> Float64 | None:
        """Return a_from_b (4, 4), or None where the frames are not connected."""
        start, goal = a.lstrip('/'), b.lstrip('/')
        reached: dict[str, Float64] = {start: np.eye(4)}
        waiting = deque([start])
        while waiting:
            frame = waiting.popleft()
            if frame == goal:
                return reached[frame]
            for neighbour, frame_from_neighbour in self._neighbours.get(frame, {}).items():
                if neighbour not in reached:
                    reached[neighbour] = reached[frame] @ frame_from_neighbour
                    waiting.append(neighbour)
        return None
