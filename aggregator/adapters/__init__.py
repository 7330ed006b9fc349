"""The world: HTTP, SQLite, files, worker processes. Each room translates its library's errors once, at its border."""
