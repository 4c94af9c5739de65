"""One server for all tests that leave it as they found it."""

import pytest
from servers import Server


@pytest.fixture(scope="session")
def one(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"), "--seed", 3, backend="torch")
    yield server
    server.close()


@pytest.fixture
def server(one):
    """The server at rest."""
    one.at_rest()
    return one
