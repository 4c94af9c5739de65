"""Everybody's detection models in LiteRT: each format is recognised by its shapes and finds the target."""

import zipfile

import graphs
import numpy as np
import pytest

from vision import Sight, open_detector

FORMATS = {
    "YOLOv8, shares": (lambda: graphs.yolo(8), "YOLOv8 or later with 2 classes"),
    "YOLOv8, pixels": (lambda: graphs.yolo(8, pixels=True), "YOLOv8 or later with 2 classes"),
    "YOLOv8, transposed": (lambda: graphs.yolo(8, turned=False), "YOLOv8 or later with 2 classes"),
    "YOLOv8, int8": (lambda: graphs.yolo(8, kind="int8"), "YOLOv8 or later with 2 classes"),
    "YOLOv8, masks": (lambda: graphs.yolo(8, masks=True), "YOLOv8 or later with 2 classes"),
    "YOLOv8, channels first": (lambda: graphs.yolo(8, first=True), "YOLOv8 or later with 2 classes"),
    "YOLOv8, 96 x 160": (lambda: graphs.yolo(8, rows=96, columns=160), "YOLOv8 or later with 2 classes"),
    "YOLOv8, turned boxes": (
        lambda: graphs.yolo(8, more=[-0.4]),
        "YOLOv8 or later with 2 classes, and 1 more number a box",
    ),
    "YOLOv8, poses": (
        lambda: graphs.yolo(8, more=[1.4, 0.3, 1.0] * 3, turned=False),
        "YOLOv8 or later with 2 classes, and 9 more numbers a box",
    ),
    "YOLOX": (graphs.yolox, "YOLOX with 2 classes"),
    "RT-DETR": (graphs.rtdetr, "RT-DETR with 3 classes"),
    "YOLO with NMS, turned boxes": (lambda: graphs.yolo_ends(more=[0.4]), "YOLO with NMS inside"),
    "YOLO with NMS, poses": (
        lambda: graphs.yolo_ends(pixels=True, more=[0.3] * 51, kept=268),
        "YOLO with NMS inside",
    ),
    "middles and sizes, pixels": (
        lambda: graphs.plain_boxes(middles=True),
        "boxes and the scores of 2 classes",
    ),
    "middles and sizes, shares": (
        lambda: graphs.plain_boxes(middles=True, pixels=False),
        "boxes and the scores of 2 classes",
    ),
    "YOLOv5, shares": (lambda: graphs.yolo(5), "YOLOv5, v6 or v7 with 2 classes"),
    "YOLOv5, pixels": (lambda: graphs.yolo(5, pixels=True), "YOLOv5, v6 or v7 with 2 classes"),
    "YOLOv5, uint8": (lambda: graphs.yolo(5, kind="uint8"), "YOLOv5, v6 or v7 with 2 classes"),
    "YOLOv5, int8": (lambda: graphs.yolo(5, kind="int8"), "YOLOv5, v6 or v7 with 2 classes"),
    "YOLO with NMS, shares": (graphs.yolo_ends, "YOLO with NMS inside"),
    "YOLO with NMS, pixels": (lambda: graphs.yolo_ends(pixels=True, kept=268), "YOLO with NMS inside"),
    "boxes, numbers and scores, pixels": (graphs.finished, "boxes, classes and scores"),
    "YOLOv5 of another size": (lambda: graphs.small_yolo5(), "YOLOv5, v6 or v7 with 2 classes"),
    "SSD": (graphs.raw_ssd, "raw SSD with 2 classes"),
    "SSD, the other order": (lambda: graphs.raw_ssd(reverse=True), "raw SSD with 2 classes"),
    "SSD, uint8": (lambda: graphs.raw_ssd(kind="uint8"), "raw SSD with 2 classes"),
    "EfficientDet": (graphs.raw_efficientdet, "raw EfficientDet with 2 classes"),
    "boxes, pixels": (graphs.plain_boxes, "boxes and the scores of 2 classes"),
    "boxes, shares": (lambda: graphs.plain_boxes(pixels=False), "boxes and the scores of 2 classes"),
    "FOMO": (graphs.fomo, "FOMO with 2 classes"),
    "FOMO, int8": (lambda: graphs.fomo(kind="int8"), "FOMO with 2 classes"),
    "any size": (graphs.any_size, "FOMO with 2 classes"),
}


