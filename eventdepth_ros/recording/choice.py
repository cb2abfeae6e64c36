"""
Which topics of a graph are recorded.

Listed topics, and those that match a regular expression, less those that match another; with
neither list nor expression all of them. The expressions match anywhere in the resolved name.

"""

from dataclasses import dataclass
import re

from eventdepth_core.errors import InputError

QUIET_TOPICS = frozenset({'/rosout', '/parameter_events'})


@dataclass(frozen=True, slots=True)
class TopicChoice:
    """
    The rule: `topics` resolved names, `regex` and `exclude` '' for none.

    Raises InputError for an expression that is none.

    """

    topics: tuple[str, ...] = ()
    regex: str = ''
    exclude: str = ''

    def __post_init__(self) -> None:
        for name in ('regex', 'exclude'):
            try:
                re.compile(getattr(self, name))
            except re.error as error:
                raise InputError(
                    f'Expected a regular expression as {name}, got {getattr(self, name)!r}: '
                    f'{error}.'
                ) from error

    def has(self, topic: str) -> bool:
        """Return whether a topic is recorded."""
        if topic in self.topics:
            return True
        if self.exclude and re.search(self.exclude, topic):
            return False
        if self.regex:
            return re.search(self.regex, topic) is not None
        return not self.topics and topic not in QUIET_TOPICS
