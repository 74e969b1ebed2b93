"""Tables of every key of a settings file, from the model that reads it."""

import re
import types
import typing

from pydantic import BaseModel

from hevesy.app.settings import Settings
from pages.rows import row


def settings_file():
    """One table a section; the keys above the first section first."""
    top = [row(["`nuclide`", *_about(Settings.model_fields["nuclide"])])]
    sections = [_table("Above the sections", top)]
    for name, field in Settings.model_fields.items():
        model, heading = _section(name, field)
        if model is not None:
            rows = [row([f"`{key}`", *_about(each)]) for key, each in model.model_fields.items()]
            sections.append(_table(heading, rows))
    return "\n".join(sections)


def _section(name, field):
    """The model of a section and its heading in a file; None for a plain key."""
    inner = field.annotation
    arguments = typing.get_args(inner)
    if isinstance(inner, types.UnionType) and isinstance(arguments[0], type) and issubclass(arguments[0], BaseModel):
        inner = arguments[0]
    if typing.get_origin(inner) is tuple:
        return arguments[0], f"`[[{name}]]`, as often as needed"
    if typing.get_origin(inner) is dict:
        return arguments[1], f'`[{name}."NAME"]`, one a region'
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return inner, f"`[{name}]`"
    return None, ""


def _about(field):
    """What is allowed, what holds if the key is left out, and the meaning."""
    if field.is_required():
        default = "must be there"
    elif field.default_factory is not None or field.default in (None, ""):
        default = "not stated"
    else:
        default = f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
    limits = [re.sub(r"\w+\((\w+)=(.*)\)", _limit, repr(each)) for each in field.metadata]
    return ", ".join([_words(field.annotation), *limits]), default, field.description


TYPES = {
    "float": "number",
    "int": "whole number",
    "str": "text",
    "bool": "true or false",
    "NaiveDatetime": "date and time without zone",
}
LIMITS = {
    "gt": "above {}",
    "ge": "at least {}",
    "lt": "below {}",
    "le": "at most {}",
    "min_length": "not empty",
    "allow_inf_nan": "finite",
}


def _limit(found):
    return LIMITS[found[1]].format(found[2])


def _words(annotation):
    """A type as a user of TOML would say it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        limits = [re.sub(r"\w+\((\w+)=(.*)\)", _limit, repr(each)) for each in getattr(arguments[1], "metadata", ())]
        return ", ".join([_words(arguments[0]), *limits])
    if origin in (typing.Union, types.UnionType):
        return ", ".join(_words(each) for each in arguments if each is not type(None))
    if origin is typing.Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is dict:
        return "table of texts"
    return TYPES[annotation.__name__]


def _table(heading, rows):
    head = ["| key | allowed | if left out | meaning |", "|---|---|---|---|"]
    return "\n".join([f"### {heading}", "", *head, *rows, ""])
