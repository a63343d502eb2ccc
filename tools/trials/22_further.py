"""Chapter 22: test accuracy on the flower photographs in five splits, 20 and 40 labels of each
kind to learn from and 40 others of each to test, for each way to get further than a head on
MobileNetV2: mirror images, another layer, fine-tuning of the blocks after block 12 for 8 epochs
at three rates, and the course's network from scratch with augmentation, 60 epochs."""

from tools.trials import NotHere, run_cells
from utils.pictures import course_network, read_all
from utils.session import keras, set_seed
from utils.training import train

import numpy as np
from keras import layers

LAYERS = [
    "block_3_project_BN",
    "block_6_project_BN",
    "block_9_add",
    "block_12_add",
    "block_13_project_BN",
    "block_15_add",
    "block_16_project_BN",
]
CELLS = ["setup", "parameters", "flowers", "backbone", "bottleneck", "splits", "head"]
RATES = [1e-5, 1e-4, 3e-4]


def rows() -> list[dict]:
    chapter = run_cells(
        "22_transfer_learning_flowers", [*CELLS, "cut", "tune", "frozen", "tune-steps"]
    )
    if chapter["source"] != "real":
        raise NotHere("It needs the flower photographs and MobileNetV2's weights.")
    table = []

    def note(way, seed, count, accuracy):
        table.append(
            {"way": way, "split": seed, "labels": count, "accuracy": f"{accuracy:.4f}"}
        )
        print(*table[-1].values(), flush=True)

    pictures, labels = chapter["pictures"], chapter["labels"]
    pixels = read_all(pictures, chapter["backbone"].side)
    model = chapter["backbone"].model
    outputs = [model.get_layer(name).output for name in LAYERS]
    means = [layers.GlobalAveragePooling2D()(output) for output in outputs]
    inside = keras.Model(model.input, [*means, model.output])
    straight = inside.predict(pixels, verbose=0)
    mirrored = inside.predict(pixels[:, :, ::-1], verbose=0)
    x = dict(zip([f"layer {name}" for name in LAYERS], straight, strict=False))
    x["head"] = straight[-1]
    x["mirror images averaged"] = (straight[-1] + mirrored[-1]) / 2
    small = read_all(pictures, 64).astype("float32")
    for seed in range(5):
        learn, test = chapter["draw_split"](seed)
        for count in (20, 40):
            few = learn[:, :count].ravel()
            y = labels[few]
            for way, values in x.items():
                head = chapter["make_head"]().fit(values[few], y)
                note(way, seed, count, head.score(values[test], labels[test]))
            both = np.concatenate([straight[-1][few], mirrored[-1][few]])
            head = chapter["make_head"]().fit(both, np.concatenate([y, y]))
            score = head.score(straight[-1][test], labels[test])
            note("head, with mirror images", seed, count, score)
            for rate in RATES:
                tuned = chapter["tune"](few, rate)
                answers = tuned.predict(pixels[test], verbose=0).argmax(axis=1)
                score = np.mean(answers == labels[test])
                note(f"fine-tuned, rate {rate:g}", seed, count, score)
            score = from_scratch(small[few], y, small[test], labels[test], seed)
            note("from scratch", seed, count, score)
    return table


def from_scratch(x, y, x_test, y_test, seed):
    """The course's network with random weights, all of them trained."""
    set_seed(seed)
    network = course_network()
    inputs = keras.Input(network.input_shape[1:])
    varied = layers.RandomFlip("horizontal")(inputs)
    varied = layers.RandomTranslation(0.1, 0.1)(varied)
    varied = layers.RandomZoom(0.15)(varied)
    varied = layers.RandomBrightness(0.2, value_range=(0, 255))(varied)
    model = keras.Model(inputs, layers.Dense(5)(network(varied)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    adam = keras.optimizers.Adam(0.001)
    train(model, loss, adam, x, y, epochs=60, batch_size=20, seed=seed)
    return np.mean(model.predict(x_test, verbose=0).argmax(axis=1) == y_test)
