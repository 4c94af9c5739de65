"""labels.csv as people and their spreadsheets write it."""

import cv2
import numpy as np
import pytest

from vision.training.recorded import COLUMNS, Label, read, read_labels, write_labels

HEAD = "file,visible,x_left_px,x_right_px,y_top_px,y_bottom_px"
EXPECTED = [Label("a.jpg", (150.0, 236.5), (90.0, 199.0)), Label("b.jpg", None), Label("c.jpg", (1.0, 2.0))]
PLAIN = f"{HEAD}\na.jpg,1,150,236.5,90,199\nb.jpg,0,,,,\nc.jpg,1,1,2,,\nd.jpg,,,,,\n"
GERMAN = PLAIN.replace(",", ";").replace("236.5", "236,5")
WRITTEN = {
    "as recorded": PLAIN,
    "semicolons": GERMAN,
    "tabs": PLAIN.replace(",", "\t"),
    "tabs and commas in numbers": PLAIN.replace(",", "\t").replace("236.5", "236,5"),
    "Excel's first line": "sep=;\n" + GERMAN,
    "Excel's first line in quotes": '"sep=;"\n' + GERMAN,
    "capitals and blanks": PLAIN.replace(HEAD, "File, Visible, X_LEFT_PX, X_right_px, Y_top_px, y_bottom_px"),
    "blanks for underlines": PLAIN.replace("x_left_px", "x left px"),
    "blanks after commas": PLAIN.replace(",", ", "),
    "quotes": PLAIN.replace("a.jpg", '"a.jpg"').replace("file", '"file"'),
    "Windows' ends of lines": PLAIN.replace("\n", "\r\n"),
    "lines without anything": PLAIN.replace("b.jpg", "\n,,,,,\nb.jpg"),
    "no last columns": PLAIN.replace("b.jpg,0,,,,", "b.jpg,0").replace("d.jpg,,,,,", "d.jpg"),
    "other columns as well": PLAIN.replace(HEAD, HEAD + ",who").replace("199", "199,me"),
    "true and false": PLAIN.replace("jpg,1,", "jpg,TRUE,").replace("jpg,0,", "jpg,FALSE,"),
    "ja und nein": GERMAN.replace("jpg;1;", "jpg;Ja;").replace("jpg;0;", "jpg;nein;"),
    "nothing for visible": PLAIN.replace("jpg,1,", "jpg,,"),
}


@pytest.mark.parametrize("case", WRITTEN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_is_read_as_it_was_meant(case, encoding, tmp_path):
    (tmp_path / "labels.csv").write_bytes(WRITTEN[case].encode(encoding))
    assert read_labels(tmp_path / "labels.csv") == EXPECTED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("name;visible\na.jpg;1\n", "has no column 'file', but name, visible"),
        (f"{HEAD}\na.jpg,maybe,1,2\n", "Line 2 of .* is no label"),
        (f"{HEAD}\na.jpg,1,5,2\n", "Line 2 .*the left not greater"),
        (f"{HEAD}\na.jpg,1,1,2\nb.jpg,1,x,2\n", "Line 3 "),
        ("\0\0\0", "is no CSV text"),
    ],
)
def test_what_is_no_label_is_said(text, words, tmp_path):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(ValueError, match=words):
        read_labels(tmp_path / "labels.csv")


def test_what_was_written_is_read_again(tmp_path):
    known = {label.file: label for label in EXPECTED}
    write_labels(tmp_path / "labels.csv", ["a.jpg", "b.jpg", "c.jpg", "d.jpg"], known)
    assert (tmp_path / "labels.csv").read_text().splitlines()[0] == ",".join(COLUMNS)
    assert read_labels(tmp_path / "labels.csv") == EXPECTED


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a.jpg,1,500,600,40,89", "from 500 to 600, and the picture is 160 x 120: give pixels"),
        ("a.jpg,1,-50,-10,40,89", "from -50 to -10"),
        ("a.jpg,1,100,600,40,89", "from 100 to 600"),
        ("a.jpg,1,60,109,400,890", "from 400 to 890"),
        ("a.jpg,1,0,inf,40,89", "from 0 to inf"),
        ("a.jpg,1,0.375,0.68,0.3,0.7", "from 0.375 to 0.68"),
        ("a.jpg,1,60,109,40,89\na.jpg,0,,,,", "labels a.jpg 2 times: keep one row"),
        ("A.JPG,1,60,109,40,89", r"'A.JPG', which is not there: .* Did you mean 'a.jpg'\?"),
    ],
)
def test_a_label_that_does_not_fit_its_picture_is_said(row, words, tmp_path):
    cv2.imwrite(str(tmp_path / "a.jpg"), np.full((120, 160, 3), 99, np.uint8))
    (tmp_path / "labels.csv").write_text(f"{HEAD}\n{row}\n")
    with pytest.raises(ValueError, match=words):
        read(tmp_path)


def test_a_picture_that_is_too_small_is_said_before_the_training(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((30, 41, 3), 99, np.uint8))
    (tmp_path / "labels.csv").write_text(f"{HEAD}\na.png,1,5,9,4,8\n")
    with pytest.raises(ValueError, match=r"a\.png is no picture to learn from\. A frame is at least 42"):
        read(tmp_path)
    with pytest.raises(ValueError, match="leave --target out"):
        read(tmp_path, "cup")


def test_folders_as_windows_writes_them_and_ends_a_little_outside(tmp_path):
    (tmp_path / "sub").mkdir()
    cv2.imwrite(str(tmp_path / "sub" / "a.jpg"), np.full((120, 160, 3), 99, np.uint8))
    (tmp_path / "labels.csv").write_text(f"{HEAD}\nsub\\a.jpg,1,120,161,-2,89\n")
    (shot,) = read(tmp_path)
    assert shot.example.sight is not None and shot.example.sight.x2 == 41
