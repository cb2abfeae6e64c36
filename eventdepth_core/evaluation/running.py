"""
Metrics of a sequence as its images come, averaged as the profile says.

`pixels` weights the means of each image with its pixels, which is one heap of all pixels; `images`
averages the figures of the images. AUSE ranks the pixels of one image, so it is averaged over
images in every profile. Laws: memory does not grow with the images; sums are exact, so neither
the order nor the split into batches changes a figure; images without a used pixel take no part in
a mean over images, those without a standard deviation none in its figures.

"""

from collections.abc import Mapping
from dataclasses import dataclass
import math

from eventdepth_core.evaluation.calibration import calibration
from eventdepth_core.evaluation.masking import judged_image, JudgedImage, Maps
from eventdepth_core.evaluation.metric_means import ExactSum, RunningMeans
from eventdepth_core.evaluation.metrics import COUNT, measures, pixel_means
from eventdepth_core.evaluation.profile import Profile
from eventdepth_core.evaluation.profiles import profile_named
from eventdepth_core.types import Float64
import numpy as np

CALIBRATION = ('ause', 'coverage_1sigma')


@dataclass(frozen=True, slots=True)
class Tally:
    """How many images and pixels went in, were judged and were used."""

    num_images: int = 0
    num_images_used: int = 0
    num_images_reused: int = 0
    num_pixels: int = 0
    num_judged: int = 0
    num_used: int = 0

    @property
    def coverage(self) -> float:
        """The share of the judged pixels that is used; NaN without any."""
        return self.num_used / self.num_judged if self.num_judged else math.nan

    @property
    def valid_fraction(self) -> float:
        """The share of all pixels that is used; NaN without any."""
        return self.num_used / self.num_pixels if self.num_pixels else math.nan


class RunningEvaluation:
    """
    Judges images one after the other under one profile.

    Parameters
    ----------
    profile : str or Profile
        A name out of `list_profiles()`, or rules of one's own.

    Raises
    ------
    ProfileError
        If there is no such profile.

    """

    def __init__(self, profile: str | Profile) -> None:
        self.rules = profile if isinstance(profile, Profile) else profile_named(profile)
        self.tally = Tally()
        self._rows = RunningMeans()
        self._heap = _Heap()
        self._std_rows = RunningMeans()
        self._std_heap = _Heap()
        self._has_std = False
        self._is_log_undefined = False
        self._last_m: Float64 | None = None

    def judge(self, maps: Maps) -> JudgedImage:
        """Apply the rules to one image; a frame without prediction may take the last one."""
        is_reused = False
        if self.rules.missing_frame == 'previous':
            is_reused = self._last_m is not None and not np.isfinite(maps.predicted_m).any()
            if is_reused and self._last_m is not None:
                maps = Maps(self._last_m, maps.target_m, maps.std_m, maps.allowed)
            self._last_m = maps.predicted_m
        image = judged_image(maps, self.rules)
        self.count(image, is_reused=is_reused)
        return image

    def count(self, image: JudgedImage, *, is_reused: bool = False) -> None:
        """Add an image to the tally; for one that another evaluation has judged."""
        tally = self.tally
        self.tally = Tally(
            num_images=tally.num_images + 1,
            num_images_used=tally.num_images_used + bool(image.used.any()),
            num_images_reused=tally.num_images_reused + is_reused,
            num_pixels=tally.num_pixels + image.used.size,
            num_judged=tally.num_judged + int(image.judged.sum()),
            num_used=tally.num_used + int(image.used.sum()),
        )

    def add(self, image: JudgedImage) -> dict[str, float]:
        """Take in a judged image and return its own metrics."""
        used = image.used
        predicted_m, target_m = image.predicted_m[used], image.target_m[used]
        means = pixel_means(predicted_m, target_m, self.rules, num_unmeasured=image.num_unmeasured)
        own = measures(means, self.rules)
        if used.any():
            self._rows.add(own)
            self._heap.add(means)
            self._is_log_undefined |= math.isnan(own['rmse_log'])
        if image.std_m is not None:
            self._has_std = True
            own |= self._add_calibration(predicted_m, target_m, image.std_m[used])
        return own | {'coverage': image.coverage, 'num_images': int(used.any())}

    def metrics(self) -> dict[str, float]:
        """Return the metrics of all images so far; the keys of `evaluate`."""
        is_heap = self.rules.averaging == 'pixels' and self._rows.num_rows > 1
        rows = self._heap_measures() if is_heap else self._row_measures()
        if self._has_std:
            rows |= self._calibration(is_heap=is_heap)
        return rows | {
            'coverage': self.tally.coverage,
            'num_images': self.tally.num_images_used,
        }

    def _add_calibration(
        self, predicted_m: Float64, target_m: Float64, std_m: Float64
    ) -> dict[str, float]:
        judged = calibration(predicted_m, target_m, std_m)
        figures = {'ause': judged.ause, 'coverage_1sigma': judged.coverage_1sigma}
        self._std_rows.add(figures)
        self._std_heap.add({**figures, COUNT: judged.num_pixels})
        return figures

    def _calibration(self, *, is_heap: bool) -> dict[str, float]:
        rows = self._std_rows.values()
        if is_heap:
            rows['coverage_1sigma'] = self._std_heap.means().get('coverage_1sigma', math.nan)
        return {name: rows[name] for name in CALIBRATION}

    def _row_measures(self) -> dict[str, float]:
        empty = np.empty(0)
        figures = measures(pixel_means(empty, empty, self.rules), self.rules)
        figures |= self._rows.values()
        if self._is_log_undefined:  # one undefined figure leaves the mean undefined
            figures['rmse_log'] = math.nan
        return figures

    def _heap_measures(self) -> dict[str, float]:
        empty = np.empty(0)
        means = pixel_means(empty, empty, self.rules) | self._heap.means()
        if self._is_log_undefined:
            means['rmse_log_square'] = math.nan
        return measures(means, self.rules)


class _Heap:
    """Means over pixels of many images, each weighted with its count, added up exactly."""

    def __init__(self) -> None:
        self._sums: dict[str, ExactSum] = {}
        self._infinite: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def add(self, means: Mapping[str, float]) -> None:
        """Take in the means of one image; those of a cut-off have their own count."""
        for name, value in means.items():
            count = int(means[_count_of(name, means)])
            if _is_count(name):
                self._counts[name] = self._counts.get(name, 0) + count
            elif math.isinf(value):
                self._infinite[name] = value
            elif count and not math.isnan(value):
                self._sums.setdefault(name, ExactSum()).add(count * value)

    def means(self) -> dict[str, float]:
        """Return the means over the heap, and its counts."""
        means: dict[str, float] = dict(self._counts)
        for name, total in self._sums.items():
            means[name] = total.total / self._counts[_count_of(name, means)]
        return means | self._infinite


def _is_count(name: str) -> bool:
    return name == COUNT or name.startswith(f'{COUNT}_')


def _count_of(name: str, means: Mapping[str, float]) -> str:
    """Return the key of the count that belongs to a mean."""
    own = f'{COUNT}_{name.rpartition("_")[2]}'
    if _is_count(name):
        return name
    return own if own in means else COUNT
