"""How the documentation is built; `pages.py` writes the pages that hold numbers before Sphinx reads them."""

import sys
from pathlib import Path

import hevesy

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import mathml  # noqa: E402
import pages  # noqa: E402

project = "Hevesy"
author = copyright = "The Hevesy developers"
version = release = hevesy.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "**/_generated/**"]
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"Hevesy {release}"
html_show_sphinx = False
html_math_renderer = "mathml"

autodoc_member_order = "bysource"
autodoc_typehints = "none"


def setup(app):
    """Formulas as MathML, generated pages, and docstrings as they stand in the code."""
    app.add_html_math_renderer("mathml", mathml.INLINE, mathml.BLOCK)
    app.connect("builder-inited", lambda app: pages.write_all(HERE))
    app.connect("autodoc-process-docstring", pages.as_written)
