"""A web server on the loopback with the ways in which cameras in the network answer."""

import base64
import gzip
import hashlib
import http.server
import re
import ssl
import threading
import urllib.parse

import cv2
import numpy as np
from mjpeg_server import picture

USER, PASSWORD = "admin", "p@ss#1"


class Server(http.server.ThreadingHTTPServer):
    """`url` with a path of `Handler.PATHS`; `asked` counts the requests."""

    daemon_threads = True

    def __init__(self, certificate=None):
        """Start; with the file of a certificate and its key, for https."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = 0
        self.over = threading.Event()
        self.place = f"127.0.0.1:{self.server_port}"
        self.url = f"http://{self.place}"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.url = f"https://{self.place}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, request, client_address):
        """Say nothing: clients leave."""

    def die(self):
        self.over.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked += 1
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).replace(" ", "_")
        respond = getattr(self, path.strip("/").replace(".", "_"), None)
        if respond is None:
            self.send_error(404)
        else:
            respond()

    def send(self, data, kind="image/jpeg", length=True):
        self.send_response(200)
        if kind:
            self.send_header("Content-Type", kind)
        if length:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def snapshot_jpg(self):
        self.send(picture(self.server.asked))

    def nolength(self):
        self.send(picture(self.server.asked), length=False)

    def octets(self):
        self.send(picture(self.server.asked), "application/octet-stream")

    def untyped(self):
        self.send(picture(self.server.asked), None)

    def text(self):
        self.send(picture(self.server.asked), "text/plain")

    def grün_x(self):
        self.snapshot_jpg()

    def gzip(self):
        data = gzip.compress(picture(self.server.asked))
        self.send_response(200)
        for name, value in (("Type", "image/jpeg"), ("Encoding", "gzip"), ("Length", str(len(data)))):
            self.send_header(f"Content-{name}", value)
        self.end_headers()
        self.wfile.write(data)

    def webp(self):
        frame = cv2.imdecode(np.frombuffer(picture(self.server.asked), np.uint8), cv2.IMREAD_COLOR)
        self.send(cv2.imencode(".webp", frame)[1].tobytes(), "application/octet-stream")

    def page(self):
        self.send(b"\n<!DOCTYPE html><form>", None)

    def png(self):
        noise = np.random.default_rng(self.server.asked).integers(50, 200, (60, 80, 3), np.uint8)
        self.send(cv2.imencode(".png", noise)[1].tobytes(), "image/png")

    def same(self):
        self.send(picture(7))

    def halves(self):
        data = picture(self.server.asked)
        self.send(data if self.server.asked % 2 else data[: len(data) // 2])

    def moved(self):
        self.send_response(302)
        self.send_header("Location", "/snapshot.jpg")
        self.end_headers()

    def html(self):
        self.send(b"<html><body><img src='/snapshot.jpg'></body></html>", "text/html")

    def busy(self):
        self.send_error(503)

    def forbidden(self):
        self.send_error(403)

    def basic(self):
        right = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") == right:
            self.snapshot_jpg()
        else:
            self.refuse('Basic realm="camera"')

    def digest(self, kind="MD5"):
        """RFC 2617 and 7616, without qop."""
        make = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[kind]
        words = dict(re.findall(r'(\w+)="([^"]*)"', self.headers.get("Authorization") or ""))
        texts = (f"{USER}:camera:{PASSWORD}", f"GET:{self.path}")
        one, two = (make(text.encode()).hexdigest() for text in texts)
        if words.get("response") == make(f"{one}:nonce:{two}".encode()).hexdigest():
            self.snapshot_jpg()
        else:
            self.refuse(f'Digest realm="camera", nonce="nonce", algorithm={kind}')

    def sha256(self):
        self.digest("SHA-256")

    def either(self):
        """A digest that nobody knows, or the password itself."""
        if (self.headers.get("Authorization") or "").startswith("Basic"):
            self.basic()
        else:
            self.refuse('Digest realm="camera", nonce="n", algorithm=SHA-512-256', 'Basic realm="camera"')

    def refuse(self, *challenges):
        self.send_response(401)
        for challenge in challenges:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def slow(self):
        """A stream that sends one picture in 0.6 seconds."""
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        number = 0
        while not self.server.over.wait(0.6):
            number += 1
            data = picture(number)
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            self.wfile.write(head.encode() + data + b"\r\n")

    def log_message(self, *args):
        """Keep the terminal clean."""
