"""A fictional province with five complete years: everything in it is invented, and the same on every load."""
