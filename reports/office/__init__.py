"""Everything behind a login: the year's work, screen by screen."""
