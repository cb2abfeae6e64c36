"""
Motions by name: smooth, handheld with the shake of a hand, driving with turns and bumps.

- `smooth` sways and drives as `random_path` says.
- `handheld` adds shake to it: sines from 0.5 to 12 Hz with random phases, whose amplitudes fall as
  1 / f^1.2, and the tremor of muscles at 8 to 12 Hz.
- `driving` follows a road on level ground: the speed changes slowly, the yaw rate keeps lateral
  acceleration below 2 m/s^2; bumps make the body heave and pitch at 1.2 to 1.8 Hz until damped,
  the road shakes it at 8 to 14 Hz.

Laws: at t = 0 the camera stands at the start; a motion is a function of its generator; speeds stay
below `MAX_SPEED_M_S`; poses have no jumps.

"""

from dataclasses import dataclass
from typing import get_args, Literal, TypeAlias

from eventdepth_core.types import Float64
import numpy as np
from training.simulate.path import Path, random_path
from training.simulate.solids import log_uniform, Pose, rotation_about

MotionKind: TypeAlias = Literal['auto', 'smooth', 'handheld', 'driving']
MOTION_KINDS: tuple[MotionKind, ...] = get_args(MotionKind)
MAX_SPEED_M_S = {'handheld': 2.0, 'driving': 25.0}
_MAX_LATERAL_M_S2 = 2.0
_TABLE_STEP_S = 2e-3
_BUMP_RISE_S = 0.05


def motion_path(
    rng: np.random.Generator,
    kind: MotionKind,
    start: Pose,
    *,
    speed_m_s: float,
    seconds: float,
    is_forward: bool,
) -> Path:
    """
    Draw a way of a kind, known for `seconds`.

    `speed_m_s` is its typical speed; `auto` is smooth, forward where `is_forward`.

    """
    if kind == 'handheld':
        sway = random_path(rng, start, speed_m_s=min(speed_m_s, 1.0), is_forward=False)
        return ShakenPath(sway, random_shake(rng))
    if kind == 'driving':
        return driving_path(rng, start, speed_m_s=min(speed_m_s, 18.0), seconds=seconds)
    return random_path(rng, start, speed_m_s=speed_m_s, is_forward=is_forward and kind == 'auto')


@dataclass(frozen=True, slots=True, eq=False)
class Shake:
    """
    Sines that move and turn a camera about its own axes, K of them.

    `frequency_hz` (K,), `phase` (K, 6), `amplitude` (K, 6): metres along x, y, z and radians about
    x, y, z.

    """

    frequency_hz: Float64
    phase: Float64
    amplitude: Float64

    def at(self, t_s: float) -> Float64:
        """Return what has moved since t = 0, float64 (6,)."""
        turned = 2 * np.pi * self.frequency_hz[:, None] * t_s + self.phase
        moved: Float64 = (self.amplitude * (np.sin(turned) - np.sin(self.phase))).sum(axis=0)
        return moved


@dataclass(frozen=True, slots=True, eq=False)
class ShakenPath:
    """A path whose camera shakes."""

    path: Path
    shake: Shake

    def pose(self, t_s: float) -> Pose:
        """Return the pose at `t_s` seconds."""
        calm, moved = self.path.pose(t_s), self.shake.at(t_s)
        return Pose(
            calm.rotation @ rotation_about(moved[3:]),
            calm.position_m + calm.rotation @ moved[:3],
        )


def random_shake(rng: np.random.Generator) -> Shake:
    """Draw the shake of a hand: 0.2 to 0.8 degrees and 1 to 5 mm rms on each axis."""
    frequency_hz = np.geomspace(0.5, 12.0, 20) * rng.uniform(0.95, 1.05, 20)
    spectrum = frequency_hz**-1.2
    spectrum = spectrum + 0.1 * np.exp(-0.5 * ((frequency_hz - 10.0) / 1.5) ** 2)
    spectrum /= np.sqrt((spectrum**2).sum() / 2.0)
    rms = np.concatenate(
        [
            np.full(3, log_uniform(rng, 1e-3, 5e-3)),
            np.full(3, np.deg2rad(log_uniform(rng, 0.2, 0.8))),
        ]
    )
    spread = rng.uniform(0.6, 1.4, (20, 6))
    return Shake(
        frequency_hz, rng.uniform(0.0, 2 * np.pi, (20, 6)), spectrum[:, None] * rms * spread
    )


