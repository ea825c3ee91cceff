"""What follows: the meaning of the form, the reference reading and the forward reading."""
