"""Chapter 18: reviews good or bad, for five seeds, each with its own split into 4,000 reviews to
train and 1,000 to validate, and its own random weights: the best epoch by validation loss (for the
bags of words the C), its accuracy on the validation reviews and on the 5,000 test reviews, the
number of weights, and the seconds of the whole training with its preparation."""

import time

from tools.trials import NotHere, run_cells

import numpy as np

CELLS = ["setup", "parameters", "load", "words", "split", "bag", "bag-fit", "index"]
CELLS += ["encode", "pool", "fit", "cnn", "lstm"]
C: dict = {}  # the chapter's names


def bag(seed, method, most, length=None) -> dict:
    """Logistic regression on words, and on pairs of neighbours for most=2, of whole reviews or of
    their last `length` words."""
    train, valid = C["split"](seed)
    y = C["y_train_all"]
    texts, tests = C["reviews"].x_train, C["reviews"].x_test[: len(C["y_test"])]
    start = time.perf_counter()
    counter, _ = C["count_words"](train, most)
    if length:
        texts = [" ".join(words[-length:]) for words in C["tokens"]]
        tests = [" ".join(words[-length:]) for words in C["tokens_test"]]
    x = counter.fit_transform([texts[number] for number in train])
    x_valid = counter.transform([texts[number] for number in valid])
    model, _ = C["fit_bag"](x, y[train], x_valid, y[valid])
    seconds = time.perf_counter() - start
    x_test = counter.transform(tests)
    found = {"best epoch": 0, "weights": model.coef_.size + 1}
    scores = model.score(x_valid, y[valid]), model.score(x_test, C["y_test"])
    return row(seed, method, found, scores, seconds)


def network(seed, method, make, epochs, rows) -> dict:
    """A network on the integers of `rows`: those to train, to validate and to test with."""
    train, valid = C["split"](seed)
    y = C["y_train_all"]
    C["keras"].backend.clear_session()
    C["set_seed"](seed)
    start = time.perf_counter()
    model = make()
    history = C["fit"](model, epochs, (rows[0], y[train], rows[1], y[valid]))
    seconds = time.perf_counter() - start
    best = 1 + int(np.argmin(history["val_loss"]))
    found = {"best epoch": best, "weights": model.count_params()}
    parts = ((rows[1], y[valid]), (rows[2], C["y_test"]))
    scores = [model.evaluate(*part, verbose=0)[1] for part in parts]
    return row(seed, method, found, scores, seconds)


def row(seed, method, found, scores, seconds) -> dict:
    line = {"method": method, "seed": seed} | found
    line |= {"valid": f"{scores[0]:.4f}", "test": f"{scores[1]:.4f}"}
    line["seconds"] = f"{seconds:.1f}"
    print(*line.values(), flush=True)
    return line


def shuffled(texts, rng) -> list[list[str]]:
    return [[words[i] for i in rng.permutation(len(words))] for words in texts]


def encoded(seed, **options) -> list[np.ndarray]:
    """The integers of this seed's reviews to train and to validate with, and of the test's."""
    train, valid = C["split"](seed)
    index = C["make_index"](train)
    texts = [[C["tokens"][number] for number in part] for part in (train, valid)]
    texts.append(C["tokens_test"])
    if options.pop("shuffle", False):
        texts = [[words[-C["LENGTH"] :] for words in part] for part in texts]
        texts = [shuffled(part, np.random.default_rng([seed, 1])) for part in texts]
    return [C["encode"](part, index, **options) for part in texts]


def rows() -> list[dict]:
    C.update(run_cells("18_text_classification", CELLS))
    if C["source"] != "real":
        raise NotHere("It needs the reviews of the Large Movie Review Dataset.")
    pool, cnn, lstm = C["make_pool"], C["make_cnn"], C["make_lstm"]
    long, middle, few = C["POOL_EPOCHS"], C["CNN_EPOCHS"], C["LSTM_EPOCHS"]
    table = []
    for seed in range(5):
        table.append(bag(seed, "bag of words", 1))
        table.append(bag(seed, "bag, with pairs", 2))
        table.append(bag(seed, "bag, last 256 words", 1, C["LENGTH"]))
        table.append(bag(seed, "pairs, last 256 words", 2, C["LENGTH"]))
        after, before = encoded(seed), encoded(seed, padding="pre")
        mixed = encoded(seed, shuffle=True)
        for line in (
            ("pooling", pool, long, after),
            ("pooling, mask", lambda: pool(mask=True), long, after),
            ("Kim's network", cnn, middle, after),
            ("phrases of one word", lambda: cnn((1,), 150), middle, after),
            ("LSTM, mask", lstm, few, after),
            ("LSTM, no mask", lambda: lstm(mask=False), few, after),
            ("LSTM, zeros in front", lambda: lstm(mask=False), few, before),
            ("LSTM, words shuffled", lstm, few, mixed),
        ):
            table.append(network(seed, *line))
    return table
