"""The heart: which articles carry one text, which stories they make, and who speaks for them."""