def opened(tmp_path, content, **options):
    (tmp_path / "model.tflite").write_bytes(content)
    return open_detector("objects", model=tmp_path / "model.tflite", **options)


def with_cell(row, column, color, side=128):
    """A black square picture with one of its 4 x 4 cells in a colour (BGR)."""
    frame = np.zeros((side, side, 3), np.uint8)
    cell = side // 4
    frame[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell] = color
    return frame


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_recognised_and_finds_the_target(name, tmp_path):
    make, words = FORMATS[name]
    options = {"size": 64} if name == "any size" else {}
    detectors = [opened(tmp_path, make(), target=target, **options) for target in (0, 1)]
    assert detectors[0].format.name == words
    red, blue = (0, 0, 255), (255, 0, 0)
    side = 160 if "96 x 160" in name else 128
    for row, column in ((0, 0), (1, 2), (2, 3)):
        frame = with_cell(row, column, red, side)
        if "96 x 160" in name:  # as wide as the model, so that nothing is resized
            frame = np.zeros((96, 160, 3), np.uint8)
            frame[row * 16 : row * 16 + 16, column * 48 : column * 48 + 16] = red
        sight, other = (detector.detect(frame) for detector in detectors)
        width = frame.shape[1]
        wide, cell = (48, 16) if "96 x 160" in name else (width // 4, width // 4)
        expected = Sight.from_columns(column * wide, column * wide + cell - 1, width)
        assert sight is not None, (row, column)
        assert max(abs(sight.x1 - expected.x1), abs(sight.x2 - expected.x2)) <= 1, (row, column)
        assert sight.confidence > 0.5
        assert other is None, "the other class"
        if "96" not in name:
            assert detectors[1].detect(with_cell(row, column, blue, side)) is not None
    assert detectors[0].detect(np.zeros((side, side, 3), np.uint8)) is None


@pytest.mark.parametrize("shape", [(120, 160), (160, 120), (90, 160), (64, 64)])
def test_boxes_come_back_from_a_border(shape, tmp_path):
    """A frame of other proportions is not stretched; the box is where the thing is in the frame."""
    detector = opened(tmp_path, graphs.yolo(8))
    height, width = shape
    scale = 64 / max(shape)
    left, top = (64 - width * scale) / 2, (64 - height * scale) / 2
    # The model's cell at columns 32 to 48, rows 16 to 32 of its input, in the frame.
    x1, x2 = ((x - left) / scale for x in (32, 48))
    y1, y2 = (max((y - top) / scale, 0) for y in (16, 32))
    frame = np.zeros((height, width, 3), np.uint8)
    frame[round(y1) : round(y2), round(x1) : round(x2)] = (0, 0, 255)
    sight, expected = detector.detect(frame), Sight.from_columns(x1, x2 - 1, width)
    assert sight is not None
    assert abs(sight.x1 - expected.x1) <= 1 and abs(sight.x2 - expected.x2) <= 1


@pytest.mark.parametrize("size", [33, 300])
def test_a_size_that_a_model_of_any_size_cannot_take_is_said(size, tmp_path):
    with pytest.raises(ValueError, match=r"set vision\.objects\.size to the size that it was trained with"):
        opened(tmp_path, graphs.any_size(), size=size)


def test_a_yolo5_of_one_class_is_not_taken_for_one_with_nms(tmp_path):
    detector = opened(tmp_path, graphs.small_yolo5(classes=1))
    assert detector.format.name == "YOLOv5, v6 or v7 with 1 class"
    sight = detector.detect(with_cell(1, 2, (0, 0, 255)))
    assert sight is not None and abs(sight.x1 - 21) <= 1 and abs(sight.x2 - 31) <= 1


@pytest.mark.parametrize("name", ["best.pt", "best.onnx", "model.h5"])
def test_a_model_of_another_program_is_to_be_converted(name, tmp_path):
    (tmp_path / name).write_bytes(b"PK" + bytes(100))
    with pytest.raises(ValueError, match=r"convert it to \.tflite first"):
        open_detector("objects", model=tmp_path / name)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\n", "the pointer to one: fetch the file itself"),
        (b"\n<!DOCTYPE html>", "a web page: download the file itself"),
        (b"PK\3\4" + bytes(90), "an archive or another program's model"),
    ],
)
def test_another_file_that_is_called_tflite_is_named(content, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        opened(tmp_path, content)


def test_the_names_in_a_model_tell_its_classes_from_its_keypoints(tmp_path):
    """A model of poses has more numbers a box, which may be larger than the probabilities."""
    (tmp_path / "model.tflite").write_bytes(graphs.yolo(8, more=[1.0, 1.0, 1.0]))
    with zipfile.ZipFile(tmp_path / "model.tflite", "a") as archive:
        archive.writestr("metadata.json", '{"task": "pose", "names": {"0": "red", "1": "blue"}}')
    detector = open_detector("objects", model=tmp_path / "model.tflite", target="red", score=0.6)
    assert detector.format.classes == 2
    assert detector.detect(with_cell(1, 2, (0, 0, 255))) is not None


def test_a_fomo_of_a_grey_camera_sees_brightness(tmp_path):
    detector = opened(tmp_path, graphs.fomo(channels=1, kind="int8", side=96))
    frame = np.zeros((96, 96, 3), np.uint8)
    frame[40:56, 24:48] = 255
    sight = detector.detect(frame)
    assert detector.format.name == "FOMO with 1 class"
    assert sight is not None and (sight.x1, sight.x2) == (10, 20)


def test_two_things_in_a_fomo_are_not_one(tmp_path):
    detector = opened(tmp_path, graphs.fomo())
    frame = np.zeros((64, 64, 3), np.uint8)
    frame[8:16, 8:16] = frame[40:48, 40:56] = (0, 0, 255)
    frame[40:48, 40:48] = (0, 0, 245)
    sight = detector.detect(frame)
    assert sight is not None and sight.x2 - sight.x1 < 22


WRONG = {
    "a classifier": (graphs.classifier, "is a classifier, which says what is in a picture and not where"),
    "a deep classifier": (lambda: graphs.classifier(deep=True), "is a classifier"),
    "a classifier of two": (lambda: graphs.classifier(2), "is a classifier"),
    "our own network": (lambda: graphs.classifier(42), "use the detector `slices`"),
    "anchors of nobody": (lambda: graphs.plain_boxes(offsets=True), "exported with its last steps"),
    "a heat map": (graphs.heat_map, "exported with its last steps"),
    "segmentation": (graphs.segmentation, "is a segmentation model"),
    "for the Edge TPU": (lambda: graphs.needs_custom("edgetpu-custom-op"), "without _edgetpu in its name"),
    "with Flex": (lambda: graphs.needs_custom("FlexCropAndResize"), "TFLITE_BUILTINS only"),
    "with an operator of nobody": (lambda: graphs.needs_custom("MyOwnOp"), "needs the operator MyOwnOp"),
}


@pytest.mark.parametrize("name", WRONG)
def test_another_kind_of_model_is_named_with_its_cure(name, tmp_path):
    make, words = WRONG[name]
    with pytest.raises(ValueError, match=words) as caught:
        opened(tmp_path, make())
    assert "\n" not in str(caught.value)


def test_a_class_that_the_model_does_not_have_is_refused(tmp_path):
    with pytest.raises(ValueError, match="has 2 classes, numbered from 0, and no class 2"):
        opened(tmp_path, graphs.yolo(8), target=2)
    (tmp_path / "labels.txt").write_text("a\nb\nc\nd\n")
    with pytest.raises(ValueError, match="labels that belong to this model"):
        opened(tmp_path, graphs.yolo(8), target="d", labels=tmp_path / "labels.txt")
