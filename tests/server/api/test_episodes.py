"""The pictures and the film of every kept episode, from the real server."""

import io

import av
import cv2
import numpy as np
from servers import eventually


def test_every_kept_episode_has_its_pictures_and_a_film(server):
    run = server.run(
        {
            "task.max_moves": 2,
            "task.max_seconds": 0.1,
            "train.episodes_per_update": 4,
            "simulator.rendered": True,
        },
        moves=2000,
    )
    enough = eventually(
        lambda: len(found := server.get(f"/runs/{run}/episodes", params={"limit": 40}).json()) > 13 and found,
        120,
    )
    server.at_rest()
    number = enough[0]["number"]  # more than a dozen came after it
    episode = server.get(f"/runs/{run}/episodes/{number}").json()
    assert episode["pictures"] == list(range(len(episode["steps"]) + 1)) and episode["film"]
    for picture in episode["pictures"]:
        answer = server.get(f"/runs/{run}/episodes/{number}/frames/{picture}.jpg")
        assert answer.headers["content-type"] == "image/jpeg"
        assert cv2.imdecode(np.frombuffer(answer.content, np.uint8), 1).shape == (240, 320, 3)
    film = server.get(f"/runs/{run}/episodes/{number}/film.mp4")
    assert (
        film.status_code == 200 and f"run-{run}-episode-{number}.mp4" in film.headers["content-disposition"]
    )
    with av.open(io.BytesIO(film.content)) as opened:
        assert sum(1 for _ in opened.decode(video=0)) > 20
    missing = server.get(f"/runs/{run}/episodes/{number}/frames/99.jpg")
    assert missing.status_code == 404 and missing.json()["detail"].startswith("That picture is gone")
    assert server.get(f"/runs/{run}/episodes/99999/film.mp4").status_code in (404, 409, 422)
