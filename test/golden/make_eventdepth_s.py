"""
Write test/golden/eventdepth_s.json anew: only after a deliberate change of weights or arithmetic.

`PYTHONPATH=. .venv/runtime/bin/python test/golden/make_eventdepth_s.py` from the repository root.

"""

import json
from pathlib import Path

from eventdepth_core import DepthPipeline, load_bundle, Rig
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import DepthSample, ImageSample
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
WARM_UP_US = 60_000
PIXELS = [[20, 30], [45, 200], [90, 120], [120, 15], [150, 220], [170, 100], [60, 60]]


def main() -> None:
    """Run the command."""
    with open_recording(ROOT / 'config' / 'demo') as recording:
        samples = list(recording.samples())
        camera = recording.rig.event
    depths = [s for s in samples if isinstance(s, DepthSample)]
    truth = next(s for s in depths if s.stamp_us >= depths[0].stamp_us + WARM_UP_US)
    images = [s for s in samples if isinstance(s, ImageSample)]
    image = min(images, key=lambda s: abs(s.stamp_us - truth.stamp_us))
    chosen = np.random.default_rng(0).random(truth.depth_m.shape) < 0.01
    sparse = np.where(chosen, truth.depth_m, np.float32(np.nan))
    pipeline = DepthPipeline(load_bundle('eventdepth-s'), Rig(event=camera))
    pipeline.push_image(image.image, truth.stamp_us)
    pipeline.push_sparse_depth(sparse, truth.stamp_us)
    frame = pipeline.estimate(truth.stamp_us)
    rows, columns = np.array(PIXELS).T
    golden = {
        'pixels': PIXELS,
        'depth_m': [round(float(d), 5) for d in frame.depth_m[rows, columns]],
        'std_m': [round(float(s), 5) for s in frame.std_m[rows, columns]],
    }
    (Path(__file__).parent / 'eventdepth_s.json').write_text(json.dumps(golden, indent=1) + '\n')


if __name__ == '__main__':
    main()
