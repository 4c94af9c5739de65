"""An MCAP file of protobuf messages, for Foxglove, Lichtblick and Rerun; https://mcap.dev is the format.

Pictures, poses and texts use Foxglove's own schemas; sights, actions and rewards use schemas of this project,
which the file contains.
"""

import math
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.datasets.moves import KeptEpisode
from robot_agent.datasets.way import reckon
from robot_agent.simulator.physics import Physics

PAUSE = 1.0
"""Seconds between two episodes."""

MESSAGES = {
    "Sight": (("x1", "int32"), ("x2", "int32"), ("seen", "bool")),
    "Action": (
        ("name", "string*"),
        ("value", "float*"),
        ("left", "float"),
        ("right", "float"),
        ("seconds", "float"),
        ("by", "string"),
    ),
    "Reward": (("total", "float"), ("name", "string*"), ("value", "float*")),
}
"""The messages of this project: names and types of their fields; `*` marks a list."""


@cache
def message(name: str) -> Any:
    """Return the class of a message of this project."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="robot_agent.proto", package="robot_agent", syntax="proto3"
    )
    for each, fields in MESSAGES.items():
        described = file.message_type.add(name=each)
        for number, (field, kind) in enumerate(fields, start=1):
            described.field.add(
                name=field,
                number=number,
                type=kinds.Type.Value(f"TYPE_{kind.rstrip('*').upper()}"),
                label=kinds.LABEL_REPEATED if kind.endswith("*") else kinds.LABEL_OPTIONAL,
            )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"robot_agent.{name}"))


def write_mcap(place: Path, episodes: Iterable[KeptEpisode], *, physics: Physics, begun: float) -> None:
    """Write an MCAP file.

    The clock of the file starts at `begun` and counts seconds of driving, with one second between two
    episodes: how long the robot stood still to look is not kept. Poses are computed from the pulses.

    Args:
        place: the file.
        episodes: the episodes to write.
        physics: speed and wheel base of the robot.
        begun: time at which the run began, seconds since 1970.
    """
    from google.protobuf.timestamp_pb2 import Timestamp
    from mcap_protobuf.writer import Writer

    with place.open("wb") as file, Writer(file) as out:
        clock = begun
        for episode in episodes:
            times = clock + episode.times.astype(np.float64)
            for topic, one, seconds in _messages(episode, times, physics):
                nanoseconds = round(seconds * 1e9)
                if "timestamp" in one.DESCRIPTOR.fields_by_name:
                    at = Timestamp(seconds=nanoseconds // 10**9, nanos=nanoseconds % 10**9)
                    one.timestamp.CopyFrom(at)
                out.write_message(topic, one, log_time=nanoseconds, publish_time=nanoseconds)
            clock = float(times[-1]) + PAUSE


def _messages(
    episode: KeptEpisode, times: NDArray[np.float64], physics: Physics
) -> Iterator[tuple[str, Any, float]]:
    """Yield topic, message and time of all that happens in an episode; `times` are those of its sights."""
    from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
    from foxglove_schemas_protobuf.Log_pb2 import Log
    from foxglove_schemas_protobuf.PoseInFrame_pb2 import PoseInFrame

    yield "/log", Log(level=Log.INFO, message=f"{episode.title} begins", name="robot_agent"), times[0]
    for step, (x, y, heading) in enumerate(reckon(episode.pulses, physics)):
        x1, x2 = episode.sights[step].tolist()
        yield "/sight", message("Sight")(x1=x1, x2=x2, seen=x1 >= 0), times[step]
        pose = PoseInFrame(frame_id="start")
        pose.pose.position.x, pose.pose.position.y = x, y
        pose.pose.orientation.z = math.sin(heading / 2)
        pose.pose.orientation.w = math.cos(heading / 2)
        yield "/pose", pose, times[step]
        if episode.pictures:
            picture = CompressedImage(frame_id="camera", format="jpeg", data=episode.pictures[step])
            yield "/camera", picture, times[step]
        if step < len(episode):
            left, right, seconds = episode.pulses[step].tolist()
            action = message("Action")(
                name=episode.action_names,
                value=episode.actions[step].tolist(),
                left=left,
                right=right,
                seconds=seconds,
                by=episode.authors[step],
            )
            yield "/action", action, times[step]
            reward = message("Reward")(
                total=float(episode.rewards[step]),
                name=list(episode.terms),
                value=[float(values[step]) for values in episode.terms.values()],
            )
            yield "/reward", reward, times[step + 1]
    end = Log(level=Log.INFO, message=f"{episode.title}: {episode.ending}", name="robot_agent")
    yield "/log", end, times[-1]
