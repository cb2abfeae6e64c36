"""
Recordings by name, each as the options of `python -m training.simulate.recording`.

`DEMO` is what `config/demo` was made with. The others are short recordings for replays: each has
events, images, LiDAR points, depth of every view and poses, and together they have all motions,
lenses, shutters and kinds of scan.

"""

DEMO = (
    '--family room --seconds 3 --size 320x240 --seed 24 --textures procedural --jpeg '
    '--image-rate-hz 10 --points-rate-hz 10 --lidar-rings 16 --lidar-step-deg 0.8 '
    '--lidar-sector-deg 120 --threshold 0.5 --flow-px-s 50 --packet-us 2000'
)

_SHORT = '--seconds 1 --textures procedural --jpeg --image-rate-hz 10 --rgb-size 320x240'
_DRIVING = '--motion driving'
_WORLD = '--blur-px 0.7'
REPLAYS: dict[str, str] = {
    'room_handheld': f'--family indoor_classroom {_WORLD} --motion handheld --lidar vlp16 '
    f'--rgb rolling --seed 11 {_SHORT}',
    'room_dark': '--family room --motion smooth --lidar raster --rgb dark --lens davis --seed 12 '
    f'{_SHORT}',
    'table_aps': '--family table --motion smooth --lidar flash --points-rate-hz 20 --rgb aps '
    f'--seed 13 {_SHORT}',
    'street_vlp32': f'--family drive {_DRIVING} --lidar vlp32 --rgb global --lens davis --seed 14 '
    f'{_SHORT}',
    'street_os64': f'--family driving_country {_WORLD} {_DRIVING} --lidar os64 --rgb rolling '
    f'--seed 15 {_SHORT}',
    'street_fisheye': f'--family drive {_DRIVING} --lidar rosette --rgb wide --lens fisheye '
    f'--fov-deg 120 --seed 16 {_SHORT}',
}
