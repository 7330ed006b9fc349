"""Manners: what may be fetched, when, and what servers ask of us."""
