"""
Lens distortion on the normalised image plane, (x, y) = (X / Z, Y / Z), both ways, in float64.

Laws: the two directions are inverse where the model is one to one; outside of that, and where no
inverse is found, the result is NaN; NaN in, NaN out.

"""

from eventdepth_core.geometry import brown, equidistant
from eventdepth_core.types import Camera, Float64


def is_pinhole(camera: Camera) -> bool:
    """Whether K alone maps rays to pixels; zeros make an equidistant lens, not a pinhole."""
    if camera.distortion_model == 'equidistant':
        return not camera.distortion
    return not any(camera.distortion)


def distort_normalised(plane: Float64, camera: Camera) -> Float64:
    """
    Map ideal to distorted positions.

    Parameters
    ----------
    plane : float64 (N, 2)
        Ideal X / Z, Y / Z.
    camera : Camera
        Whose distortion is applied.

    Returns
    -------
    float64 (N, 2)
        Distorted positions on the normalised plane, NaN outside the model's range.

    """
    if is_pinhole(camera):
        return plane.copy()
    if camera.distortion_model == 'equidistant':
        return equidistant.distorted(plane, camera.distortion)
    return brown.distorted(plane, camera.distortion)


def undistort_normalised(distorted: Float64, camera: Camera) -> Float64:
    """
    Map distorted to ideal positions: the inverse of `distort_normalised`, by Newton's method.

    Parameters
    ----------
    distorted : float64 (N, 2)
        Distorted positions on the normalised plane.
    camera : Camera
        Whose distortion is removed.

    Returns
    -------
    float64 (N, 2)
        Ideal X / Z, Y / Z, NaN where the model has no inverse.

    """
    if is_pinhole(camera):
        return distorted.copy()
    if camera.distortion_model == 'equidistant':
        return equidistant.undistorted(distorted, camera.distortion)
    return brown.undistorted(distorted, camera.distortion)
