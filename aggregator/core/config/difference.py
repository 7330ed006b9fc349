"""What an edit changes in feeds.yaml, as `diff -u` shows it."""

import difflib

from aggregator.core.secrecy import without_secrets


def difference(before: str, after: str, name: str) -> list[str]:
    """Return the lines of a unified diff of the file `name`.

    One line around each change: more might show what is written beside, such as where notices go. A line with a secret is
    shown without it, though `patch` does not take it then.
    """
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, n=1, lineterm="")
    return list(map(without_secrets, lines))
