"""The stand-in for film reviews: written by rule, and not to be solved by counting words.

Each review has a verdict, and about four of five opinions in it agree with it. About every third
opinion is turned round: by a "not" before the word or further off, or because it is told what was
expected. So the words alone say less than the words in their order.
"""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

REVIEWS = 2_500  # a kind, in each half
AGREE = 0.8  # the share of opinions that agree with the verdict
TURNED = 0.33  # the share of opinions whose word says the opposite

_LISTS = """
good: excellent wonderful great brilliant superb perfect amazing beautiful funny good
bad: awful terrible bad boring dull poor stupid horrible weak lame
aspect: plot story acting cast script music camera ending dialogue pace
aspect: humour editing opening direction costumes scenery action romance drama message
role: doctor teacher soldier thief farmer singer widow sailor lawyer painter
role: cook king spy clerk priest boxer nurse driver butler writer
thing: letter car ring dog boat map clock horse key piano
thing: suitcase lamp gun book ticket mirror bottle violin camera coat
syllable: ka lo mi ren tor vel sa dun bri na ges po lin mar tho el ri fen cu zan
"""
_STRAIGHT = (
    "the {aspect} is {word}",
    "the {aspect} was really {word}",
    "such a {word} {aspect}",
    "{word} {aspect} from start to finish",
    "and what a {word} {aspect} it has",
    "i found the {aspect} {word}",
)
_TURNED = (
    "the {aspect} is not {word}",
    "the {aspect} was never {word}",
    "this is not what i call a {word} {aspect}",
    "nobody could say that the {aspect} is {word}",
    "the {aspect} is anything but {word}",
    "i had expected a {word} {aspect} and got the opposite",
)
_SCENES = (
    "{name} plays a {role} from {place}",
    "a {role} called {name} meets a {other} in {place}",
    "in {place} {name} has lost the {thing}",
    "the {role} and {name} travel to {place} with a {thing}",
    "{name} and a {role} made this film in {place}",
    "i saw it in {place} with a friend who knows {name}",
    "there is a scene with a {thing} and a {role}",
    "it begins when the {role} finds a {thing} near {place}",
)


def reviews() -> dict[tuple[str, str], dict[str, bytes]]:
    """Half and kind ("train" or "test", "neg" or "pos") to REVIEWS texts in UTF-8, by file name."""
    words: dict[str, list[str]] = {}
    for line in _LISTS.strip().splitlines():
        name, some = line.split(": ")
        words.setdefault(name, []).extend(some.split())
    parts = itertools.product(words["syllable"], repeat=2)
    words["name"] = ["".join(part).capitalize() for part in parts]
    texts: dict[tuple[str, str], dict[str, bytes]] = {}
    for seed, key in enumerate(itertools.product(("train", "test"), ("neg", "pos"))):
        rng = np.random.default_rng([18, seed])
        written = [_review(rng, words, key[1] == "pos") for _ in range(REVIEWS)]
        texts[key] = {f"{n}.txt": text.encode() for n, text in enumerate(written)}
    return texts


def _review(
    rng: np.random.Generator, words: Mapping[str, Sequence[str]], good: bool
) -> str:
    """6 to 13 opinions and 1 to 9 scenes in any order."""
    sentences = [_opinion(rng, words, good) for _ in range(rng.integers(6, 14))]
    sentences += [_scene(rng, words) for _ in range(rng.integers(1, 10))]
    shuffled = [sentences[number] for number in rng.permutation(len(sentences))]
    text = ". ".join(sentence[0].upper() + sentence[1:] for sentence in shuffled) + "."
    return text.replace(". ", ".<br /><br />", int(rng.integers(0, 2)))


def _opinion(
    rng: np.random.Generator, words: Mapping[str, Sequence[str]], good: bool
) -> str:
    praise = good == (rng.random() < AGREE)
    turned = rng.random() < TURNED
    word = _one(rng, words["good" if praise != turned else "bad"])
    pattern = _one(rng, _TURNED if turned else _STRAIGHT)
    return pattern.format(aspect=_one(rng, words["aspect"]), word=word)


def _scene(rng: np.random.Generator, words: Mapping[str, Sequence[str]]) -> str:
    name, place = (
        words["name"][int(len(words["name"]) * rng.random() ** 3)] for _ in range(2)
    )
    role, other = _one(rng, words["role"]), _one(rng, words["role"])
    thing = _one(rng, words["thing"])
    return _one(rng, _SCENES).format(
        name=name, place=place, role=role, other=other, thing=thing
    )


def _one(rng: np.random.Generator, words: Sequence[str]) -> str:
    return words[int(rng.random() * len(words))]
