"""From a path to a path: open, plan, convert."""

from pathlib import Path

from eventdepth_core.conversion.bag_conversion import BagConversion
from eventdepth_core.conversion.dsec_conversion import DsecConversion
from eventdepth_core.conversion.options import ConversionOptions
from eventdepth_core.conversion.plan import conversion_plan
from eventdepth_core.conversion.progress import ConversionSummary, OnProgress
from eventdepth_core.recordings.opening import open_recording
from eventdepth_core.recordings.recording import Recording


def convert(
    source: str | Path,
    target: str | Path,
    options: ConversionOptions | None = None,
    *,
    on_progress: OnProgress | None = None,
) -> ConversionSummary:
    """
    Convert a recording into a bag, or into a DSEC-style folder or event file.

    What is written lies under `<target>.partial` until it is complete.

    Raises
    ------
    RecordingError
        For a source that cannot be read or is ambiguous, a target that exists, and events that
        the target cannot hold.
    InputError
        If target and options contradict each other.

    """
    options = options or ConversionOptions()
    with opened_source(source, options) as recording:
        plan = conversion_plan(recording, Path(target), options)
        made = BagConversion if plan.form == 'bag' else DsecConversion
        return made(recording, plan, options).run(on_progress)


def opened_source(source: str | Path, options: ConversionOptions) -> Recording:
    """Return the opened source of a conversion."""
    return open_recording(
        source,
        topics=options.source_topics or None,
        camera=options.camera_path,
        fov_deg=options.fov_deg,
        dataset=options.dataset,
    )
