"""
How real are simulated events? `python -m training.simulate.realism --data DIR --out DIR`.

Writes realism.png (statistics only), realism.md and realism.json. Two comparisons:

- slider_depth is simulated again from its own frames; everything is fitted on one half of its
  events and judged on the other.
- recordings without frames stand beside walks through a simulated room or office, seen over the
  area of pixels through a lens, and along one ray a pixel. Texture, thresholds and the noise of
  still pixels are fitted on the first half of a recording, the numbers are those of the second
  half; the scene and the motion are others, so only the shapes can agree.
- rooms are seen along one ray a pixel and over its area through a lens, exactly and as simulated.

"""

import argparse
from dataclasses import dataclass, replace
import logging
from pathlib import Path
import sys

from eventdepth_core.errors import EventDepthError, RecordingError
from eventdepth_core.events import packet_decoder
from eventdepth_core.events.packet_decoder import PacketDecoder
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import EVENT_DTYPE, EventPacket, Events, EventSlice
import numpy as np
from rich.progress import track
from training.simulate.edge_blur import blurred_statistics, cast_statistics
from training.simulate.event_statistics import (
    correlation,
    event_statistics,
    EventStatistics,
    gap_distance,
    signed_counts,
)
from training.simulate.focus import Focus
from training.simulate.realism_report import Row, write_report
from training.simulate.resimulation import BIN_US, BLUR_PX, Fit, Judgement, Resimulation, Stretch
from training.simulate.sensor_model import SensorModel
from training.simulate.sensor_presets import PRESETS
from training.simulate.sequence_folders import open_sequence
from training.simulate.textures import TextureMode
from training.simulate.walk import walk, WalkSpec

