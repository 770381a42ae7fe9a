"""The lesson: its screens, their prose, what was computed for them, and the source that they show."""
