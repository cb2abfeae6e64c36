"""
Zero-shot figures on real frames through the exported bundle and the runtime's pipeline.

Nothing of these frames is ever trained on or selected by. Frames: NYU (RGB + dense depth) and
KITTI (image + LiDAR sweep) of the folder that EVENTDEPTH_DATA names, scikit-image's stereo
motorcycle (RGB + disparity). A frame that is absent is left out of the table; the log says so.

"""

from collections.abc import Iterator
from dataclasses import dataclass
import logging
import os
from pathlib import Path

import cv2
from eventdepth_core.bundle import Bundle
from eventdepth_core.evaluation import evaluate, fill_baselines
from eventdepth_core.geometry import project_points, transform_points
from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.types import Camera, Float32, Float64, Rig, UInt8
import numpy as np
from numpy.typing import NDArray
from training.tables import Row

LOG = logging.getLogger(__name__)
NUM_DRAWS = 3
STAMP_US = 1_000_000
MOTORCYCLE = {'focal_px': 994.978, 'baseline_m': 0.193001, 'offset_px': 31.086}
NYU_FOCAL_PX = 519.0 * 250.0 / 480.0


@dataclass(frozen=True, slots=True, eq=False)
class RealFrame:
    """An `image` uint8 (H, W, 3) RGB, `depth_m` float32 (H, W), NaN = unknown, its camera."""

    name: str
    image: UInt8
    depth_m: Float32
    camera: Camera


def real_table(bundle: Bundle) -> list[Row]:
    """Rows of every frame at hand: points alone, image + points, image alone, and fills."""
    rows: list[Row] = []
    for frame in real_frames():
        for density in (100, 500) if frame.name != 'kitti' else (500, 0.5):
            rows += _point_rows(bundle, frame, density)
        rows.append(_image_row(bundle, frame))
    return rows


def real_frames() -> Iterator[RealFrame]:
    """Yield the frames whose files are at hand; EVENTDEPTH_DATA names the folder."""
    root = os.environ.get('EVENTDEPTH_DATA', '')
    for name, read in (('nyu_frame', _nyu), ('kitti_frame', _kitti)):
        if root and Path(root, name).is_dir():
            yield read(Path(root, name))
        else:
            LOG.warning('No rows of %s: EVENTDEPTH_DATA is %r.', name, root)
    try:
        yield _motorcycle()
    except (ImportError, OSError) as error:
        LOG.warning('No rows of the motorcycle: %s.', error)


def _point_rows(bundle: Bundle, frame: RealFrame, density: float) -> list[Row]:
    results: dict[str, list[dict[str, float]]] = {}
    for draw in range(NUM_DRAWS):
        sparse = _drawn(frame.depth_m, density, draw)
        judged = np.isfinite(frame.depth_m) & ~np.isfinite(sparse)
        fills = fill_baselines(sparse)
        predictions = {
            'P model': _predict(bundle, frame, None, sparse),
            'IP model': _predict(bundle, frame, frame.image, sparse),
            'nearest fill': (fills.nearest, None),
            '1/z-linear fill': (fills.linear, None),
            'spread switch': (fills.switch, None),
        }
        for name, (depth, std) in predictions.items():
            scored = evaluate(depth, frame.depth_m, 'plain', std_m=std, valid=judged)
            results.setdefault(name, []).append({k: float(v) for k, v in scored.items()})
    label = f'{density:.0%} of points' if density < 1 else f'{density:.0f} points'
    return [_row(frame.name, label, name, scores) for name, scores in results.items()]


def _image_row(bundle: Bundle, frame: RealFrame) -> Row:
    depth, std = _predict(bundle, frame, frame.image, None)
    scored = evaluate(depth, frame.depth_m, 'plain', std_m=std)
    aligned = evaluate(depth, frame.depth_m, 'aligned_median')
    row = _row(frame.name, 'no points', 'I model (scale is a prior)', [dict(scored)])
    return row | {'aligned_abs_rel': round(float(aligned['abs_rel']), 4)}


