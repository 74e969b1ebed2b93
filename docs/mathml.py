"""Formulas as MathML, which browsers draw themselves: the documentation needs no script from a network."""

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.logging import getLogger

LOG = getLogger(__name__)


def _drawn(node, as_block):
    tex = node.astext().replace(r"\dots", r"\ldots")
    if as_block and r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    try:
        return tex2mathml(tex, as_block=as_block)
    except MathError as error:
        LOG.warning("formula %r: %s", node.astext(), error, location=node)
        return f"<code>{node.astext()}</code>"


def _inline(writer, node):
    writer.body.append(_drawn(node, as_block=False))
    raise nodes.SkipNode


def _block(writer, node):
    writer.body.append(f'<div style="margin: 1em 0">{_drawn(node, as_block=True)}</div>\n')
    raise nodes.SkipNode


INLINE = (_inline, None)
BLOCK = (_block, None)
