"""Published figures to be taken away: fields declared once serve files, data dictionary, package and API alike."""
