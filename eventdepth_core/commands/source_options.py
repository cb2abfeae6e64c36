"""Options that several commands have: what a source is, and which of its topics are meant."""

import argparse

STREAM_NAMES = ('events', 'image', 'points', 'depth', 'pose')


def add_dataset_options(group: argparse._ArgumentGroup) -> None:
    """Declare what some datasets cannot say about themselves."""
    group.add_argument(
        '--allow-pickled-arrays',
        action='store_true',
        help='read the pickled arrays of SLED, from a source that you trust',
    )
    group.add_argument(
        '--depth-scale-m',
        type=float,
        metavar='M',
        help='metres of the largest value of depth pictures (DDOS)',
    )


def topics_by_stream(text: str) -> dict[str, str]:
    """Return the topics of `events=/a,image=/b` by stream."""
    pairs = [part.partition('=') for part in text.split(',')]
    for stream, _, topic in pairs:
        if stream not in STREAM_NAMES or not topic:
            message = f'expected STREAM=TOPIC with {", ".join(STREAM_NAMES)}, got {text!r}'
            raise argparse.ArgumentTypeError(message)
    return {stream: topic for stream, _, topic in pairs}
