"""Which texts tell one event."""
