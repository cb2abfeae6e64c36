"""
`python -m training.evaluate_many -m recording=a,b,c`: many recordings at once, through Hydra.

Each job replays one recording through one bundle, judges the depth under a named profile and
leaves its report; at the end `training.evaluation_table` puts all of them into one table. Hydra's
launchers say where jobs run: one after the other (none), `joblib` and `submitit_local` on this
machine, `slurm` and `ray` on a cluster.

Law: a recording that cannot be evaluated stands in the table with its reason and stops no other.

"""

import json
import logging
import math
from pathlib import Path

from eventdepth_core.errors import EventDepthError
from eventdepth_core.evaluation import profile_named, with_switches
from eventdepth_core.replay import replay, ReplayOptions
from eventdepth_core.report.comparison import (
    compared,
    comparison_page,
    comparison_text,
    ComparisonSummary,
    MapSource,
    run_of,
)
from eventdepth_core.types import MODALITIES
import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.utils import to_absolute_path
from omegaconf import DictConfig
from training.evaluation_table import FAILURE_NAME, JOB_NAME, RESULT_NAME

CONFIG_FOLDER = Path(__file__).resolve().parents[1] / 'config' / 'training'
_log = logging.getLogger(__name__)


@hydra.main(version_base='1.3', config_path=str(CONFIG_FOLDER), config_name='evaluate_many')
def main(config: DictConfig) -> float:
    """Evaluate one recording and return its mean relative error, NaN if that failed."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    job = {'recording': str(config.recording), 'bundle': str(config.bundle)}
    (folder / JOB_NAME).write_text(json.dumps(job), encoding='utf-8')
    try:
        summary = evaluated(config, folder)
    except EventDepthError as error:
        _log.error('%s: %s', config.recording, error)
        (folder / FAILURE_NAME).write_text(str(error), encoding='utf-8')
        return math.nan
    return float(summary.runs[0].metrics['abs_rel'])


def evaluated(config: DictConfig, folder: Path) -> ComparisonSummary:
    """
    Replay and judge the recording of a configuration, and write both reports into a folder.

    Raises
    ------
    EventDepthError
        If recording, bundle, camera, profile or reference do not fit.

    """
    rules = with_switches(profile_named(config.profile), dict(config.switches))
    recording = Path(to_absolute_path(config.recording))
    replay(recording, _bundle(config.bundle), folder / 'replay', _options(config))
    target = recording if config.target is None else Path(to_absolute_path(config.target))
    run = run_of(MapSource(folder / 'replay'))
    summary = compared([run], MapSource(target, config.target_topic), rules)
    (folder / RESULT_NAME).write_text(comparison_text(summary), encoding='utf-8')
    (folder / 'report.html').write_text(comparison_page(summary), encoding='utf-8')
    return summary


def _bundle(name: str) -> str:
    """Return a bundle's folder as an absolute path, its name as it is."""
    place = Path(to_absolute_path(name))
    return str(place) if place.is_dir() else name


def _options(config: DictConfig) -> ReplayOptions:
    return ReplayOptions(
        camera_path=None if config.camera is None else Path(to_absolute_path(config.camera)),
        trigger=config.trigger,
        rate_hz=config.rate_hz,
        use=MODALITIES if config.use is None else tuple(config.use),
        max_frames=config.max_frames,
        engine=config.engine,
        threads=config.threads,
        profile=config.profile,
    )


if __name__ == '__main__':
    main()
