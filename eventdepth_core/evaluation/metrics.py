"""
Error measures of depth, with y the target, p the prediction, d = ln p - ln y, all in float64.

abs_rel mean |p - y| / y; rmse sqrt(mean (p - y)^2); rmse_log sqrt(mean d^2); delta_k share of
max(p / y, y / p) < 1.25^k; mae mean |p - y|; log10 mean |log10 p - log10 y|; imae mean
|1/p - 1/y| and irmse sqrt(mean (1/p - 1/y)^2), in 1/m; pe1 and pe2 percentage of |p - y| > 1 and
> 2. Of what the field has several forms, each has its name: sq_rel_linear mean (p - y)^2 / y,
sq_rel_squared mean (p - y)^2 / y^2; silog_root_100 100 sqrt(mean d^2 - (mean d)^2),
silog_variance mean d^2 - (mean d)^2, silog_absolute mean d^2 - (mean |d|)^2. `sq_rel` and `silog`
are the forms that the profile names; its `epsilon` e is added as y + e, p + e and y^2 + e, and its
`delta_bound` decides between < and <=. `mae_C`, `abs_rel_C` and `delta1_C` are over the targets
nearer than the cut-off C, which are `share_C` of all.

Everything is computed from means over pixels, which images can be weighted with and added up.

Laws: no pixels give NaN everywhere and n = 0, without a warning; a perfect prediction gives 0 and
delta 1; silog does not change when the prediction is scaled; a prediction of 0 has an infinite
logarithm, said as such.

"""

from collections.abc import Mapping
import math

from eventdepth_core.evaluation.profile import Profile
from eventdepth_core.types import Float64
import numpy as np

DELTA_BASE = 1.25
LN_10 = math.log(10.0)
NUM_DELTAS = 3
_PERCENT = 100.0
_MEANS = (
    'abs_rel', 'sq_rel_linear', 'sq_rel_squared', 'square', 'log', 'log_absolute', 'log_square',
    'rmse_log_square', 'delta1', 'delta2', 'delta3', 'mae', 'inverse_absolute',
    'inverse_square', 'pe1', 'pe2',
)  # fmt: skip
COUNT = 'n'
CUT_OFF_MEASURES = ('mae', 'abs_rel', 'delta1')
_CUT_OFF_SUMS = (*CUT_OFF_MEASURES, COUNT)
CHUNK = 16_384  # pixels at once: what they need stays in the cache


def cut_off_names(rules: Profile) -> dict[float, str]:
    """Return the suffix of each cut-off, e.g. `10m`."""
    return {cut_off_m: f'{cut_off_m:g}m' for cut_off_m in rules.cut_offs_m}


def pixel_means(
    predicted_m: Float64, target_m: Float64, rules: Profile, *, num_unmeasured: int = 0
) -> dict[str, float]:
    """
    Return the means over pixels from which every measure of an image is made, and its counts.

    Parameters
    ----------
    predicted_m, target_m : float64 (N,)
        Metres (pixels for disparities), finite, targets > 0.
    rules : Profile
        For epsilon, delta's bound and the cut-offs.
    num_unmeasured : int
        Pixels that fail delta where the profile says so.

    """
    sums = dict.fromkeys(_sum_names(rules), 0.0)
    for start in range(0, target_m.size, CHUNK):
        chunk = slice(start, start + CHUNK)
        for name, value in _chunk_sums(predicted_m[chunk], target_m[chunk], rules).items():
            sums[name] += value
    num_failing = num_unmeasured if rules.unmeasured == 'fails_delta' else 0
    means = _divided(sums, _MEANS, '', num_failing)
    if num_failing:
        means['rmse_log_square'] = math.nan
    for name in cut_off_names(rules).values():
        means |= _divided(sums, CUT_OFF_MEASURES, f'_{name}', num_failing)
    return means


