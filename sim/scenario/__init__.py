"""What the user asks: scenario files, rosters, plans and the built-in scenarios."""

DEFAULT_SCENARIO = "ten-micros-vs-one-celebrity"
