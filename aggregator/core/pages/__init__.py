"""Pages: the main text, what the head says, the language."""
