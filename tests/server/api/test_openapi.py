"""Schemathesis over the whole OpenAPI: no input makes the server fail, and each answer is a described one."""

import hypothesis
import schemathesis
from schemathesis import checks
from servers import Server

FOR_EVER = ("/api/v1/events", "/api/v1/camera.mjpg")
"""What never ends cannot be waited for."""


def test_no_request_makes_it_fail(server: Server):
    description = server.get("/openapi.json").json()
    for path in FOR_EVER:
        del description["paths"][path]
    schema = schemathesis.openapi.from_dict(description)
    looked = (
        checks.not_a_server_error,
        *(
            checks.CHECKS.get_by_names(
                ["status_code_conformance", "content_type_conformance", "response_schema_conformance"]
            )
        ),
    )
    settings = hypothesis.settings(
        max_examples=4,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    tried = set()
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings
        @hypothesis.given(case=operation.as_strategy())
        def call(case):
            response = case.call(base_url=f"http://127.0.0.1:{server.port}")
            case.validate_response(response, checks=looked)

        call()
        tried.add(operation.label)
    assert len(tried) > 30
    server.at_rest()
    assert server.post("/detector", {"name": "color"}).status_code == 200
