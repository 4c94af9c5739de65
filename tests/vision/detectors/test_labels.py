"""Files with the names of classes, as people have them."""

import json
import zipfile

import graphs
import pytest

from vision import open_detector
from vision.detectors.label_text import parse
from vision.detectors.labels import fitted, read_labels
from vision.detectors.text_encoding import decode_text

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
    "an old Mac's ends of lines": ("red\rblue\r", RED_BLUE),
    "marks that nobody sees": ("red\u00a0\nblue\u200b\n", RED_BLUE),
    "an end of file of MS-DOS": ("red\nblue\n\x1a", RED_BLUE),
    "numbers in brackets": ("[0] red\n[1] blue", RED_BLUE),
    "numbers with a cross": ("#0 red\n#1 blue", RED_BLUE),
    "numbers and arrows": ("0 -> red\n1 => blue", RED_BLUE),
    "numbers and bars": ("0|red\n1|blue", RED_BLUE),
    "numbers that fall": ("1 blue\n0 red", RED_BLUE),
    "numbers from anywhere": ("2: car\n7: truck", {2: "car", 7: "truck"}),
    "how many there are": ("2\nred\nblue", RED_BLUE),
    "money": ("1 cent\n2 cent\n5 cent", {0: "1 cent", 1: "2 cent", 2: "5 cent"}),
    "how many of each": ("red,66808\nblue,43867", {0: "red,66808", 1: "blue,43867"}),
    "names of digits": ("1\n2", {0: "1", 1: "2"}),
    "one line": ("red, blue", RED_BLUE),
    "a list of Markdown": ("* red\n* blue", RED_BLUE),
    "a table, names first": ("name,id\nred,0\nblue,1", RED_BLUE),
    "a table with a third column": ("index,label,what\n0,red,a ball\n1,blue,a box", RED_BLUE),
    "a table in quotes": ('"class_id";"class_name"\n"0";"red"\n"1";"blue"', RED_BLUE),
    "a table of Excel": ("sep=;\nid;name\n0;red\n1;blue", RED_BLUE),
    "a table of one column": ("name\nred\nblue", RED_BLUE),
    "a table without a heading": ("red\t0\nblue\t1", RED_BLUE),
    "Open Images": ("/m/01,red\n/m/02,blue", RED_BLUE),
    "Open Images, with a heading": ("LabelName,DisplayName\n/m/01,red\n/m/02,blue", RED_BLUE),
    "commas in names": ("tench, Tinca\ngoldfish, Carassius", {0: "tench, Tinca", 1: "goldfish, Carassius"}),
    "JSON, the other way, as texts": ('{"red": "0", "blue": "1"}', RED_BLUE),
    "JSON, id2label": ('{"id2label": {"0": "red"}, "label2id": {"red": 0}}', {0: "red"}),
    "JSON, label2id": ('{"label2id": {"red": 0, "blue": 1}}', RED_BLUE),
    "JSON, other fields": ('[{"class_id": 0, "class_name": "red"}]', {0: "red"}),
    "JSON, Keras": ('{"0": ["n01", "red"], "1": ["n02", "blue"]}', RED_BLUE),
    "JSON, a comma too many": ('["red", "blue",]', RED_BLUE),
    "JSON, comments": ('[\n// first\n"red",\n"blue"\n]', RED_BLUE),
    "JSON, one a line": ('{"id": 0, "name": "red"}\n{"id": 1, "name": "blue"}', RED_BLUE),
    "JSON, deep": ('{"model": {"names": ["red", "blue"]}}', RED_BLUE),
    "JSON, cut": ('["red", "blue"', {}),
    "JSON, very deep": ("[" * 5000, {}),
    "Python, a name": ("CLASSES = ['red', 'blue']", RED_BLUE),
    "JavaScript": ('const names = ["red", "blue"];', RED_BLUE),
    "C": ('const char* labels[] = {"red", "blue"};', RED_BLUE),
    "Python, comments": ("# mine\nCLASSES = ('red', 'blue')", RED_BLUE),
    "Java": ('String[] labels = {"red", "blue"};', RED_BLUE),
    "INI": ("[classes]\n0=red\n1=blue", RED_BLUE),
    "TOML": ('[names]\n0 = "red"\n1 = "blue"', RED_BLUE),
    "the boxes of a picture": ("0 0.5 0.5 0.2 0.2\n1 0.3 0.3 0.1 0.1", {}),
    "YAML, dashes and numbers": ("names:\n- 0: red\n- 1: blue", RED_BLUE),
    "YAML, anchors": ("base: &all\n  0: red\n  1: blue\nnames: *all", RED_BLUE),
    "YAML, a marked list": ("names: &all [red, blue]", RED_BLUE),
    "YAML, deeper": ("dataset:\n  names:\n    0: red\n    1: blue", RED_BLUE),
    "YAML, quoted numbers": ("names:\n  '0': red\n  '1': blue", RED_BLUE),
    "YAML, a quoted key": ('"names":\n  0: red\n  1: blue', RED_BLUE),
    "YAML, special characters": ("names: ['red #1', 'kid''s, b: x']", {0: "red #1", 1: "kid's, b: x"}),
    "YAML, brackets below": ("names:\n  [red,  # a comment\n   blue]\nnc: 2", RED_BLUE),
    "YAML, the other way": ("names:\n  red: 0\n  blue: 1", RED_BLUE),
    "YAML, another key": ("class_names:\n  - red\n  - blue", RED_BLUE),
    "YAML, entries": ("categories:\n  - {id: 1, name: red}\n  - id: 2\n    name: blue", RED_BLUE),
    "YAML, words of YAML": ("names: [yes, no, null, 1e3]", {0: "yes", 1: "no", 2: "null", 3: "1e3"}),
    "YAML, tabs": ("names:\n\t0: red\n\t1: blue", RED_BLUE),
    "YAML, no names": ("path: data\nnames:\nnc: 2", {}),
    "pbtxt, colons": ('item: {\n id: 1\n name: "red"\n}\nitem: {\n id: 2\n name: "blue"\n}', RED_BLUE),
    "pbtxt, brackets in a name": ('item { id: 1 name: "red {x}" }', {0: "red {x}"}),
    "pbtxt, parts": ('item { id: 1 name: "red" keypoints { id: 0 label: "nose" } }', {0: "red"}),
    "pbtxt, escapes": (r"""item { id: 1 name: "gr\303\274n" }  # it's
        item { id: 2 name: 'kid\'s' }""", {0: "grün", 1: "kid's"}),
    "pbtxt, a background": ('item { id: 0 name: "background" } item { id: 1 name: "red" }', {0: "red"}),
    "a web page": ("<html>\n<body>red</body>", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN)
