"""The pages that explain findings, as the server sends them."""

import asyncio
import re
from html import unescape

import httpx
import pytest

from robot_agent.experiments.findings.pages import by_kind, pages
from server.app import make_files


class Client:
    """Asks the files of the server, without a network."""

    def get(self, path, follow_redirects=False):
        async def ask():
            transport = httpx.ASGITransport(make_files())
            async with httpx.AsyncClient(transport=transport, base_url="http://robot") as client:
                return await client.get(path, follow_redirects=follow_redirects)

        return asyncio.run(ask())


@pytest.fixture
def client():
    return Client()


def test_every_kind_is_explained(client):
    assert client.get("/explain/kinds.json").json() == sorted(by_kind())
    for kind, page in by_kind().items():
        answer = client.get(f"/explain/{kind}")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
        words = unescape(re.sub("<[^>]*>", "", answer.text))
        for part in (page.title, page.what, page.see, page.wrong, page.right, *page.kinds):
            assert part in words, (kind, part)
        assert answer.text.count("<svg") == 1


def test_the_index_leads_to_every_page_and_each_leads_on(client):
    index = client.get("/explain/").text
    names = re.findall(r'href="\./([^"]+)"', index)
    assert names == [page.kinds[0] for page in pages()]
    seen, name = [], names[0]
    while name:
        seen.append(name)
        after = re.search(r'href="\./([^"]+)">Next', client.get(f"/explain/{name}").text)
        name = after[1] if after else None
    assert seen == names


def test_a_page_asks_for_nothing_from_elsewhere_and_has_no_code_of_its_own(client):
    for path in ("", "dead-relu"):
        text = client.get(f"/explain/{path}").text
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?! src=\"\.\./)", text)
        assert not re.search(r"(?:src|href)=\"(?!\.)", text.replace("xmlns", ""))
        for name in re.findall(r'(?:src|href)="\.\./([a-z.]+)"', text):
            assert client.get(f"/{name}").status_code == 200


@pytest.mark.parametrize(
    "path", ["no-such-kind", "<b>", "../../pyproject.toml", "dead-relu/more", "Dead-ReLU"]
)
def test_what_is_no_kind_is_no_page(client, path):
    answer = client.get(f"/explain/{path}")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text and "<b>" not in answer.text


def test_the_dashboard_is_still_there(client):
    assert "<title>robot-agent</title>" in client.get("/").text
    assert client.get("/explain", follow_redirects=True).url.path == "/explain/"
