"""A stand-in for the module picamera2, at the wire: what of its documented API is used, and how it fails.

It follows the Picamera2 manual and the source of version 0.3.31: a job gets the next frame that is
complete, `get_result` takes a timeout, `stop` waits behind the jobs until they are cancelled, and
`SensorTimestamp` is in nanoseconds of the monotonic clock. Sensors (`SENSORS`) belong to the module,
as the real ones do to the board.
"""

import threading
import time
from concurrent.futures import CancelledError, Future

import numpy as np

PERIOD = 0.01
EXPOSURE = 0.005


class Sensor:
    """A camera at the board: `mode` is ok, loose, black or frozen; `user` is the Picamera2 that has it."""

    def __init__(self):
        self.mode = "ok"
        self.user = None
        self.sticks = False
        self.opened = 0


SENSORS: list[Sensor] = []


class Job:
    def __init__(self):
        self._future = Future()
        self._future.set_running_or_notify_cancel()

    def get_result(self, timeout=None):
        return self._future.result(timeout=timeout)

    def cancel(self):
        self._future.set_exception(CancelledError())


class CompletedRequest:
    def __init__(self, camera, array, timestamp):
        self._camera, self._array, self._timestamp = camera, array, timestamp
        camera.held += 1

    def make_array(self, name):
        assert name == "main"
        return self._array.copy()

    def get_metadata(self):
        return {
            "SensorTimestamp": self._timestamp,
            "ExposureTime": int(EXPOSURE * 1e6),
            "AnalogueGain": 1.5,
            "ColourGains": (1.9, 1.4),
            "Lux": 300.0,
        }

    def release(self):
        self._camera.held -= 1


class Picamera2:
    def __init__(self, camera_num=0):
        if camera_num >= len(SENSORS):
            raise IndexError("list index out of range")
        self.sensor = SENSORS[camera_num]
        if self.sensor.user is not None:
            raise RuntimeError("Camera __init__ sequence did not complete.")
        self.sensor.user = self
        self.sensor.opened += 1
        self.config = None
        self.controls = {}
        self.held = 0
        self._jobs = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._loop = threading.Thread(target=self._run, daemon=True)

    def create_video_configuration(self, main, buffer_count=6, queue=True):
        assert main["format"] == "RGB888"
        return {"main": main, "buffer_count": buffer_count, "queue": queue}

    def configure(self, config):
        self.config = config

    def set_controls(self, controls):
        """As the manual has it: a dictionary of libcamera's controls."""
        assert set(controls) <= {"AeEnable", "AwbEnable", "ExposureTime", "AnalogueGain", "ColourGains"}
        self.controls |= controls

    def start(self):
        assert self.config is not None, "Camera has not been configured"
        self._loop.start()

    def capture_request(self, wait=None, signal_function=None, flush=None):
        assert wait is False, "would wait without end for a loose cable"
        with self._lock:
            job = Job()
            self._jobs.append(job)
        return job

    def cancel_all_and_flush(self):
        with self._lock:
            for job in self._jobs:
                job.cancel()
            self._jobs = []

    def stop(self):
        if self._loop.is_alive():
            assert not self._jobs, "would wait without end behind a job that gets no frame"
            self._over.set()
            self._loop.join()

    def close(self):
        if self.sensor.sticks:
            threading.Event().wait()
        self.stop()
        assert not self.held, "a request has not been given back"
        self.sensor.user = None

    def _run(self):
        width, height = self.config["main"]["size"]
        noise = np.random.default_rng(0)
        array = None
        while not self._over.wait(PERIOD):
            if self.sensor.mode == "loose" or self.held >= self.config["buffer_count"]:
                continue
            if self.sensor.mode != "frozen" or array is None:
                array = noise.integers(
                    0, 4 if self.sensor.mode == "black" else 200, (height, width, 3), np.uint8
                )
                if self.sensor.mode == "ok":
                    array[:2] = (255, 0, 0)  # blue, as "RGB888" lies in memory
            with self._lock:
                jobs, self._jobs = self._jobs[:1], self._jobs[1:]
            for job in jobs:
                job._future.set_result(CompletedRequest(self, array, time.monotonic_ns()))
