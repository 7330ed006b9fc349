"""feeds.yaml on disk: read with positions, watched, and edited under a lock."""

from aggregator.adapters.feeds_file.file import Draft, FeedsFile, Fingerprint

__all__ = ["Draft", "FeedsFile", "Fingerprint"]
