"""
Disparity of a rectified stereo rig, through the matrix Q of DSEC's calibration.

Q [x y d 1] gives (X, Y, f, d / b), so z = f b / d.

"""

from dataclasses import dataclass
from pathlib import Path

from eventdepth_core.errors import CameraFileError
from eventdepth_core.geometry import disparity_from_depth
from eventdepth_core.types import Float32
import numpy as np
import yaml


@dataclass(frozen=True, slots=True)
class StereoRig:
    """Focal length in pixels and baseline in metres of the rectified event cameras."""

    focal_px: float
    baseline_m: float
    offset_px: float = 0.0

    def disparity(self, depth_m: Float32) -> Float32:
        """Return disparity in pixels of depth in metres; NaN where there is none."""
        return disparity_from_depth(
            depth_m,
            focal_px=self.focal_px,
            baseline_m=self.baseline_m,
            offset_px=self.offset_px,
        )


def read_stereo_rig(path: Path) -> StereoRig:
    """
    Read the event cameras' Q (`disparity_to_depth: cams_03`) of a cam_to_cam.yaml.

    Raises
    ------
    CameraFileError
        If the file cannot be read or has no such matrix.

    """
    try:
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
        matrix = np.array(content['disparity_to_depth']['cams_03'], np.float64)
        focal_px, per_baseline, shift = matrix[2, 3], matrix[3, 2], matrix[3, 3]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise CameraFileError(
            f'Expected disparity_to_depth: cams_03 in {path}, got: {error!r}'
        ) from error
    except (ValueError, IndexError) as error:
        raise CameraFileError(f'Expected a 4x4 matrix cams_03 in {path}, got: {error}') from error
    if not (focal_px > 0 and per_baseline > 0):
        raise CameraFileError(
            f'Expected a focal length and 1/baseline > 0 in {path}, got {focal_px} and '
            f'{per_baseline}.'
        )
    return StereoRig(float(focal_px), float(1.0 / per_baseline), float(shift / per_baseline))
