"""How is X doing in year Y? Reads for pages, sheets and letters; nothing else computes what they show."""
