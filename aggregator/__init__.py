"""Read many news feeds, fold copies of one text, list each event once."""

__version__ = "0.1.0"
