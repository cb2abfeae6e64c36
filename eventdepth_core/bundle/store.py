"""
Where bundles lie and how one is loaded and verified.

Looked through in this order: the shipped folder, the folders in `EVENTDEPTH_BUNDLES` (separated
like PATH), the name as a path. Law: no byte of a graph reaches an engine before its sha256 equals
the manifest's, unless the caller asked for `verify=False`.

"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
import os
from pathlib import Path

from eventdepth_core.bundle.manifest import Bundle
from eventdepth_core.bundle.schema import MANIFEST_NAME, read_manifest
from eventdepth_core.errors import BundleError

SHIPPED_FOLDER = Path(__file__).parents[1] / 'bundles'
FOLDERS_VARIABLE = 'EVENTDEPTH_BUNDLES'


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """A bundle that can be loaded by `name`, and the folder in which it was found."""

    name: str
    folder: Path


def load_bundle(name_or_path: str | os.PathLike[str], *, verify: bool = True) -> Bundle:
    """
    Load a model bundle by name or by the path of its folder.

    Parameters
    ----------
    name_or_path : str or path
        The name of a shipped bundle or of one below `EVENTDEPTH_BUNDLES`, or a folder; an empty
        name is none, not the current folder.
    verify : bool
        Whether to compare the sha256 of each graph with the manifest, now and when an engine
        reads it.

    Returns
    -------
    Bundle
        Its manifest as frozen types; every graph file exists.

    Raises
    ------
    BundleError
        If the bundle, its manifest or a graph is missing, the manifest is not valid, or the
        argument is neither text nor a path.
    ChecksumError
        If a graph is not the one that the manifest describes.

    """
    try:
        folder = _find(name_or_path)
    except (OSError, RuntimeError) as error:  # a name beyond the file system, no home folder
        raise BundleError(f'Expected the name of a bundle or a folder, got: {error}.') from error
    manifest = read_manifest(folder / MANIFEST_NAME)
    bundle = replace(manifest, is_verified=verify)
    for graph in bundle.graphs.values():
        if not graph.path.is_file():
            raise BundleError(
                f'Expected graph {graph.name} of bundle {bundle.name} at {graph.path}, '
                'got no such file.'
            )
        if verify:
            bundle.graph_content(graph.name)
    return bundle


def list_bundles() -> tuple[BundleEntry, ...]:
    """List what `load_bundle` finds by name, in the order of the search; names are unique."""
    entries: dict[str, BundleEntry] = {}
    for parent in _search_path():
        for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
            if (folder / MANIFEST_NAME).is_file():
                entries.setdefault(folder.name, BundleEntry(folder.name, folder))
    return tuple(entries.values())


def _find(name_or_path: str | os.PathLike[str]) -> Path:
    name = _checked_name(name_or_path)
    if os.sep not in name:
        for parent in _search_path():
            if (parent / name / MANIFEST_NAME).is_file():
                return parent / name
    folder = Path(name).expanduser()
    if folder.name == MANIFEST_NAME:
        folder = folder.parent
    if (folder / MANIFEST_NAME).is_file():
        return folder
    known = ', '.join(entry.name for entry in list_bundles()) or 'none'
    if folder.is_dir():
        raise BundleError(f'Expected a {MANIFEST_NAME} in {folder}, got none.')
    raise BundleError(
        f'Expected the name of a bundle ({known}) or a folder with a {MANIFEST_NAME}, '
        f'got {name!r}.'
    )


def _checked_name(name_or_path: object) -> str:
    if not isinstance(name_or_path, str | os.PathLike):
        raise BundleError(
            'Expected the name of a bundle or a path, '
            f'got {name_or_path!r} of type {type(name_or_path).__name__}.'
        )
    name = os.fsdecode(name_or_path)
    if not name:
        raise BundleError("Expected the name of a bundle or a folder, got ''.")
    return name


def _search_path() -> Iterator[Path]:
    yield SHIPPED_FOLDER
    for folder in os.environ.get(FOLDERS_VARIABLE, '').split(os.pathsep):
        if folder:
            yield Path(folder).expanduser()
