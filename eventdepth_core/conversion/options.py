"""What a user can ask of a conversion, checked once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args, Literal, TypeAlias

from eventdepth_core.errors import InputError
from eventdepth_core.recordings.datasets.options import DatasetOptions, DEFAULT_OPTIONS
from eventdepth_core.recordings.recording import StreamName
from eventdepth_core.recordings.topics import TopicNames

Form: TypeAlias = Literal['bag', 'dsec']
Encoding: TypeAlias = Literal['evt3', 'mono', 'keep']
FORMS: tuple[Form, ...] = get_args(Form)
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)

DEFAULT_SPLIT_BYTES = 512 << 20
DEFAULT_PACKET_US = 1000
EVENT_FILE_SUFFIXES = ('.h5', '.hdf5')


@dataclass(frozen=True, slots=True)
class ConversionOptions:
    """
    How a recording is converted.

    `form` is what to write; None lets the name of the target and the kind of the source say it.
    `names` are the topics of a bag to write, `source_topics` chooses those of a bag to read.
    `dataset`, `camera_path` and `fov_deg` as in `open_recording`. `encoding` is that of the
    packets; keep leaves what the source has. Packets span `packet_us` or more; files of a bag
    folder are closed after `split_bytes` of messages, 0 = never. `shift_us` is added to every
    time. With `allows_loss` events that no target can hold are left out and counted; without,
    they end it.

    Raises
    ------
    InputError
        For a form or encoding that there is not, and for lengths that are not positive.

    """

    form: Form | None = None
    is_events_only: bool = False
    names: TopicNames = field(default_factory=TopicNames)
    source_topics: Mapping[StreamName, str] = field(default_factory=dict)
    dataset: DatasetOptions = DEFAULT_OPTIONS
    camera_path: Path | None = None
    fov_deg: float | None = None
    overwrite: bool = False
    resume: bool = False
    encoding: Encoding = 'evt3'
    packet_us: int = DEFAULT_PACKET_US
    split_bytes: int = DEFAULT_SPLIT_BYTES
    shift_us: int = 0
    allows_loss: bool = False

    def __post_init__(self) -> None:
        if self.form is not None and self.form not in FORMS:
            raise InputError(f'Expected a form out of {", ".join(FORMS)}, got {self.form!r}.')
        if self.encoding not in ENCODINGS:
            raise InputError(
                f'Expected an encoding out of {", ".join(ENCODINGS)}, got {self.encoding!r}.'
            )
        if self.packet_us < 1 or self.split_bytes < 0:
            raise InputError(
                'Expected packet_us >= 1 and split_bytes >= 0, '
                f'got {self.packet_us} and {self.split_bytes}.'
            )
