"""What is reached without a session. Everything else is closed, also what is added to the page one day."""

from aggregator.web.readers.addresses import is_asked_by_apps

#: Without any password: what the log-in page needs, and whether all is well, which machines ask for.
OPEN = frozenset({"/login", "/healthz"})
STATIC = "/static/"
#: Programs show the password with each request there (HTTP Basic), for they have no place to log in.
PROGRAMS = frozenset({"/stories.atom", "/stories.rss", "/stories.json", "/feeds.opml", "/metrics"})
API = "/api/v1/"


def is_open(path: str) -> bool:
    """Tell whether nobody needs to have logged in there."""
    # Reader apps show a password of their own.
    return path in OPEN or path.startswith(STATIC) or is_asked_by_apps(path)


def is_for_programs(path: str) -> bool:
    """Tell whether programs ask there."""
    return path in PROGRAMS or path.startswith(API)


def is_log_in(path: str) -> bool:
    """Tell whether a form is posted there that changes nothing but who is logged in."""
    return path in {"/login", "/logout"}
