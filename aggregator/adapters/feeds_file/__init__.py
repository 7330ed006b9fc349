"""feeds.yaml on disk: read with positions, watched, and edited under a lock."""

from aggregator.adapters.feeds_file.file import FeedsFile, Fingerprint

__all__ = ["FeedsFile", "Fingerprint"]
