"""Feeds' documents: formats, dates, what makes an entry itself, and where a site keeps its feeds."""
