"""Reports to take away: the Word report of a unit and of a year, the one page of A4, and their paragraphs."""
