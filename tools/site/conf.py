"""Sphinx's settings of the book. Nothing is executed, and no page asks another host."""

from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.errors import SphinxError

project = "Deep learning with TensorFlow"
html_title = project
language = "en"

extensions = ["myst_nb"]
nb_execution_mode = "off"
nb_code_prompt_show = "Show the setup"
nb_code_prompt_hide = "Hide the setup"
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
templates_path = ["templates"]

html_theme = "furo"
FONTS = Path(find_spec("ziamath").origin).parent / "fonts"
html_static_path = ["course.css", str(FONTS / "STIXTwoMath-Regular.ttf")]
html_favicon = "icon.svg"
html_css_files = ["course.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_domain_indices = False
html_math_renderer = "mathml"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def mathml(formula: str, display: str) -> str:
    """The formula in MathML, which browsers draw without a script."""
    drawn = convert(formula, display=display)
    if "\\" in drawn:  # a command that the converter does not know
        raise SphinxError(f"No MathML for this formula: {formula}")
    return drawn


def inline(translator, node: nodes.math) -> None:
    formula = mathml(node.astext(), "inline")
    translator.body.append(f'<span class="math">{formula}</span>')
    raise nodes.SkipNode


def display(translator, node: nodes.math_block) -> None:
    formula = mathml(node.astext(), "block")
    translator.body.append(f'<div class="math">{formula}</div>')
    raise nodes.SkipNode


def place_terms(app, doctree: nodes.document) -> None:
    """The place of a term is the term, not an empty one before it: the search quotes it."""
    for target in list(doctree.findall(nodes.target)):
        if isinstance(target.parent, nodes.strong):
            target.parent["ids"] += target["ids"]
            target.parent.remove(target)


def rank_captions(app, name, template, context: dict, doctree) -> None:
    """The theme calls the parts' names headings; a screen reader asks of which rank."""
    tree = context["furo_navigation_tree"]
    ranked = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    context["furo_navigation_tree"] = ranked


def setup(app) -> dict:
    app.connect("html-page-context", rank_captions, priority=900)
    app.connect("doctree-read", place_terms)
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
