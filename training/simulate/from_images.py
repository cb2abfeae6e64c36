"""
Events of any image sequence: `python -m training.simulate.from_images FOLDER --out BAG`.

Reads a TartanAir-like folder, a CARLA export or a plain folder of images (see
`sequence_folders`), finds the light between the images from depth and poses where both are there,
else from optical flow, shows it to a simulated event camera, and writes a ROS 2 bag with events
(evt3), images, depth and poses as the folder has them. The bag gets its name when it is complete.

"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
import logging
from pathlib import Path
import sys
from typing import Literal, TypeAlias

from eventdepth_core.errors import EventDepthError, InputError
from eventdepth_core.recordings.mcap_recorder import McapRecorder
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from training.simulate.between import (
    CrossFade,
    Interval,
    num_sub_frames,
    Sampling,
    sub_frames,
    View,
)
from training.simulate.between_depth import DepthInterval, Optics
from training.simulate.between_flow import FlowInterval
from training.simulate.readout import Readout, ReadoutModel
from training.simulate.recording import MomentRecorder
from training.simulate.sensor_model import RESPONSES, SensorModel
from training.simulate.sensor_presets import PRESETS
from training.simulate.sequence import ImageSequence
from training.simulate.sequence_camera import SequenceCamera
from training.simulate.sequence_folders import FolderOptions, open_sequence
from training.simulate.solids import Pose
from training.simulate.walk import Moment

Way: TypeAlias = Literal['auto', 'depth', 'flow', 'fade']
WAYS: tuple[Way, ...] = ('auto', 'depth', 'flow', 'fade')
MIN_TRUSTED_SHARE = 0.3
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FilmSpec:
    """How a sequence becomes events: camera, readout, sub-frames, and the way between images."""

    sensor: SensorModel = field(default_factory=SensorModel)
    readout: ReadoutModel = field(default_factory=ReadoutModel)
    sampling: Sampling = field(default_factory=Sampling)
    way: Way = 'auto'
    gamma: float = 2.2
    seed: int = 0

    def __post_init__(self) -> None:
        if self.way not in WAYS:
            raise InputError(f'Expected a way out of {", ".join(WAYS)}, got {self.way!r}.')
        if self.gamma <= 0:
            raise InputError(f'Expected gamma > 0, got {self.gamma}.')


class Film:
    """
    A sequence seen by a simulated event camera; iterate `moments` once.

    `tally` counts the intervals by the way they took, `capped` those whose motion would have
    needed more sub-frames than allowed, and `num_events` and `num_sub_frames`.

    """

    def __init__(self, sequence: ImageSequence, spec: FilmSpec) -> None:
        self.sequence, self.spec = sequence, spec
        self.tally: Counter[str] = Counter()
        self.num_events, self.num_sub_frames = 0, 0
        if spec.way == 'depth':
            _check_geometry(sequence)
        self._optics = None if sequence.camera is None else Optics(sequence.camera)

    def moments(self) -> Iterator[Moment]:
        """Yield one moment an image: the events since the image before, image, depth, pose."""
        first = self.sequence.view(0, gamma=self.spec.gamma)
        height, width = first.light.shape
        sensor = SequenceCamera(self.spec.sensor, width=width, height=height, seed=self.spec.seed)
        readout = Readout(self.spec.readout)
        sensor.advance(first.light, first.stamp_us)
        yield _moment(first, np.empty(0, EVENT_DTYPE))
        for index in range(1, len(self.sequence)):
            second = self.sequence.view(index, gamma=self.spec.gamma)
            _check_size(self.sequence, index, first, second)
            seen = [
                sensor.advance(light, stamp_us)
                for stamp_us, light in self._sub_frames(first, second)
            ]
            events = readout.read(np.concatenate(seen), second.stamp_us)
            self.num_events += len(events)
            yield _moment(second, events)
            first = second

    def _sub_frames(self, first: View, second: View) -> Iterator[tuple[int, np.ndarray]]:
        interval = self._interval(first, second)
        duration_us = second.stamp_us - first.stamp_us
        count = num_sub_frames(interval, duration_us, self.spec.sampling)
        self.num_sub_frames += count
        if interval.motion_px > count * self.spec.sampling.max_motion_px * 1.001:
            self.tally['capped'] += 1
        yield from sub_frames(interval, first.stamp_us, second.stamp_us, self.spec.sampling)

    def _interval(self, first: View, second: View) -> Interval:
        way = self.spec.way
        if way in {'auto', 'depth'} and self._optics is not None:
            views = (first, second)
            if all(v.depth_m is not None and v.world_from_camera is not None for v in views):
                self.tally['depth'] += 1
                return DepthInterval(self._optics, first, second)
        if way != 'fade':
            flow = FlowInterval(first, second)
            if flow.trusted >= MIN_TRUSTED_SHARE:
                self.tally['flow'] += 1
                return flow
        self.tally['fade'] += 1
        return CrossFade(first, second)


def film_to_bag(film: Film, path: Path, *, is_compressed: bool, overwrite: bool) -> None:
    """Simulate a film and write it as a bag, with a progress bar."""
    sequence = film.sequence
    moments = film.moments()
    first = next(moments)
    if first.image is None:
        raise InputError('Expected an image in the first moment, got none.')
    with McapRecorder(path, overwrite=overwrite) as recorder, _progress() as progress:
        writer = MomentRecorder(
            recorder,
            first.image.shape[:2],
            camera=sequence.camera,
            is_compressed=is_compressed,
        )
        writer.write(first)
        task = progress.add_task(path.name, total=len(sequence), completed=1)
        for moment in moments:
            writer.write(moment)
            progress.advance(task)
        writer.finish()


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    logging.basicConfig(format='%(levelname)s: %(message)s', level=logging.INFO)
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except EventDepthError as error:
        _LOGGER.error('%s', error)  # noqa: TRY400 - the sentence says it all
        return 1
    return 0


def _run(options: argparse.Namespace) -> None:
    sequence = open_sequence(
        options.folder, FolderOptions(options.fps, options.camera, options.fov_deg)
    )
    sequence = sequence.cut(options.start, options.stop or len(sequence))
    film = Film(sequence, _film_spec(options))
    _LOGGER.info(
        '%s: %d images of kind %s over %.3f s',
        options.folder,
        len(sequence),
        sequence.kind,
        sequence.stamps_us[-1] * 1e-6,
    )
    film_to_bag(film, options.out, is_compressed=options.jpeg, overwrite=options.overwrite)
    _report(film)


def _report(film: Film) -> None:
    """Say what was made, and what was made less well than the user may think."""
    tally, num_intervals = film.tally, len(film.sequence) - 1
    _LOGGER.info(
        '%d events, %d sub-frames; between images: %d by depth, %d by flow, %d by fading',
        film.num_events,
        film.num_sub_frames,
        tally['depth'],
        tally['flow'],
        tally['fade'],
    )
    if tally['fade'] > 0:
        _LOGGER.warning(
            '%d of %d intervals faded one image into the next: nothing was known of the motion, '
            'so events appear where things were and will be, not where they pass.',
            tally['fade'],
            num_intervals,
        )
    if tally['capped'] > 0:
        _LOGGER.warning(
            '%d of %d intervals move more than %g px between sub-frames: raise --max-steps.',
            tally['capped'],
            num_intervals,
            film.spec.sampling.max_motion_px,
        )
    if film.sequence.camera is None:
        _LOGGER.warning('No camera is known: the bag has no camera_info; give --fov-deg.')


def _moment(view: View, events: Events) -> Moment:
    matrix = view.world_from_camera
    pose = None if matrix is None else Pose(matrix[:3, :3], matrix[:3, 3])
    return Moment(view.stamp_us, pose, events, view.image, view.depth_m, None)


def _check_geometry(sequence: ImageSequence) -> None:
    parts = {'depth': sequence.depths, 'poses': sequence.poses, 'a camera': sequence.camera}
    missing = [name for name, part in parts.items() if part is None]
    if missing:
        raise InputError(
            f'Expected depth, poses and a camera for the way by depth, got no {missing[0]}.'
        )


def _check_size(sequence: ImageSequence, index: int, first: View, second: View) -> None:
    if first.light.shape != second.light.shape:
        raise InputError(
            f'Expected images of {first.light.shape}, got {second.light.shape} in '
            f'{sequence.images[index]}.'
        )


def _film_spec(options: argparse.Namespace) -> FilmSpec:
    changes = {
        name: getattr(options, name)
        for name in (*_SENSOR_OPTIONS, 'response')
        if getattr(options, name) is not None
    }
    return FilmSpec(
        sensor=replace(PRESETS[options.sensor], **changes),
        readout=ReadoutModel(options.event_ns, options.clock_us),
        sampling=Sampling(options.max_motion_px, options.max_step_us, options.max_steps),
        way=options.between,
        gamma=options.gamma,
        seed=options.seed,
    )


def _progress() -> Progress:
    return Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )


_SENSOR_OPTIONS = {
    'on_threshold': 'contrast of an ON event',
    'off_threshold': 'contrast of an OFF event',
    'mismatch': 'relative spread of the thresholds',
    'dark': 'light added before the logarithm',
    'cutoff_hz': 'photoreceptor bandwidth in full light, 0 = no limit',
    'leak_hz': 'ON leak events of a still pixel',
    'shot_hz': 'noise events of a pixel in darkness',
    'noise_hz': 'noise events whatever the light',
    'refractory_us': 'least time between events of a pixel',
    'num_hot_pixels': 'pixels that fire on and on',
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m training.simulate.from_images',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('folder', type=Path, help='folder of an image sequence')
    parser.add_argument('--out', required=True, type=Path, help='the bag folder to make')
    parser.add_argument('--fps', type=float, help='images a second, where the folder has no times')
    parser.add_argument('--camera', type=Path, help='calibration file')
    parser.add_argument('--fov-deg', type=float, help='horizontal field of view')
    parser.add_argument('--start', type=int, default=0, help='first image')
    parser.add_argument('--stop', type=int, help='image before which to stop')
    parser.add_argument('--between', choices=WAYS, default='auto', help='light between images')
    parser.add_argument('--gamma', type=float, default=2.2, help='of the images; 1 = linear')
    parser.add_argument('--max-motion-px', type=float, default=0.5, help='between sub-frames')
    parser.add_argument('--max-step-us', type=int, default=5000, help='between sub-frames')
    parser.add_argument('--max-steps', type=int, default=400, help='sub-frames of an interval')
    parser.add_argument('--sensor', choices=sorted(PRESETS), default='davis', help='preset')
    parser.add_argument('--response', choices=RESPONSES, help='of the pixel to light')
    for name, text in _SENSOR_OPTIONS.items():
        kind = int if name in {'refractory_us', 'num_hot_pixels'} else float
        parser.add_argument(f'--{name.replace("_", "-")}', type=kind, help=text)
    parser.add_argument('--event-ns', type=int, default=0, help='bus time of one event')
    parser.add_argument('--clock-us', type=int, default=0, help='between ticks of the readout')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--jpeg', action='store_true', help='store images compressed')
    parser.add_argument('--overwrite', action='store_true')
    return parser


if __name__ == '__main__':
    sys.exit(main())
