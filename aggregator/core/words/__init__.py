"""The words of an article: what is taken from its text once, to be compared ever after."""