SLIDER = 'slider_depth'
SLIDER_HALVES = (Stretch(10_000, 90_000), Stretch(90_000, 170_000))
OTHERS = {
    'evt3_vga': 'event_bags/evt3_vga',
    'libcaer_cmp_davis346': 'event_bags/libcaer_cmp_davis346',
    'libcaer_rollover': 'event_bags/libcaer_rollover',
    'davis346_aedat4': 'davis346_aedat4/sample.aedat4',
}
MAX_SPAN_US = 400_000
_LONGEST_PAUSE_US = 100_000
_WALK_ROUNDS = 4
_WALK_TEXTURES: tuple[TextureMode, ...] = ('mixed', 'flat')
_WALK_FLOW_PX_S = 30.0
_WALK_THRESHOLDS = (0.08, 0.6)
_WALK_SIZE = (180, 240)
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The longest uninterrupted events of a recording and its (height, width)."""

    events: Events
    size: tuple[int, int]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    logging.basicConfig(format='%(levelname)s: %(message)s', level=logging.INFO)
    options = _parser().parse_args(arguments)
    try:
        rows = slider_rows(options.data / SLIDER)
        places = {name: options.data / place for name, place in OTHERS.items()}
        for name, path in track(places.items(), 'recordings without frames'):
            if path.exists():
                rows += walk_rows(name, recorded_events(path))
            else:
                _LOGGER.warning('%s is not there: left out.', path)
        write_report(rows + optic_rows(), options.out)
    except EventDepthError as error:
        _LOGGER.error('%s', error)  # noqa: TRY400 - the sentence says it all
        return 1
    return 0


def slider_rows(folder: Path) -> list[Row]:
    """Return the rows of slider_depth, fitted on one half and judged on the other, both ways."""
    real = recorded_events(folder).events
    sequence = open_sequence(folder)
    stop = int(np.searchsorted(sequence.stamps_us, SLIDER_HALVES[1].end_us)) + 1
    by_flow = Resimulation(sequence.cut(0, stop), real, gamma=1.0)
    start = Fit(SensorModel(0.5, 0.5, mismatch=0.1, noise_hz=0.0), delay_us=3000)
    rows = []
    for number, (fitting, judging) in enumerate((SLIDER_HALVES, SLIDER_HALVES[::-1])):
        fit = by_flow.fitted(start, fitting)
        _LOGGER.info('%s fitted on half %d: %s', SLIDER, number + 1, fit)
        judged = by_flow.judge(by_flow.simulate(fit), judging)
        halves = f'fitted on half {number + 1}, judged on half {2 - number}'
        rows.append(Row(SLIDER, f'real, half {2 - number}', judged.real))
        rows.append(_slider_row(halves, judged, fit))
        rows.append(_again(by_flow, fit, judging))
    faded = Resimulation(sequence.cut(0, stop), real, gamma=1.0, way='fade')
    fit = faded.with_rates(start, SLIDER_HALVES[0])
    rows.append(
        _slider_row(
            'images faded, thresholds fitted on half 1',
            faded.judge(faded.simulate(fit), SLIDER_HALVES[1]),
            fit,
        )
    )
    return rows


def walk_rows(name: str, recorded: Recorded) -> list[Row]:
    """Return real and simulated rows of a recording without frames."""
    events = recorded.events
    start_us, end_us = int(events['t'][0]), int(events['t'][-1]) + 1
    middle_us = (start_us + end_us) // 2
    span_us = min(MAX_SPAN_US, (end_us - start_us) // 2)
    fitted, judged = (
        event_statistics(events, recorded.size, start_us=first, end_us=first + span_us)
        for first in (middle_us - span_us, middle_us)
    )
    rows = [Row(name, 'real, half 2', judged)]
    for focus in (Focus(), None):
        walked, spec = fitted_walk(fitted, span_us, focus=focus)
        scene = 'office' if spec.family == 'indoor_office' else f'{spec.texture_mode} room'
        note = (
            f'simulated, {"one ray" if focus is None else "area and lens"}: {scene}, thresholds '
            f'{spec.sensor.on_threshold:.2f} / {spec.sensor.off_threshold:.2f}, shot noise '
            f'{spec.sensor.shot_hz:.2f} Hz'
        )
        rows.append(Row(name, note, walked, gap_distance=gap_distance(judged, walked)))
    return rows


def optic_rows() -> list[Row]:
    """Return what the pixel's area and the lens change in a room: exactly, and as simulated."""
    rows = []
    for mode in _WALK_TEXTURES:
        spec = WalkSpec(seconds=0.15, size=(90, 120), seed=3, flow_px_s=30.0, texture_mode=mode)
        found = blurred_statistics(spec)
        exact = found['area and lens']
        named = {f'light by {optic}': numbers for optic, numbers in found.items()}
        named['simulator, one ray a pixel'] = cast_statistics(spec, None)
        named['simulator, area and lens'] = cast_statistics(spec, Focus())
        rows += [
            Row(f'{mode} room', what, numbers, gap_distance=gap_distance(exact, numbers))
            for what, numbers in named.items()
        ]
    return rows


def fitted_walk(
    target: EventStatistics, span_us: int, *, focus: Focus | None = None
) -> tuple[EventStatistics, WalkSpec]:
    """
    Return the walk that is nearest to `target`, and how it was made.

    Textured and flat rooms and, with a focus, an office are tried; thresholds follow the rate and
    the share of ON events (a passing edge gives N_on theta_on = N_off theta_off), noise that of
    still pixels.

    """
    tried = [WalkSpec(family='room', texture_mode=mode, focus=focus) for mode in _WALK_TEXTURES]
    if focus is not None:
        tried.append(WalkSpec(family='indoor_office', focus=focus))
    found = [_walk_of_rate(target, span_us, spec) for spec in tried]
    return min(found, key=lambda pair: _walk_distance(target, pair[0]))


def _walk_distance(target: EventStatistics, walked: EventStatistics) -> float:
    rate = abs(np.log((walked.rate_hz + 1e-3) / (target.rate_hz + 1e-3)))
    distance = float(gap_distance(target, walked) + rate)
    return distance if np.isfinite(distance) else np.inf


