"""
Train or fine-tune on one's own sequences: `python -m training.train data=folder data.root=DIR`.

Everything is a setting of config/training/train.yaml and is given as key=value; docs/training.md
is the page for users.

"""

import logging
from pathlib import Path
import sys

from eventdepth_core.errors import EventDepthError
import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from training.card_text import markdown_table
from training.tuning.config import settings_from
from training.tuning.finish import COLUMNS
from training.tuning.run import resumed, run_training

LOG = logging.getLogger(__name__)
CONFIG_FOLDER = Path(__file__).resolve().parents[1] / 'config' / 'training'


@hydra.main(version_base='1.3', config_path=str(CONFIG_FOLDER), config_name='train')
def main(config: DictConfig) -> float | None:
    """Run the command; a sweep gets the AbsRel of the first row, lower is better."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    overrides = list(HydraConfig.get().overrides.task)
    try:
        settings = settings_from(config)
        if settings.resume:
            settings = resumed(config, overrides, folder)
        rows = run_training(settings, folder)
    except EventDepthError as error:
        LOG.error('%s', error)  # noqa: TRY400 - the sentence says it all to the user
        sys.exit(2)
    if not rows:
        return None
    LOG.info('Held out:\n%s\nBundle: %s', markdown_table(rows, COLUMNS), folder / 'bundle')
    return float(rows[0].get('abs_rel', float('nan')))


if __name__ == '__main__':
    main()
