"""Fetching over HTTP: politely, within bounds, and never from where no news is published."""

from aggregator.adapters.http.fetcher import USER_AGENT, HttpFetcher, Limits

__all__ = ["USER_AGENT", "HttpFetcher", "Limits"]
