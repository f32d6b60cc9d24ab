"""The page and the film of a campaign that spreads."""
