"""Whose text it is: news agencies, and where a text names them."""
