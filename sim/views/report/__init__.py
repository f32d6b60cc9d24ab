"""The report of a comparison, and the parts of it that the pages of studies have too."""
