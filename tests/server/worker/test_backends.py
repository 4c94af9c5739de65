"""With the NumPy backend a whole training goes on in the server without PyTorch ever being loaded."""

from pathlib import Path

from servers import PINS, QUICK, Server, eventually


def test_numpy_learns_and_drives_without_torch(tmp_path):
    server = Server(tmp_path, "--seed", 3, settings=(*PINS, *QUICK, "learner.backend=numpy")).await_ready()
    try:
        run = server.run(moves=20_000)
        eventually(lambda: server.get(f"/runs/{run}").json()["status"] == "finished", 60)
        server.await_state("idle")
        loaded = Path(f"/proc/{server.worker()}/maps").read_text()
        assert "libtorch" not in loaded and "numpy" in loaded
    finally:
        server.close()
