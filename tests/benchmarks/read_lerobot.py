"""Read an exported LeRobotDataset with the real package, and compare a decoded frame with the kept picture.

    robot-agent dataset 2 --format lerobot --out set
    VENV/bin/python tests/benchmarks/read_lerobot.py set runs.db.pictures/2

Run it in a virtual environment that has `lerobot`, which wants other versions of PyTorch and OpenCV than
this project. Frames are decoded with PyAV: torchvision's own reader is gone from its newer versions, and
torchcodec's packages want CUDA.
"""

import sys
import zipfile
from pathlib import Path

import av
import cv2
import numpy as np
import torch
import torchvision


class VideoReader:
    """What lerobot's decoder asks of torchvision, on PyAV."""

    def __init__(self, path, _):
        self.container = av.open(path)
        self.stream = self.container.streams.video[0]

    def seek(self, seconds, keyframes_only=False):
        self.container.seek(int(seconds / self.stream.time_base), stream=self.stream)
        return self

    def __iter__(self):
        for frame in self.container.decode(self.stream):
            pixels = torch.from_numpy(frame.to_ndarray(format="rgb24")).permute(2, 0, 1)
            yield {"pts": frame.time, "data": pixels}


def main() -> None:
    """Read every row, and compare one picture of each episode."""
    torchvision.io.VideoReader, torchvision.set_video_backend = VideoReader, lambda name: None
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    folder, kept = Path(sys.argv[1]).resolve(), sorted(Path(sys.argv[2]).glob("*.zip"))
    dataset = LeRobotDataset("robot-agent/exported", root=folder, video_backend="pyav")
    print(dataset)
    print("statistics of:", ", ".join(dataset.meta.stats))
    differences = []
    for index in range(len(dataset)):
        row = dataset[index]
        missing = set(dataset.meta.features) - set(row)
        assert not missing, f"row {index} lacks {missing}"
        if int(row["frame_index"]) == 1:
            with zipfile.ZipFile(kept[int(row["episode_index"])]) as file:
                ours = cv2.imdecode(np.frombuffer(file.read("0001.jpg"), np.uint8), 1)[:, :, ::-1]
            theirs = row["observation.images.camera"].permute(1, 2, 0).numpy() * 255
            differences.append(np.abs(ours - theirs).mean())
    print(f"{len(dataset)} rows read; mean difference of {len(differences)} frames, of 255: "
          f"{np.mean(differences):.2f}, worst {max(differences):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
