"""The Accept header (RFC 9110, 12.5.1)."""


def weights(accept: str) -> dict[str, float]:
    """Weight of each media type that a header names; one that cannot be read counts as 0."""
    return dict(_weight(part) for part in accept.split(","))


def _weight(part: str) -> tuple[str, float]:
    media_type, *parameters = (text.strip() for text in part.split(";"))
    quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    try:
        return media_type.lower(), float(quality)
    except ValueError:
        return media_type.lower(), 0.0