def _walk_of_rate(
    target: EventStatistics, span_us: int, spec: WalkSpec
) -> tuple[EventStatistics, WalkSpec]:
    ratio = float(np.sqrt((1 - target.on_share) / target.on_share))
    threshold = 0.3
    spec = replace(
        spec,
        seconds=span_us * 1e-6 + 0.05,
        size=_WALK_SIZE,
        seed=3,
        flow_px_s=_WALK_FLOW_PX_S,
        image_rate_hz=0.0,
        points_rate_hz=0.0,
        sensor=replace(PRESETS['davis'], leak_hz=0.0, shot_hz=float(target.static_hz)),
    )
    for _ in range(_WALK_ROUNDS):
        sensor = replace(
            spec.sensor, on_threshold=threshold * ratio, off_threshold=threshold / ratio
        )
        spec = replace(spec, sensor=sensor)
        walked = _walk_statistics(spec, span_us)
        faster = walked.rate_hz / target.rate_hz if walked.num_events else 0.5
        threshold = float(np.clip(threshold * faster**0.8, *_WALK_THRESHOLDS))
    return walked, spec


def recorded_events(path: Path) -> Recorded:
    """
    Return the events of any recording, the longest part without a pause of 0.1 s.

    Raises
    ------
    RecordingError
        If there are none.

    """
    decoders: dict[str, PacketDecoder] = {}
    parts, size = [np.empty(0, EVENT_DTYPE)], (0, 0)
    with open_recording(path) as recording:
        for sample in recording.samples():
            if isinstance(sample, EventSlice):
                parts.append(sample.events)
                size = (sample.height, sample.width)
            if isinstance(sample, EventPacket):
                size = (sample.height, sample.width)
                if sample.encoding not in decoders:
                    decoders[sample.encoding] = packet_decoder(
                        sample.encoding, sample.width, sample.height
                    )
                decoder = decoders[sample.encoding]
                parts.append(decoder.decode(sample.payload, time_base_ns=sample.time_base_ns))
    events = np.concatenate(parts)
    if events.size == 0:
        raise RecordingError(f'Expected events in {path}, got none.')
    cuts = np.flatnonzero(np.abs(np.diff(events['t'])) > _LONGEST_PAUSE_US) + 1
    longest = max(np.split(events, cuts), key=len)
    return Recorded(longest[np.argsort(longest['t'], kind='stable')], size)


def _walk_statistics(spec: WalkSpec, span_us: int) -> EventStatistics:
    events = np.concatenate([moment.events for moment in walk(spec)])
    return event_statistics(events, spec.size, start_us=50_000, end_us=50_000 + span_us)


def _slider_row(note: str, judged: Judgement, fit: Fit) -> Row:
    return Row(
        SLIDER,
        f'simulated: {note}',
        judged.simulated,
        gap_distance=gap_distance(judged.real, judged.simulated),
        rate_ratio=judged.rate_ratio,
        sharp_correlation=judged.sharp_correlation,
        blurred_correlation=judged.blurred_correlation,
        fit=repr(fit),
    )


def _again(resimulation: Resimulation, fit: Fit, judging: Stretch) -> Row:
    """Return what two cameras of the same model agree in: the bound of the correlations."""
    edges_us = np.arange(judging.start_us, judging.end_us + 1, BIN_US)
    first, second = (resimulation.simulate(fit, seed=seed) for seed in (0, 1))
    grids = [signed_counts(events, resimulation.size, edges_us) for events in (first, second)]
    judged = resimulation.judge(second, judging)
    return Row(
        SLIDER,
        'simulated twice, two seeds against each other',
        judged.simulated,
        sharp_correlation=correlation(grids[0], grids[1]),
        blurred_correlation=correlation(grids[0], grids[1], sigma_px=BLUR_PX),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m training.simulate.realism',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--data', required=True, type=Path, help='folder of real recordings')
    parser.add_argument('--out', required=True, type=Path, help='folder of the report')
    return parser


if __name__ == '__main__':
    sys.exit(main())