def _predict(
    bundle: Bundle,
    frame: RealFrame,
    image: UInt8 | None,
    sparse: Float32 | None,
) -> tuple[Float32, Float32]:
    pipeline = DepthPipeline(bundle, Rig(image=frame.camera))
    if image is not None:
        pipeline.push_image(image, STAMP_US)
    if sparse is not None:
        pipeline.push_sparse_depth(sparse, STAMP_US)
    estimate = pipeline.estimate(STAMP_US)
    return estimate.depth_m, estimate.std_m


def _drawn(depth_m: Float32, density: float, seed: int) -> Float32:
    known = np.flatnonzero(np.isfinite(depth_m))
    count = round(density * known.size) if density < 1 else int(density)
    chosen = np.random.default_rng(seed).choice(known, count, replace=False)
    sparse = np.full(depth_m.shape, np.nan, dtype=np.float32)
    sparse.flat[chosen] = depth_m.flat[chosen]
    return sparse


def _row(frame: str, points: str, name: str, scores: list[dict[str, float]]) -> Row:
    row: Row = {'set': frame, 'points': points, 'name': name}
    for key in ('abs_rel', 'mae', 'rmse', 'delta1', 'coverage_1sigma'):
        if key in scores[0]:
            row[key] = round(float(np.mean([score[key] for score in scores])), 4)
    return row


def _nyu(folder: Path) -> RealFrame:
    rgb = np.load(folder / 'rgb.npy', allow_pickle=False)
    depth = np.load(folder / 'depth.npy', allow_pickle=False).astype(np.float32)
    image = np.asarray(rgb if rgb.max() > 1 else rgb * 255, dtype=np.uint8)
    height, width = depth.shape
    centre = ((width - 1) / 2, (height - 1) / 2)
    camera = Camera(width, height, NYU_FOCAL_PX, NYU_FOCAL_PX, *centre)
    return RealFrame('nyu', image, np.where(depth > 0, depth, np.float32(np.nan)), camera)


def _kitti(folder: Path) -> RealFrame:
    bgr = cv2.imread(str(folder / 'image_2.png'), cv2.IMREAD_COLOR)
    image = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    matrices = _kitti_matrices(folder / 'calib.txt')
    projection = matrices['P2'].reshape(3, 4)
    camera = Camera(
        image.shape[1],
        image.shape[0],
        projection[0, 0],
        projection[1, 1],
        projection[0, 2],
        projection[1, 2],
    )
    rectify, velodyne, offset = np.eye(4), np.eye(4), np.eye(4)
    rectify[:3, :3] = matrices['R0_rect'].reshape(3, 3)
    velodyne[:3] = matrices['Tr_velo_to_cam'].reshape(3, 4)
    offset[:3, 3] = np.linalg.solve(projection[:, :3], projection[:, 3])
    sweep = np.fromfile(folder / 'velodyne.bin', dtype=np.float32).reshape(-1, 4)[:, :3]
    points = transform_points(offset @ rectify @ velodyne, sweep)
    return RealFrame('kitti', image, project_points(points, camera, occlusion=False), camera)


def _kitti_matrices(path: Path) -> dict[str, Float64]:
    lines = (line.split(':') for line in path.read_text().splitlines() if ':' in line)
    return {key: np.array(values.split(), dtype=np.float64) for key, values in lines}


def _motorcycle() -> RealFrame:
    from skimage.data import stereo_motorcycle

    left, _, disparity = stereo_motorcycle()
    shifted: NDArray[np.float64] = disparity + MOTORCYCLE['offset_px']
    known = np.isfinite(disparity) & (disparity > 0)
    depth = np.where(known, MOTORCYCLE['focal_px'] * MOTORCYCLE['baseline_m'] / shifted, np.nan)
    height, width = depth.shape
    centre = ((width - 1) / 2, (height - 1) / 2)
    camera = Camera(width, height, MOTORCYCLE['focal_px'], MOTORCYCLE['focal_px'], *centre)
    return RealFrame('motorcycle', left, depth.astype(np.float32), camera)