def measures(means: Mapping[str, float], rules: Profile) -> dict[str, float]:
    """Return every measure by name, made of the means of one image or of a heap of them."""
    forms = {
        'linear': means['sq_rel_linear'],
        'squared': means['sq_rel_squared'],
    }
    silogs = _silogs(means)
    result = {
        'abs_rel': means['abs_rel'],
        'sq_rel': forms[rules.sq_rel],
        'rmse': math.sqrt(means['square']),
        'rmse_log': math.sqrt(means['rmse_log_square']),
        'silog': silogs[rules.silog],
        **{f'delta{k}': means[f'delta{k}'] for k in range(1, NUM_DELTAS + 1)},
        'mae': means['mae'],
        'log10': means['log_absolute'] / LN_10,
        'imae': means['inverse_absolute'],
        'irmse': math.sqrt(means['inverse_square']),
        **{f'sq_rel_{form}': value for form, value in forms.items()},
        **{f'silog_{form}': value for form, value in silogs.items()},
        COUNT: int(means[COUNT]),
    }
    if rules.quantity == 'disparity':
        result |= {name: means[name] for name in ('pe1', 'pe2')}
    for name in cut_off_names(rules).values():
        result |= {f'{key}_{name}': means[f'{key}_{name}'] for key in CUT_OFF_MEASURES}
        result[f'share_{name}'] = _share(means[f'{COUNT}_{name}'], means[COUNT])
    return result


def _columns(predicted_m: Float64, target_m: Float64, rules: Profile) -> dict[str, Float64]:
    """Return what is averaged, pixel by pixel, (N,) each."""
    epsilon = rules.epsilon
    difference = np.abs(predicted_m - target_m)
    with np.errstate(divide='ignore', invalid='ignore'):  # predictions of 0
        log_difference = np.log(predicted_m + epsilon) - np.log(target_m + epsilon)
        inverse = np.abs(1.0 / predicted_m - 1.0 / target_m)
        ratio = np.maximum(predicted_m / (target_m + epsilon), target_m / (predicted_m + epsilon))
        log_square, inverse_square = log_difference**2, inverse**2
    square = difference**2
    is_within = np.less_equal if rules.delta_bound == 'inclusive' else np.less
    return {
        'abs_rel': difference / (target_m + epsilon),
        'sq_rel_linear': square / (target_m + epsilon),
        'sq_rel_squared': square / (target_m**2 + epsilon),
        'square': square,
        'log': log_difference,
        'log_absolute': np.abs(log_difference),
        'log_square': log_square,
        'rmse_log_square': log_square,
        **{f'delta{k}': is_within(ratio, DELTA_BASE**k) for k in range(1, NUM_DELTAS + 1)},
        'mae': difference,
        'inverse_absolute': inverse,
        'inverse_square': inverse_square,
        'pe1': _PERCENT * (difference > 1.0),
        'pe2': _PERCENT * (difference > 2.0),
    }


def _sum_names(rules: Profile) -> list[str]:
    near = [f'{each}_{c}' for c in cut_off_names(rules).values() for each in _CUT_OFF_SUMS]
    return [*_MEANS, COUNT, *near]


def _chunk_sums(predicted_m: Float64, target_m: Float64, rules: Profile) -> dict[str, float]:
    """Return the sums over a few pixels, and how many they are, all and up to each cut-off."""
    columns = _columns(predicted_m, target_m, rules)
    sums = {name: float(np.sum(columns[name])) for name in _MEANS}
    sums[COUNT] = target_m.size
    for cut_off_m, name in cut_off_names(rules).items():
        is_near = (
            target_m <= cut_off_m if rules.cut_off_bound == 'inclusive' else target_m < cut_off_m
        )
        for measure in CUT_OFF_MEASURES:
            sums[f'{measure}_{name}'] = float(np.sum(columns[measure][is_near]))
        sums[f'{COUNT}_{name}'] = int(np.count_nonzero(is_near))
    return sums


def _divided(
    sums: Mapping[str, float], names: tuple[str, ...], suffix: str, num_failing: int
) -> dict[str, float]:
    """Return means of sums, deltas over the failing pixels as well, and the count."""
    num = int(sums[f'{COUNT}{suffix}'])
    means: dict[str, float] = {f'{COUNT}{suffix}': num}
    for name in names:
        num_all = num + num_failing if name.startswith('delta') else num
        means[f'{name}{suffix}'] = sums[f'{name}{suffix}'] / num_all if num else math.nan
    return means


def _silogs(means: Mapping[str, float]) -> dict[str, float]:
    """Return the scale-invariant errors; rounding may not make a variance negative."""
    mean_square = means['log_square']
    variance = _floored(mean_square - means['log'] ** 2)
    return {
        'root_100': 100.0 * math.sqrt(variance),
        'variance': variance,
        'absolute': _floored(mean_square - means['log_absolute'] ** 2),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _floored(variance: float) -> float:
    return variance if math.isnan(variance) else max(variance, 0.0)
