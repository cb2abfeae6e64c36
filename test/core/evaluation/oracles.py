"""
Each published protocol once more, as plainly as its description reads, in float64.

They share nothing with the package: every function takes frames (B, H, W), metres with NaN for
not measured, and returns the numbers that its protocol prints.

"""

# ruff: noqa: PLW2901  # as the descriptions read: one name through all steps of a frame

import numpy as np

ALPHA = 3.70378


def field_errors(p, y, eps=0.0, *, inclusive=False):
    """Return the errors of the field over pixels, in both forms where there are two."""
    d = np.log(p + eps) - np.log(y + eps)
    ratio = np.maximum(p / (y + eps), y / (p + eps))
    within = (lambda k: ratio <= 1.25**k) if inclusive else (lambda k: ratio < 1.25**k)
    return {
        'abs_rel': np.mean(np.abs(p - y) / (y + eps)),
        'sq_rel_linear': np.mean((p - y) ** 2 / (y + eps)),
        'sq_rel_squared': np.mean((p - y) ** 2 / (y**2 + eps)),
        'rmse': np.sqrt(np.mean((p - y) ** 2)),
        'rmse_log': np.sqrt(np.mean(d**2)),
        'silog_variance': np.mean(d**2) - np.mean(d) ** 2,
        'silog_root_100': 100 * np.sqrt(np.mean(d**2) - np.mean(d) ** 2),
        'mae': np.mean(np.abs(p - y)),
        'log10': np.mean(np.abs(np.log10(p + eps) - np.log10(y + eps))),
        **{f'delta{k}': np.mean(within(k)) for k in (1, 2, 3)},
    }


def mean_of(frames):
    return {key: np.mean([frame[key] for frame in frames]) for key in frames[0]}


def mvsec_e2depth(predicted, target, *, legacy=False):
    frames = []
    for p, y in zip(predicted[:, :260], target[:, :260], strict=True):
        y = np.clip(y, 0, 80)
        if legacy:
            y = y / np.nanmax(y) * 80
        top = np.nanmax(y)
        mask = (y > 0) & (y < top) & (p > 0) & (p < top)
        frame = field_errors(p[mask], y[mask], 1e-5, inclusive=True)
        for c in (10, 20, 30):
            frame[f'mae_{c}m'] = np.mean(np.abs(p - y)[mask & (y < c)])
        frame['sq_rel'], frame['silog'] = frame['sq_rel_squared'], frame['silog_variance']
        frames.append(frame)
    return mean_of(frames)


def mvsec_ramnet(predicted, target):
    frames = []
    for p, y in zip(predicted[:, :260], target[:, :260], strict=True):
        p = np.clip(p, 80 * np.exp(-ALPHA), 80)
        eps, known = 1e-5, ~np.isnan(y)
        d = np.abs(np.log(p + eps) - np.log(y + eps))
        with np.errstate(invalid='ignore'):
            ratio = np.maximum(p / (y + eps), y / (p + eps))
            frame = {f'delta{k}': np.mean(ratio <= 1.25**k) for k in (1, 2, 3)}
        frame['abs_rel'] = np.nanmean(np.abs(p - y) / (y + eps))
        frame['sq_rel'] = np.nanmean((p - y) ** 2 / (y**2 + eps))
        frame['rmse'], frame['mae'] = np.sqrt(np.nanmean((p - y) ** 2)), np.nanmean(np.abs(p - y))
        frame['rmse_log'] = np.sqrt(np.mean(d**2))  # NaN with any unmeasured pixel
        frame['silog'] = np.mean(d[known] ** 2) - np.mean(d[known]) ** 2
        for c in (10, 20, 30, 80, 250, 500):
            near = np.nan_to_num(y, nan=0.0) < c
            frame[f'mae_{c}m'] = np.nanmean(np.abs(p - y)[near])
            frame[f'delta1_{c}m'] = np.mean(ratio[near] <= 1.25)
        frames.append(frame)
    return mean_of(frames)


def mvsec_ereformer(predicted, target):
    frames, low = [], 80 * np.exp(-ALPHA)
    for p, y in zip(predicted[:, :260], target[:, :260], strict=True):
        p = np.where(np.isnan(p), low, np.where(np.isinf(p), 80.0, p))
        mask = (y > low) & (y < 80)
        frame = field_errors(p[mask], y[mask], 1e-5, inclusive=True)
        for c in (10, 20, 30):
            frame[f'mae_{c}m'] = np.mean(np.abs(p - y)[mask & (y < c)])
        frame['sq_rel'] = frame['sq_rel_squared']
        frames.append(frame)
    return mean_of(frames)


def mvsec_hmnet(predicted, target, crop=np.s_[:, :]):
    frames, last = [], None
    for p, y in zip(predicted, target, strict=True):
        p = last if not np.isfinite(p).any() else p
        last = p
        p, y = p[crop], y[crop]
        mask = (y >= 1.978) & (y <= 80)
        frame = field_errors(p[mask], y[mask])
        for c in (10, 20, 30):
            near = (y >= 1.978) & (y <= c)
            frame[f'mae_{c}m'] = np.mean(np.abs(p - y)[near])
        frame['sq_rel'], frame['silog'] = frame['sq_rel_linear'], frame['silog_root_100']
        frames.append(frame)
    return mean_of(frames)


