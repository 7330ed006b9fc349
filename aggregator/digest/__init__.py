"""The digest: a day's stories as one text that ends, to be printed and to be sent."""
