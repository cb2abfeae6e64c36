"""
Events of light that is given as tensors: the comparator and photoreceptor of `pixel_kernels`.

All pixels of all scenes take a step together. Thresholds, their mismatch, dark light and bandwidth
are here; refractory time, leak and noise are not, and refused. Law: the events are those of
`crossings_of_lights` but for rounding.

"""

from dataclasses import dataclass

from eventdepth_core.errors import InputError
import torch
from torch import Tensor
from training.simulate.pixel import Sensor

_TURN_PER_US = 2e-6 * torch.pi
_LEAST_LIGHT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class TensorCrossings:
    """Events in the order of sub-frames: `t` int64 (E,) µs, `pixel` int64 (E,), `p` int8 (E,)."""

    t: Tensor
    pixel: Tensor
    p: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class TensorSensor:
    """What pixels are like: thresholds, `dark`, `cutoff_hz` and first `residual`, (P,) each."""

    on_threshold: Tensor
    off_threshold: Tensor
    dark: Tensor
    cutoff_hz: Tensor
    residual: Tensor

    @classmethod
    def of(cls, sensors: list[Sensor], residuals: list[Tensor], like: Tensor) -> 'TensorSensor':
        """Return the pixels of several cameras, one after the other."""
        if any(
            s.is_noisy or s.is_linear or s.refractory_us or s.leak_per_us.any() for s in sensors
        ):
            raise InputError(
                'Expected sensors without refractory time, leak, noise and linear light.'
            )
        counts = [len(sensor.on_threshold) for sensor in sensors]

        def joined(arrays: list[Tensor]) -> Tensor:
            return torch.cat(arrays).to(like)

        return cls(
            on_threshold=joined([torch.as_tensor(s.on_threshold) for s in sensors]),
            off_threshold=joined([torch.as_tensor(s.off_threshold) for s in sensors]),
            dark=joined([torch.full((n,), s.dark) for s, n in zip(sensors, counts, strict=True)]),
            cutoff_hz=joined(
                [torch.full((n,), s.cutoff_hz) for s, n in zip(sensors, counts, strict=True)]
            ),
            residual=joined(residuals),
        )


def tensor_crossings(
    light: Tensor, sensor: TensorSensor, *, step_us: Tensor, duration_us: int
) -> TensorCrossings:
    """
    Return the events of light (S + 1, P) that moves evenly from one row to the next.

    `step_us` (P,) is how long a row lasts for a pixel; light that no longer changes gives none.

    """
    before = torch.log(light[0] + sensor.dark)
    moved, reference = before, before - sensor.residual
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for step in range(len(light) - 1):
        bright = light[step + 1]
        after = torch.log(bright + sensor.dark)
        level = _photoreceptor(sensor, bright, (before, after), moved, step_us)
        change = level - moved
        sign = torch.where(change < 0, -1.0, 1.0).to(light.dtype)
        threshold = torch.where(change < 0, sensor.off_threshold, sensor.on_threshold)
        count = (sign * (level - reference) / threshold).floor().clamp(min=0.0)
        count = torch.where(change == 0, torch.zeros_like(count), count).long()
        pixel = count.nonzero()[:, 0]
        many = count[pixel]
        place = torch.repeat_interleave(pixel, many)
        number = torch.arange(len(place), device=light.device)
        number = number - torch.repeat_interleave(many.cumsum(0) - many, many) + 1
        crossed = reference[place] + sign[place] * threshold[place] * number
        share = ((crossed - moved[place]) / change[place]).clamp(0.0, 1.0)
        t = ((step + share) * step_us[place]).long().clamp(max=duration_us - 1)
        found.append((t, place, sign[place].to(torch.int8)))
        reference = reference + sign * threshold * count
        before, moved = after, level
    return TensorCrossings(*(torch.cat(parts) for parts in zip(*found, strict=True)))


def _photoreceptor(
    sensor: TensorSensor,
    light: Tensor,
    targets: tuple[Tensor, Tensor],
    level: Tensor,
    step_us: Tensor,
) -> Tensor:
    before, after = targets
    rate = _TURN_PER_US * sensor.cutoff_hz * (light + sensor.dark).clamp(min=_LEAST_LIGHT)
    safe = rate.clamp(min=1e-30)
    behind = (after - before) / (step_us * safe)
    filtered = after - behind + (level - before + behind) * torch.exp(-safe * step_us)
    return torch.where(sensor.cutoff_hz > 0, filtered, after)
