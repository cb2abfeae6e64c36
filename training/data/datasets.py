"""
Frames as torch datasets: by index where the format allows it, else as a stream.

`IndexedFrames` seeks in sequences of DSEC and MVSEC; `StreamFrames` plays whole recordings, of any
kind that `open_recording` reads, and shares them out among the workers of a loader;
`ShardFrames` holds simulated samples, `ShardStreamFrames` reads them while they are needed. A
`DataLoader` takes them with `collate_frames`.

Laws: a file is opened once in each process; the workers of a loader never read the same
recording; random access and the stream give the same tensors bit for bit.

"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import os
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.events import VoxelSpec
from eventdepth_core.recordings import open_recording, StreamName
from eventdepth_core.recordings.datasets.dsec import DsecRecording
from eventdepth_core.recordings.datasets.mvsec import MvsecRecording
from eventdepth_core.recordings.datasets.options import DatasetOptions, DEFAULT_OPTIONS
from eventdepth_core.types import Camera, DepthSample, Float32, UInt8
import numpy as np
import torch
from torch.utils.data import Dataset, get_worker_info, IterableDataset
from training.data.frames import Frame, FrameMaker, frames_of
from training.simulate.loader import load_shards
from training.simulate.photos import Split
from training.simulate.shards import SampleSet, VOXEL_UNIT
from training.simulate.stream import DEFAULT_BUFFER, ShardStream

Seekable: TypeAlias = DsecRecording | MvsecRecording


class IndexedFrames(Dataset[Frame]):
    """
    The frames of a sequence of DSEC or MVSEC by index: every depth whose window is covered.

    With `splat` 'bilinear' (DSEC) events are shared among pixels by the sequence's own
    rectify_map, as DSEC's example does; 'nearest' is what the run time does.

    Raises RecordingError for another recording, and for one without depth or calibration.

    """

    def __init__(
        self,
        path: Path | str,
        spec: VoxelSpec,
        *,
        with_image: bool = True,
        splat: Literal['nearest', 'bilinear'] = 'nearest',
    ) -> None:
        self._path = Path(path)
        self._is_shared = splat == 'bilinear'
        self._spec = spec
        self._beside: tuple[StreamName, ...] = ('points', 'image') if with_image else ()
        self._opened: tuple[int, Seekable, FrameMaker] | None = None
        recording, _ = self._open()
        if not recording.depth_stamps_us:
            raise RecordingError(f'Expected depth in {path}, got none.')
        self._stamps_us = [
            stamp
            for stamp in recording.depth_stamps_us
            if _covers(recording, stamp - spec.window_us) and _covers(recording, stamp - 1)
        ]

    def __len__(self) -> int:
        return len(self._stamps_us)

    def __getitem__(self, index: int) -> Frame:
        """Return frame `index`."""
        recording, maker = self._open()
        stamp_us = self._stamps_us[index]
        start_us = stamp_us - self._spec.window_us
        depth, events = recording.newest('depth', stamp_us), recording.window(start_us, stamp_us)
        if not isinstance(depth, DepthSample) or depth.stamp_us != stamp_us or events is None:
            raise RecordingError(
                f'Expected depth and events at {stamp_us} in {self._path}, got none.'
            )
        maker.reset()
        maker.begin(start_us)
        maker.push_events(events)
        for name in self._beside:
            sample = recording.newest(name, stamp_us) if name in recording.streams else None
            if sample is not None:
                maker.push(sample)
        return maker.frame(depth)

    def _open(self) -> tuple[Seekable, FrameMaker]:
        """Return the recording of this process: an open HDF5 file does not survive a fork."""
        if self._opened is None or self._opened[0] != os.getpid():
            recording = open_recording(self._path)
            if not isinstance(recording, (DsecRecording, MvsecRecording)):
                recording.close()
                raise RecordingError(
                    f'Expected a sequence of DSEC or MVSEC at {self._path}, got {recording.kind}: '
                    'StreamFrames reads it.'
                )
            if recording.rig is None:
                raise RecordingError(f'Expected the calibration of {self._path}, got none.')
            positions = None
            if self._is_shared and isinstance(recording, DsecRecording):
                positions = recording.rectify_map()
            maker = FrameMaker(recording.rig, self._spec, positions=positions)
            self._opened = (os.getpid(), recording, maker)
        return self._opened[1], self._opened[2]

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, '_opened': None}


class StreamFrames(IterableDataset[Frame]):
    """
    The frames of recordings, one recording after the other.

    `camera` and `fov_deg` as for `open_recording`; `spec` None leaves events out.

    """

    def __init__(
        self,
        paths: Sequence[Path | str],
        spec: VoxelSpec | None,
        *,
        camera: Camera | str | Path | None = None,
        fov_deg: float | None = None,
        options: DatasetOptions = DEFAULT_OPTIONS,
    ) -> None:
        self._paths = [Path(path) for path in paths]
        self._spec = spec
        self._camera = camera
        self._fov_deg = fov_deg
        self._options = options

    def __iter__(self) -> Iterator[Frame]:
        worker = get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        for path in self._paths[first::step]:
            with open_recording(
                path, camera=self._camera, fov_deg=self._fov_deg, dataset=self._options
            ) as recording:
                if recording.rig is None:
                    raise InputError(
                        f'Expected a camera for {path}, got none: give camera or fov_deg.'
                    )
                yield from frames_of(recording, self._spec)


class ShardFrames(Dataset[Frame]):
    """The simulated samples of `training.simulate`, in memory; sky is NaN."""

    def __init__(self, folder: Path | str, split: Split, *, limit: int | None = None) -> None:
        self._samples = load_shards(folder, split, limit=limit)

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Frame:
        """Return sample `index`."""
        return _simulated_frame(self._samples, index)


class ShardStreamFrames(IterableDataset[Frame]):
    """
    The simulated samples of `training.simulate` as a stream: shard after shard, never all of them.

    With a seed the order is mixed, another one each pass; the workers of a loader share the shards
    out among them.

    """

    def __init__(
        self,
        folder: Path | str,
        split: Split,
        *,
        seed: int | None = None,
        buffer: int = DEFAULT_BUFFER,
    ) -> None:
        self._stream = ShardStream(Path(folder), split, buffer)
        self._seed = seed
        self._num_passes = 0

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames of this worker's shards."""
        worker = get_worker_info()
        part, num_parts = (0, 1) if worker is None else (worker.id, worker.num_workers)
        # what all workers of one pass have in common, and only those
        base = 0 if worker is None else worker.seed - worker.id
        rng = None
        if self._seed is not None:
            rng = np.random.default_rng((self._seed, base, self._num_passes))
        self._num_passes += 1
        for samples in self._stream.samples(rng, part=part, num_parts=num_parts):
            yield _simulated_frame(samples, 0)


