"""
Write test/golden/evaluation_profiles.json anew: only after a deliberate change of a profile.

`PYTHONPATH=. .venv/runtime/bin/python test/golden/make_evaluation_profiles.py` from the repository
root.

"""

import json
import math
from pathlib import Path

from eventdepth_core.evaluation import evaluate, list_profiles
import numpy as np

GOLDEN = Path(__file__).parent / 'evaluation_profiles.json'
SIZE = (360, 1230)


def frames() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return predictions, targets and deviations (2, H, W), metres, of two smooth scenes."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    target = np.stack(
        [
            1.2 + 260.0 * (1.0 - rows / SIZE[0]) ** 3 + np.sin(columns / 40.0),
            2.0 + 9.0 * (columns / SIZE[1]) + np.cos(rows / 30.0),
        ]
    )
    wave = np.stack([np.sin(columns / 17.0 + rows / 9.0), np.cos(columns / 23.0 - rows / 31.0)])
    predicted = target * np.exp(0.3 * wave + 0.05)
    std = 0.2 * predicted * (1.0 + 0.5 * np.abs(wave))
    target[(rows + 3 * columns) % 7 == np.array([0, 1])[:, None, None]] = np.nan
    predicted[1, 30:40] = 80.0
    return predicted, target, std


def figures() -> dict[str, dict[str, float | None]]:
    """Return the metrics of every profile, None where they are no number."""
    predicted, target, std = frames()
    return {
        name: {
            key: float(f'{value:.12g}') if math.isfinite(value) else None
            for key, value in evaluate(predicted, target, name, std_m=std).items()
        }
        for name in list_profiles()
    }


def main() -> None:
    """Run the command."""
    GOLDEN.write_text(json.dumps(figures(), indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
