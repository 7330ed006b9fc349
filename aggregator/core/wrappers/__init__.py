"""Wrappers: learned from trafilatura's answers on a site's pages, they read its further pages at a tenth of the cost."""
