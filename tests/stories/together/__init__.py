"""Stories that share one installation."""
