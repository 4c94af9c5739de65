"""Errors as application/problem+json (RFC 9457), with a sentence that says the cure."""

import json
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from robot_agent.errors import GuardError, Halted, RobotAgentError, StoreError

MEDIA_TYPE = "application/problem+json"


class Problem(RobotAgentError):
    """Error for something that cannot be done now, with the HTTP status of the answer."""

    def __init__(
        self, status: int, detail: str, headers: dict[str, str] | None = None, kind: str = ""
    ) -> None:
        """Make a problem.

        Args:
            status: HTTP status of the answer.
            detail: a sentence that says what is wrong and what to do about it.
            headers: headers that the answer gets.
            kind: name of the error's class, if it is an error of the worker.
        """
        super().__init__(detail)
        self.status, self.headers, self.kind = status, headers, kind


class ProblemBody(BaseModel):
    """An error: `detail` is a sentence that says what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def body_of(status: int, detail: str) -> dict[str, Any]:
    """Return a problem as JSON values."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


class SafeJSONResponse(JSONResponse):
    """JSON response that can hold any text: a lone surrogate, which UTF-8 cannot write, becomes "?"."""

    def render(self, content: Any) -> bytes:
        """Return the content as JSON bytes."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def response(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return a problem as an HTTP response."""
    return SafeJSONResponse(body_of(status, detail), status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make an app answer all errors as application/problem+json."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> JSONResponse:
        return response(error.status, str(error), error.headers)

    @app.exception_handler(RobotAgentError)
    async def _ours(request: Request, error: RobotAgentError) -> JSONResponse:
        status = 422
        if isinstance(error, StoreError):
            status = 404 if "There is no" in str(error) or "has no" in str(error) else 503
        elif isinstance(error, Halted):
            status = 409
        elif isinstance(error, GuardError):
            status = 503
        return response(status, str(error))

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        text = "This failed unexpectedly; the log of the server has more. Try again, or report it."
        return response(500, text)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        parts = []
        for one in error.errors()[:5]:
            place = ".".join(str(part) for part in one["loc"] if part not in ("body", "query", "path"))
            parts.append(f"{place or 'the body'}: {one['msg'].lower()}")
        return response(422, f"The request cannot be used: {'; '.join(parts)}; see /api/v1/openapi.json.")

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        known = {
            404: "There is nothing here; the API is described at /api/v1/openapi.json.",
            405: "This cannot be done here; the API is described at /api/v1/openapi.json.",
            400: "The body is not valid JSON; send one JSON object.",
        }
        detail = known.get(error.status_code, str(error.detail))
        return response(error.status_code, detail, dict(error.headers) if error.headers else None)


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": {MEDIA_TYPE: {"schema": ProblemBody.model_json_schema()}}}
    for status, words in {
        400: "The body or a header cannot be read.",
        401: "Pair first, or send a bearer token.",
        403: "The request comes from a foreign page, or you may only watch.",
        404: "There is no such thing.",
        408: "The body came too slowly.",
        409: "It is not possible with what is under way now.",
        413: "The body is too large.",
        422: "A value cannot be used.",
        429: "Too many attempts; wait.",
        500: "Something failed unexpectedly.",
        503: "The trainer or the store cannot answer now.",
    }.items()
}
"""The error responses that any route may give, for the API's description."""
