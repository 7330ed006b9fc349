"""The straight line from a due feed to a placed article. Talks to the world only through `ports`."""
