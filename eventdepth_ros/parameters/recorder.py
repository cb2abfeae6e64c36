"""Parameters of the recorder node."""

from dataclasses import dataclass

from eventdepth_ros.parameters.row import parameter


@dataclass(frozen=True, slots=True)
class RecorderParameters:
    """What is recorded, and where to."""

    output: str = parameter(
        'output',
        '',
        'Bag to write: a folder, or one file where the name ends with .mcap.',
        read_only=True,
    )
    overwrite: bool = parameter(
        'overwrite', False, 'Replace a bag of that name at the end.', read_only=True
    )
    topics: tuple[str, ...] = parameter(
        'topics', (), 'Topics to record; remapping rules apply to them.', read_only=True
    )
    regex: str = parameter(
        'regex',
        '',
        'Also topics that this regular expression finds; without topics and regex, all of them.',
        read_only=True,
    )
    exclude: str = parameter(
        'exclude', '', 'Never topics that this regular expression finds.', read_only=True
    )
    stamp: str = parameter(
        'stamp',
        'receive',
        'Record time: when a message came (node clock), or the stamp of its header.',
        choices=('receive', 'header'),
        read_only=True,
    )
    max_queue_bytes: int = parameter(
        'max_queue_bytes',
        64 << 20,
        'Bytes that may wait for the disk; beyond them the oldest messages are dropped, counted.',
        minimum=1 << 16,
        maximum=1 << 34,
        read_only=True,
    )