def fuse(predicted, target, full=80.0, alpha=ALPHA):
    frames = []
    for p, y in zip(predicted[:, :260], target[:, :260], strict=True):
        mask = (y >= full * np.exp(-alpha)) & (y <= full)
        frame = field_errors(p[mask], y[mask], 1e-5, inclusive=True)
        for c in (10, 20, 30):
            frame[f'mae_{c}m'] = np.mean(np.abs(p - y)[mask & (y < c)])
        frames.append(frame)
    return mean_of(frames)


def aled(predicted, target, full=100.0):
    sums = {}
    for p, y in zip(predicted, target, strict=True):
        for c in (10, 20, 30, full / 2, full):
            near = ~np.isnan(y) & (y <= c)
            error = np.abs(p[near] - y[near])
            before = sums.get(c, np.zeros(3))
            sums[c] = before + np.array([error.sum(), (error / y[near]).sum(), near.sum()])
    result = {f'mae_{c:g}m': total / num for c, (total, _, num) in sums.items()}
    result |= {f'abs_rel_{c:g}m': total / num for c, (_, total, num) in sums.items()}
    return result | {'mae': result[f'mae_{full:g}m'], 'abs_rel': result[f'abs_rel_{full:g}m']}


def kitti_eigen(predicted, target, *, factor=None, cropped=True, low=1e-3, high=80.0):
    frames = []
    for p, y in zip(predicted, target, strict=True):
        height, width = y.shape
        mask = (y > low) & (y < high)
        if cropped:
            rows = slice(int(0.40810811 * height), int(0.99189189 * height))
            columns = slice(int(0.03594771 * width), int(0.96405229 * width))
            inside = np.zeros_like(mask)
            inside[rows, columns] = True
            mask &= inside
        p, y = p[mask], y[mask]
        p = p * (np.median(y) / np.median(p) if factor is None else factor)
        frames.append(field_errors(np.clip(p, 1e-3, 80), y))
    result = mean_of(frames)
    return result | {'sq_rel': result['sq_rel_linear']}


def kitti_marigold(predicted, target):
    frames = []
    for p, y in zip(predicted, target, strict=True):
        top, left = y.shape[0] - 352, int((y.shape[1] - 1216) / 2)
        p, y = (each[top : top + 352, left : left + 1216] for each in (p, y))
        mask = np.zeros(y.shape, np.bool_)
        mask[
            int(0.3324324 * 352) : int(0.91351351 * 352),
            int(0.0359477 * 1216) : int(0.96405229 * 1216),
        ] = True
        mask &= (y > 1e-5) & (y < 80)
        p = _least_squares(p[mask], y[mask])
        frames.append(field_errors(np.maximum(np.clip(p, 1e-5, 80), 1e-6), y[mask]))
    return mean_of(frames)


def aligned(predicted, target):
    frames = []
    for p, y in zip(predicted, target, strict=True):
        p, y = p[~np.isnan(y)], y[~np.isnan(y)]
        frames.append(field_errors(np.maximum(_least_squares(p, y), 1e-6), y))
    return mean_of(frames)


def aligned_inverse(predicted, target):
    frames = []
    for p, y in zip(predicted, target, strict=True):
        mask = (y > 0) & (y <= 80)
        inverse = _least_squares(1 / p[mask], 1 / y[mask])
        p = np.clip(1 / np.maximum(inverse, 1e-3), 1e-6, 80)
        frames.append(field_errors(p, y[mask]))
    return mean_of(frames)


def _least_squares(p, y):
    (scale, shift), *_ = np.linalg.lstsq(np.stack([p, np.ones_like(p)], axis=1), y, rcond=None)
    return p * scale + shift


def nyu(predicted, target):
    frames = []
    for p, y in zip(predicted, target, strict=True):
        p, y = p[45:471, 41:601], y[45:471, 41:601]
        mask = (y > 1e-3) & (y < 10)
        frames.append(field_errors(p[mask], y[mask]))
    return mean_of(frames)


def nyu_fastdepth(predicted, target):
    frames = [
        field_errors(p[~np.isnan(y)], y[~np.isnan(y)])
        for p, y in zip(predicted, target, strict=True)
    ]
    return mean_of(frames)


def completion(predicted, target):
    frames = []
    for p, y in zip(predicted, target, strict=True):
        mask = y > 0
        error, inverse = (p - y)[mask], 1 / p[mask] - 1 / y[mask]
        frames.append(
            {
                'mae': np.mean(np.abs(error)),
                'rmse': np.sqrt(np.mean(error**2)),
                'imae': np.mean(np.abs(inverse)),
                'irmse': np.sqrt(np.mean(inverse**2)),
            }
        )
    return mean_of(frames)


def dsec_disparity(predicted, target):
    mask = np.nan_to_num(target) > 0
    error = np.abs(predicted - target)[mask]
    return {
        'mae': np.mean(error),
        'rmse': np.sqrt(np.mean(error**2)),
        'pe1': 100 * np.mean(error > 1),
        'pe2': 100 * np.mean(error > 2),
    }
