"""
Augmentation of one sample, and corruption of single modalities.

Mirroring moves all modalities alike. Corruptions (another scene's image or events, noise, a black
image) leave the target alone: the network must learn to distrust the modality.

"""

from dataclasses import dataclass, replace

from eventdepth_core.types import Float32, UInt8
import numpy as np

MIRROR_SHARE = 0.5
CORRUPTION_SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """
    One sample as the sensors gave it.

    `voxel` float32 (5, H, W) polarity mass, `image` uint8 (H, W, 3), `log_depth` float32 (H, W)
    log metres, NaN where unknown, `focal_px` at this resolution; `sparse_m` float32 (H, W) metres,
    NaN = not measured, where points came with the sample, `sigma_log` of its log where those were
    swept from motion.

    """

    voxel: Float32
    image: UInt8
    log_depth: Float32
    focal_px: float
    sparse_m: Float32 | None = None
    sigma_log: Float32 | None = None


def augmented(rng: np.random.Generator, example: Example) -> Example:
    """Mirror, flip polarity, drop events, change colour, gamma and noise of the image."""
    voxel, image, log_depth = example.voxel, example.image, example.log_depth
    sparse_m, sigma_log = example.sparse_m, example.sigma_log
    if rng.random() < MIRROR_SHARE:
        voxel, image, log_depth = voxel[..., ::-1], image[:, ::-1], log_depth[:, ::-1]
        sparse_m = None if sparse_m is None else np.ascontiguousarray(sparse_m[:, ::-1])
        sigma_log = None if sigma_log is None else np.ascontiguousarray(sigma_log[:, ::-1])
    if rng.random() < 0.5:
        voxel = -voxel
    if rng.random() < 0.4:
        voxel = voxel * (rng.random(voxel.shape[1:]) > rng.uniform(0.0, 0.5))
    return replace(
        example,
        voxel=np.ascontiguousarray(voxel, dtype=np.float32),
        image=_recoloured(rng, image),
        log_depth=np.ascontiguousarray(log_depth),
        sparse_m=sparse_m,
        sigma_log=sigma_log,
    )


def corrupted(rng: np.random.Generator, example: Example, other: Example) -> Example:
    """Replace, with a small probability each, the events or the image by something useless."""
    if rng.random() < CORRUPTION_SHARE:
        voxel = other.voxel if rng.random() < 0.5 else _noise_events(rng, example.voxel)
        example = replace(example, voxel=voxel)
    if rng.random() < CORRUPTION_SHARE:
        kind = rng.integers(3)
        if kind == 0:
            image = other.image
        elif kind == 1:
            image = rng.integers(0, 256, example.image.shape, dtype=np.uint8)
        else:
            image = np.full_like(example.image, rng.integers(0, 20))
        example = replace(example, image=image)
    return example


def _recoloured(rng: np.random.Generator, image: UInt8) -> UInt8:
    intensity = image.astype(np.float32) / np.float32(255)
    if rng.random() < 0.4:
        intensity = np.repeat(intensity.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.random() < 0.7:
        intensity = intensity ** np.float32(rng.uniform(0.6, 1.6))
    if rng.random() < 0.3:
        noise = rng.standard_normal(intensity.shape, dtype=np.float32)
        intensity = intensity + np.float32(0.03) * noise
    return np.asarray(np.clip(intensity, 0.0, 1.0) * 255, dtype=np.uint8)


def _noise_events(rng: np.random.Generator, voxel: Float32) -> Float32:
    fired = rng.random(voxel.shape) < rng.uniform(0.002, 0.1)
    sign = rng.choice(np.array([-1.0, 1.0], dtype=np.float32), voxel.shape)
    return np.asarray(fired * sign, dtype=np.float32)