def _simulated_frame(samples: SampleSet, index: int) -> Frame:
    """Return a simulated sample; sky is NaN."""
    log_depth = samples.log_depth[index].astype(np.float32)
    depth_m = np.where(np.isfinite(log_depth), np.exp(log_depth), np.float32(np.nan))
    height, width = depth_m.shape
    return Frame(
        depth_m=depth_m,
        stamp_us=int(samples.sample_id[index]),
        camera=Camera(width, height, *(float(each) for each in samples.intrinsics[index])),
        events=samples.voxel[index].astype(np.float32) * np.float32(VOXEL_UNIT),
        image=samples.image[index],
    )


def _covers(recording: Seekable, stamp_us: int) -> bool:
    """Return whether the events of a recording cover the µs of a stamp."""
    return recording.window(stamp_us, stamp_us + 1) is not None


@dataclass(frozen=True, slots=True, eq=False)
class FrameBatch:
    """
    Stacked frames; a modality that any of them lacks is None.

    `events` (B, T, H, W), `image` (B, 3, H, W) in 0...1, `points_m` and `depth_m` (B, 1, H, W)
    in metres with NaN for none; `stamp_us` int64 (B,); `focal_px` float32 (B,).

    """

    depth_m: torch.Tensor
    stamp_us: torch.Tensor
    focal_px: torch.Tensor
    events: torch.Tensor | None
    image: torch.Tensor | None
    points_m: torch.Tensor | None


def collate_frames(frames: Sequence[Frame]) -> FrameBatch:
    """Stack frames of one size."""
    images = [None if frame.image is None else _channels(frame.image) for frame in frames]
    points = [None if frame.points_m is None else frame.points_m[None] for frame in frames]
    return FrameBatch(
        depth_m=torch.from_numpy(np.stack([frame.depth_m[None] for frame in frames])),
        stamp_us=torch.tensor([frame.stamp_us for frame in frames], dtype=torch.int64),
        focal_px=torch.tensor([frame.camera.fx for frame in frames], dtype=torch.float32),
        events=_stacked([frame.events for frame in frames]),
        image=_stacked(images),
        points_m=_stacked(points),
    )


def _channels(image: UInt8) -> Float32:
    """Return an image as float32 (3, H, W) in 0...1; grey is repeated."""
    colour = image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    return np.ascontiguousarray(np.moveaxis(colour, -1, 0), np.float32) / np.float32(255)


def _stacked(planes: Sequence[Float32 | None]) -> torch.Tensor | None:
    present = [plane for plane in planes if plane is not None]
    return torch.from_numpy(np.stack(present)) if len(present) == len(planes) else None
