"""
How each sensor's view becomes the view of the rectified reference camera.

The reference is the event camera where there is one, unless the bundle's manifest names the
image. Laws: what lies in the reference view already is only rectified; an image from another
viewpoint is turned by the rotation alone while the shift that this leaves, |t| f / z_min, stays
small, and is warped through a depth map otherwise; without a depth map it is refused. Pixels that
no image reaches take the mean colour of the others, which carries no contrast; an image of which
no pixel reaches the reference view is refused.

"""

from dataclasses import dataclass

from eventdepth_core.bundle import Bundle
from eventdepth_core.errors import InputError, UnsupportedInputError
from eventdepth_core.geometry import (
    ImageRectifier,
    project_points,
    rectified_camera,
    residual_shift_px,
    transform_points,
    ViewWarper,
)
from eventdepth_core.pipeline.options import PipelineOptions
from eventdepth_core.types import Bool, Camera, Float32, Float64, Rectification, Rig, UInt8
import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceView:
    """
    The rectified reference camera and where the other sensors stand.

    `given` is the reference camera as the rig has it, `camera` the rectified one. `from_points`
    and `from_image` are 4x4 float64 and map points into the rectified reference frame;
    `from_image` is None where images share the reference's view. `event_camera` is None where
    events cannot be used.

    """

    given: Camera
    camera: Camera
    rectification: Rectification | None
    from_points: Float64
    image_camera: Camera
    from_image: Float64 | None
    event_camera: Camera | None


def reference_view(rig: Rig, bundle: Bundle) -> ReferenceView:
    """Return the reference view that `bundle` asks for and `rig` can give."""
    if rig.event is None or (bundle.reference == 'image' and rig.image is not None):
        return view_of_image(rig)
    return view_of_events(rig)


def view_of_events(rig: Rig) -> ReferenceView:
    """
    Return the view of the rig's event camera.

    Raises
    ------
    InputError
        For a rig without one.

    """
    if rig.event is None:
        raise InputError('Expected a Rig with an event camera, got one without.')
    turn = _turn(rig.rectification)
    has_own_view = rig.image is not None
    return ReferenceView(
        given=rig.event,
        camera=rectified_camera(rig.event, rig.rectification),
        rectification=rig.rectification,
        from_points=turn @ _or_identity(rig.event_from_points),
        image_camera=rig.event if rig.image is None else rig.image,
        from_image=turn @ _or_identity(rig.event_from_image) if has_own_view else None,
        event_camera=rig.event,
    )


class ImageView:
    """Brings images of the rig into the reference view; fixed maps are computed once."""

    def __init__(self, view: ReferenceView, options: PipelineOptions) -> None:
        self._camera = view.image_camera
        self._max_shift_px = options.max_image_shift_px
        self._rectifier: ImageRectifier | None = None
        self._warper: ViewWarper | None = None
        self.shift_px = 0.0
        if view.from_image is None:
            self._rectifier = ImageRectifier(view.image_camera, view.rectification)
            return
        self._warper = ViewWarper(view.camera, view.image_camera, view.from_image)
        self.shift_px = residual_shift_px(
            view.from_image[:3, 3],
            max(view.camera.fx, view.camera.fy),
            options.image_min_depth_m,
        )

    @property
    def needs_depth(self) -> bool:
        """Whether a rotation alone would leave too large a shift."""
        return self.shift_px > self._max_shift_px

    def rectified(self, image: UInt8, depth_m: Float32 | None = None) -> UInt8:
        """
        Return `image` in the reference view, uint8 (H, W) or (H, W, 3).

        Parameters
        ----------
        image : UInt8
            (H, W) or (H, W, 3) at the size of the image camera.
        depth_m : Float32, optional
            (H, W) depth in the reference view, only used where `needs_depth`.

        Raises
        ------
        InputError
            For another shape or dtype.
        UnsupportedInputError
            If depth is needed and there is none, or no pixel reaches the reference view.

        """
        self._check(image)
        if self.needs_depth and depth_m is None:
            raise UnsupportedInputError(
                f'Expected an image whose viewpoint shifts pixels by at most '
                f'{self._max_shift_px:g} px, or points to warp it with, '
                f'got a shift of {self.shift_px:.1f} px and no recent points.'
            )
        if self._warper is not None:
            warped = self._warper.warp(image, depth_m if self.needs_depth else None)
            return _filled(warped.image, warped.seen)
        if self._rectifier is not None:
            return _filled(self._rectifier.rectify(image), self._rectifier.seen)
        return image

    def _check(self, image: UInt8) -> None:
        height, width = self._camera.size
        shapes = ((height, width), (height, width, 3))
        if image.dtype != np.uint8 or image.shape not in shapes:
            raise InputError(
                f'Expected an image uint8 of shape {shapes[0]} or {shapes[1]}, '
                f'got {image.dtype} {image.shape}.'
            )


def sparse_depth(
    view: ReferenceView,
    points_m: Float32,
    limits_m: tuple[float, float],
) -> Float32:
    """
    Project `points_m` float32 (N, 3) of the LiDAR's frame into the reference view.

    Returns float32 (H, W) metres, NaN = not measured; depths outside `limits_m` are left out.

    Raises
    ------
    InputError
        For another shape.

    """
    in_reference = transform_points(view.from_points, points_m)
    return within(project_points(in_reference, view.camera), limits_m)


def within(depth_m: Float32, limits_m: tuple[float, float]) -> Float32:
    """Return `depth_m` as float32 with NaN outside of `limits_m`."""
    inside = (depth_m >= limits_m[0]) & (depth_m <= limits_m[1])  # NaN: False
    return np.where(inside, depth_m, np.nan).astype(np.float32)


def view_of_image(rig: Rig) -> ReferenceView:
    """Return the view of the rig's image camera, or of its only camera."""
    given = rig.reference if rig.image is None else rig.image
    is_alone = rig.event is None
    rectification = rig.rectification if is_alone else None
    points = _or_identity(rig.event_from_points)
    if not is_alone:
        points = np.linalg.inv(_or_identity(rig.event_from_image)) @ points
    return ReferenceView(
        given=given,
        camera=rectified_camera(given, rectification),
        rectification=rectification,
        from_points=_turn(rectification) @ points,
        image_camera=given,
        from_image=None,
        event_camera=None,
    )


def _turn(rectification: Rectification | None) -> Float64:
    turn = np.eye(4)
    if rectification is not None:
        turn[:3, :3] = rectification.rotation
    return turn


def _or_identity(transform: Float64 | None) -> Float64:
    return np.eye(4) if transform is None else transform


def _filled(image: UInt8, seen: Bool) -> UInt8:
    """Return `image` with the mean colour of `seen` where it is not."""
    if seen.all():
        return image
    if not seen.any():
        raise UnsupportedInputError(
            'Expected an image that overlaps the reference view, got none of its pixels in view.'
        )
    filled = image.copy()
    filled[~seen] = np.round(image[seen].mean(axis=0)).astype(np.uint8)
    return filled
