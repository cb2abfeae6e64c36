"""Where something that moves by itself is seen in a simulated recording."""

import numpy as np
from training.simulate import excursions
from training.simulate.caster_kernels import cast_centres
from training.simulate.stage import lens_of

FACES_OF_SOLID = 4


def mover_masks(spec):
    """
    Return a function: time in µs -> bool (H, W), where a solid is seen that moves by itself.

    The scene is made again from the spec, as `excursion` makes it.

    """
    rng = np.random.default_rng(spec.seed)
    scene, path = excursions._clear_way(rng, spec)
    velocity = excursions._mover_velocity(rng, scene, path, spec)
    movers = np.flatnonzero(velocity.any(axis=1))
    camera = spec.camera

    def seen(stamp_us):
        """Return where a mover is the nearest thing."""
        time_s = stamp_us * 1e-6
        poses, times_s = (path.pose(time_s),), np.array([time_s])
        stage = excursions._moving_stage(scene, poses, velocity, times_s, camera)
        depth_m = np.empty(camera.size, np.float32)
        face = np.empty(camera.size, np.int32)
        colour = np.empty((*camera.size, 3), np.float32)
        cast_centres(stage, 0, lens_of(camera), depth_m, face, colour)
        return np.isin(face // FACES_OF_SOLID, movers)

    return seen
