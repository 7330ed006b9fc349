"""Fetching over HTTP: politely, within bounds, and never from where no news is published."""

from aggregator.adapters.http.fetcher import USER_AGENT, HttpFetcher, Limits, user_agent

__all__ = ["USER_AGENT", "HttpFetcher", "Limits", "user_agent"]
