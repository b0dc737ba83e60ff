"""Stories that share one installation whose clocks run fast."""
