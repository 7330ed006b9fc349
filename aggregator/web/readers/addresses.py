"""Where reader apps ask. Light: who guards the page looks at every address."""

#: Apps are given one of these behind our own address; many know the second by themselves, as that of FreshRSS.
BASES = ("", "/api/greader.php", "/api/greader")
LOGIN, CALLS = "/accounts/ClientLogin", "/reader/api/0/"
FEVER = ("/fever/", "/fever", "/api/fever.php", "/fever.php")


def is_asked_by_apps(path: str) -> bool:
    """Tell whether an address is one of those that apps ask by POST, also where nothing is to be changed."""
    return path in FEVER or any(path == base + LOGIN or path.startswith(base + CALLS) for base in BASES)
