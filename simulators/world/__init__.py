"""What is physically there, and time."""
