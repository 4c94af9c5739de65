"""Files with the names of classes, as people have them."""

import json
import zipfile

import graphs
import pytest

from vision import open_detector
from vision.detectors.labels import parse, read_labels

RED_BLUE = {0: "red", 1: "blue"}
WRITTEN = {
    "a name a line": ("red\nblue\n", RED_BLUE),
    "Windows' ends of lines": ("red\r\nblue\r\n", RED_BLUE),
    "numbers with dots": ("0. red\n1. blue", RED_BLUE),
    "numbers with brackets": ("0) red\n1) blue", RED_BLUE),
    "numbers with dashes": ("0 - red\n1 - blue", RED_BLUE),
    "a table": ("id,name\n0,red\n1,blue", RED_BLUE),
    "a comment behind": ("red  # the ball\nblue # the box", RED_BLUE),
    "a dash behind a digit": ("3-d printer\n7.5 cm bolt", {0: "3-d printer", 1: "7.5 cm bolt"}),
    "blank lines": ("\nred\n\nblue\n\n", RED_BLUE),
    "a comment": ("# my classes\nred\n// second\nblue", RED_BLUE),
    "numbers": ("0 red\n1 blue", RED_BLUE),
    "numbers and colons": ("0: red\n1: blue", RED_BLUE),
    "numbers and commas": ("0,red\n1,blue", RED_BLUE),
    "numbers and tabs": ("0\tred\n1\tblue", RED_BLUE),
    "gaps": ("0  person\n10  fire hydrant\n12 stop", {0: "person", 10: "fire hydrant", 12: "stop"}),
    "gaps from one on": ("1  blue\n3  green", {1: "blue", 3: "green"}),
    "a background in front": ("???\nred\nblue", RED_BLUE),
    "a background with a number": ("0 background\n1 red\n2 blue", RED_BLUE),
    "holes": ("red\n???\nblue", {0: "red", 2: "blue"}),
    "digits in front": ("3d printer\n7up\n4 wheeler", {0: "3d printer", 1: "7up", 2: "4 wheeler"}),
    "digits in front of all": ("4 wheeler\n8 ball", {0: "4 wheeler", 1: "8 ball"}),
    "digits and numbers": ("0 3d printer\n1 7up", {0: "3d printer", 1: "7up"}),
    "digits that fall": ("1 euro\n1 cent", {0: "1 euro", 1: "1 cent"}),
    "words": ("traffic light\nfire hydrant", {0: "traffic light", 1: "fire hydrant"}),
    "quotes": ("'red',\n'blue'", RED_BLUE),
    "a dash in a name": ("t-shirt\n- blue", {0: "t-shirt", 1: "- blue"}),
    "JSON, a list": ('["red", "blue"]', RED_BLUE),
    "JSON, numbers": ('{"0": "red", "1": "blue"}', RED_BLUE),
    "JSON, the other way": ('{"red": 0, "blue": 1}', RED_BLUE),
    "JSON, names": ('{"stride": 32, "names": {"0": "red", "1": "blue"}}', RED_BLUE),
    "JSON, COCO": ('{"categories": [{"id": 1, "name": "red"}, {"id": 2, "name": "blue"}]}', RED_BLUE),
    "JSON, objects": ('[{"id": 0, "name": "red"}, {"id": 1, "name": "blue"}]', RED_BLUE),
    "Python": ("{'stride': 32, 'names': {0: 'red', 1: 'blue'}}", RED_BLUE),
    "YAML, a list": ("path: data\nnc: 2\nnames: [red, 'blue']\n", RED_BLUE),
    "YAML, numbers": ("train: images\nnames:\n  0: red  # a comment\n  1: blue\n\ndownload: none", RED_BLUE),
    "YAML, dashes": ("names:\n- red\n- blue\nnc: 2", RED_BLUE),
    "YAML, flow": ("names: {0: red, 1: blue}", RED_BLUE),
    "YAML, over lines": ("names: ['red',\n  'blue']\nnc: 2", RED_BLUE),
    "YAML, dashes alone": ("- red\n- blue", RED_BLUE),
    "pbtxt": ('item {\n  id: 1\n  name: "red"\n}\nitem {\n  id: 2\n  name: "blue"\n}\n', RED_BLUE),
    "pbtxt, names to show": ("item { name: '/m/1' id: 1 display_name: 'red' }", {0: "red"}),
    "pbtxt from zero": ('item { id: 0 name: "red" }\nitem { id: 1 name: "blue" }', RED_BLUE),
    "letters of others": ("Straße\n信号", {0: "Straße", 1: "信号"}),
}  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN)
def test_a_file_is_read_as_it_was_meant(case):
    text, names = WRITTEN[case]
    assert parse(text) == names


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_the_encodings_of_editors_are_read(encoding, tmp_path):
    data = "grün\nblau\n".encode(encoding)
    (tmp_path / "labels.txt").write_bytes(b"\xfe\xff" + data if encoding == "utf-16-be" else data)
    assert read_labels(tmp_path / "none.tflite", tmp_path / "labels.txt") == {0: "grün", 1: "blau"}


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "names no class"), (b"\n\n# nothing\n", "names no class"), (b"\x00\x01\x02" * 50, "is no text")],
)
def test_what_holds_no_names_is_refused(content, words, tmp_path):
    (tmp_path / "labels.txt").write_bytes(content)
    with pytest.raises(ValueError, match=words):
        read_labels(tmp_path / "none.tflite", tmp_path / "labels.txt")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metadata.json", json.dumps({"description": "YOLO", "names": {"0": "red", "1": "blue"}})),
        ("temp_meta.txt", "{'stride': 32, 'names': {0: 'red', 1: 'blue'}}"),
        ("labelmap.txt", "red\nblue\n"),
    ],
)
def test_names_that_are_packed_into_the_model_are_found(name, text, tmp_path):
    model = tmp_path / "model.tflite"
    model.write_bytes(graphs.yolo(8))
    with zipfile.ZipFile(model, "a") as archive:
        archive.writestr(name, text)
    assert open_detector("objects", model=model, target="Blue").target == 1


def test_a_class_in_a_gap_has_no_name_but_a_number(tmp_path):
    (tmp_path / "model.tflite").write_bytes(graphs.yolo(8))
    (tmp_path / "labels.txt").write_text("1 blue\n")
    detector = open_detector(
        "objects", model=tmp_path / "model.tflite", labels=tmp_path / "labels.txt", target=0
    )
    assert detector.target == 0
    with pytest.raises(ValueError, match="no class 'red'"):
        open_detector(
            "objects", model=tmp_path / "model.tflite", labels=tmp_path / "labels.txt", target="red"
        )
