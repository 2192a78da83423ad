"""Why a file cannot be had."""

from geodata.errors import GeodataError


class UnknownFormatError(GeodataError):
    """A name or an extension that is no format's."""


class TooManyFeaturesError(GeodataError):
    """More than a file of the format can hold: features, or bytes."""


class TooManyExportsError(GeodataError):
    """As many exports are running as may."""


class StalledReaderError(GeodataError):
    """Whoever asked for a file takes nothing of it any more."""


class ExportError(GeodataError):
    """The encoder of a format failed; the log says why."""
