"""
Hot pixels: those that fire on and on where their neighbours do not, learned from the stream.

At the end of each epoch of sensor time score = keep * score + events of the epoch. A pixel is hot
from score > least + contrast * mean score of its neighbours on, and no longer when its score is
below half of that. Hot pixels are left out from the next epoch on and counted all the time, so
that they are let go when they calm down.

"""

import math

from eventdepth_core.compilation import Integer
from eventdepth_core.errors import InputError
from eventdepth_core.events.filters import filter_kernels as kernels
from eventdepth_core.events.filters.event_filter import checked_positive, EventFilter
from eventdepth_core.types import Bool, Events
import numpy as np


class HotPixels(EventFilter):
    """
    Leaves out the events of hot pixels.

    Parameters
    ----------
    size
        (height, width) of the sensor.
    min_rate_hz
        A pixel below this mean rate is never hot.
    contrast
        How many times the mean rate of its 8 neighbours a hot pixel exceeds.
    epoch_us
        Sensor time between two looks at all pixels.
    memory_us
        Time after which an event counts 1/e.
    max_share
        The largest share of all pixels that may be hot; beyond it the hottest are.

    """

    def __init__(
        self,
        size: tuple[int, int],
        *,
        min_rate_hz: float = 100.0,
        contrast: float = 5.0,
        epoch_us: int = 100_000,
        memory_us: int = 1_000_000,
        max_share: float = 0.002,
    ) -> None:
        super().__init__(size)
        for name, value in (('min_rate_hz', min_rate_hz), ('contrast', contrast)):
            checked_positive(value, name)
        for name, value in (('epoch_us', epoch_us), ('memory_us', memory_us)):
            checked_positive(value, name)
        if not 0 < max_share <= 1:
            raise InputError(f'Expected max_share above 0 and up to 1, got {max_share}.')
        self.max_hot = max(1, int(max_share * size[0] * size[1]))
        self._contrast = contrast
        self._epoch_us = epoch_us
        self._keep_share = math.exp(-epoch_us / memory_us)
        self._least = min_rate_hz * epoch_us * 1e-6 / (1 - self._keep_share)
        # a margin of one pixel spares the kernels all borders
        self._scores = np.zeros((size[0] + 2, size[1] + 2), np.float32)
        self._counts = np.zeros(size, np.int32)
        self._is_hot = np.zeros(size, np.bool_)
        self._epoch = kernels.NO_EPOCH

    @property
    def is_hot(self) -> Bool:
        """Which pixels are hot at present: (H, W), a copy."""
        return self._is_hot.copy()

    def reset(self) -> None:
        """Forget the stream and the hot pixels."""
        super().reset()
        for state in (self._scores, self._counts, self._is_hot):
            state[:] = 0
        self._epoch = kernels.NO_EPOCH

    def _keep(self, events: Events, out: Events) -> int:
        start: Integer = 0
        num_kept: Integer = 0
        while start < events.size:
            self._enter(int(events['t'][start]) // self._epoch_us)
            epoch = self._epoch, self._epoch_us
            start, num_kept = kernels.keep_calm(
                events, start, epoch, self._counts, self._is_hot, out, num_kept
            )
        return int(num_kept)

    def _enter(self, epoch: int) -> None:
        """Go on to the epoch of an event; a little late it belongs to the current one."""
        num_epochs = epoch - self._epoch
        if self._epoch == kernels.NO_EPOCH or num_epochs < -kernels.MAX_BACK_EPOCHS:
            self._epoch = epoch
        elif num_epochs > 0:
            self._learn(num_epochs)
            self._epoch = epoch

    def _learn(self, num_epochs: int) -> None:
        """Look at all pixels at the end of an epoch, of which more may have passed empty."""
        fade = self._keep_share ** (num_epochs - 1)
        kernels.update_scores(self._counts, (self._keep_share, fade), self._scores)
        rule = self._least, self._contrast
        num_hot = kernels.find_hot(self._scores, rule, self._is_hot)
        if num_hot > self.max_hot:
            self._keep_hottest()

    def _keep_hottest(self) -> None:
        places = np.flatnonzero(self._is_hot)
        scores = self._scores[1:-1, 1:-1].ravel()[places]
        coolest_first = np.argsort(scores, kind='stable')
        self._is_hot.ravel()[places[coolest_first[: -self.max_hot]]] = False
