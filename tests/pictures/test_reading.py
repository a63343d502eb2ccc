"""Pictures are read one by one, in a stream, and in endless batches."""

import errno
import os

from utils.pictures import reading
from utils.pictures.folders import find_pictures
from utils.pictures.reading import BadPicture, batches, read_all, read_picture, stream
from utils.session import tf

import numpy as np
import pytest
from PIL import Image, ImageOps


def test_what_is_no_picture_gets_one_sentence(folder, tmp_path):
    (tmp_path / "a.jpg").write_text("text")
    for path, error, says in [
        (tmp_path / "nowhere.jpg", FileNotFoundError, "There is no picture"),
        (folder, BadPicture, "is a folder"),
        (tmp_path / "a.jpg", BadPicture, "is not a picture that can be read"),
    ]:
        with pytest.raises(error, match=says):
            read_picture(path, 16)


def test_pictures_of_other_forms(tmp_path):
    red = Image.new("RGB", (60, 40), "red")
    turned = Image.new("RGB", (40, 20), "red")
    turned.paste("blue", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    turned.save(tmp_path / "turned.png", exif=exif)
    for mode, name in [
        ("L", "l.png"),
        ("P", "p.gif"),
        ("RGBA", "a.png"),
        ("CMYK", "c.jpg"),
    ]:
        red.convert(mode).save(tmp_path / name)
        pixels = read_picture(tmp_path / name, 8)
        assert (pixels.shape, pixels.dtype) == ((8, 8, 3), np.uint8)
        if mode != "L":
            assert pixels[4, 4, 0] > 200 and pixels[4, 4, 1] < 60, name
    pixels = read_picture(tmp_path / "turned.png", 10)
    assert pixels[5, 1, 0] == 255 and pixels[5, 8, 2] == 255


def test_a_stream_keeps_the_order_and_leaves_out_the_damaged(folder):
    found = find_pictures(folder)
    found.paths[4].write_bytes(b"")
    seen = list(stream(found.paths, 16, batch_size=3))
    assert [indices for indices, _ in seen] == [[0, 1, 2], [3, 5], [6, 7]]
    assert [pixels.shape for _, pixels in seen] == [(n, 16, 16, 3) for n in (3, 2, 2)]


def test_batches_for_fit(folder):
    found = find_pictures(folder)
    once = [labels.numpy().tolist() for _, labels in batches(found, 16, 3)]
    assert once == [[0, 0, 0], [0, 1, 1], [1, 1]]
    endless = batches(found, 16, 8, seed=0).take(3)
    rounds = [labels.numpy().tolist() for _, labels in endless]
    assert [sorted(labels) for labels in rounds] == [[0] * 4 + [1] * 4] * 3
    assert rounds[0] != rounds[1]


def test_batches_of_nothing_but_damaged_pictures_stop_with_a_sentence(folder):
    found = find_pictures(folder)
    for path in found.paths:
        path.write_bytes(b"damaged")
    for seed in (None, 0):
        with pytest.raises(BadPicture, match="None of the 8 pictures can be read"):
            batches(found, 16, seed=seed)


def test_batches_whose_pictures_are_damaged_later_end_with_a_sentence(folder):
    found = find_pictures(folder)
    rounds = batches(found, 16, 8, seed=0)
    for path in found.paths:
        path.write_bytes(b"damaged")
    with pytest.raises(tf.errors.InvalidArgumentError, match="None of the 8 pictures"):
        next(iter(rounds))


@pytest.mark.parametrize("name", ["EMFILE", "EACCES", "EIO", "ENOENT"])
def test_an_error_of_the_system_is_no_damaged_picture(folder, refuse, name):
    found = find_pictures(folder)
    number = getattr(errno, name)
    refuse(found.paths[4], number)
    says = "There is no picture" if name == "ENOENT" else os.strerror(number)
    for read in (
        lambda: read_picture(found.paths[4], 16),
        lambda: list(stream(found.paths, 16)),
        lambda: read_all(found, 16),
    ):
        with pytest.raises(OSError, match=says) as raised:
            read()
        assert str(found.paths[4]) in str(raised.value)


def test_a_cut_off_picture_is_damaged_though_pillow_raises_an_os_error(tmp_path, noise):
    good = noise(tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(good[: len(good) // 2])
    with pytest.raises(BadPicture, match="a.jpg is damaged: image file is truncated"):
        read_picture(tmp_path / "a.jpg", 16)


def test_a_large_jpeg_is_decoded_small(tmp_path, monkeypatch):
    Image.new("RGB", (4000, 3000)).save(tmp_path / "big.jpg")
    sizes, fit = [], ImageOps.fit

    def noting(image, *options):
        sizes.append(image.size)
        return fit(image, *options)

    monkeypatch.setattr(ImageOps, "fit", noting)
    read_picture(tmp_path / "big.jpg", 64)
    assert sizes == [(500, 375)]


def test_a_stream_reads_no_more_than_two_batches_ahead(folder, monkeypatch):
    started, read = [], reading.read_picture

    def counting(*options):
        started.append(1)
        return read(*options)

    monkeypatch.setattr(reading, "read_picture", counting)
    paths = find_pictures(folder).paths * 10
    for number, (indices, _) in enumerate(stream(paths, 16, batch_size=4)):
        assert indices == list(range(4 * number, 4 * number + 4))
        assert len(started) <= 4 * (number + 2)
    assert len(started) == len(paths)


def test_a_picture_that_says_it_is_huge_is_refused_before_it_is_decoded(tmp_path):
    (tmp_path / "huge.pgm").write_bytes(b"P5 20000 20000 255 ")
    with pytest.raises(BadPicture, match=r"20,000 x 20,000 pixels: 100,000,000 in all"):
        read_picture(tmp_path / "huge.pgm", 8)


def test_sixteen_bits_one_pixel_an_animation_and_what_is_transparent(tmp_path):
    grey = np.full((20, 20), 32768, np.uint16)
    Image.fromarray(grey).save(tmp_path / "deep.png")
    assert abs(int(read_picture(tmp_path / "deep.png", 8)[4, 4, 0]) - 128) <= 1
    Image.new("RGB", (1, 1), "red").save(tmp_path / "one.png")
    assert (read_picture(tmp_path / "one.png", 8) == [255, 0, 0]).all()
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    assert (read_picture(tmp_path / "two.gif", 8) == [255, 0, 0]).all()
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (read_picture(tmp_path / "clear.png", 8) == 255).all()
