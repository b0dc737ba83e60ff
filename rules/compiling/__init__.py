"""A ruleset's text made ready to run, one part of it at a time; `rules.compile` puts them together."""
