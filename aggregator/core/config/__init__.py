"""What a person may write in feeds.yaml: its settings, their checks, edits that keep the rest, and OPML."""
