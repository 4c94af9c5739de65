"""The contact sheet."""

import numpy as np
import pytest

from vision.sheet import contact_sheet, tile


def test_a_tile_keeps_the_proportions_of_its_picture():
    picture = np.full((100, 300, 3), 200, np.uint8)
    one = tile(picture, "a.png: 3 to 9", width=160)
    bright = (one[:118, :, 1] > 150).any(axis=1)
    assert one.shape == (138, 160, 3) and 50 <= bright.sum() <= 56
    assert (one[120:] > 100).any(), "the text"


def test_any_name_and_a_mark(recwarn):
    name = "ein sehr langer Ordner mit Umläuten/" * 5 + "bild.png"
    plain = tile(np.zeros((30, 42, 3), np.uint8), name)
    marked = tile(np.zeros((30, 42, 3), np.uint8), name, marked=True)
    assert plain.shape == marked.shape and (marked[..., 2] > 200).sum() > (plain[..., 2] > 200).sum()


@pytest.mark.parametrize(("count", "size"), [(1, (1, 1)), (3, (1, 3)), (4, (1, 4)), (9, (3, 4))])
def test_tiles_stand_in_their_order(count, size):
    tiles = [np.full((20, 30, 3), 10 + i, np.uint8) for i in range(count)]
    sheet = contact_sheet(tiles)
    assert sheet.shape[:2] == (20 * size[0], 30 * size[1])
    for i in range(count):
        assert (sheet[i // 4 * 20 : i // 4 * 20 + 20, i % 4 * 30 : i % 4 * 30 + 30] == 10 + i).all()


def test_no_tiles_are_refused():
    with pytest.raises(ValueError, match="no picture"):
        contact_sheet([])
