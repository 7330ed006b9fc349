"""The page: reads what is stored and shows it to a browser on this machine. It neither fetches nor writes."""
