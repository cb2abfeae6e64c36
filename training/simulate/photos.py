"""
Photographs for textures, split so that no photo of the test split is ever seen in training.

All come with scikit-image and scikit-learn. The stereo pair `motorcycle` of scikit-image and the
recordings used for evaluation are not among them.

"""

from typing import cast, Literal, TypeAlias

from eventdepth_core.types import Float32
import numpy as np

Split: TypeAlias = Literal['train', 'val', 'test']
SPLITS: tuple[Split, ...] = ('train', 'val', 'test')

PHOTO_NAMES: dict[Split, tuple[str, ...]] = {
    'train': (
        'astronaut',
        'brick',
        'camera',
        'cell',
        'chelsea',
        'china.jpg',
        'grass',
        'hubble_deep_field',
        'immunohistochemistry',
        'page',
        'retina',
    ),
    'val': ('rocket', 'text'),
    'test': ('clock', 'coffee', 'coins', 'colorwheel', 'flower.jpg', 'gravel', 'moon'),
}


def load_photos(split: Split) -> tuple[Float32, ...]:
    """Return the photos of a split, each float32 (H, W, 3) RGB in [0, 1]."""
    return tuple(_load_photo(name) for name in PHOTO_NAMES[split])


def _load_photo(name: str) -> Float32:
    import skimage.data
    from sklearn.datasets import load_sample_image

    raw = load_sample_image(name) if '.' in name else getattr(skimage.data, name)()
    image = np.asarray(raw, dtype=np.float32) / 255.0
    if image.ndim == 2:
        image = np.repeat(image[..., None], 3, axis=2)
    return cast('Float32', np.ascontiguousarray(image[..., :3]))
