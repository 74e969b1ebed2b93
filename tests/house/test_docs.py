"""What a user can type is in the documents: commands and options in the reference, examples in pages."""

import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
import typing
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"


def _page_module():
    """The module that makes the reference page of commands."""
    path = DOCS / "pages" / "command_line.py"
    spec = importlib.util.spec_from_file_location("command_line_page", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page():
    return _page_module()


@pytest.fixture(scope="module")
def reference(page):
    return page.command_line()


def written_by_hand() -> str:
    """All pages but the generated ones, and the README."""
    pages = [p for p in DOCS.rglob("*.md") if not {"_generated", "_build"} & set(p.relative_to(DOCS).parts)]
    return "\n".join(p.read_text("utf-8") for p in [PROJECT / "README.md", *pages])


def registered():
    """Commands and their options as the program itself has them."""
    from typer.main import get_command

    from hevesy.cli.main import program

    return {
        name: [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
        for name, command in get_command(program).commands.items()
    }


def test_the_main_commands_are_there():
    assert {"demo", "inspect", "dose", "nuclide", "fit"} <= set(registered())


def test_every_command_and_option_is_in_the_reference(page, reference):
    assert set(page.commands(page.help_text())) == set(registered())
    for name, options in registered().items():
        section = re.search(rf"^## hevesy {name}\n(.*?)(?=^## |\Z)", reference, re.DOTALL | re.MULTILINE)
        assert section, name
        missing = [option for option in options if option not in section.group(1)]
        assert not missing, f"hevesy {name}: {missing} not in the reference"


def test_every_command_has_an_example():
    text = written_by_hand()
    assert [name for name in registered() if f"hevesy {name} " not in text] == []


def test_every_public_name_says_what_it_is():
    """The reference of the library is made from docstrings: a name without one would be missing there."""
    import hevesy

    bare = []
    for room in pkgutil.iter_modules(hevesy.__path__):
        module = importlib.import_module(f"hevesy.{room.name}")
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if (inspect.isclass(thing) or inspect.isfunction(thing)) and not inspect.getdoc(thing):
                bare.append(f"{room.name}.{name}")
    assert bare == []


def test_every_setting_is_explained():
    from hevesy.app.settings import Settings

    def unexplained(model, path):
        for key, field in model.model_fields.items():
            inner = [a for a in (field.annotation, *typing.get_args(field.annotation)) if inspect.isclass(a)]
            nested = [a for a in inner if hasattr(a, "model_fields")]
            for each in nested:
                yield from unexplained(each, f"{path}{key}.")
            if not nested and not field.description:
                yield f"{path}{key}"

    assert list(unexplained(Settings, "")) == []


def test_every_page_is_linked():
    """A page that no table of contents names cannot be found."""
    for page in DOCS.rglob("*.md"):
        inside = page.relative_to(DOCS)
        if {"_generated", "_build"} & set(inside.parts) or page == DOCS / "index.md":
            continue
        home = page.parent.parent if page.name == "index.md" else page.parent
        listed = (home / "index.md").read_text("utf-8")
        name = f"{page.parent.name}/index" if page.name == "index.md" else page.stem
        assert re.search(rf"^{re.escape(name)}$", listed, re.MULTILINE), f"{inside} is in no table of contents"
