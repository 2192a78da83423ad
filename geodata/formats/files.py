"""Names of exported files."""

import re
from urllib.parse import quote

from geodata.formats.format import Format
from layers.layer import Layer

UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def file_name(layer: Layer, format: Format) -> str:
    """The file's name in Chinese, free of what file systems refuse."""
    return f"{UNSAFE.sub('_', layer.title.zh)}.{format.extension}"


def content_disposition(layer: Layer, format: Format) -> str:
    """What tells a browser to save the answer, and under which name (RFC 6266, section 4.3).

    The ASCII name comes first, for readers that know no `filename*` (appendix D).
    """
    encoded = quote(file_name(layer, format), safe="")
    return f"attachment; filename=\"{layer.id}.{format.extension}\"; filename*=UTF-8''{encoded}"
