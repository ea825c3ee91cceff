"""The rule base for readers: each part of it read aloud, and where it is used."""
