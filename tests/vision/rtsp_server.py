"""A camera on the loopback: RTSP (RFC 2326) with MPEG-4 (RFC 6416) over the same connection."""

import base64
import re
import socketserver
import struct
import threading

import cv2
import numpy as np

USER, PASSWORD = "admin", "p@ss#1"


def frames(folder, count=60, size=(160, 120)):
    """Return MPEG-4 frames of noise, encoded by OpenCV and taken out of its AVI file (chunks `00dc`)."""
    path = str(folder / "clip.avi")
    writer = cv2.VideoWriter(path, cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 15, size)
    noise = np.random.default_rng(0).integers(60, 200, (size[1], size[0], 3), np.uint8)
    for i in range(count):
        writer.write(np.roll(noise, i, 0))
    writer.release()
    data = (folder / "clip.avi").read_bytes()
    found, place = [], data.index(b"movi") + 4
    while data[place : place + 4] == b"00dc":
        length = struct.unpack("<I", data[place + 4 : place + 8])[0]
        found.append(data[place + 8 : place + 8 + length])
        place += 8 + length + length % 2
    return found


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, folder, secret=False):
        super().__init__(("127.0.0.1", 0), Handler)
        self.frames, self.secret, self.over = frames(folder), secret, threading.Event()
        self.place = f"127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, request, client_address):
        """Say nothing: clients leave."""

    def die(self):
        self.over.set()
        self.shutdown()
        self.server_close()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline().decode().strip():
            method, headers = line.split()[0], {}
            while text := self.rfile.readline().decode().strip():
                name, _, value = text.partition(":")
                headers[name.lower()] = value.strip()
            right = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if self.server.secret and method != "OPTIONS" and headers.get("authorization") != right:
                self.answer(headers, 'WWW-Authenticate: Basic realm="camera"', status="401 Unauthorized")
            elif method == "DESCRIBE":
                self.answer(headers, "Content-Type: application/sdp", body=self.description())
            elif method == "SETUP":
                ports = re.search(r"interleaved=[\d-]+", headers["transport"])
                if ports is None:  # only over the same connection
                    self.answer(headers, status="461 Unsupported Transport")
                    continue
                self.answer(headers, f"Transport: RTP/AVP/TCP;unicast;{ports[0]}", "Session: 1")
            elif method == "PLAY":
                self.answer(headers, "Session: 1")
                threading.Thread(target=self.play, daemon=True).start()
            else:
                self.answer(headers, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")

    def answer(self, headers, *lines, status="200 OK", body=""):
        lines = [
            f"RTSP/1.0 {status}",
            f"CSeq: {headers.get('cseq', 0)}",
            *lines,
            f"Content-Length: {len(body)}",
        ]
        self.request.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def description(self):
        first = self.server.frames[0]
        config = first[: first.index(b"\0\0\1\xb6")].hex()  # all before the first picture
        return (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
            "a=rtpmap:96 MP4V-ES/90000\r\n"
            f"a=fmtp:96 profile-level-id=1;config={config}\r\na=control:track1\r\n"
        )

    def play(self):
        number = 0
        try:
            while not self.server.over.wait(1 / 15):
                data = self.server.frames[number % len(self.server.frames)]
                pieces = [data[i : i + 1400] for i in range(0, len(data), 1400)]
                for i, piece in enumerate(pieces):
                    self.sequence = (getattr(self, "sequence", 0) + 1) & 0xFFFF
                    last = 0x80 if i == len(pieces) - 1 else 0
                    head = struct.pack(">BBHII", 0x80, last | 96, self.sequence, number * 6000, 1)
                    self.request.sendall(b"$\0" + struct.pack(">H", len(head) + len(piece)) + head + piece)
                number += 1
        except OSError:
            pass
