"""The daemon: polls what is due until it is told to stop, and answers on a control socket meanwhile."""
