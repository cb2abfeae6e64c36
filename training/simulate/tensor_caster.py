"""
The ray caster as batched tensors, for any device torch has: many scenes at once.

It looks at the same stages as the compiled caster, by the same formulas (nearest hit, shadow of
the lamp, mip-mapped texels, four rays where faces meet). Laws: pictures agree with the compiled
caster but for pixels where rounding decides which surface is hit; scenes of a batch do not touch
each other.

"""

from collections.abc import Sequence
from dataclasses import dataclass

from eventdepth_core.types import Camera
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor
from torch.nn import functional
from training.simulate.solid_kernels import FAR_M, NEAR_M
from training.simulate.stage import Stage
from training.simulate.tensor_hits import nearest_pairs, pair_hits
from training.simulate.tensor_light import (
    lamp_rays,
    reflected_colour,
    reflected_luma,
    sky_light,
    surfaces_of,
)
from training.simulate.tensor_scene import pixel_tiles, tensor_scene, TensorScene
from training.simulate.tracing import EDGE_PLACES, EVENT_CONTRAST, pixel_rays


@dataclass(frozen=True, slots=True, eq=False)
class TensorPicture:
    """`colour` (B, H, W, 3), `depth_m` (B, H, W) +inf = sky, `solid` (B, H, W) of its scene."""

    colour: Tensor
    depth_m: Tensor
    solid: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    t: Tensor
    solid: Tensor
    key: Tensor
    light: Tensor


