"""How a screening is read: JSON and text; each is written from the screening record alone."""
