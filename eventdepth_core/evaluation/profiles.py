"""
The protocols of the field by name, each written as switches of `Profile`.

`docs/evaluation.md` explains every quirk. Law: a profile does what its name's published script
does, its defects included, except where a variant says `legacy`.

"""

from dataclasses import replace
import math

from eventdepth_core.errors import ProfileError
from eventdepth_core.evaluation.crops import BottomCentreCrop, FractionCrop, PixelCrop
from eventdepth_core.evaluation.log_codec import LogCodec
from eventdepth_core.evaluation.profile import Profile

_GARG = FractionCrop(top=0.40810811, bottom=0.99189189, left=0.03594771, right=0.96405229)
_EIGEN_KITTI = FractionCrop(top=0.3324324, bottom=0.91351351, left=0.0359477, right=0.96405229)
_EIGEN_NYU = FractionCrop(top=45, bottom=471, left=41, right=601, of=(480.0, 640.0))
_KITTI_BENCHMARK = BottomCentreCrop(height=352, width=1216)
_MVSEC_ROWS = PixelCrop(bottom=260)

_MVSEC = LogCodec(80.0, 3.70378)
_DENSE = LogCodec(1000.0, 5.7)
_TINY = 1e-6

_PLAIN = (
    Profile('plain', 'every measured pixel of all images in one heap, no crop, no alignment'),
    Profile(
        'aligned_median',
        'plain, each prediction scaled to the target by medians, mean over images',
        alignment='median',
        averaging='images',
    ),
)

_E2DEPTH = Profile(
    'mvsec_e2depth',
    'E2Depth: targets clipped to 80 m, 0 < y < the largest target of the frame, predictions at or '
    'beyond it dropped, rows 0-259, epsilon 1e-5, delta <=, SqRel by y^2, SILog a variance, '
    'cut-offs y < 10, 20, 30 m, mean over images',
    target_clip_m=(0.0, 80.0),
    target_is_below_frame_max=True,
    prediction_limit='below_frame_max',
    crops=(_MVSEC_ROWS,),
    epsilon=1e-5,
    delta_bound='inclusive',
    sq_rel='squared',
    silog='variance',
    cut_offs_m=(10.0, 20.0, 30.0),
    averaging='images',
    codec=_MVSEC,
)
_EREFORMER = Profile(
    'mvsec_ereformer',
    'EReFormer: 1.9704 < y < 80 m from the target alone, NaN predictions become 1.9704 m and '
    'infinite ones 80 m, rows 0-259, epsilon 1e-5, delta <=, SqRel by y^2, SILog a variance, '
    'cut-offs y < 10, 20, 30 m, mean over images',
    min_depth_m=_MVSEC.min_depth_m,
    max_depth_m=80.0,
    crops=(_MVSEC_ROWS,),
    prediction_fill_m=(_MVSEC.min_depth_m, 80.0),
    epsilon=1e-5,
    delta_bound='inclusive',
    sq_rel='squared',
    silog='variance',
    cut_offs_m=(10.0, 20.0, 30.0),
    averaging='images',
    codec=_MVSEC,
)
_HMNET = Profile(
    'mvsec_hmnet',
    'HMNet: 1.978 <= y <= 80 m, cut-offs 1.978 <= y <= 10, 20, 30 m, predictions not clipped, a '
    'frame without prediction takes the previous one, whole frame, mean over images',
    min_depth_m=1.978,
    max_depth_m=80.0,
    range_bound='inclusive',
    cut_offs_m=(10.0, 20.0, 30.0),
    cut_off_bound='inclusive',
    missing_frame='previous',
    averaging='images',
    codec=LogCodec(80.0, math.log(80.0 / 1.978)),
)
_FUSE = Profile(
    'fuse',
    'FUSE on MVSEC: 1.9704 <= y <= 80 m, rows 0-259, epsilon 1e-5, delta <=, SILog a variance, '
    'no alignment, cut-offs y < 10, 20, 30 m, mean over images',
    min_depth_m=_MVSEC.min_depth_m,
    max_depth_m=80.0,
    range_bound='inclusive',
    crops=(_MVSEC_ROWS,),
    epsilon=1e-5,
    delta_bound='inclusive',
    silog='variance',
    cut_offs_m=(10.0, 20.0, 30.0),
    averaging='images',
    codec=_MVSEC,
)
_ALED = Profile(
    'aled',
    'ALED on MVSEC: all errors summed over pixels of a sequence, y <= 100 m, cut-offs '
    'y <= 10, 20, 30, 50, 100 m',
    max_depth_m=100.0,
    range_bound='inclusive',
    is_zero_a_prediction=True,
    cut_offs_m=(10.0, 20.0, 30.0, 50.0, 100.0),
    cut_off_bound='inclusive',
    averaging='pixels',
)
_EVENT_PROFILES = (
    _E2DEPTH,
    replace(
        _E2DEPTH,
        name='mvsec_e2depth_legacy',
        summary='mvsec_e2depth as its script computes it: each target divided by its own maximum '
        'and multiplied by 80 m, so that its scale is wrong where the maximum is < 80 m',
        is_target_rescaled=True,
    ),
    Profile(
        'mvsec_ramnet',
        'RAM-Net: every measured pixel, predictions clipped to 1.9704-80 m, unmeasured pixels '
        'fail delta and make rmse_log NaN, SILog of |d|, rows 0-259, epsilon 1e-5, delta <=, '
        'cut-offs y < 10, 20, 30, 80, 250, 500 m that hold every unmeasured pixel, mean over '
        'images',
        crops=(_MVSEC_ROWS,),
        prediction_clip_m=(_MVSEC.min_depth_m, 80.0),
        epsilon=1e-5,
        delta_bound='inclusive',
        sq_rel='squared',
        silog='absolute',
        cut_offs_m=(10.0, 20.0, 30.0, 80.0, 250.0, 500.0),
        unmeasured='fails_delta',
        averaging='images',
        codec=_MVSEC,
    ),
    _EREFORMER,
    _HMNET,
    replace(
        _HMNET,
        name='mvsec_hmnet_rpg',
        summary='mvsec_hmnet on rows 2-257 and columns 1-344, to compare with the methods that '
        'evaluate there (their frames start 3 later: offset the targets)',
        crops=(PixelCrop(2, 258, 1, 345),),
    ),
    _FUSE,
    replace(
        _FUSE,
        name='fuse_dense',
        summary='fuse on DENSE and EventScape: 3.346 <= y <= 1000 m',
        min_depth_m=_DENSE.min_depth_m,
        max_depth_m=1000.0,
        codec=_DENSE,
    ),
    _ALED,
    replace(
        _ALED,
        name='aled_sled',
        summary='aled on SLED: y <= 200 m, cut-offs y <= 10, 20, 30, 100, 200 m',
        max_depth_m=200.0,
        cut_offs_m=(10.0, 20.0, 30.0, 100.0, 200.0),
    ),
)