class TensorCaster:
    """Casts a batch of stages; all cameras have the same size."""

    def __init__(
        self,
        stages: Sequence[Stage],
        cameras: Sequence[Camera],
        *,
        device: torch.device | str = 'cpu',
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.scene: TensorScene = tensor_scene(stages, device=device, dtype=dtype)
        self._height, self._width = cameras[0].size
        self._focal_px = self._real(np.array([camera.fx for camera in cameras]))
        count = self._height * self._width
        places = np.concatenate([np.zeros((1, 2)), EDGE_PLACES])
        rays = [pixel_rays(camera, np.arange(count), places) for camera in cameras]
        self._rays = self._real(np.stack(rays).reshape(-1, len(places), 3))
        self._num_scenes = len(stages)
        starts = torch.bincount(self.scene.scene, minlength=len(stages)).cumsum(0)
        self._solid_start = torch.cat([starts.new_zeros(1), starts[:-1]])
        pixels = torch.arange(self._height * self._width, device=self.scene.device)
        self._pixel = pixels.repeat(len(stages))
        self._every = torch.arange(len(self._pixel), device=self.scene.device)
        self._number = torch.arange(len(stages), device=self.scene.device).repeat_interleave(
            len(pixels)
        )

    def _real(self, array: NDArray[np.float64]) -> Tensor:
        return torch.as_tensor(array, dtype=self.scene.dtype, device=self.scene.device)

    def luma(self, k: int, *, covers_area: bool = True) -> Tensor:
        """Return the light of all pixels at pose k (of each scene's last, where it has fewer)."""
        seen = self._trace(k, self._every, 0, is_colour=False)
        light = seen.light
        if covers_area:
            light = self._area_light(k, seen, EVENT_CONTRAST, is_colour=False)
        return light.view(self._num_scenes, self._height, self._width)

    def picture(self, k: int = -1) -> TensorPicture:
        """Return colour, depth and solids at pose k; -1 is the last of each scene."""
        k = k % max(self.scene.num_poses)
        seen = self._trace(k, self._every, 0, is_colour=True)
        colour = self._area_light(k, seen, 0.0, is_colour=True)
        size = (self._num_scenes, self._height, self._width)
        solid = torch.where(seen.solid < 0, -1, seen.solid - self._solid_start[self._number])
        depth_m = seen.t.masked_fill(seen.t >= FAR_M, torch.inf)
        return TensorPicture(colour.view(*size, 3), depth_m.view(size), solid.view(size))

    def _area_light(self, k: int, seen: _Seen, contrast: float, *, is_colour: bool) -> Tensor:
        size = (self._num_scenes, self._height, self._width)
        first = seen.light[:, 0] if is_colour else seen.light
        pixel = _edges(seen.key.view(size), first.view(size), contrast)
        around = [
            self._trace(k, pixel, place, is_colour=is_colour).light
            for place in range(1, self._rays.shape[1])
        ]
        light = seen.light.clone()
        light[pixel] = torch.stack(around).mean(0)
        return light

    def _trace(self, k: int, chosen: Tensor, place: int, *, is_colour: bool) -> _Seen:
        """Trace the rays through one place of chosen pixels, numbered through all scenes."""
        scene, number, pixel = self.scene, self._number[chosen], self._pixel[chosen]
        x, y = pixel % self._width, pixel // self._width
        direction = self._rays[chosen, place]
        ray, member = scene.tiles.pairs(pixel_tiles(scene, number, x, y))
        t, face = pair_hits(scene, scene.views[k], member, direction[ray])
        best, chosen = nearest_pairs(len(pixel), ray, t)
        is_hit = chosen >= 0
        solid = torch.where(is_hit, member[chosen], -1)
        hit = is_hit.nonzero()[:, 0]
        seen = surfaces_of(scene, k, solid[hit], face[chosen[hit]], direction[hit], best[hit])
        lamp = self._lamp_share(k, seen.normal, seen.point, solid[hit], direction[hit], best[hit])
        key = torch.full_like(solid, -1)
        key[hit] = seen.key + (lamp > 0).long() * 16
        sky = sky_light(scene, k, number, direction, is_colour=is_colour)
        reflect = reflected_colour if is_colour else reflected_luma
        width_m = best[hit] / self._focal_px[number[hit]]
        light = sky.index_copy(0, hit, reflect(scene, solid[hit], seen, lamp, width_m))
        return _Seen(best, solid, key, light)

    def _lamp_share(
        self, k: int, normal: Tensor, point: Tensor, solid: Tensor, direction: Tensor, t: Tensor
    ) -> Tensor:
        """Return the share of its lamp's light that reaches each hit."""
        scene = self.scene
        number = scene.scene[solid]
        away = (scene.lamp_views[k, solid, 9:] - point) * scene.half_m[solid]
        square = (away * away).sum(1).clamp(min=1e-12)
        cosine = (away * normal).sum(1) / square.sqrt()
        share = cosine / (1.0 + square / scene.lamp_half_m[number] ** 2)
        facing = ((cosine > 0) & scene.is_lit[number]).nonzero()[:, 0]
        lit = torch.zeros_like(share)
        rays = lamp_rays(scene, k, number[facing], direction[facing] * t[facing, None])
        lit[facing] = share[facing]
        tried = rays.is_inside.nonzero()[:, 0]
        ray, member = scene.lamp_tiles.pairs(rays.tile[tried])
        own = solid[facing][tried][ray]
        may = scene.casts[member] > 0
        may &= (member != own) | (scene.shape[own] == 4)
        ray, member = ray[may], member[may]
        blocked, _ = pair_hits(scene, scene.lamp_views[k], member, rays.direction[tried][ray])
        shadow = (blocked >= NEAR_M) & (blocked < rays.limit[tried][ray])
        lit[facing[tried[ray[shadow]]]] = 0.0
        return lit


def blurred(light: Tensor, blur_px: float) -> Tensor:
    """Return light (B, H, W) through a Gaussian lens, mirrored at the border as OpenCV does."""
    radius = round(4.0 * blur_px * 2.0 + 1.0) // 2
    place = torch.arange(-radius, radius + 1, dtype=light.dtype, device=light.device)
    weight = torch.exp(-0.5 * (place / blur_px) ** 2)
    weight = weight / weight.sum()
    padded = functional.pad(light[:, None], (radius,) * 4, mode='reflect')
    across = functional.conv2d(padded, weight[None, None, None])
    return functional.conv2d(across, weight[None, None, :, None])[:, 0]


def _edges(key: Tensor, light: Tensor, contrast: float) -> Tensor:
    """Return the flat indices of pixels with a neighbour of another face in another light."""
    found = torch.zeros_like(key, dtype=torch.bool)
    for axis in (1, 2):
        size = key.shape[axis] - 1
        one, other = key.narrow(axis, 0, size), key.narrow(axis, 1, size)
        first, second = light.narrow(axis, 0, size), light.narrow(axis, 1, size)
        apart = (one != other) & (
            (first - second).abs() >= contrast * torch.maximum(first, second)
        )
        found.narrow(axis, 0, size).logical_or_(apart)
        found.narrow(axis, 1, size).logical_or_(apart)
    return found.view(-1).nonzero()[:, 0]
