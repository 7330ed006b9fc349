"""Stories as feeds, for the readers that people have already: Atom, RSS 2.0 and JSON Feed 1.1."""
