"""The page: shows what is stored to a browser, and asks for what a reader wants done. It does not fetch."""
