"""Errors of the message packages: one for building them, one for what a type turns out to be."""

from eventdepth_core.errors import InstallationError


class MessageBuildError(InstallationError):
    """A message package that is not installed and cannot be built here."""

    reason = 'messages_not_built'


class MessageTypeError(InstallationError):
    """
    A message type whose definition differs from the one that this version was written for.

    `type_name` is the type, `expected` and `actual` what identifies the definitions.

    """

    reason = 'bad_message_type'

    def __init__(self, type_name: str, expected: str, actual: str, origin: str) -> None:
        self.type_name = type_name
        self.expected = expected
        self.actual = actual
        super().__init__(
            f'Expected {type_name} with {expected}, got {actual} from {origin}: the two cannot '
            'exchange messages; install the release of that package that fits, or remove it.'
        )
