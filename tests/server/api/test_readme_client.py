"""The client in the README is true: it runs as it stands, but for the port."""

import re
import subprocess
import sys

import browser as tools


def test_the_client_in_the_readme_trains(tmp_path):
    readme = (tools.ROOT / "README.md").read_text()
    (client,) = re.findall(r"<!-- client -->\n```python\n(.*?)```", readme, re.S)
    with tools.server(tmp_path) as running:
        code = client.replace(":8080", f":{running.port}")
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) > 0.9