@dataclass(frozen=True, slots=True, eq=False)
class DrivingPath:
    """
    A vehicle on level ground, world y down; tables at steps of 2 ms, the last value holds beyond.

    `place_m` (n, 2) right and ahead of the start's heading, `yaw_rad` (n,), `velocity_m_s` (n, 2);
    a bump is (time s, heave m, pitch rad), (b, 3); `body_hz` and `damping` of the springs.

    """

    start: Pose
    place_m: Float64
    yaw_rad: Float64
    velocity_m_s: Float64
    bumps: Float64
    body_hz: float
    damping: float
    road: Shake

    def pose(self, t_s: float) -> Pose:
        """Return the pose at `t_s` seconds."""
        row = float(np.clip(t_s / _TABLE_STEP_S, 0.0, len(self.yaw_rad) - 1.001))
        before, share = int(row), row - int(row)
        place = _between(self.place_m, self.velocity_m_s, before, share)
        yaw = (1 - share) * self.yaw_rad[before] + share * self.yaw_rad[before + 1]
        heave_m, pitch = self.bounced(t_s)
        shaken = self.road.at(t_s)
        ahead = self.start.rotation[:, 2] * (1.0, 0.0, 1.0)
        ahead = ahead / np.sqrt(ahead @ ahead)
        right = np.array([ahead[2], 0.0, -ahead[0]])
        down = np.array([0.0, heave_m + shaken[1], 0.0])
        return Pose(
            rotation_about((0.0, yaw, 0.0))
            @ self.start.rotation
            @ rotation_about(shaken[3:] + np.array([pitch, 0.0, 0.0])),
            self.start.position_m + place[0] * right + place[1] * ahead + down,
        )

    def bounced(self, t_s: float) -> tuple[float, float]:
        """Return heave in metres and pitch in radians after all bumps so far."""
        since = np.maximum(t_s - self.bumps[:, 0], 0.0)
        omega = 2 * np.pi * self.body_hz
        rise = 1.0 - np.exp(-((since / _BUMP_RISE_S) ** 2))
        swing = rise * np.exp(-self.damping * omega * since)
        heave_m = (self.bumps[:, 1] * swing * np.sin(omega * since)).sum()
        pitch = (self.bumps[:, 2] * swing * np.cos(omega * since)).sum()
        return float(heave_m), float(pitch)


def driving_path(
    rng: np.random.Generator, start: Pose, *, speed_m_s: float, seconds: float
) -> DrivingPath:
    """Draw a drive of at least `seconds` plus the half second that a picture may need."""
    t = np.arange(int((seconds + 0.5) / _TABLE_STEP_S) + 2) * _TABLE_STEP_S
    speed = speed_m_s * (1.0 + _slow_sines(rng, t, 0.15))
    yaw_rate = _slow_sines(rng, t, rng.uniform(0.05, 1.0) * _MAX_LATERAL_M_S2 / (1.2 * speed_m_s))
    yaw_rate = np.clip(yaw_rate, -0.6, 0.6)
    yaw = _integral(yaw_rate)
    velocity = np.stack([speed * np.sin(yaw), speed * np.cos(yaw)], axis=1)
    num_bumps = rng.poisson(0.7 * seconds)
    size = rng.exponential(1.0, num_bumps).clip(max=3.0)
    bumps = np.stack(
        [
            rng.uniform(0.0, seconds, num_bumps),
            0.012 * size,
            np.deg2rad(0.5) * size * rng.choice([-1.0, 1.0], num_bumps),
        ],
        axis=1,
    )
    return DrivingPath(
        start=start,
        place_m=np.stack([_integral(velocity[:, 0]), _integral(velocity[:, 1])], axis=1),
        yaw_rad=yaw,
        velocity_m_s=velocity,
        bumps=bumps,
        body_hz=float(rng.uniform(1.2, 1.8)),
        damping=float(rng.uniform(0.2, 0.35)),
        road=_road_shake(rng),
    )


def _road_shake(rng: np.random.Generator) -> Shake:
    amplitude = np.zeros((6, 6))
    amplitude[:, 1] = rng.uniform(0.0, 4e-4)
    amplitude[:, 3:] = np.deg2rad(rng.uniform(0.0, 0.02))
    phase = rng.uniform(0.0, 2 * np.pi, (6, 6))
    return Shake(rng.uniform(8.0, 14.0, 6), phase, amplitude * rng.uniform(0.5, 1.0, (6, 6)))


def _slow_sines(rng: np.random.Generator, t: Float64, amplitude: float) -> Float64:
    """Return three slow sines whose sum stays within +-`amplitude`."""
    frequency_hz, phase = rng.uniform(0.05, 0.4, 3), rng.uniform(0.0, 2 * np.pi, 3)
    waves = np.sin(2 * np.pi * frequency_hz * t[:, None] + phase)
    total: Float64 = amplitude * waves.mean(axis=1)
    return total


def _integral(rate: Float64) -> Float64:
    mean = 0.5 * (rate[1:] + rate[:-1]) * _TABLE_STEP_S
    return np.concatenate([[0.0], np.cumsum(mean)])


def _between(place: Float64, velocity: Float64, before: int, share: float) -> Float64:
    """Return the cubic Hermite place between two rows of a table."""
    a, b = place[before], place[before + 1]
    da, db = velocity[before] * _TABLE_STEP_S, velocity[before + 1] * _TABLE_STEP_S
    s, r = share, 1.0 - share
    between: Float64 = (
        (1 + 2 * s) * r**2 * a + s * r**2 * da + s**2 * (3 - 2 * s) * b - s**2 * r * db
    )
    return between
