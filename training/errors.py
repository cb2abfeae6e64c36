"""Errors of training that a user can cause: settings, splits, run folders."""

from eventdepth_core.errors import EventDepthError


class ConfigError(EventDepthError, ValueError):
    """A setting that is out of range or contradicts another."""

    reason = 'bad_config'


class SplitError(EventDepthError):
    """A split without sequences, or one that names what is not there."""

    reason = 'bad_split'


class LeakError(SplitError):
    """The same recording in two splits."""

    reason = 'leak'


class RunError(EventDepthError):
    """A run folder that is not what the command needs."""

    reason = 'bad_run'
