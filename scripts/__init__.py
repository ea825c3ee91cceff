"""Scripts of the set-up; the program imports none of them."""
