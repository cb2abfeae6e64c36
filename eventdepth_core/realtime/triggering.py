"""Which triggers the options ask for, given what the bundle and the rig can use."""

from eventdepth_core.errors import UnsupportedInputError
from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.realtime.options import RealtimeOptions
from eventdepth_core.scheduling.triggers import RateTriggers, StampTriggers
from eventdepth_core.types import ImageSample, PointsSample


def new_triggers(
    pipeline: DepthPipeline, options: RealtimeOptions
) -> RateTriggers | StampTriggers:
    """
    Return the triggers that `options` ask for.

    Raises
    ------
    UnsupportedInputError
        For the stamps of a modality that the bundle does not use.

    """
    usable = pipeline.bundle.inputs.modalities
    trigger = options.trigger
    if trigger == 'auto':
        others = [name for name in ('image', 'points') if name in usable]
        trigger = 'rate' if pipeline.events is not None or not others else others[0]
    if trigger == 'rate':
        return RateTriggers(options.rate_hz)
    if trigger not in usable:
        raise UnsupportedInputError(
            f'Expected the trigger to be rate or out of {", ".join(usable)} for bundle '
            f'{pipeline.bundle.name}, got {trigger!r}.'
        )
    return StampTriggers(ImageSample if trigger == 'image' else PointsSample)
