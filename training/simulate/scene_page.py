"""
A page of scenes: `python -m training.simulate.scene_page --out scenes.png`.

Each row is one sample of a world: image, events of 50 ms (red ON, blue OFF), depth (near is
bright), points of a LiDAR at the window's end on a dim image, classes and instances.

"""

import argparse
from pathlib import Path

import cv2
from eventdepth_core.types import UInt8
import numpy as np
from training.simulate.families import EVERY_NAME, WORLDS
from training.simulate.lidar import LidarModel
from training.simulate.parts import Kind
from training.simulate.photos import Split
from training.simulate.recipe import family_recipe
from training.simulate.sample import random_sample, Sample, WINDOW_US
from training.simulate.solids import Pose
from training.simulate.stage import stage_scene
from training.simulate.tracing import cast_directions
from training.simulate.world_textures import world_pool

DEFAULT_FAMILIES = (
    'indoor_living',
    'indoor_office',
    'indoor_classroom',
    'driving_city',
    'driving_suburb',
    'driving_country',
)
_NEAR_M, _FAR_M = 0.5, 80.0
_NEAREST_M = 0.1
_LABEL_PX = 14
_LIDAR = LidarModel(num_rings=48, min_elevation_deg=-30.0, max_elevation_deg=20.0, height_m=0.15)
_COLOURS: dict[Kind, tuple[int, int, int]] = {
    Kind.SKY: (110, 170, 230),
    Kind.TERRAIN: (120, 100, 60),
    Kind.ROAD: (90, 80, 100),
    Kind.PAVEMENT: (200, 130, 200),
    Kind.BUILDING: (90, 90, 90),
    Kind.VEGETATION: (70, 150, 50),
    Kind.POLE: (230, 210, 60),
    Kind.FENCE: (170, 140, 110),
    Kind.VEHICLE: (30, 60, 200),
    Kind.PERSON: (230, 40, 60),
    Kind.FLOOR: (150, 120, 90),
    Kind.CEILING: (220, 220, 210),
    Kind.WALL: (160, 170, 180),
    Kind.DOOR: (180, 110, 40),
    Kind.WINDOW: (130, 200, 250),
    Kind.TABLE: (240, 150, 60),
    Kind.CHAIR: (60, 190, 170),
    Kind.SOFA: (150, 60, 160),
    Kind.SHELF: (110, 80, 40),
    Kind.BED: (240, 130, 180),
    Kind.LAMP: (255, 250, 160),
    Kind.CLUTTER: (200, 60, 140),
}


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog='python -m training.simulate.scene_page')
    parser.add_argument('--out', type=Path, required=True, help='the PNG to write')
    parser.add_argument('--families', nargs='+', choices=EVERY_NAME, default=DEFAULT_FAMILIES)
    parser.add_argument('--seeds', type=int, nargs='+', default=[1], help='one row a seed')
    parser.add_argument('--size', default='192x144', help='WIDTHxHEIGHT in pixels')
    options = parser.parse_args(arguments)
    width, height = (int(side) for side in options.size.split('x'))
    page = scene_page(tuple(options.families), tuple(options.seeds), (height, width))
    cv2.imwrite(str(options.out), page[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])


def scene_page(families: tuple[str, ...], seeds: tuple[int, ...], size: tuple[int, int]) -> UInt8:
    """Return the page, uint8 RGB."""
    used = sorted({split_of(name) for name in families})
    pools = {split: world_pool(np.random.default_rng(0), split) for split in used}
    rows = []
    for name in families:
        split = split_of(name)
        for seed in seeds:
            sample = random_sample(
                np.random.default_rng(seed),
                pools[split],
                size=size,
                recipe=family_recipe(name, split),
            )
            rows.append(_titled(np.concatenate(panels(sample), axis=1), name, split))
    return np.concatenate(rows)


def split_of(name: str) -> Split:
    """Return the split that a family belongs to; the recorded families belong to all."""
    return next((world.split for world in WORLDS if world.name == name), 'train')


def panels(sample: Sample) -> list[UInt8]:
    """Return the pictures of one sample, each uint8 (H, W, 3) RGB."""
    image = sample.image
    pictures = [image, event_picture(sample), depth_picture(sample.depth_m)]
    pictures.append(points_picture(sample))
    if sample.labels is None:
        return pictures
    kinds = np.zeros((256, 3), dtype=np.uint8)
    for kind, colour in _COLOURS.items():
        kinds[kind] = colour
    things = np.random.default_rng(0).integers(40, 255, (4096, 3)).astype(np.uint8)
    things[0] = 0
    return [*pictures, kinds[sample.labels.kind], things[sample.labels.thing % 4096]]


def event_picture(sample: Sample) -> UInt8:
    """Return the events of a window on white, red ON and blue OFF, darker where there are more."""
    counts = np.zeros((2, *sample.camera.size))
    events = sample.events
    np.add.at(counts, ((events['p'] > 0).astype(int), events['y'], events['x']), 1.0)
    off, on = 1.0 - np.exp(-0.7 * counts)
    picture = np.stack([1.0 - off, 1.0 - np.maximum(on, off), 1.0 - on], axis=-1)
    return (255.0 * picture).astype(np.uint8)


def depth_picture(depth_m: np.ndarray) -> UInt8:
    """Return depth on a logarithmic scale from 0.5 to 80 m, near bright, sky black."""
    clipped = np.clip(np.where(np.isfinite(depth_m), depth_m, _FAR_M), _NEAR_M, _FAR_M)
    share = 1.0 - np.log(clipped / _NEAR_M) / np.log(_FAR_M / _NEAR_M)
    coloured = cv2.applyColorMap((255 * share).astype(np.uint8), cv2.COLORMAP_INFERNO)
    coloured[~np.isfinite(depth_m)] = 0
    return np.ascontiguousarray(coloured[..., ::-1])


def points_picture(sample: Sample) -> UInt8:
    """Return what a LiDAR beside the camera sees at the window's end, in the colours of depth."""
    picture = (sample.image // 3).astype(np.uint8)
    if sample.scene is None:
        return picture
    model, camera = _LIDAR, sample.camera
    matrix = sample.poses[-1].matrix @ model.camera_from_lidar
    stage = stage_scene(
        sample.scene,
        (Pose(matrix[:3, :3], matrix[:3, 3]),),
        camera,
        use_tiles=False,
        times_s=np.array([1e-6 * WINDOW_US]),
    )
    directions = model.directions()
    range_m = np.empty(len(directions))
    cast_directions(stage, 0, directions, range_m)
    points = (directions * range_m[:, None])[range_m < model.max_range_m]
    points = points @ model.camera_from_lidar[:3, :3].T + model.camera_from_lidar[:3, 3]
    points = points[points[:, 2] > _NEAREST_M]
    points = points[np.argsort(-points[:, 2])]
    x = np.round(camera.fx * points[:, 0] / points[:, 2] + camera.cx).astype(int)
    y = np.round(camera.fy * points[:, 1] / points[:, 2] + camera.cy).astype(int)
    inside = (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
    colours = depth_picture(points[:, 2].astype(np.float32)[None])[0]
    picture[y[inside], x[inside]] = colours[inside]
    return picture


def _titled(row: UInt8, name: str, split: str) -> UInt8:
    title = np.full((_LABEL_PX, row.shape[1], 3), 255, dtype=np.uint8)
    text = f'{name} ({split}): image, events, depth, points, classes, things'
    cv2.putText(title, text, (3, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (0, 0, 0), 1, cv2.LINE_AA)
    return np.concatenate([title, row])


if __name__ == '__main__':
    main()
