"""Diagrams: every drawing is one figure of the sheet's size, and bad input is one sentence."""

import warnings

from utils import diagrams, plots, sheet

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

matplotlib.use("agg")


FORMS = {"one to many": ("x--", "yyy"), "many to one": ("xxx", "--y")}


@pytest.fixture(autouse=True)
def figures(monkeypatch):
    """The figures that are shown, in order; drawn with the course's style."""
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    with plt.style.context([]):
        plots.use_style()
        yield shown
    plt.close("all")


def parts(figure, kind):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, kind)]


def words(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def draw_all():
    diagrams.draw_neuron()
    diagrams.draw_perceptron(["x1", "x2"], ["w1", "w2"], title="A unit")
    diagrams.draw_network([2, 5, 3, 1], names=["in", "a", "b", "out"], title="A net")
    diagrams.draw_network([784, 100, 10], names=["pixels", "hidden", "digits"])
    diagrams.draw_graph({"x": [], "square": ["x"], "sum": ["x", "square"]})
    diagrams.draw_blocks(["data", "model"], captions=["rows", "rules"], title="Row")
    diagrams.draw_forms(FORMS, title="Forms")
    diagrams.draw_unrolled(["h", "e", "l", "l", "o"], title="Unrolled")
    diagrams.draw_lstm(title="LSTM")
    diagrams.draw_gru(title="GRU")


def test_each_draws_one_figure_that_is_600_pixels_wide(figures, tmp_path):
    draw_all()
    assert len(figures) == 10
    for figure in figures:
        assert figure.get_size_inches()[0] * figure.dpi == 600
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            figure.savefig(tmp_path / "one.png", bbox_inches="tight")  # as Jupyter does
            figure.canvas.draw()


def test_all_texts_lie_on_the_sheet_are_legible_and_do_not_meet(figures):
    draw_all()
    for figure in figures:
        renderer = figure.canvas.get_renderer()
        texts = [text for text in figure.axes[0].texts if text.get_text()]
        frames = [text.get_window_extent(renderer) for text in texts]
        for text, frame in zip(texts, frames, strict=True):
            assert text.get_fontsize() >= 9
            assert figure.bbox.containsx(frame.x0) and figure.bbox.containsx(frame.x1)
            assert figure.bbox.containsy(frame.y0) and figure.bbox.containsy(frame.y1)
        for i, frame in enumerate(frames):
            assert not any(frame.overlaps(other) for other in frames[i + 1 :])


def test_a_perceptron_has_a_circle_for_each_input_and_three_more(figures):
    diagrams.draw_perceptron(["x1", "x2", "x3"], ["w1", "w2", "w3"], bias="bias")
    (figure,) = figures
    assert len(parts(figure, Circle)) == 6
    assert len(parts(figure, FancyArrowPatch)) == 6
    assert {"x3", "w3", "bias", "sum", "step", "y"} <= set(words(figure))


def test_a_long_output_stays_in_its_circle(figures):
    diagrams.draw_perceptron(["x"], ["1.4"], "3.5", "none", "1.4 x + 3.5")
    (figure,) = figures
    renderer = figure.canvas.get_renderer()
    last = parts(figure, Circle)[-1].get_window_extent(renderer)
    (text,) = [t for t in figure.axes[0].texts if t.get_text() == "1.4 x + 3.5"]
    assert text.get_window_extent(renderer).width < last.width


def test_a_network_has_a_circle_a_unit_and_an_arrow_a_weight(figures):
    diagrams.draw_network([2, 5, 3, 1])
    (figure,) = figures
    assert len(parts(figure, Circle)) == 11
    assert len(parts(figure, FancyArrowPatch)) == 2 * 5 + 5 * 3 + 3 * 1
    colours = [to_hex(circle.get_edgecolor()) for circle in parts(figure, Circle)]
    assert colours[0] == plots.SKY.lower() and colours[-1] == plots.GREEN.lower()
    assert set(colours[2:-1]) == {plots.ORANGE.lower()}


def test_of_a_large_layer_six_units_and_the_number_are_drawn(figures):
    weights = np.zeros((784, 2))
    weights[0, 0], weights[783, 1], weights[400, 0] = 1, -1, 2
    diagrams.draw_network([784, 2], weights=[weights], names=["pixels", "kinds"])
    (figure,) = figures
    assert len(parts(figure, Circle)) == 6 + 2
    assert "pixels\n784 units" in words(figure)
    arrows = parts(figure, FancyArrowPatch)
    thick = [a for a in arrows if a.get_linewidth() > 1]
    assert thick == [arrows[0], arrows[-1]]  # of the first unit and the last
    assert thick[0].get_linewidth() == thick[1].get_linewidth() < 3.3


def test_the_width_of_a_line_is_its_weight_and_the_colour_its_sign(figures):
    diagrams.draw_network([3, 1], weights=[[[2.0], [-1.0], [0.0]]])
    arrows = parts(figures[0], FancyArrowPatch)
    assert [a.get_linewidth() for a in arrows] == pytest.approx([3.3, 1.8, 0.3])
    colours = [to_hex(a.get_edgecolor()) for a in arrows[:2]]
    assert colours == [plots.BLUE.lower(), plots.RED.lower()]


def test_weights_that_are_all_zero_are_thin_lines(figures):
    diagrams.draw_network([2, 1], weights=[np.zeros((2, 1))])
    assert {a.get_linewidth() for a in parts(figures[0], FancyArrowPatch)} == {0.3}


def test_a_graph_stands_in_the_order_of_its_computation(figures):
    nodes = {"sum": ["product", "b"], "b": [], "x": [], "w": [], "product": ["x", "w"]}
    diagrams.draw_graph(nodes)
    (figure,) = figures
    right = {t.get_text(): t.get_position()[0] for t in figure.axes[0].texts}
    assert right["x"] == right["w"] < right["product"] == right["b"] < right["sum"]
    assert len(parts(figure, FancyBboxPatch)) == 5
    assert len(parts(figure, FancyArrowPatch)) == 4


def test_a_graph_may_run_from_right_to_left(figures):
    diagrams.draw_graph({"error": [], "dw": ["error"]}, leftwards=True)
    (figure,) = figures
    right = {t.get_text(): t.get_position()[0] for t in figure.axes[0].texts}
    assert right["dw"] < 3 < right["error"]


def test_a_row_of_blocks_is_joined_and_has_captions(figures):
    row = ["conv\n6", "pool", "conv\n16", "pool", "dense\n120", "dense\n84", "softmax"]
    diagrams.draw_blocks(row, captions=["a", "b", "c", "d", "e", "f", "g"])
    (figure,) = figures
    assert len(parts(figure, FancyBboxPatch)) == 7
    assert len(parts(figure, FancyArrowPatch)) == 6
    assert set("abcdefg") <= set(words(figure))


def test_a_form_has_a_box_for_each_step_input_and_answer(figures):
    diagrams.draw_forms(FORMS)
    (figure,) = figures
    assert len(parts(figure, FancyBboxPatch)) == 3 + 1 + 3 + 3 + 3 + 1
    assert len(parts(figure, FancyArrowPatch)) == 2 + 1 + 3 + 2 + 3 + 1
    assert words(figure).count("x") == words(figure).count("y") == 4
    assert set(FORMS) <= set(words(figure))


def test_an_unrolled_network_has_a_cell_for_each_step_and_the_loop_touches_one(figures):
    diagrams.draw_unrolled(["h", "e"])
    (figure,) = figures
    assert words(figure).count("cell") == 1 + 2
    assert {"h", "e", "$h_0$", "$h_2$", "$y_2$", "$x_t$", "$y_t$"} <= set(words(figure))
    (loop,) = figure.axes[0].lines
    cell = parts(figure, FancyBboxPatch)[0].get_bbox()
    assert loop.get_xdata()[0] == pytest.approx(cell.x1)
    assert cell.y0 < loop.get_ydata()[0] < cell.y1


@pytest.mark.parametrize(("kind", "sigmoids"), [("lstm", 3), ("gru", 2)])
def test_a_cell_has_its_gates(kind, sigmoids, figures):
    getattr(diagrams, f"draw_{kind}")()
    shown = " ".join(words(figures[0]))
    assert shown.count("sigmoid") == sigmoids
    assert ("$c_t$" in shown) == (kind == "lstm")
    assert len(parts(figures[0], Circle)) == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda d: d.draw_perceptron(["x"], ["w", "v"]),
            "as many weights",
        ),
        (lambda d: d.draw_perceptron([], []), "one input or more"),
        (lambda d: d.draw_perceptron("xy", ["w", "v"]), "inputs is a list of texts"),
        (lambda d: d.draw_network([3]), "two or more whole numbers"),
        (lambda d: d.draw_network([3, 0]), "above 0, not"),
        (lambda d: d.draw_network([3, 1.5]), "whole numbers"),
        (lambda d: d.draw_network([3, "two"]), "whole numbers"),
        (lambda d: d.draw_network([3, 1], names=["a"]), "1 names do not fit 2 layers"),
        (
            lambda d: d.draw_network([3, 1], weights=[np.ones((1, 3))]),
            r"\[\(3, 1\)\], not \[\(1, 3\)\]",
        ),
        (lambda d: d.draw_network([1, 1], weights=[[[np.nan]]]), "finite"),
        (lambda d: d.draw_graph({}), "no nodes"),
        (lambda d: d.draw_graph({"a": ["b", "c"]}), "missing: b, c"),
        (lambda d: d.draw_graph({"a": ["b"], "b": ["a"]}), "in a circle: a, b"),
        (lambda d: d.draw_graph({"a": "b", "b": []}), "list of texts"),
        (lambda d: d.draw_blocks([]), "one block or more"),
        (
            lambda d: d.draw_blocks(["a"], captions=["b", "c"]),
            "as many captions or none",
        ),
        (lambda d: d.draw_forms({}), "one character a step"),
        (lambda d: d.draw_forms({"a": ("xx", "y")}), "one character a step"),
        (lambda d: d.draw_forms({"a": ("x" * 20, "y" * 20)}), "do not fit"),
        (lambda d: d.draw_unrolled([]), "One to five steps"),
        (lambda d: d.draw_unrolled("abcdef"), "not 6"),
        (lambda d: d.draw_blocks(["a long text here"] * 9), "do not fit side by side"),
    ],
)
def test_bad_input_is_answered_by_one_sentence(call, message, figures):
    with pytest.raises(ValueError, match=message) as error:
        call(diagrams)
    assert "\n" not in str(error.value)
    assert not figures and not plt.get_fignums()


def test_columns_share_the_sheet():
    assert sheet.columns([1.0], 0.5) == [3.0]
    first, second = sheet.columns([1.0, 2.0], 0.5)
    assert (first, second) == pytest.approx((1.75, 3.75))
