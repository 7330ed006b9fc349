"""Pages for people: HTML, a style sheet and a little script."""
