"""The commands: they read, call the stations in order and print; they decide nothing."""
