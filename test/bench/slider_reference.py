"""
Reference depth of the slider_depth recording, from its own frames: a fixed recipe.

The camera slides along x, so undistorted frames are rectified pairs of known baseline. Frame r is
matched with frames r + 4, r + 6, r + 8 and r + 10 by semi-global matching at twice the width;
depth is the median where at least three of them agree within 6 %. Events take no part in it.

`python test/bench/slider_reference.py` prints coverage and the hash of each mask.

"""

from dataclasses import dataclass
import hashlib
import os
from pathlib import Path
import warnings

import cv2
from eventdepth_core.geometry import rectify_image
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import Camera, EventSlice, ImageSample, PoseSample
import numpy as np

STEPS = (4, 6, 8, 10)
MIN_AGREEING, MAX_SPREAD = 3, 0.06
MIN_COVERAGE = 0.38
UPSCALE = 2
# sha256 of the packed masks of frames 3 and 4, with the versions in constraints/
MASK_HASHES = {
    3: 'fa847833a219f51e2232c1086b2230fc455d1eb53565e67676bb23855938e703',
    4: '4f4d3264bec009945abc43d138c0dce738ce373ad63d0a02dec3f0e91979ec33',
}


@dataclass(frozen=True)
class Slider:
    """The recording: `stamps_us` of frames, grey `frames`, `x_m` of each, events, poses."""

    camera: Camera
    stamps_us: list
    frames: list
    events: np.ndarray
    pose_stamps_us: np.ndarray
    poses: np.ndarray

    def x_m(self, stamp_us):
        """Where the camera is on its slider."""
        return float(np.interp(stamp_us, self.pose_stamps_us, self.poses[:, 0, 3]))


def load_slider(root):
    """Read the recording from the folder of real recordings."""
    recording = open_recording(Path(root) / 'slider_depth')
    images, events, poses = [], [], []
    for sample in recording.samples():
        if isinstance(sample, ImageSample):
            images.append(sample)
        elif isinstance(sample, EventSlice):
            events.append(sample.events)
        elif isinstance(sample, PoseSample):
            poses.append(sample)
    return Slider(
        recording.rig.event,
        [each.stamp_us for each in images],
        [each.image for each in images],
        np.concatenate(events),
        np.array([each.stamp_us for each in poses]),
        np.stack([each.world_from_camera for each in poses]),
    )


def reference_depth(slider, frame):
    """Return depth in metres of a frame, float32 (H, W), NaN = no reference."""
    candidates = np.stack([_stereo_depth(slider, frame, frame + step) for step in STEPS])
    known = np.isfinite(candidates).sum(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', RuntimeWarning)  # pixels that no pair knows
        depth_m = np.nanmedian(candidates, axis=0)
        spread = np.nanmax(np.abs(candidates - depth_m) / depth_m, axis=0)
    agreed = (known >= MIN_AGREEING) & (spread <= MAX_SPREAD)
    return np.where(agreed, depth_m, np.nan).astype(np.float32)


def mask_hash(depth_m):
    """Return the sha256 of where there is a reference."""
    return hashlib.sha256(np.packbits(np.isfinite(depth_m)).tobytes()).hexdigest()


def _stereo_depth(slider, left, right):
    camera = slider.camera
    baseline_m = slider.x_m(slider.stamps_us[right]) - slider.x_m(slider.stamps_us[left])
    num_disparities = int(np.ceil(camera.fx * baseline_m / 0.5 / 16) * 16)
    pair = [_widened(rectify_image(slider.frames[i], camera)) for i in (left, right)]
    matcher = cv2.StereoSGBM_create(
        minDisparity=0,
        numDisparities=num_disparities * UPSCALE,
        blockSize=7,
        P1=8 * 49,
        P2=32 * 49,
        disp12MaxDiff=1,
        preFilterCap=31,
        uniquenessRatio=5,
        speckleWindowSize=60,
        speckleRange=2,
        mode=cv2.STEREO_SGBM_MODE_HH,
    )
    disparity = matcher.compute(*pair).astype(np.float64)[:, ::UPSCALE] / 16 / UPSCALE
    far = disparity <= 0.5
    return np.where(far, np.nan, camera.fx * baseline_m / np.where(far, 1.0, disparity))


def _widened(image):
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, None, fx=UPSCALE, fy=1, interpolation=cv2.INTER_CUBIC)


def main():
    """Print what the references of frames 3 and 4 are."""
    slider = load_slider(os.environ['EVENTDEPTH_DATA'])
    for frame, expected in MASK_HASHES.items():
        depth_m = reference_depth(slider, frame)
        found = mask_hash(depth_m)
        share, low, high = np.isfinite(depth_m).mean(), np.nanmin(depth_m), np.nanmax(depth_m)
        same = 'as recorded' if found == expected else f'recorded was {expected}'
        print(f'frame {frame}: {share:.1%} known, {low:.2f} to {high:.2f} m, {found} ({same})')


if __name__ == '__main__':
    main()
