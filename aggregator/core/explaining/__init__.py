"""Why articles and stories are together, or apart, in words."""
