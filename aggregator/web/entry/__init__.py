"""Who is let in: by the password in a log-in form, then by a session; programs by the password each time."""
