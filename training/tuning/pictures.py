"""
Pictures of fixed samples: events, image, points, target, prediction and error side by side.

Law: a sensor that the sample does not use is grey.

"""

from pathlib import Path

import cv2
from eventdepth_core.rendering import INVALID_GREY, robust_scale, thickened
from eventdepth_core.types import Float32, UInt8
import numpy as np
from training.data.augment import Example

HEIGHT_PX = 160
GAP_PX = 4
TITLE_PX = 18
TITLES = ('events', 'image', 'points', 'target', 'prediction', 'error (log, +-50 %)')
MAX_LOG_ERROR = 0.405


def draw_samples(path: Path, rows: list[list[UInt8]]) -> None:
    """Write panels, one line a sample, as a PNG with titles."""
    lines = [_joined(panels) for panels in rows]
    width = max(line.shape[1] for line in lines)
    sheet = np.concatenate([_titles(rows[0], width), *(_padded(line, width) for line in lines)])
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))


def sample_panels(
    example: Example, present: Float32, predicted_log_m: Float32 | None
) -> list[UInt8]:
    """
    Return the panels of one sample, uint8 (H, W, 3).

    `present` float32 (3,) says which sensors take part, `predicted_log_m` float32 (H, W) is log
    metres, None where nothing has been predicted.

    """
    target_m = np.exp(example.log_depth)
    size = target_m.shape
    scale = robust_scale([target_m])
    grey = np.full((*size, 3), INVALID_GREY, dtype=np.uint8)
    panels = [
        event_panel(example.voxel) if present[0] else grey,
        example.image if present[1] else grey,
        grey,
        scale.colours(target_m),
    ]
    if present[2] and example.sparse_m is not None:
        panels[2] = scale.colours(thickened(example.sparse_m))
    if predicted_log_m is not None:
        panels.append(scale.colours(np.exp(predicted_log_m)))
        panels.append(error_panel(predicted_log_m - example.log_depth))
    return panels


def event_panel(voxel: Float32) -> UInt8:
    """Return the polarity sum of a voxel grid (T, H, W): red ON, blue OFF, white nothing."""
    total = np.clip(voxel.sum(axis=0) / 2.0, -1.0, 1.0)
    picture = np.full((*total.shape, 3), 255, dtype=np.float32)
    picture[..., 1] *= 1.0 - np.abs(total)
    picture[..., 0] *= 1.0 - np.maximum(-total, 0.0)
    picture[..., 2] *= 1.0 - np.maximum(total, 0.0)
    return picture.astype(np.uint8)


def error_panel(error: Float32) -> UInt8:
    """Return a log error: white none, red too far, blue too near, grey unknown."""
    picture = event_panel(2.0 * np.nan_to_num(error)[None] / MAX_LOG_ERROR)
    picture[~np.isfinite(error)] = INVALID_GREY
    return picture


def _joined(panels: list[UInt8]) -> UInt8:
    gap = np.full((HEIGHT_PX + GAP_PX, GAP_PX, 3), 255, dtype=np.uint8)
    parts: list[UInt8] = []
    for panel in panels:
        width = round(panel.shape[1] * HEIGHT_PX / panel.shape[0])
        scaled = cv2.resize(panel, (width, HEIGHT_PX), interpolation=cv2.INTER_AREA)
        parts += [np.pad(scaled, ((0, GAP_PX), (0, 0), (0, 0)), constant_values=255), gap]
    return np.concatenate(parts, axis=1)


def _titles(panels: list[UInt8], width: int) -> UInt8:
    strip = np.full((TITLE_PX, width, 3), 255, dtype=np.uint8)
    left = 0
    for panel, title in zip(panels, TITLES, strict=False):
        cv2.putText(strip, title, (left + 2, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1)
        left += round(panel.shape[1] * HEIGHT_PX / panel.shape[0]) + GAP_PX
    return strip


def _padded(line: UInt8, width: int) -> UInt8:
    margins = ((0, 0), (0, width - line.shape[1]), (0, 0))
    return np.pad(line, margins, constant_values=255)
