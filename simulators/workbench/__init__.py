"""The developer's TUI."""
