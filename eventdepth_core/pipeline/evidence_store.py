"""
Images and points of a rig as evidence: brought into the reference view, encoded, kept by stamp.

An image whose viewpoint needs a depth map takes the newest points, else the last depth that rested
on points. Depth swept from motion joins the points of one stamp and is not kept. Laws: what is
refused leaves the store as it was; evidence that is too old for a stamp does not enter it.

"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from eventdepth_core.bundle import Bundle
from eventdepth_core.engine import Engine
from eventdepth_core.geometry.sweep import SweptDepth
from eventdepth_core.pipeline.arguments import checked_array
from eventdepth_core.pipeline.evidence import (
    dense_depth,
    encoded_image,
    encoded_points,
    Evidence,
    Grids,
    History,
    point_distance,
)
from eventdepth_core.pipeline.options import PipelineOptions, Tally
from eventdepth_core.pipeline.posterior import has_motion_head
from eventdepth_core.pipeline.views import ImageView, ReferenceView, sparse_depth, within
from eventdepth_core.preparation import (
    helpful_depth,
    is_mostly_swept,
    joined_depth,
    MeasuredDepth,
)
from eventdepth_core.types import DepthFrame, Entered, Float32, Modality, UInt8
import numpy as np

Given: TypeAlias = Mapping[Modality, Evidence]

MAX_DEPTH_AGE_US = 500_000
"""A depth older than this no longer tells where an image from another viewpoint looks."""


class EvidenceStore:
    """Takes images and points of one rig in and gives the newest evidence for a stamp."""

    def __init__(
        self,
        bundle: Bundle,
        engine: Engine,
        grids: Grids,
        view: ReferenceView,
        *,
        options: PipelineOptions,
        tally: Tally,
    ) -> None:
        self._engine = engine
        self._grids = grids
        self._view = view
        self._tally = tally
        self._points_input = bundle.inputs.points
        self._has_motion_head = has_motion_head(bundle)
        self._limits_m = (bundle.outputs.min_depth_m, bundle.outputs.max_depth_m)
        self._image_view = ImageView(view, options)
        self._last_metric: DepthFrame | None = None
        self._histories: Mapping[Modality, History] = {
            'image': History(options.max_image_age_us),
            'points': History(options.max_points_age_us),
        }

    def push_image(self, image: UInt8, stamp_us: int) -> None:
        """Encode and keep an image (H, W) or (H, W, 3) of the image camera."""
        depth_m = self._warping_depth(stamp_us) if self._image_view.needs_depth else None
        rectified = self._image_view.rectified(checked_array(image, 'image'), depth_m)
        self._keep(encoded_image(self._engine, self._grids, rectified, stamp_us))
        self._tally.add('num_images')

    def push_points(self, points_m: Float32, stamp_us: int) -> None:
        """Encode and keep points (N, 3) of the LiDAR's frame."""
        self.push_sparse_depth(sparse_depth(self._view, points_m, self._limits_m), stamp_us)

    def push_sparse_depth(self, depth_m: Float32, stamp_us: int) -> None:
        """Encode and keep measured depth (H, W) of the reference view, NaN = none."""
        sparse_m = within(depth_m, self._limits_m)
        evidence = encoded_points(self._engine, self._grids, sparse_m, stamp_us)
        if evidence is None:
            self._tally.drop('no_points_in_view')
            return
        self._keep(evidence)
        self._tally.add('num_points')

    def given(self, stamp_us: int) -> Given:
        """Return the newest evidence of each modality that is fresh enough for `stamp_us`."""
        newest = {name: history.newest(stamp_us) for name, history in self._histories.items()}
        return {name: evidence for name, evidence in newest.items() if evidence is not None}

    def joined(self, given: Given, swept: SweptDepth | None) -> Given:
        """Return what is given for a stamp with the depth that was swept for it."""
        if swept is None or self._points_input is None:
            return given
        points, size = given.get('points'), self._view.camera.size
        motion_m = within(swept.depth_m, self._limits_m)
        motion = MeasuredDepth(motion_m, swept.sigma * motion_m)
        if points is not None:
            motion = helpful_depth(motion, point_distance(points, self._grids))
        nothing = np.full(size, np.nan, np.float32)
        points_m = nothing if points is None or points.sparse_m is None else points.sparse_m
        range_sigma = np.full(size, self._points_input.range_sigma_log, np.float32)
        joined = joined_depth(MeasuredDepth(points_m, range_sigma), motion)
        is_swept = self._has_motion_head and is_mostly_swept(points_m, motion.depth_m)
        evidence = encoded_points(
            self._engine,
            self._grids,
            joined.depth_m,
            swept.stamp_us,
            sigma_log=joined.sigma_log if is_swept else None,
        )
        if evidence is None or not np.isfinite(motion.depth_m).any():
            return given
        sources: tuple[Entered, ...] = ('motion',) if points is None else ('points', 'motion')
        evidence = replace(
            evidence, sigma_log=joined.sigma_log, sources=sources, is_swept=is_swept
        )
        return {**given, 'points': evidence}

    def follow(self, frame: DepthFrame) -> None:
        """Keep a frame whose depth was measured, for images from another viewpoint."""
        if frame.scale == 'metric' and self._image_view.needs_depth:
            self._last_metric = frame

    def forget(self) -> None:
        """Forget everything."""
        self._last_metric = None
        for history in self._histories.values():
            history.clear()

    def _keep(self, evidence: Evidence) -> None:
        if self._histories[evidence.modality].push(evidence):
            self._tally.add('num_discontinuities')

    def _warping_depth(self, stamp_us: int) -> Float32 | None:
        points = self._histories['points'].newest(stamp_us)
        if points is not None:
            return dense_depth(points, self._grids)
        last = self._last_metric
        if last is None or not 0 <= stamp_us - last.stamp_us <= MAX_DEPTH_AGE_US:
            return None
        return np.where(last.valid, last.depth_m, np.float32(np.nan))
