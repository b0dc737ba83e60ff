"""Workers: processes that carry out workflows and activities."""
