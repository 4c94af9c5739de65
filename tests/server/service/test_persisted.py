"""What the server keeps between its starts."""

from server.service.persisted import Persisted


def test_what_is_kept_outlives_the_server_and_a_file_that_is_damaged(tmp_path):
    file = tmp_path / "kept.json"
    Persisted(file).set(run=3)
    assert Persisted(file).get("run") == 3 and file.stat().st_mode & 0o777 == 0o600
    file.write_text("{")
    assert Persisted(file).get("run") is None
