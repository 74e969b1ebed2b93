"""An unknown name is answered with the nearest known ones, never guessed."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """Two sentences for the end of a refusal: what was perhaps meant, and what there is."""
    names = {text.casefold(): text for text in known}
    near = difflib.get_close_matches(name.casefold().replace(" ", "-"), names, n=3, cutoff=0.5)
    meant = f"Did you mean {', '.join(names[text] for text in near)}? " if near else ""
    return f"{meant}Known are {', '.join(names.values())}."
