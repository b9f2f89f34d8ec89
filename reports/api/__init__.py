"""The public API: read only, published figures only, with a description that machines read."""
