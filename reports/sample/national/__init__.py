"""A fictional country of the real one's size, to measure by: every name and figure invented, the same on every load."""