def test_a_file_is_read_as_it_was_meant(case):
    text, names = WRITTEN[case]
    assert parse(decode_text(text.encode()) or "") == names


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "utf-16-le", "utf-32"]
)
def test_the_encodings_of_editors_are_read(encoding, tmp_path):
    data = "grün\nblau\n".encode(encoding)
    (tmp_path / "labels.txt").write_bytes(b"\xfe\xff" + data if encoding == "utf-16-be" else data)
    assert read_labels(tmp_path / "none.tflite", tmp_path / "labels.txt") == {0: "grün", 1: "blau"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "names no class"),
        (b"\n\n# nothing\n", "names no class"),
        (b"\x00\x01\x02" * 50, "is no text"),
        ("赤\n青\n".encode("shift_jis"), "of an old encoding: give a text file \\(UTF-8\\)"),
        ("красный\nсиний\n".encode("cp1251"), "of an old encoding"),
        (b"classes = 2\nnames = obj.names\n", "only says where the names are: give obj.names"),
    ],
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


COCO = {n: f"c{n}" for n in range(90) if n not in (11, 25, 28, 29, 44, 65, 67, 68, 70, 82)}
"""COCO's 80 classes by their numbers less 1, which leave out ten."""


@pytest.mark.parametrize(
    ("labels", "classes", "expected"),
    [
        ({1: "red", 2: "blue"}, 2, RED_BLUE),
        ({1: "red", 2: "blue"}, None, RED_BLUE),
        ({1: "red", 2: "blue"}, 3, {1: "red", 2: "blue"}),
        ({1: "blue"}, 2, {1: "blue"}),
        ({0: "red", 2: "blue"}, None, {0: "red", 2: "blue"}),
        (COCO, 90, COCO),
        (COCO, 80, dict(enumerate(COCO.values()))),
        ({}, 5, {}),
    ],
)
def test_names_are_counted_as_the_model_counts(labels, classes, expected):
    assert fitted(labels, classes) == expected


@pytest.mark.parametrize("count", [80, 91])
def test_labels_of_another_model_are_refused(count):
    with pytest.raises(ValueError, match=f"name {count} classes and the model has 90: give the labels that"):
        fitted({n: str(n) for n in range(count)}, 90)


def test_a_name_that_is_there_twice_wants_a_number(tmp_path):
    (tmp_path / "model.tflite").write_bytes(graphs.yolo(8))
    (tmp_path / "labels.txt").write_text("crane\nCrane\n")
    with pytest.raises(ValueError, match="name 'crane' 2 times, as the classes 0, 1: give the number"):
        open_detector(
            "objects", model=tmp_path / "model.tflite", labels=tmp_path / "labels.txt", target="crane"
        )
