"""Placeholders of drivers that do not send ``$1``."""

from __future__ import annotations

_PLACEHOLDER = r"\$(\d+)"
_named: dict[str, str] = {}
_positional: dict[str, tuple[str, list[int]]] = {}


def named(sql: str) -> str:
    """Returns ``sql`` with ``%(p1)s`` for ``$1``."""
    text = _named.get(sql)
    if text is None:
        import re  # most drivers do without, and it takes longer to import than the package

        text = _named[sql] = re.sub(_PLACEHOLDER, r"%(p\1)s", sql.replace("%", "%%"))
    return text


def positional(sql: str) -> tuple[str, list[int]]:
    """Returns ``sql`` with ``%s`` for each use of a parameter, and the parameters' places in the order of their uses."""
    pair = _positional.get(sql)
    if pair is None:
        import re

        places = [int(number) - 1 for number in re.findall(_PLACEHOLDER, sql)]
        pair = _positional[sql] = (re.sub(_PLACEHOLDER, "%s", sql.replace("%", "%%")), places)
    return pair
