"""The interface keeps what its description says, whatever is asked: schemathesis asks."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faces.eventful import fill
from tests.faces.installed import new_place
from tests.faces.paged import paths_of, serving

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).parent / "schemathesis"
#: For each address, beside what is tried for each of its parameters anyway.
EXAMPLES = 10


def test_answers_are_as_described(tmp_path: Path) -> None:
    """No 500; statuses, types and shapes as told; what may be asked is answered, what may not is refused; changes hold."""
    with new_place(tmp_path) as place:
        place.write("{url: 'https://harbour.example/feed', name: Harbour, tags: [local]}")
        fill(place.database, learn=False)
        with serving(paths_of(place.folder), acts=True) as served:
            asked = subprocess.run(
                [COMMAND, "run", f"{served.url}api/v1/openapi.json", f"--max-examples={EXAMPLES}", "--seed=7", "--no-color",
                 "--checks=all", "--exclude-checks=allow_header_conformance", "--generation-database=none"],
                cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip

            assert served.crashes == []
    assert asked.returncode == 0, asked.stdout
    assert "No issues found" in asked.stdout
