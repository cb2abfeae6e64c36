"""
Checkpoint -> bundle: `python -m training.export RUN --bundle DIR`.

RUN is a folder with `layout.safetensors`, `completion.safetensors` and `calibration.json`, as
`training.flagship` leaves it. Each graph passes the parity gate before the manifest is written.

"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
import json
from pathlib import Path
from typing import Any

from eventdepth_core.networks.completion import CompletionHead
from eventdepth_core.networks.encoder import LATENTS
from eventdepth_core.networks.layout import LayoutNet
from safetensors.torch import load_file
import torch
from training.data.batches import CANONICAL_FOCAL_PX, DEPTH_RANGE_M, GRID
from training.graphs import flagship_graphs, Graph
from training.judge import Networks
from training.onnx_export import export_graph, gflop, parity
import yaml

EXAMPLE_GRID = (64, 80)
EXAMPLE_SENSOR = (480, 640)
SECOND_GRID = (32, 160)
SECOND_SENSOR = (272, 352)
VERSION = '0.2.0'
SIMULATED_LICENCES = (
    'procedural scenes of this project (Apache-2.0)',
    'textures: sample images that ship with scikit-image (public domain or as its '
    'data/README says)',
    'texture: china.jpg of scikit-learn, CC BY 2.0, some rights reserved by danielbuechele',
)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """
    What a finished training run leaves behind, and what its bundle is called.

    `kept` is the folder of a bundle whose graphs stay as they are, file by file; `networks` holds
    their weights, and what they lack is exported.

    """

    networks: Networks
    calibration: dict[str, dict[str, float]]
    provenance: dict[str, Any]  # free-form by nature: command, seeds, versions
    name: str = 'eventdepth-s'
    data_licences: tuple[str, ...] = SIMULATED_LICENCES
    kept: Path | None = None


def load_networks(folder: Path) -> Networks:
    """Load the networks of a run folder from safetensors; nothing is unpickled."""
    layout, completion = LayoutNet(), CompletionHead()
    layout.load_state_dict(load_file(folder / 'layout.safetensors'))
    completion.load_state_dict(load_file(folder / 'completion.safetensors'))
    if not (folder / 'motion.safetensors').is_file():
        return Networks(layout.eval(), completion.eval())
    motion = CompletionHead()
    motion.load_state_dict(load_file(folder / 'motion.safetensors'))
    return Networks(layout.eval(), completion.eval(), motion.eval())


def load_run(folder: Path) -> Run:
    """Load networks, calibration and provenance of `folder`."""
    return Run(
        networks=load_networks(folder),
        calibration=json.loads((folder / 'calibration.json').read_text()),
        provenance=json.loads((folder / 'provenance.json').read_text()),
    )


def export_bundle(run: Run, target: Path) -> None:
    """Write graphs and `model.yaml` of `run` into the folder `target`."""
    target.mkdir(parents=True, exist_ok=True)
    layout, completion, motion = run.networks.layout, run.networks.completion, run.networks.motion
    first = flagship_graphs(
        layout, completion, motion=motion, grid=EXAMPLE_GRID, sensor=EXAMPLE_SENSOR
    )
    second = flagship_graphs(
        layout, completion, motion=motion, grid=SECOND_GRID, sensor=SECOND_SENSOR
    )
    entries = {} if run.kept is None else _copied(run.kept, target)
    for graph, other in zip(first, second, strict=True):
        if graph.name not in entries:
            entries[graph.name] = _exported(graph, other, target)
    manifest = _manifest(run, entries)
    text = yaml.safe_dump(manifest, sort_keys=False, width=99, allow_unicode=True)
    (target / 'model.yaml').write_text(text, encoding='utf-8')


def _copied(source: Path, target: Path) -> dict[str, dict[str, Any]]:
    """Copy the graphs of a bundle but that for motion, and return their entries."""
    manifest = yaml.safe_load((source / 'model.yaml').read_text(encoding='utf-8'))
    entries = {
        name: entry for name, entry in manifest['graphs'].items() if name != 'complete_motion'
    }
    for entry in entries.values():
        content = (source / entry['file']).read_bytes()
        (target / entry['file']).write_bytes(content)
    return entries


def frame_gflop(graphs: Mapping[str, Mapping[str, Any]]) -> float:
    """Return the cost of a frame: a frame runs one of the completion heads."""
    return sum(graph['gflop'] for name, graph in graphs.items() if name != 'complete_motion')


def _exported(graph: Graph, other: Graph, target: Path) -> dict[str, Any]:
    path = target / f'{graph.name}.onnx'
    export_graph(graph, path)
    worst = max(parity(graph, path, graph.inputs), parity(graph, path, other.inputs))
    return {
        'file': path.name,
        'sha256': hashlib.sha256(path.read_bytes()).hexdigest(),
        'gflop': round(gflop(graph, graph.inputs), 4),
        'parity_relative_l2': float(f'{worst:.2g}'),
    }


def _manifest(run: Run, graphs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        'schema_version': 1,
        'name': run.name,
        'version': VERSION,
        'task': 'metric_depth',
        'reference': 'events',
        'licence': 'Apache-2.0',
        'gflop': round(frame_gflop(graphs), 3),
        'inputs': {
            'events': {
                'representation': 'voxel',
                'convention': 'e2vid',
                'span': 'window',
                'bins': 5,
                'window_us': 50000,
                'interval_us': 12500,
                'normalisation': 'nonzero_std',
            },
            'image': {'channels': 3, 'normalisation': 'standardise'},
            'points': {
                'form': 'prefills',
                'min_depth_m': DEPTH_RANGE_M[0],
                'max_depth_m': DEPTH_RANGE_M[1],
                'range_sigma_log': 0.01,
            },
        },
        'grid': {'pixels': GRID.pixels, 'multiple': GRID.multiple},
        'sensor': {'multiple': 16, 'max_pixels': 500000},
        'canonical_focal_px': CANONICAL_FOCAL_PX,
        'latents': [
            {'name': latent.name, 'channels': latent.channels, 'stride': latent.stride}
            for latent in LATENTS
        ],
        'graphs': graphs,
        'scheduler': {'default_steps': 0, 'steps': []},
        'outputs': {'depth': 'median', 'variance': 'laplace_log'},
        'calibration': run.calibration,
        'provenance': run.provenance,
        'data_licences': list(run.data_licences),
        'metrics': [],
    }


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description='Make a bundle out of a finished training run.')
    parser.add_argument('run', type=Path, help='folder of the training run')
    parser.add_argument('--bundle', type=Path, required=True, help='folder of the bundle')
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    export_bundle(load_run(arguments.run), arguments.bundle)


if __name__ == '__main__':
    main()
