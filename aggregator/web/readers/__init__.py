"""Stories for the reader apps that people have: the Google Reader API and Fever."""
