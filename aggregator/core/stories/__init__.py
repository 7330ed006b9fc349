"""The stories: which texts stand together, who speaks for them, and what a reader said of it."""