_KITTI_EIGEN = Profile(
    'kitti_eigen',
    'Eigen split, monocular: 1e-3 < y < 80 m, Garg crop, median scaling, clamp to the range, mean '
    'over images',
    min_depth_m=1e-3,
    max_depth_m=80.0,
    crops=(_GARG,),
    alignment='median',
    aligned_clip_m=(1e-3, 80.0),
    averaging='images',
)
_IMAGE_PROFILES = (
    _KITTI_EIGEN,
    replace(
        _KITTI_EIGEN,
        name='kitti_eigen_metric',
        summary='kitti_eigen without median scaling, for predictions in metres',
        alignment='none',
    ),
    replace(
        _KITTI_EIGEN,
        name='kitti_eigen_stereo',
        summary='kitti_eigen with the stereo factor 5.4 in place of median scaling',
        alignment='none',
        prediction_factor=5.4,
    ),
    replace(
        _KITTI_EIGEN,
        name='kitti_eigen_benchmark',
        summary='Eigen split with improved targets, monocular: y > 0, no crop, median scaling, '
        'clamp to 1e-3-80 m, mean over images',
        min_depth_m=0.0,
        max_depth_m=math.inf,
        crops=(),
    ),
    Profile(
        'kitti_marigold',
        'Marigold on KITTI: benchmark crop 352x1216, then Eigen crop, 1e-5 < y < 80 m, '
        'least-squares scale and shift, clip to the range, mean over images',
        min_depth_m=1e-5,
        max_depth_m=80.0,
        crops=(_KITTI_BENCHMARK, _EIGEN_KITTI),
        alignment='least_squares',
        aligned_clip_m=(1e-5, 80.0),
        averaging='images',
    ),
    Profile(
        'aligned',
        'every measured pixel, least-squares scale and shift of each image, then at least 1e-6 m, '
        'mean over images',
        alignment='least_squares',
        aligned_clip_m=(_TINY, math.inf),
        averaging='images',
    ),
    Profile(
        'aligned_inverse',
        'Depth AnyEvent: least-squares scale and shift of 1/depth of each image, clip to 80 m, '
        'targets up to 80 m, mean over images',
        max_depth_m=80.0,
        range_bound='inclusive',
        alignment='least_squares_inverse',
        aligned_clip_m=(_TINY, 80.0),
        averaging='images',
    ),
    Profile(
        'nyu',
        'NYU: Eigen crop (rows 45-470 and columns 41-600 of 480x640), 1e-3 < y < 10 m, no '
        'alignment, mean over images',
        min_depth_m=1e-3,
        max_depth_m=10.0,
        crops=(_EIGEN_NYU,),
        averaging='images',
    ),
    Profile(
        'nyu_fastdepth',
        'FastDepth: every measured pixel of the 224x224 frame, no crop, no alignment, mean over '
        'images',
        averaging='images',
    ),
    Profile(
        'completion',
        'depth completion: every measured pixel, no crop, no alignment, mean over images',
        averaging='images',
    ),
    Profile(
        'dsec_disparity',
        'DSEC: disparities in pixels where the target is > 0, all images in one heap; mae, rmse '
        'and the percentage of errors > 1 px and > 2 px',
        quantity='disparity',
        is_zero_a_prediction=True,
    ),
)

_PROFILES = {each.name: each for each in (*_PLAIN, *_EVENT_PROFILES, *_IMAGE_PROFILES)}


def list_profiles() -> tuple[str, ...]:
    """Return the names of all profiles."""
    return tuple(_PROFILES)


def profile_named(name: str) -> Profile:
    """
    Return the profile of that name.

    Raises
    ------
    ProfileError
        If there is none.

    """
    if not isinstance(name, str) or name not in _PROFILES:
        raise ProfileError(
            f'Expected an evaluation profile out of {", ".join(_PROFILES)}, got {name!r}.'
        )
    return _PROFILES[name]
