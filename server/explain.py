"""The web pages that explain each kind of finding, as plain HTML with texts and pictures."""

from html import escape
from string import Template

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from robot_agent.experiments.findings.pages import FAMILIES, Page, by_kind, pages

FRAME = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title - robot-agent</title>
<link rel="icon" href="../icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../style.css">
<script src="../theme.js"></script>
</head>
<body class="explain">
<nav aria-label="Pages"><a href="../#health">Health</a>$way</nav>
<main>
$body
</main>
</body>
</html>
""")
PAGE = Template("""<h1>$title</h1>
<p class="hint">$kinds</p>
<p>$what</p>
<figure>
$picture
<figcaption class="hint">One small training, twice: with the fault and without it. Draw it
yourself: <code>robot-agent experiment findings --out FOLDER</code></figcaption>
</figure>
<h2>How to see it</h2>
<p>$see</p>
<div class="two">
<section aria-labelledby="wrong"><h2 id="wrong">Wrong</h2><pre><code>$wrong</code></pre></section>
<section aria-labelledby="right"><h2 id="right">Right</h2><pre><code>$right</code></pre></section>
</div>
<nav class="row spread" aria-label="Next pages">$before$after</nav>""")


async def index(request: Request) -> Response:
    """Return the page that lists all the others."""
    parts = []
    for family, heading in FAMILIES.items():
        items = "".join(
            f'<li><a href="./{page.kinds[0]}">{escape(page.title)}</a></li>'
            for page in pages()
            if page.family == family
        )
        parts.append(f'<section class="card"><h2>{escape(heading)}</h2><ul>{items}</ul></section>')
    lead = (
        "Why a network does not learn: each page says what a finding means and how to see it, shows it in an "
        "experiment, and how to write it instead."
    )
    body = f'<h1>What can be found</h1><p class="lead">{lead}</p><div class="many">{"".join(parts)}</div>'
    return HTMLResponse(FRAME.substitute(title="What can be found", way="", body=body))


async def explain(request: Request) -> Response:
    """Return the page that explains one kind of finding; 404 if there is none."""
    page = by_kind().get(request.path_params["kind"])
    if page is None:
        raise HTTPException(404)
    return HTMLResponse(_page(page))


async def kinds(request: Request) -> Response:
    """Return the kinds that have a page, as a JSON list."""
    return JSONResponse(sorted(by_kind()))


async def slash(request: Request) -> Response:
    """Redirect to the index with a slash at the end, because its links are relative to the folder."""
    return RedirectResponse("explain/")


ROUTES = (
    Route("/explain", slash),
    Route("/explain/", index),
    Route("/explain/kinds.json", kinds),
    Route("/explain/{kind}", explain),
)


def _page(page: Page) -> str:
    every = pages()
    at = every.index(page)
    before, after = every[at - 1] if at else None, every[at + 1] if at + 1 < len(every) else None
    names = " or ".join(f"<code>{kind}</code>" for kind in page.kinds)
    body = PAGE.substitute(
        title=escape(page.title),
        kinds=f"In a report it is called {names}.",
        what=escape(page.what),
        picture=page.svg(),
        see=escape(page.see),
        wrong=escape(page.wrong),
        right=escape(page.right),
        before=_link(before, "Before"),
        after=_link(after, "Next"),
    )
    way = '<a href="./">All findings</a>'
    return FRAME.substitute(title=escape(page.title), way=way, body=body)


def _link(page: Page | None, word: str) -> str:
    return (
        f'<a href="./{page.kinds[0]}">{word}: {escape(page.title)}</a>'
        if page is not None
        else "<span></span>"
    )
