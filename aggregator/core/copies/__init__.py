"""Which articles carry one text."""
