"""Maps of units, without Django: where a tile stands, which step a figure falls in, what a boundary file says."""
