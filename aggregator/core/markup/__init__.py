"""From bytes to characters, and from markup to plain text; for feeds and pages alike."""
