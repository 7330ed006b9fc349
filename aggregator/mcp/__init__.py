"""The stories as tools for assistants: a server of the Model Context Protocol over stdio. It reads only."""
