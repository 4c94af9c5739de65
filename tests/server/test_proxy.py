"""Behind the real nginx, as it is by default and as the guide has it: strangers pair, HALT works."""

import json
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import httpx
import pytest
from servers import Server, eventually, held_port
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
GUIDE = (Path(__file__).parents[2] / "deploy/README.md").read_text()
CODE = r"with the code (\w{3}-\w{3})"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx")

FRAME = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; server_name _;
{locations}
  }}
}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("behind"), "--name", "robot.example").await_ready()
    server.code = server.hear(CODE)
    yield server
    server.close()


@pytest.fixture(scope="module")
def port():
    with held_port() as port:
        yield port


@pytest.fixture(scope="module")
def proxied(server, port, tmp_path_factory):
    """Nginx with the default headers at /plain/, and with the guide's recipe at /robot/."""
    folder = tmp_path_factory.mktemp("nginx")
    recipe = re.search(r"```nginx\n(.*?)```", GUIDE, re.DOTALL)[1].replace(
        "127.0.0.1:8080", f"127.0.0.1:{server.port}"
    )
    plain = f"location /plain/ {{ proxy_pass http://127.0.0.1:{server.port}/; }}"
    # As nginx is by default since 1.29.7: nothing in its requests shows that it is a proxy.
    modern = plain.replace("plain", "modern").replace(
        ";", '; proxy_http_version 1.1; proxy_set_header Connection "";'
    )
    (folder / "nginx.conf").write_text(
        FRAME.format(folder=folder, port=port, locations=recipe + plain + modern)
    )
    process = subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf"])

    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        eventually(listens)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


AS_A_SERVICE = pytest.mark.skipif(
    os.geteuid() != 0, reason="nginx has an account of its own only as a service"
)


@pytest.mark.parametrize("way", ["plain", pytest.param("modern", marks=AS_A_SERVICE), "robot"])
def test_a_stranger_is_no_part_of_this_machine_but_may_halt(server, proxied, way):
    with httpx.Client(base_url=f"{proxied}/{way}", trust_env=False, headers={"Host": "robot.example"}) as web:
        assert web.get("/api/v1/pair").json() == {"needed": True, "paired": False, "guest": False}
        for path in ("status", "runs", "tokens", "settings"):
            assert web.get(f"/api/v1/{path}").status_code == 401
        assert web.post("/api/v1/training/start", json={}).status_code == 401
        # As a page that the proxy shows would do it.
        answer = web.post(
            "/api/v1/halt", headers={"Origin": "http://robot.example", "Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status_code == 200 and answer.json()["stopped"]
    assert server.state()["halt"]["halted"], "this machine itself sees everything, unpaired"
    server.at_rest()


def test_page_pairing_and_socket_work_below_a_path(server, proxied):
    with httpx.Client(base_url=f"{proxied}/robot", trust_env=False, headers={"Host": "robot.example"}) as web:
        page = web.get("/").text
        files = re.findall(r'(?:src|href)="([^"#]+)"', page)
        assert files and not [file for file in files if file.startswith("/")]
        for file in files:
            if "://" not in file:
                assert web.get(f"/{file}").status_code == 200, file
        for script in (file for file in files if file.endswith(".js")):
            assert not re.search(r"[\"'`]/api/v1", web.get(f"/{script}").text), script
        origin = {"Origin": "http://robot.example"}
        answer = web.post("/api/v1/pair", json={"code": server.code}, headers=origin)
        assert answer.status_code == 200, answer.text
        cookie = {"Cookie": answer.headers["set-cookie"].split(";")[0], "Host": "robot.example"}
        assert web.get("/api/v1/status", headers=cookie).status_code == 200
        assert (
            web.post(
                "/api/v1/pair", json={"code": "x"}, headers=origin | {"X-Forwarded-For": "1.2.3.4"}
            ).status_code
            == 403
        )
    address = proxied.replace("http", "ws") + "/robot/api/v1/ws"
    headers = {"Cookie": cookie["Cookie"], "Origin": "http://robot.example"}
    host = address.partition("://")[2].partition("/")[0]
    with (
        socket.create_connection(host.split(":")) as raw,
        connect(
            address.replace(host, "robot.example"), sock=raw, additional_headers=headers, proxy=None
        ) as page,
    ):
        assert json.loads(page.recv(timeout=10))["type"]
        page.send(json.dumps({"type": "halt"}))
        eventually(lambda: server.state()["halt"]["halted"])
    server.at_rest()


def test_a_page_of_another_site_and_another_name_are_refused(server, proxied):
    with httpx.Client(base_url=f"{proxied}/robot", trust_env=False) as web:
        assert web.get("/api/v1/pair", headers={"Host": "evil.example"}).status_code == 403
        foreign = {"Host": "robot.example", "Origin": "http://evil.example"}
        assert web.post("/api/v1/pair", json={"code": "x"}, headers=foreign).status_code == 403
    with (
        pytest.raises(InvalidStatus),
        connect(f"ws://127.0.0.1:{server.port}/api/v1/ws", origin="http://evil.example", proxy=None),
    ):
        pass
