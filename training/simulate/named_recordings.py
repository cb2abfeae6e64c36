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
_ROOM, _STREET = '--family room', '--family drive --motion driving'
REPLAYS: dict[str, str] = {
    'room_handheld': f'{_ROOM} --motion handheld --lidar vlp16 --rgb rolling --seed 11 {_SHORT}',
    'room_dark': f'{_ROOM} --motion smooth --lidar raster --rgb dark --lens davis --seed 12 '
    f'{_SHORT}',
    'table_aps': '--family table --motion smooth --lidar flash --points-rate-hz 20 --rgb aps '
    f'--seed 13 {_SHORT}',
    'street_vlp32': f'{_STREET} --lidar vlp32 --rgb global --lens davis --seed 14 {_SHORT}',
    'street_os64': f'{_STREET} --lidar os64 --rgb rolling --seed 15 {_SHORT}',
    'street_fisheye': f'{_STREET} --lidar rosette --rgb wide --lens fisheye --fov-deg 120 '
    f'--seed 16 {_SHORT}',
}
