"""Identifiers of features."""

import re

from geodata.database.tables import ID_PATTERN


def is_feature_id(text: str) -> bool:
    """Whether a layer may hold a feature of that id.

    PostgreSQL refuses some texts outright (NUL); what cannot be an id is not looked up.
    """
    return re.fullmatch(ID_PATTERN, text) is not None
