"""
The message packages that this package can build, by types whose text the core keeps.

One place holds the text of a type and its hash: `eventdepth_core.recordings.definitions`.

"""

from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_core.recordings.definitions import (
    EVENT_PACKET,
    message_definition,
    ODOMETRY,
    own_text,
    TF_MESSAGE,
)


@dataclass(frozen=True, slots=True)
class MessagePackage:
    """
    One package of messages: its name and the full names of the types that we use of it.

    The real package may hold more types; one that we build holds only these.

    """

    name: str
    type_names: tuple[str, ...]

    @property
    def texts(self) -> dict[str, str]:
        """Return the text of each interface file by its path, e.g. `msg/EventPacket.msg`."""
        return {
            f'{type_name.removeprefix(f"{self.name}/")}.msg': own_text(type_name)
            for type_name in self.type_names
        }

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the packages whose types these types contain, sorted."""
        lines = '\n'.join(message_definition(each) for each in self.type_names).splitlines()
        named = {line.split()[1].split('/')[0] for line in lines if line.startswith('MSG: ')}
        return tuple(sorted(named - {self.name}))


PACKAGES = {
    package.name: package
    for package in (
        MessagePackage('event_camera_msgs', (EVENT_PACKET,)),
        MessagePackage('nav_msgs', (ODOMETRY,)),
        MessagePackage('tf2_msgs', (TF_MESSAGE,)),
    )
}


def package_named(name: str) -> MessagePackage:
    """
    Return the package of that name.

    Raises
    ------
    InputError
        For a package that is none of ours.

    """
    if name not in PACKAGES:
        raise InputError(f'Expected a package out of {", ".join(PACKAGES)}, got {name!r}.')
    return PACKAGES[name]
