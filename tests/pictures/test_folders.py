"""Folders of labelled pictures, good and bad; their split."""

import errno
import shutil

from utils.pictures.folders import find_pictures, split

import numpy as np
import pytest
from PIL import Image


def test_a_readers_own_folder_gives_its_labels(folder, capsys):
    found = find_pictures(folder)
    assert found.class_names == ("cat", "dog")
    assert found.labels.tolist() == [0] * 4 + [1] * 4
    assert found.names()[0] == "cat/0.jpg"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("count", "says"), [(0, "no picture"), (1, "one picture")])
def test_a_class_of_none_or_one_is_named_and_left_out(
    folder, noise, capsys, count, says
):
    (folder / "bird").mkdir()
    if count:
        noise(folder / "bird" / "a.jpg", seed=99)
    assert find_pictures(folder).class_names == ("cat", "dog")
    said = capsys.readouterr().out
    assert said == f"The class 'bird' has {says} and is left out: it needs two.\n"


def test_fewer_than_two_classes_stop_with_a_sentence(folder):
    shutil.rmtree(folder / "dog")
    with pytest.raises(ValueError, match="has 1 class folders with pictures"):
        find_pictures(folder)


def test_a_folder_that_is_none(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        find_pictures(tmp_path / "nowhere")
    with pytest.raises(NotADirectoryError, match="is a file"):
        find_pictures(folder / "cat/0.jpg")


def test_a_picture_in_two_classes_is_warned_of_and_not_used(folder, capsys):
    shutil.copy(folder / "cat/0.jpg", folder / "dog/other name.jpg")
    found = find_pictures(folder)
    assert (
        capsys.readouterr().out
        == "Check the labels: cat/0.jpg and dog/other name.jpg are the same picture "
        "in two classes, so none of them is used.\n"
    )
    assert not {"cat/0.jpg", "dog/other name.jpg"} & set(found.names())


def test_a_second_copy_in_a_class_is_counted_and_skipped(folder, capsys):
    shutil.copy(folder / "cat/0.jpg", folder / "cat/copy.jpg")
    assert len(find_pictures(folder)) == 8
    said = capsys.readouterr().out
    assert said == "1 picture is copied within its class and skipped: cat/copy.jpg.\n"


def test_what_is_no_picture_by_its_name_is_left_alone(folder):
    (folder / "LICENSE.txt").write_text("a file beside the classes")
    (folder / "cat/notes.txt").write_text("a file inside a class")
    (folder / "cat/._0.jpg").write_bytes(b"what macOS leaves on other discs")
    (folder / ".git").mkdir()
    assert len(find_pictures(folder)) == 8


def test_large_pictures_that_differ_in_their_middle_are_not_copies(folder, capsys):
    for value, kind in enumerate(("cat", "dog")):
        pixels = np.zeros((500, 500, 3), np.uint8)
        pixels[250, 250] = value
        Image.fromarray(pixels).save(folder / kind / "large.bmp")
    assert (folder / "cat/large.bmp").stat().st_size > 2**19
    assert len(find_pictures(folder)) == 10
    assert capsys.readouterr().out == ""


def test_copies_of_large_pictures_are_found(folder, capsys):
    Image.new("RGB", (500, 500)).save(folder / "cat/a.bmp")
    shutil.copy(folder / "cat/a.bmp", folder / "cat/b.bmp")
    assert len(find_pictures(folder)) == 9
    said = capsys.readouterr().out
    assert said == "1 picture is copied within its class and skipped: cat/b.bmp.\n"


def test_pictures_of_kinds_that_cannot_be_read_are_counted_and_named(folder, capsys):
    for name in (
        "cat/a.heic",
        "cat/b.HEIC",
        "dog/c.tif",
        "dog/Thumbs.db",
        "dog/.d.tif",
    ):
        (folder / name).write_bytes(b"not looked at")
    assert len(find_pictures(folder)) == 8
    assert (
        capsys.readouterr().out
        == "3 pictures are of a kind that cannot be read here (.heic, .tif; save as JPEG "
        "or PNG) and skipped: cat/a.heic, cat/b.HEIC, dog/c.tif.\n"
    )


def test_many_that_cannot_be_read_are_counted_and_the_first_named(folder, capsys):
    for number in range(12):
        (folder / "cat" / f"{number:02}.avif").write_bytes(b"not looked at")
    find_pictures(folder)
    said = capsys.readouterr().out
    assert said.startswith("12 pictures are of a kind that cannot be read here (.avif;")
    assert said.endswith("cat/09.avif, 2 more.\n")


def test_a_system_that_refuses_a_file_is_named_and_stops(folder, refuse):
    shutil.copy(folder / "cat/0.jpg", folder / "cat/copy.jpg")
    refuse(folder / "cat/copy.jpg", errno.EACCES)
    with pytest.raises(
        PermissionError, match=r"copy.jpg cannot be read now \(Permission"
    ):
        find_pictures(folder)


def test_a_split_is_by_name_whole_and_for_each_class(folder):
    found = find_pictures(folder)
    parts = split(found, valid=0.25, test=0.25)
    assert sorted(np.concatenate(parts).tolist()) == list(range(8))
    for part, count in zip(parts, (2, 1, 1), strict=True):
        assert np.bincount(found.labels[part]).tolist() == [count, count]
    back = found.take(range(7, -1, -1))
    assert set(back.take(split(back, 0.25, 0.25)[2]).names()) == set(
        found.take(parts[2]).names()
    )


def test_a_split_of_two_pictures_has_one_to_train_and_one_to_test(folder):
    found = find_pictures(folder).take([0, 1, 4, 5])
    assert [len(part) for part in split(found)] == [2, 0, 2]
    with pytest.raises(ValueError, match="'cat' has fewer than two"):
        split(found.take([0, 2, 3]))
    with pytest.raises(ValueError, match="leave nothing"):
        split(found, valid=0.5, test=0.5)
