"""What a dataset cannot say about itself and its user must."""

from dataclasses import dataclass

from eventdepth_core.errors import InputError


@dataclass(frozen=True, slots=True)
class DatasetOptions:
    """
    Choices for datasets that need them.

    `allow_pickled_arrays` lets SLED's .npz files be read, whose arrays are pickled: only arrays
    are built, through a list of what is allowed, but the file should come from a source you
    trust. `depth_scale_m` is the depth in metres of the largest value of DDOS's depth pictures.

    Raises
    ------
    InputError
        For a scale that is not positive.

    """

    allow_pickled_arrays: bool = False
    depth_scale_m: float | None = None

    def __post_init__(self) -> None:
        if self.depth_scale_m is not None and not self.depth_scale_m > 0:
            raise InputError(f'Expected depth_scale_m > 0, got {self.depth_scale_m}.')


DEFAULT_OPTIONS = DatasetOptions()
