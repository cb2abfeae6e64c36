"""`eventdepth warmup`: compile all kernels and build the engine, for a quick next start."""

import argparse

SUMMARY = 'Compile all kernels and build the engine of a bundle, for a quick next start.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        '--bundle', default='eventdepth-s', help='name or folder of a bundle (%(default)s)'
    )
    parser.add_argument('--engine', default='auto', help='inference engine (%(default)s)')
    parser.add_argument('--width', type=int, default=640, help='width in pixels (%(default)d)')
    parser.add_argument('--height', type=int, default=480, help='height in pixels (%(default)d)')


def run(arguments: argparse.Namespace) -> int:
    """Warm up and print the seconds that it took."""
    from eventdepth_core.bundle import load_bundle
    from eventdepth_core.compilation import cache_folder
    from eventdepth_core.pipeline import DepthPipeline
    from eventdepth_core.recordings import assumed_camera
    from eventdepth_core.types import Rig
    from rich.console import Console

    bundle = load_bundle(arguments.bundle)
    camera = assumed_camera(arguments.width, arguments.height, 70.0)
    rig = Rig(event=camera) if bundle.reference == 'events' else Rig(image=camera)
    pipeline = DepthPipeline(bundle, rig, arguments.engine)
    first_s = pipeline.warm()
    again_s = pipeline.warm()
    Console().print(
        f'{bundle.name} on {pipeline.engine.name}: {first_s:.2f} s, once warm {again_s:.2f} s; '
        f'compiled code in {cache_folder()}',
        soft_wrap=True,
        markup=False,
    )
    return 0
