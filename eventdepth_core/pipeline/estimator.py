"""
Evidence of all sensors -> one `DepthFrame`: fuse, complete, fuse with the measured pixels.

Law: the same evidence gives the same bytes; nothing of one estimate reaches the next.

"""

from collections.abc import Mapping
import time

from eventdepth_core.bundle import Bundle
from eventdepth_core.engine import Engine
from eventdepth_core.errors import BundleError, InputError
from eventdepth_core.pipeline.captured import Captured
from eventdepth_core.pipeline.evidence import encoded_events, Evidence, Grids
from eventdepth_core.pipeline.posterior import (
    completed_planes,
    fused_layout,
    has_motion_head,
)
from eventdepth_core.preparation import (
    completed_log_depth,
    layout_log_depth,
    LayoutOutput,
    LogDepth,
    metres,
    with_measurements,
)
from eventdepth_core.types import (
    Camera,
    DepthFrame,
    ENTERED,
    Entered,
    MODALITIES,
    Modality,
    Scale,
    StageTiming,
)


class Estimator:
    """
    Runs the graphs of `bundle` behind the encoders of image and points.

    Raises
    ------
    BundleError
        If this version cannot run the bundle.

    """

    def __init__(self, bundle: Bundle, engine: Engine, grids: Grids, camera: Camera) -> None:
        _check_runnable(bundle)
        self._bundle = bundle
        self._engine = engine
        self._grids = grids
        self._camera = camera

    def frame(
        self,
        captured: Captured,
        given: Mapping[Modality, Evidence],
    ) -> DepthFrame:
        """
        Estimate depth from a captured window of events and `given` image and points.

        Events that have been silent for long leave the estimate to the others.

        Raises
        ------
        InputError
            If there is neither a window nor anything given.
        EngineError
            If a graph failed.

        """
        watch = Stopwatch()
        stamp_us, tensor_ms = captured.stamp_us, captured.tensor_ms
        window = None if captured.is_silent and given else captured.window
        if window is not None:
            given = {
                **given,
                'events': encoded_events(
                    self._engine,
                    self._grids,
                    window.voxel,
                    stamp_us,
                    is_guiding='points' in given,
                ),
            }
        encode_ms = watch.lap_ms()
        modalities = self._modalities(given, stamp_us)
        layout = fused_layout(self._engine, self._bundle, self._grids, given)
        fuse_ms = watch.lap_ms()
        log_depth = self._log_depth(layout, given)
        limits = self._bundle.outputs
        result = metres(log_depth, limits.min_depth_m, limits.max_depth_m)
        return DepthFrame(
            depth_m=result.depth_m,
            std_m=result.std_m,
            valid=result.valid,
            stamp_us=stamp_us,
            modalities=self._entered(given),
            scale=self._scale(modalities),
            camera=self._camera,
            incomplete=() if window is None else window.incomplete,
            timing=StageTiming(
                tensor_ms, encode_ms, fuse_ms, watch.lap_ms(), tensor_ms + watch.total_ms()
            ),
        )

    @staticmethod
    def _entered(given: Mapping[Modality, Evidence]) -> tuple[Entered, ...]:
        sources = {source for evidence in given.values() for source in evidence.sources}
        return tuple(name for name in ENTERED if name in sources)

    def _calibrated(self, given: Mapping[Modality, Evidence]) -> tuple[Entered, ...]:
        """Return the subset whose factors hold: without motion where the other head completes."""
        entered, points = self._entered(given), given.get('points')
        if points is None or points.is_swept or not has_motion_head(self._bundle):
            return entered
        return tuple(name for name in entered if name != 'motion')

    def _modalities(
        self,
        given: Mapping[Modality, Evidence],
        stamp_us: int,
    ) -> tuple[Modality, ...]:
        modalities = tuple(modality for modality in MODALITIES if modality in given)
        if not modalities:
            raise InputError(
                f'Expected at least one of {", ".join(self._bundle.inputs.modalities)} '
                f'for an estimate at {stamp_us} µs, got none that is fresh enough.'
            )
        return modalities

    def _log_depth(
        self,
        layout: LayoutOutput,
        given: Mapping[Modality, Evidence],
    ) -> LogDepth:
        grids, points = self._grids, given.get('points')
        factors = self._bundle.calibration_of(self._calibrated(given))
        points_input = self._bundle.inputs.points
        if points is None or points.sparse_m is None or points_input is None:
            return layout_log_depth(layout, grids.layout, grids.log_shift, factors)
        planes = completed_planes(self._engine, layout, grids, given)
        completed = completed_log_depth(*planes, grids.sensor, grids.log_shift, factors)
        sigma = points_input.range_sigma_log if points.sigma_log is None else points.sigma_log
        return with_measurements(completed, points.sparse_m, sigma)

    def _scale(self, modalities: tuple[Modality, ...]) -> Scale:
        if 'points' in modalities:
            return 'metric'
        return 'relative' if self._bundle.task == 'relative_depth' else 'prior'


class Stopwatch:
    """Wall time in milliseconds, lap by lap."""

    def __init__(self) -> None:
        self._started_s = self._lap_s = time.perf_counter()

    def lap_ms(self) -> float:
        """Return the time since the last lap."""
        now_s = time.perf_counter()
        passed_s, self._lap_s = now_s - self._lap_s, now_s
        return 1e3 * passed_s

    def total_ms(self) -> float:
        """Return the time since the start."""
        return 1e3 * (time.perf_counter() - self._started_s)


def _check_runnable(bundle: Bundle) -> None:
    usable = bundle.inputs.modalities
    wanted = [f'encode_{modality}' for modality in usable] + ['fuse_decode']
    if 'points' in usable:
        wanted.append('complete')
    missing = [name for name in wanted if name not in bundle.graphs]
    if missing:
        raise BundleError(
            f'Expected the graphs {", ".join(wanted)} in bundle {bundle.name}, '
            f'got none for {", ".join(missing)}.'
        )
