"""Demo devices played over the broker: what they say, and when it is sent."""
